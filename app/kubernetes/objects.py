"""The objects that say whether Flux is well, of which we read few fields; anything else may come and go.

https://fluxoperator.dev/docs/crd/fluxreport/, https://fluxoperator.dev/docs/crd/fluxinstance/ and
https://fluxcd.io/flux/components/kustomize/kustomizations/#working-with-kustomizations
"""

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from app.domain.cluster_state import (
    PASSING,
    Controller,
    InstanceFacts,
    ObjectStatus,
    ReconcilerStats,
    ReportFacts,
    StoredCrd,
    SyncStatus,
)
from app.domain.model import Answer

OPERATOR, OPERATOR_API = "flux-operator", "fluxcd.controlplane.io/v1"
_SYNC_REVISION = re.compile(r"^Applied revision: (\S+)")
_LONGEST = 4000


class Condition(msgspec.Struct):
    type: str
    status: str
    reason: str = ""
    message: str = ""
    lastTransitionTime: datetime | None = None  # noqa: N815 (Kubernetes' name)
    observedGeneration: int | None = None  # noqa: N815


class Meta(msgspec.Struct):
    name: str
    namespace: str = ""
    generation: int | None = None
    labels: dict[str, str] = {}


class _ReconcilerSpec(msgspec.Struct):
    suspend: bool = False


class _Release(msgspec.Struct):
    chartVersion: str = ""  # noqa: N815


class _ReconcilerStatus(msgspec.Struct):
    """A HelmRelease names no applied revision since v2, but its releases, the newest first: the chart of that one is
    installed where it is ready. The history of a Kustomization, since Flux 2.7, holds no charts.
    https://github.com/fluxcd/helm-controller/blob/main/docs/spec/v2/helmreleases.md#helmrelease-status"""

    conditions: list[Condition] = []
    observedGeneration: int | None = None  # noqa: N815
    lastAppliedRevision: str = ""  # noqa: N815
    lastAttemptedRevision: str = ""  # noqa: N815
    history: list[_Release] = []

    @property
    def applied(self) -> str:
        released = self.history[0].chartVersion if self.history else ""
        return self.lastAppliedRevision or released


class Reconciled(msgspec.Struct):
    """A Kustomization or a HelmRelease; items of a list do not name their kind."""

    metadata: Meta
    spec: _ReconcilerSpec = msgspec.field(default_factory=_ReconcilerSpec)
    status: _ReconcilerStatus = msgspec.field(default_factory=_ReconcilerStatus)

    def read(self, kind: str) -> ObjectStatus:
        meta, status = self.metadata, self.status
        ready = _ready(status.conditions)
        # `observedGeneration` is -1 in an object that Flux has not looked at; a list by an older API may leave it out.
        behind = meta.generation is not None and (
            status.observedGeneration is not None and status.observedGeneration != meta.generation
        )
        answer = Answer.UNKNOWN if behind or self.spec.suspend else _answer(ready)
        first, second = status.applied, status.lastAttemptedRevision
        if answer is not Answer.YES:
            first, second = second, first
        return ObjectStatus(
            object=f"{kind}/{meta.namespace}/{meta.name}",
            ready=answer,
            reason=ready.reason if ready else "",
            message=ready.message[:_LONGEST] if ready else "",
            revision=first or second,
            suspended=self.spec.suspend,
        )


def _ready(conditions: Iterable[Condition]) -> Condition | None:
    return next((one for one in conditions if one.type == "Ready"), None)


def _answer(ready: Condition | None) -> Answer:
    if ready is None or ready.status == "Unknown":
        return Answer.UNKNOWN
    if ready.status == "True":
        return Answer.YES
    return Answer.UNKNOWN if ready.reason in PASSING else Answer.NO


# --- Flux Operator --------------------------------------------------------------------------------


class _Distribution(msgspec.Struct):
    version: str = ""


class _InstanceSpec(msgspec.Struct):
    distribution: _Distribution = msgspec.field(default_factory=_Distribution)


class _History(msgspec.Struct):
    lastReconciled: datetime | None = None  # noqa: N815


class _InstanceStatus(msgspec.Struct):
    conditions: list[Condition] = []
    lastAppliedRevision: str = ""  # noqa: N815
    history: list[_History] = []


class Instance(msgspec.Struct, tag_field="kind", tag="FluxInstance"):
    metadata: Meta
    spec: _InstanceSpec = msgspec.field(default_factory=_InstanceSpec)
    status: _InstanceStatus = msgspec.field(default_factory=_InstanceStatus)

    def read(self) -> InstanceFacts:
        meta, status = self.metadata, self.status
        ready = _ready(status.conditions)
        answer = _answer(ready)
        if ready is not None and ready.observedGeneration not in (None, meta.generation):
            answer = Answer.UNKNOWN
        version = status.lastAppliedRevision.partition("@")[0].removeprefix("v")
        return InstanceFacts(
            status=ObjectStatus(
                object=f"FluxInstance/{meta.namespace}/{meta.name}",
                ready=answer,
                reason=ready.reason if ready else "",
                message=ready.message[:_LONGEST] if ready else "",
                revision=status.lastAppliedRevision,
            ),
            wanted=self.spec.distribution.version,
            flux=version if answer is Answer.YES and version else None,
            at=max((one.lastReconciled for one in status.history if one.lastReconciled is not None), default=None),
        )


class _Operator(msgspec.Struct):
    version: str = ""


class _ClusterInfo(msgspec.Struct):
    serverVersion: str = ""  # noqa: N815


