"""What a merge broke in the cluster, and who waits until it is mended: each wave is to be seen healthy before the next.

A setback is a Kustomization or HelmRelease that a merged pull request changed, and of which Flux said last, after that
merge, that it fails, while its incident stands. Silence is none. It holds what comes in later waves, but for what
touches the failing thing itself: that may well be the cure.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.ancestry import Ancestry
from app.domain.base_facts import BaseFacts
from app.domain.carriers import nearest_kustomization
from app.domain.cluster_words import ClusterWord, Outcome
from app.domain.helm_releases import read_releases
from app.domain.incidents import Incident
from app.domain.messages.conduct import unblocked_reason
from app.domain.messages.rollouts import setback_reason
from app.domain.model import Plan, PlannedPullRequest, PullRequest, Snapshot, State
from app.domain.rollouts import is_failure_after, last_word
from app.domain.waves import rank_of

Object = tuple[str, str, str, str]
"""Cluster of the plan, kind, namespace ("" where Git leaves it open) and name."""

_COULD_LAND = frozenset({State.READY, State.UNKNOWN})
"""Both pass a required check."""


@dataclass(frozen=True, slots=True)
class Landed:
    """A pull request that was merged lately. `rank` is its wave's, `confirmed_at` when a person said it is fine."""

    number: int
    rank: int
    merge_sha: str
    merged_at: datetime
    paths: tuple[str, ...]
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Setback:
    number: int
    rank: int
    object: Object
    word: ClusterWord


def find_setbacks(
    landed: Iterable[Landed],
    base: BaseFacts,
    words: Iterable[ClusterWord],
    ancestry: Ancestry,
    incidents: Iterable[Incident],
) -> tuple[Setback, ...]:
    """The newest merge is named first: of several that changed what fails, it is the likeliest cause. Only what an
    incident stands for counts: it may have ended by a revert or by a person before Flux says so."""
    standing = [(one.trouble.scope, one.trouble.object) for one in incidents if one.closed_at is None]
    failing = [
        word
        for word in _failing(words)
        if any(
            scope == word.scope and word.is_of(broken.kind, broken.namespace, broken.name) for scope, broken in standing
        )
    ]
    if not failing:
        return ()
    found: list[Setback] = []
    touched = Touched(base)
    for merge in sorted(landed, key=lambda merge: (merge.merged_at, merge.number), reverse=True):
        for one in sorted(touched.by(merge.paths)):
            scope, kind, namespace, name = one
            for last in failing:
                if last.scope != scope or not last.is_of(kind, namespace, name):
                    continue
                is_over = merge.confirmed_at is not None and merge.confirmed_at >= last.since
                if not is_over and is_failure_after(last, merge.merged_at, merge.merge_sha, ancestry):
                    found.append(Setback(merge.number, merge.rank, one, last))
    return tuple(found)


def _failing(words: Iterable[ClusterWord]) -> list[ClusterWord]:
    """The last word of each object of which it was that it fails."""
    by_object: dict[tuple[str, str, str, str | None, str], list[ClusterWord]] = defaultdict(list)
    for word in words:
        by_object[word.scope, word.cluster, word.kind, word.namespace, word.name].append(word)
    lasts = (last_word(all_of) for all_of in by_object.values())
    return [last for last in lasts if last is not None and last.outcome is Outcome.FAILED]


class Touched:
    """What a change of files is carried by: the Kustomizations that apply them, and the HelmReleases among them or
    beside them, whose values they may be."""

    def __init__(self, base: BaseFacts) -> None:
        self._base = base
        self._beside: dict[str, list[str]] = defaultdict(list)
        for path in base.helm_names:
            self._beside[path.rpartition("/")[0]].append(path)

    def by(self, paths: Iterable[str]) -> frozenset[Object]:
        base, found = self._base, set[Object]()
        for path in paths:
            for scope in base.scopes.of(path):
                if (ks := nearest_kustomization(base.scopes, path, scope)) is not None:
                    found.add((scope, "Kustomization", ks.namespace, ks.name))
            for other in self._beside.get(path.rpartition("/")[0], ()):
                for release in read_releases(base.tree[other]) if base.scopes.is_live(other) else ():
                    found.update((scope, "HelmRelease", "", release.name) for scope in base.scopes.of(other))
        return frozenset(found)


def hold_later_waves(plan: Plan, snapshot: Snapshot, base: BaseFacts, setbacks: Iterable[Setback]) -> Plan:
    """The plan while something is broken."""
    setbacks = tuple(setbacks)
    if not setbacks:
        return plan
    by_number = {pull_request.number: pull_request for pull_request in snapshot.pull_requests}
    touched = Touched(base)
    held = tuple(_hold(planned, by_number, touched, setbacks) for planned in plan.pull_requests)
    return replace(plan, pull_requests=held)


def _hold(
    planned: PlannedPullRequest,
    by_number: Mapping[int, PullRequest],
    touched: Touched,
    setbacks: tuple[Setback, ...],
) -> PlannedPullRequest:
    if not planned.by_renovate or planned.state not in _COULD_LAND:
        return planned
    later = [one for one in setbacks if one.rank < rank_of(planned.classification)]
    if not later:
        return planned
    pull_request = by_number[planned.number]
    own = touched.by(change.path for change in pull_request.changes)
    first = next((one for one in later if one.object not in own), None)
    if first is None:
        return planned
    word = first.word
    reason = setback_reason(
        merged=first.number, what=word.object, since=word.since, message=word.message, source=word.source
    )
    if pull_request.unblock is None:
        return replace(planned, state=State.HELD, reason=reason, frozen=True, by_incident=True)
    if planned.unblocked:
        return planned
    return replace(planned, reason=unblocked_reason(pull_request.unblock, reason), unblocked=True)
