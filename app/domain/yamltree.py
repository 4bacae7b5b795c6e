"""YAML as text with the line of every value, as lenient as the Go parsers that Flux uses.

Built on libyaml's events: an anchor may be set twice, an unknown tag leaves its value as it is, `=` is text, and of a
key that stands twice the last one counts. PyYAML's own loaders refuse such files, which Flux applies without a word.
Scalars stay as written: a version `2.10` must not become the number 2.1.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_NODES = 200_000
MAX_DEPTH = 100

Path = tuple[str | int, ...]

_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = "tag:yaml.org,2002:null"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class UnreadableYaml(Exception):
    """The text is no YAML, or is too large or too deep. The message names the line, which is 1-based."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line, self.problem = line, problem


@dataclass(slots=True)
class YamlDocument:
    """`data` is dicts, lists, text and None; `lines` says where each key and list item stands. `line` is 1-based."""

    data: Any
    line: int
    lines: dict[Path, int] = field(default_factory=dict)

    def line_of(self, *path: str | int) -> int:
        """The line of the key, or of the list item, at `path`; of its nearest parent where it is not there itself."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return self.line

    def get(self, *path: str | int) -> Any:
        """The value at `path`; None where there is none."""
        value = self.data
        for key in path:
            if isinstance(value, dict):
                value = value.get(key)
            elif isinstance(value, list) and isinstance(key, int) and key < len(value):
                value = value[key]
            else:
                return None
        return value

    def text(self, *path: str | int) -> str | None:
        """The scalar at `path` as written; None where there is no scalar."""
        value = self.get(*path)
        return value if isinstance(value, str) else None

    def length(self, *path: str | int) -> int:
        """How many items the list at `path` has; 0 where there is none."""
        value = self.get(*path)
        return len(value) if isinstance(value, list) else 0

    def texts(self, *path: str | int) -> list[tuple[str, int]]:
        """The scalars of the list at `path`, each with its line."""
        value = self.get(*path)
        items = value if isinstance(value, list) else []
        return [(item, self.line_of(*path, index)) for index, item in enumerate(items) if isinstance(item, str)]


def load_documents(text: str, *, first_line: int = 1) -> list[YamlDocument]:
    """Every document that is not empty; `first_line` is the line that the text starts at. Raises UnreadableYaml."""
    documents: list[YamlDocument] = []
    try:
        for document in _Composer(first_line - 1).compose(text):
            documents.append(document)  # noqa: PERF402 (the ones before a mistake are kept for the message)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + first_line if error.problem_mark else first_line
        raise UnreadableYaml(line, str(error.problem)) from error
    except yaml.YAMLError as error:
        raise UnreadableYaml(first_line, str(error)) from error
    return documents


class _Frame:
    """An open mapping or list. `key` is the mapping's key that waits for its value."""

    __slots__ = ("key", "path", "value", "waits")

    def __init__(self, value: dict[Any, Any] | list[Any], path: Path) -> None:
        self.value, self.path = value, path
        self.key: Any = None
        self.waits = False


class _Composer:
    def __init__(self, offset: int) -> None:
        self._offset = offset
        self._nodes = 0

    def compose(self, text: str) -> Iterator[YamlDocument]:
        stack: list[_Frame] = []
        anchors: dict[str, Any] = {}
        document = YamlDocument(None, 1)
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.ScalarEvent):
                value: Any = _scalar(event)
            elif isinstance(event, yaml.MappingStartEvent):
                value = {}
            elif isinstance(event, yaml.SequenceStartEvent):
                value = []
            elif isinstance(event, yaml.AliasEvent):
                if event.anchor not in anchors:
                    raise UnreadableYaml(self._line(event), f"there is no anchor {event.anchor}")
                value = anchors[event.anchor]
            elif isinstance(event, yaml.CollectionEndEvent):
                stack.pop()
                continue
            elif isinstance(event, yaml.DocumentStartEvent):
                document, anchors, stack = YamlDocument(None, self._line(event)), {}, []
                continue
            else:
                if isinstance(event, yaml.DocumentEndEvent) and document.data is not None:
                    yield document
                continue
            self._count(event, stack)
            if not isinstance(event, yaml.AliasEvent) and event.anchor:
                anchors[event.anchor] = value
            path = self._attach(document, stack, value, event)
            if isinstance(event, yaml.CollectionStartEvent):
                stack.append(_Frame(value, path))

    def _attach(self, document: YamlDocument, stack: list[_Frame], value: Any, event: yaml.Event) -> Path:
        """Put `value` where it belongs and note its line; gives its path."""
        if not stack:
            document.data = value
            return ()
        frame = stack[-1]
        lines = document.lines
        if isinstance(frame.value, list):
            path = (*frame.path, len(frame.value))
            frame.value.append(value)
            lines[path] = self._line(event)
            return path
        if not frame.waits:
            if isinstance(value, dict | list):
                raise UnreadableYaml(self._line(event), "a key that is no scalar")
            frame.key, frame.waits = value, True
            lines[*frame.path, value] = self._line(event)
            return frame.path
        frame.waits = False
        if frame.key == "<<":
            self._merge(frame.value, value)
        else:
            frame.value[frame.key] = value
        return (*frame.path, frame.key)

    def _count(self, event: yaml.Event, stack: list[_Frame]) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES or len(stack) > MAX_DEPTH:
            raise UnreadableYaml(self._line(event), "too large or too deep")

    def _merge(self, into: dict[Any, Any], value: Any) -> None:
        for source in value if isinstance(value, list) else [value]:
            if isinstance(source, dict):
                self._nodes += len(source)
                for key, merged in source.items():
                    into.setdefault(key, merged)

    def _line(self, event: yaml.Event) -> int:
        return (event.start_mark.line if event.start_mark else 0) + 1 + self._offset


def _scalar(event: yaml.ScalarEvent) -> str | None:
    text: str = event.value
    plain = event.tag is None and event.implicit[0]
    return None if event.tag == _NULL or (plain and text in _NULLS) else text