class _Component(msgspec.Struct):
    name: str
    ready: bool | None = None
    status: str = ""
    image: str = ""


class _Stats(msgspec.Struct):
    running: int = 0
    failing: int = 0
    suspended: int = 0


class _Reconciler(msgspec.Struct):
    kind: str
    apiVersion: str = ""  # noqa: N815
    stats: _Stats = msgspec.field(default_factory=_Stats)


class _Sync(msgspec.Struct):
    ready: bool | None = None
    id: str = ""
    path: str = ""
    source: str = ""
    status: str = ""


class _ReportSpec(msgspec.Struct):
    distribution: _Distribution = msgspec.field(default_factory=_Distribution)
    operator: _Operator | None = None
    cluster: _ClusterInfo | None = None
    components: list[_Component] = []
    reconcilers: list[_Reconciler] = []
    sync: _Sync | None = None


class _ReportStatus(msgspec.Struct):
    conditions: list[Condition] = []


class Report(msgspec.Struct, tag_field="kind", tag="FluxReport"):
    metadata: Meta
    spec: _ReportSpec = msgspec.field(default_factory=_ReportSpec)
    status: _ReportStatus = msgspec.field(default_factory=_ReportStatus)

    def read(self) -> ReportFacts:
        """The Ready condition of a report turns with each report: its time is the report's."""
        spec, ready = self.spec, _ready(self.status.conditions)
        return ReportFacts(
            flux=spec.distribution.version.removeprefix("v") or None,
            operator=(spec.operator.version.removeprefix("v") if spec.operator else "") or None,
            kubernetes=(spec.cluster.serverVersion if spec.cluster else "") or None,
            controllers=tuple(
                Controller(one.name, tag_of(one.image), _three(one.ready), status=one.status[:_LONGEST])
                for one in spec.components
            ),
            reconcilers=tuple(
                ReconcilerStats(one.apiVersion, one.kind, one.stats.running, one.stats.failing, one.stats.suspended)
                for one in spec.reconcilers
            ),
            sync=_read_sync(spec.sync) if spec.sync else None,
            at=ready.lastTransitionTime if ready else None,
        )


def _read_sync(sync: _Sync) -> SyncStatus:
    revision = _SYNC_REVISION.match(sync.status)
    return SyncStatus(_three(sync.ready), sync.id, sync.path, sync.source, revision[1] if revision else "")


def _three(given: bool | None) -> Answer:
    if given is None:
        return Answer.UNKNOWN
    return Answer.YES if given else Answer.NO


# --- deployments and CRDs -------------------------------------------------------------------------


class _Container(msgspec.Struct):
    image: str = ""


class _PodSpec(msgspec.Struct):
    containers: list[_Container] = []


class _Template(msgspec.Struct):
    spec: _PodSpec = msgspec.field(default_factory=_PodSpec)


class _DeploymentSpec(msgspec.Struct):
    replicas: int = 1
    template: _Template = msgspec.field(default_factory=_Template)


class _DeploymentStatus(msgspec.Struct):
    observedGeneration: int = 0  # noqa: N815
    updatedReplicas: int = 0  # noqa: N815
    availableReplicas: int = 0  # noqa: N815
    replicas: int = 0


class Deployment(msgspec.Struct):
    metadata: Meta
    spec: _DeploymentSpec = msgspec.field(default_factory=_DeploymentSpec)
    status: _DeploymentStatus = msgspec.field(default_factory=_DeploymentStatus)

    @property
    def is_fluxs(self) -> bool:
        labels = self.metadata.labels
        return labels.get("app.kubernetes.io/part-of") == "flux" or self.metadata.name == OPERATOR

    def read(self) -> Controller:
        """Rolled out as `kubectl rollout status` says it: all new pods are there and no old one is left."""
        spec, status, labels = self.spec, self.status, self.metadata.labels
        wanted = spec.replicas
        new = status.observedGeneration >= (self.metadata.generation or 0) and status.updatedReplicas >= wanted
        rolled_out = new and status.replicas <= status.updatedReplicas and status.availableReplicas >= wanted
        image = spec.template.spec.containers[0].image if spec.template.spec.containers else ""
        return Controller(
            name=self.metadata.name,
            version=tag_of(image),
            ready=_three(rolled_out and wanted > 0),
            flux=labels.get("app.kubernetes.io/version", "").removeprefix("v"),
            status=f"{status.availableReplicas} of {wanted} available",
        )


def tag_of(image: str) -> str:
    """`v1.6.0` of `ghcr.io/fluxcd/source-controller:v1.6.0@sha256:…`; empty for a digest alone."""
    name = image.partition("@")[0].rpartition("/")[2]
    return name.partition(":")[2]


class _CrdNames(msgspec.Struct):
    kind: str


class _CrdVersion(msgspec.Struct):
    name: str
    served: bool = False
    storage: bool = False


class _CrdSpec(msgspec.Struct):
    group: str
    names: _CrdNames
    versions: list[_CrdVersion]


class _CrdStatus(msgspec.Struct):
    storedVersions: list[str] = []  # noqa: N815


class Crd(msgspec.Struct):
    metadata: Meta
    spec: _CrdSpec
    status: _CrdStatus = msgspec.field(default_factory=_CrdStatus)

    def read(self) -> StoredCrd:
        versions = self.spec.versions
        return StoredCrd(
            name=self.metadata.name,
            group=self.spec.group,
            kind=self.spec.names.kind,
            stored=tuple(self.status.storedVersions),
            storage=next((one.name for one in versions if one.storage), ""),
            served=tuple(one.name for one in versions if one.served),
        )
