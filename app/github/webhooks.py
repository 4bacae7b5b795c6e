"""From the bytes of a delivery to one event. Past this module there are no raw payloads.

Only the fields that we use are read: GitHub adds and drops the others as it pleases, and a full model rejects real
payloads.
"""

import hashlib
import hmac
from datetime import datetime
from typing import TypeVar

import msgspec

from app.domain.buttons import BUTTONS
from app.domain.commit_status import SETTLED, FluxStatus, read_context
from app.domain.dashboard import ticked_now
from app.domain.events import (
    BranchPushed,
    ButtonPressed,
    CheckRerequested,
    CommentPosted,
    Event,
    Ignored,
    InstallationChanged,
    IssueTouched,
    MergeGroupChanged,
    PullRequestTouched,
    RepositoryChanged,
    StatusSet,
)
from app.domain.json_text import storable
from app.domain.merge_group import MergeGroup

T = TypeVar("T")


class UnreadablePayload(Exception):
    """The body is not the JSON that the event promises; the text says where it differs."""


def verify_signature(secret: str, body: bytes, signature: str | None) -> bool:
    """Whether `X-Hub-Signature-256` fits the raw body. Takes the same time for right and wrong ones."""
    expected = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), (signature or "").encode("utf-8", "surrogateescape"))


class _Id(msgspec.Struct):
    id: int


class Envelope(msgspec.Struct):
    """What the inbox needs to file a delivery under the right repository."""

    action: str | None = None
    installation: _Id | None = None
    repository: _Id | None = None

    @property
    def key(self) -> str:
        """The work that this delivery asks for: a repository's if it has one, else its installation's."""
        if self.repository is not None:
            return f"repository:{self.repository.id}"
        if self.installation is not None:
            return f"installation:{self.installation.id}"
        return "app"


def read_envelope(body: bytes) -> Envelope:
    """Raises UnreadablePayload."""
    return _decode(_ENVELOPE, body)


class _Login(msgspec.Struct):
    login: str
    type: str = "User"


class _Repository(msgspec.Struct):
    id: int
    name: str
    default_branch: str = ""
    owner: _Login | None = None


class _Label(msgspec.Struct):
    name: str = ""


class _PullRequest(msgspec.Struct):
    number: int
    updated_at: datetime | None = None


class _PullRequestPayload(msgspec.Struct):
    action: str
    pull_request: _PullRequest
    sender: _Login
    label: _Label | None = None


class _PushPayload(msgspec.Struct):
    ref: str
    after: str
    deleted: bool = False


class _Issue(msgspec.Struct):
    number: int
    pull_request: dict[str, object] | None = None


class _Comment(msgspec.Struct):
    id: int
    user: _Login | None = None
    body: str | None = None
    created_at: datetime | None = None


class _CommentPayload(msgspec.Struct):
    action: str
    issue: _Issue
    comment: _Comment
    sender: _Login


class _FullIssue(msgspec.Struct):
    number: int
    state: str = "open"
    body: str | None = None
    updated_at: datetime | None = None


class _From(msgspec.Struct):
    before: str = msgspec.field(name="from", default="")


class _IssueChanges(msgspec.Struct):
    body: _From | None = None


class _IssuePayload(msgspec.Struct):
    action: str
    issue: _FullIssue
    sender: _Login
    changes: _IssueChanges | None = None


class _App(msgspec.Struct):
    id: int | None = None


class _CheckRun(msgspec.Struct):
    head_sha: str
    id: int = 0
    app: _App | None = None


class _RequestedAction(msgspec.Struct):
    identifier: str = ""


class _CheckRunPayload(msgspec.Struct):
    action: str
    check_run: _CheckRun
    sender: _Login | None = None
    requested_action: _RequestedAction | None = None


class _CheckSuitePayload(msgspec.Struct):
    action: str
    check_suite: _CheckRun


class _MergeGroup(msgspec.Struct):
    head_sha: str
    head_ref: str
    base_sha: str
    base_ref: str


class _MergeGroupPayload(msgspec.Struct):
    action: str
    merge_group: _MergeGroup


class _RepositoryPayload(msgspec.Struct):
    action: str
    repository: _Repository


class _StatusPayload(msgspec.Struct):
    id: int
    sha: str
    context: str
    state: str
    sender: _Login
    description: str | None = None
    created_at: datetime | None = None


class _Account(msgspec.Struct):
    login: str = ""


class _Installation(msgspec.Struct):
    id: int
    account: _Account | None = None
    suspended_at: str | None = None


class _InstallationPayload(msgspec.Struct):
    action: str
    installation: _Installation


_ENVELOPE = msgspec.json.Decoder(Envelope)
_PULL_REQUEST = msgspec.json.Decoder(_PullRequestPayload)
_PUSH = msgspec.json.Decoder(_PushPayload)
_COMMENT = msgspec.json.Decoder(_CommentPayload)
_ISSUE = msgspec.json.Decoder(_IssuePayload)
_CHECK_RUN = msgspec.json.Decoder(_CheckRunPayload)
_CHECK_SUITE = msgspec.json.Decoder(_CheckSuitePayload)
_MERGE_GROUP = msgspec.json.Decoder(_MergeGroupPayload)
_REPOSITORY = msgspec.json.Decoder(_RepositoryPayload)
_STATUS = msgspec.json.Decoder(_StatusPayload)
_INSTALLATION = msgspec.json.Decoder(_InstallationPayload)

_QUIET_PULL_REQUEST_ACTIONS = frozenset({"assigned", "unassigned", "review_requested", "review_request_removed"})


