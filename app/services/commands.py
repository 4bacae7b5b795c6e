"""Carry out what people ask in comments and by buttons: permission at GitHub, the deed, and an answer.

👀 an answer is worked out, 🚀 Renovate was asked, 👍 done, 😕 refused. A comment gets one of the last three and one
answer, once the last of its commands is settled. What a person says on a pull request runs in the order in which it was
said: what changes our facts before the plan is made, what asks after its checks are written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import commands as command_rows
from app.db.actions import NewAction, plan_actions
from app.db.audit import record_audit
from app.db.models import Command
from app.db.pull_requests import add_history
from app.db.repositories import key_of
from app.db.work import want
from app.domain.answers import joined_answer, plan_answer, why_answer
from app.domain.commands import COMMANDS, CommandRow, Permission, Verb, help_message, is_at_least
from app.domain.config_check import ConfigCheckText
from app.domain.evidence_links import Links
from app.domain.messages.commands import PERMISSION_NOT_KNOWN
from app.domain.messages.modes import observed_only_note
from app.domain.model import Plan, Snapshot
from app.domain.modes import Mode
from app.domain.policy import DEFAULT_POLICY, Policy
from app.github.errors import Forbidden, GitHubError, HeldBack, NotFound, RateLimited, Refused, Unavailable
from app.services.branches import JudgedBranches
from app.services.command_answer import WITHDRAWN, Answer, done, one_reaction, refused
from app.services.execute import ANSWER
from app.services.facts import RETRY_AFTER, Look
from app.services.giving_way import give_way
from app.services.marks import MARKS, mark
from app.services.permissions import permission_of
from app.services.rebase_orders import rebase_downstream, rebase_one, recreate
from app.services.rollback import roll_back

log = structlog.get_logger()

_ROWS = {row.verb: row for row in COMMANDS}
ANSWERED_ONCE_IN = timedelta(hours=1)
"""Who may only read gets words once in this time on a pull request; on a public repository that is everybody."""


@dataclass(frozen=True, slots=True)
class MadePlan:
    """A plan, and where the lines that it quotes can be looked at; branches without a pull request apart."""

    plan: Plan
    links: Links
    branches: JudgedBranches | None = None
    policy: Policy = DEFAULT_POLICY
    configs: Mapping[int, ConfigCheckText] = field(default_factory=dict)
    """What the check of the configuration says on the pull requests that change it."""
    snapshot: Snapshot | None = None
    """What it was made of."""


async def run_marking_commands(look: Look) -> bool:
    """Run what changes our own facts before the plan is made, as far as nothing that asks stands before it. True where
    facts are to be read again."""
    were_done: set[Verb | None] = set()
    there: dict[int | None, bool] = {None: True}
    for said in await _list_said(look):
        for command in said:
            verb = _verb(command)
            if verb not in MARKS or not await _run_mark(look, command, verb, there):
                break
            were_done.add(verb)
    return Verb.REFRESH in were_done


async def run_asking_commands(look: Look, made: MadePlan) -> datetime | None:
    """Run what needs the plan (help, why, plan, rebase, recreate, rollback), and answer what was not understood.

    Returns when to try again what waits. Where something that changes our facts comes next, a look follows at once.
    """
    seen: dict[int | None, bool] = {None: True}
    for said in await _list_said(look):
        for command in said:
            await give_way(look)
            verb = _verb(command)
            if verb in MARKS:
                await _look_again(look, is_next=command is not said[0])
                break
            if not await _run_asking(look, command, verb, made, seen):
                break
    async with look.context.database.transaction() as session:
        waiting = await command_rows.list_waiting(session, look.repository.id)
    return min((command.run_after for command in waiting if command.run_after is not None), default=None)


async def _list_said(look: Look) -> list[list[Command]]:
    """What one person said on one pull request, in order. A comment that had to wait is by itself, and nothing behind
    it waits for it; until its time has come it is left out."""
    async with look.context.database.transaction() as session:
        waiting = await command_rows.list_waiting(session, look.repository.id)
    put_off = {_source(one): one.run_after for one in waiting if one.run_after is not None}
    said: dict[tuple[object, ...], list[Command]] = {}
    for command in waiting:
        until = put_off.get(_source(command))
        if until is None:
            said.setdefault((command.number, command.author), []).append(command)
        elif until <= look.context.clock():
            said.setdefault(_source(command), []).append(command)
    return list(said.values())


def _source(command: Command) -> tuple[int | None, str | None]:
    return command.comment_id, command.delivery


def _verb(command: Command) -> Verb | None:
    return Verb(command.verb) if command.verb else None


async def _look_again(look: Look, *, is_next: bool) -> None:
    if is_next:
        async with look.context.database.transaction() as session:
            await want(session, key_of(look.repository.id))


async def _run_mark(look: Look, command: Command, verb: Verb | None, there: dict[int | None, bool]) -> bool:
    """False where it waits. The deed and its settling are one transaction: it is done once, whatever comes between."""
    try:
        permission, answer = await _permitted(look, command, verb)
        if answer is None and not await _is_there(look, command, there):
            answer = WITHDRAWN
    except (HeldBack, Unavailable) as fault:
        await _put_off(look, command, fault)
        return False
    async with look.context.database.transaction() as session:
        if answer is None:
            answer = await mark(session, look, command, verb, permission=permission)
            if look.mode is Mode.OBSERVE and answer.state == "done":
                answer = done(observed_only_note())
        await _settle(session, look, command, answer)
    return True


async def _run_asking(
    look: Look, command: Command, verb: Verb | None, made: MadePlan, seen: dict[int | None, bool]
) -> bool:
    """False where it waits: GitHub does not answer, or what is left of its limits is kept for checks."""
    try:
        _, answer = await _permitted(look, command, verb)
        if answer is None and not await _acknowledge(look, command, seen):
            answer = WITHDRAWN
        answer = answer or await _carry_out(look, command, verb, made)
    except (HeldBack, Unavailable) as fault:
        await _put_off(look, command, fault)
        return False
    async with look.context.database.transaction() as session:
        await _settle(session, look, command, answer)
    return True


async def _put_off(look: Look, command: Command, fault: GitHubError) -> None:
    log.info("command waits", repository=look.repository.id, command=command.id, why=str(fault))
    async with look.context.database.transaction() as session:
        await command_rows.postpone_command(session, command.id, until=look.context.clock() + RETRY_AFTER)


async def _permitted(look: Look, command: Command, verb: Verb | None) -> tuple[str, Answer | None]:
    """The author's permission, and where it is not enough the refusal. What is no command needs what `help` needs."""
    row: CommandRow = _ROWS[verb or Verb.HELP]
    try:
        permission = await permission_of(look, command.author)
    except (Forbidden, Refused) as fault:
        log.error("permission not known", repository=look.repository.id, command=command.id, why=str(fault))
        return "none", refused(PERMISSION_NOT_KNOWN)
    needs = look.policy.commands.get(row.verb, row.needs)
    if not is_at_least(permission, needs):
        return permission, _no_permission(command, row, needs, permission)
    if permission == "read" and command.comment_id is not None and await _was_answered(look, command):
        return permission, Answer("refused", "confused")
    return permission, None


