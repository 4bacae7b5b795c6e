"""Diffs are read and applied exactly: the result is the blob that Git says."""

import difflib
import random
import subprocess
from pathlib import Path

import pytest

from app.domain.diff import LineKind, PatchMismatch, apply_hunks, git_blob_id, parse_hunks, parse_patch
from app.domain.model import ChangeStatus

LIST_ITEM_REMOVED = """\
diff --git a/setup/crds/kustomization.yaml b/setup/crds/kustomization.yaml
index 1111111..2222222 100644
--- a/setup/crds/kustomization.yaml
+++ b/setup/crds/kustomization.yaml
@@ -2,4 +2,4 @@ kind: Kustomization
 resources:
-- https://example.org/v1.0.0/crds.yaml
---- a marker
+- https://example.org/v1.1.0/crds.yaml
+++ a marker
 - last
diff --git a/old name.yaml b/new name.yaml
similarity index 90%
rename from old name.yaml
rename to new name.yaml
index 3333333..4444444 100644
--- a/old name.yaml\t
+++ b/new name.yaml\t
@@ -1 +1 @@
-tag: 1.0.0
+tag: 1.1.0
"""


def test_removed_list_items_and_markers_are_no_headers() -> None:
    first, second = parse_patch(LIST_ITEM_REMOVED)
    assert first.path == "setup/crds/kustomization.yaml"
    assert (first.old_blob, first.new_blob) == ("1111111", "2222222")
    assert [line.text for line in first.removed()] == ["- https://example.org/v1.0.0/crds.yaml", "--- a marker"]
    assert [line.text for line in first.added()] == ["- https://example.org/v1.1.0/crds.yaml", "++ a marker"]
    assert first.hunks[0].section == "kind: Kustomization"
    assert (second.status, second.previous_path, second.path) == (
        ChangeStatus.RENAMED,
        "old name.yaml",
        "new name.yaml",
    )


def test_lines_carry_their_numbers_on_both_sides() -> None:
    (hunk,) = parse_hunks("@@ -10,3 +20,4 @@\n a\n-b\n+B\n+C\n d")
    assert [(line.kind, line.text, line.old, line.new) for line in hunk.lines] == [
        (LineKind.CONTEXT, "a", 10, 20),
        (LineKind.REMOVED, "b", 11, None),
        (LineKind.ADDED, "B", None, 21),
        (LineKind.ADDED, "C", None, 22),
        (LineKind.CONTEXT, "d", 12, 23),
    ]
    assert hunk.complete


def test_added_removed_and_binary_files() -> None:
    patch = (
        "diff --git a/new.yaml b/new.yaml\nnew file mode 100644\nindex 0000000..1111111\n--- /dev/null\n"
        "+++ b/new.yaml\n@@ -0,0 +1,2 @@\n+a\n+b\n"
        "diff --git a/gone.yaml b/gone.yaml\ndeleted file mode 100644\nindex 1111111..0000000\n--- a/gone.yaml\n"
        "+++ /dev/null\n@@ -1 +0,0 @@\n-a\n"
        "diff --git a/x.png b/x.png\nindex 1..2 100644\nBinary files a/x.png and b/x.png differ\n"
        'diff --git "a/caf\\303\\251.yaml" "b/caf\\303\\251.yaml"\nindex 1..2 100644\n'
    )
    added, removed, binary, quoted = parse_patch(patch)
    assert (added.status, added.path) == (ChangeStatus.ADDED, "new.yaml")
    assert apply_hunks("", added.hunks) == "a\nb\n"
    assert (removed.status, removed.path) == (ChangeStatus.REMOVED, "gone.yaml")
    assert apply_hunks("a\n", removed.hunks) == ""
    assert binary.binary
    assert not binary.hunks
    assert quoted.path == "café.yaml"


def test_text_that_is_no_diff_gives_nothing() -> None:
    assert parse_patch("") == ()
    assert parse_patch("hello\n--- a\n+++ b\n") == ()
    assert parse_hunks("no hunk") == ()


