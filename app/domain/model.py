"""The nouns of fluxmig: what a repository, a pull request, a requirement, an edge and a plan are.

All values are frozen and hold data only. GitHub's, Renovate's and Flux's words keep their meaning;
ours (requirement, capability, edge, rollout, wave) are in the glossary of the README.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from app.domain.modes import Mode
from app.domain.rollout_terms import Proof

if TYPE_CHECKING:
    from app.domain.incidents import Incident


class UpdateType(StrEnum):
    """Renovate's update types, with its `lockFileMaintenance` and `pinDigest` folded into the short names."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"
    DIGEST = "digest"
    PIN = "pin"
    REPLACEMENT = "replacement"
    LOCKFILE = "lockfile"


class Component(StrEnum):
    """What a change touches when it is merged."""

    TOOLING = "tooling"
    FLUX_CORE = "flux-core"
    INFRASTRUCTURE = "infrastructure"
    APPLICATION = "application"
    UNKNOWN = "unknown"


class ComponentClass(StrEnum):
    """`Component`, with `major` on top: a major update is `major` unless it is tooling."""

    TOOLING = "tooling"
    FLUX_CORE = "flux-core"
    INFRASTRUCTURE = "infrastructure"
    APPLICATION = "application"
    MAJOR = "major"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Update:
    """One dependency that moves. `from_` is None for a pin or a new lock entry, `to` for a removed one.

    `manager` and `datasource` are Renovate's names (https://docs.renovatebot.com/modules/).
    """

    name: str
    from_: str | None
    to: str | None
    manager: str | None = None
    datasource: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Classification:
    """What a pull request is. `confidence` is 0 to 1; `reasons` say which sign spoke, most important first.

    `rules` are those of the repository's own configuration that spoke, each with its place. `also_changes` are the
    first lines that change and that the updates do not explain, as `- old` or `+ new`; none for a pure bump.
    """

    update_type: UpdateType | None
    component: Component
    grouped: bool
    updates: tuple[Update, ...]
    confidence: float
    reasons: tuple[str, ...]
    rules: "tuple[Evidence, ...]" = ()
    also_changes: "tuple[Evidence, ...]" = ()

    @property
    def component_class(self) -> ComponentClass:
        if self.update_type is UpdateType.MAJOR and self.component is not Component.TOOLING:
            return ComponentClass.MAJOR
        return ComponentClass(self.component.value)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A text file at one commit. `blob_id` is Git's object id of the content, so equal ids mean equal text."""

    path: str
    blob_id: str
    text: str


Tree = Mapping[str, SourceFile]
"""Path -> file: the readable files of one commit."""


