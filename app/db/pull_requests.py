"""Pull requests: facts, marks of people, and the history."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import HistoryEntry, PullRequest


async def mark_pull_request_stale(
    session: AsyncSession, repository_id: int, number: int, hinted_at: datetime | None
) -> None:
    """Ask for one pull request to be read; it need not be known yet."""
    statement = insert(PullRequest).values(
        repository_id=repository_id, number=number, stale=True, hinted_at=hinted_at,
        title="", body="", branch="", base_branch="", head_sha="", author="", status="open",
        draft=False, by_renovate=False, changes_sha="", state="unknown", reason="",
    )  # fmt: skip
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["repository_id", "number"],
            set_={"stale": True, "hinted_at": func.greatest(PullRequest.hinted_at, statement.excluded.hinted_at)},
        )
    )


async def list_pull_requests(session: AsyncSession, repository_id: int) -> list[PullRequest]:
    rows = await session.scalars(
        select(PullRequest).where(PullRequest.repository_id == repository_id).order_by(PullRequest.number)
    )
    return list(rows)


async def list_with_head(session: AsyncSession, repository_id: int, head_sha: str) -> list[PullRequest]:
    rows = await session.scalars(
        select(PullRequest).where(PullRequest.repository_id == repository_id, PullRequest.head_sha == head_sha)
    )
    return list(rows)


async def list_open(session: AsyncSession, repository_id: int) -> list[PullRequest]:
    rows = await session.scalars(
        select(PullRequest)
        .where(PullRequest.repository_id == repository_id, PullRequest.status == "open")
        .order_by(PullRequest.number)
    )
    return list(rows)


async def was_merged_since(session: AsyncSession, repository_id: int, since: datetime) -> bool:
    found = await session.scalar(
        select(PullRequest.id)
        .where(PullRequest.repository_id == repository_id, PullRequest.merged_at >= since)
        .limit(1)
    )
    return found is not None


async def get_by_numbers(session: AsyncSession, repository_id: int, numbers: Sequence[int]) -> dict[int, PullRequest]:
    rows = await session.scalars(
        select(PullRequest).where(PullRequest.repository_id == repository_id, PullRequest.number.in_(numbers))
    )
    return {row.number: row for row in rows}


async def get_pull_request(session: AsyncSession, repository_id: int, number: int) -> PullRequest | None:
    return (await get_by_numbers(session, repository_id, [number])).get(number)


async def hold(
    session: AsyncSession, pull_request_id: int, *, by: str, reason: str, until: datetime | None = None
) -> None:
    await session.execute(
        update(PullRequest)
        .where(PullRequest.id == pull_request_id)
        .values(hold_by=by, hold_reason=reason, hold_until=until)
    )


async def unhold(session: AsyncSession, pull_request_id: int) -> None:
    await session.execute(
        update(PullRequest)
        .where(PullRequest.id == pull_request_id)
        .values(hold_by=None, hold_reason=None, hold_until=None)
    )


async def unblock(
    session: AsyncSession, pull_request_id: int, *, by: str | None, reason: str | None, until: datetime | None
) -> None:
    """What blocks does not count until then; None ends it."""
    await session.execute(
        update(PullRequest)
        .where(PullRequest.id == pull_request_id)
        .values(unblocked_by=by, unblock_reason=reason, unblocked_until=until)
    )


async def approve(session: AsyncSession, row: PullRequest, *, by: str, permission: str) -> None:
    """The approval counts for the present head only: a new one has to be looked at again. One for each person."""
    kept = [one for one in row.approvals if one["sha"] == row.head_sha and one["by"] != by]
    row.approvals = [*kept, {"by": by, "permission": permission, "sha": row.head_sha}]
    row.approved_by, row.approved_sha = by, row.head_sha
    await session.flush()


def add_history(
    session: AsyncSession, repository_id: int, number: int | None, *, at: datetime, actor: str, kind: str, text: str
) -> None:
    session.add(HistoryEntry(repository_id=repository_id, number=number, at=at, actor=actor, kind=kind, text=text))


async def last_said(session: AsyncSession, repository_id: int, number: int) -> str | None:
    """The newest line of a pull request's history."""
    newest = select(HistoryEntry.text).where(HistoryEntry.repository_id == repository_id, HistoryEntry.number == number)
    return await session.scalar(newest.order_by(HistoryEntry.id.desc()).limit(1))
