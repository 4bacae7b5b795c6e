"""`fluxmig classify` and `fluxmig accuracy`, run as a person runs them: a file in, lines out, a status."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli.accuracy import accuracy, measure
from app.cli.classification_lines import Line
from app.cli.classify import classify
from tests.support.corpus import corpus_file, needs_corpus

PATCH = """\
diff --git a/apps/cilium.yaml b/apps/cilium.yaml
--- a/apps/cilium.yaml
+++ b/apps/cilium.yaml
@@ -1,2 +1,2 @@
       chart: cilium
-      version: 1.17.3
+      version: 1.17.4
"""
CILIUM = {"repo": "a/b", "title": "fix: update chart cilium to 1.17.4", "files": ["apps/cilium.yaml"], "patch": PATCH}


def run(command: Callable[..., None], *arguments: str, stdin: str | None = None) -> Result:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command)
    return CliRunner().invoke(app, list(arguments), input=stdin)


def test_one_line_in_one_line_out(tmp_path: Path) -> None:
    file = tmp_path / "pull-requests.jsonl"
    file.write_text(
        json.dumps(CILIUM) + "\n\n" + json.dumps({**CILIUM, "labels": ["type/minor"]}) + "\n", encoding="utf-8"
    )
    result = run(classify, str(file))
    assert result.exit_code == 0
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert first == {
        "update_type": "patch",
        "component": "infrastructure",
        "component_class": "infrastructure",
        "grouped": False,
        "updates": [
            {
                "name": "cilium",
                "from": "1.17.3",
                "to": "1.17.4",
                "manager": "flux",
                "datasource": "helm",
                "file": "apps/cilium.yaml",
            }
        ],
        "confidence": 0.95,
        "reasons": [
            "infrastructure: cilium is infrastructure",
            "patch, by the versions in the diff",
            "1 named by the diff",
        ],
        "rules": [],
        "also_changes": [],
    }
    assert list(second) == list(first)


def test_standard_input() -> None:
    result = run(classify, "-", stdin=json.dumps(CILIUM))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["component"] == "infrastructure"


def test_labels_that_are_an_answer_do_not_leak() -> None:
    answer = {"update_type": "major", "component": "application", "deps": [{"name": "x", "from": "1", "to": "2"}]}
    without, with_answer = (run(classify, "-", stdin=json.dumps(row)) for row in (CILIUM, {**CILIUM, "labels": answer}))
    assert with_answer.stdout == without.stdout


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "stdin:1: not JSON: "),
        ("[]", "stdin:1: expected an object, found list"),
        ("{}", 'stdin:1: needs "title", a text'),
        ('{"title": "x", "patch": 1}', 'stdin:1: "patch" must be a text'),
        ('{"title": "x", "files": "a"}', 'stdin:1: "files" must be a list of paths'),
    ],
)
def test_a_bad_line_is_named_and_the_others_go_on(line: str, message: str) -> None:
    result = run(classify, "-", stdin=f"{line}\n{json.dumps(CILIUM)}\n")
    assert result.exit_code == 2
    assert message in result.stderr
    assert [json.loads(text)["component"] for text in result.stdout.splitlines()] == ["infrastructure"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    missing = tmp_path / "none.jsonl"
    for command in (classify, accuracy):
        result = run(command, str(missing))
        assert result.exit_code == 2
        assert f"{missing}: No such file or directory" in result.stderr


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    binary = tmp_path / "x.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")
    for command in (classify, accuracy):
        result = run(command, str(binary))
        assert result.exit_code == 2
        assert "not UTF-8" in result.stderr


def labelled(**labels: object) -> str:
    return json.dumps({**CILIUM, "labels": labels}) + "\n"


RIGHT = {
    "update_type": "patch",
    "component": "infrastructure",
    "component_class": "infrastructure",
    "deps": [{"name": "cilium/cilium", "from": "v1.17.3", "to": "1.17.4"}],
}


def test_accuracy_counts_right_answers() -> None:
    wrong = {**RIGHT, "update_type": "minor", "deps": [{"name": "cilium", "from": "1.17.3", "to": "1.18.0"}]}
    result = run(accuracy, "-", "--wrong", stdin=labelled(**RIGHT) + labelled(**wrong))
    assert result.exit_code == 0
    counted = {" ".join(line.split("of")[0].split()): line for line in result.stdout.splitlines()[:4]}
    assert set(counted) == {"update type 1", "component 2", "component class 2", "names and versions 1"}
    assert "50.0 %" in counted["update type 1"]
    assert "stdin:2: fix: update chart cilium to 1.17.4\n  update type: expected minor\n  found patch" in result.stdout
    assert "expected cilium 1.17.3 -> 1.18.0" in result.stdout


def test_accuracy_leaves_out_what_two_readers_would_answer_differently() -> None:
    result = run(accuracy, "-", stdin=labelled(update_type="patch", component=None, component_class=None))
    assert result.stdout.split() == ["update", "type", "1", "of", "1", "100.0", "%", "0", "unknown"]


def test_accuracy_needs_labels() -> None:
    result = run(accuracy, "-", stdin=json.dumps(CILIUM))
    assert result.exit_code == 2
    assert "no line has labels" in result.stderr


@needs_corpus
def test_labelled_pull_requests_are_classified_as_people_did() -> None:
    path = corpus_file("labelled.jsonl")
    with path.open(encoding="utf-8") as source:
        lines = [Line(f"{path.name}:{number}", json.loads(text)) for number, text in enumerate(source, start=1)]
    shares = {score.about: score.share for score in measure(lines)}
    assert shares["update type"] >= 0.98
    assert shares["component"] >= 0.93
    assert shares["names and versions"] >= 0.97
