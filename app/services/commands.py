"""Carry out what people ask in comments: permission at GitHub, the deed, and an answer on the pull request.

👀 received, 🚀 Renovate was asked, 👍 done, 😕 refused with a comment that says why.
"""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import commands as command_rows
from app.db.actions import NewAction, plan_actions
from app.db.clusters import list_rollouts
from app.db.models import Command
from app.db.models import PullRequest as PullRequestRow
from app.db.plans import list_awaited_rollouts
from app.db.pull_requests import add_history, approve, get_pull_request, hold, unhold
from app.domain.answers import plan_answer, refused_rebase_answer, why_answer
from app.domain.commands import COMMANDS, CommandRow, Permission, Verb, help_message
from app.domain.model import Plan, PullRequestStatus, RolloutState, State
from app.github.errors import Forbidden, GitHubError, HeldBack, NotFound, RateLimited, Refused
from app.services.execute import ANSWER
from app.services.facts import Look
from app.services.rebase import Refusal, request_rebase
from app.services.rollouts import close_rollout

log = structlog.get_logger()

_MARKS: Set[Verb | None] = {Verb.HOLD, Verb.UNHOLD, Verb.CONFIRM, Verb.APPROVE}
_ROWS = {row.verb: row for row in COMMANDS}
_ENOUGH: dict[Permission, frozenset[str]] = {
    Permission.READ: frozenset({"read", "triage", "write", "maintain", "admin"}),
    Permission.WRITE: frozenset({"write", "maintain", "admin"}),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """`reaction` is GitHub's name of an emoji; `comment` is empty where the reaction says enough."""

    state: str
    reaction: str
    comment: str = ""


def _done(comment: str = "", *, reaction: str = "+1") -> Answer:
    return Answer("done", reaction, comment)


def _refused(comment: str) -> Answer:
    return Answer("refused", "confused", comment)


async def run_marking_commands(look: Look) -> None:
    """Run what changes our own facts (hold, unhold, confirm, approve) before the plan is made."""
    await _run(look, None, _MARKS)


async def run_asking_commands(look: Look, plan: Plan) -> None:
    """Run what needs the plan (help, why, plan, rebase), and answer what was not understood."""
    await _run(look, plan, {Verb.HELP, Verb.WHY, Verb.PLAN, Verb.REBASE, None})


async def _run(look: Look, plan: Plan | None, verbs: Set[Verb | None]) -> None:
    async with look.context.database.transaction() as session:
        waiting = await command_rows.list_waiting(session, look.repository.id)
    for command in waiting:
        verb = Verb(command.verb) if command.verb else None
        if verb not in verbs:
            continue
        await _acknowledge(look, command)
        refusal = await _permitted(look, command, verb)
        if refusal is None and verb in _MARKS:
            await _run_mark(look, command, verb)
        else:
            try:
                answer = refusal or await _carry_out(look, command, verb, plan)
            except HeldBack as limit:  # the checks of this look come first; the command waits for the next one
                log.info("command waits", repository=look.repository.id, command=command.id, why=str(limit))
                continue
            async with look.context.database.transaction() as session:
                await _settle(session, look, command, answer)


async def _permitted(look: Look, command: Command, verb: Verb | None) -> Answer | None:
    """None if the author may, else the polite refusal. A line that is no command needs what `help` needs."""
    row: CommandRow = _ROWS[verb or Verb.HELP]
    try:
        permission = (await look.gateway.get_permission(command.author)).permission
    except NotFound:
        permission = "none"
    except (Forbidden, Refused) as fault:
        log.error("permission not known", repository=look.repository.id, command=command.id, why=str(fault))
        return _refused("GitHub did not tell me your permission on this repository, so I did nothing.")
    if permission in _ENOUGH[row.needs]:
        return None
    # An outsider gets the emoji only: nobody can make us write under a pull request by asking often.
    if permission == "none":
        return Answer("refused", "confused")
    return _refused(
        f"@{command.author}, `/fluxmig {row.verb}` needs {row.needs} permission on this repository; "
        f"you have {permission}."
    )


async def _carry_out(look: Look, command: Command, verb: Verb | None, plan: Plan | None) -> Answer:
    match verb:
        case None:
            return _refused(command.argument)
        case Verb.HELP:
            return _done(help_message())
        case Verb.HOLD | Verb.UNHOLD | Verb.APPROVE | Verb.CONFIRM:
            raise LookupError(f"{verb} is run before the plan is made")
        case Verb.WHY | Verb.PLAN:
            return _told(command, verb, plan)
        case Verb.REBASE:
            return await _rebase(look, command, plan)


def _told(command: Command, verb: Verb, plan: Plan | None) -> Answer:
    if plan is None:
        return _refused("There is no plan yet.")
    if verb is Verb.PLAN:
        return _done(plan_answer(plan))
    try:
        return _done(why_answer(plan, command.number))
    except KeyError:
        return _refused("This pull request is not in the plan: it is closed, or it does not aim at the default branch.")


async def _rebase(look: Look, command: Command, plan: Plan | None) -> Answer:
    try:
        planned = plan.of(command.number) if plan else None
    except KeyError:
        planned = None
    if planned is None or not planned.by_renovate:
        return _refused("I ask Renovate to rebase its own open pull requests only.")
    if planned.state in (State.BLOCKED, State.WAITING_ROLLOUT, State.HELD):
        return _refused(refused_rebase_answer(planned))
    refusal: Refusal | None = await request_rebase(look, command.number)
    return _refused(f"I did not ask Renovate: {refusal.why}.") if refusal else _done(reaction="rocket")


async def _run_mark(look: Look, command: Command, verb: Verb | None) -> None:
    """The deed and its settling are one transaction: it is done once, whatever happens in between."""
    async with look.context.database.transaction() as session:
        await _settle(session, look, command, await _mark(session, look, command, verb))


async def _mark(session: AsyncSession, look: Look, command: Command, verb: Verb | None) -> Answer:
    at = look.context.clock()
    row = await get_pull_request(session, look.repository.id, command.number)
    if row is None:
        return _refused("I do not know this pull request.")
    if verb is Verb.CONFIRM:
        return await _confirm(session, row, by=command.author, at=at)
    if not row.by_renovate:
        return _refused("I leave pull requests by people alone.")
    if row.status != PullRequestStatus.OPEN:
        return _refused(f"This pull request is {row.status}.")
    match verb:
        case Verb.HOLD:
            await hold(session, row.id, by=command.author, reason=command.argument)
            text = f"Held{': ' + command.argument if command.argument else ''}."
        case Verb.UNHOLD:
            await unhold(session, row.id)
            text = "No longer held."
        case _:
            await approve(session, row.id, by=command.author, sha=row.head_sha)
            text = f"Reviewed and approved at {row.head_sha[:8]}."
    add_history(session, look.repository.id, row.number, at=at, actor=command.author, kind=command.verb, text=text)
    return _done()


async def _confirm(session: AsyncSession, row: PullRequestRow, *, by: str, at: datetime) -> Answer:
    """Close the pending rollouts of this merged pull request, or those that this open one waits for."""
    awaited = {row.number, *await list_awaited_rollouts(session, row.id)}
    closed = [
        rollout
        for rollout in await list_rollouts(session, row.repository_id)
        if rollout.state == RolloutState.PENDING and rollout.number in awaited
    ]
    for rollout in closed:
        close_rollout(session, rollout, source=f"confirmed by {by}", at=at)
    return _done() if closed else _refused("Nothing here waits for a rollout: there is nothing to confirm.")


async def _acknowledge(look: Look, command: Command) -> None:
    """Nobody waits for the eyes: where the reaction fails, the command is run all the same."""
    try:
        await look.gateway.react(command.comment_id, "eyes")
    except RateLimited:
        raise
    except GitHubError as fault:
        log.info("command not acknowledged", repository=look.repository.id, command=command.id, why=str(fault))


async def _settle(session: AsyncSession, look: Look, command: Command, answer: Answer) -> None:
    """The command is settled and its answer goes to the outbox: neither is lost, and neither is made twice."""
    await command_rows.finish_command(
        session, command.id, state=answer.state, answer=answer.comment, at=look.context.clock()
    )
    payload = {"comment_id": command.comment_id, "reaction": answer.reaction, "comment": answer.comment}
    action = NewAction(ANSWER, command.number, f"answer:{command.id}", payload)
    await plan_actions(session, look.repository.id, [action])
