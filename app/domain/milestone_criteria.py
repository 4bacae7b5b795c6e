"""The criteria of a milestone, ticked by facts. What nobody tells is unknown: that is neither yes nor no."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.domain.catalogue import FLUX
from app.domain.messages import milestone as messages
from app.domain.milestone import (
    Criterion,
    MemberFacts,
    MilestoneFacts,
    MilestonePlan,
    Phase,
    Rolled,
    Signal,
    WantedApi,
    WantedVersion,
    Weight,
)
from app.domain.milestone_plan import reaches
from app.domain.model import Answer, PullRequestStatus, RolloutState, State
from app.domain.serving import Served
from app.domain.versions import Version, is_exact

_OPEN = MemberFacts(PullRequestStatus.OPEN, State.UNKNOWN)
_UNHEARD = Signal(Answer.UNKNOWN, messages.UNKNOWN_HEALTH)


def facts_of(facts: MilestoneFacts, number: int) -> MemberFacts:
    return facts.members.get(number, _OPEN)


def is_settled(one: MemberFacts) -> bool:
    return one.status is not PullRequestStatus.OPEN


@dataclass(frozen=True, slots=True)
class _Known:
    """A version that was said to run at that time, and the sentence."""

    at: datetime
    version: str
    words: str


class Criteria:
    """All criteria of one plan."""

    def __init__(self, plan: MilestonePlan, facts: MilestoneFacts) -> None:
        self._plan, self._facts = plan, facts

    def find(self) -> tuple[Criterion, ...]:
        return (
            *self._resolved(Phase.PREPARE),
            *(self._version(one) for one in self._plan.versions),
            *self.served(),
            *self._health(),
            *self._moved(),
            *self._resolved(Phase.DOWNSTREAM),
            *self._reviewed(),
            *self._whole(),
        )

    # --- pull requests ---

    def _resolved(self, phase: Phase) -> Iterator[Criterion]:
        numbers = [member.number for member in self._plan.members if member.phase is phase]
        if numbers:
            text = messages.resolved_criterion(len(numbers), whole=False)
            yield self._all_settled(phase, text, numbers)

    def _all_settled(self, phase: Phase | None, text: str, numbers: list[int]) -> Criterion:
        left = [number for number in numbers if not is_settled(facts_of(self._facts, number))]
        evidence = messages.resolved_evidence(len(numbers) - len(left), len(numbers), left)
        return Criterion(phase, text, Answer.NO if left else Answer.YES, evidence)

    def _reviewed(self) -> Iterator[Criterion]:
        numbers = [member.number for member in self._plan.members if member.phase is Phase.REVIEW]
        if not numbers:
            return
        facts = {number: facts_of(self._facts, number) for number in numbers}
        merged = [number for number, one in facts.items() if one.status is PullRequestStatus.MERGED]
        approved = [(number, by) for number in merged if (by := facts[number].approved_by)]
        missing = [number for number in merged if not facts[number].approved_by]
        waiting = [number for number, one in facts.items() if not is_settled(one)]
        state = Answer.NO if missing or waiting else Answer.YES
        evidence = messages.reviewed_evidence(approved, missing, waiting)
        yield Criterion(Phase.REVIEW, messages.REVIEWED, state, evidence, Weight.RECORD)

    def _whole(self) -> Iterator[Criterion]:
        numbers = [member.number for member in self._plan.members]
        yield self._all_settled(None, messages.resolved_criterion(len(numbers), whole=True), numbers)
        waiting = [
            number
            for number in numbers
            if facts_of(self._facts, number).state in (State.BLOCKED, State.WAITING_ROLLOUT)
            and not is_settled(facts_of(self._facts, number))
        ]
        state = Answer.NO if waiting else Answer.YES
        yield Criterion(None, messages.NOTHING_BLOCKED, state, messages.blocked_evidence(waiting))
        yield self._no_failure()

    def _no_failure(self) -> Criterion:
        text = messages.NO_FAILURE
        if self._facts.incidents:
            told = messages.incidents_evidence(self._facts.incidents)
            return Criterion(None, text, Answer.NO, told, Weight.RECORD)
        if not self._facts.connected:
            return Criterion(None, text, Answer.UNKNOWN, messages.NOT_CONNECTED, Weight.RECORD)
        return Criterion(None, text, Answer.YES, messages.NO_FAILURE_EVIDENCE, Weight.RECORD)

    # --- the cluster ---

    def _version(self, wanted: WantedVersion) -> Criterion:
        scope = wanted.scope if self._plan.several else ""
        text = messages.version_criterion(wanted.name, wanted.version, scope)
        signal = self._runs(wanted)
        given_up = wanted.number is not None and self._is_given_up(wanted.number)
        weight = Weight.MUST if wanted.is_goal else Weight.RECORD if given_up else Weight.HEALTH
        return Criterion(Phase.CRITICAL, text, signal.answer, signal.evidence, weight)

    def _runs(self, wanted: WantedVersion) -> Signal:
        version = Version.parse(wanted.version)
        last = self._last_known(wanted)
        if last is not None and reaches(last.version, version):
            return Signal(Answer.YES, last.words)
        rollouts = [one.rollout for one in self._rollouts_of(wanted) if reaches(one.rollout.to, version)]
        pending = [one for one in rollouts if one.state is RolloutState.PENDING]
        if pending:
            told = self._is_told_of(wanted.provider)
            words = messages.version_pending(pending[-1].pull_request, told=told)
            return Signal(Answer.NO if told else Answer.UNKNOWN, words)
        if last is not None and any(one.state is RolloutState.ROLLED_OUT for one in rollouts):
            return Signal(Answer.NO, last.words)  # it ran, and was taken back
        if wanted.number is None:
            return Signal(Answer.NO, messages.version_unbrought(wanted.name, wanted.version))
        if self._is_given_up(wanted.number):
            return Signal(Answer.NO, messages.version_given_up(wanted.number))
        if facts_of(self._facts, wanted.number).status is PullRequestStatus.MERGED:
            return Signal(Answer.UNKNOWN, messages.version_pending(wanted.number, told=False))
        return Signal(Answer.NO, messages.version_open(wanted.number))

    def _is_told_of(self, provider: str) -> bool:
        """Whether a cluster tells which version of it runs: of Flux itself always, of others where one has done so."""
        told = {FLUX, *(one for one, _ in self._facts.running)}
        return self._facts.connected and provider in told

    def _last_known(self, wanted: WantedVersion) -> _Known | None:
        """The version that was said last to run there: by a cluster, or by a rollout that is done."""
        known = []
        for one in self._rollouts_of(wanted):
            rollout = one.rollout
            if rollout.state is RolloutState.ROLLED_OUT and is_exact(rollout.to):
                version = rollout.to.removeprefix("v")
                words = messages.version_rolled_out(rollout.pull_request, version, rollout.source)
                known.append(_Known(one.done_at or rollout.merged_at, version, words))
        seen = self._facts.running.get((wanted.provider, wanted.scope))
        if seen is not None:
            known.append(_Known(seen.at, seen.version, messages.version_seen(seen.version, seen.source)))
        return max(known, key=lambda one: one.at, default=None)

    def _rollouts_of(self, wanted: WantedVersion) -> list[Rolled]:
        here = wanted.provider, wanted.scope
        return [one for one in self._facts.rollouts if (one.rollout.provider, one.rollout.scope) == here]

    def _is_given_up(self, number: int) -> bool:
        return facts_of(self._facts, number).status is PullRequestStatus.CLOSED

    def served(self) -> list[Criterion]:
        """Whether the APIs that members start to use are there."""
        found: list[Criterion] = []
        told = set()
        for api in self._plan.apis:
            if (api.gvk, api.scope) in told:
                continue
            told.add((api.gvk, api.scope))
            scope = api.scope if self._plan.several else ""
            signal = self._is_served(api)
            weight = Weight.RECORD if self._is_given_up(api.consumer) else Weight.HEALTH
            text = messages.served_criterion(api.gvk, scope)
            found.append(Criterion(Phase.CRITICAL, text, signal.answer, signal.evidence, weight))
        return found

    def _is_served(self, api: WantedApi) -> Signal:
        now = self._facts.served.get((api.gvk, api.scope))
        if now is None:
            return _UNHEARD
        match now.served:
            case Served.YES:
                return Signal(Answer.YES, now.evidence)
            case Served.NO:
                by = api.provider
                if by is None or is_settled(facts_of(self._facts, by)):
                    return Signal(Answer.NO, now.evidence)
                return Signal(Answer.NO, messages.brought_evidence(now.evidence, by))
            case Served.MERGED:
                told = self._is_told_of(now.provider)
                return Signal(Answer.NO if told else Answer.UNKNOWN, now.evidence)
            case Served.UNKNOWN:
                return Signal(Answer.UNKNOWN, now.evidence)

    def _moved(self) -> Iterator[Criterion]:
        for gvk in dict.fromkeys(api.gvk for api in self._plan.apis):
            consumers = [api.consumer for api in self._plan.apis if api.gvk == gvk]
            given_up = all(self._is_given_up(number) for number in consumers)
            left = self._facts.outdated.get(gvk, ())
            state = Answer.NO if left else Answer.YES
            weight = Weight.RECORD if given_up else Weight.MUST
            yield Criterion(
                Phase.DOWNSTREAM, messages.moved_criterion(gvk), state, messages.moved_evidence(left), weight
            )

    def _health(self) -> Iterator[Criterion]:
        if not any(member.phase is Phase.CRITICAL for member in self._plan.members):
            return
        controllers, synced = self._facts.controllers or _UNHEARD, synced_signal(self._facts)
        yield Criterion(
            Phase.CRITICAL, messages.HEALTHY_CONTROLLERS, controllers.answer, controllers.evidence, Weight.HEALTH
        )
        # A cluster that has spoken will speak again: its word on the last merge is waited for.
        speaks = self._facts.connected and self._facts.synced is not None and self._facts.synced.speaks
        weight = Weight.MUST if speaks else Weight.HEALTH
        yield Criterion(Phase.CRITICAL, messages.SYNCED, synced.answer, synced.evidence, weight)


def synced_signal(facts: MilestoneFacts) -> Signal:
    if not facts.connected:
        return Signal(Answer.UNKNOWN, messages.NOT_CONNECTED)
    return facts.synced.signal if facts.synced is not None else Signal(Answer.UNKNOWN, messages.NOTHING_HEARD)
