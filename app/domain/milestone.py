"""A migration as people plan it: which pull requests in which phase, when it is reached, and what may go wrong.

A `MilestonePlan` is made once and kept as it was made. A `Milestone` is that plan judged by what is known now: each
criterion is yes, no or unknown, and says why. No value here depends on the clock, so equal facts give an equal text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.incidents import Incident
from app.domain.model import Answer, Evidence, Gvk, Observation, PullRequestStatus, Rollout, State
from app.domain.serving import Served


class Phase(StrEnum):
    """In the order in which they are worked through; REBASE holds what cannot be merged as it is."""

    PREPARE = "prepare"
    CRITICAL = "critical"
    DOWNSTREAM = "downstream"
    REVIEW = "review"
    REBASE = "rebase"


class Level(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"


class Weight(StrEnum):
    """What a criterion means for the end: it must hold, it must not be violated, or it is only put on record."""

    MUST = "must"
    HEALTH = "health"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Goal:
    """A version to reach, or all that is open where `version` is empty. `name` is the provider's, as people say it."""

    provider: str = ""
    name: str = ""
    version: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.version}" if self.version else ""


@dataclass(frozen=True, slots=True)
class Member:
    """A pull request of the plan. `after` are those whose rollout it waits for, `why` the sentence that says so."""

    number: int
    title: str
    change: str
    phase: Phase
    after: tuple[int, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class WantedVersion:
    """A version that shall run in a cluster; `number` brings it, where something open does. `is_goal`: it was asked."""

    provider: str
    name: str
    scope: str
    version: str
    number: int | None
    is_goal: bool = False


@dataclass(frozen=True, slots=True)
class WantedApi:
    """An API that `consumer` starts to use and that `provider` has to bring first; `shared` is the Kustomization that
    both change."""

    gvk: Gvk
    scope: str
    consumer: int
    provider: int | None
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that the facts show may go wrong. It is over when all of `numbers` are resolved, where it has any."""

    level: Level
    title: str
    why: str
    mitigation: str
    rollback: str = ""
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MilestonePlan:
    """What was decided when it was made. `several`: there is more than one cluster, so each is named. `passing` are
    those of the `open` pull requests that passed fluxmig's check then."""

    goal: Goal
    members: tuple[Member, ...]
    versions: tuple[WantedVersion, ...]
    apis: tuple[WantedApi, ...]
    risks: tuple[Risk, ...]
    several: bool = False
    passing: int = 0
    open: int = 0


# --- what is known ---


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """`title` and `change` are those of now; empty, they are as planned. `conflicts_with` are merged ones that changed
    neighbouring lines after its head was made."""

    status: PullRequestStatus
    state: State
    reason: str = ""
    settled_at: datetime | None = None
    approved_by: str | None = None
    conflicts_with: tuple[int, ...] = ()
    title: str = ""
    change: str = ""


class WaitEnd(StrEnum):
    """MERGED and CLOSED: it was so while it was still held."""

    FREED = "freed"
    MERGED = "merged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Wait:
    """A member could not be merged from then to then; `until` and `end` are None while that lasts."""

    number: int
    since: datetime
    until: datetime | None
    reason: str
    end: WaitEnd | None = None


@dataclass(frozen=True, slots=True)
class Rolled:
    """A rollout, and when it was done."""

    rollout: Rollout
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApiNow:
    """Whether an API is served, by what a plan goes by, and in words."""

    served: Served
    provider: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Signal:
    """What is known of the health of something, and from where."""

    answer: Answer
    evidence: str


@dataclass(frozen=True, slots=True)
class Sync:
    """Whether GitOps works. `speaks`: a Kustomization of this repository was heard, and so will be heard again."""

    signal: Signal
    speaks: bool


@dataclass(frozen=True, slots=True)
class MilestoneFacts:
    """`running` is what clusters said last that they run, by provider and scope; `served` how the wanted APIs stand, by
    API and scope. `incidents` are those that began since it did. `outdated` are lines of the base with another version
    of a wanted API. `synced` and `controllers` are None where nobody tells of them."""

    members: Mapping[int, MemberFacts]
    connected: bool = False
    rollouts: tuple[Rolled, ...] = ()
    running: Mapping[tuple[str, str], Observation] = field(default_factory=dict)
    served: Mapping[tuple[Gvk, str], ApiNow] = field(default_factory=dict)
    synced: Sync | None = None
    incidents: tuple[Incident, ...] = ()
    outdated: Mapping[Gvk, tuple[Evidence, ...]] = field(default_factory=dict)
    waits: tuple[Wait, ...] = ()
    rebases: Mapping[str, int] = field(default_factory=dict)
    passing: int = 0
    open: int = 0
    controllers: Signal | None = None


# --- how it stands ---


@dataclass(frozen=True, slots=True)
class Criterion:
    """`phase` is None for one of the whole."""

    phase: Phase | None
    text: str
    state: Answer
    evidence: str
    weight: Weight = Weight.MUST


@dataclass(frozen=True, slots=True)
class MemberNow:
    number: int
    title: str
    change: str
    status: PullRequestStatus
    state: State
    note: str


@dataclass(frozen=True, slots=True)
class PhaseNow:
    phase: Phase
    heading: str
    intro: str
    members: tuple[MemberNow, ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """`known` is False where no signal tells it: it is said to be unknown, never to be fine."""

    name: str
    value: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class RiskNow:
    risk: Risk
    over: bool


@dataclass(frozen=True, slots=True)
class Milestone:
    """How it stands. `lessons` are (heading, sentences), and empty until the end."""

    goal: str
    resolved: int
    total: int
    phases: tuple[PhaseNow, ...]
    criteria: tuple[Criterion, ...]
    risks: tuple[RiskNow, ...]
    metrics: tuple[Metric, ...]
    lessons: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def reached(self) -> bool:
        """Whether all that must hold does, and nothing is known to be broken. Unknown health keeps nothing open."""
        musts = all(one.state is Answer.YES for one in self.criteria if one.weight is Weight.MUST)
        return musts and not any(one.state is Answer.NO for one in self.criteria if one.weight is Weight.HEALTH)
