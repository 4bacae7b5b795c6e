"""Engines, sessions and the raw pool. One request or task is one transaction, committed where it began."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine


class DatabaseUrlError(Exception):
    """DATABASE_URL cannot be used; the text says why, without the password."""


def sqlalchemy_url(url: str) -> str:
    """The URL for SQLAlchemy with the one driver that we use. Raises DatabaseUrlError."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUrlError(
            "DATABASE_URL is not a URL. It should look like postgresql://user:password@host:5432/database"
        ) from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise DatabaseUrlError(
            f"DATABASE_URL begins with {parsed.drivername}://, but fluxmig keeps its data in PostgreSQL only: "
            "postgresql://user:password@host:5432/database"
        )
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def psycopg_url(url: str) -> str:
    """The URL as libpq takes it. Raises DatabaseUrlError."""
    return sqlalchemy_url(url).replace("postgresql+psycopg://", "postgresql://", 1)


async def _autocommit(connection: AsyncConnection[Any]) -> None:
    # Not by the arguments of `connect`: procrastinate hands those on with an `autocommit` of its own.
    await connection.set_autocommit(True)


class Database:
    """The one database of the process: an ORM engine, and a raw autocommit pool for hot path, locks and queue."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = url
        self.engine: AsyncEngine = create_async_engine(sqlalchemy_url(url), pool_size=pool_size, max_overflow=5)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        self.pool = AsyncConnectionPool(
            psycopg_url(url), min_size=1, max_size=pool_size, open=False, configure=_autocommit
        )

    async def open(self) -> None:
        await self.pool.open(wait=True, timeout=10)

    async def close(self) -> None:
        await self.pool.close()
        await self.engine.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed at the end of the block, or rolled back if it raises."""
        async with self._sessions() as session, session.begin():
            yield session
