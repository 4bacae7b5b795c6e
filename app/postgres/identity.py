"""As whom the server runs. PostgreSQL refuses to be root, and root is who containers and CI often are."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from app.postgres.errors import PostgresError


@dataclass(frozen=True, slots=True)
class Identity:
    """The server's user. `borrowed`: root runs us and lends this one, so files and the process must change hands."""

    uid: int
    gid: int
    borrowed: bool

    def hand_over(self, path: Path) -> None:
        if self.borrowed:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def reaches(self, path: Path) -> bool:
        """Whether every directory above `path` lets this user through, by its mode alone (no groups, no ACLs)."""
        for parent in {*path.absolute().parents, *path.resolve().parents}:
            found = parent.stat()
            bit = stat.S_IXUSR if found.st_uid == self.uid else stat.S_IXOTH
            if not found.st_mode & bit:
                return False
        return True


def choose_identity(data_dir: Path) -> Identity:
    """Ourselves; for root, whoever owns the data directory or the nearest folder above it, else `nobody`."""
    own = os.geteuid()
    if own != 0:
        user_name(own)
        return Identity(own, os.getegid(), borrowed=False)
    nearest = next(path for path in (data_dir, *data_dir.parents) if path.exists()).stat()
    if nearest.st_uid != 0 and _is_known(nearest.st_uid):
        return Identity(nearest.st_uid, nearest.st_gid, borrowed=True)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise PostgresError(
            "PostgreSQL does not run as root, and this system has no user `nobody` to run it as. "
            "Run fluxmig as an ordinary user, or set DATABASE_URL."
        ) from None
    return Identity(nobody.pw_uid, nobody.pw_gid, borrowed=True)


def user_name(uid: int) -> str:
    """The name behind `uid`: initdb and peer authentication both need one."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise PostgresError(
            f"User id {uid} has no name in /etc/passwd, and PostgreSQL's set-up asks for one. "
            "Run fluxmig as a named user, or set DATABASE_URL."
        ) from None


def _is_known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
