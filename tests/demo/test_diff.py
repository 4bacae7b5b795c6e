"""Patches as GitHub shows them, and three-way merges."""

import shutil
import subprocess
from pathlib import Path

import pytest

from app.demo.github.diff import MergeConflict, diff_trees, merge_trees, unified_patch

VALUES = """---
instance:
  distribution:
    # renovate: datasource=github-releases depName=controlplaneio-fluxcd/distribution
    version: 2.5.1
  cluster:
    networkPolicy: false
  components:
    - source-controller
"""

LETTERS = [f"{letter}\n" for letter in "abcdefghijklmnopqrst"]


def test_the_patch_of_one_line_is_what_github_showed_for_it() -> None:
    """https://github.com/wcygan/homelab/pull/30"""
    assert unified_patch(VALUES, VALUES.replace("2.5.1", "2.6.1")) == (
        "@@ -2,7 +2,7 @@\n"
        " instance:\n"
        "   distribution:\n"
        "     # renovate: datasource=github-releases depName=controlplaneio-fluxcd/distribution\n"
        "-    version: 2.5.1\n"
        "+    version: 2.6.1\n"
        "   cluster:\n"
        "     networkPolicy: false\n"
        "   components:"
    )


def variants() -> dict[str, tuple[str, str]]:
    text = "".join(LETTERS)
    return {
        "first line": (text, "A\n" + "".join(LETTERS[1:])),
        "last line": (text, "".join(LETTERS[:-1]) + "T\n"),
        "two hunks": (text, text.replace("b\n", "B\n").replace("q\n", "Q\n")),
        "joined hunks": (text, text.replace("b\n", "B\n").replace("h\n", "H\n")),
        "insertion": (text, text.replace("k\n", "k\nnew\nlines\n")),
        "removal": (text, text.replace("k\nl\n", "")),
        "new file": ("", text),
        "gone": (text, ""),
        "newline added": (text.rstrip("\n"), text),
        "newline lost": (text, text.rstrip("\n")),
        "one line": ("a\n", "b\n"),
    }


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git to compare with")
@pytest.mark.parametrize("name", variants())
def test_patches_are_those_of_git(name: str, tmp_path: Path) -> None:
    before, after = variants()[name]
    (tmp_path / "old").write_text(before, encoding="utf-8")
    (tmp_path / "new").write_text(after, encoding="utf-8")
    command = ["git", "diff", "--no-index", "--no-color", "old", "new"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert unified_patch(before, after) == done.stdout[done.stdout.index("@@") :].removesuffix("\n")


def test_a_tree_diff_tells_added_changed_removed_and_renamed() -> None:
    long = "".join(LETTERS)
    before = {"changed": "1\n", "gone": "x\n", "old/name": long, "same": "s\n"}
    after = {"changed": "2\n", "fresh": "q\nr\n", "new/name": long.replace("c\n", "C\n"), "same": "s\n"}
    diffs = {diff.path: diff for diff in diff_trees(before, after)}
    assert {path: diff.status for path, diff in diffs.items()} == {
        "changed": "modified",
        "fresh": "added",
        "gone": "removed",
        "new/name": "renamed",
    }
    assert (diffs["new/name"].previous_path, diffs["new/name"].additions, diffs["new/name"].deletions) == (
        "old/name",
        1,
        1,
    )
    assert (diffs["fresh"].additions, diffs["gone"].deletions) == (2, 1)


def test_an_oversized_patch_is_left_out() -> None:
    [diff] = diff_trees({}, {"big": "x\n" * 20_001})
    assert diff.patch is None
    assert diff.additions == 20_001


@pytest.mark.parametrize(
    ("ours", "theirs", "merged"),
    [
        ("A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n"),
        ("A\nb\nc\n", "a\nB\nc\n", "A\nB\nc\n"),
        ("A\nb\nc\n", "A\nb\nC\n", "A\nb\nC\n"),
        ("a\nx\nb\nc\n", "a\nb\nc\ny\n", "a\nx\nb\nc\ny\n"),
        ("b\nc\n", "a\nb\nC\n", "b\nC\n"),
        ("a\nb\nc\n", "z\n", "z\n"),
    ],
)
def test_changes_of_different_lines_are_merged(ours: str, theirs: str, merged: str) -> None:
    base = {"f": "a\nb\nc\n"}
    result = base | {"f": ours} | merge_trees(base, {"f": ours}, {"f": theirs})
    assert result == {"f": merged}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("A\nb\n", "X\nb\n"), ("b\n", "X\nb\n"), ("a\nx\nb\n", "a\ny\nb\n")],
)
def test_changes_of_the_same_line_conflict(ours: str, theirs: str) -> None:
    with pytest.raises(MergeConflict, match="conflict in f"):
        merge_trees({"f": "a\nb\n"}, {"f": ours}, {"f": theirs})


def test_a_file_that_one_side_removes_and_the_other_changes_conflicts() -> None:
    with pytest.raises(MergeConflict):
        merge_trees({"f": "a\n"}, {}, {"f": "b\n"})
    with pytest.raises(MergeConflict):
        merge_trees({"f": "a\n"}, {"f": "b\n"}, {})


def test_neighbouring_lines_conflict_where_git_is_to_be_followed() -> None:
    base, ours, theirs = {"f": "a\nb\nc\n"}, {"f": "A\nb\nc\n"}, {"f": "a\nB\nc\n"}
    assert merge_trees(base, ours, theirs) == {"f": "A\nB\nc\n"}
    with pytest.raises(MergeConflict):
        merge_trees(base, ours, theirs, neighbours_conflict=True)
