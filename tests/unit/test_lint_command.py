"""`fluxmig lint` and `fluxmig schema`, and `--config` of the commands that work without GitHub."""

import json
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli.classify import classify
from app.cli.lint import lint, schema
from app.domain.model import SourceFile
from app.domain.policy_file import read_policy
from app.domain.policy_form import PolicyForm, policy_schema, policy_schema_text

BROKEN = "rulez: 1\nrules:\n  - match: {names: [a]}\n    class: 'a,b: 100%'\n"

KEYS = ", ".join(PolicyForm.model_fields)


def run(command: Callable[..., None], *arguments: str, stdin: str | None = None) -> Result:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command)
    return CliRunner().invoke(app, list(arguments), input=stdin)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    file = tmp_path / "fluxmig.yaml"
    file.write_text(BROKEN, encoding="utf-8")
    return file


def test_a_right_file(tmp_path: Path) -> None:
    file = tmp_path / "fluxmig.yaml"
    file.write_text("rules:\n  - {match: {}, class: tooling}\n", encoding="utf-8")
    result = run(lint, str(file))
    assert (result.exit_code, result.stdout) == (0, f"{file}: right; 1 rule\n")
    assert json.loads(run(lint, str(file), "--format", "json").stdout) == []


def test_every_mistake_stands_on_its_line(broken: Path) -> None:
    result = run(lint, str(broken))
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{broken}:1:1: `rulez` is no key here; did you mean `rules`? Allowed: {KEYS}",
        f"{broken}:4:5: `a,b: 100%` is not allowed here; allowed: tooling, flux-core, infrastructure or application",
    ]


def test_for_programs_and_for_github(broken: Path) -> None:
    told = json.loads(run(lint, str(broken), "--format", "json").stdout)
    assert [(row["file"], row["line"], row["column"]) for row in told] == [(str(broken), 1, 1), (str(broken), 4, 5)]
    second = run(lint, str(broken), "--format", "github").stdout.splitlines()[1]
    assert second == (
        f"::error file={broken},line=4,col=5,title=fluxmig::`a,b: 100%25` is not allowed here; allowed: tooling, "
        "flux-core, infrastructure or application"
    )


def test_the_example_of_the_documents_is_right(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs/how-to/adjust-classification.md"
    (block,) = re.findall(
        r"^   ```yaml\n(.*?)^   ```", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    file = tmp_path / "fluxmig.yaml"
    file.write_text(textwrap.dedent(block), encoding="utf-8")
    assert run(lint, str(file)).stdout == f"{file}: right; 3 rules\n"


def test_what_cannot_be_read(tmp_path: Path) -> None:
    missing = run(lint, str(tmp_path / "none.yaml"))
    assert missing.exit_code == 2
    assert "none.yaml: No such file or directory" in missing.stderr
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"a: \xff\n")
    assert run(lint, str(binary)).exit_code == 2


def test_the_schema_says_what_the_reader_says() -> None:
    assert run(schema).stdout == policy_schema_text()
    check = jsonschema_rs.validator_for(policy_schema())
    assert check.is_valid({"version": 1, "rules": [{"match": {"names": ["a"]}, "class": "tooling"}]})
    assert check.is_valid({})
    assert check.is_valid({"labels": False, "approvals": False, "edges": {"file": "off"}})
    assert not check.is_valid({"edges": {"explicit": "off"}})
    assert not check.is_valid({"rulez": []})
    assert not check.is_valid({"rules": [{"match": {"nmaes": ["a"]}, "class": "tooling"}]})
    assert not check.is_valid({"rules": [{"match": {}, "class": "infra"}]})


def test_every_example_of_the_reference_is_right() -> None:
    page = Path(__file__).parents[2] / "docs/reference/config.md"
    examples = re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    assert len(examples) > 6
    for example in examples:
        assert read_policy(SourceFile("fluxmig.yaml", "1", example)).problems == (), example


def test_the_line_for_editors(tmp_path: Path) -> None:
    line = "# yaml-language-server: $schema="
    assert run(schema, "--modeline").stdout == f"{line}fluxmig.schema.json\n"
    served = run(schema, "--modeline", "--service", "https://fluxmig.example.org/").stdout
    assert served == f"{line}https://fluxmig.example.org/schema/fluxmig.json\n"
    file = tmp_path / "fluxmig.yaml"
    for text, said in (
        (
            "mode: act\n",
            f"`fluxmig schema > fluxmig.schema.json` beside it and this as its first line: {line}fluxmig.schema.json\n",
        ),
        (served, "Editors check it by https://fluxmig.example.org/schema/fluxmig.json.\n"),
        (f"{line}https://x.example/y\n", "does not look like the schema that `fluxmig schema` prints.\n"),
    ):
        file.write_text(text, encoding="utf-8")
        result = run(lint, str(file))
        assert result.exit_code == 0
        assert result.stderr.endswith(said)


def test_classify_under_a_configuration(tmp_path: Path, broken: Path) -> None:
    line = json.dumps({"title": "fix: update image ghcr.io/x/one ( 1.0.0 → 1.0.1 )", "files": ["apps/a.yaml"]})
    file = tmp_path / "rules.yaml"
    file.write_text("rules:\n  - {match: {names: ['**/one']}, class: flux-core}\n", encoding="utf-8")
    told = json.loads(run(classify, "-", "--config", str(file), stdin=line).stdout)
    assert told["component"] == "flux-core"
    assert told["reasons"][0] == f"flux-core: rule 1 of {file}:2"
    assert told["rules"] == [{"file": str(file), "line": 2, "text": "rule 1"}]
    refused = run(classify, "-", "--config", str(broken), stdin=line)
    assert refused.exit_code == 2
    assert f"{broken}:4:5: " in refused.stderr
