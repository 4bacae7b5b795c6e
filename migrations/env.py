"""Alembic's entry: runs on the connection that `app.db.migrate.upgrade` hands in, or on the configured URL."""

from alembic import context
from sqlalchemy import Connection, create_engine, pool

from app.db.models import Base


def run(connection: Connection) -> None:
    connection.exec_driver_sql("set lock_timeout = '10s'")
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=lambda name, kind, _: not (kind == "table" and (name or "").startswith("procrastinate_")),
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


handed_in = context.config.attributes.get("connection")
if handed_in is not None:
    run(handed_in)
else:
    engine = create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=pool.NullPool)
    with engine.connect() as own:
        run(own)
