"""Versions in between: releases that serve both the API in use and the one that it is to be moved to.

From Flux 2.5 to 2.8 there is no single safe step for an OCIRepository: 2.5 serves v1beta2 only, 2.8 only v1. Flux 2.6
and 2.7 serve both, so the way leads over one of them: that release first, then the manifests, then the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.catalogue import Catalogue
from app.domain.declarations import Releases, VersionChange
from app.domain.model import Answer, Gvk
from app.domain.versions import Version


@dataclass(frozen=True, slots=True)
class Bridge:
    """`old` and `new` are served by the releases from `since` on, and before `until` (None: as far as is known).

    `crossed`: the version that runs now serves `new` already, so the manifests can be moved without a step in between.
    """

    provider: str
    old: Gvk
    new: Gvk
    since: Version
    until: Version | None
    crossed: bool

    def holds(self, releases: Releases) -> bool:
        """Whether a declaration can only mean releases of the bridge."""
        low, high = releases.low, releases.high
        return low is not None and high is not None and low >= self.since and (self.until is None or high < self.until)


def find_bridge(catalogue: Catalogue, change: VersionChange, old: Gvk) -> Bridge | None:
    """The releases over which uses of `old` can be carried past a change that takes it away.

    None where the catalogue knows no version of the kind that lives on, or no release that serves both.
    """
    before = catalogue.fact_of(old)
    if change.before is None or before is None:
        return None
    for new in _that_live_on(catalogue, change, old):
        after = catalogue.fact_of(new)
        if after is None or after.provider != before.provider:
            continue
        begins = [fact.lifetime.since for fact in (before, after) if fact.lifetime.since is not None]
        ends = [fact.lifetime.removed for fact in (before, after) if fact.lifetime.removed is not None]
        since, until = max(begins, default=None), min(ends, default=None)
        if since is not None and (until is None or since < until):
            crossed = change.before.releases.serve(catalogue, change.provider, new) is Answer.YES
            return Bridge(change.provider, old, new, since, until, crossed)
    return None


def _that_live_on(catalogue: Catalogue, change: VersionChange, old: Gvk) -> list[Gvk]:
    """The versions of the kind that the change still serves, the newest first, and what it is called elsewhere."""
    same = [Gvk(old.group, old.kind, version) for version in reversed(catalogue.versions_of(old.group, old.kind))]
    fact = catalogue.fact_of(old)
    if fact is not None and (renamed := fact.lifetime.replaced_by):
        group, _, version = renamed.rpartition("/")
        same.append(Gvk(group, old.kind, version))
    return [
        new
        for new in dict.fromkeys(same)
        if new != old and change.after.releases.serve(catalogue, change.provider, new) is Answer.YES
    ]


def common_bridge(bridges: Iterable[Bridge]) -> tuple[Version, Version | None] | None:
    """The releases, from the first and before the second, that all of the bridges have; None where there are none."""
    found = list(bridges)
    if not found:
        return None
    since = max(bridge.since for bridge in found)
    until = min((bridge.until for bridge in found if bridge.until is not None), default=None)
    return (since, until) if until is None or since < until else None


def newest_between(since: Version, until: Version | None) -> str:
    """The newest releases before `until`, as people write them: `2.7.x`."""
    if until is None:
        return f"{since} or newer"
    if until.patch == 0 and until.minor > 0:
        return f"{until.major}.{until.minor - 1}.x"
    return f"{since} or newer, before {until}"
