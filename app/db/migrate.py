"""Bring the database to the schema of this code, under a lock, or refuse when it is newer than the code."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

from app.db.session import sqlalchemy_url

_LOCK_ID = 0x666C7578  # "flux"


class DatabaseTooNew(Exception):
    """The database was migrated by a newer fluxmig; the text says to which revision and what to do."""


def migrations_path() -> Path:
    """The migrations beside the package in a checkout, or inside it in a wheel."""
    inside = Path(__file__).parent.parent / "migrations"
    return inside if inside.is_dir() else Path(__file__).parent.parent.parent / "migrations"


def alembic_config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_path()))
    config.set_main_option("sqlalchemy.url", sqlalchemy_url(url).replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Migrate to the newest revision. Concurrent callers wait for one another. Raises DatabaseTooNew."""
    config = alembic_config(url)
    engine = create_engine(sqlalchemy_url(url))
    try:
        with engine.connect() as connection:
            connection.execute(text("select pg_advisory_lock(:id)"), {"id": _LOCK_ID})
            connection.commit()
            try:
                _refuse_newer(connection, ScriptDirectory.from_config(config))
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
                connection.commit()
            finally:
                connection.rollback()
                connection.execute(text("select pg_advisory_unlock(:id)"), {"id": _LOCK_ID})
                connection.commit()
    finally:
        engine.dispose()


def _refuse_newer(connection: Connection, scripts: ScriptDirectory) -> None:
    if not inspect(connection).has_table("alembic_version"):
        return
    known = {script.revision for script in scripts.walk_revisions()}
    for (revision,) in connection.execute(text("select version_num from alembic_version")):
        if revision not in known:
            raise DatabaseTooNew(
                f"The database is at revision {revision}, which this fluxmig does not know: it was migrated by a newer "
                "version. Start that version, or restore the backup that was made before the upgrade."
            )
    connection.commit()
