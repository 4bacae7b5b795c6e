"""What people and programs may read: one set of values behind the pages, the REST API and the command line."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.health import Health
from app.domain.incidents import Incident
from app.domain.model import (
    Capability,
    Classification,
    ComponentClass,
    Edge,
    Hold,
    Observation,
    PullRequestStatus,
    Requirement,
    Rollout,
    State,
)
from app.domain.modes import Mode
from app.domain.rollback import Rollback


@dataclass(frozen=True, slots=True)
class RepositoryItem:
    """A repository that an installation shows us. `synced_at` is None until it was read whole once."""

    id: int
    owner: str
    name: str
    default_branch: str
    base_sha: str | None
    synced_at: datetime | None

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True)
class PullRequestItem:
    """A pull request with its last verdict, without its body and diff."""

    id: int
    number: int
    title: str
    branch: str
    head_sha: str
    author: str
    status: PullRequestStatus
    draft: bool
    by_renovate: bool
    labels: tuple[str, ...]
    classification: Classification
    state: State
    reason: str
    state_since: datetime
    opened_at: datetime | None
    merged_at: datetime | None
    hold: Hold | None
    approved_by: str | None

    @property
    def component_class(self) -> ComponentClass:
        return self.classification.component_class


@dataclass(frozen=True, slots=True)
class WouldWrite:
    """A write to GitHub that the mode of the repository does not let through."""

    number: int
    what: str


@dataclass(frozen=True, slots=True)
class PlanItem:
    """The stored plan. `document` is what `fluxmig plan --format json` prints."""

    document: Mapping[str, Any]
    made_at: datetime
    withheld: tuple[Mapping[str, Any], ...] = ()

    @property
    def base(self) -> str:
        return str(self.document.get("base", ""))

    @property
    def waves(self) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(int(number) for number in wave) for wave in self.document.get("waves", ()))

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(str(warning) for warning in self.document.get("warnings", ()))

    @property
    def config(self) -> Mapping[str, Any] | None:
        """The configuration that judged, as the document has it; None where the repository has none."""
        return self.document.get("config")

    @property
    def config_file(self) -> str | None:
        return str(self.config["file"]) if self.config else None

    @property
    def mode(self) -> Mode | None:
        """What may be written to GitHub; None in a plan by an older version."""
        stored = self.document.get("mode")
        return Mode(stored) if stored else None

    @property
    def would_write(self) -> tuple[WouldWrite, ...]:
        """What the mode keeps from being written."""
        return tuple(WouldWrite(int(row["number"]), str(row["what"])) for row in self.withheld)


@dataclass(frozen=True, slots=True)
class ClusterItem:
    """A scope of the plan: what Git declares and where, and what was last heard from it.

    `registered` names the clusters that may post Flux events for this scope; `health` tells of each whether it is well.
    """

    name: str
    declared: str | None
    file: str | None
    line: int
    observed: tuple[Observation, ...]
    registered: tuple[str, ...]
    health: tuple[tuple[str, Health], ...] = ()


@dataclass(frozen=True, slots=True)
class RegisteredCluster:
    name: str
    repository: str
    scope: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class HistoryItem:
    at: datetime
    number: int | None
    actor: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class AuditItem:
    """Who said what, where, and what came of it."""

    id: int
    at: datetime
    number: int | None
    actor: str
    kind: str
    place: str
    said: str
    result: str
    answer: str


@dataclass(frozen=True, slots=True)
class RebaseItem:
    """A rebase that was asked of Renovate. `state` is requested, confirmed, refused or stale."""

    number: int
    head_sha: str
    driver: str
    state: str
    note: str
    requested_at: datetime
    settled_at: datetime | None
    settled_sha: str | None


@dataclass(frozen=True, slots=True)
class DecisionItem:
    head_sha: str
    base_sha: str
    state: State
    reason: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryItem:
    guid: str
    position: int
    event: str
    action: str | None
    repository_id: int | None
    state: str
    note: str
    received_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class BranchItem:
    """A branch of Renovate's without a pull request. `conclusion` is that of our check on it, empty without one."""

    name: str
    title: str
    head_sha: str
    state: State
    reason: str
    conclusion: str


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the page of a repository shows.

    `pull_requests` are the open ones and those that a pending rollout or an edge speaks of.
    `rebases` holds what last happened about a rebase of each (`kind` begins with `rebase`).
    `capabilities` holds what those brought that edges point to.
    """

    repository: RepositoryItem
    plan: PlanItem | None
    pull_requests: tuple[PullRequestItem, ...]
    edges: tuple[Edge, ...]
    rollouts: tuple[Rollout, ...]
    clusters: tuple[ClusterItem, ...]
    rebases: Mapping[int, HistoryItem]
    capabilities: Mapping[int, tuple[Capability, ...]]
    history: tuple[HistoryItem, ...]
    audit: tuple[AuditItem, ...] = ()
    branches: tuple[BranchItem, ...] = ()
    incidents: tuple[Incident, ...] = ()
    """Those that stand."""

    def find(self, number: int) -> PullRequestItem | None:
        return next((pull for pull in self.pull_requests if pull.number == number), None)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An edge and the pull request at its other end; None where no pull request would satisfy it."""

    edge: Edge
    pull_request: PullRequestItem | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a pull request has its verdict, with everything that the verdict rests on."""

    repository: RepositoryItem
    pull_request: PullRequestItem
    base: str
    requires: tuple[Requirement, ...]
    provides: tuple[Capability, ...]
    waits_for: tuple[Neighbour, ...]
    waited_for_by: tuple[Neighbour, ...]
    provided_by_neighbours: Mapping[int, tuple[Capability, ...]]
    history: tuple[HistoryItem, ...]
    rebases: tuple[RebaseItem, ...]
    decisions: tuple[DecisionItem, ...]
    commands: tuple["CommandItem", ...]
    would_write: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()
    """Those that it is to blame for, the newest first."""
    rollback: Rollback | None = None
    """How it is taken back, where it is merged and known."""


@dataclass(frozen=True, slots=True)
class CommandItem:
    author: str
    text: str
    state: str
    answer: str
    created_at: datetime
