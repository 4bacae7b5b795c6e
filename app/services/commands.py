"""Carry out what people ask in comments and by buttons: permission at GitHub, the deed, and an answer.

👀 received, 🚀 Renovate was asked, 👍 done, 😕 refused with a comment that says why.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import commands as command_rows
from app.db.actions import NewAction, plan_actions
from app.db.audit import record_audit
from app.db.models import Command
from app.db.pull_requests import add_history
from app.domain.answers import plan_answer, why_answer
from app.domain.commands import COMMANDS, LEVELS, CommandRow, Verb, help_message, is_at_least
from app.domain.config_check import ConfigCheckText
from app.domain.evidence_links import Links
from app.domain.messages.modes import observed_only_note
from app.domain.model import Plan, Snapshot
from app.domain.modes import Mode
from app.domain.policy import DEFAULT_POLICY, Policy
from app.github.errors import Forbidden, GitHubError, HeldBack, NotFound, RateLimited, Refused
from app.github.facts import PermissionFacts
from app.services.branches import JudgedBranches
from app.services.command_answer import Answer, done, refused
from app.services.execute import ANSWER
from app.services.facts import Look
from app.services.giving_way import give_way
from app.services.marks import MARKS, mark
from app.services.rebase_orders import rebase_downstream, rebase_one, recreate
from app.services.rollback import roll_back

log = structlog.get_logger()

_ROWS = {row.verb: row for row in COMMANDS}
_ASKING: Set[Verb | None] = {Verb.HELP, Verb.WHY, Verb.PLAN, Verb.REBASE, Verb.RECREATE, Verb.ROLLBACK, None}


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
    """Run what changes our own facts before the plan is made. True where facts are to be read again."""
    return Verb.REFRESH in await _run(look, None, MARKS)


async def run_asking_commands(look: Look, made: MadePlan) -> None:
    """Run what needs the plan (help, why, plan, rebase, recreate, rollback), and answer what was not understood."""
    await _run(look, made, _ASKING)


async def _run(look: Look, made: MadePlan | None, verbs: Set[Verb | None]) -> set[Verb | None]:
    """Returns the verbs that were done."""
    were_done: set[Verb | None] = set()
    async with look.context.database.transaction() as session:
        waiting = await command_rows.list_waiting(session, look.repository.id)
    for command in waiting:
        verb = Verb(command.verb) if command.verb else None
        if verb not in verbs:
            continue
        if made is not None:
            await give_way(look)
        if not await _acknowledge(look, command):
            async with look.context.database.transaction() as session:
                await _withdraw(session, look, command)
            continue
        allowed = await _permitted(look, command, verb)
        refusal = allowed if isinstance(allowed, Answer) else None
        if isinstance(allowed, str) and verb in MARKS:
            await _run_mark(look, command, verb, permission=allowed)
            were_done.add(verb)
        else:
            try:
                answer = refusal or await _carry_out(look, command, verb, made)
            except HeldBack as limit:  # the checks of this look come first; the command waits for the next one
                log.info("command waits", repository=look.repository.id, command=command.id, why=str(limit))
                continue
            async with look.context.database.transaction() as session:
                await _settle(session, look, command, answer)
    return were_done


async def _permitted(look: Look, command: Command, verb: Verb | None) -> Answer | str:
    """The author's permission if it is enough, else the polite refusal. What is no command needs what `help` needs."""
    row: CommandRow = _ROWS[verb or Verb.HELP]
    try:
        permission = _level(await look.gateway.get_permission(command.author))
    except NotFound:
        permission = "none"
    except (Forbidden, Refused) as fault:
        log.error("permission not known", repository=look.repository.id, command=command.id, why=str(fault))
        return refused("GitHub did not tell me your permission on this repository, so I did nothing.")
    needs = look.policy.commands.get(row.verb, row.needs)
    if is_at_least(permission, needs):
        return permission
    # An outsider gets the emoji only: nobody can make us write under a pull request by asking often.
    if permission == "none":
        return Answer("refused", "confused")
    asked = f"`/fluxmig {row.verb}`" if command.delivery is None else f"the {_pressed(command)}"
    words = f"@{command.author}, {asked} needs {needs} permission on this repository; you have {permission}."
    # On a public repository GitHub says `read` of everybody.
    return Answer("refused", "confused", words, is_collaborator=permission != "read")


def _level(facts: PermissionFacts) -> str:
    """GitHub's `permission` knows neither triage nor maintain, and `role_name` may be a role of the organisation."""
    return next((one for one in (facts.role_name, facts.permission) if one in LEVELS), "none")


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


async def _run_mark(look: Look, command: Command, verb: Verb | None, *, permission: str) -> None:
    """The deed and its settling are one transaction: it is done once, whatever happens in between."""
    async with look.context.database.transaction() as session:
        answer = await mark(session, look, command, verb, permission=permission)
        if look.mode is Mode.OBSERVE and answer.state == "done":
            answer = done(observed_only_note())
        await _settle(session, look, command, answer)


async def _acknowledge(look: Look, command: Command) -> bool:
    """False where the comment is not there any more: its author took the command back. Nobody waits for the eyes: where
    the reaction fails for another reason, the command is run all the same."""
    if command.comment_id is None:
        return True
    try:
        await look.gateway.react(command.comment_id, "eyes")
    except RateLimited:
        raise
    except NotFound:
        return False
    except GitHubError as fault:
        log.info("command not acknowledged", repository=look.repository.id, command=command.id, why=str(fault))
    return True


async def _withdraw(session: AsyncSession, look: Look, command: Command) -> None:
    """Nothing is done and nothing is answered: there is nothing left to answer below."""
    await command_rows.finish_command(session, command.id, state="withdrawn", answer="", at=look.context.clock())
    _audit(session, look, command, Answer("withdrawn", ""))


async def _settle(session: AsyncSession, look: Look, command: Command, answer: Answer) -> None:
    """The command is settled and its answer goes to the outbox: neither is lost, and neither is made twice."""
    await command_rows.finish_command(
        session, command.id, state=answer.state, answer=answer.comment, at=look.context.clock()
    )
    _audit(session, look, command, answer)
    if command.delivery is not None:
        _note_press(session, look, command, answer)
        if answer.state == "done" or not answer.comment or not answer.is_collaborator:
            return
    payload = {"comment_id": command.comment_id, "reaction": answer.reaction, "comment": answer.comment}
    action = NewAction(ANSWER, command.number, f"answer:{command.id}", payload)
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
