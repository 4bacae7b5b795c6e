"""The nouns of the stand-in GitHub that have no verbs of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class User:
    """A person, an organisation or a bot. `kind` is GitHub's `type`."""

    id: int
    login: str
    kind: str = "User"

    @property
    def name(self) -> str:
        return self.login

    @property
    def email(self) -> str:
        """The address under which GitHub links commits to the account."""
        return f"{self.id}+{self.login}@users.noreply.github.com"

    @property
    def is_bot(self) -> bool:
        return self.kind == "Bot"


GITHUB_COMMITTER_EMAIL = "noreply@github.com"
"""Committer of everything that GitHub commits itself, merges above all."""


class Permission(StrEnum):
    """A person's role in a repository."""

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    @property
    def legacy(self) -> str:
        """The `permission` field of the API, which knows neither triage nor maintain."""
        return {"triage": "read", "maintain": "write"}.get(self.value, self.value)

    @property
    def may_push(self) -> bool:
        return self in (Permission.WRITE, Permission.MAINTAIN, Permission.ADMIN)


DEFAULT_PERMISSIONS: Mapping[str, str] = {
    "metadata": "read",
    "checks": "write",
    "pull_requests": "write",
    "issues": "write",
    "contents": "read",
    "statuses": "read",
    "merge_queues": "read",
}

DEFAULT_EVENTS = ("issue_comment", "issues", "pull_request", "push", "repository", "status")

UNLISTED_EVENTS = ("merge_group",)
"""Subscribed to, and left out of the App's JSON: GitHub's own description of `check_suite.rerequested` does not list it
among the events of an App."""

AUTOMATIC_EVENTS = ("check_run", "check_suite", "installation", "installation_repositories", "ping")
"""Sent to an App whether it subscribes or not (the check ones need `checks`)."""


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App with its secrets. `private_key` is PEM."""

    id: int
    slug: str
    name: str
    owner: User
    bot: User
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    permissions: Mapping[str, str]
    events: tuple[str, ...]
    created_at: datetime
    client_id: str


@dataclass(frozen=True, slots=True)
class Label:
    id: int
    name: str
    color: str = "ededed"
    description: str = ""


@dataclass(slots=True, eq=False)
class Reaction:
    id: int
    user: User
    content: str
    created_at: datetime


@dataclass(slots=True, eq=False)
class IssueComment:
    """`issue_number` is the issue or pull request below which it stands."""

    id: int
    issue_number: int
    user: User
    body: str
    created_at: datetime
    updated_at: datetime
    app: App | None = None
    reactions: list[Reaction] = field(default_factory=list)

    @property
    def reaction_contents(self) -> list[str]:
        return [reaction.content for reaction in self.reactions]


@dataclass(frozen=True, slots=True)
class Annotation:
    path: str
    start_line: int
    end_line: int
    level: str
    message: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class CheckOutput:
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: tuple[Annotation, ...] = ()


@dataclass(slots=True, eq=False)
class CheckSuite:
    """All runs of one App on one commit."""

    id: int
    app: App
    head_sha: str
    head_branch: str | None
    before: str
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True, eq=False)
class CheckRun:
    """One run of a check. `actions` are the buttons as they were sent."""

    id: int
    name: str
    suite: CheckSuite
    started_at: datetime
    status: str = "queued"
    conclusion: str | None = None
    completed_at: datetime | None = None
    details_url: str | None = None
    external_id: str = ""
    output: CheckOutput = CheckOutput()
    actions: tuple[Mapping[str, str], ...] = ()

    @property
    def head_sha(self) -> str:
        return self.suite.head_sha

    @property
    def app(self) -> App:
        return self.suite.app


@dataclass(frozen=True, slots=True)
class CommitStatus:
    id: int
    sha: str
    context: str
    state: str
    creator: User
    created_at: datetime
    description: str | None = None
    target_url: str | None = None


@dataclass(frozen=True, slots=True)
class RequiredChecks:
    """A branch's rule. `contexts` are pairs of check name and the id of the App that must report it, None for any.

    `bypass` are triples of actor type, id and mode; `classic` makes it a branch protection instead of a ruleset,
    which administrators may pass unless `enforce_admins`.
    """

    contexts: tuple[tuple[str, int | None], ...]
    strict: bool = False
    merge_queue: bool = False
    bypass: tuple[tuple[str, int | None, str], ...] = ()
    classic: bool = False
    enforce_admins: bool = False
    signatures: bool = False


class NotServed(Exception):
    """The stand-in cannot do what is asked, and does not pretend to. The message names it."""


class Refused(Exception):
    """GitHub says no. `status` is the HTTP status that the API answers with, the message is GitHub's own."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
