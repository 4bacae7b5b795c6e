"""One step of an upgrade, for `outlook`."""

from dataclasses import dataclass
from enum import StrEnum

from app.domain.model import Evidence
from app.domain.versions import Version

THE_UPGRADE = 0
"""The number of the pull request that is not there: GitHub gives it to none."""


class StepKind(StrEnum):
    """The order is that in which the steps are taken."""

    MANIFESTS = "manifests"
    """Manifests move to APIs that are served before and after."""
    PLATFORM = "platform"
    """What the version asks of others: its operator, Kubernetes, Talos."""
    STORAGE = "storage"
    """Objects in the cluster are rewritten at the version that stays."""
    UPGRADE = "upgrade"
    ROLLOUT = "rollout"
    UNLOCKED = "unlocked"
    """What can follow from then on."""
    NOTE = "note"
    """What no rule here can check."""


class StepState(StrEnum):
    TODO = "to do"
    OPEN = "open"
    """A pull request does all of it."""
    UNKNOWN = "unknown"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Step:
    """`text` is for people; `pull_requests` are the open ones that do it, or part of it. `demands` are what a platform
    step asks, in words, and `raised` the provider that it raises and the least version that runs then."""

    kind: StepKind
    state: StepState
    text: str
    pull_requests: tuple[int, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    demands: tuple[str, ...] = ()
    raised: tuple[str, Version] | None = None
