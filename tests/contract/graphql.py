"""GitHub's published GraphQL schema, as a validator of documents, variables and answers.

It comes from the npm package @octokit/graphql-schema. An answer is checked by executing its document over it: what is
missing, null where it may not be, or no value of its type, graphql-core refuses.
"""

from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo, build_ast_schema, execute_sync, is_abstract_type, parse, validate

from app.demo.github.log import Exchange


class GraphqlContract:
    """Holds recorded calls of `/graphql` against the schema."""

    def __init__(self, folder: Path) -> None:
        text = (folder / "graphql-schema/schema.graphql").read_text(encoding="utf-8")
        # GitHub deprecates fields of types whose interface keeps them, which graphql-core calls invalid.
        self._schema = build_ast_schema(parse(text, no_location=True), assume_valid=True, assume_valid_sdl=True)

    def errors(self, exchange: Exchange) -> list[str]:
        body, answer = exchange.request_body, exchange.response_body
        try:
            document = parse(body["query"])
        except GraphQLError as error:
            return [error.message]
        found = [error.message for error in validate(self._schema, document, max_errors=20)]
        if found or exchange.status != 200:
            return found
        failed = {entry["path"][0] for entry in answer.get("errors", ())}
        if failed:
            return []  # nothing is promised of what failed but its null
        result = execute_sync(
            self._schema,
            document,
            root_value=answer["data"],
            variable_values=body.get("variables"),
            field_resolver=_given,
            type_resolver=lambda value, info, type_: _type_of(self, value, type_),
        )
        problems = [f"{error.path}: {error.message}" for error in result.errors or ()]
        return problems or ([] if result.data == answer["data"] else ["the answer has fields that nobody asked for"])

    def possible(self, type_: Any) -> str:
        return self._schema.get_possible_types(type_)[0].name if is_abstract_type(type_) else str(type_)


def _given(source: dict[str, Any], info: GraphQLResolveInfo[Any], **_: Any) -> Any:
    key = str(info.path.key)
    if key not in source:
        raise GraphQLError(f"{key} is missing")
    return source[key]


def _type_of(contract: GraphqlContract, value: dict[str, Any], type_: Any) -> str:
    return str(value.get("__typename") or contract.possible(type_))
