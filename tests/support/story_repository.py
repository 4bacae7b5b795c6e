"""The story of 2025-06-11 as a real Git repository, and as a snapshot: its base, and one branch a pull request."""

import difflib
import os
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from app.demo.story import base_files, story_updates
from app.domain.diff import git_blob_id
from app.domain.model import (
    ChangeStatus,
    FileChange,
    Observation,
    PullRequest,
    Rollout,
    Snapshot,
    SourceFile,
    Tree,
)

NOW = datetime(2025, 6, 11, 18, 0, tzinfo=UTC)


def tree_of(files: dict[str, str]) -> Tree:
    return {path: source_file(path, text) for path, text in files.items()}


def source_file(path: str, text: str) -> SourceFile:
    return SourceFile(path, git_blob_id(text), text)


def change(path: str, before: str | None, after: str | None) -> FileChange:
    """A file of a pull request, with the patch that Git would write."""
    lines = difflib.unified_diff((before or "").splitlines(True), (after or "").splitlines(True), n=3)
    status = ChangeStatus.ADDED if before is None else ChangeStatus.REMOVED if after is None else ChangeStatus.MODIFIED
    return FileChange(
        path=path,
        status=status,
        patch="".join(list(lines)[2:]),
        before=None if before is None else source_file(path, before),
        after=None if after is None else source_file(path, after),
    )


def edited_files(number: int, files: dict[str, str]) -> dict[str, str]:
    """What the story's pull request makes of the files that it changes."""
    changed: dict[str, str] = {}
    for edit in story_updates()[number].edits:
        text = changed.get(edit.path, files.get(edit.path, ""))
        changed[edit.path] = "\n".join(edit.new if line == edit.old else line for line in text.split("\n"))
    return changed


def story_pull_request(number: int, files: dict[str, str] | None = None) -> PullRequest:
    base = files or base_files()
    update = story_updates()[number]
    changes = tuple(change(path, base[path], text) for path, text in edited_files(number, base).items())
    return PullRequest(number, update.title, update.branch, f"{number:040d}", changes=changes)


def story_snapshot(
    numbers: Iterable[int] | None = None,
    *,
    merged: Iterable[int] = (),
    observations: tuple[Observation, ...] = (),
    rollouts: tuple[Rollout, ...] = (),
) -> Snapshot:
    """The story with these pull requests open, and others merged into its base."""
    files = base_files()
    for number in merged:
        files |= edited_files(number, files)
    wanted = [number for number in numbers or story_updates() if number not in set(merged)]
    return Snapshot(
        base="main",
        tree=tree_of(files),
        pull_requests=tuple(story_pull_request(number, files) for number in wanted),
        now=NOW,
        observations=observations,
        rollouts=rollouts,
    )


def git(folder: Path, *arguments: str) -> str:
    """Run git as nobody in particular. Raises CalledProcessError."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.com",
    }
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def write_files(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def story_repository(
    folder: Path, numbers: Iterable[int] = (22, 26, 30, 34), *, extra: Mapping[str, str] | None = None
) -> Path:
    """A clone whose branch `main` is the story's base, with `extra` files, and `pr/34` and so on are the heads."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main")
    files = {**base_files(), **(extra or {})}
    write_files(folder, files)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "The base of the story")
    for number in numbers:
        git(folder, "checkout", "-qb", f"pr/{number}", "main")
        write_files(folder, edited_files(number, files))
        git(folder, "commit", "-qam", story_updates()[number].title)
    git(folder, "checkout", "-q", "main")
    return folder
