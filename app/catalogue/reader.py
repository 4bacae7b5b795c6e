"""Typed reading of the catalogue's YAML, where each mistake is told with its file and its key."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum
from functools import lru_cache
from typing import TypeVar

import yaml

from app.domain.catalogue import Minor
from app.domain.versions import Version

# libyaml where PyYAML was built with it: starting the program reads every file once.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

E = TypeVar("E", bound=Enum)


class CatalogueError(Exception):
    """A catalogue file is wrong. The text names the file and the key, or the line where YAML itself is broken.

    `key` is the path of keys that leads to the mistake, empty where it is the whole file; `line` is 1-based, 0 where
    only the key is known.
    """

    def __init__(self, file: str, problem: str, key: tuple[str, ...] = (), line: int = 0) -> None:
        self.file, self.problem, self.key, self.line = file, problem, key, line
        super().__init__(file, problem, key, line)

    def __str__(self) -> str:
        told = " ".join(part for part in (".".join(self.key), self.problem) if part)
        return f"{self.file}:{self.line}: {told}" if self.line else f"{self.file}: {told}"


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping of a catalogue file. `at` is the path of keys that leads here."""

    file: str
    at: tuple[str, ...]
    _values: Mapping[str, object]

    def error(self, key: str, problem: str) -> CatalogueError:
        return CatalogueError(self.file, problem, (*self.at, key) if key else self.at)

    def allow(self, keys: Iterable[str]) -> None:
        """Refuse every other key: one that is misspelt would be left out without a word."""
        known = set(keys)
        for key in self._values:
            if key not in known:
                near = get_close_matches(key, known, n=1)
                meant = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known)) or 'none'}"
                raise self.error(key, f"is not a key that is known here: {meant}")

    def has(self, key: str) -> bool:
        return key in self._values

    def keys_of(self, key: str) -> list[str]:
        """The keys of the mapping at `key`; none when it is absent."""
        return list(self.table(key)) if self.has(key) else []

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def table(self, key: str) -> "Table":
        return self._table(key, self._get(key))

    def tables(self, key: str) -> list["Table"]:
        """A list of mappings; empty when it is absent."""
        values = self._values.get(key, [])
        if not isinstance(values, list):
            raise self.error(key, "is not a list")
        return [self._table(key, value, str(index)) for index, value in enumerate(values)]

    def text(self, key: str) -> str:
        value = self._get(key)
        if not isinstance(value, str):
            raise self.error(key, f"is {value!r}, not text (quote it)")
        return value

    def optional(self, key: str) -> str | None:
        return self.text(key) if self.has(key) else None

    def texts(self, key: str) -> list[str]:
        """A list of texts; empty when it is absent."""
        values = self._values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise self.error(key, "is not a list of texts")
        return values

    def flag(self, key: str) -> bool:
        value = self._get(key)
        if not isinstance(value, bool):
            raise self.error(key, "is not true or false")
        return value

    def choice(self, key: str, enum: type[E]) -> E:
        text = self.text(key)
        try:
            return enum(text)
        except ValueError:
            known = ", ".join(str(one.value) for one in enum)
            raise self.error(key, f"is {text}, not one of {known}") from None

    def version(self, key: str) -> Version:
        return self.parse_version(key, self.text(key))

    def minor(self, key: str) -> Minor:
        return self.parse_minor(self.text(key), key)

    def version_map(self, key: str) -> dict[Version, Version]:
        entries = self.table(key)
        return {entries.parse_version(name, name): entries.version(name) for name in entries}

    def versions(self, key: str) -> dict[str, Version]:
        """A mapping of names to versions; empty when it is absent."""
        return {name: self.table(key).version(name) for name in self.keys_of(key)}

    def parse_version(self, key: str, text: str) -> Version:
        version = _parse(text)
        if version is None or len(version.release) < 3:
            raise self.error(key, f"is {text!r}, not a full version")
        return version

    def parse_minor(self, text: str, key: str = "") -> Minor:
        version = _parse(text)
        if version is None or len(version.release) != 2:
            raise self.error(key or text, f"is {text!r}, not a minor such as 2.6")
        return version.major, version.minor

    def _get(self, key: str) -> object:
        if key not in self._values:
            raise self.error(key, "is missing")
        return self._values[key]

    def _table(self, key: str, value: object, index: str = "") -> "Table":
        path = (*self.at, key, index) if index else (*self.at, key)
        return as_table(self.file, path, value)


@lru_cache(maxsize=4096)
def _parse(text: str) -> Version | None:
    """Few versions, each written many times."""
    return Version.parse(text)


def as_table(file: str, at: tuple[str, ...], value: object) -> Table:
    """Raises CatalogueError when `value` is no mapping, or has a key that is no text."""
    if not isinstance(value, Mapping):
        raise CatalogueError(file, "is not a mapping with text keys", at)
    for name in value:
        if not isinstance(name, str):
            raise CatalogueError(file, f"has the key {name!r}, which is not text (quote it)", at)
    return Table(file, at, value)


def read_table(file: str, text: str) -> Table:
    """Read one file. Raises CatalogueError naming the line when it is no YAML mapping."""
    return as_table(file, (), read_yaml(file, text))


def read_yaml(file: str, text: str) -> object:
    """The one YAML document of a file. Raises CatalogueError naming the line where it is broken."""
    try:
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 (one of the safe loaders)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise CatalogueError(file, str(error.problem), line=line) from error


def line_of(text: str, key: tuple[str, ...]) -> int:
    """The line of the deepest key of a path that the YAML text has, 1-based; the first line when it has none."""
    node = yaml.compose(text, Loader=_LOADER)
    line = 1
    for name in key:
        if isinstance(node, yaml.MappingNode):
            found = next(((one, value) for one, value in node.value if one.value == name), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and name.isdecimal() and int(name) < len(node.value):
            node = node.value[int(name)]
            line = node.start_mark.line + 1
        else:
            break
    return line
