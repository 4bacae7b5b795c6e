"""What a delivery tells us: a hint which facts to read again, or a person's words. Never the state itself.

Payloads arrive late, twice, out of order or not at all (https://docs.github.com/en/webhooks), so an event names an
object and the newest thing the sender knew of it; the facts are read from GitHub.
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.buttons import Button
from app.domain.commands import Verb
from app.domain.commit_status import FluxStatus
from app.domain.merge_group import MergeGroup


@dataclass(frozen=True, slots=True)
class PullRequestTouched:
    """Something about the pull request changed at `updated_at`, as GitHub wrote it into the payload."""

    number: int
    updated_at: datetime | None
    by: str
    action: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class BranchPushed:
    """`branch` now points to `sha`; a deleted branch has none."""

    branch: str
    sha: str | None


@dataclass(frozen=True, slots=True)
class CommentPosted:
    """A person wrote under a pull request at `at`. `text` is untrusted Markdown."""

    number: int
    comment_id: int
    author: str
    text: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class IssueTouched:
    """An issue changed, at `at`. `ticked` are the boxes, in the form of our dashboard's, that this very edit ticked."""

    number: int
    by: str
    by_bot: bool
    is_closed: bool
    is_deleted: bool = False
    ticked: tuple[tuple[Verb, int], ...] = ()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ButtonPressed:
    """A person pressed a button below our check run of `head_sha`."""

    head_sha: str
    check_run_id: int
    button: Button
    by: str


@dataclass(frozen=True, slots=True)
class CheckRerequested:
    """Somebody pressed "Re-run" on our check run of `head_sha`."""

    head_sha: str


@dataclass(frozen=True, slots=True)
class MergeGroupChanged:
    """GitHub built a merge group and waits for its checks, or `is_gone`: merged, or taken apart."""

    group: MergeGroup
    is_gone: bool


@dataclass(frozen=True, slots=True)
class StatusSet:
    """Flux told by a commit status how a Kustomization stands; whether that is believed, the configuration says."""

    status: FluxStatus


@dataclass(frozen=True, slots=True)
class RepositoryChanged:
    """The repository was renamed, transferred, archived, …: its own facts and its list are to be read again."""

    owner: str
    name: str
    removed: bool = False


@dataclass(frozen=True, slots=True)
class InstallationChanged:
    """The App was installed, suspended, removed, or sees other repositories."""

    installation_id: int
    account: str
    removed: bool = False
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing to do, and why; the reason is kept with the delivery."""

    reason: str


Event = (
    PullRequestTouched
    | BranchPushed
    | CommentPosted
    | IssueTouched
    | ButtonPressed
    | CheckRerequested
    | MergeGroupChanged
    | StatusSet
    | RepositoryChanged
    | InstallationChanged
    | Ignored
)