def _no_permission(command: Command, row: CommandRow, needs: Permission, permission: str) -> Answer:
    """An outsider gets the emoji only: nobody can make us write under a pull request by asking often. On a public
    repository GitHub says `read` of everybody."""
    if permission == "none" or (permission == "read" and command.delivery is None):
        return Answer("refused", "confused")
    asked = f"`/fluxmig {row.verb}`" if command.delivery is None else f"the {_pressed(command)}"
    words = f"@{command.author}, {asked} needs {needs} permission on this repository; you have {permission}."
    return Answer("refused", "confused", words, is_collaborator=permission != "read")


async def _was_answered(look: Look, command: Command) -> bool:
    async with look.context.database.transaction() as session:
        return await command_rows.was_answered(session, command, since=look.context.clock() - ANSWERED_ONCE_IN)


async def _is_there(look: Look, command: Command, there: dict[int | None, bool]) -> bool:
    """False where the comment is not there any more: its author took the command back. Where GitHub declines to say,
    the command is run all the same."""
    comment_id = command.comment_id
    if comment_id is not None and comment_id not in there:
        try:
            await look.gateway.get_comment(comment_id)
        except NotFound:
            there[comment_id] = False
        except (Forbidden, Refused) as fault:
            log.info("comment not read", repository=look.repository.id, command=command.id, why=str(fault))
            there[comment_id] = True
        else:
            there[comment_id] = True
    return there[comment_id]


async def _acknowledge(look: Look, command: Command, seen: dict[int | None, bool]) -> bool:
    """The eyes, once for a comment, to bridge the time until the answer; False as `_is_there` is. Nobody waits for the
    eyes: where the reaction fails for another reason, the command is run all the same."""
    comment_id = command.comment_id
    if command.run_after is not None:
        return True
    if comment_id is not None and comment_id not in seen:
        try:
            await look.gateway.react(comment_id, "eyes")
        except RateLimited:
            raise
        except NotFound:
            seen[comment_id] = False
        except GitHubError as fault:
            log.info("command not acknowledged", repository=look.repository.id, command=command.id, why=str(fault))
            seen[comment_id] = True
        else:
            seen[comment_id] = True
    return seen[comment_id]