class ChangeStatus(StrEnum):
    ADDED = "added"
    MODIFIED = "modified"
    REMOVED = "removed"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a pull request, from the merge base to the head.

    `patch` is unified diff text without the `diff --git` header lines, starting at the first `@@`, as
    GitHub's REST API gives it; empty for binary or oversized files.
    `before`/`after` are None where the file does not exist on that side or could not be read.
    """

    path: str
    status: ChangeStatus
    patch: str
    before: SourceFile | None = None
    after: SourceFile | None = None
    previous_path: str | None = None


class PullRequestStatus(StrEnum):
    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PullRequest:
    """The facts of a pull request. `by_renovate` is settled where the facts are read, from branch and body."""

    number: int
    title: str
    branch: str
    head_sha: str
    status: PullRequestStatus = PullRequestStatus.OPEN
    by_renovate: bool = True
    body: str = ""
    labels: frozenset[str] = frozenset()
    changes: tuple[FileChange, ...] = ()
    merge_sha: str | None = None
    merged_at: datetime | None = None
    hold: "Hold | None" = None
    approvals: "tuple[Approval, ...]" = ()
    """Of those who said `/fluxmig approve` for this very head."""
    unblock: "Unblock | None" = None


@dataclass(frozen=True, slots=True)
class Approval:
    """`permission` is what the person had on the repository then, in GitHub's word."""

    by: str
    permission: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A person said `/fluxmig hold`, or set a hold label."""

    by: str
    reason: str = ""
    until: datetime | None = None
    """When it ends by itself; None: when somebody ends it."""


@dataclass(frozen=True, slots=True)
class Unblock:
    """A person said `/fluxmig unblock`: what blocks or freezes does not count until then. Over, it is not handed in."""

    by: str
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Dependency:
    """A person said `/fluxmig depends on #N`. `status` is that of `to`."""

    from_: int
    to: int
    by: str
    status: PullRequestStatus


# --- what the cluster can serve -------------------------------------------------------------------


class Answer(StrEnum):
    """Three values everywhere. Unknown never blocks and never frees."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class Gvk:
    """Group, kind and version of a Kubernetes API. All three: kinds of one group graduate at different times."""

    group: str
    kind: str
    version: str

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    def __str__(self) -> str:
        return f"{self.kind} {self.api_version}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A line that anybody can look up: `line` is 1-based, 0 where the whole file is meant."""

    file: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """Where Git says which version of a provider a cluster runs.

    `version` is as written (`2.5.1`, `2.x`, `v0.20.0`); `form` names one of the declaration forms of the catalogue.
    `live` is False for files that only (re)bootstrap a cluster.
    """

    provider: str
    scope: str
    version: str
    source: Evidence
    form: str
    live: bool = True


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an API: `spec.dependsOn[].readyExpr`, where `[]` marks a list; with a `value` of an enum only that."""

    path: str
    value: str | None = None

    def __str__(self) -> str:
        return self.path if self.value is None else f"{self.path}: {self.value}"


@dataclass(frozen=True, slots=True)
class Requirement:
    """An API that a pull request starts to use, or a field of it. `evidence` has the lines of its head that use it."""

    gvk: Gvk
    scope: str
    evidence: tuple[Evidence, ...]
    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Capability:
    """A provider version that a pull request brings to a scope: `from_` is None when it is new there."""

    provider: str
    scope: str
    from_: str | None
    to: str
    source: Evidence


@dataclass(frozen=True, slots=True)
class Cluster:
    """A scope with what Git declares and what was last heard from it."""

    name: str
    flux: Declaration | None
    observed_flux: "Observation | None" = None


@dataclass(frozen=True, slots=True)
class Observation:
    """The version of a provider that a cluster said it runs. `source` is a phrase for people: "Flux's own event".

    `cluster` is the registered one, of which several may stand for one scope; `version` is empty where that one has not
    told while another of its scope has.
    """

    scope: str
    provider: str
    version: str
    at: datetime
    source: str
    cluster: str = ""


@dataclass(frozen=True, slots=True)
class ServedApis:
    """What one source saw a registered cluster serve, no older than such a look may be; `at` is when it looked last.

    `since` has each API that is served, and from when that was seen. Where the list is `complete`, what is not in it is
    not served, but for the groups that are `unread`. With nothing seen it says nothing.
    """

    scope: str
    cluster: str
    source: str
    since: Mapping[Gvk, datetime]
    complete: bool = False
    unread: frozenset[str] = frozenset()
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredVersions:
    """The versions at which objects of a CRD may be stored (`status.storedVersions`); `storage` is that of new ones."""

    scope: str
    crd: str
    group: str
    kind: str
    versions: tuple[str, ...]
    storage: str
    source: str


class RolloutState(StrEnum):
    PENDING = "pending"
    ROLLED_OUT = "rolled-out"
    REPLACED = "replaced"
    """Git went back to an older version before a cluster was known to run this one."""


class RolloutHealth(StrEnum):
    """How a rollout stands. Silence is unknown: it makes a rollout late, never failed, and never done."""

    PENDING = "pending"
    TROUBLED = "troubled"
    """Flux reports a failure, and there is time left for it to mend."""
    FAILED = "failed"
    """Flux still reports a failure after the time-out."""
    LATE = "late"
    """The time-out has passed, and nothing was said of it."""
    ROLLED_OUT = "rolled-out"


@dataclass(frozen=True, slots=True)
class Rollout:
    """A provider version that was merged into the base branch and that the cluster has, or has not yet, taken over.

    `source` says how we know it is rolled out ("Flux's own event", "confirmed by octocat", "soak of 2 h, unverified"),
    and `proof` of which kind that is; `note` how it stands while we do not.
    """

    provider: str
    scope: str
    from_: str | None
    to: str
    pull_request: int | None
    merged_at: datetime
    state: RolloutState = RolloutState.PENDING
    source: str = ""
    merge_sha: str = ""
    proof: Proof | None = None
    health: RolloutHealth = RolloutHealth.PENDING
    note: str = ""
    rolled_out_at: datetime | None = None


# --- the plan -------------------------------------------------------------------------------------


class EdgeKind(StrEnum):
    NEEDS = "needs"
    REMOVAL = "removal"
    STORED = "stored"
    PAIR = "pair"
    FILE = "file"
    ENVIRONMENT = "environment"
    EXPLICIT = "explicit"
    ORDER = "order"


class Strength(StrEnum):
    HARD = "hard"
    SOFT = "soft"


class Condition(StrEnum):
    ROLLED_OUT = "rolled_out"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Edge:
    """`from_` waits for `to`; `to` is None where no open or merged pull request would satisfy it.

    `merged` is True while `to` is merged and its rollout is what is waited for.
    `alternatives` are other pull requests that would do, best first.
    """

    from_: int
    to: int | None
    kind: EdgeKind
    strength: Strength
    condition: Condition
    reason: str
    evidence: tuple[Evidence, ...] = ()
    merged: bool = False
    alternatives: tuple[int, ...] = ()


class State(StrEnum):
    """What fluxmig says of a pull request."""

    READY = "ready"
    BLOCKED = "blocked"
    WAITING_ROLLOUT = "waiting-rollout"
    HELD = "held"
    NEEDS_REVIEW = "needs-review"
    UNKNOWN = "unknown"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PlannedPullRequest:
    """The verdict on one pull request: `reason` is the one sentence that every surface shows."""

    number: int
    title: str
    by_renovate: bool
    classification: Classification
    state: State
    reason: str
    requires: tuple[Requirement, ...] = ()
    provides: tuple[Capability, ...] = ()
    frozen: bool = False
    """Held by a freeze window or an incident, not by a person: it ends by itself."""
    by_incident: bool = False
    unblocked: bool = False
    """It is ready because a person unblocked it; `reason` says who."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a plan is made from. `pull_requests` holds the open ones and those merged but not yet rolled out."""

    base: str
    """Commit id or revision of the base branch, as people should see it."""
    tree: Tree
    pull_requests: tuple[PullRequest, ...]
    now: datetime
    observations: tuple[Observation, ...] = ()
    rollouts: tuple[Rollout, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    incidents: "tuple[Incident, ...]" = ()
    """Those that stand."""
    served: tuple[ServedApis, ...] = ()
    stored: tuple[StoredVersions, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfigInUse:
    """The repository's own configuration that a plan was made under.

    `blob_id` is that of the text that judged, None where the defaults did. `problems` tell why the file on the base
    branch did not: then an older text of it did, or the defaults.
    """

    file: str
    blob_id: str | None
    problems: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with each pull request, and why. `waves` lists numbers of open pull requests in merge order."""

    base: str
    clusters: tuple[Cluster, ...]
    pull_requests: tuple[PlannedPullRequest, ...]
    edges: tuple[Edge, ...]
    waves: tuple[tuple[int, ...], ...]
    warnings: tuple[str, ...] = field(default=())
    config: ConfigInUse | None = None
    """None where the repository has no configuration of its own."""
    mode: Mode | None = None
    """What may be written to GitHub; None where nobody said: then the service's default holds."""

    def of(self, number: int) -> PlannedPullRequest:
        """The verdict on `number`. Raises KeyError when it is not in the plan."""
        for planned in self.pull_requests:
            if planned.number == number:
                return planned
        raise KeyError(number)

    def edges_of(self, number: int) -> tuple[Edge, ...]:
        """The edges by which `number` waits for others."""
        return tuple(edge for edge in self.edges if edge.from_ == number)
