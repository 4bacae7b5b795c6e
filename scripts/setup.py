"""Find a Python that is new enough, and hand over to `scripts.environment` (which see for the arguments).

This file alone must run on any Python 3, however old, because it is the one that says that Python is too old.
"""

import os
import shutil
import subprocess
import sys

NEEDED = (3, 11)
NAMES = ["python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"]
ASK = "import sys; print(*sys.version_info[:2])"


def is_new_enough(program: str) -> bool:
    """Ask the program itself: a name on PATH may be a shim with nothing behind it."""
    try:
        said = subprocess.check_output([program, "-c", ASK], stderr=subprocess.DEVNULL, timeout=30)  # noqa: S603
        return tuple(int(part) for part in said.split()) >= NEEDED
    except (OSError, ValueError, subprocess.SubprocessError):
        return False


def find_python() -> "str | None":
    if sys.version_info[:2] >= NEEDED:
        return sys.executable
    others = [shutil.which(name) for name in NAMES]
    return next((other for other in others if other and is_new_enough(other)), None)


def main() -> None:
    os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
    python = find_python()
    if python is None:
        found = ".".join(str(part) for part in sys.version_info[:3])
        sys.exit(
            "fluxmig needs Python 3.11 or newer; found " + found + " at " + sys.executable + ". "
            "Install a newer one, or name it: make PYTHON=/path/to/python3.13"
        )
    os.execv(python, [python, "-m", "scripts.environment"] + sys.argv[1:])  # noqa: RUF005, S606


if __name__ == "__main__":
    main()
