"""Carry out a GraphQL document: aliases, variables, fragments and arguments by graphql-core's parser, objects by ours.

It answers as GitHub does: status 200, and for a root field that failed a null with an entry in `errors` that names the
field's alias (https://docs.github.com/en/graphql/guides/introduction-to-graphql). Documents are held against GitHub's
published schema in the contract tests; here a field that the stand-in does not know is an error as loud as a route.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, parse
from graphql.language import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)
from graphql.utilities import value_from_ast_untyped

from app.demo.github.model import NotServed, Refused

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Node:
    """An object of the schema. A field is its value, or a function of its arguments that gives it."""

    type: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Root:
    """The functions behind the fields of `Query` and `Mutation`."""

    queries: Mapping[str, Callable[[Arguments], Any]]
    mutations: Mapping[str, Callable[[Arguments], Any]]


_ERROR_TYPES = {403: "FORBIDDEN", 404: "NOT_FOUND", 422: "UNPROCESSABLE"}


def execute(body: Mapping[str, Any], root: Root) -> dict[str, Any]:
    """The JSON of the answer. Raises NotServed for what the stand-in does not know."""
    try:
        document = parse(str(body.get("query") or ""))
        operation = _operation(document, body.get("operationName"))
    except GraphQLError as error:
        return {"errors": [{"message": error.message}]}
    return _Run(document, body.get("variables") or {}).run(operation, root)


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    named = [node for node in found if name is None or (node.name is not None and node.name.value == name)]
    if len(named) != 1:
        raise GraphQLError("A query attribute must be specified and must name one operation.")
    return named[0]


class _Run:
    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self._variables = dict(variables)
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }

    def run(self, operation: OperationDefinitionNode, root: Root) -> dict[str, Any]:
        for definition in operation.variable_definitions or ():
            name = definition.variable.name.value
            if name not in self._variables and definition.default_value is not None:
                self._variables[name] = value_from_ast_untyped(definition.default_value)
        is_query = operation.operation.value == "query"
        functions = root.queries if is_query else root.mutations
        data: dict[str, Any] = {}
        errors: list[dict[str, Any]] = []
        for field in self._fields(operation.selection_set, "Query" if is_query else "Mutation"):
            key, name = _key(field), field.name.value
            if name not in functions:
                raise NotServed(f"GraphQL field {name}")
            try:
                data[key] = self._value(functions[name](self._arguments(field)), field)
            except Refused as refused:
                data[key] = None
                kind = _ERROR_TYPES.get(refused.status, "UNPROCESSABLE")
                errors.append({"type": kind, "path": [key], "message": str(refused)})
        return {"data": data, "errors": errors} if errors else {"data": data}

    def _value(self, value: Any, field: FieldNode) -> Any:
        if isinstance(value, list):
            return [self._value(item, field) for item in value]
        if not isinstance(value, Node):
            return value
        if field.selection_set is None:
            raise NotServed(f"GraphQL object {value.type} without a selection")
        return {_key(inner): self._field(value, inner) for inner in self._fields(field.selection_set, value.type)}

    def _field(self, node: Node, field: FieldNode) -> Any:
        name = field.name.value
        if name == "__typename":
            return node.type
        if name not in node.fields:
            raise NotServed(f"GraphQL field {node.type}.{name}")
        value = node.fields[name]
        return self._value(value(self._arguments(field)) if callable(value) else value, field)

    def _fields(self, selections: SelectionSetNode, type_: str) -> Iterator[FieldNode]:
        for selection in selections.selections:
            match selection:
                case FieldNode():
                    yield selection
                case FragmentSpreadNode():
                    yield from self._fragment(self._fragments[selection.name.value], type_)
                case InlineFragmentNode():
                    yield from self._fragment(selection, type_)

    def _fragment(self, fragment: FragmentDefinitionNode | InlineFragmentNode, type_: str) -> Iterator[FieldNode]:
        condition = fragment.type_condition
        if condition is None or condition.name.value == type_:
            yield from self._fields(fragment.selection_set, type_)

    def _arguments(self, field: FieldNode) -> Arguments:
        return {
            argument.name.value: value_from_ast_untyped(argument.value, self._variables)
            for argument in field.arguments or ()
        }


def _key(field: FieldNode) -> str:
    return field.alias.value if field.alias else field.name.value
