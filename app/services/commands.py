"""Carry out what people ask in comments and by buttons: permission at GitHub, the deed, and an answer.

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
from app.domain.buttons import BUTTONS
from app.domain.commands import COMMANDS, CommandRow, Permission, Verb, help_message
from app.domain.evidence_links import Links
from app.domain.model import Plan, PullRequestStatus, RolloutState, State
from app.github.errors import Forbidden, GitHubError, NotFound, RateLimited, Refused
from app.services.branches import JudgedBranches
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
    """`reaction` is GitHub's name of an emoji; `comment` is empty where the reaction says enough.

    Where `is_collaborator` is not known, the answer to a button is kept in the history and not written to GitHub.
    """

    state: str
    reaction: str
    comment: str = ""
    is_collaborator: bool = True


@dataclass(frozen=True, slots=True)
class MadePlan:
    """A plan, and where the lines that it quotes can be looked at; branches without a pull request apart."""

    plan: Plan
    links: Links
    branches: JudgedBranches | None = None


def _done(comment: str = "", *, reaction: str = "+1") -> Answer:
    return Answer("done", reaction, comment)


def _refused(comment: str) -> Answer:
    return Answer("refused", "confused", comment)


async def run_marking_commands(look: Look) -> None:
    """Run what changes our own facts (hold, unhold, confirm, approve) before the plan is made."""
    await _run(look, None, _MARKS)


async def run_asking_commands(look: Look, made: MadePlan) -> None:
    """Run what needs the plan (help, why, plan, rebase), and answer what was not understood."""
    await _run(look, made, {Verb.HELP, Verb.WHY, Verb.PLAN, Verb.REBASE, None})


async def _run(look: Look, made: MadePlan | None, verbs: Set[Verb | None]) -> None:
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
            answer = refusal or await _carry_out(look, command, verb, made)
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
    asked = f"`/fluxmig {row.verb}`" if command.delivery is None else f"the button “{BUTTONS[row.verb].label}”"
    words = f"@{command.author}, {asked} needs {row.needs} permission on this repository; you have {permission}."
    # On a public repository GitHub says `read` of everybody.
    return Answer("refused", "confused", words, is_collaborator=permission != "read")


async def _carry_out(look: Look, command: Command, verb: Verb | None, made: MadePlan | None) -> Answer:
    match verb:
        case None:
            return _refused(command.argument)
        case Verb.HELP:
            return _done(help_message())
        case Verb.HOLD | Verb.UNHOLD | Verb.APPROVE | Verb.CONFIRM:
            raise LookupError(f"{verb} is run before the plan is made")
        case Verb.WHY | Verb.PLAN:
            return _told(command, verb, made)
        case Verb.REBASE:
            return await _rebase(look, command, made)


def _told(command: Command, verb: Verb, made: MadePlan | None) -> Answer:
    if made is None:
        return _refused("There is no plan yet.")
    if verb is Verb.PLAN:
        return _done(plan_answer(made.plan))
    try:
        return _done(why_answer(made.plan, command.number, made.links))
    except KeyError:
        return _refused("This pull request is not in the plan: it is closed, or it does not aim at the default branch.")


async def _rebase(look: Look, command: Command, made: MadePlan | None) -> Answer:
    try:
        planned = made.plan.of(command.number) if made else None
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
    if command.comment_id is None:
        return
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
    if command.delivery is not None:
        _note_press(session, look, command, answer)
        if answer.state == "done" or not answer.comment or not answer.is_collaborator:
            return
    payload = {"comment_id": command.comment_id, "reaction": answer.reaction, "comment": answer.comment}
    action = NewAction(ANSWER, command.number, f"answer:{command.id}", payload)
    await plan_actions(session, look.repository.id, [action])


def _note_press(session: AsyncSession, look: Look, command: Command, answer: Answer) -> None:
    """A button has no comment below which one could see what became of it, so the history tells."""
    label = BUTTONS[command.verb].label
    refused = answer.comment or "no permission on this repository."
    text = f"Pressed “{label}”." if answer.state == "done" else f"Pressed “{label}”, refused: {refused}"
    add_history(
        session, look.repository.id, command.number,
        at=look.context.clock(), actor=command.author, kind="button", text=text,
    )  # fmt: skip
