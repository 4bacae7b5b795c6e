"""When a merged provider version counts as rolled out. Merged is not applied; silence proves nothing.

The best proof counts: the cluster said that it runs the version; what carries it succeeded at a revision that contains
the merge; time has passed. A proof belongs to one merge: what was said of an older one never closes a newer one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.ancestry import Ancestry
from app.domain.carriers import Carrier
from app.domain.cluster_words import ClusterWord, Outcome
from app.domain.commit_status import is_sender
from app.domain.layout import FluxKustomization
from app.domain.messages import rollouts as messages
from app.domain.model import Answer, Observation, Rollout, RolloutHealth, RolloutState
from app.domain.rollout_terms import Proof, RolloutTerms
from app.domain.versions import Range, Version, is_exact

SKEW = timedelta(minutes=10)
"""By so much the clocks of GitHub and of a cluster may differ. Only what would cost a call is passed over by the clock
alone; what a revision contains is not a question of time."""
_MOST_REVISIONS = 3


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of the cluster of a rollout. `names` are those under which it is connected; none: it is not.

    `last` is when it last said anything at all, `limits` what its Flux is known not to tell.
    """

    observations: tuple[Observation, ...] = ()
    words: tuple[ClusterWord, ...] = ()
    names: tuple[str, ...] = ()
    last: datetime | None = None
    limits: str = ""

    def of_each(self) -> Iterator[tuple[str, "Heard"]]:
        """What each registered cluster told by itself, where several stand for one scope. A sender of commit statuses
        is one of them, and it is not known which, so that it speaks for none."""
        registered = [name for name in self.names if not is_sender(name)]
        if len(registered) < 2:
            yield next(iter(self.names), ""), self
            return
        for name in registered:
            yield (
                name,
                replace(
                    self,
                    observations=tuple(one for one in self.observations if one.cluster == name),
                    words=tuple(one for one in self.words if one.cluster == name),
                ),
            )


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rollout comes to. `proof` and `source` say how it is known to be done; without, `note` how it stands."""

    health: RolloutHealth = RolloutHealth.PENDING
    note: str = ""
    proof: Proof | None = None
    source: str = ""
    next_look: datetime | None = None


def judge_rollout(
    rollout: Rollout,
    others: Iterable[Rollout],
    *,
    carrier: Carrier | None,
    heard: Heard,
    ancestry: Ancestry,
    terms: RolloutTerms,
    now: datetime,
) -> Judged:
    """Look at a pending rollout. `others` are those of the same provider in the same cluster."""
    others = tuple(others)
    of_each = dict(heard.of_each())
    shown = {name: _shown(rollout, others, carrier, own, ancestry) for name, own in of_each.items()}
    if terms.soak is not None and now - rollout.merged_at >= terms.soak:
        for found in shown.values():
            found.append((Proof.SOAK, messages.soaked_source(terms.soak)))
    best = {name: _best(one for one in found if terms.accepts(one[0])) for name, found in shown.items()}
    enough = [one for one in best.values() if one is not None]
    if len(enough) == len(best):
        proof, source = max(enough, key=_rank)
        return Judged(RolloutHealth.ROLLED_OUT, "", proof, source)
    ends = [rollout.merged_at + span for span in (terms.soak, terms.timeout) if span is not None]
    next_look = min((at for at in ends if at > now), default=None)
    is_late = now >= rollout.merged_at + terms.timeout
    troubles = (_trouble(rollout, carrier, own, ancestry) for name, own in of_each.items() if best[name] is None)
    trouble = next((one for one in troubles if one is not None), None)
    if trouble is not None:
        health = RolloutHealth.FAILED if is_late else RolloutHealth.TROUBLED
        return Judged(health, messages.trouble_note(trouble, is_late=is_late), next_look=next_look)
    if enough:
        silent = [name for name, one in best.items() if one is None]
        note = messages.not_all_note(max(enough, key=_rank)[1], silent)
    else:
        note = _quiet_note(rollout, carrier, heard, next(filter(None, shown.values()), []), is_late=is_late)
    return Judged(RolloutHealth.LATE if is_late else RolloutHealth.PENDING, note, next_look=next_look)


_Shown = tuple[Proof, str]
_BEST_FIRST = (Proof.CONFIRM, Proof.OBSERVED, Proof.READY, Proof.APPLIED, Proof.SOAK)


def _rank(shown: _Shown) -> int:
    return _BEST_FIRST.index(shown[0])


def _best(shown: Iterable[_Shown]) -> _Shown | None:
    return min(shown, key=_rank, default=None)


def is_replaced(rollout: Rollout, others: Iterable[Rollout]) -> Rollout | None:
    """The later rollout by which Git went back below this version before a cluster was known to run it."""
    target = Version.parse(rollout.to)
    for other in others:
        to = Version.parse(other.to)
        if target is not None and to is not None and _is_after(other, rollout) and to < target:
            return other
    return None


def reached(rollout: Rollout, version: str, at: datetime, others: Iterable[Rollout] = ()) -> bool:
    """Whether a cluster that ran `version` at that time has taken over what was merged.

    A range says nothing about what ran before the merge, so only a later observation counts for it. Nor does what ran
    before another version was merged in between, or while one that went back was on its way; nor a higher version where
    the merge itself went back.
    """
    seen = Version.parse(version)
    if seen is None:
        return False
    target, before = Version.parse(rollout.to), Version.parse(rollout.from_ or "")
    is_later = at >= rollout.merged_at
    if not is_later and any(_is_after(rollout, other) and _is_between(other, at) for other in others):
        return False
    if is_exact(rollout.to) and target is not None:
        if before is not None and _goes_back(rollout):
            return is_later and target <= seen < before
        return seen >= target
    try:
        return is_later and Range.parse(rollout.to).allows(seen)
    except ValueError:
        return False


def _is_between(other: Rollout, at: datetime) -> bool:
    """Whether an older rollout may have been taken over after that time: one that went back may take long."""
    return other.merged_at > at or _goes_back(other)


def _is_on_its_way(other: Rollout, rollout: Rollout) -> bool:
    """Whether an older rollout that went back may still be taken over. Then a chart's version does not tell which merge
    it came by, and counts only after the merge itself was applied."""
    return _is_after(rollout, other) and _goes_back(other) and other.state is not RolloutState.ROLLED_OUT


def _goes_back(rollout: Rollout) -> bool:
    before, target = Version.parse(rollout.from_ or ""), Version.parse(rollout.to)
    return before is not None and target is not None and before > target


def _is_after(one: Rollout, other: Rollout) -> bool:
    return one is not other and one.merged_at > other.merged_at


def _shown(
    rollout: Rollout, others: Sequence[Rollout], carrier: Carrier | None, heard: Heard, ancestry: Ancestry
) -> list[_Shown]:
    return [*_observed(rollout, others, heard), *_carried(rollout, others, carrier, heard, ancestry)]


def _observed(rollout: Rollout, others: Sequence[Rollout], heard: Heard) -> Iterator[_Shown]:
    for seen in heard.observations:
        same = (seen.provider, seen.scope) == (rollout.provider, rollout.scope)
        if same and reached(rollout, seen.version, seen.at, others):
            yield Proof.OBSERVED, seen.source


def _carried(
    rollout: Rollout, others: Sequence[Rollout], carrier: Carrier | None, heard: Heard, ancestry: Ancestry
) -> Iterator[_Shown]:
    if carrier is None:
        return
    applied = _ready_with(rollout, carrier, heard, ancestry)
    if (word := last_word(_of_release(carrier, heard))) is not None and word.outcome is Outcome.SUCCEEDED:
        version = word.chart_version
        begun = applied.since if applied is not None else None
        if not any(_is_on_its_way(other, rollout) for other in others):
            begun = rollout.merged_at
        is_later = begun is not None and word.at >= begun
        if is_later and version is not None and reached(rollout, version.text, word.at, others):
            yield Proof.READY, messages.released_source(word, version.text)
    if applied is not None:
        if carrier.is_last:
            yield Proof.READY, messages.ready_source(applied)
        else:
            yield Proof.APPLIED, messages.applied_source(applied, waits_for=_next_to_act(carrier))


def _ready_with(rollout: Rollout, carrier: Carrier, heard: Heard, ancestry: Ancestry) -> ClusterWord | None:
    """The newest success of the Kustomization at a revision that contains the merge."""
    successes = [
        word
        for word in _of_kustomization(carrier, heard)
        if word.outcome is Outcome.SUCCEEDED and word.commit is not None and word.at >= rollout.merged_at - SKEW
    ]
    for word in sorted(successes, key=lambda word: word.at, reverse=True)[:_MOST_REVISIONS]:
        answer = ancestry.contains(word.commit or "", rollout.merge_sha)
        if answer is Answer.YES:
            return word
        if answer is None:
            return None
    return None


def _trouble(rollout: Rollout, carrier: Carrier | None, heard: Heard, ancestry: Ancestry) -> ClusterWord | None:
    """The failure that stands in the way: of what brings the version, or of what stands above that."""
    if carrier is None:
        return None
    of_each = [_of_release(carrier, heard), _of_kustomization(carrier, heard)]
    if carrier.by_operator:
        of_each.insert(0, [word for word in heard.words if word.kind == "FluxInstance"])
    of_each += [[word for word in heard.words if _is_kustomization(word, above)] for above in carrier.above]
    for words in of_each:
        last = last_word(words)
        if last is not None and is_failure_after(last, rollout.merged_at, rollout.merge_sha, ancestry):
            return last
    return None


def is_failure_after(word: ClusterWord, merged_at: datetime, merge_sha: str, ancestry: Ancestry) -> bool:
    """Whether a word tells that something fails which contains a merge. Where no revision tells, time does."""
    if word.outcome is not Outcome.FAILED:
        return False
    if word.commit is not None and merge_sha:
        return ancestry.contains(word.commit, merge_sha) is Answer.YES
    return word.at >= merged_at


def last_word(words: Iterable[ClusterWord]) -> ClusterWord | None:
    """What was said last that means success or failure. A rollback means that the success before it is over."""
    decisive = [word for word in words if word.outcome is not Outcome.NEITHER or word.reason.startswith("Rollback")]
    return max(decisive, key=lambda word: (word.at, word.outcome is Outcome.FAILED), default=None)


def _of_kustomization(carrier: Carrier, heard: Heard) -> list[ClusterWord]:
    ks = carrier.kustomization
    return [] if ks is None else [word for word in heard.words if _is_kustomization(word, ks)]


def _is_kustomization(word: ClusterWord, ks: FluxKustomization) -> bool:
    return word.is_of("Kustomization", ks.namespace, ks.name)


def _of_release(carrier: Carrier, heard: Heard) -> list[ClusterWord]:
    """By the chart that it installed, where the message tells; else by its name."""
    if carrier.chart is None:
        return []
    return [
        word
        for word in heard.words
        if word.kind == "HelmRelease" and (word.chart or carrier.chart) == carrier.chart
        if word.chart is not None or (carrier.release is not None and word.name == carrier.release)
    ]


def _next_to_act(carrier: Carrier) -> str:
    if carrier.chart is not None:
        return f"HelmRelease {carrier.release or carrier.chart}"
    return "Flux Operator" if carrier.by_operator else "who acts on it"


def _quiet_note(
    rollout: Rollout, carrier: Carrier | None, heard: Heard, found: Sequence[_Shown], *, is_late: bool
) -> str:
    """Nothing speaks against it, and what is said is not enough: unknown."""
    if found:
        return messages.not_enough_note(found[0][1])
    if not is_late:
        return ""
    if not heard.names:
        return messages.not_connected_note(rollout.scope)
    if heard.last is None or heard.last < rollout.merged_at:
        return messages.silence_note(rollout.scope, heard.last, limits=heard.limits)
    ks = carrier.kustomization if carrier else None
    return messages.no_word_note(rollout.scope, f"Kustomization {ks}" if ks else rollout.provider, limits=heard.limits)
