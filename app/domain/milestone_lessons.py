"""What was learned, from what was kept: who was held and why, what would have broken, how long each phase took."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from app.domain.incidents import Incident, by_culprit
from app.domain.messages import milestone as messages
from app.domain.milestone import MilestoneFacts, MilestonePlan, Phase, Wait, WaitEnd
from app.domain.milestone_criteria import facts_of
from app.domain.model import PullRequestStatus, RolloutState

Lessons = tuple[tuple[str, tuple[str, ...]], ...]


def find_lessons(plan: MilestonePlan, facts: MilestoneFacts) -> Lessons:
    """(heading, sentences); a heading without any is left out."""
    told = (
        (messages.LESSON_WELL, tuple(_well(plan, facts))),
        (messages.LESSON_HARD, tuple(_hard(plan, facts))),
        (messages.LESSON_ORDER, tuple(_people(plan, facts))),
        (messages.LESSON_TIME, tuple(_time(plan, facts))),
    )
    return tuple((heading, sentences) for heading, sentences in told if sentences)


def _well(plan: MilestonePlan, facts: MilestoneFacts) -> Iterator[str]:
    states = [facts_of(facts, member.number).status for member in plan.members]
    yield messages.resolved_lesson(states.count(PullRequestStatus.MERGED), states.count(PullRequestStatus.CLOSED))
    if not facts.connected:
        yield messages.NO_WITNESS
    elif not facts.incidents:
        yield messages.NO_INCIDENT


def _hard(plan: MilestonePlan, facts: MilestoneFacts) -> Iterator[str]:
    broken = by_culprit(facts.incidents)
    held = [wait for wait in facts.waits if wait.until is not None]
    for wait in held:
        yield _held(wait, broken.get(wait.number, ()), facts)
    against = {wait.number for wait in held if wait.end is WaitEnd.MERGED}
    spared = {wait.number for wait in held} - against - broken.keys()
    for api in plan.apis:
        if api.provider is not None and api.consumer in spared:
            yield messages.broken_lesson(api.consumer, api.provider, api.gvk, api.shared)
    if not held:
        yield messages.NOTHING_HELD
    for culprit, incidents in broken.items():
        if culprit not in against:
            yield messages.incidents_lesson(culprit, incidents)


def _held(wait: Wait, incidents: Sequence[Incident], facts: MilestoneFacts) -> str:
    assert wait.until is not None
    took = messages.span(wait.until - wait.since)
    match wait.end:
        case WaitEnd.MERGED:
            return messages.merged_held_lesson(
                wait.number, took, wait.reason, incidents=incidents, connected=facts.connected
            )
        case WaitEnd.CLOSED:
            return messages.closed_held_lesson(wait.number, took, wait.reason)
        case _:
            return messages.held_lesson(wait.number, took, wait.reason)


def _people(plan: MilestonePlan, facts: MilestoneFacts) -> Iterator[str]:
    if facts.rebases:
        yield messages.rebases_lesson(messages.rebases_words(dict(facts.rebases)))
    for member in plan.members:
        if by := facts_of(facts, member.number).approved_by:
            yield messages.approved_lesson(member.number, by)


def _time(plan: MilestonePlan, facts: MilestoneFacts) -> Iterator[str]:
    """A phase lasts from its first merge to its last, or to the end of the rollouts that it began."""
    for phase in Phase:
        members = [member.number for member in plan.members if member.phase is phase]
        times = sorted(_times(members, facts))
        if times:
            first, last = times[0], times[-1]
            heading = messages.HEADINGS[phase][0]
            yield messages.phase_lesson(heading, messages.span(last - first), first, last)
    names = {(one.provider, one.scope): one.name for one in plan.versions}
    numbers = {member.number for member in plan.members}
    for rolled in facts.rollouts:
        one = rolled.rollout
        name = names.get((one.provider, one.scope))
        done = one.state is RolloutState.ROLLED_OUT and rolled.done_at is not None and one.pull_request in numbers
        if name and done and rolled.done_at is not None:
            took = messages.span(rolled.done_at - one.merged_at)
            yield messages.rolled_out_lesson(name, one.to.removeprefix("v"), took, one.source)


def _times(numbers: list[int], facts: MilestoneFacts) -> Iterator[datetime]:
    for number in numbers:
        at = facts_of(facts, number).settled_at
        if at is not None:
            yield at
    for rolled in facts.rollouts:
        if rolled.rollout.pull_request in numbers and rolled.done_at is not None:
            yield rolled.done_at
