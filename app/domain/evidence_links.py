"""Where a quoted line can be looked at: the address of the file at the commit that has it.

A line that a pull request writes stands at its head, everything else on the base branch. Addresses name commits and not
branches, so that they still show the quoted line when the branch has moved on. A push to the base that changes nothing
for a pull request must not rewrite its check, though: `without_commits` takes the commits out, and what is compared is
the rest. The older address stays true, since the same line stood there then.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from app.domain.model import ChangeStatus, Evidence, Snapshot, SourceFile, Tree
from app.domain.shared_file import split_shared

_URL_SAFE = "/:?#&=%+,;@!$~-._"
"""What an address may keep: no brackets, quotes, spaces or backslashes, which would end a Markdown link."""


@dataclass(frozen=True, slots=True)
class Head:
    """The files of a pull request, None for those whose text is not known."""

    sha: str
    files: Mapping[str, SourceFile | None]


@dataclass(frozen=True, slots=True)
class Links:
    """`root` is the repository's page, `https://github.com/octocat/homelab`; `base` the commit that the tree is of."""

    root: str
    base: str
    tree: Tree = field(default_factory=dict)
    heads: Mapping[int, Head] = field(default_factory=dict)

    def address_of(self, evidence: Evidence, *numbers: int) -> str | None:
        """The page of a line that was found while judging `numbers`, the first of them first.

        None where it is neither in the repository nor on the web.
        """
        if "://" in evidence.file:
            web = evidence.file.startswith(("https://", "http://"))
            return quote(evidence.file, safe=_URL_SAFE) if web else None
        anchor = f"#L{evidence.line}" if evidence.line else ""
        if shared := split_shared(evidence.file):
            # A change of that file changes what is quoted of it, so the newest commit has the line.
            repository, path = shared
            return f"{self.root.rsplit('/', 2)[0]}/{repository}/blob/HEAD/{quote(path)}{anchor}"
        commit = self._commit_of(evidence, numbers)
        if not commit or not evidence.file:
            return None
        return f"{self.root}/blob/{quote(commit, safe='')}/{quote(evidence.file)}{anchor}"

    def without_commits(self, text: str) -> str:
        """`text` with the commits of our own addresses taken out."""
        return re.sub(rf"{re.escape(self.root)}/blob/[^/\s]+/", f"{self.root}/blob/", text)

    def _commit_of(self, evidence: Evidence, numbers: tuple[int, ...]) -> str:
        """The first commit that has the quoted line; where none has it word for word, the head that has the file."""
        for commit, file in self._candidates(evidence, numbers):
            if file is not None and _has_line(file, evidence):
                return commit
        changing = (self.heads[number] for number in numbers if number in self.heads)
        return next((head.sha for head in changing if evidence.file in head.files), self.base)

    def _candidates(self, evidence: Evidence, numbers: tuple[int, ...]) -> Iterator[tuple[str, SourceFile | None]]:
        heads = [self.heads[number] for number in numbers if number in self.heads]
        base = (self.base, self.tree.get(evidence.file))
        if evidence.text.startswith("- "):
            yield base  # the line that a change takes away
        yield from ((head.sha, head.files.get(evidence.file)) for head in heads)
        yield base


def links_of(snapshot: Snapshot, root: str) -> Links:
    """The addresses of everything that a plan of `snapshot` may quote."""
    heads = {
        pull_request.number: Head(
            pull_request.head_sha,
            {change.path: change.after for change in pull_request.changes if change.status is not ChangeStatus.REMOVED},
        )
        for pull_request in snapshot.pull_requests
    }
    return Links(root, snapshot.base, snapshot.tree, heads)


def _has_line(file: SourceFile, evidence: Evidence) -> bool:
    """Whether the line stands there; a change is quoted with `+ ` or `- ` before it, and long lines are cut."""
    lines = file.text.split("\n")
    if not 0 < evidence.line <= len(lines):
        return False
    quoted, line = evidence.text.strip().rstrip("…"), lines[evidence.line - 1].strip()
    return bool(quoted) and line.startswith((quoted, quoted.removeprefix("+ "), quoted.removeprefix("- ")))
