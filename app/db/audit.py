"""The audit log: it is added to, and never changed."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import AuditEntry


def record_audit(
    session: AsyncSession,
    repository_id: int,
    number: int | None,
    *,
    at: datetime,
    actor: str,
    kind: str,
    place: str,
    said: str,
    result: str,
    answer: str = "",
) -> None:
    """`kind` is a command's verb, or what ended: `hold-ended`, `unblock-ended`. `place` says where it was said."""
    session.add(
        AuditEntry(
            repository_id=repository_id,
            number=number,
            at=at,
            actor=actor,
            kind=kind,
            place=place,
            said=said,
            result=result,
            answer=answer,
        )
    )


async def list_audit(
    session: AsyncSession, repository_id: int, *, before: int | None = None, limit: int
) -> list[AuditEntry]:
    """Newest first; with `before`, those older than that id."""
    query = select(AuditEntry).where(AuditEntry.repository_id == repository_id)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return list(await session.scalars(query.order_by(AuditEntry.id.desc()).limit(limit)))
