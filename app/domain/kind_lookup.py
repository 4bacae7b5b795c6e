"""Find a kind in the catalogue by what a person types: its name, with its group, its version, or both."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from app.domain.catalogue import ANY_KIND, Catalogue, KindFacts, Lifetime, Provider


@dataclass(frozen=True, slots=True)
class FoundKind:
    """`facts` are those of `versions` alone, where one was asked for. `kind` is `*` for the facts of a whole group."""

    provider: Provider
    group: str
    kind: str
    facts: KindFacts
    versions: tuple[tuple[str, Lifetime], ...]

    @property
    def name(self) -> str:
        return f"{self.group}/{self.kind}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed. `group` and `version` are empty where they were left out."""

    kind: str
    group: str = ""
    version: str = ""


def parse_wanted(text: str) -> Wanted:
    """`OCIRepository`, `source.toolkit.fluxcd.io/OCIRepository`, `…/v1/OCIRepository`, `OCIRepository …/v1`,
    `OCIRepository/v1`, or kubectl's `ocirepository.source.toolkit.fluxcd.io`."""
    kind, _, api_version = text.strip().partition(" ")
    if api_version:
        group, _, version = api_version.strip().rpartition("/")
        return Wanted(kind, group, version)
    parts = text.strip().split("/")
    if len(parts) >= 3:
        return Wanted(parts[-1], "/".join(parts[:-2]), parts[-2])
    if len(parts) == 2:
        group, kind = parts
        return Wanted(group, version=kind) if _is_version(kind) else Wanted(kind, group)
    name, _, group = parts[0].partition(".")
    return Wanted(name, group)


def _is_version(text: str) -> bool:
    return len(text) > 1 and text[0] == "v" and text[1].isdigit()


def find_kinds(catalogue: Catalogue, text: str) -> tuple[FoundKind, ...]:
    """Every kind that fits, in the order of group; the facts of a whole group where it lists no such kind."""
    wanted = parse_wanted(text)
    found = list(_matching(catalogue, wanted, wanted.kind))
    if not found and wanted.group:
        found = list(_matching(catalogue, wanted, ANY_KIND))
    return tuple(sorted(found, key=lambda one: (one.group, one.kind)))


def _matching(catalogue: Catalogue, wanted: Wanted, name: str) -> Iterator[FoundKind]:
    for provider in catalogue.providers.values():
        for (group, kind), facts in provider.kinds.items():
            if kind.lower() != name.lower() or (wanted.group and group != wanted.group):
                continue
            versions = tuple(
                (version, lifetime)
                for version, lifetime in facts.versions.items()
                if not wanted.version or version == wanted.version
            )
            if versions:
                yield FoundKind(provider, group, kind, facts, versions)


def list_near(catalogue: Catalogue, text: str) -> tuple[str, ...]:
    """What may have been meant: the versions that there are of the kind, or else kinds of a similar name."""
    wanted = parse_wanted(text)
    others = [*_matching(catalogue, Wanted(wanted.kind, wanted.group), wanted.kind)] or [
        *_matching(catalogue, Wanted(wanted.kind), wanted.kind)
    ]
    if others:
        return tuple(f"{one.group}/{version}/{one.kind}" for one in others for version, _ in one.versions)
    names: dict[str, list[str]] = {}
    for provider in catalogue.providers.values():
        for group, kind in provider.kinds:
            names.setdefault(kind.lower(), []).append(f"{group}/{kind}")
    close = get_close_matches(wanted.kind.lower(), names, n=3, cutoff=0.6)
    return tuple(name for kind in close for name in sorted(names[kind]))


def list_whole_groups(catalogue: Catalogue, text: str) -> tuple[str, ...]:
    """The groups of which only the versions are known, where `text` names no group: its kind may be one of theirs."""
    if (wanted := parse_wanted(text)).group or wanted.version:
        return ()
    kinds = (kind for provider in catalogue.providers.values() for kind in provider.kinds)
    return tuple(sorted(group for group, kind in kinds if kind == ANY_KIND))