def parse_event(name: str, body: bytes, *, app_id: int) -> Event:
    """The event of a delivery, or Ignored with the reason. Raises UnreadablePayload."""
    match name:
        case "pull_request":
            return _pull_request(_decode(_PULL_REQUEST, body))
        case "push":
            push = _decode(_PUSH, body)
            if not push.ref.startswith("refs/heads/"):
                return Ignored(f"a push to {push.ref} moves no branch")
            return BranchPushed(push.ref.removeprefix("refs/heads/"), None if push.deleted else push.after)
        case "issue_comment":
            return _comment(_decode(_COMMENT, body))
        case "issues":
            return _issue(_decode(_ISSUE, body))
        case "check_run":
            return _check_run(_decode(_CHECK_RUN, body), app_id)
        case "check_suite":
            suite = _decode(_CHECK_SUITE, body)
            return _rerequested(suite.action, suite.check_suite, app_id)
        case "merge_group":
            return _merge_group(_decode(_MERGE_GROUP, body))
        case "status":
            return _status(_decode(_STATUS, body))
        case "repository":
            changed = _decode(_REPOSITORY, body)
            owner = changed.repository.owner.login if changed.repository.owner else ""
            return RepositoryChanged(owner, changed.repository.name, removed=changed.action == "deleted")
        case "installation" | "installation_repositories":
            return _installation(_decode(_INSTALLATION, body))
        case _:
            return Ignored(f"fluxmig does not use `{name}` events")


def _pull_request(payload: _PullRequestPayload) -> Event:
    if payload.action in _QUIET_PULL_REQUEST_ACTIONS:
        return Ignored(f"`{payload.action}` changes nothing that fluxmig looks at")
    return PullRequestTouched(
        number=payload.pull_request.number,
        updated_at=payload.pull_request.updated_at,
        by=payload.sender.login,
        action=payload.action,
        label=payload.label.name if payload.label else "",
    )


def _comment(payload: _CommentPayload) -> Event:
    if payload.issue.pull_request is None:
        return Ignored("a comment on an issue, not on a pull request")
    if payload.action != "created":
        return Ignored(f"a comment that is {payload.action} never acts")
    if payload.sender.type == "Bot":
        return Ignored("bots give no commands")
    author = payload.comment.user.login if payload.comment.user else ""
    comment = payload.comment
    return CommentPosted(payload.issue.number, comment.id, author, comment.body or "", comment.created_at)


def _issue(payload: _IssuePayload) -> Event:
    if payload.action not in ("edited", "closed", "reopened", "deleted", "transferred"):
        return Ignored(f"an issue that is {payload.action} asks for nothing")
    before = payload.changes.body if payload.changes else None
    return IssueTouched(
        number=payload.issue.number,
        by=payload.sender.login,
        by_bot=payload.sender.type == "Bot",
        is_closed=payload.issue.state == "closed",
        is_deleted=payload.action in ("deleted", "transferred"),
        ticked=ticked_now(before.before, payload.issue.body or "") if before else (),
        at=payload.issue.updated_at,
    )


def _check_run(payload: _CheckRunPayload, app_id: int) -> Event:
    if payload.action == "requested_action":
        return _button(payload, app_id)
    return _rerequested(payload.action, payload.check_run, app_id)


def _button(payload: _CheckRunPayload, app_id: int) -> Event:
    run, sender = payload.check_run, payload.sender
    identifier = payload.requested_action.identifier if payload.requested_action else ""
    if not _is_ours(run, app_id):
        return Ignored("a button of another App")
    if identifier not in BUTTONS:
        return Ignored("a button that fluxmig does not know")
    if sender is None or sender.type == "Bot":
        return Ignored("bots give no commands")
    return ButtonPressed(run.head_sha, run.id, BUTTONS[identifier], sender.login)


def _rerequested(action: str, check: _CheckRun, app_id: int) -> Event:
    """Of a run, or of the whole suite."""
    if action != "rerequested":
        return Ignored(f"a check that is {action} asks for nothing")
    if not _is_ours(check, app_id):
        return Ignored("a check of another App")
    return CheckRerequested(check.head_sha)


def _is_ours(check: _CheckRun, app_id: int) -> bool:
    return check.app is not None and check.app.id == app_id


def _merge_group(payload: _MergeGroupPayload) -> Event:
    if payload.action not in ("checks_requested", "destroyed"):
        return Ignored(f"a merge group that is {payload.action} asks for nothing")
    told = payload.merge_group
    group = MergeGroup(told.head_sha, told.head_ref, told.base_sha, told.base_ref)
    return MergeGroupChanged(group, is_gone=payload.action == "destroyed")


def _status(payload: _StatusPayload) -> Event:
    told = read_context(payload.context)
    if told is None:
        return Ignored("a commit status that Flux did not write")
    if payload.state not in SETTLED or payload.created_at is None:
        return Ignored(f"a commit status that is {payload.state} settles nothing")
    name, sender = told
    return StatusSet(
        FluxStatus(
            id=payload.id, sha=payload.sha, name=name, sender=sender, state=payload.state,
            description=payload.description or "", by=payload.sender.login, at=payload.created_at,
        )
    )  # fmt: skip


def _installation(payload: _InstallationPayload) -> Event:
    return InstallationChanged(
        installation_id=payload.installation.id,
        account=payload.installation.account.login if payload.installation.account else "",
        removed=payload.action == "deleted",
        suspended=payload.installation.suspended_at is not None,
    )


def _decode(decoder: "msgspec.json.Decoder[T]", body: bytes) -> T:
    try:
        return decoder.decode(storable(body))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadablePayload(str(error)) from None
