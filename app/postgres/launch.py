"""Become an unprivileged program that cannot outlive its owner: `launch.py OWNER_PID UID:GID|- PROGRAM ARGUMENT…`.

Run as a script in a fresh interpreter (`python -I -S launch.py`), so that the steps between fork and exec are not
taken inside a threaded process. The order matters: setuid clears the death signal, so it is asked for afterwards
(https://man7.org/linux/man-pages/man2/pr_set_pdeathsig.2const.html).

The kernel sends that signal when the *thread* that forked us ends, not the process: see `app.postgres.process`.
Only Linux has it. Elsewhere the program is started all the same, and outlives an owner that is killed.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
# PostgreSQL's fast shutdown: roll back, write a checkpoint, leave.
DEATH_SIGNAL = signal.SIGINT


def launch(owner: int, identity: str, command: list[str]) -> None:
    if identity != "-":
        uid, gid = identity.split(":")
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    os.umask(0o077)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, int(DEATH_SIGNAL), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != owner:  # it died before we could ask for its signal
        return
    os.execv(command[0], command)  # noqa: S606 - a program by its full path, and no shell


if __name__ == "__main__":
    launch(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
