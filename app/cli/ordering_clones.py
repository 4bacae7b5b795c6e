"""Merges as their clones tell them: whole trees, true parents, and what was undone later.

`DIR/<owner>/<name>` or `DIR/<owner>/<name>.git` is a clone, bare or not. Nothing is fetched and nothing is written.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.domain.model import PullRequest, Snapshot
from app.domain.renovate import is_renovate_branch, read_body
from app.domain.replay import replay_change
from app.domain.titles import read_title
from app.git import GitError, GitRepository, LoggedCommit

LONGEST_HISTORY = 100_000
LONGEST_WINDOW = timedelta(days=14)
"""Pull requests that are merged further apart than this were hardly open at the same time."""

_NUMBER = re.compile(r"\(#(\d+)\)")
_MERGE = re.compile(r"^Merge pull request #(\d+) from [^/\s]+/(\S+)")
_UNDONE_SHA = re.compile(r"This reverts commit ([0-9a-f]{7,40})")
_UNDONE_SUBJECT = re.compile(r'^Revert "(.+?)"?(?: \(#\d+\))?$')
_OTHER_BOTS = re.compile(r"dependabot|github-actions|pre-commit-ci|imgbot|allcontributors|snyk|mergify", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Merge:
    """A pull request as one commit of the default branch. `number` is 0 where the commit does not tell it."""

    commit: LoggedCommit
    title: str
    branch: str
    number: int


class Clone:
    """One repository of the folder."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._git = GitRepository(path)

    def find(self, sha: str) -> Merge | None:
        """The commit with this id; None where the clone has not got it, or it has no parent."""
        try:
            (commit,) = self._git.log(sha, limit=1)
        except GitError:
            return None
        return read_merge(commit) if commit.parents else None

    def snapshot(self, merges: Sequence[Merge]) -> tuple[Snapshot, tuple[int, ...]]:
        """All of them open at once, on the tree that was there before any of them, and the number of each.

        Raises GitError where the clone is shallow or the merges have no history in common.
        """
        base = self._base_of([merge.commit.sha for merge in merges])
        tree = self._git.tree(base)
        numbers = numbers_of(merges)
        pull_requests = []
        for merge, number in zip(merges, numbers, strict=True):
            sha = merge.commit.sha
            read = self._git.pull_request(number, sha, merge.commit.parents[0])
            changes = tuple(replay_change(change, tree) for change in read.changes)
            pull_requests.append(
                PullRequest(number, title=merge.title, branch=merge.branch, head_sha=sha, changes=changes)
            )
        return Snapshot(base, tree, tuple(pull_requests), merges[0].commit.date), numbers

    def _base_of(self, shas: Sequence[str]) -> str:
        base = shas[0]
        for sha in shas[1:]:
            base = self._git.common_ancestor(base, sha)
        return self._git.resolve(f"{base}^1") if base in shas else base

    def renovate_merges(self) -> list[Merge]:
        """Renovate's pull requests on the default branch, the oldest first, without those that were undone."""
        log = self._git.log("HEAD", limit=LONGEST_HISTORY)
        shas, subjects = _undone(log)
        return [
            merge
            for commit in reversed(log)
            if commit.parents and commit.sha not in shas and commit.subject not in subjects
            if is_renovates(merge := read_merge(commit)) and _plain(merge.title) not in subjects
        ]


def find_clones(folder: Path) -> dict[str, Clone]:
    """`owner/name` in lower case -> the clone. Raises GitError when the folder holds none, or one cannot be read."""
    if not folder.is_dir():
        raise GitError(f"{folder} is not a folder")
    clones: dict[str, Clone] = {}
    for owner in sorted(path for path in folder.iterdir() if path.is_dir()):
        for path in sorted(path for path in owner.iterdir() if path.is_dir()):
            if (path / ".git").exists() or (path / "HEAD").is_file():
                name = f"{owner.name}/{path.name.removesuffix('.git')}"
                clones[name.lower()] = Clone(name, path)
    if not clones:
        raise GitError(f"{folder} holds no clone; put each at {folder}/OWNER/NAME")
    return clones


def read_merge(commit: LoggedCommit) -> Merge:
    """A squash has the pull request's title as its subject, a merge commit as the first line of its body."""
    if match := _MERGE.match(commit.subject):
        title = commit.body.partition("\n")[0].strip() or commit.subject
        return Merge(commit, title, branch=match[2], number=int(match[1]))
    found = _NUMBER.findall(commit.subject)
    return Merge(commit, _plain(commit.subject), branch="", number=int(found[-1]) if found else 0)


def is_renovates(merge: Merge) -> bool:
    """Renovate's branch or its debug comment are proof; else a bot's account together with a title of Renovate's."""
    commit = merge.commit
    if merge.title.lower().startswith("revert"):
        return False
    if is_renovate_branch(merge.branch) or read_body(commit.body).debug is not None:
        return True
    author = commit.author.lower()
    is_bot = "[bot]" in author or "renovate" in author or "co-authored-by: renovate" in commit.body.lower()
    return is_bot and not _OTHER_BOTS.search(author) and bool(read_title(merge.title).verb)


def numbers_of(merges: Iterable[Merge]) -> tuple[int, ...]:
    """Their own; by place where one has none or two share one."""
    found = tuple(merge.number for merge in merges)
    return found if 0 not in found and len(set(found)) == len(found) else tuple(range(1, len(found) + 1))


def windows(merges: Sequence[Merge], size: int) -> Iterator[tuple[Merge, ...]]:
    """Each merge with those that followed it soon, at most `size` together; none that stands alone."""
    for index, first in enumerate(merges):
        group = [
            merge for merge in merges[index : index + size] if merge.commit.date - first.commit.date <= LONGEST_WINDOW
        ]
        if len(group) > 1:
            yield tuple(group)


def _undone(log: Iterable[LoggedCommit]) -> tuple[set[str], set[str]]:
    """Ids and subjects of the commits that a later one takes back."""
    entries = list(log)
    ids = {entry.sha for entry in entries}
    named = {match for entry in entries for match in _UNDONE_SHA.findall(entry.body)}
    shas = {sha for sha in ids if sha in named} | {
        sha for short in named - ids for sha in ids if len(short) < len(sha) and sha.startswith(short)
    }
    subjects: set[str] = set()
    for entry in entries:
        for line in (entry.subject, entry.body.partition("\n")[0]):
            if match := _UNDONE_SUBJECT.match(line):
                subjects |= {match[1], _plain(match[1])}
    return shas, subjects


def _plain(subject: str) -> str:
    return _NUMBER.sub("", subject).strip()