async def _carry_out(look: Look, command: Command, verb: Verb | None, made: MadePlan | None) -> Answer:
    match verb:
        case None:
            return refused(command.argument)
        case Verb.HELP:
            return done(help_message(look.policy.commands))
        case Verb.HOLD | Verb.UNHOLD | Verb.APPROVE | Verb.CONFIRM | Verb.UNBLOCK | Verb.DEPENDS | Verb.REFRESH:
            raise LookupError(f"{verb} is run before the plan is made")
        case Verb.WHY | Verb.PLAN:
            return _told(command, verb, made)
        case Verb.REBASE if command.argument.lower().startswith("--downstream"):
            return await rebase_downstream(look, command.number, made.plan if made else None)
        case Verb.REBASE:
            return await rebase_one(look, command.number, made.plan if made else None)
        case Verb.RECREATE:
            return await recreate(look, command)
        case Verb.ROLLBACK:
            return await roll_back(look, command)


def _told(command: Command, verb: Verb, made: MadePlan | None) -> Answer:
    if made is None:
        return refused("There is no plan yet.")
    if verb is Verb.PLAN:
        return done(plan_answer(made.plan))
    try:
        return done(why_answer(made.plan, command.number, made.links))
    except KeyError:
        return refused("This pull request is not in the plan: it is closed, or it does not aim at the default branch.")


async def _settle(session: AsyncSession, look: Look, command: Command, answer: Answer) -> None:
    """The command is settled, and with the last one of a comment their answer goes to the outbox: neither is lost, and
    neither is made twice. What was taken back is not answered: there is nothing left to answer below."""
    await command_rows.finish_command(
        session,
        command.id,
        state=answer.state,
        answer=answer.comment,
        reaction=answer.reaction,
        at=look.context.clock(),
    )
    _audit(session, look, command, answer)
    if answer is WITHDRAWN:
        return
    if command.comment_id is None:
        await _settle_press(session, look, command, answer)
        return
    said = await command_rows.list_of_comment(session, command.comment_id)
    if all(one.state in ("done", "refused") for one in said):
        words = joined_answer((one.text, one.answer) for one in said)
        reaction = one_reaction(one.reaction for one in said)
        payload = {"comment_id": command.comment_id, "reaction": reaction, "comment": words}
        action = NewAction(ANSWER, command.number, f"{ANSWER}:comment:{command.comment_id}", payload)
        await plan_actions(session, look.repository.id, [action])


async def _settle_press(session: AsyncSession, look: Look, command: Command, answer: Answer) -> None:
    _note_press(session, look, command, answer)
    if answer.state != "done" and answer.comment and answer.is_collaborator:
        payload = {"comment_id": None, "reaction": answer.reaction, "comment": answer.comment}
        action = NewAction(ANSWER, command.number, f"{ANSWER}:{command.id}", payload)
        await plan_actions(session, look.repository.id, [action])


def _audit(session: AsyncSession, look: Look, command: Command, answer: Answer) -> None:
    place = f"{_place(command)}, delivery {command.delivery}" if command.delivery else None
    record_audit(
        session,
        look.repository.id,
        command.number,
        at=look.context.clock(),
        actor=command.author,
        kind=command.verb or "unknown",
        place=place or f"comment {command.comment_id}",
        said=command.text,
        result=answer.state,
        answer=answer.comment if answer.state == "refused" else "",
    )


def _note_press(session: AsyncSession, look: Look, command: Command, answer: Answer) -> None:
    """A button has no comment below which one could see what became of it, so the history tells."""
    refused = answer.comment or "no permission on this repository."
    verb, label = ("Ticked", "box") if _is_box(command) else ("Pressed", "button")
    what = f"{verb} {_pressed(command).removeprefix(f'{label} ')}"
    text = f"{what}." if answer.state == "done" else f"{what}, refused: {refused}"
    add_history(
        session, look.repository.id, command.number,
        at=look.context.clock(), actor=command.author, kind="button", text=text,
    )  # fmt: skip


def _pressed(command: Command) -> str:
    """`button “Rebase”`, `box “hold it”`: the text of a press is `Button: Rebase`."""
    kind, _, label = command.text.partition(": ")
    return f"{kind.lower()} “{label}”"


def _place(command: Command) -> str:
    return "a box of the dashboard" if _is_box(command) else "a button below the check"


def _is_box(command: Command) -> bool:
    return command.text.startswith("Box: ")
