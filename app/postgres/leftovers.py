"""What an earlier server may have left in a data directory, and when it is safe to clear it.

PostgreSQL guards a directory by `postmaster.pid`: it refuses to start while a process of that number exists. After
a crash the number may belong to a zombie that nobody reaps (a container without init), or to another program that
got it since. We hold the lock of the data directory, so no other fluxmig starts a server here; what is left to ask is
whether a process of the old one still works in the directory. Each of them has it as its working directory, so /proc
tells for certain, and the file may go once there is none. Its check of shared memory stays in force.
"""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

PROGRAMS = ("postgres", "initdb")


def recorded_pid(cluster: Path) -> int | None:
    """The first line of `postmaster.pid`."""
    try:
        return int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def recorded_status(cluster: Path) -> str:
    """`starting`, `stopping`, `ready`, `standby`, or nothing yet: the eighth line of `postmaster.pid`.

    https://github.com/postgres/postgres/blob/REL_18_STABLE/src/include/utils/pidfile.h
    """
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return ""
    return lines[7].strip() if len(lines) > 7 else ""


def processes_in(cluster: Path) -> list[int]:
    """The PostgreSQL processes that work in `cluster`, lowest number first; zombies no longer do."""
    if sys.platform != "linux":
        return _recorded_process(cluster)
    home = cluster.stat()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        # Gone meanwhile, a zombie, or somebody else's.
        with suppress(OSError):
            if os.path.samestat((entry / "cwd").stat(), home) and _program(entry).startswith(PROGRAMS):
                found.append(int(entry.name))
    return sorted(found)


def wait_until_left(cluster: Path, patience: float) -> int | None:
    """None when nobody works in `cluster` any more, or the pid of the one who does after `patience` seconds."""
    deadline = time.monotonic() + patience
    while processes := processes_in(cluster):
        if time.monotonic() > deadline:
            recorded = recorded_pid(cluster)
            return recorded if recorded in processes else processes[0]
        time.sleep(0.02)
    return None


def clear_leftovers(cluster: Path, sockets: Path, patience: float) -> int | None:
    """Wait for an old server to end and remove its marks. The pid of one that still works after `patience` seconds."""
    if not _has_marks(cluster, sockets):
        return None
    if (holder := wait_until_left(cluster, patience)) is not None:
        return holder
    (cluster / "postmaster.pid").unlink(missing_ok=True)
    for mark in sockets.glob(".s.PGSQL.*"):
        mark.unlink()
    return None


def _has_marks(cluster: Path, sockets: Path) -> bool:
    return (cluster / "postmaster.pid").exists() or any(sockets.glob(".s.PGSQL.*"))


def _program(process: Path) -> str:
    return (process / "exe").readlink().name


def _recorded_process(cluster: Path) -> list[int]:
    pid = recorded_pid(cluster)
    if pid is None:
        return []
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return []
    except PermissionError:
        pass
    return [pid]
