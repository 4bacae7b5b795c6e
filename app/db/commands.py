"""Commands that people gave, kept as the audit trail: who, what, when, and the answer."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Command


@dataclass(frozen=True, slots=True)
class NewCommand:
    """A line of a comment (`comment_id` and `position`), or a press (`delivery`)."""

    number: int
    author: str
    text: str
    verb: str
    head_sha: str
    said_at: datetime | None
    argument: str = ""
    comment_id: int | None = None
    position: int = 0
    delivery: str | None = None


async def record_command(session: AsyncSession, repository_id: int, new: NewCommand) -> None:
    """Store a command once: the same comment or press delivered twice is still one."""
    await session.execute(insert(Command).values(repository_id=repository_id, **asdict(new)).on_conflict_do_nothing())


async def list_waiting(session: AsyncSession, repository_id: int) -> list[Command]:
    """What is not settled yet, due or not, in the order in which it was said."""
    rows = await session.scalars(
        select(Command)
        .where(Command.repository_id == repository_id, Command.state == "received")
        .order_by(Command.comment_id.nulls_last(), Command.position, Command.id)
    )
    return list(rows)


async def list_of_comment(session: AsyncSession, comment_id: int) -> list[Command]:
    """All commands of a comment, in order."""
    rows = await session.scalars(
        select(Command)
        .where(Command.comment_id == comment_id)
        .order_by(Command.position)
        .execution_options(populate_existing=True)
    )
    return list(rows)


async def finish_command(
    session: AsyncSession, command_id: int, *, state: str, answer: str, at: datetime, reaction: str = ""
) -> None:
    """`state` is done, refused, failed, or withdrawn with its comment."""
    values = {"state": state, "answer": answer, "reaction": reaction, "finished_at": at}
    await session.execute(update(Command).where(Command.id == command_id).values(**values))


async def postpone_command(session: AsyncSession, command_id: int, *, until: datetime) -> None:
    await session.execute(update(Command).where(Command.id == command_id).values(run_after=until))


async def was_answered(session: AsyncSession, command: Command, *, since: datetime) -> bool:
    """Whether another comment by the same person on the same pull request got words."""
    in_another = (Command.comment_id.is_not(None), Command.comment_id != command.comment_id)
    return await _has_said(session, command, *in_another, Command.answer != "", since=since)


async def has_asked(session: AsyncSession, command: Command, *, since: datetime) -> bool:
    """Whether the same person gave the same command without an argument before, in another comment, and was heard."""
    the_same = (Command.verb == command.verb, Command.argument == "", Command.state == "done")
    return await _has_said(session, command, *the_same, Command.comment_id < command.comment_id, since=since)


async def _has_said(session: AsyncSession, command: Command, *what: ColumnElement[bool], since: datetime) -> bool:
    """Whether the author of `command` gave one there that is so, finished since then."""
    found = await session.scalar(
        select(Command.id)
        .where(
            Command.repository_id == command.repository_id,
            Command.number == command.number,
            Command.author == command.author,
            Command.finished_at >= since,
            *what,
        )
        .limit(1)
    )
    return found is not None
