"""The inbox, newest first. Bodies stay in the table: they hold more than a reader of lists should see."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import models
from app.services.queries.items import DeliveryItem

_DELIVERY = (
    models.Delivery.guid,
    models.Delivery.position,
    models.Delivery.event,
    models.Delivery.action,
    models.Delivery.repository_id,
    models.Delivery.state,
    models.Delivery.note,
    models.Delivery.received_at,
    models.Delivery.finished_at,
)


async def list_deliveries(
    session: AsyncSession, *, state: str | None = None, before: tuple[datetime, int] | None = None, limit: int = 50
) -> list[DeliveryItem]:
    """Deliveries older than `before` (time of receipt, position), newest first."""
    query = select(*_DELIVERY)
    if state is not None:
        query = query.where(models.Delivery.state == state)
    if before is not None:
        query = query.where(tuple_(models.Delivery.received_at, models.Delivery.position) < tuple_(*before))
    return [
        _item(row)
        for row in await session.execute(
            query.order_by(models.Delivery.received_at.desc(), models.Delivery.position.desc()).limit(limit)
        )
    ]


async def get_delivery(session: AsyncSession, guid: str) -> DeliveryItem | None:
    row = (await session.execute(select(*_DELIVERY).where(models.Delivery.guid == guid))).one_or_none()
    return None if row is None else _item(row)


def _item(row: Row[*tuple[Any, ...]]) -> DeliveryItem:
    return DeliveryItem(
        guid=row.guid,
        position=row.position,
        event=row.event,
        action=row.action,
        repository_id=row.repository_id,
        state=row.state,
        note=row.note,
        received_at=row.received_at,
        finished_at=row.finished_at,
    )
