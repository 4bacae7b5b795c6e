"""Whether GitOps works: nothing fails, and each Kustomization succeeded at a revision that has the last merge in it.

Success and failure count alone: what waits or makes progress says neither. What has left the cluster is left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.ancestry import Ancestry
from app.domain.base_facts import BaseFacts
from app.domain.cluster_words import Outcome
from app.domain.incidents import ObjectName
from app.domain.messages import milestone as messages
from app.domain.milestone import Signal, Sync
from app.domain.model import Answer
from app.domain.rollouts import SKEW
from app.domain.scopes import Scopes

SILENT = timedelta(days=1)
"""So long nothing that Flux still reconciles is silent: an interval is minutes or hours."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that a cluster said of one object. `repeats`: it is said anew at each interval, so that silence tells
    something; a look at the Kubernetes API notes only what has changed."""

    cluster: str
    object: str
    outcome: Outcome
    message: str
    at: datetime
    commit: str | None = None
    deleted: bool = False
    repeats: bool = True


@dataclass(frozen=True, slots=True)
class LastMerge:
    """`later` are the merge commits of what was merged after it, which contain it."""

    number: int
    sha: str
    at: datetime
    later: frozenset[str] = frozenset()


def is_applied(paths: Iterable[str], scopes: Scopes) -> bool:
    """Whether some Flux Kustomization applies one of these files; where none can be seen, any of them may."""
    every = list(paths)
    return not every or not scopes.kustomizations or any(map(scopes.kustomizations_of, every))


def judge_sync(heard: Iterable[Heard], last: LastMerge | None, base: BaseFacts, ancestry: Ancestry) -> Sync:
    """`heard` is in the order in which it was said. What is not known of a commit yet is noted in `ancestry`."""
    by_object: dict[tuple[str, str], list[Heard]] = {}
    newest: dict[str, datetime] = {}
    for one in heard:
        by_object.setdefault((one.cluster, one.object), []).append(one)
        newest[one.cluster] = max(one.at, newest.get(one.cluster, one.at))
    failing: list[Heard] = []
    behind: list[Heard] = []
    left: list[Heard] = []
    applied = 0
    for _, words in sorted(by_object.items()):
        if words[-1].deleted:
            continue
        said = next((one for one in reversed(words) if one.outcome is not Outcome.NEITHER), None)
        fails = said is not None and said.outcome is Outcome.FAILED
        has_it = _has(words[-1].object, said, last, base, ancestry) if not fails else Answer.NO
        if has_it is Answer.NO and _is_lost(words[-1], newest, base):
            left.append(words[-1])
        elif said is not None and fails:
            failing.append(said)
        elif has_it is Answer.NO:
            behind.append(words[-1])
        applied += has_it is Answer.YES
    return Sync(_signal(failing, behind, applied, left, last), speaks=bool(applied or behind or failing))


def _signal(
    failing: list[Heard], behind: list[Heard], applied: int, left: list[Heard], last: LastMerge | None
) -> Signal:
    number = last.number if last is not None else None
    if failing:
        return Signal(Answer.NO, messages.failing_evidence(_names(failing), failing[-1].message))
    if behind:
        return Signal(Answer.UNKNOWN, messages.not_heard_since(number, _names(behind)))
    if not applied:
        return Signal(Answer.UNKNOWN, messages.NOTHING_HEARD)
    return Signal(Answer.YES, messages.synced_evidence(applied, number, _names(left)))


def _names(heard: Iterable[Heard]) -> list[str]:
    return list(dict.fromkeys(one.object for one in heard))


def _has(name: str, said: Heard | None, last: LastMerge | None, base: BaseFacts, ancestry: Ancestry) -> Answer:
    """Whether what succeeded last of a Kustomization has the last merge in it. UNKNOWN for any other object, and for
    what does not speak of this repository."""
    named = ObjectName.parse(name)
    if named.kind != "Kustomization":
        return Answer.UNKNOWN  # the revision of any other object names no commit
    if said is None:
        return Answer.NO
    if last is None:
        return Answer.YES
    if said.commit is None:
        return Answer.UNKNOWN
    if said.commit == last.sha or said.commit in last.later:
        return Answer.YES
    is_own = any(ObjectName(named.kind, ks.namespace, ks.name).may_be(named) for ks in base.scopes.kustomizations)
    if is_own and said.at < last.at - SKEW:
        return Answer.NO
    answer = ancestry.contains(said.commit, last.sha)
    if answer is None or (answer is Answer.UNKNOWN and is_own):
        return Answer.NO
    return answer


def _is_lost(last: Heard, newest: Mapping[str, datetime], base: BaseFacts) -> bool:
    """Whether it is silent while its cluster speaks, and no file of Git so much as names it."""
    if not last.repeats or newest[last.cluster] - last.at <= SILENT:
        return False
    name = ObjectName.parse(last.object).name
    return not any(name in file.text for file in base.tree.values())
