"""Where the keys and items of a YAML text stand, line and column, and which keys stand twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Both 1-based."""

    line: int
    column: int


class YamlPlaces:
    """The first document of a text. Raises yaml.YAMLError where it is none.

    Give it only what `yamltree` has read: that has limits of depth and size, and this has none.
    """

    def __init__(self, text: str) -> None:
        self._root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)

    def of(self, path: Path) -> Place:
        """The place of the key, or of the list item, at `path`; of its nearest parent where it is not there itself."""
        node, mark = self._root, self._root.start_mark if self._root else None
        for key in path:
            found = _child(node, key)
            if found is None:
                break
            mark, node = found
        return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)

    def duplicates(self) -> Iterator[tuple[Place, str]]:
        """Keys that stand twice in one mapping: only the last one would count."""
        seen: set[int] = set()
        queue = [self._root] if self._root else []
        while queue:
            node = queue.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, yaml.SequenceNode):
                queue.extend(node.value)
            elif isinstance(node, yaml.MappingNode):
                keys: set[str] = set()
                for key, value in node.value:
                    queue.append(value)
                    if key.value in keys and key.value != "<<":
                        yield Place(key.start_mark.line + 1, key.start_mark.column + 1), str(key.value)
                    keys.add(str(key.value))

    def values(self, key: str) -> list[Any]:
        """The list at a key of the top, with numbers and truth values as YAML has them.

        Raises yaml.YAMLError, or ValueError for a date that does not exist.
        """
        found = _child(self._root, key)
        if found is None:
            return []
        loaded = _LOADER("").construct_document(found[1])
        return loaded if isinstance(loaded, list) else []


def _child(node: yaml.Node | None, key: str | int) -> tuple[yaml.Mark, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and str(key).isdecimal() and int(key) < len(node.value):
        item = node.value[int(key)]
        return item.start_mark, item
    if isinstance(node, yaml.MappingNode):
        for name, value in reversed(node.value):
            if name.value == key:
                return name.start_mark, value
    return None
