"""Renovate's branches without a pull request, as people and programs read them."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.db import branches
from app.domain.model import State
from app.services.queries.items import BranchItem


async def list_branches(session: AsyncSession, repository_id: int) -> tuple[BranchItem, ...]:
    """Those that were read; by name."""
    rows = [row for row in await branches.list_branches(session, repository_id) if row.head_sha]
    return tuple(
        BranchItem(
            name=row.name,
            title=row.title,
            head_sha=row.head_sha,
            state=State(row.state),
            reason=row.reason,
            conclusion=row.conclusion if row.check_sha == row.head_sha else "",
        )
        for row in sorted(rows, key=lambda row: row.name)
    )
