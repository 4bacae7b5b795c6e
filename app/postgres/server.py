"""`EmbeddedPostgres`: one server on one data directory, for as long as its owner lives.

data_dir/
  lock            held by the owner while it runs, with its pid inside
  cluster/        PostgreSQL's own directory; `cluster.new` while it is being made
  run/            the socket
  postgres.log    what the server wrote, with one older file beside it
"""

import fcntl
import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from app.postgres.binaries import Binaries, find_binaries, place_for
from app.postgres.cluster import DATABASE, USER, admit_owner, home_argument, make_cluster, require_same_user
from app.postgres.errors import PostgresError, PostgresFailed, PostgresInUse
from app.postgres.identity import Identity, choose_identity
from app.postgres.leftovers import clear_leftovers, recorded_pid, recorded_status
from app.postgres.process import OwnedProcess
from app.postgres.sockets import SocketFolder, open_socket_folder

OURS = {"lock", "cluster", "cluster.new", "run", "postgres.log", "postgres.log.1"}
LOG_LIMIT = 5_000_000
DEFAULTS = {
    "listen_addresses": "",
    "cluster_name": "fluxmig",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}


class EmbeddedPostgres:
    """A PostgreSQL server that ends with this process, keeps its data and starts again after any crash.

    `settings` are PostgreSQL's (`postgresql.conf` names) and win over ours, save for where it listens. Not for use
    by several threads at once. A forked child of the owner may use `url`, but not stop the server.
    """

    def __init__(
        self,
        data_dir: Path,
        settings: Mapping[str, str] | None = None,
        *,
        start_seconds: float = 120,
        leftover_seconds: float = 30,
    ) -> None:
        self.data_dir = data_dir.absolute()
        self._settings = {**DEFAULTS, **(settings or {})}
        self._start_seconds = start_seconds
        self._leftover_seconds = leftover_seconds
        self._owner = os.getpid()
        self._lock: IO[str] | None = None
        self._sockets: SocketFolder | None = None
        self._binaries: Binaries | None = None
        self._process: OwnedProcess | None = None

    @property
    def url(self) -> str:
        """`postgresql://…` for libpq and psycopg, over the Unix socket; known once `start()` has returned."""
        if self._sockets is None:
            raise PostgresError("The bundled PostgreSQL has not been started.")
        return self._sockets.url(USER, DATABASE)

    @property
    def log(self) -> Path:
        return self.data_dir / "postgres.log"

    @property
    def pid(self) -> int | None:
        """Of the running server."""
        return self._process.pid if self._process is not None and self._process.running else None

    def start(self) -> None:
        """Make the cluster if there is none, run the server and return when it takes connections.

        Does nothing while it runs; starts it anew when it has died. Raises one of `app.postgres.errors`.
        """
        if self.pid is not None:
            return
        binaries = find_binaries()
        identity = choose_identity(self.data_dir)
        self._open_data_dir(identity)
        try:
            self._start(binaries, identity)
        except BaseException:
            self.stop()
            raise

    def stop(self, seconds: float = 20) -> None:
        """End the server in order; after `seconds` without its checkpoint, and after five more without mercy."""
        if os.getpid() != self._owner:
            return
        if self._process is not None:
            for number, patience in ((signal.SIGINT, seconds), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
                self._process.signal(number)
                if self._process.wait(patience):
                    break
            self._process = None
        if self._binaries is not None:
            self._binaries.discard()
            self._binaries = None
        if self._sockets is not None:
            with suppress(OSError):
                self._sockets.discard()
            self._sockets = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, binaries: Binaries, identity: Identity) -> None:
        cluster = self.data_dir / "cluster"
        self._lock_data_dir(identity)
        self._rotate_log(identity)
        self._sockets = open_socket_folder(self.data_dir, identity)
        self._binaries = place_for(binaries, identity, self.data_dir)
        if not cluster.exists():
            durable = self._settings.get("fsync") != "off"
            make_cluster(cluster, self._binaries, identity, self.log, durable=durable)
        require_same_user(cluster, identity)
        holder = clear_leftovers(cluster, self._sockets.path, self._leftover_seconds)
        if holder is not None:
            raise PostgresInUse(self.data_dir, holder)
        admit_owner(cluster, identity)
        settings = {**self._settings, "unix_socket_directories": self._sockets.argument}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self._binaries.postgres), "-D", home_argument(cluster, identity), *options]
        written = self.log.stat().st_size
        self._process = OwnedProcess(command, identity, cluster, self.log)
        self._wait_until_ready(self._process, cluster, written)

    def _wait_until_ready(self, process: OwnedProcess, cluster: Path, written: int) -> None:
        deadline = time.monotonic() + self._start_seconds
        while not (recorded_pid(cluster) == process.pid and recorded_status(cluster) == "ready"):
            if process.wait(0.005):
                raise PostgresFailed("PostgreSQL ended while it was starting.", self.log, self._log_after(written))
            if time.monotonic() > deadline:
                message = f"PostgreSQL took no connections within {self._start_seconds:.0f} s."
                raise PostgresFailed(message, self.log, self._log_after(written))

    def _open_data_dir(self, identity: Identity) -> None:
        path = self.data_dir
        missing = [folder for folder in path.parents if not folder.exists()]
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            strangers = {entry.name for entry in path.iterdir()} - OURS
            if not strangers:
                path.chmod(0o700)
                identity.hand_over(path)
        except OSError as error:
            raise PostgresError(f"The data directory {path} cannot be used: {error.strerror}.") from error
        if strangers:
            raise PostgresError(
                f"{path} is not empty and is no data directory of fluxmig: it holds {min(strangers)}. "
                "Name an empty or a new one."
            )
        if missing and identity.borrowed:
            owner = missing[-1].parent.stat()
            for folder in missing:
                os.chown(folder, owner.st_uid, owner.st_gid)

    def _lock_data_dir(self, identity: Identity) -> None:
        if self._lock is not None:
            return
        path = self.data_dir / "lock"
        lock = path.open("a+", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise PostgresInUse(self.data_dir, int(holder) if holder.isdigit() else None) from None
        identity.hand_over(path)
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        self._lock = lock

    def _rotate_log(self, identity: Identity) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_name("postgres.log.1"))
        self.log.touch(mode=0o600)
        identity.hand_over(self.log)

    def _log_after(self, position: int) -> str:
        with self.log.open("rb") as file:
            file.seek(position)
            return file.read().decode(errors="replace")[-2000:].strip()
