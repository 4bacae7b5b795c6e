"""Look ahead: what an upgrade that nobody has opened yet would take, in which order, from the same rules as the plan.

The upgrade is judged as if a pull request brought it. Where no single step is safe, the way goes over versions in
between, and each step is judged on manifests that were moved as the step before asked.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from app.domain.base_facts import BaseFacts, read_base
from app.domain.bridges import Bridge, newest_between
from app.domain.catalogue import Catalogue, minor_of
from app.domain.declarations import Declared, Releases, VersionChange
from app.domain.diff import git_blob_id
from app.domain.messages import outlook as messages
from app.domain.messages.phrases import apis
from app.domain.model import PullRequest, PullRequestStatus, Snapshot, SourceFile, Tree
from app.domain.outlook_platform import Done
from app.domain.outlook_step import THE_UPGRADE, Step
from app.domain.outlook_steps import HopSteps, migrate_for
from app.domain.pull_request_facts import PullRequestFacts, read_pull_request
from app.domain.removals import find_bridges, removed_uses
from app.domain.served_versions import Target
from app.domain.serving import Serving
from app.domain.situation import Situation
from app.domain.versions import Version

_MOST_HOPS = 6


@dataclass(frozen=True, slots=True)
class Hop:
    """One version change that is safe once its steps are done. `why` says why the way goes over it."""

    before: str
    after: str
    steps: tuple[Step, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class ClusterOutlook:
    """The way of one cluster. Without hops `note` says why there is nothing to do, or nothing known."""

    scope: str
    standing: str
    hops: tuple[Hop, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """`version` is as it was asked for; `warning` says where nobody here knows of such a release."""

    provider: str
    name: str
    version: str
    clusters: tuple[ClusterOutlook, ...]
    warning: str = ""


def look_ahead(snapshot: Snapshot, catalogue: Catalogue, target: Target) -> Outlook:
    """The way of each cluster to `target`."""
    base = read_base(snapshot.tree, catalogue)
    ways = tuple(_Way(snapshot, base, target, scope).find() for scope in base.scopes.clusters)
    name = catalogue.name_of(target.provider)
    asked = target.releases.low
    newest = catalogue.newest_before(target.provider, asked) if asked is not None else None
    warning = "" if newest is None else messages.beyond_known(name, target.version, _bare(newest))
    return Outlook(target.provider, name, target.version, ways, warning)


@dataclass(frozen=True, slots=True)
class _Standpoint:
    """Where the next hop begins. `done` is what need not be asked for again."""

    situation: Situation
    declared: Declared
    done: Done = field(default_factory=Done)


class _Way:
    def __init__(self, snapshot: Snapshot, base: BaseFacts, target: Target, scope: str) -> None:
        self._snapshot, self._base, self._target, self._scope = snapshot, base, target, scope
        self._catalogue, self._provider = base.catalogue, target.provider
        self._name = base.catalogue.name_of(target.provider)
        self._open = {one.number: one for one in snapshot.pull_requests if one.status is PullRequestStatus.OPEN}
        self._open[THE_UPGRADE] = PullRequest(THE_UPGRADE, "", "", "", by_renovate=False)

    def find(self) -> ClusterOutlook:
        situation = self._situation(self._base, self._snapshot)
        standing = situation.serving.standing(self._provider, self._scope)
        declared, words = standing.declared, situation.standing(standing)
        if declared is None or not declared.declaration.live:
            return ClusterOutlook(self._scope, words, note=messages.not_declared(self._name))
        running = standing.running
        if running.low is None or running.high is None:
            return ClusterOutlook(self._scope, words, note=messages.not_known(self._name, declared.declaration.version))
        goal = self._concrete(self._target.releases)
        asked = self._target.releases.low
        if asked is None or standing.has(asked):
            return ClusterOutlook(self._scope, words, note=messages.there_already(self._name, self._target.version))
        here = _Standpoint(situation, replace(declared, releases=running))
        return ClusterOutlook(self._scope, words, hops=tuple(self._hops(here, goal)))

    def _hops(self, here: _Standpoint, goal: Version) -> Iterator[Hop]:
        for _ in range(_MOST_HOPS):
            crossing = find_bridges(_facts(self._change(here, goal)), here.situation)
            bridge = _first_to_end(crossing)
            to = goal if bridge is None else self._over(bridge, here)
            if to is None:
                yield Hop(here.declared.shown, _bare(goal), (), why=messages.no_way(self._name, _pairs(crossing)))
                return
            why = "" if bridge is None else messages.over_bridge(self._name, _bare(to), _bare(goal), _pairs(crossing))
            change = self._change(here, to)
            steps = HopSteps(here.situation, change, here.done).find()
            yield Hop(here.declared.shown, change.after.shown, steps, why)
            if bridge is None:
                return
            here = replace(self._after(here, change), done=here.done.with_steps(steps))

    def _change(self, here: _Standpoint, to: Version) -> VersionChange:
        declaration = replace(here.declared.declaration, version=_bare(to))
        after = replace(here.declared, declaration=declaration, releases=here.declared.releases.at(to), how="")
        return VersionChange(self._provider, self._scope, here.declared, after)

    def _situation(self, base: BaseFacts, snapshot: Snapshot) -> Situation:
        facts = {
            number: PullRequestFacts(number) if number == THE_UPGRADE else read_pull_request(one, base)
            for number, one in self._open.items()
        }
        return Situation(base=base, serving=Serving(snapshot, base), open=self._open, facts=facts)

    def _after(self, here: _Standpoint, change: VersionChange) -> _Standpoint:
        """As if the hop had been made, and what it takes away had been moved before it."""
        base = here.situation.base
        gone = {
            gvk
            for uses in removed_uses(_facts(change), here.situation)
            for of in uses.by_remover.values()
            for gvk in of
        }
        if gone:
            kinds = frozenset(f"{gvk.group}/{gvk.kind}" for gvk in gone)
            moved = migrate_for(base, self._scope, self._provider, here.declared.releases, kinds)
            base = read_base(_with_texts(base.tree, moved.texts), self._catalogue)
        base = replace(base, declarations={**base.declarations, (self._provider, self._scope): change.after})
        others = tuple(seen for seen in self._snapshot.observations if seen.provider != self._provider)
        snapshot = replace(self._snapshot, observations=others, rollouts=())
        return _Standpoint(self._situation(base, snapshot), change.after)

    # --- versions ---

    def _concrete(self, releases: Releases) -> Version:
        """The release that was asked for, or the newest known one of the minor."""
        assert releases.low is not None
        return releases.exact or self._newest_of(minor_of(releases.low))

    def _newest_of(self, minor: tuple[int, int]) -> Version:
        first = Version(f"{minor[0]}.{minor[1]}.0", (*minor, 0))
        return self._catalogue.newest_of(self._provider, minor) or first

    def _over(self, bridge: Bridge, here: _Standpoint) -> Version | None:
        """A release of the bridge beyond what runs: one that a pull request brings, or the newest known."""
        running = here.declared.releases.high
        assert running is not None

        def holds(other: VersionChange) -> bool:
            low = other.after.releases.exact
            return low is not None and low > running and bridge.holds(other.after.releases)

        brought = here.situation.bringing(self._provider, self._scope, holds, besides=THE_UPGRADE)
        if brought:
            return max(release for _, other in brought if (release := other.after.releases.exact) is not None)
        words = newest_between(bridge.since, bridge.until)
        parsed = Version.parse(words.removesuffix(".x")) if words.endswith(".x") else bridge.since
        found = self._newest_of(minor_of(parsed)) if parsed is not None else None
        return found if found is not None and found > running else None


def _facts(change: VersionChange) -> PullRequestFacts:
    return PullRequestFacts(THE_UPGRADE, changes=(change,))


def _first_to_end(bridges: list[Bridge]) -> Bridge | None:
    """What it carries must be moved before anything else goes further."""
    ending = [bridge for bridge in bridges if bridge.until is not None]
    return min(ending, key=lambda bridge: bridge.until or bridge.since, default=bridges[0] if bridges else None)


def _pairs(bridges: Iterable[Bridge]) -> list[tuple[str, str]]:
    return [(apis([bridge.old]), apis([bridge.new])) for bridge in bridges]


def _with_texts(tree: Tree, texts: Mapping[str, str]) -> Tree:
    return {**tree, **{path: SourceFile(path, git_blob_id(text), text) for path, text in texts.items()}}


def _bare(version: Version) -> str:
    return str(version).removeprefix("v")
