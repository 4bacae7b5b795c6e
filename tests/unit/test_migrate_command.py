"""`fluxmig migrate` and `fluxmig check` on folders, to their exit status and their last word."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli.check import check
from app.cli.migrate import migrate
from app.cli.upgrade import upgrade
from app.demo.story import base_files
from tests.support.flux_repository import INSTANCE, ROOTS, instance
from tests.support.story_repository import git, write_files

VALUES = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
SPEGEL = "kubernetes/apps/kube-system/spegel/app/helmrelease.yaml"


def run(function: Callable[..., None], *arguments: str | Path) -> Result:
    command = typer.Typer()
    command.command()(function)
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """The base of the story: Flux 2.5.1, and OCIRepositories v1beta2."""
    folder = tmp_path / "homelab"
    folder.mkdir()
    git(folder, "init", "-q")
    write_files(folder, base_files())
    return folder


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Flux 2.6.1, one object that can be moved, one with a field in the way, one file in another encoding."""
    folder = tmp_path / "clone"
    files = {
        **ROOTS,
        INSTANCE: instance("2.6.1"),
        "apps/a/oci.yaml": "apiVersion: source.toolkit.fluxcd.io/v1beta2\nkind: OCIRepository\n",
        "apps/a/release.yaml": "apiVersion: helm.toolkit.fluxcd.io/v2beta2\nkind: HelmRelease\nspec:\n"
        "  chart:\n    spec:\n      valuesFile: x\n",
        "templates/t.yaml": "apiVersion: source.toolkit.fluxcd.io/v1beta2\nkind: OCIRepository\n",
    }
    write_files(folder, files)
    git(folder, "init", "-q")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_story_has_nothing_to_move_before_flux_2_6(story: Path) -> None:
    before = contents(story)
    told = run(migrate, story)
    assert (told.exit_code, contents(story)) == (0, before)
    assert told.stdout.splitlines() == [
        f"cluster main: Flux 2.5.1 (declared in {VALUES}:5)",
        "Nothing to move: every API is the newest that is served.",
    ]


def test_the_story_is_moved_as_its_second_attempt_did_with_the_comments_that_renovate_forgot(story: Path) -> None:
    before = contents(story)
    told = run(migrate, story, "--to", "2.6", "--kind", "OCIRepository")
    assert told.exit_code == 0
    changed = {path: content for path, content in contents(story).items() if before[path] != content}
    assert len(changed) == 7
    for path, content in changed.items():
        assert content == (
            before[path]
            .replace(b"source.toolkit.fluxcd.io/v1beta2", b"source.toolkit.fluxcd.io/v1")
            .replace(b"ocirepository-source-v1beta2.json", b"ocirepository-source-v1.json")
        )
    assert told.stdout.splitlines()[-1] == "Moved 7 objects and 7 schema comments in 7 files."
    assert f"note: --to Flux 2.6 is above Flux 2.5.1 (declared in {VALUES}:5)" in told.stdout
    assert f"{SPEGEL}:3: object OCIRepository source.toolkit.fluxcd.io/v1beta2 → v1\n" in told.stdout


def test_check_says_of_the_storys_pull_request_what_its_ci_did_not(story: Path) -> None:
    file = story / SPEGEL
    file.write_text(file.read_text().replace("source.toolkit.fluxcd.io/v1beta2", "source.toolkit.fluxcd.io/v1"))
    told = run(check, story / "kubernetes/apps/kube-system")
    assert told.exit_code == 1
    assert told.stdout.splitlines()[1:] == [
        (
            f"{SPEGEL}:2:124: warning: the schema comment is that of v1beta2, the document is OCIRepository "
            "source.toolkit.fluxcd.io/v1; `fluxmig migrate --stale-comments` rewrites it. [stale-schema]"
        ),
        (
            f"{SPEGEL}:3:13: error: OCIRepository source.toolkit.fluxcd.io/v1 is not served by Flux 2.5.1 (declared "
            f"in {VALUES}:5): Flux serves it from 2.6.0; raise Flux first, or use a version that "
            "it serves. [unserved-api]"
        ),
        "1 error and 1 warning in 10 files.",
    ]


def test_a_dry_run_writes_a_diff_that_git_applies_and_nothing_else(clone: Path) -> None:
    (clone / "apps/a/oci.yaml").write_bytes(
        b"\xef\xbb\xbfapiVersion: source.toolkit.fluxcd.io/v1beta2\r\nkind: OCIRepository"
    )
    before = contents(clone)
    told = run(migrate, clone, "--dry-run")
    assert (told.exit_code, contents(clone)) == (1, before)
    assert told.stderr.splitlines()[-1] == ("Would move 1 object in 1 file; left 1 place for a person to look at.")
    patch = clone.parent / "change.patch"
    patch.write_bytes(told.stdout_bytes)
    git(clone, "apply", "--check", str(patch))
    run(migrate, clone)
    git(clone, "apply", "--reverse", str(patch))
    assert contents(clone) == before


