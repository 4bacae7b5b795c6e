"""`fluxmig ordering`, run as a person runs it, over patches alone."""

import json
import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from app.cli.ordering import ordering
from app.cli.ordering_cases import judge_case
from app.cli.ordering_patches import read_commit
from app.domain.diff import parse_patch
from app.domain.fragments import MOST_LINES, fragment_change, fragment_tree
from tests.support.corpus import corpus_file, needs_corpus


def patch(path: str, *hunks: str) -> str:
    return f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n" + "".join(hunks)


RAISE = patch(
    "apps/flux/values.yaml",
    "@@ -2,4 +2,4 @@ instance:\n   distribution:\n-    version: 2.5.1\n+    version: 2.6.1\n"
    "   cluster:\n     type: a\n",
)
MIGRATE = patch(
    "apps/a/release.yaml",
    "@@ -1,4 +1,4 @@\n ---\n-apiVersion: source.toolkit.fluxcd.io/v1beta2\n+apiVersion: source.toolkit.fluxcd.io/v1\n"
    " kind: OCIRepository\n metadata:\n",
)


def commit(sha: str, text: str, title: str, **more: object) -> dict[str, object]:
    return {
        "repo": "a/b", "sha": sha * 10, "subject": title, "patch": text, "on_main": True,
        "date": "2025-06-11T10:00:00Z", **more,
    }  # fmt: skip


BLOCKER = commit("b10c", RAISE, "feat: update flux ( 2.5.1 → 2.6.1 ) (#30)", date="2025-06-11T13:00:00Z")
DEPENDENT = commit("de9e", MIGRATE, "fix(deps): update ocirepository (#34)")
CASE = {"id": "api", "dependent": {"sha": DEPENDENT["sha"]}, "blocker": {"sha": BLOCKER["sha"]}}


def run(tmp_path: Path, cases: list[object], commits: list[object]) -> Result:
    for name, rows in (("cases.jsonl", cases), ("commits.jsonl", commits)):
        tmp_path.joinpath(name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(ordering)
    return CliRunner().invoke(app, [str(tmp_path / "cases.jsonl"), "--commits", str(tmp_path / "commits.jsonl")])


def test_an_order_is_found_in_two_patches(tmp_path: Path) -> None:
    result = run(tmp_path, [CASE], [DEPENDENT, BLOCKER])
    assert result.exit_code == 0
    assert "found        api: needs, hard: #34 needs OCIRepository" in result.output
    assert "orders found         1 of 1 (100.0 %) decidable, 0 are not" in result.output


def test_the_merges_of_a_case_are_no_merges_without_trouble(tmp_path: Path) -> None:
    assert "false blocks, alone  0 of 0" in run(tmp_path, [CASE], [DEPENDENT, BLOCKER]).output


def test_merged_the_other_way_round_without_trouble_is_a_false_block(tmp_path: Path) -> None:
    output = run(tmp_path, [], [DEPENDENT, BLOCKER]).output
    assert "false blocks, pairs  1 of 1 (100.0 %), 1 need an API or bring a version" in output
    assert "false block: a/b de9ede9e fix(deps): update ocirepository (#34) and a/b b10cb10c" in output


def test_merged_in_order_is_none(tmp_path: Path) -> None:
    output = run(tmp_path, [], [DEPENDENT | {"date": "2025-06-12T00:00:00Z"}, BLOCKER]).output
    assert "false blocks, pairs  0 of 1 (0.0 %)" in output


@pytest.mark.parametrize(
    ("case", "commits", "why"),
    [
        (CASE | {"blocker": None}, [DEPENDENT], "no commit is known as the blocker"),
        (CASE, [BLOCKER], "the dependent de9ede9e cannot be read: it is not among the commits"),
        (CASE, [DEPENDENT | {"patch_truncated": True}, BLOCKER], "cannot be read: the patch is cut"),
        (CASE, [DEPENDENT | {"patch": ""}, BLOCKER], "cannot be read: the patch is empty"),
        (
            CASE,
            [DEPENDENT | {"patch": MIGRATE.replace("apps/a", "templates/a")}, BLOCKER],
            "no cluster reads the dependent's files",
        ),
    ],
)
def test_what_patches_do_not_show_is_undecidable(
    case: dict[str, object], commits: list[dict[str, object]], why: str
) -> None:
    read = {found.sha: found for fields in commits if (found := read_commit(fields))}
    finding = judge_case(case, read)
    assert finding.outcome == "undecidable"
    assert why in finding.why


@pytest.mark.parametrize(("line", "why"), [("{", "not JSON"), ("[]", "expected an object, found list")])
def test_a_bad_line_ends_the_command_with_its_place(tmp_path: Path, line: str, why: str) -> None:
    (tmp_path / "bad.jsonl").write_text(f"\n{line}\n", encoding="utf-8")
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(ordering)
    result = CliRunner().invoke(app, [str(tmp_path / "bad.jsonl"), "--commits", os.devnull])
    assert result.exit_code == 2
    assert f"bad.jsonl:2: {why}" in result.output


def test_a_fragment_has_each_line_at_its_number() -> None:
    (file,) = parse_patch(RAISE)
    change = fragment_change(file)
    assert change.before is not None
    assert change.before.text == "instance:\n  distribution:\n    version: 2.5.1\n  cluster:\n    type: a\n"
    assert change.after is not None
    assert "version: 2.6.1" in change.after.text
    assert parse_patch(f"diff --git a/x b/x\n{change.patch}\n")[0].hunks == file.hunks


def test_what_one_takes_away_beats_what_the_other_shows() -> None:
    later = patch("a.yaml", "@@ -1,2 +1,2 @@\n version: 2\n-b: 1\n+b: 2\n")
    earlier = patch("a.yaml", "@@ -1 +1 @@\n-version: 1\n+version: 2\n")
    assert fragment_tree(parse_patch(earlier), parse_patch(later))["a.yaml"].text == "version: 1\nb: 1\n"


def test_a_forged_line_number_makes_no_huge_file() -> None:
    (file,) = parse_patch(patch("a.yaml", f"@@ -{MOST_LINES * 100} +{MOST_LINES * 100} @@ x:\n-a\n+b\n"))
    change = fragment_change(file)
    assert (change.before and change.before.text, change.after and change.after.text) == ("", "")


@needs_corpus
def test_real_merges_without_trouble_are_not_held() -> None:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(ordering)
    commits = [name for file in ("commits", "labelled") for name in ("--commits", str(corpus_file(f"{file}.jsonl")))]
    result = CliRunner().invoke(app, [str(corpus_file("ordering.jsonl")), *commits])
    assert result.exit_code == 0
    assert "false block:" not in result.output
    assert "not found" not in result.output
