"""What we wrote beside the check: the comment of a pull request, the dashboard, the check of a configuration."""

from collections.abc import Iterable

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import ConfigCheck, Dashboard, StatusComment


async def get_status_comments(session: AsyncSession, pull_request_ids: Iterable[int]) -> dict[int, StatusComment]:
    rows = await session.scalars(select(StatusComment).where(StatusComment.pull_request_id.in_(list(pull_request_ids))))
    return {row.pull_request_id: row for row in rows}


async def save_status_comment(
    session: AsyncSession, pull_request_id: int, *, comment_id: int | None, digest: str, state: str
) -> None:
    values = {"comment_id": comment_id, "digest": digest, "state": state}
    statement = insert(StatusComment).values(pull_request_id=pull_request_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["pull_request_id"], set_=values))


async def get_config_checks(session: AsyncSession, pull_request_ids: Iterable[int]) -> dict[tuple[int, str], str]:
    """(pull request id, head) -> digest of what stands there."""
    rows = await session.scalars(select(ConfigCheck).where(ConfigCheck.pull_request_id.in_(list(pull_request_ids))))
    return {(row.pull_request_id, row.head_sha): row.digest for row in rows}


async def save_config_check(session: AsyncSession, pull_request_id: int, head_sha: str, *, digest: str) -> None:
    statement = insert(ConfigCheck).values(pull_request_id=pull_request_id, head_sha=head_sha, digest=digest)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["pull_request_id", "head_sha"], set_={"digest": digest})
    )


async def forget_config_check(session: AsyncSession, head_sha: str, pull_request_ids: Iterable[int]) -> bool:
    """Somebody asked for it again. False where there was none."""
    found = await session.scalars(
        delete(ConfigCheck)
        .where(ConfigCheck.head_sha == head_sha, ConfigCheck.pull_request_id.in_(list(pull_request_ids)))
        .returning(ConfigCheck.pull_request_id)
    )
    return bool(list(found))


async def get_dashboard(session: AsyncSession, repository_id: int) -> Dashboard | None:
    return await session.get(Dashboard, repository_id)


async def save_dashboard(
    session: AsyncSession, repository_id: int, *, number: int, digest: str, closed: bool = False
) -> None:
    values = {"number": number, "digest": digest, "closed": closed}
    statement = insert(Dashboard).values(repository_id=repository_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["repository_id"], set_=values))


async def mark_dashboard(session: AsyncSession, repository_id: int, *, closed: bool | None = None) -> None:
    """Its text on GitHub may not be ours any more; and whether a person closed it, where that is known."""
    values: dict[str, object] = {"digest": ""} if closed is None else {"digest": "", "closed": closed}
    await session.execute(update(Dashboard).where(Dashboard.repository_id == repository_id).values(**values))


async def forget_dashboard(session: AsyncSession, repository_id: int) -> None:
    """The issue is gone."""
    await session.execute(delete(Dashboard).where(Dashboard.repository_id == repository_id))
