"""What GitHub was asked to deliver again, so that no restart asks for it all over."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Delivery, Redelivery
from app.domain.redelivery import Asked


async def list_arrived(session: AsyncSession, guids: Iterable[str]) -> set[str]:
    """Those of `guids` that are in the inbox."""
    return set(await session.scalars(select(Delivery.guid).where(Delivery.guid.in_(set(guids)))))


async def list_asked(session: AsyncSession) -> dict[str, Asked]:
    return {
        row.guid: Asked(row.asked, row.asked_at, row.inbox_position)
        for row in await session.scalars(select(Redelivery))
    }


async def get_newest_position(session: AsyncSession) -> int:
    """Of the inbox; 0 while it is empty."""
    return await session.scalar(select(func.max(Delivery.position))) or 0


async def record_asked(session: AsyncSession, guid: str, *, at: datetime, newest: int) -> None:
    values = {"asked_at": at, "inbox_position": newest}
    statement = insert(Redelivery).values(guid=guid, asked=1, **values)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["guid"], set_={"asked": Redelivery.asked + 1, **values})
    )
