"""Migrations and models say the same; a newer database is refused; two starts at once do not meet."""

import asyncio
from collections.abc import Iterator

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url

from app.db.migrate import DatabaseTooNew, upgrade
from app.db.models import Base
from app.db.session import sqlalchemy_url


@pytest.fixture
def empty_database(database_url: str) -> Iterator[str]:
    """A database without a table, beside the worker's own."""
    name = f"{make_url(database_url).database}_empty"
    with psycopg.connect(database_url, autocommit=True) as admin:
        admin.execute(f'drop database if exists "{name}" with (force)')
        admin.execute(f'create database "{name}"')
        yield make_url(database_url).set(database=name).render_as_string(hide_password=False)
        admin.execute(f'drop database "{name}" with (force)')


def test_migrations_make_what_the_models_say(empty_database: str) -> None:
    upgrade(empty_database)
    engine = create_engine(sqlalchemy_url(empty_database))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: not (kind == "table" and name.startswith("procrastinate_")),
            },
        )
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []


def test_a_second_upgrade_changes_nothing(empty_database: str) -> None:
    upgrade(empty_database)
    upgrade(empty_database)


async def test_replicas_that_start_together_wait_for_one_another(empty_database: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(upgrade, empty_database) for _ in range(4)))


def test_a_database_of_a_newer_version_is_refused_with_a_sentence(empty_database: str) -> None:
    upgrade(empty_database)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    with pytest.raises(
        DatabaseTooNew, match=r"The database is at revision 9999, which this fluxmig does not know"
    ) as raised:
        upgrade(empty_database)
    assert "Start that version, or restore the backup" in str(raised.value)
