"""The fields of GitHub's answers that fluxmig reads, and no others."""

from datetime import datetime
from typing import Any

import msgspec


class Account(msgspec.Struct, frozen=True):
    login: str = ""
    type: str = "User"


class LabelFacts(msgspec.Struct, frozen=True):
    name: str = ""


class RepositoryRef(msgspec.Struct, frozen=True):
    id: int


class BranchRef(msgspec.Struct, frozen=True):
    ref: str
    sha: str
    repo: RepositoryRef | None = None
    """None where the fork of the head was deleted."""


class PullRequestFacts(msgspec.Struct, frozen=True):
    number: int
    title: str
    state: str
    head: BranchRef
    base: BranchRef
    updated_at: datetime
    created_at: datetime
    body: str | None = None
    user: Account | None = None
    labels: list[LabelFacts] = []
    draft: bool = False
    stack: dict[str, Any] | None = None
    """Set for one of GitHub's stacked pull requests."""
    tells_of_stacks: bool = True
    """False for an answer of GraphQL, which does not."""
    merged_at: datetime | None = None
    merge_commit_sha: str | None = None

    @property
    def same_repository(self) -> bool:
        """False for a fork, whose branch names and bodies anybody can choose."""
        return self.head.repo is not None and self.base.repo is not None and self.head.repo.id == self.base.repo.id


class FileFacts(msgspec.Struct, frozen=True):
    filename: str
    status: str
    sha: str | None = None
    patch: str = ""
    previous_filename: str | None = None


class TreeRef(msgspec.Struct, frozen=True):
    sha: str


class CommitIdentity(msgspec.Struct, frozen=True):
    name: str = ""
    email: str = ""


class CommitBody(msgspec.Struct, frozen=True):
    tree: TreeRef
    message: str = ""
    author: CommitIdentity | None = None
    committer: CommitIdentity | None = None


class CommitFacts(msgspec.Struct, frozen=True):
    sha: str
    commit: CommitBody


class BranchFacts(msgspec.Struct, frozen=True):
    name: str
    commit: CommitFacts


class TreeEntry(msgspec.Struct, frozen=True):
    path: str
    type: str
    sha: str = ""
    size: int = 0


class TreeFacts(msgspec.Struct, frozen=True):
    sha: str
    tree: list[TreeEntry]
    truncated: bool = False


class BlobFacts(msgspec.Struct, frozen=True):
    content: str
    encoding: str


class CompareFacts(msgspec.Struct, frozen=True):
    """`files` are at most 300, and `commits` 250, the oldest first."""

    status: str
    ahead_by: int
    behind_by: int
    commits: list[CommitFacts] = []
    files: list[FileFacts] = []


class RefFacts(msgspec.Struct, frozen=True):
    ref: str
    object: TreeRef


class CheckRunOutput(msgspec.Struct, frozen=True):
    title: str | None = None
    summary: str | None = None


class CheckRunFacts(msgspec.Struct, frozen=True):
    id: int
    head_sha: str
    name: str
    conclusion: str | None = None
    output: CheckRunOutput = CheckRunOutput()


class CheckRunList(msgspec.Struct, frozen=True):
    check_runs: list[CheckRunFacts]


class GitRefFacts(msgspec.Struct, frozen=True):
    object: TreeRef


class CommentFacts(msgspec.Struct, frozen=True):
    id: int
    html_url: str = ""
    issue_url: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    body: str | None = None
    user: Account | None = None


class IssueFacts(msgspec.Struct, frozen=True):
    number: int
    state: str = "open"
    body: str | None = None
    user: Account | None = None
    pull_request: dict[str, Any] | None = None


class StatusFacts(msgspec.Struct, frozen=True):
    """A commit status."""

    id: int
    context: str
    state: str
    created_at: datetime
    description: str | None = None
    creator: Account | None = None


class PermissionFacts(msgspec.Struct, frozen=True):
    permission: str
    role_name: str = ""


class RepositoryFacts(msgspec.Struct, frozen=True):
    id: int
    name: str
    owner: Account
    default_branch: str = ""
    archived: bool = False
    has_issues: bool = True


class InstallationRepositories(msgspec.Struct, frozen=True):
    repositories: list[RepositoryFacts]


class InstallationFacts(msgspec.Struct, frozen=True):
    id: int
    account: Account | None = None
    suspended_at: datetime | None = None
    permissions: dict[str, str] = {}


class AppFacts(msgspec.Struct, frozen=True):
    id: int
    slug: str
    permissions: dict[str, str] = {}
    events: list[str] = []
