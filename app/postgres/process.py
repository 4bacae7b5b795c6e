"""A PostgreSQL program as our child, tied to our life by `launch.py`.

The kernel's parent-death signal is bound to the thread that forked. A server started from a thread of a pool would
get it when the pool shrinks. So each server has a thread of its own here, which forks it, waits for it, and thereby
reaps it too. It is a daemon thread: an owner that simply ends takes its server along, without `stop()`.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from app.postgres.identity import Identity

LAUNCHER = Path(__file__).with_name("launch.py")
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def launch_command(identity: Identity, command: Sequence[str]) -> list[str]:
    """`command`, to be run as `identity` and to end with this process."""
    as_whom = f"{identity.uid}:{identity.gid}" if identity.borrowed else "-"
    return [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), as_whom, *command]


class OwnedProcess:
    """One child. `output` gets what it writes; its stdin is empty."""

    def __init__(self, command: Sequence[str], identity: Identity, cwd: Path, output: Path) -> None:
        self._command = launch_command(identity, command)
        self._cwd = cwd
        self._output = output
        self._started = threading.Event()
        self._ended = threading.Event()
        self._error: OSError | None = None
        self._pid = 0
        threading.Thread(target=self._live, name=f"postgres-{cwd.name}", daemon=True).start()
        self._started.wait()
        if self._error is not None:
            raise self._error

    @property
    def pid(self) -> int:
        return self._pid

    @property
    def running(self) -> bool:
        return not self._ended.is_set()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, at once or within `seconds`."""
        return self._ended.wait(seconds)

    def signal(self, number: int) -> None:
        if self.running:
            os.kill(self._pid, number)

    def _live(self) -> None:
        try:
            with self._output.open("ab") as output:
                child = subprocess.Popen(  # noqa: S603 - our own launcher and a program by its full path
                    self._command,
                    cwd=self._cwd,
                    env=ENVIRONMENT,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
        except OSError as error:
            self._error = error
            self._ended.set()
            self._started.set()
            return
        self._pid = child.pid
        self._started.set()
        # Looking without reaping first: a pid that is still ours cannot be another's when `signal` uses it.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        self._ended.set()
        child.wait()
