"""Write the parts of docs/reference that the code knows better than we do: `make docs`.

A page holds its own text, and between two comments what is made here: `<!-- made: NAME -->` … `<!-- end -->`. Text
outside of them is never touched.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast, get_args, get_origin

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from app.cli import cli
from app.config import PREFIX, Settings
from app.db.models import Base
from app.domain.checks import check_text
from app.domain.commands import COMMANDS
from app.domain.desired import LABELS
from app.domain.model import Classification, Component, Plan, PlannedPullRequest, State
from app.domain.policy_form import MatchForm, PolicyForm, policy_schema_text
from app.services.context import AppContext
from app.web.app import create_app

SCHEMA = Path(__file__).parent.parent / "app" / "domain" / "fluxmig.schema.json"
REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
_MADE = re.compile(r"(<!-- made: (?P<name>[a-z0-9 -]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def render_page(text: str) -> str:
    """The page with each made part as the code is now. Raises KeyError for a name that nothing makes."""
    return _MADE.sub(lambda match: f"{match[1]}\n{_make(match['name'])}\n\n{match[3]}", text)


def list_pages() -> list[Path]:
    """The pages that have a made part."""
    return [path for path in sorted(REFERENCE.glob("*.md")) if _MADE.search(path.read_text(encoding="utf-8"))]


def _make(name: str) -> str:
    kind, _, about = name.partition(" ")
    return describe_verb(about) if kind == "verb" else _MAKERS[name]()


# --- settings ---


def settings_table() -> str:
    rows = [
        (f"`{variable_of(name)}`", _default(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    return _table(("variable", "default", "meaning"), rows)


def variable_of(setting: str) -> str:
    return "DATABASE_URL" if setting == "database_url" else PREFIX + setting.upper()


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return "must be set"
    if value is None:
        return "unset"
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{shown}`" if shown else "empty"


# --- the command line ---


def list_verbs() -> list[str]:
    """Every verb; those of a group with its name before them, as people type them."""
    group: Any = typer.main.get_command(cli)
    verbs: list[str] = []
    for verb in group.list_commands(None):
        below = getattr(group.get_command(None, verb), "commands", None)
        verbs += [f"{verb} {name}" for name in below] if below else [verb]
    return verbs


def describe_verb(verb: str) -> str:
    """Synopsis and parameters of one `fluxmig` verb. Typer's own Click has no public types, hence the `Any`."""
    command: Any = typer.main.get_command(cli)
    for name in verb.split():
        command = command.get_command(None, name)
        if command is None:
            raise KeyError(verb)
    parameters = list(command.params)
    arguments = [one for one in parameters if one.param_type_name == "argument"]
    synopsis = " ".join(["fluxmig", verb, *(_metavar(one) for one in arguments)])
    rows = [(f"`{_metavar(one)}`", "argument", _sentence(one.help)) for one in arguments]
    rows += [
        (", ".join(f"`{name}`" for name in one.opts), _option_default(one), _sentence(one.help))
        for one in parameters
        if one.param_type_name == "option" and "--help" not in one.opts
    ]
    table = _table(("parameter", "default", "meaning"), rows)
    return f"```\n{synopsis}{' [OPTIONS]' if len(rows) > len(arguments) else ''}\n```" + (
        f"\n\n{table}" if rows else ""
    )