def test_what_is_left_is_told_with_the_status_1(clone: Path) -> None:
    (clone / "apps/a/latin.yaml").write_bytes(b"name: caf\xe9\n")
    told = run(migrate, clone)
    assert told.exit_code == 1
    assert told.stdout.splitlines() == [
        "apps/a/latin.yaml: left: it is not UTF-8",
        "cluster main: Flux 2.6.1 (declared in apps/flux/instance.yaml:8)",
        "apps/a/oci.yaml:1: object OCIRepository source.toolkit.fluxcd.io/v1beta2 → v1",
        (
            "apps/a/release.yaml:6: left: HelmRelease helm.toolkit.fluxcd.io/v2 has no spec.chart.spec.valuesFile, "
            "which is used here; replace the field, then move it."
        ),
        "Moved 1 object in 1 file; left 1 place for a person to look at.",
    ]


def test_a_reason_that_many_share_is_told_once(clone: Path) -> None:
    (clone / INSTANCE).unlink()
    old = "apiVersion: source.toolkit.fluxcd.io/v1beta2\nkind: OCIRepository\n"
    write_files(clone, {f"apps/a/{number}.yaml": old for number in range(4)})
    told = run(migrate, clone, "--kind", "OCIRepository").stdout.splitlines()
    assert told[1].startswith(
        "left in 5 places: OCIRepository source.toolkit.fluxcd.io/v1 is newer and served from Flux"
    )
    assert told[2:] == [
        *(f"  apps/a/{name}.yaml:1" for name in ("0", "1", "2", "3", "oci")),
        "Nothing to move; left 5 places for a person to look at.",
    ]


def test_templates_are_looked_at_when_they_are_named(clone: Path) -> None:
    told = run(migrate, clone / "templates")
    assert (told.exit_code, told.stdout.splitlines()[-1]) == (0, "Moved 1 object in 1 file.")
    assert (clone / "templates/t.yaml").read_text().startswith("apiVersion: source.toolkit.fluxcd.io/v1\n")
    assert b"v1beta2" in contents(clone)["apps/a/oci.yaml"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--to", "9.9"), "--to 9.9: the catalogue knows Flux from 2.0 to 2.9, and nothing of 9.9"),
        (("--to", "latest"), "--to latest: latest is no version; write a minor or a release, such as 2.6"),
        (("--to", "2"), "--to 2: 2 is no version; write a minor or a release, such as 2.6"),
        (("--to", "2.6.0-rc.1"), "--to 2.6.0-rc.1: 2.6.0-rc.1 is no version; write a minor or a release, such as 2.6"),
        (
            ("--to", "external-secrets="),
            "--to external-secrets=: nothing is no version; write a minor or a release, such as external-secrets=2.9",
        ),
        (("--to", "2.6", "--to", "flux=2.7"), "--to names flux twice; give one version of each"),
        (
            ("--kind", "Ocirepository"),
            "--kind Ocirepository: the catalogue knows no such kind; write OCIRepository, or group/Kind",
        ),
        (
            ("--kind", "example.com/OCIRepository"),
            "--kind example.com/OCIRepository: the catalogue knows no such kind; write OCIRepository, or group/Kind",
        ),
    ],
)
def test_a_mistake_on_the_command_line_ends_with_status_2_and_writes_nothing(
    clone: Path, arguments: tuple[str, ...], message: str
) -> None:
    before = contents(clone)
    told = run(migrate, clone, *arguments)
    assert (told.exit_code, told.stdout, told.stderr) == (2, "", f"fluxmig migrate: {message}\n")
    assert contents(clone) == before


def test_an_unknown_provider_is_answered_with_those_that_are_known(clone: Path) -> None:
    told = run(migrate, clone, "--to", "fluxx=2.6")
    assert told.exit_code == 2
    assert told.stderr.startswith("fluxmig migrate: --to fluxx=2.6: the catalogue has no provider fluxx; it has ")
    assert " flux, " in told.stderr


@pytest.mark.parametrize("function", [migrate, check])
def test_a_folder_that_is_not_there(tmp_path: Path, function: Callable[..., None]) -> None:
    told = run(function, tmp_path / "nowhere")
    assert told.exit_code == 2
    assert told.stderr == f"fluxmig {function.__name__}: {tmp_path / 'nowhere'} does not exist\n"


# --- the repository's own configuration ---


