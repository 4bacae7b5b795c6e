"""Renovate's pull requests: telling them, reading their body, asking for a rebase as Renovate wants to be asked.

A body has a fixed order: the table, warnings, release notes, configuration, controls, debug comment
(https://github.com/renovatebot/renovate/blob/main/lib/workers/repository/update/pr/body/index.ts). The release notes
are text of any upstream, unescaped, so a stranger can put a table, a checkbox or a debug comment there. Therefore each
part is read only from its own place, and two checkboxes are one too many to tick any.
"""

import base64
import binascii
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.patterns import BadRegex, Pattern, Patterns, read_pattern
from app.domain.renovate_table import TableRow, read_table

BRANCH_PREFIX = "renovate/"
BOT_LOGINS = frozenset({"renovate[bot]", "renovate-bot", "mend-for-github-com[bot]", "forking-renovate[bot]"})
"""Accounts of Mend's own apps. Most repositories run Renovate under an account of their own, so none is needed."""

BOT_EMAILS = frozenset({"29139614+renovate[bot]@users.noreply.github.com", "renovate@whitesourcesoftware.com"})
"""Renovate's own e-mail addresses on github.com: the app's, and the default of `gitAuthor`."""

_MARKER = "<!-- rebase-check -->"
_BOX = re.compile(r"- \[([ x])\] <!-- rebase-check -->")
_DEBUG = re.compile(r"<!--renovate-debug:([A-Za-z0-9+/=\s]*)-->")
_RELEASE_NOTES = re.compile(r"^### Release Notes\s*$", re.MULTILINE)
_CONFIGURATION = re.compile(r"^### Configuration\s*$", re.MULTILINE)


class RebaseBox(StrEnum):
    """Renovate's rebase checkbox. Ambiguous: there is more than one marker, and one of them may be a stranger's."""

    ABSENT = "absent"
    UNTICKED = "unticked"
    TICKED = "ticked"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class DebugComment:
    """Renovate's note to itself, the last line of a body. `labels` are those that it gave the pull request."""

    created_in: str = ""
    updated_in: str = ""
    target_branch: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RenovateBody:
    rows: tuple[TableRow, ...] = ()
    rebase_box: RebaseBox = RebaseBox.ABSENT
    debug: DebugComment | None = None


@dataclass(frozen=True, slots=True)
class CommitPeople:
    """The e-mail addresses of a commit on the branch that the base does not have."""

    author_email: str
    committer_email: str


def is_renovate_branch(branch: str, prefix: str = BRANCH_PREFIX) -> bool:
    """Whether the branch is one that Renovate makes. GitHub's `revert-12-renovate/…` is a person's."""
    return branch.startswith(prefix) and len(branch) > len(prefix)


def is_renovate_pull_request(
    branch: str,
    body: str | None,
    author_login: str = "",
    *,
    prefix: str = BRANCH_PREFIX,
    logins: Collection[str] = BOT_LOGINS,
) -> bool:
    """Whether Renovate opened it: by its branch and its debug comment, or by a login that is known to be Renovate's."""
    if author_login in logins:
        return True
    return is_renovate_branch(branch, prefix) and bool(_DEBUG.search(body or ""))


def read_body(body: str) -> RenovateBody:
    """Read a body. Whatever is not there or not readable is left empty; nothing raises."""
    return RenovateBody(
        rows=read_table(_head(body)),
        rebase_box=_read_rebase_box(body),
        debug=_read_debug(body),
    )


def tick_rebase_box(body: str) -> str | None:
    """The body with Renovate's box ticked and nothing else changed; None unless there is exactly one unticked box."""
    if _read_rebase_box(body) is not RebaseBox.UNTICKED:
        return None
    return body.replace(f"- [ ] {_MARKER}", f"- [x] {_MARKER}")


def is_edited(
    commits: Iterable[CommitPeople],
    renovate_emails: Collection[str] = BOT_EMAILS,
    *,
    github_host: str = "github.com",
) -> bool:
    """Whether Renovate takes the branch for edited, and then keeps its hands off it.

    As `isBranchModified` does (https://github.com/renovatebot/renovate/blob/main/lib/util/git/index.ts): any author or
    committer but Renovate's own address, its ignored ones and GitHub's. `renovate_emails` holds the address of
    `gitAuthor` and the entries of `gitIgnoredAuthors`: exact, glob or `/regular expression/`, `!` before what is not
    ignored. Globs know no case (https://docs.renovatebot.com/string-pattern-matching/). A pattern that cannot be read
    ignores nobody, so that the branch is rather left alone.
    """
    ours = {"noreply@github.com", "noreply@ghe.com", f"noreply@{github_host}"}
    people = {email for commit in commits for email in (commit.author_email, commit.committer_email)}
    left = people - ours - set(renovate_emails)
    if not left:
        return False
    read = [pattern for text in renovate_emails if (pattern := _read_ignored(text)) is not None]
    ignored = Patterns(
        wanted=tuple(pattern for pattern in read if not pattern.negated),
        unwanted=tuple(pattern for pattern in read if pattern.negated),
    )
    return not all(ignored.wanted and ignored.match(email) for email in left)


def _read_ignored(text: str) -> Pattern | None:
    is_regex = text.removeprefix("!").startswith("/")
    try:
        return read_pattern(text, ignore_case=not is_regex)
    except BadRegex:
        return None


def _head(body: str) -> str:
    """The part above the release notes, where the table is."""
    ends = [match.start() for pattern in (_RELEASE_NOTES, _CONFIGURATION) if (match := pattern.search(body))]
    return body[: min(ends)] if ends else body


def _controls(body: str) -> str:
    """The part below the configuration, where the controls are."""
    headings = list(_CONFIGURATION.finditer(body))
    if headings:
        return body[headings[-1].end() :]
    return "" if _RELEASE_NOTES.search(body) else body


def _read_rebase_box(body: str) -> RebaseBox:
    # Renovate takes the first box of the whole body, so a second one anywhere makes it unsure which one it reads.
    if body.count(_MARKER) > 1:
        return RebaseBox.AMBIGUOUS
    box = _BOX.search(_controls(body))
    if box is None:
        return RebaseBox.ABSENT
    return RebaseBox.TICKED if box.group(1) == "x" else RebaseBox.UNTICKED


def _read_debug(body: str) -> DebugComment | None:
    matches = _DEBUG.findall(body)
    if not matches:
        return None
    try:
        data = json.loads(base64.b64decode("".join(matches[-1].split()), validate=True))
    except (binascii.Error, ValueError):
        return None
    if not isinstance(data, dict):
        return None
    labels = data.get("labels")
    return DebugComment(
        created_in=str(data.get("createdInVer", "")),
        updated_in=str(data.get("updatedInVer", "")),
        target_branch=str(data.get("targetBranch", "")),
        labels=tuple(label for label in labels if isinstance(label, str)) if isinstance(labels, list) else (),
    )
