"""Renovate's branches without a pull request: which there are, and what we wrote on their heads."""

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Branch, PullRequest


async def mark_branch_stale(session: AsyncSession, repository_id: int, name: str) -> None:
    """Ask for a branch to be read; it need not be known yet."""
    statement = insert(Branch).values(
        repository_id=repository_id, name=name, head_sha="", title="", check_sha="", conclusion="", digest="",
    )  # fmt: skip
    await session.execute(
        statement.on_conflict_do_update(index_elements=["repository_id", "name"], set_={"stale": True})
    )


async def list_branches(session: AsyncSession, repository_id: int) -> list[Branch]:
    rows = await session.scalars(select(Branch).where(Branch.repository_id == repository_id).order_by(Branch.id))
    return list(rows)


async def forget_branch(session: AsyncSession, repository_id: int, name: str) -> None:
    await session.execute(delete(Branch).where(Branch.repository_id == repository_id, Branch.name == name))


async def forget_branch_text(session: AsyncSession, repository_id: int, head_sha: str) -> bool:
    """Have the check on that head written once more. False where it is no branch's head."""
    changed = await session.execute(
        update(Branch)
        .where(Branch.repository_id == repository_id, Branch.check_sha == head_sha)
        .values(digest="", stale=True)
        .returning(Branch.id)
    )
    return changed.first() is not None


async def list_heads(session: AsyncSession, repository_id: int) -> set[tuple[str, str]]:
    """(branch, head) of every pull request, whatever became of it: a branch that is left over is no news."""
    rows = await session.execute(
        select(PullRequest.branch, PullRequest.head_sha).where(PullRequest.repository_id == repository_id)
    )
    return {(branch, head) for branch, head in rows}


async def has_open_pull_request(session: AsyncSession, repository_id: int, name: str) -> bool:
    """Whether an open pull request that we know has this head; a fork may have a branch of the same name, but then it
    is not Renovate's."""
    found = await session.scalar(
        select(PullRequest.id)
        .where(
            PullRequest.repository_id == repository_id,
            PullRequest.branch == name,
            PullRequest.status == "open",
            PullRequest.by_renovate.is_(True),
        )
        .limit(1)
    )
    return found is not None
