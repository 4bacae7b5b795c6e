"""The database of a test run: one server, one migrated database for each xdist worker, emptied between tests.

The server belongs to the process that began the run (with xdist, the controller), so it lives as long as the run and
not a moment longer. `FLUXMIG_TEST_DATABASE_URL=postgresql://…` names another server, whose user may create databases.
"""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from graphlib import TopologicalSorter
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from app.db.migrate import upgrade
from app.postgres import EmbeddedPostgres

PREFIX = "fluxmig-tests-"
SPACE_NEEDED = 500_000_000
SETTLED_SECONDS = 60
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "200",
}

TABLES = """
    select oid::regclass::text, oid from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'alembic_version'
"""
REFERENCES = "select conrelid, confrelid from pg_constraint where contype = 'f' and conrelid <> confrelid"


class RunServer:
    """The bundled PostgreSQL on a directory in memory, without the care for crashes that costs time."""

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        roomy = memory.is_dir() and shutil.disk_usage(memory).free > SPACE_NEEDED
        parent = memory if roomy else Path(tempfile.gettempdir())
        _sweep(parent)
        self._directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        self._postgres = EmbeddedPostgres(self._directory / "postgres", FAST)
        try:
            self._postgres.start()
        except BaseException:
            shutil.rmtree(self._directory)
            raise

    @property
    def url(self) -> str:
        return self._postgres.url

    def close(self) -> None:
        self._postgres.stop()
        shutil.rmtree(self._directory)


def with_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def worker_database(server_url: str, run: str, worker: str) -> Iterator[str]:
    """The URL of this worker's own database, a copy of the run's one migrated template; dropped afterwards."""
    template, name = template_name(run), f"fluxmig_test_{run}_{worker}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute("select pg_advisory_lock(hashtext(%s))", [template])
        if admin.execute("select from pg_database where datname = %s", [template]).fetchone() is None:
            _make_template(admin, server_url, template)
        admin.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    yield with_database(server_url, name)
    drop_database(server_url, name)


def template_name(run: str) -> str:
    return f"fluxmig_test_{run}"


def drop_database(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


class Cleaner:
    """Empties all tables of a database in one round trip; what a test leaves locked is an error, not a hang."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("set lock_timeout = '5s'")
        names = {oid: name for name, oid in self._connection.execute(TABLES)}
        referrers: dict[int, set[int]] = {oid: set() for oid in names}
        for table, target in self._connection.execute(REFERENCES):
            referrers[target].add(table)
        order = TopologicalSorter(referrers).static_order()
        self._statement = sql.SQL(";").join(
            sql.SQL("delete from {}").format(sql.SQL(names[oid])) for oid in order if oid in names
        )

    def clean(self) -> None:
        self._connection.execute(self._statement)

    def close(self) -> None:
        self._connection.close()


def _make_template(admin: psycopg.Connection, server_url: str, name: str) -> None:
    admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    try:
        upgrade(with_database(server_url, name))
    except BaseException:
        drop_database(server_url, name)
        raise


def _sweep(parent: Path) -> None:
    """Remove what killed runs left: our directories that have been there for a while and whose lock nobody holds."""
    for directory in parent.glob(PREFIX + "*"):
        with suppress(FileNotFoundError):  # another run sweeps too
            found = directory.stat()
            if found.st_uid == os.geteuid() and time.time() - found.st_mtime > SETTLED_SECONDS:
                _remove_if_free(directory)


def _remove_if_free(directory: Path) -> None:
    with (directory / "postgres" / "lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        shutil.rmtree(directory, ignore_errors=True)
