"""What people are to be told outside GitHub, and which channels took it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Notification, Repository
from app.domain.notices import Notice


async def record_notices(session: AsyncSession, repository_id: int, notices: Iterable[Notice], *, at: datetime) -> bool:
    """Keep those that are new. True if any is."""
    rows = [
        {
            "repository_id": repository_id,
            "kind": notice.kind.value,
            "key": notice.key,
            "number": notice.number,
            "text": notice.text,
            "created_at": at,
        }
        for notice in notices
    ]
    if not rows:
        return False
    statement = insert(Notification).values(rows).on_conflict_do_nothing(index_elements=["repository_id", "key"])
    return bool(list(await session.scalars(statement.returning(Notification.id))))


async def list_waiting(session: AsyncSession, now: datetime) -> list[tuple[Notification, Repository]]:
    """Those that are due, with their repositories; the oldest first."""
    rows = await session.execute(
        select(Notification, Repository)
        .join(Repository, Repository.id == Notification.repository_id)
        .where(Notification.state == "waiting", or_(Notification.run_after.is_(None), Notification.run_after <= now))
        .order_by(Notification.repository_id, Notification.id)
    )
    return [(notification, repository) for notification, repository in rows]


async def get_next_try(session: AsyncSession) -> datetime | None:
    """When the next one that waits may be tried."""
    return await session.scalar(
        select(Notification.run_after)
        .where(Notification.state == "waiting")
        .order_by(Notification.run_after.nulls_first())
        .limit(1)
    )


async def save_attempt(
    session: AsyncSession,
    notification_id: int,
    *,
    sent_to: list[str],
    state: str,
    run_after: datetime | None,
    at: datetime,
) -> None:
    await session.execute(
        update(Notification)
        .where(Notification.id == notification_id)
        .values(
            sent_to=sent_to,
            state=state,
            attempts=Notification.attempts + 1,
            run_after=run_after,
            finished_at=None if state == "waiting" else at,
        )
    )