def _metavar(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


def _option_default(option: Any) -> str:
    if option.required:
        return "required"
    if option.default in (None, "", [], False):
        return ""
    return f"`{getattr(option.default, 'value', option.default)}`"


def _sentence(text: str | None) -> str:
    return " ".join((text or "").split())


# --- what people and programs see ---


def commands_table() -> str:
    rows = [(f"`/fluxmig {row.usage}`", row.needs.value, row.what) for row in COMMANDS]
    return _table(("command", "permission", "what it does"), rows)


def states_table() -> str:
    rows = []
    for state in State:
        label = f"`{LABELS[state]}`" if state in LABELS else "none"
        conclusion = "no check" if state in (State.MERGED, State.CLOSED) else f"`{conclusion_of(state)}`"
        rows.append((f"`{state.value}`", conclusion, label))
    return _table(("state", "conclusion of the check", "label"), rows)


def conclusion_of(state: State) -> str:
    told = Classification(None, Component.APPLICATION, False, (), 1.0, ())
    planned = PlannedPullRequest(1, "", True, told, state, "")
    return check_text(Plan("", (), (planned,), (), ()), planned).conclusion


def openapi() -> dict[str, Any]:
    """The OpenAPI document; routes are described without the context that they run in."""
    return create_app(cast("AppContext", None)).openapi()


def rest_sections() -> str:
    """One section a route of the REST API and of the webhooks. Owner and name of the repository explain themselves."""
    sections = []
    for path, item in openapi()["paths"].items():
        for method, operation in item.items():
            sections.append(_operation(method, path, operation))
    return "\n\n".join(sections)


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [f"### `{method.upper()} {path}`", f"{operation['summary']}. {operation.get('description', '')}".strip()]
    rows = [
        (f"`{one['name']}`", one["in"], one["description"])
        for one in operation.get("parameters", ())
        if one.get("description") and one["name"] not in ("owner", "name")
    ]
    if rows:
        parts.append(_table(("parameter", "in", "meaning"), rows))
    statuses = operation["responses"]
    if path.startswith("/webhooks/"):
        parts.append(_table(("answer", "meaning"), [(status, one["description"]) for status, one in statuses.items()]))
    else:
        good = ", ".join(status for status in statuses if status < "400")
        parts.append(f"Answers {good}. Errors: {', '.join(status for status in statuses if status >= '400')}.")
    return "\n\n".join(parts)


def tables_table() -> str:
    mappers = sorted(Base.registry.mappers, key=lambda mapper: str(mapper.local_table))
    rows = [(f"`{mapper.local_table}`", _sentence(mapper.class_.__doc__)) for mapper in mappers]
    return _table(("table", "what a row is"), rows)


# --- the configuration of a repository ---


def list_config_keys() -> list[str]:
    """`rules[].match.names` and the like, in the order of the form."""
    return [key for key, _, _ in _config_rows(PolicyForm, "")]


def config_table() -> str:
    rows = [(f"`{key}`", default, meaning) for key, default, meaning in _config_rows(PolicyForm, "")]
    return _table(("key", "default", "meaning"), rows)


def _config_rows(form: type[BaseModel], at: str) -> Iterator[tuple[str, str, str]]:
    for name, field in form.model_fields.items():
        key = at + (field.alias or name)
        yield key, _config_default(field), field.description or ""
        inner, sign = _form_of(field)
        # Which updates something is for is told once, at `rules[].match`.
        if inner is not None and (inner is not MatchForm or key == "rules[].match"):
            yield from _config_rows(inner, key + sign)


def _form_of(field: FieldInfo) -> tuple[type[BaseModel] | None, str]:
    """The form of a key that is a mapping or a list of such, and what stands behind the key then."""
    # In a mapping by name the forms say nothing new: `rollout.providers` has the terms of `rollout`.
    if get_origin(field.annotation) in (dict, Mapping):
        return None, ""
    for kind in (field.annotation, *get_args(field.annotation)):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind, "." if kind is field.annotation else "[]."
    return None, ""


def _config_default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be set"
    default = field.default
    if isinstance(default, BaseModel):
        return "see below" if type(default) is not MatchForm else "all"
    if isinstance(default, tuple) and default:
        return f"`{', '.join(default)}`"
    if default == {}:
        return "none"
    return {(): "none", None: "unset", "": "empty"}.get(default) or _default(default)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


_MAKERS: Mapping[str, Callable[[], str]] = {
    "settings": settings_table,
    "commands": commands_table,
    "states": states_table,
    "rest": rest_sections,
    "tables": tables_table,
    "config": config_table,
}


def main() -> None:
    for path in list_pages():
        old = path.read_text(encoding="utf-8")
        new = render_page(old)
        if new != old:
            path.write_text(new, encoding="utf-8")
            print(f"Wrote {path.name}")
    SCHEMA.write_text(policy_schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
