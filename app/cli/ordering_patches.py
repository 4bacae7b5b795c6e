"""Merges of which only the patch is left, and the part of a tree that patches show."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from operator import itemgetter

from app.domain.diff import PatchedFile, parse_patch
from app.domain.fragments import fragment_change, fragment_tree
from app.domain.model import PullRequest, Snapshot

_NUMBER = re.compile(r"\(#(\d+)\)")


@dataclass(frozen=True, slots=True)
class PatchCommit:
    """A merge of a pull request. `problem` says why its patch cannot be judged; empty where it can."""

    repository: str
    sha: str
    title: str
    date: datetime | None
    files: tuple[PatchedFile, ...]
    quiet: bool
    """It is on the default branch, and nothing says that it was undone."""
    problem: str = ""


def read_commit(fields: Mapping[str, object]) -> PatchCommit | None:
    """The commit of one line; None where it has no id to be found by."""
    sha, patch = fields.get("sha"), fields.get("patch")
    if not isinstance(sha, str) or not sha:
        return None
    files = parse_patch(patch) if isinstance(patch, str) else ()
    cut = bool(fields.get("patch_truncated")) or not all(hunk.complete for file in files for hunk in file.hunks)
    title = str(fields.get("subject") or fields.get("title") or "")
    return PatchCommit(
        repository=str(fields.get("repo") or ""),
        sha=sha,
        title=title,
        date=_date(fields.get("date")),
        files=files,
        quiet=fields.get("on_main") is True and not title.lower().startswith("revert"),
        problem="the patch is cut" if cut else "" if files else "the patch is empty",
    )


def neighbours(commits: Iterable[PatchCommit]) -> list[tuple[PatchCommit, PatchCommit]]:
    """Each two merges of one repository that follow each other, the earlier first."""
    by_repository: dict[str, list[tuple[datetime, str, PatchCommit]]] = defaultdict(list)
    for commit in commits:
        if commit.date is not None:
            by_repository[commit.repository].append((commit.date, commit.sha, commit))
    return [
        (earlier, later)
        for all_of in by_repository.values()
        for (_, _, earlier), (_, _, later) in pairwise(sorted(all_of, key=itemgetter(0, 1)))
    ]


def patch_snapshot(commits: Sequence[PatchCommit]) -> tuple[Snapshot, tuple[int, ...]]:
    """All of them as open pull requests before any was merged, and the number of each."""
    numbers = _numbers(commits)
    pull_requests = tuple(
        PullRequest(
            number=number,
            title=_NUMBER.sub("", commit.title).strip(),
            branch="",
            head_sha=commit.sha,
            changes=tuple(fragment_change(file) for file in commit.files),
        )
        for number, commit in zip(numbers, commits, strict=True)
    )
    tree = fragment_tree(*(commit.files for commit in commits))
    return Snapshot("rebuilt", tree, pull_requests, commits[0].date or datetime.now(UTC)), numbers


def _numbers(commits: Sequence[PatchCommit]) -> tuple[int, ...]:
    """Their own, as the title of a squash has them; by place where they have none or share one."""
    found = tuple(int(match[-1]) for commit in commits if (match := _NUMBER.findall(commit.title)))
    return found if len(set(found)) == len(commits) else tuple(range(1, len(commits) + 1))


def _date(value: object) -> datetime | None:
    try:
        date = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return date.replace(tzinfo=date.tzinfo or UTC) if date else None
