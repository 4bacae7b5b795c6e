"""Git would give the same ids: the expected ones are those of `git hash-object`, `write-tree`, `commit-tree`."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from app.demo.github.objects import Signature, Tree, blob_id, make_commit

FILES = {
    "a.txt": "one\n",
    "a/b.txt": "two\n",
    "a.b/c": "three\n",
    "scripts/run.sh": "#!/bin/sh\n",
    "deep/er/still.yaml": "x: ü\n",
}


def test_a_blob_is_named_as_git_names_it() -> None:
    assert blob_id("hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
    assert blob_id("") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def test_the_empty_tree_is_named_as_git_names_it() -> None:
    assert Tree().sha == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git to compare with")
def test_trees_and_commits_are_named_as_git_names_them(tmp_path: Path) -> None:
    for path, text in FILES.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755 if text.startswith("#!") else 0o644)
    at = datetime(2025, 6, 11, 13, 28, 5, tzinfo=timezone(timedelta(hours=-5)))
    author = Signature("wcygan", "wcygan@users.noreply.github.com", at)
    committer = Signature("GitHub", "noreply@github.com", at.astimezone(UTC))
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    tree = git(tmp_path, "write-tree")
    date = f"{int(at.timestamp())}"
    environment = {
        "GIT_AUTHOR_NAME": author.name, "GIT_AUTHOR_EMAIL": author.email, "GIT_AUTHOR_DATE": f"{date} -0500",
        "GIT_COMMITTER_NAME": committer.name, "GIT_COMMITTER_EMAIL": committer.email,
        "GIT_COMMITTER_DATE": f"{date} +0000",
    }  # fmt: skip
    parent = git(tmp_path, "commit-tree", tree, "-m", "First", env=environment)
    commit = git(tmp_path, "commit-tree", tree, "-p", parent, "-m", "Second", env=environment)

    ours = Tree(FILES)
    assert ours.sha == tree
    first = make_commit(ours, parents=(), author=author, committer=committer, message="First\n")
    assert first.sha == parent
    second = make_commit(ours, parents=(first.sha,), author=author, committer=committer, message="Second\n")
    assert second.sha == commit


def git(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> str:
    command = ["git", "-c", "init.defaultBranch=main", "-c", "core.filemode=true", *arguments]
    base = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(command, cwd=folder, env=base | (env or {}), check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_walk_lists_everything_below_with_full_paths() -> None:
    paths = [entry.path for entry in Tree(FILES).walk()]
    assert paths == [
        "a.b", "a.b/c", "a.txt", "a", "a/b.txt", "deep", "deep/er", "deep/er/still.yaml", "scripts", "scripts/run.sh",
    ]  # fmt: skip


def test_a_changed_tree_leaves_the_old_one_alone() -> None:
    before = Tree({"a": "1\n", "b": "2\n"})
    after = before.with_changes({"a": "3\n", "b": None, "c": "4\n"})
    assert dict(after) == {"a": "3\n", "c": "4\n"}
    assert dict(before) == {"a": "1\n", "b": "2\n"}
