"""What a newcomer's first command stands on: the lock, the interpreter that is too old, the compose file."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from app.config import Settings

PROJECT = Path(__file__).parents[2]
LOCKS = sorted((PROJECT / "requirements").glob("*.txt"))
EXAMPLE = (PROJECT / ".env.example").read_text(encoding="utf-8")
COMPOSE = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")


def locked(name: str) -> dict[str, str]:
    """Package name -> version, of `requirements/NAME`."""
    text = (PROJECT / "requirements" / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[.*\])?==([^ ;\\]+)", text, re.MULTILINE))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_hashes_and_no_address(lock: Path) -> None:
    lines = lock.read_text(encoding="utf-8").splitlines()
    entries = "\n".join(lines).split("\n    --hash=")
    assert len(entries) > 1
    for line in lines:
        assert "/" not in line, line
        assert line.startswith("    --hash=sha256:") or line.endswith("\\"), line


def test_all_locks_agree_on_versions() -> None:
    everything = {**locked("dev.txt"), **locked("embedded.txt")}
    for name in ("runtime.txt", "build.txt", "embedded.txt"):
        assert locked(name).items() <= everything.items(), name


def test_the_locks_satisfy_the_project() -> None:
    """A dependency that was changed in pyproject.toml without `make lock` shows here."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        "runtime.txt": project["project"]["dependencies"],
        "build.txt": project["build-system"]["requires"],
        "embedded.txt": project["project"]["optional-dependencies"]["embedded"],
    }
    wanted["dev.txt"] = [
        text for text in (*wanted["runtime.txt"], *project["dependency-groups"]["dev"]) if "embedded" not in text
    ]
    for name, requirements in wanted.items():
        versions = locked(name)
        for requirement in map(Requirement, requirements):
            found = versions.get(normal(requirement.name))
            assert found is not None, f"{requirement} is not in {name}"
            assert requirement.specifier.contains(found, prereleases=True), f"{name} has {found} for {requirement}"


def test_the_first_script_can_be_read_by_an_old_python() -> None:
    ast.parse((PROJECT / "scripts" / "setup.py").read_text(encoding="utf-8"), feature_version=(3, 5))


def test_an_old_python_is_told_which_one_is_needed() -> None:
    pretend = "import runpy, sys; sys.version_info = (3, 9, 2); runpy.run_path(sys.argv[1], run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", pretend, str(PROJECT / "scripts" / "setup.py"), "runtime"],
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"fluxmig needs Python 3.11 or newer; found 3.9.2 at {sys.executable}. Install a newer one"
    )


def test_the_example_of_settings_is_short_and_complete() -> None:
    assert len(EXAMPLE.splitlines()) <= 10
    named = set(re.findall(r"^([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    assert named == set(re.findall(r"\$\{([A-Z_]+)", COMPOSE))


def test_compose_gives_the_service_all_that_it_must_have() -> None:
    service = yaml.safe_load(COMPOSE)["services"]["fluxmig"]
    given = {name.removeprefix("FLUXMIG_").lower() for name in service["environment"]}
    needed = {name for name, field in Settings.model_fields.items() if field.is_required()}
    assert needed <= given
    assert given <= set(Settings.model_fields)
