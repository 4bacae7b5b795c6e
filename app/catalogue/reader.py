"""Typed reading of the catalogue's YAML, where each mistake is told with its file and its key."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from app.domain.catalogue import Minor
from app.domain.versions import Version

# libyaml where PyYAML was built with it: starting the program reads every file once.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class CatalogueError(Exception):
    """A catalogue file is wrong. The text names the file and the key, or the line where YAML itself is broken."""


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping of a catalogue file. `at` is the dotted path of keys that leads here."""

    file: str
    at: str
    _values: Mapping[str, object]

    def error(self, key: str, problem: str) -> CatalogueError:
        return CatalogueError(f"{self.file}: {self._path(key)} {problem}".replace(":  ", ": "))

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
        values = self._get(key)
        if not isinstance(values, list):
            raise self.error(key, "is not a list")
        return [self._table(f"{key}.{index}", value) for index, value in enumerate(values)]

    def text(self, key: str) -> str:
        value = self._get(key)
        if not isinstance(value, str):
            raise self.error(key, f"is {value!r}, not text (quote it)")
        return value

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

    def version(self, key: str) -> Version:
        return self.parse_version(key, self.text(key))

    def minor(self, key: str) -> Minor:
        return self.parse_minor(self.text(key), key)

    def version_map(self, key: str) -> dict[Version, Version]:
        entries = self.table(key)
        return {entries.parse_version(name, name): entries.version(name) for name in entries}

    def parse_version(self, key: str, text: str) -> Version:
        version = Version.parse(text)
        if version is None or len(version.release) < 3:
            raise self.error(key, f"is {text!r}, not a full version")
        return version

    def parse_minor(self, text: str, key: str = "") -> Minor:
        version = Version.parse(text)
        if version is None or len(version.release) != 2:
            raise self.error(key or text, f"is {text!r}, not a minor such as 2.6")
        return version.major, version.minor

    def _get(self, key: str) -> object:
        if key not in self._values:
            raise self.error(key, "is missing")
        return self._values[key]

    def _table(self, key: str, value: object) -> "Table":
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
            raise self.error(key, "is not a mapping with text keys")
        return Table(self.file, self._path(key), value)

    def _path(self, key: str) -> str:
        return ".".join(part for part in (self.at, key) if part)


def read_table(file: str, text: str) -> Table:
    """Read one file. Raises CatalogueError naming the line when it is no YAML mapping."""
    try:
        values = yaml.load(text, Loader=_LOADER)  # noqa: S506 (one of the safe loaders)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise CatalogueError(f"{file}: line {line}: {error.problem}") from error
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        raise CatalogueError(f"{file}: is not a mapping with text keys")
    return Table(file, "", values)
