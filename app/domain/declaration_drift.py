"""Declarations of one provider that do not agree, in one cluster: two live ones, or a live one and the bootstrap's."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.base_facts import BaseFacts
from app.domain.model import Evidence
from app.domain.version_marks import MarkKind, VersionMark
from app.domain.versions import Version, is_exact


@dataclass(frozen=True, slots=True)
class Stated:
    """One exact version that a file writes down."""

    version: Version
    source: Evidence
    live: bool

    @property
    def shown(self) -> str:
        return str(self.version).removeprefix("v")


@dataclass(frozen=True, slots=True)
class Drift:
    """`one` says another version than `others`, which are all live."""

    provider: str
    scope: str
    one: Stated
    others: tuple[Stated, ...]


def find_drift(base: BaseFacts) -> Iterator[Drift]:
    """Live declarations that differ, the lowest as `one`; and each of the bootstrap that no live one agrees with."""
    stated: dict[tuple[str, str], list[Stated]] = defaultdict(list)
    for marks in base.marks.values():
        for mark in marks:
            provider, version = _read(mark, base)
            # What kustomize patches in replaces what it patches, so the two need not agree.
            if provider is None or version is None or base.scopes.is_patch(mark.source.file):
                continue
            for scope in base.scopes.of(mark.source.file):
                stated[provider, scope].append(Stated(version, mark.source, mark.live))
    for (provider, scope), all_of in sorted(stated.items()):
        live = sorted((one for one in all_of if one.live), key=lambda one: (one.version, one.source.file))
        if not live:
            continue
        higher = tuple(one for one in live if one.version != live[0].version)
        if higher:
            yield Drift(provider, scope, live[0], higher)
        for one in all_of:
            if not one.live and all(one.version != other.version for other in live):
                yield Drift(provider, scope, one, tuple(live))


def _read(mark: VersionMark, base: BaseFacts) -> tuple[str | None, Version | None]:
    if mark.version is None or mark.kind is MarkKind.SWITCH or not is_exact(mark.version):
        return None, None
    version = Version.parse(mark.version)
    if mark.kind is not MarkKind.CHART or version is None:
        return mark.subject, version
    provider = base.catalogue.provider_of_chart(mark.subject)
    return provider, base.catalogue.version_of_chart(mark.subject, version) if provider else None
