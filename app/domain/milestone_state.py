"""Judge the plan of a milestone by what is known: who is where, what holds, what it cost."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from app.domain.messages import milestone as messages
from app.domain.milestone import (
    Member,
    MemberNow,
    Metric,
    Milestone,
    MilestoneFacts,
    MilestonePlan,
    Phase,
    PhaseNow,
    RiskNow,
    Signal,
)
from app.domain.milestone_criteria import Criteria, facts_of, is_settled, synced_signal
from app.domain.milestone_lessons import find_lessons
from app.domain.model import Answer, PullRequestStatus, RolloutState


def judge_milestone(plan: MilestonePlan, facts: MilestoneFacts) -> Milestone:
    """How it stands. Its lessons come when it is reached."""
    settled = [member for member in plan.members if is_settled(facts_of(facts, member.number))]
    return Milestone(
        goal=str(plan.goal),
        resolved=len(settled),
        total=len(plan.members),
        phases=tuple(_phases(plan, facts)),
        criteria=Criteria(plan, facts).find(),
        risks=tuple(RiskNow(risk, over=_is_over(risk.numbers, facts)) for risk in plan.risks),
        metrics=tuple(_metrics(plan, facts)),
    )


def with_lessons(now: Milestone, plan: MilestonePlan, facts: MilestoneFacts) -> Milestone:
    """At the end: what was learned."""
    return replace(now, lessons=find_lessons(plan, facts))


def _is_over(numbers: tuple[int, ...], facts: MilestoneFacts) -> bool:
    return bool(numbers) and all(is_settled(facts_of(facts, number)) for number in numbers)


# --- phases ---


def _phases(plan: MilestonePlan, facts: MilestoneFacts) -> list[PhaseNow]:
    placed: dict[Phase, list[MemberNow]] = {phase: [] for phase in Phase}
    for member in plan.members:
        placed[_phase_now(member, facts)].append(_member(member, facts))
    return [PhaseNow(phase, *messages.HEADINGS[phase], tuple(members)) for phase, members in placed.items() if members]


def _phase_now(member: Member, facts: MilestoneFacts) -> Phase:
    """Who has a conflict is put aside, but not out of an order that has to be kept or a review that is due."""
    one = facts_of(facts, member.number)
    if one.conflicts_with and not is_settled(one) and member.phase in (Phase.PREPARE, Phase.DOWNSTREAM):
        return Phase.REBASE
    return member.phase


def _member(member: Member, facts: MilestoneFacts) -> MemberNow:
    one = facts_of(facts, member.number)
    if is_settled(one):
        note = messages.settled(merged=one.status is PullRequestStatus.MERGED)
    else:
        waits = [number for number in member.after if not _is_rolled_out(number, facts)]
        notes = [messages.after_rollout(waits)] if waits else []
        notes += [messages.conflicts(one.conflicts_with)] if one.conflicts_with else []
        note = "; ".join(notes)
    title, change = one.title or member.title, one.change or member.change
    return MemberNow(member.number, title, change, one.status, one.state, note)


def _is_rolled_out(number: int, facts: MilestoneFacts) -> bool:
    own = [one.rollout for one in facts.rollouts if one.rollout.pull_request == number]
    return bool(own) and all(one.state is RolloutState.ROLLED_OUT for one in own)


# --- metrics ---


def _metrics(plan: MilestonePlan, facts: MilestoneFacts) -> list[Metric]:
    merged = [
        one.settled_at
        for member in plan.members
        if (one := facts_of(facts, member.number)).status is PullRequestStatus.MERGED and one.settled_at is not None
    ]
    days = sorted(Counter(at.strftime("%Y-%m-%d") for at in merged).items())
    return [
        Metric(messages.PASSING, messages.passing_words((facts.passing, facts.open), (plan.passing, plan.open))),
        Metric(messages.BLOCKED, messages.waits_words(_waits(facts))),
        Metric(messages.REBASES, messages.rebases_words(dict(facts.rebases))),
        Metric(messages.MERGES, messages.merges_words(days)),
        _incidents(facts),
        _of(messages.CONTROLLERS, facts.controllers or Signal(Answer.UNKNOWN, messages.UNKNOWN_HEALTH)),
        _of(messages.SYNC, synced_signal(facts)),
        _availability(plan, facts),
    ]


def _waits(facts: MilestoneFacts) -> list[tuple[int, timedelta | None, datetime]]:
    """Each that waited, with the whole time, or since when while it does. The clock is not asked."""
    told: dict[int, tuple[int, timedelta | None, datetime]] = {}
    for wait in facts.waits:
        before = told.get(wait.number)
        took = None if wait.until is None else wait.until - wait.since
        if took is not None and before is not None and before[1] is not None:
            took += before[1]
        told[wait.number] = (wait.number, took, wait.since)
    return list(told.values())


def _incidents(facts: MilestoneFacts) -> Metric:
    if not facts.connected:
        return Metric(messages.INCIDENTS, messages.unknown(messages.NOT_CONNECTED), known=False)
    return Metric(messages.INCIDENTS, messages.incidents_words(facts.incidents))


def _of(name: str, signal: Signal) -> Metric:
    match signal.answer:
        case Answer.YES:
            return Metric(name, messages.good(signal.evidence))
        case Answer.NO:
            return Metric(name, messages.bad(signal.evidence))
        case Answer.UNKNOWN:
            return Metric(name, messages.unknown(signal.evidence), known=False)


def _availability(plan: MilestonePlan, facts: MilestoneFacts) -> Metric:
    """Of the APIs that the plan is about, or unknown where it is about none."""
    criteria = Criteria(plan, facts).served()
    if not criteria:
        return Metric(messages.APIS, messages.unknown(messages.UNKNOWN_HEALTH), known=False)
    known = all(one.state is not Answer.UNKNOWN for one in criteria)
    return Metric(messages.APIS, messages.served_words([(one.text, one.state) for one in criteria]), known=known)
