"""uv, found or fetched: the one on PATH, or the one that the lock names, into `.tools/uv`."""

import importlib.util
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / ".tools"
LOCK = ROOT / "requirements" / "uv.txt"


class SetupError(Exception):
    """The set-up cannot go on; the message is for the person at the terminal."""


def run(command: Sequence[str | Path], **environment: str) -> None:
    """Run a program in the checkout, silently unless it fails: then `SetupError` has what it wrote."""
    words = [str(word) for word in command]
    trusted = {**trust_system_certificates(), **os.environ, **environment}
    done = subprocess.run(  # noqa: S603 - named by our own scripts
        words, cwd=ROOT, env=trusted, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise SetupError(f"{said}\n\nThis command failed with status {done.returncode}: {' '.join(words)}")


def trust_system_certificates() -> dict[str, str]:
    """Let uv and Node trust what this machine trusts, such as a company's own authority, where it trusts anything."""
    bundle = ssl.get_default_verify_paths().cafile
    return {"UV_SYSTEM_CERTS": "1", "NODE_EXTRA_CA_CERTS": bundle} if bundle else {}


def answers(program: str | Path) -> bool:
    """Whether a program is there and can say its version: a name on PATH may be a shim with nothing behind it."""
    try:
        done = subprocess.run([str(program), "--version"], capture_output=True, timeout=60, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def find_uv() -> Path:
    """The path of a working uv, installed into `.tools/uv` if there is none on PATH."""
    on_path = shutil.which("uv")
    if on_path and answers(on_path):
        return Path(on_path)
    for kept in (TOOLS / "uv/bin/uv", TOOLS / "uv/package/bin/uv"):
        if answers(kept):
            return kept
    print("Fetching uv from PyPI into .tools/uv", flush=True)
    return _install_with_venv() if importlib.util.find_spec("ensurepip") else _install_with_pip()


def _install_with_venv() -> Path:
    home = TOOLS / "uv"
    run([sys.executable, "-m", "venv", "--clear", home])
    run([home / "bin/python", "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary=:all:", "-r", LOCK])
    return home / "bin/uv"


def _install_with_pip() -> Path:
    if importlib.util.find_spec("pip") is None:
        raise SetupError(
            f"{sys.executable} has neither venv (ensurepip) nor pip, and there is no uv on PATH. One of the three is "
            "enough. On Debian and Ubuntu: apt-get install python3-venv. uv: https://docs.astral.sh/uv/"
        )
    package = TOOLS / "uv/package"
    shutil.rmtree(package, ignore_errors=True)
    quiet = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"]
    run([sys.executable, "-m", "pip", "install", *quiet, "--target", package, "-r", LOCK])
    return package / "bin/uv"
