"""Dependencies that people wrote by hand."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Dependency


async def list_dependencies(session: AsyncSession, repository_id: int) -> list[Dependency]:
    rows = await session.scalars(
        select(Dependency)
        .where(Dependency.repository_id == repository_id)
        .order_by(Dependency.number, Dependency.to_number)
    )
    return list(rows)


async def add_dependency(
    session: AsyncSession, repository_id: int, number: int, to_number: int, *, by: str, at: datetime
) -> None:
    """Who said it first stays its author."""
    statement = insert(Dependency).values(repository_id=repository_id, number=number, to_number=to_number, by=by, at=at)
    await session.execute(statement.on_conflict_do_nothing())


async def remove_dependencies(session: AsyncSession, repository_id: int, number: int, to: Iterable[int]) -> list[int]:
    """Returns those that were there."""
    gone = await session.scalars(
        delete(Dependency)
        .where(
            Dependency.repository_id == repository_id,
            Dependency.number == number,
            Dependency.to_number.in_(list(to)),
        )
        .returning(Dependency.to_number)
    )
    return sorted(gone)
