"""What was seen of a cluster, whoever saw it: versions, controllers, objects of Flux, and what is stored."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.domain.model import Answer

PASSING = frozenset({"DependencyNotReady", "Progressing", "ProgressingWithRetry", "ArtifactFailed"})
"""Reasons of a Ready condition that is false for want of something else, or for now. The fault, if there is one, shows
elsewhere too: at the dependency, at the source, or here when the retries are over."""


DELETED = "Deleted"
"""The reason of a look that no longer finds an object: it fails no more, and was not seen to succeed."""


class Source(StrEnum):
    """Who says so."""

    EVENT = "event"
    REPORT = "report"
    KUBERNETES = "kubernetes"


class Part(StrEnum):
    """What a look at a cluster consists of. Each succeeds or fails by itself."""

    VERSION = "version"
    DISCOVERY = "discovery"
    INSTANCE = "instance"
    REPORT = "report"
    KUSTOMIZATIONS = "kustomizations"
    HELM_RELEASES = "helm-releases"
    CONTROLLERS = "controllers"
    CRDS = "crds"


def source_phrase(source: str) -> str:
    """`2.6.1 (Flux's own event)`."""
    match source:
        case Source.REPORT:
            return "a report of the cluster"
        case Source.KUBERNETES:
            return "the Kubernetes API"
        case Source.EVENT | "":
            return "Flux's own event"
        case _:
            return source  # in words already, such as those of a commit status


@dataclass(frozen=True, slots=True)
class ObjectStatus:
    """An object of Flux: `object` is `Kind/namespace/name`, `ready` what its Ready condition says."""

    object: str
    ready: Answer
    reason: str = ""
    message: str = ""
    revision: str = ""
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Controller:
    """A deployment. `version` is its image's tag, `flux` the distribution that its label names."""

    name: str
    version: str
    ready: Answer
    flux: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class ReconcilerStats:
    """How many objects of a kind Flux reconciles; `failing` and `suspended` are among the `running` ones."""

    api_version: str
    kind: str
    running: int = 0
    failing: int = 0
    suspended: int = 0


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """The Kustomization by which the cluster follows its repository."""

    ready: Answer
    id: str = ""
    path: str = ""
    source: str = ""
    revision: str = ""


@dataclass(frozen=True, slots=True)
class InstanceFacts:
    """A FluxInstance. `flux` is the version that is applied, None while it is not ready."""

    status: ObjectStatus
    wanted: str
    flux: str | None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """A FluxReport."""

    flux: str | None
    operator: str | None
    kubernetes: str | None
    controllers: tuple[Controller, ...] = ()
    reconcilers: tuple[ReconcilerStats, ...] = ()
    sync: SyncStatus | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredCrd:
    """A CRD: at which versions objects may be stored, and at which new ones are."""

    name: str
    group: str
    kind: str
    stored: tuple[str, ...]
    storage: str
    served: tuple[str, ...] = ()