CONFIG = """\
ignore_paths: [apps/a/release.yaml]
providers:
  - provider: widgets
    name: Widgets
    source: https://example.com/widgets
    first: "1.0"
    last: "1.1"
    newest: 1.1.0
    complete: true
    kinds:
      example.com/Widget:
        versions:
          v1beta1: {since: 1.0.0}
          v1: {since: 1.1.0}
"""


def test_the_owners_providers_and_ignored_paths_count(clone: Path) -> None:
    widget = "apiVersion: example.com/v1beta1\nkind: Widget\n"
    write_files(clone, {".github/fluxmig.yaml": CONFIG, "apps/a/widget.yaml": widget})
    assert run(migrate, clone, "--to", "widgets=1.1").exit_code == 0
    assert (clone / "apps/a/widget.yaml").read_text() == widget.replace("v1beta1", "v1")
    assert b"v2beta2" in contents(clone)["apps/a/release.yaml"]


@pytest.mark.parametrize("function", [migrate, check])
def test_a_broken_configuration_is_told_and_nothing_is_written(clone: Path, function: Callable[..., None]) -> None:
    write_files(clone, {".github/fluxmig.yaml": "providers:\n  - provider: widgets\n"})
    before = contents(clone)
    told = run(function, clone)
    assert (told.exit_code, told.stdout, contents(clone)) == (2, "", before)
    first, second = told.stderr.splitlines()
    assert first == f"fluxmig {function.__name__}: the configuration is broken; `fluxmig lint` tells more"
    assert second.startswith(".github/fluxmig.yaml:2: ")


@pytest.mark.parametrize("function", [migrate, check])
def test_a_configuration_from_elsewhere_takes_the_place_of_its_own(
    clone: Path, tmp_path: Path, function: Callable[..., None]
) -> None:
    """A broken one of its own is not even looked at."""
    write_files(clone, {".github/fluxmig.yaml": "rulez: 1\n"})
    file = tmp_path / "shared.yaml"
    file.write_text(CONFIG, encoding="utf-8")
    assert run(function, clone).exit_code == 2
    assert run(function, clone, "--config", str(file)).exit_code in (0, 1)
    assert b"v2beta2" in contents(clone)["apps/a/release.yaml"], "it says to ignore this"
    file.write_text("rulez: 1\n", encoding="utf-8")
    assert f"{file}:1:1: `rulez` is no key here" in run(function, clone, "--config", str(file)).stderr


# --- check ---


def test_the_status_is_that_of_the_worst_finding(clone: Path) -> None:
    assert run(check, clone).exit_code == 0
    assert run(check, clone, "--strict").exit_code == 1
    (clone / INSTANCE).write_text(instance("2.8.0"))
    assert run(check, clone).exit_code == 1
    assert run(check, clone / "clusters").exit_code == 0


def test_each_format_is_written(clone: Path) -> None:
    (clone / INSTANCE).write_text(instance("2.8.0"))
    formats = {name: run(check, clone, "--format", name) for name in ("text", "json", "github", "sarif")}
    assert {name: told.exit_code for name, told in formats.items()} == dict.fromkeys(formats, 1)
    assert json.loads(formats["json"].stdout)["errors"] == 2
    sarif = json.loads(formats["sarif"].stdout)
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]] == ["unserved-api", "unserved-api"]
    commands = formats["github"].stdout.splitlines()
    assert [line.partition(" ")[0] for line in commands] == ["::error", "::error", "2"]
    assert commands[-1] == formats["text"].stdout.splitlines()[-1] == "2 errors in 5 files."


def test_after_a_migration_check_finds_only_what_a_person_must_do(clone: Path) -> None:
    (clone / INSTANCE).write_text(instance("2.8.0"))
    assert run(migrate, clone).exit_code == 1
    (error, *_) = json.loads(run(check, clone, "--format", "json").stdout)["findings"]
    assert (error["file"], error["line"], error["column"]) == ("apps/a/release.yaml", 1, 13)
    (clone / "apps/a/release.yaml").write_text(
        "apiVersion: helm.toolkit.fluxcd.io/v2beta2\nkind: HelmRelease\nspec:\n  chart:\n    spec:\n"
        "      valuesFiles: [x]\n"
    )
    assert run(migrate, clone).exit_code == 0
    assert run(check, clone, "--strict").exit_code == 0


def test_upgrade_tells_the_way_of_a_folder(story: Path) -> None:
    told = run(upgrade, "flux", "2.8", story)
    assert told.exit_code == 0
    assert "\n  2.5.1 → 2.7.5\n" in told.output
    assert json.loads(run(upgrade, "flux", "2.6", story, "--format", "json").output)["provider"] == "flux"
    refused = run(upgrade, "flux", "tomorrow", story)
    assert refused.exit_code == 2
    assert "tomorrow is no version" in refused.output
