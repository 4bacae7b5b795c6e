"""GitHub's published descriptions of its REST API and webhooks, as validators.

They come from the npm packages @octokit/openapi and @octokit/openapi-webhooks. OpenAPI 3.0 schemas are JSON Schema but
for `nullable` and boolean exclusive bounds, so that little is translated.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from app.demo.github.log import Exchange

DEFAULT_FOLDER = Path(__file__).parents[2] / ".tools/npm/node_modules/@octokit"
DRAFT = "https://json-schema.org/draft/2020-12/schema"
SLASHES_ALLOWED = ("path", "ref", "branch", "basehead")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")


def schema_folder() -> Path | None:
    """The `@octokit` folder, None when it is not installed."""
    folder = Path(os.environ.get("FLUXMIG_GITHUB_SCHEMAS", DEFAULT_FOLDER))
    return folder if (folder / "openapi/generated/api.github.com.json").exists() else None


def as_json_schema(node: Any) -> Any:
    if isinstance(node, list):
        return [as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    schema = {name: as_json_schema(value) for name, value in node.items() if name not in ("discriminator", "nullable")}
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(exclusive), bool) and schema.pop(exclusive):
            schema[exclusive] = schema.pop(bound)
    return {"anyOf": [schema, {"type": "null"}]} if node.get("nullable") is True else schema


def _is_moment(text: Any) -> bool:
    return not isinstance(text, str) or MOMENT.fullmatch(text) is not None


def _is_uri(text: Any) -> bool:
    return not isinstance(text, str) or text == "" or re.match(r"[a-zA-Z][\w+.-]*:", text) is not None


@dataclass
class Description:
    """One OpenAPI document. Schemas are compiled when first asked for."""

    document: dict[str, Any]
    _schemas: dict[str, Any] = field(init=False)
    _validators: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._schemas = {name: as_json_schema(one) for name, one in self.document["components"]["schemas"].items()}

    def errors(self, key: str, schema: dict[str, Any], value: Any) -> list[str]:
        """What is wrong with `value`; `key` names the schema for reuse."""
        validator = self._validators.get(key)
        if validator is None:
            used = self._used_by(as_json_schema(schema))
            whole = {"$schema": DRAFT, "allOf": [as_json_schema(schema)], "components": {"schemas": used}}
            validator = jsonschema_rs.Draft202012Validator(
                whole,
                validate_formats=True,
                ignore_unknown_formats=True,
                formats={"date-time": _is_moment, "uri": _is_uri},
            )
            self._validators[key] = validator
        return [
            f"{'/'.join(map(str, error.instance_path))}: {error.message[:200]}"
            for error in validator.iter_errors(value)
        ]

    def _used_by(self, schema: Any) -> dict[str, Any]:
        used: dict[str, Any] = {}
        waiting = [schema]
        while waiting:
            for name in _references(waiting.pop()):
                if name not in used:
                    used[name] = self._schemas[name]
                    waiting.append(used[name])
        return used

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """The thing itself, where the document has a reference."""
        while "$ref" in node:
            target: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].rpartition("/")[2]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


class RestContract:
    """Holds recorded calls against the REST description."""

    def __init__(self, folder: Path) -> None:
        text = (folder / "openapi/generated/api.github.com.json").read_bytes()
        self.description = Description(json.loads(text))
        self._templates = [(path, _pattern(path)) for path in self.description.document["paths"]]
        self._templates.sort(key=lambda item: (item[0].count("{"), -len(item[0])))

    def find(self, exchange: Exchange) -> tuple[str, dict[str, Any], dict[str, str]] | None:
        """Path template, operation and path parameters."""
        for path, pattern in self._templates:
            match = pattern.fullmatch(exchange.path)
            operation = self.description.document["paths"][path].get(exchange.method.lower())
            if match and operation:
                return path, operation, {name: unquote(value) for name, value in match.groupdict().items()}
        return None

    def errors(self, exchange: Exchange) -> list[str]:
        found = self.find(exchange)
        name = f"{exchange.method} {exchange.path}"
        if found is None:
            return [f"{name}: not in GitHub's description"]
        path, operation, path_values = found
        key = f"{exchange.method} {path}"
        problems = list(self._parameter_errors(key, operation, exchange, path_values))
        problems += self._body_errors(key, operation, exchange)
        problems += self._answer_errors(key, operation, exchange)
        return [f"{name} {exchange.status}: {problem}" for problem in problems]

    def _parameter_errors(
        self, key: str, operation: dict[str, Any], exchange: Exchange, path_values: dict[str, str]
    ) -> Iterator[str]:
        declared = [self.description.resolve(parameter) for parameter in operation.get("parameters", ())]
        known = {parameter["name"]: parameter for parameter in declared if parameter["in"] == "query"}
        yield from (f"unknown query parameter {name}" for name in exchange.query if name not in known)
        for parameter in declared:
            if parameter["in"] not in ("query", "path"):
                continue
            values = exchange.query if parameter["in"] == "query" else {k: [v] for k, v in path_values.items()}
            if parameter.get("required") and parameter["name"] not in values:
                yield f"{parameter['name']} is required"
            for value in values.get(parameter["name"], ()):
                typed = int(value) if parameter["schema"].get("type") == "integer" and value.isdigit() else value
                yield from self.description.errors(f"{key} {parameter['name']}", parameter["schema"], typed)

    def _body_errors(self, key: str, operation: dict[str, Any], exchange: Exchange) -> list[str]:
        body = self.description.resolve(operation.get("requestBody", {}))
        schema = body.get("content", {}).get("application/json", {}).get("schema")
        if exchange.request_body is None or schema is None:
            return ["a body is required"] if body.get("required") and exchange.request_body is None else []
        return self.description.errors(f"{key} body", schema, exchange.request_body)

    def _answer_errors(self, key: str, operation: dict[str, Any], exchange: Exchange) -> list[str]:
        documented = operation["responses"].get(str(exchange.status))
        if documented is None:
            # GitHub documents few of its refusals, and 304 hardly anywhere.
            return [] if exchange.status >= 400 or exchange.status == 304 else ["status is not documented"]
        content = self.description.resolve(documented).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if schema is None or exchange.response_body == "":
            return []
        return self.description.errors(f"{key} {exchange.status}", schema, exchange.response_body)


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    for index in range(1, len(parts), 2):
        inner = ".+" if parts[index] in SLASHES_ALLOWED else "[^/]+"
        parts[index] = f"(?P<{parts[index]}>{inner})"
    for index in range(0, len(parts), 2):
        parts[index] = re.escape(parts[index])
    return re.compile("".join(parts))


class HookContract:
    """Holds webhook payloads against the webhook description."""

    def __init__(self, folder: Path) -> None:
        text = (folder / "openapi-webhooks/generated/api.github.com.json").read_bytes()
        self.description = Description(json.loads(text))
        self._schemas: dict[str, dict[str, Any]] = {}
        for hook in self.description.document["webhooks"].values():
            name = hook["post"]["operationId"].replace("-", "_")
            self._schemas[name] = hook["post"]["requestBody"]["content"]["application/json"]["schema"]

    def errors(self, event: str, payload: dict[str, Any]) -> list[str]:
        name = f"{event}/{payload['action']}" if "action" in payload else event
        if name not in self._schemas:
            return [f"{name}: not in GitHub's description"]
        return [f"{name}: {problem}" for problem in self.description.errors(name, self._schemas[name], payload)]
