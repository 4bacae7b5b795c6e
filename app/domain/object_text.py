"""One object inside a file: its lines, and where it uses certain fields.

By indentation, since the objects in question also stand in templates, in lists and in the text of patches.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.yamltree import UnreadableYaml, YamlDocument, load_documents

_START = re.compile(r"^[ \t]*(?:-[ \t]+)*")
_KEY = re.compile(r"""^(?P<indent> *(?:- +)*)["']?(?P<key>[A-Za-z_$][\w.$/-]*)["']?[ \t]*:(?:[ \t]|\r?$)""")


@dataclass(frozen=True, slots=True)
class FieldLine:
    """`field` is written as the catalogue writes it: spec.postRenderers[].kustomize.patchesJson6902."""

    field: str
    line: int


def column_of(line: str) -> int:
    """Where the text of a line starts, behind indentation and dashes. 0 is the left edge."""
    match = _START.match(line)
    return match.end() if match else 0


def object_around(lines: Sequence[str], index: int) -> tuple[int, int]:
    """The first line of the mapping that holds the key at `index`, and the line after its last."""
    column = column_of(lines[index])
    first = index
    while first > 0 and not _starts_item(lines[first], column):
        above = lines[first - 1]
        if above.strip() and (column_of(above) < column or above.strip() == "---"):
            break
        first -= 1
    last = index + 1
    while last < len(lines) and not (lines[last].strip() and _indent(lines[last]) < column):
        last += 1
    return first, last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _starts_item(line: str, column: int) -> bool:
    return _indent(line) < column == column_of(line)


def find_field(lines: Sequence[str], first_line: int, fields: Iterable[str]) -> FieldLine | None:
    """The first of `fields` that an object uses. `lines` are the object's own, `first_line` the number of the first."""
    wanted = list(fields)
    if not wanted:
        return None
    left = min((column_of(line) for line in lines if line.strip() and not _is_comment(line)), default=0)
    text = "\n".join("" if _is_comment(line) else line[left:] for line in lines)
    try:
        documents = load_documents(text, first_line=first_line)
    except UnreadableYaml:
        return _scan(lines, first_line, wanted, left)
    uses = (use for document in documents for field in wanted if (use := _find_in(document, field)))
    return min(uses, key=lambda use: use.line, default=None)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _find_in(document: YamlDocument, field: str) -> FieldLine | None:
    found: list[tuple[str | int, ...]] = [()]
    for part in field.split("."):
        key = part.removesuffix("[]")
        nested: list[tuple[str | int, ...]] = []
        for path in found:
            value = document.get(*path)
            if isinstance(value, dict) and key in value:
                here = (*path, key)
                nested += [(*here, i) for i in range(document.length(*here))] if part.endswith("[]") else [here]
        found = nested
    return FieldLine(field, document.line_of(*found[0])) if found else None


def _scan(lines: Sequence[str], first_line: int, wanted: list[str], left: int) -> FieldLine | None:
    """What is no YAML, such as a template: keys by their columns."""
    keys = {tuple(part.removesuffix("[]") for part in field.split(".")): field for field in wanted}
    stack: list[tuple[int, str]] = []
    for number, line in enumerate(lines, first_line):
        match = _KEY.match(line)
        if match is None:
            continue
        column = len(match["indent"])
        while stack and stack[-1][0] >= column:
            stack.pop()
        stack.append((column, match["key"]))
        field = keys.get(tuple(key for at, key in stack if at >= left))
        if field is not None:
            return FieldLine(field, number)
    return None
