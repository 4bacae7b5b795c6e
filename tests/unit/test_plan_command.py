"""`fluxmig plan` on a real clone, in each of its formats."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli.plan import plan
from tests.support.story_repository import story_repository


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return story_repository(tmp_path_factory.mktemp("story") / "homelab")


def run(clone: Path, *arguments: str) -> Result:
    command = typer.Typer()
    command.command()(plan)
    return CliRunner().invoke(command, ["--git", str(clone), "--base", "main", *arguments])


HEADS = ("--pr", "22=pr/22", "--pr", "26=pr/26", "--pr", "30=pr/30", "--pr", "34=pr/34")


def test_the_json_is_the_contract(clone: Path) -> None:
    told = json.loads(run(clone, *HEADS, "--format", "json").stdout)
    assert list(told) == ["base", "clusters", "pull_requests", "edges", "waves", "warnings", "config", "mode"]
    values = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
    (cluster,) = told["clusters"]
    assert (cluster["name"], cluster["flux"]) == ("main", {"version": "2.5.1", "source": {"file": values, "line": 5}})
    hard = [edge for edge in told["edges"] if edge["strength"] == "hard"]
    assert [(e["from"], e["to"], e["kind"], e["condition"]) for e in hard] == [(34, 30, "needs", "rolled_out")]
    assert {"file": values, "line": 5, "text": "version: 2.6.1"} in hard[0]["evidence"]
    assert [edge for edge in told["edges"] if 26 in (edge["from"], edge["to"])] == []
    by_number = {entry["number"]: entry for entry in told["pull_requests"]}
    assert {number: entry["state"] for number, entry in by_number.items()} == {
        22: "ready",
        26: "ready",
        30: "ready",
        34: "blocked",
    }
    assert by_number[34]["reason"] == hard[0]["reason"]
    assert by_number[34]["requires"][0]["kind"] == "OCIRepository"
    assert by_number[30]["provides"][0]["to"] == "2.6.1"
    assert by_number[26]["classification"]["component_class"] == "tooling"
    assert told["waves"] == [[26], [22], [30], [34]]


def test_the_table_names_state_and_reason(clone: Path) -> None:
    told = run(clone, *HEADS).stdout
    assert "cluster main: Flux 2.5.1, kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml:5\n" in told
    assert "  #34    blocked          flux-core " in told
    assert "so #30 must be rolled out first, not only merged." in told


def test_markdown_and_mermaid(clone: Path) -> None:
    markdown = run(clone, *HEADS, "--format", "markdown").stdout
    assert "## Wave 4\n\n- #34 fix\\(deps\\): update dependency ocirepository" in markdown
    assert "- #34 waits for #30 (needs, hard, rolled out): #34 needs OCIRepository" in markdown
    mermaid = run(clone, *HEADS, "--format", "mermaid").stdout
    assert mermaid.startswith("flowchart LR\n")
    assert "  pr30 -->|needs| pr34\n" in mermaid
    assert "  pr22 -.->|pair| pr30\n" in mermaid
    assert "pr26" not in mermaid


def test_without_pull_requests_the_clusters_are_shown(clone: Path) -> None:
    assert json.loads(run(clone, "--format", "json").stdout)["pull_requests"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--pr", "34"), "--pr 34 is not NUMBER=REV, such as 34=origin/renovate/ocirepository-1.x"),
        (("--pr", "x=pr/34"), "--pr x=pr/34 is not NUMBER=REV, such as 34=origin/renovate/ocirepository-1.x"),
        (("--pr", "34=nowhere"), "has no revision nowhere"),
    ],
)
def test_mistakes_end_with_a_sentence(clone: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run(clone, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_the_configuration_is_that_of_the_base_or_the_one_that_is_named(clone: Path, tmp_path: Path) -> None:
    told = run(clone, *HEADS, "--format", "json").stdout
    assert (json.loads(told)["config"]["problems"], json.loads(told)["mode"]) == ([], "act")
    file = tmp_path / "fluxmig.yaml"
    file.write_text("rules:\n  - {match: {paths: [.mise.toml]}, class: application, reason: ours}\n", encoding="utf-8")
    named = run(clone, *HEADS, "--config", str(file)).stdout
    assert f'application: rule 1 of {file}:2: "ours"' in named
    own = story_repository(tmp_path / "own", extra={".github/fluxmig.yaml": file.read_text(encoding="utf-8")})
    assert 'application: rule 1 of .github/fluxmig.yaml:2: "ours"' in run(own, *HEADS).stdout


def test_a_broken_configuration_ends_it_where_it_is_named_and_is_a_warning_where_it_is_the_bases(
    clone: Path, tmp_path: Path
) -> None:
    file = tmp_path / "fluxmig.yaml"
    file.write_text("rulez: []\n", encoding="utf-8")
    refused = run(clone, *HEADS, "--config", str(file))
    assert refused.exit_code == 2
    assert f"{file}:1:1: `rulez` is no key here" in refused.stderr
    own = story_repository(tmp_path / "own", extra={".github/fluxmig.yaml": "rulez: []\n"})
    told = run(own, *HEADS)
    assert told.exit_code == 0
    assert "warning: .github/fluxmig.yaml:1: `rulez` is no key here" in told.stdout
