"""Commands that people gave, kept as the audit trail: who, what, when, and the answer."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Command


async def record_command(
    session: AsyncSession,
    repository_id: int,
    number: int,
    *,
    comment_id: int,
    position: int,
    author: str,
    text: str,
    verb: str,
    argument: str,
) -> None:
    """Store a command once: the same comment delivered twice is still one command."""
    statement = insert(Command).values(
        repository_id=repository_id,
        number=number,
        comment_id=comment_id,
        position=position,
        author=author,
        text=text,
        verb=verb,
        argument=argument,
    )
    await session.execute(statement.on_conflict_do_nothing(index_elements=["comment_id", "position"]))


async def record_press(
    session: AsyncSession, repository_id: int, number: int, *, delivery: str, author: str, text: str, verb: str
) -> None:
    """Store a press of a button once, however often its delivery comes."""
    statement = insert(Command).values(
        repository_id=repository_id,
        number=number,
        delivery=delivery,
        position=0,
        author=author,
        text=text,
        verb=verb,
        argument="",
    )
    await session.execute(statement.on_conflict_do_nothing(index_elements=["delivery"]))


async def list_waiting(session: AsyncSession, repository_id: int) -> list[Command]:
    rows = await session.scalars(
        select(Command)
        .where(Command.repository_id == repository_id, Command.state == "received")
        .order_by(Command.comment_id.nulls_last(), Command.position, Command.id)
    )
    return list(rows)


async def finish_command(session: AsyncSession, command_id: int, *, state: str, answer: str, at: datetime) -> None:
    """`state` is done, refused, failed, or withdrawn with its comment."""
    await session.execute(
        update(Command).where(Command.id == command_id).values(state=state, answer=answer, finished_at=at)
    )


async def has_asked(session: AsyncSession, command: Command, *, since: datetime) -> bool:
    """Whether the same person gave the same command without an argument before, in another comment, and was heard."""
    found = await session.scalar(
        select(Command.id)
        .where(
            Command.repository_id == command.repository_id,
            Command.number == command.number,
            Command.author == command.author,
            Command.verb == command.verb,
            Command.argument == "",
            Command.state == "done",
            Command.comment_id < command.comment_id,
            Command.finished_at >= since,
        )
        .limit(1)
    )
    return found is not None
