"""Commands that change what we know of a pull request: they run before the plan is made, each in one transaction."""

from collections.abc import Set
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.actions import forget_check_text
from app.db.clusters import list_rollouts
from app.db.dependencies import add_dependency, list_dependencies, remove_dependencies
from app.db.models import Command, Rollout
from app.db.models import PullRequest as PullRequestRow
from app.db.plans import list_awaited, list_awaited_rollouts, list_hard_edges
from app.db.pull_requests import (
    add_history,
    approve,
    get_by_numbers,
    get_pull_request,
    hold,
    mark_pull_request_stale,
    unblock,
    unhold,
)
from app.db.repositories import mark_stale
from app.domain.command_arguments import BadArgument, DependsOrder, read_depends, read_hold, read_unblock
from app.domain.commands import Verb
from app.domain.graph import way_between
from app.domain.messages.commands import HEAD_IS_NEWER
from app.domain.messages.conduct import circle_words, moment
from app.domain.model import PullRequestStatus, RolloutState, State
from app.domain.rollout_terms import Proof
from app.services.command_answer import Answer, done, refused
from app.services.facts import Look
from app.services.incidents import confirm_over
from app.services.rollouts import close_rollout

MARKS: Set[Verb | None] = {
    Verb.HOLD,
    Verb.UNHOLD,
    Verb.CONFIRM,
    Verb.APPROVE,
    Verb.UNBLOCK,
    Verb.DEPENDS,
    Verb.REFRESH,
}


async def mark(session: AsyncSession, look: Look, command: Command, verb: Verb | None, *, permission: str) -> Answer:
    """The deed, and what is to be said of it. `permission` is what the author has on the repository."""
    at = look.context.clock()
    row = await get_pull_request(session, look.repository.id, command.number)
    if row is None:
        return refused("I do not know this pull request.")
    if verb is Verb.CONFIRM:
        is_over = await confirm_over(look, session, row, by=command.author)
        answer = await _confirm(session, row, by=command.author, at=at)
        return done() if is_over else answer
    if verb is Verb.REFRESH:
        return await _refresh(session, row)
    if not row.by_renovate:
        return refused("I leave pull requests by people alone.")
    if row.status != PullRequestStatus.OPEN:
        return refused(f"This pull request is {row.status}.")
    try:
        outcome = await _change(session, row, command, verb, at, permission)
    except BadArgument as mistake:
        return refused(str(mistake))
    if isinstance(outcome, Answer):
        return outcome
    add_history(session, look.repository.id, row.number, at=at, actor=command.author, kind=command.verb, text=outcome)
    return done()


async def _change(
    session: AsyncSession, row: PullRequestRow, command: Command, verb: Verb | None, at: datetime, permission: str
) -> Answer | str:
    """What was done, in words for the history; an Answer where it was not done."""
    match verb:
        case Verb.HOLD:
            order = read_hold(command.argument)
            until = at + order.span if order.span else None
            await hold(session, row.id, by=command.author, reason=order.reason, until=until)
            return f"Held{f' until {moment(until)}' if until else ''}{f': {order.reason}' if order.reason else ''}."
        case Verb.UNHOLD:
            await unhold(session, row.id)
            return "No longer held."
        case Verb.UNBLOCK:
            return await _unblock(session, row, command, at)
        case Verb.DEPENDS:
            return await _depends(session, row, read_depends(command.argument), by=command.author, at=at)
        case _:
            if command.head_sha != row.head_sha or _came_later(row, command.said_at):
                return refused(HEAD_IS_NEWER)
            await approve(session, row, by=command.author, permission=permission)
            return f"Reviewed and approved at {row.head_sha[:8]}."


def _came_later(row: PullRequestRow, said_at: datetime | None) -> bool:
    """Whether we saw the present head come only after that: a delivery may be heard of long after it was said."""
    return said_at is not None and bool(row.head_times) and datetime.fromisoformat(row.head_times[-1]) > said_at


