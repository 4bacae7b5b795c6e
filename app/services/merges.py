"""The merged pull requests of a repository, for those who ask what a merge did."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Capability, PullRequest, Requirement
from app.db.repositories import get_blobs
from app.domain.culprits import Merge
from app.domain.model import PullRequestStatus
from app.services.queries.rows import capability_item, requirement_item
from app.services.snapshot import changes_of

_MOST = 60


def newest_merged(rows: Iterable[PullRequest], *, until: datetime | None = None) -> list[PullRequest]:
    """The newest first, not many; those up to `until`, so that what is merged later pushes none of them out."""
    merged = [
        (row.merged_at, row)
        for row in rows
        if row.status == PullRequestStatus.MERGED and row.merged_at and row.merge_sha
        if until is None or row.merged_at <= until
    ]
    return [row for _, row in sorted(merged, key=lambda one: one[0], reverse=True)[:_MOST]]


async def list_merges(session: AsyncSession, rows: Iterable[PullRequest]) -> tuple[Merge, ...]:
    """Merged pull requests with what they did and the text of what they wrote."""
    merged = list(rows)
    ids = [row.id for row in merged]
    requires = list(await session.scalars(select(Requirement).where(Requirement.pull_request_id.in_(ids))))
    provides = list(await session.scalars(select(Capability).where(Capability.pull_request_id.in_(ids))))
    blobs = {change[side] for row in merged for change in row.changes for side in ("before", "after") if change[side]}
    texts = await get_blobs(session, blobs)
    return tuple(
        Merge(
            number=row.number,
            merge_sha=row.merge_sha or "",
            merged_at=row.merged_at,
            changes=changes_of(row, texts),
            requires=tuple(requirement_item(one) for one in requires if one.pull_request_id == row.id),
            provides=tuple(capability_item(one) for one in provides if one.pull_request_id == row.id),
        )
        for row in merged
        if row.merged_at is not None
    )
