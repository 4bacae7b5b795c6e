"""Read a local Git repository with the `git` binary: any clone or bare one, nothing checked out, nothing written.

One process for each kind of question, not one for each file. Text that is no UTF-8, and files too large to be
manifests, are left out.
"""

import os
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.domain.diff import parse_patch
from app.domain.model import ChangeStatus, FileChange, PullRequest, SourceFile, Tree

MAX_FILE_BYTES = 2_000_000

WANTED_SUFFIXES = (".yaml", ".yml", ".json", ".j2", ".tf", ".tfvars", ".hcl", ".toml", ".env")
"""What a plan reads of a tree: manifests, values, templates of them, Terraform, environments (also mise's)."""


class GitError(Exception):
    """Git could not answer. The message is for the person who named the repository or the revision."""


@dataclass(frozen=True, slots=True)
class LoggedCommit:
    """One commit as `git log` tells it; `date` is when it was committed, `author` with the e-mail address."""

    sha: str
    parents: tuple[str, ...]
    author: str
    date: datetime
    subject: str
    body: str


def is_wanted(path: str) -> bool:
    return path.endswith(WANTED_SUFFIXES) or path.rpartition("/")[2] == "Kustomization"


class GitRepository:
    """One repository. Raises GitError at once when `path` is none, or when there is no git."""

    def __init__(self, path: str | Path) -> None:
        self._path = str(path)
        if not Path(path).is_dir():
            raise GitError(f"{path} is not a folder")
        try:
            self._run("rev-parse", "--git-dir")
        except GitError as error:
            if "not a git repository" in str(error):
                raise GitError(f"{path} is not a Git repository") from error
            raise

    def resolve(self, revision: str) -> str:
        """The commit id of a branch, tag, or other revision."""
        try:
            return (
                self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
                .decode()
                .strip()
            )
        except GitError as error:
            raise GitError(f"{self._path} has no revision {revision}") from error

    def tags(self, pattern: str) -> list[str]:
        """The tags that fit a pattern such as `v*`."""
        return self._run("tag", "--list", "--", pattern).decode(errors="replace").split()

    def tree(self, revision: str, wanted: Callable[[str], bool] = is_wanted) -> Tree:
        """The text files of a commit whose paths are `wanted`."""
        listed = self._run("ls-tree", "-r", "-z", "--long", self.resolve(revision))
        blobs: dict[str, str] = {}
        for entry in listed.split(b"\0"):
            head, _, raw_path = entry.partition(b"\t")
            fields, path = head.split(), os.fsdecode(raw_path)
            # A symbolic link's blob is a path, and a submodule is no blob at all.
            if len(fields) != 4 or fields[0] == b"120000" or fields[1] != b"blob" or int(fields[3]) > MAX_FILE_BYTES:
                continue
            if wanted(path):
                blobs[path] = fields[2].decode()
        texts = self._read_blobs(blobs.values())
        return {path: SourceFile(path, blob, texts[blob]) for path, blob in blobs.items() if blob in texts}

    def pull_request(self, number: int, revision: str, base: str) -> PullRequest:
        """What `revision` changes since it left `base`; its subject line is the title, its name the branch."""
        head = self.resolve(revision)
        merge_base = self._merge_base(self.resolve(base), head)
        options = ("-M", "--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/")
        diff = self._run("-c", "core.quotePath=false", "diff", *options, merge_base, head)
        patches = _patches_by_path(diff.decode(errors="replace"))
        return PullRequest(
            number=number,
            title=self._run("log", "-1", "--format=%s", head).decode(errors="replace").strip(),
            branch=revision,
            head_sha=head,
            changes=self._changes(merge_base, head, patches),
        )

    def log(self, revision: str, *, limit: int) -> list[LoggedCommit]:
        """The last commits of a branch, newest first; of merges only the first parent is followed."""
        form = "--format=%H%x1f%P%x1f%an <%ae>%x1f%cI%x1f%s%x1f%b"
        told = self._run("log", "-z", "--first-parent", f"--max-count={limit}", form, self.resolve(revision))
        return [
            LoggedCommit(sha, tuple(parents.split()), author, datetime.fromisoformat(date), subject, body.strip())
            for entry in told.decode(errors="replace").split("\0")
            if entry.count("\x1f") >= 5
            for sha, parents, author, date, subject, body in [entry.split("\x1f", 5)]
        ]

    def common_ancestor(self, one: str, other: str) -> str:
        """The commit that both grew from. Raises GitError where there is none."""
        return self._merge_base(self.resolve(one), self.resolve(other))

    def _changes(self, merge_base: str, head: str, patches: dict[str, str]) -> tuple[FileChange, ...]:
        raw = self._run("diff", "--raw", "-z", "-M", "--no-abbrev", merge_base, head).split(b"\0")
        entries = list(_raw_entries([os.fsdecode(field) for field in raw]))
        texts = self._read_blobs(blob for entry in entries for blob in (entry[1], entry[2]) if blob.strip("0"))
        return tuple(
            FileChange(
                path=path,
                status=status,
                patch=patches.get(path, ""),
                before=SourceFile(old_path, old, texts[old]) if old in texts else None,
                after=SourceFile(path, new, texts[new]) if new in texts else None,
                previous_path=old_path if status is ChangeStatus.RENAMED else None,
            )
            for status, old, new, old_path, path in entries
        )

    def _merge_base(self, base: str, head: str) -> str:
        try:
            return self._run("merge-base", base, head).decode().strip()
        except GitError as error:
            raise GitError(f"{base[:12]} and {head[:12]} have no common ancestor") from error

    def _read_blobs(self, blobs: Iterable[str]) -> dict[str, str]:
        """Blob id -> text, for those that are text and not too large."""
        wanted = list(dict.fromkeys(blobs))
        if not wanted:
            return {}
        output = self._run("cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in wanted).encode())
        texts: dict[str, str] = {}
        position = 0
        while position < len(output):
            end = output.index(b"\n", position)
            fields = output[position:end].split()
            position = end + 1
            if len(fields) != 3:
                continue
            size = int(fields[2])
            content = output[position : position + size]
            position += size + 1
            if fields[1] == b"blob" and size <= MAX_FILE_BYTES and (text := _text(content)) is not None:
                texts[fields[0].decode()] = text
        return texts

    def _run(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        # Inside a Git hook GIT_DIR and its like would lead to another repository than the one that was named.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        try:
            done = subprocess.run(  # noqa: S603 (a fixed program; revisions come behind --end-of-options or resolved)
                ["git", "-C", self._path, *arguments],  # noqa: S607
                input=stdin,
                capture_output=True,
                check=False,
                env=environment,
            )
        except FileNotFoundError as error:
            raise GitError("there is no `git` on this machine; install it and try again") from error
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise GitError(said[-1] if said else f"git {arguments[0]} failed with status {done.returncode}")
        return done.stdout


def _text(content: bytes) -> str | None:
    if b"\0" in content[:8000]:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


_STATUS = {"A": ChangeStatus.ADDED, "D": ChangeStatus.REMOVED, "R": ChangeStatus.RENAMED, "C": ChangeStatus.ADDED}

_RawEntry = tuple[ChangeStatus, str, str, str, str]


def _raw_entries(fields: list[str]) -> Iterable[_RawEntry]:
    """(status, old blob, new blob, old path, path) of `git diff --raw -z` (gitdiffcore "raw output format")."""
    position = 0
    while position < len(fields) and fields[position].startswith(":"):
        _, _, old, new, letter = fields[position].split(" ")
        two_paths = letter[0] in "RC"
        old_path, path = fields[position + 1], fields[position + 2 if two_paths else position + 1]
        yield _STATUS.get(letter[0], ChangeStatus.MODIFIED), old, new, old_path, path
        position += 3 if two_paths else 2


def _patches_by_path(diff: str) -> dict[str, str]:
    """The patch of each file from its first `@@`, as GitHub's REST API gives it."""
    patches: dict[str, str] = {}
    for part in ("\n" + diff).split("\ndiff --git ")[1:]:
        start = part.find("\n@@ ")
        for file in parse_patch(f"diff --git {part}\n"):
            patches[file.path] = part[start + 1 :].removesuffix("\n") if start >= 0 else ""
    return patches
