"""The inbox of webhook deliveries."""

import zlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Delivery
from app.db.session import Database

# One statement, one commit: the delivery is stored once by its GUID, and only a new one asks for work. The row of
# `work` stays locked until the commit, so a worker cannot finish the old number in between.
_RECORD = """
with stored as (
  insert into deliveries (guid, key, event, action, installation_id, repository_id, body)
  values (%(guid)s, %(key)s, %(event)s, %(action)s, %(installation_id)s, %(repository_id)s, %(body)s)
  on conflict (guid) do nothing
  returning key
)
insert into work (key, wanted_seq) select key, 1 from stored
on conflict (key) do update set
  wanted_seq = work.wanted_seq + 1,
  run_after = case when %(urgent)s then null else work.run_after end
returning wanted_seq
"""


@dataclass(frozen=True, slots=True)
class NewDelivery:
    guid: str
    key: str
    event: str
    action: str | None
    installation_id: int | None
    repository_id: int | None
    body: bytes
    urgent: bool = False
    """It does not wait for the end of a back-off."""


async def record_delivery(database: Database, delivery: NewDelivery) -> bool:
    """Store a delivery and ask for its work. False when this GUID is already known."""
    values = {
        "guid": delivery.guid,
        "key": delivery.key,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation_id,
        "repository_id": delivery.repository_id,
        "urgent": delivery.urgent,
        "body": zlib.compress(delivery.body, 1),
    }
    async with database.pool.connection() as connection:
        return await (await connection.execute(_RECORD, values)).fetchone() is not None


async def is_waiting(session: AsyncSession, key: str, event: str) -> bool:
    """Whether a delivery of that event waits for `key`."""
    waiting = select(Delivery.guid).where(Delivery.key == key, Delivery.state == "received", Delivery.event == event)
    return await session.scalar(waiting.limit(1)) is not None


async def list_waiting(session: AsyncSession, key: str) -> list[Delivery]:
    """The deliveries of `key` that were not looked at, in the order in which they came."""
    rows = await session.scalars(
        select(Delivery).where(Delivery.key == key, Delivery.state == "received").order_by(Delivery.position)
    )
    return list(rows)


def body_of(delivery: Delivery) -> bytes:
    return zlib.decompress(delivery.body)


async def finish_delivery(session: AsyncSession, guid: str, *, state: str, note: str, at: datetime) -> None:
    """`state` is done, ignored or failed; a failed one keeps its body and can be replayed."""
    await session.execute(
        update(Delivery).where(Delivery.guid == guid).values(state=state, note=note[:2000], finished_at=at)
    )


async def replay_delivery(session: AsyncSession, guid: str) -> str | None:
    """Put a delivery back into the inbox. Returns the key of its work, or None if there is no such delivery."""
    return await session.scalar(
        update(Delivery)
        .where(Delivery.guid == guid)
        .values(state="received", note="", finished_at=None)
        .returning(Delivery.key)
    )
