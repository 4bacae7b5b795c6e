"""Check what a user wrote: a file with `providers:`, a list of entries, or one entry, with the line of each mistake."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.catalogue import extend_catalogue
from app.catalogue.reader import CatalogueError, line_of, read_yaml
from app.domain.catalogue import Catalogue
from app.domain.messages.catalogue import (
    extended_entry_sentence,
    new_entry_sentence,
    other_entry_sentence,
    relations_entry_sentence,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """`entries` says of each good entry what it does, `errors` of each wrong one where its first mistake is."""

    entries: tuple[str, ...]
    errors: tuple[CatalogueError, ...]


def check_text(file: str, text: str, catalogue: Catalogue) -> Checked:
    """Read the entries one after the other, each on top of the good ones before it. Never raises."""
    try:
        values = read_yaml(file, text)
        at, entries = _entries(file, values)
    except CatalogueError as error:
        return Checked((), (_placed(error, text),))
    told: list[str] = []
    errors: list[CatalogueError] = []
    # A chart may stand before the provider that it installs.
    for index, entry in sorted(
        enumerate(entries), key=lambda pair: isinstance(pair[1], Mapping) and "chart" in pair[1]
    ):
        try:
            extended = extend_catalogue(catalogue, [entry], file=file)
        except CatalogueError as error:
            inside = (*at, str(index)) if isinstance(values, list) or at else ()
            moved = CatalogueError(error.file, error.problem, (*inside, *error.key[2:]))
            errors.append(_placed(moved, text))
            continue
        told.append(_what(entry, catalogue))
        catalogue = extended
    return Checked(tuple(told), tuple(sorted(errors, key=lambda error: error.line)))


def _entries(file: str, values: object) -> tuple[tuple[str, ...], list[object]]:
    """The keys that lead to the list of entries, and the list."""
    if isinstance(values, list):
        return (), values
    if not isinstance(values, Mapping):
        raise CatalogueError(file, "is neither a mapping nor a list of entries")
    if "providers" not in values:
        return (), [values]
    if not isinstance(values["providers"], list):
        raise CatalogueError(file, "is not a list", ("providers",))
    return ("providers",), values["providers"]


def _placed(error: CatalogueError, text: str) -> CatalogueError:
    if error.line:
        return error
    return CatalogueError(error.file, error.problem, error.key, line_of(text, error.key))


def _what(entry: object, catalogue: Catalogue) -> str:
    assert isinstance(entry, Mapping)
    kinds = len(entry.get("kinds", ()))
    if "relations" in entry:
        return relations_entry_sentence(number=len(entry["relations"]))
    if "provider" not in entry:
        what = "chart" if "chart" in entry else "platform"
        return other_entry_sentence(what=what, id_=str(entry[what]))
    if entry["provider"] in catalogue.providers:
        return extended_entry_sentence(provider=str(entry["provider"]), kinds=kinds)
    return new_entry_sentence(provider=str(entry["provider"]), kinds=kinds)
