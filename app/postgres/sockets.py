"""Where the server listens: a Unix socket in a folder that only its user may enter.

The path of a Unix socket is short by design: 108 bytes with its end on Linux, 104 elsewhere
(https://man7.org/linux/man-pages/man7/unix.7.html). A data directory far down a tree gets its socket in the temporary
directory, under a name that comes from its path, so that a crash leaves at most that one folder behind.
"""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.postgres.errors import PostgresError
from app.postgres.identity import Identity

SOCKET_NAME = ".s.PGSQL.5432"
MOST_BYTES = 103


@dataclass(frozen=True, slots=True)
class SocketFolder:
    path: Path
    argument: str
    """As the server names it: relative to its cluster, where it need not be able to walk the whole path."""
    temporary: bool

    def url(self, user: str, database: str) -> str:
        return f"postgresql://{user}@/{database}?host={quote(str(self.path))}"

    def discard(self) -> None:
        if self.temporary:
            self.path.rmdir()


def open_socket_folder(data_dir: Path, identity: Identity) -> SocketFolder:
    """The folder, made if need be; `data_dir` is absolute and holds the cluster one level down."""
    beside = data_dir / "run"
    if len(os.fsencode(beside / SOCKET_NAME)) <= MOST_BYTES:
        folder = SocketFolder(beside, "../run", temporary=False)
    else:
        name = f"fluxmig-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"
        elsewhere = Path(tempfile.gettempdir(), name)
        folder = SocketFolder(elsewhere, str(elsewhere), temporary=True)
    _make_private(folder.path, identity)
    return folder


def _make_private(path: Path, identity: Identity) -> None:
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {identity.uid, os.geteuid()}:
            raise PostgresError(f"{path} is not a folder of ours; PostgreSQL's socket would go there.") from None
    path.chmod(0o700)
    identity.hand_over(path)