async def _confirm(session: AsyncSession, row: PullRequestRow, *, by: str, at: datetime) -> Answer:
    """Close the pending rollouts of this merged pull request, or those that this open one waits for."""
    awaited = {row.number, *await list_awaited_rollouts(session, row.id)}
    waited_for = await list_awaited(session, row.repository_id)
    closed = [
        rollout
        for rollout in await list_rollouts(session, row.repository_id)
        if rollout.number in awaited and _can_be_confirmed(rollout, is_awaited=rollout.number in waited_for)
    ]
    for rollout in closed:
        close_rollout(session, rollout, source=f"confirmed by {by}", proof=Proof.CONFIRM, at=at)
    return done() if closed else refused("Nothing here waits for a rollout: there is nothing to confirm.")


def _can_be_confirmed(rollout: Rollout, *, is_awaited: bool) -> bool:
    """What is pending; and what is rolled out, while something waits for its CRDs all the same."""
    if rollout.state == RolloutState.PENDING:
        return True
    return rollout.state == RolloutState.ROLLED_OUT and rollout.proof != Proof.CONFIRM and is_awaited


async def _refresh(session: AsyncSession, row: PullRequestRow) -> Answer:
    """The look that follows reads both again and writes the check again."""
    await mark_pull_request_stale(session, row.repository_id, row.number, None)
    row.changes_sha = ""
    await mark_stale(session, row.repository_id, base=True)
    await forget_check_text(session, [row.id], row.head_sha)
    return done()


async def _unblock(session: AsyncSession, row: PullRequestRow, command: Command, at: datetime) -> Answer | str:
    if command.argument.strip().lower() == "off":
        if row.unblocked_by is None:
            return refused("Nobody has unblocked this pull request.")
        await unblock(session, row.id, by=None, reason=None, until=None)
        return "No longer unblocked."
    order = read_unblock(command.argument)
    if row.hold_by is not None:
        return refused(f"{row.hold_by} holds it: that ends by `/fluxmig unhold`.")
    if row.unblocked_by is None and row.state not in (State.BLOCKED, State.WAITING_ROLLOUT, State.HELD):
        return refused(f"Nothing blocks this pull request: it is {row.state.replace('-', ' ')}.")
    until = at + order.span
    await unblock(session, row.id, by=command.author, reason=order.reason, until=until)
    return f"Unblocked until {moment(until)}: {order.reason}. It was {row.state.replace('-', ' ')}: {row.reason}"


async def _depends(
    session: AsyncSession, row: PullRequestRow, order: DependsOrder, *, by: str, at: datetime
) -> Answer | str:
    names = ", ".join(f"#{number}" for number in order.numbers)
    if order.off:
        gone = await remove_dependencies(session, row.repository_id, row.number, order.numbers)
        if not gone:
            return refused(f"Nobody said that this depends on {names}.")
        return f"No longer depends on {', '.join(f'#{number}' for number in gone)}."
    known = await get_by_numbers(session, row.repository_id, order.numbers)
    for number in order.numbers:
        if number not in known:
            return refused(f"I know no pull request #{number} of this repository.")
        if known[number].status == PullRequestStatus.CLOSED:
            return refused(f"#{number} was closed without a merge, so nothing would ever free this.")
        if way := await _way_back(session, row, number):
            return refused(f"#{number} waits for this one already ({circle_words(way)}): they would wait for ever.")
    for number in order.numbers:
        await add_dependency(session, row.repository_id, row.number, number, by=by, at=at)
    return f"Depends on {names}."


async def _way_back(session: AsyncSession, row: PullRequestRow, number: int) -> tuple[int, ...]:
    """How `number` waits for `row` by what must be waited for, by the last plan and by what people said since."""
    edges = await list_hard_edges(session, row.repository_id)
    edges += [(one.number, one.to_number) for one in await list_dependencies(session, row.repository_id)]
    return way_between(edges, number, row.number)
