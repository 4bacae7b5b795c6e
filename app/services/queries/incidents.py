"""Incidents as pages, REST and the command line show them."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import models
from app.db.incidents import incident_of, list_incidents
from app.domain.incidents import Incident


async def list_open(session: AsyncSession, repository_ids: Collection[int]) -> Mapping[int, tuple[Incident, ...]]:
    """Those that stand, by repository, the oldest first."""
    rows = await session.scalars(
        select(models.Incident)
        .where(models.Incident.repository_id.in_(repository_ids), models.Incident.closed_at.is_(None))
        .order_by(models.Incident.id)
    )
    found: dict[int, list[Incident]] = defaultdict(list)
    for row in rows:
        found[row.repository_id].append(incident_of(row, None))
    return {repository_id: tuple(some) for repository_id, some in found.items()}


async def list_newest(
    session: AsyncSession, repository_id: int, *, before: int | None = None, limit: int
) -> tuple[Incident, ...]:
    """The newest first, open and over; those below `before`."""
    rows = await list_incidents(session, repository_id, before=before, limit=limit)
    return tuple(incident_of(row, None) for row in rows)


async def list_of(session: AsyncSession, repository_id: int, number: int) -> tuple[Incident, ...]:
    """Those that a pull request is to blame for, the newest first."""
    rows = await session.scalars(
        select(models.Incident)
        .where(models.Incident.repository_id == repository_id, models.Incident.number == number)
        .order_by(models.Incident.id.desc())
        .limit(50)
    )
    return tuple(incident_of(row, None) for row in rows)
