"""The audit log as people and programs read it."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.db import audit
from app.services.queries.items import AuditItem


async def list_audit(
    session: AsyncSession, repository_id: int, *, before: int | None = None, limit: int
) -> tuple[AuditItem, ...]:
    """Newest first; with `before`, those older than that id."""
    return tuple(
        AuditItem(
            id=row.id,
            at=row.at,
            number=row.number,
            actor=row.actor,
            kind=row.kind,
            place=row.place,
            said=row.said,
            result=row.result,
            answer=row.answer,
        )
        for row in await audit.list_audit(session, repository_id, before=before, limit=limit)
    )