@pytest.mark.parametrize(
    ("before", "patch", "after"),
    [
        ("a\nb\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n", "a\nB\nc\n"),
        ("a", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file", "b"),
        ("a", "@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b", "a\nb\n"),
        ("a\n", "@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file", "a"),
        ("a\nb", "@@ -1 +1 @@\n-a\n+A", "A\nb"),
        ("a\r\nb\r\n", "@@ -1,2 +1,2 @@\n-a\r\n+A\r\n b\r", "A\r\nb\r\n"),
        ("a\r\nb\r\n", "@@ -1,2 +1,2 @@\n-a\n+A\n b", "A\r\nb\r\n"),
        ("a\nb\n", "@@ -1,0 +2 @@\n+x", "a\nx\nb\n"),
        ("", "@@ -0,0 +1 @@\n+x\n\\ No newline at end of file", "x"),
        ("a\x0cb\u2028c\n", "@@ -1 +1 @@\n-a\x0cb\u2028c\n+d", "d\n"),
        ("a\n\nb\n", "@@ -1,3 +1,3 @@\n a\n\n-b\n+B", "a\n\nB\n"),
    ],
)
def test_a_patch_is_applied(before: str, patch: str, after: str) -> None:
    assert apply_hunks(before, parse_hunks(patch)) == after


@pytest.mark.parametrize(
    ("before", "patch", "message"),
    [
        ("x\n", "@@ -1 +1 @@\n-a\n+b", "line 1 is 'x', the patch expects 'a'"),
        ("a\n", "@@ -3 +3 @@\n-a\n+b", "the file has no line 3"),
        ("a\n", "@@ -1,2 +1,2 @@\n a\n-b\n+c", "the file ends before line 2"),
        ("a\nb\n", "@@ -1,2 +1,2 @@\n a", "the patch is cut inside the hunk at line 1"),
        ("a", "@@ -1 +1 @@\n-a\n+b", "line 1 and the patch disagree on the newline"),
        ("a\nb\n", "@@ -1 +1 @@\n-a\n+A\n\\ No newline at end of file", "a line without newline is followed"),
    ],
)
def test_a_patch_for_another_text_is_refused(before: str, patch: str, message: str) -> None:
    with pytest.raises(PatchMismatch, match=message):
        apply_hunks(before, parse_hunks(patch))


def test_the_blob_id_is_gits_own() -> None:
    assert git_blob_id("") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert git_blob_id("hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert git_blob_id("é\n".encode()) == git_blob_id("é\n")


def test_hunks_of_git_rebuild_the_head_file(tmp_path: Path) -> None:
    """Git makes the diffs of many random edits; each must come back as the very blob that Git named."""
    shuffled = random.Random(7)
    before_dir, after_dir = tmp_path / "a", tmp_path / "b"
    before_dir.mkdir()
    after_dir.mkdir()
    words = ["- a", "-- b", "++ c", "", "\t", "key: 1\r", "@@ -1 +1 @@", "diff --git a/x b/x", "\\ No newline", "é"]
    texts: dict[str, tuple[str, str]] = {}
    for number in range(60):
        lines = shuffled.choices(words, k=shuffled.randint(0, 25))
        edited = [line for line in lines if shuffled.random() > 0.15]
        for _ in range(shuffled.randint(0, 4)):
            edited.insert(shuffled.randint(0, len(edited)), shuffled.choice(words))
        ends = ["", "\n"]
        before = "\n".join(lines) + shuffled.choice(ends)
        after = "\n".join(edited) + shuffled.choice(ends)
        name = f"{number}.yaml"
        (before_dir / name).write_bytes(before.encode())
        (after_dir / name).write_bytes(after.encode())
        texts[name] = (before, after)
    command = ["git", "diff", "--no-index", "--full-index", "--src-prefix=", "--dst-prefix=", "a", "b"]
    diff = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).stdout.decode()
    # With --no-index Git writes the folder names where a/ and b/ stand otherwise.
    files = parse_patch(diff)
    assert len(files) == sum(before != after for before, after in texts.values())
    for file in files:
        before, after = texts[file.path]
        assert apply_hunks(before, file.hunks) == after
        assert file.new_blob == git_blob_id(after)


def test_hunks_of_difflib_apply_too() -> None:
    before = [f"line {number}\n" for number in range(40)]
    after = [*before[:5], "new\n", *before[6:30], *before[33:]]
    diff = "".join(difflib.unified_diff(before, after))
    assert apply_hunks("".join(before), parse_hunks(diff)) == "".join(after)
