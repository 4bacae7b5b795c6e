"""The mapping that a line stands in, and the mappings around that, as far as a few lines of YAML or HCL show.

A hunk has three lines of context, so this reads indentation and keys alone and needs no whole document.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.domain.references import KeyValue, read_key_value


def find_near(around: Iterable[Mapping[str, str]], keys: Sequence[str]) -> str | None:
    """The value of the first of `keys` (lower case) in the innermost of the mappings that has one."""
    for mapping in around:
        for key in keys:
            if mapping.get(key):
                return mapping[key]
    return None


def mappings_around(lines: Sequence[str], position: int) -> Iterator[Mapping[str, str]]:
    """From the inside out: the keys (lower case) beside the line, then beside the key that holds it, and so on."""
    current: int | None = position
    while current is not None:
        pair = read_key_value(lines[current])
        if pair is None:
            return
        mapping: dict[str, str] = {}
        parent = _collect_above(lines, current, pair, mapping)
        _collect_below(lines, current, pair, mapping)
        yield mapping
        current = parent


def _collect_above(lines: Sequence[str], position: int, start: KeyValue, mapping: dict[str, str]) -> int | None:
    """Add the keys above to `mapping`. Returns the line of the key that holds the mapping."""
    first_of_item = start.item
    for cursor in range(position - 1, -1, -1):
        if lines[cursor].strip() == "---":
            return None
        pair = read_key_value(lines[cursor])
        if pair is None or pair.column > start.column:
            continue
        if pair.column < start.column:
            return cursor
        if not first_of_item:
            mapping.setdefault(pair.key.casefold(), pair.value)
            first_of_item = pair.item
    return None


def _collect_below(lines: Sequence[str], position: int, start: KeyValue, mapping: dict[str, str]) -> None:
    for line in lines[position + 1 :]:
        pair = read_key_value(line)
        if line.strip() == "---" or (pair is not None and pair.column < start.column):
            return
        if pair is None or pair.column > start.column:
            continue
        if pair.item:
            return
        mapping.setdefault(pair.key.casefold(), pair.value)


def parent_key(lines: Sequence[str], position: int) -> str | None:
    """The key, lower case, of the mapping that the line stands in."""
    pair = read_key_value(lines[position])
    parent = _collect_above(lines, position, pair, {}) if pair else None
    held = read_key_value(lines[parent]) if parent is not None else None
    return held.key.casefold() if held else None


_SOURCE_REACH = 8
_FLOW_NAME = re.compile(r"\bname:\s*[\"']?([\w.-]+)")
_HOST_OWNER = re.compile(r"^(?:https?|oci)://(?:charts?|helm|packages|www)?\.?([\w-]+)\.")


def find_source(lines: Sequence[str], position: int) -> str | None:
    """The Helm repository of a chart's version: `sourceRef.name` in a HelmRelease, or who hosts `repo:`/`repoURL:`."""
    start = read_key_value(lines[position])
    if start is None:
        return None
    for cursor in range(max(0, position - _SOURCE_REACH), min(len(lines), position + _SOURCE_REACH)):
        pair = read_key_value(lines[cursor])
        if pair is None or pair.column != start.column:
            continue
        key = pair.key.casefold()
        if key == "sourceref":
            if match := _FLOW_NAME.search(pair.value):
                return match.group(1)
            return _name_inside(lines, cursor, pair.column)
        if key in {"repo", "repourl", "repository"} and (match := _HOST_OWNER.match(pair.value)):
            return match.group(1)
    return None


def _name_inside(lines: Sequence[str], position: int, column: int) -> str | None:
    for line in lines[position + 1 : position + _SOURCE_REACH]:
        pair = read_key_value(line)
        if pair is None or pair.column <= column:
            return None
        if pair.key == "name":
            return pair.value or None
    return None
