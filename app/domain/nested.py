"""The APIs that are named below the top of a YAML document, found by indentation.

One pass over the lines keeps a stack of open mappings. The text inside block scalars (`patch: |-`) is read the same
way, since it is YAML too more often than not, and templates only add lines that are no `key: value`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE = re.compile(
    r"""^(?P<indent>[ \t]*)(?P<dashes>(?:-[ \t]+)*)["']?(?P<key>[A-Za-z_][\w.-]*)["']?[ \t]*:(?P<value>[ \t].*)?$"""
)
_LONE_DASH = re.compile(r"^([ \t]*)-[ \t]*(?:#.*)?$")
_SEPARATOR = re.compile(r"^([ \t]+)---")
_BLOCK = re.compile(r"^(?:&\S+[ \t]+)?[|>][+-]?\d?[+-]?(?:[ \t]+#.*)?$")


@dataclass(frozen=True, slots=True)
class Mention:
    """A mapping with `apiVersion` and `kind` (or `group`, `version` and `kind`) inside a document.

    `path` has the keys that lead to it, without list indices. Values are as written.
    """

    api_version: str
    kind: str
    line: int
    text: str
    path: tuple[str, ...]
    in_block: bool
    name: str = ""
    namespace: str = ""


class _Mapping:
    __slots__ = ("column", "in_block", "key", "key_is_block", "parent", "path", "values")

    def __init__(self, column: int, path: tuple[str, ...], parent: "_Mapping | None", *, in_block: bool) -> None:
        self.column, self.path, self.parent, self.in_block = column, path, parent, in_block
        self.key = ""
        self.key_is_block = False
        self.values: dict[str, tuple[str, int, str]] = {}


_KEPT = frozenset({"apiVersion", "kind", "group", "version", "name", "namespace"})


def list_mentions(text: str, first_line: int = 1) -> list[Mention]:
    """Every mention below the top level, in the order of their ends."""
    return list(_scan(text, first_line))


def _scan(text: str, first_line: int) -> Iterator[Mention]:
    stack = [_Mapping(0, (), None, in_block=False)]
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), first_line):
        match = _LINE.match(line)
        if match is None:
            if dash := _LONE_DASH.match(line):
                yield from _close(stack, len(dash.group(1)) + 1)
            elif separator := _SEPARATOR.match(line):
                yield from _close(stack, len(separator.group(1)))
            continue
        indent, dashes = len(match.group("indent")), len(match.group("dashes"))
        if dashes:
            # A new item ends the one before it, but not the mapping whose list this is.
            yield from _close(stack, indent + 1)
        column = indent + dashes
        yield from _close(stack, column + 1)
        top = stack[-1]
        if top.column < column or dashes:
            top = _open(stack, column)
        value = (match.group("value") or "").strip()
        top.key, top.key_is_block = match.group("key"), bool(_BLOCK.match(value))
        if top.key in _KEPT and value:
            top.values.setdefault(top.key, (value, number, line.strip()))
    yield from _close(stack, 1)


def _open(stack: list[_Mapping], column: int) -> _Mapping:
    parent = stack[-1]
    path = (*parent.path, parent.key) if parent.key else parent.path
    opened = _Mapping(column, path, parent, in_block=parent.in_block or parent.key_is_block)
    stack.append(opened)
    return opened


def _close(stack: list[_Mapping], column: int) -> Iterator[Mention]:
    """End the mappings at `column` and further right."""
    while len(stack) > 1 and stack[-1].column >= column:
        closed = stack.pop()
        if closed.path and closed.path[-1] == "metadata" and closed.parent is not None:
            for key in ("name", "namespace"):
                if key in closed.values:
                    closed.parent.values.setdefault(key, closed.values[key])
            continue
        if mention := _mention(closed):
            yield mention


def _mention(mapping: _Mapping) -> Mention | None:
    values = mapping.values
    if "kind" not in values:
        return None
    if "apiVersion" in values:
        api_version, line, text = values["apiVersion"]
    elif "group" in values and "version" in values:
        (group, _, _), (version, line, text) = values["group"], values["version"]
        # The core group is written as "".
        api_version = f"{group.strip(_QUOTES)}/{version.strip(_QUOTES)}".removeprefix("/")
    else:
        return None
    name, namespace = (values.get(key, ("", 0, ""))[0] for key in ("name", "namespace"))
    return Mention(api_version, values["kind"][0], line, text, mapping.path, mapping.in_block, name, namespace)


_QUOTES = "\"'"
