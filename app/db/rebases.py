"""Rebases that were asked of Renovate, each from request to confirmation."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import PullRequest, RebaseRequest


async def list_in_flight(session: AsyncSession, repository_id: int) -> list[tuple[RebaseRequest, PullRequest]]:
    rows = await session.execute(
        select(RebaseRequest, PullRequest)
        .join(PullRequest, PullRequest.id == RebaseRequest.pull_request_id)
        .where(PullRequest.repository_id == repository_id, RebaseRequest.state == "requested")
        .order_by(RebaseRequest.id)
    )
    return [(request, pull_request) for request, pull_request in rows]


async def count_since(session: AsyncSession, pull_request_id: int, since: datetime) -> int:
    """Requests of any outcome since `since`: what the daily cap counts."""
    count = await session.scalar(
        select(func.count())
        .select_from(RebaseRequest)
        .where(RebaseRequest.pull_request_id == pull_request_id, RebaseRequest.requested_at >= since)
    )
    return count or 0
