"""Can this process do its work: is the database there, and at the schema of this code?"""

import asyncio
from functools import cache
from typing import Any

from alembic.script import ScriptDirectory
from psycopg import AsyncConnection
from psycopg import Error as PsycopgError
from psycopg.errors import UndefinedTable
from psycopg_pool import PoolTimeout

from app.db.migrate import migrations_path
from app.db.session import Database

_PATIENCE = 3.0  # seconds; probes give up after a few


async def find_fault(database: Database) -> str | None:
    """None when all is well, else one sentence that says what is not."""
    try:
        async with database.pool.connection(timeout=_PATIENCE) as connection:
            row = await asyncio.wait_for(_revision(connection), _PATIENCE)
    except (PoolTimeout, TimeoutError):
        return f"The database does not answer within {_PATIENCE:.0f} seconds."
    except (PsycopgError, OSError) as error:
        return f"The database cannot be used: {type(error).__name__}."
    if row is None:
        return "The database has no tables of fluxmig yet; `fluxmig upgrade-database` makes them."
    if row != newest_revision():
        needed = newest_revision()
        return f"The database is at revision {row}, this fluxmig needs {needed}; run `fluxmig upgrade-database`."
    return None


async def _revision(connection: AsyncConnection[Any]) -> str | None:
    try:
        found = await (await connection.execute("select version_num from alembic_version")).fetchone()
    except UndefinedTable:
        return None
    return str(found[0]) if found else None


@cache
def newest_revision() -> str:
    """The revision that this code is written for."""
    head = ScriptDirectory(str(migrations_path())).get_current_head()
    assert head is not None
    return head
