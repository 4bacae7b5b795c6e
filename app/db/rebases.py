"""Rebases that were asked of Renovate, each from request to confirmation."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import PullRequest, RebaseRequest
from app.domain.rebase import A_DAY, AN_HOUR, Asked

_LOOKED_BACK = 20
"""Requests of a repository, and of a pull request, that are looked at for whether anybody answers them."""


async def list_in_flight(session: AsyncSession, repository_id: int) -> list[tuple[RebaseRequest, PullRequest]]:
    rows = await session.execute(
        select(RebaseRequest, PullRequest)
        .join(PullRequest, PullRequest.id == RebaseRequest.pull_request_id)
        .where(PullRequest.repository_id == repository_id, RebaseRequest.state == "requested")
        .order_by(RebaseRequest.id)
    )
    return [(request, pull_request) for request, pull_request in rows]


async def get_asked(session: AsyncSession, row: PullRequest, now: datetime) -> Asked:
    """What was asked for a pull request, and in its repository."""
    rows = list(
        await session.scalars(
            select(RebaseRequest)
            .join(PullRequest, PullRequest.id == RebaseRequest.pull_request_id)
            .where(PullRequest.repository_id == row.repository_id, RebaseRequest.state != "refused")
            .order_by(RebaseRequest.id.desc())
            .limit(_LOOKED_BACK)
        )
    )
    own = list(
        await session.scalars(
            select(RebaseRequest)
            .where(RebaseRequest.pull_request_id == row.id, RebaseRequest.state != "refused")
            .order_by(RebaseRequest.id.desc())
            .limit(_LOOKED_BACK)
        )
    )
    stale, own_stale = _unanswered(rows), _unanswered(own)
    return Asked(
        today=await _count_since(session, row.id, now - A_DAY),
        unanswered=len(own_stale),
        newest=own_stale[0].settled_at if own_stale else None,
        silent=len(stale),
        silent_since=stale[0].settled_at if stale else None,
        within_hour=tuple(await _list_since(session, row.repository_id, now - AN_HOUR)),
        heads=tuple(datetime.fromisoformat(at) for at in row.head_times),
    )


def _unanswered(newest_first: list[RebaseRequest]) -> list[RebaseRequest]:
    """The last ones in a row that ended without an answer."""
    found = []
    for request in newest_first:
        if request.state == "confirmed":
            break
        if request.state == "stale" and request.silent:
            found.append(request)
    return found


async def _count_since(session: AsyncSession, pull_request_id: int, since: datetime) -> int:
    """Requests of any outcome: what the daily cap counts."""
    count = await session.scalar(
        select(func.count())
        .select_from(RebaseRequest)
        .where(
            RebaseRequest.pull_request_id == pull_request_id,
            RebaseRequest.state != "refused",
            RebaseRequest.requested_at >= since,
        )
    )
    return count or 0


async def _list_since(session: AsyncSession, repository_id: int, since: datetime) -> list[datetime]:
    rows = await session.scalars(
        select(RebaseRequest.requested_at)
        .join(PullRequest, PullRequest.id == RebaseRequest.pull_request_id)
        .where(
            PullRequest.repository_id == repository_id,
            RebaseRequest.state != "refused",
            RebaseRequest.requested_at > since,
        )
        .order_by(RebaseRequest.requested_at)
    )
    return list(rows)


async def get_last(session: AsyncSession, pull_request_id: int) -> RebaseRequest | None:
    """The newest of a pull request, refused ones too."""
    return await session.scalar(
        select(RebaseRequest)
        .where(RebaseRequest.pull_request_id == pull_request_id)
        .order_by(RebaseRequest.id.desc())
        .limit(1)
    )


async def list_tried(session: AsyncSession, pull_request_id: int, head_sha: str) -> list[str]:
    """The drivers that were tried for a head."""
    rows = await session.scalars(
        select(RebaseRequest.driver).where(
            RebaseRequest.pull_request_id == pull_request_id,
            RebaseRequest.head_sha == head_sha,
            RebaseRequest.state != "refused",
        )
    )
    return list(rows)


async def get_last_kick(session: AsyncSession, repository_id: int, since: datetime) -> datetime | None:
    """When a run of Renovate was last started for the repository, if that was after `since`."""
    return await session.scalar(
        select(func.max(RebaseRequest.kicked_at))
        .join(PullRequest, PullRequest.id == RebaseRequest.pull_request_id)
        .where(PullRequest.repository_id == repository_id, RebaseRequest.kicked_at > since)
    )


def deadline_of(request: RebaseRequest, timeout: timedelta) -> datetime:
    """When a request counts as not taken up."""
    return max(request.requested_at, request.kicked_at or request.requested_at) + timeout
