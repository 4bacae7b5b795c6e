"""One worker a repository: a session-level advisory lock, held on a connection of its own while GitHub is asked."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.db.session import Database


@dataclass(frozen=True, slots=True)
class WorkLock:
    """Proof that the caller holds the lock on `key`. Functions that change a repository's facts ask for it."""

    key: str


def _lock_id(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)


@asynccontextmanager
async def try_lock(database: Database, key: str) -> AsyncIterator[WorkLock | None]:
    """Yield the lock on `key`, or None while somebody else has it. Never waits."""
    async with database.pool.connection() as connection:
        row = await (await connection.execute("select pg_try_advisory_lock(%s)", [_lock_id(key)])).fetchone()
        if not (row and row[0]):
            yield None
            return
        try:
            yield WorkLock(key)
        finally:
            if not connection.closed:
                await connection.execute("select pg_advisory_unlock(%s)", [_lock_id(key)])
