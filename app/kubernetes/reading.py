"""One look at a cluster: each part by itself, so that what may not be read hides nothing else."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from app.domain.cluster_state import Controller, InstanceFacts, ObjectStatus, Part, ReportFacts, StoredCrd
from app.domain.model import Gvk
from app.kubernetes.client import Absent, KubernetesApi, Unread
from app.kubernetes.discovery import Discovery, discover
from app.kubernetes.objects import OPERATOR_API, Crd, Deployment, Instance, Reconciled, Report

T = TypeVar("T")

NAMESPACE = "flux-system"
KUSTOMIZE, HELM = "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"
_VERSIONS = {
    (KUSTOMIZE, "Kustomization"): ("v1", "v1beta2", "v1beta1"),
    (HELM, "HelmRelease"): ("v2", "v2beta2", "v2beta1"),
}
_AT_ONCE = 4


@dataclass(slots=True)
class Reading:
    """`problems`: the parts that could not be read, and why. What is None was not read, or is not there."""

    problems: dict[Part, str] = field(default_factory=dict)
    kubernetes: str | None = None
    discovery: Discovery | None = None
    instance: InstanceFacts | None = None
    report: ReportFacts | None = None
    kustomizations: list[ObjectStatus] | None = None
    helm_releases: list[ObjectStatus] | None = None
    controllers: list[Controller] | None = None
    crds: list[StoredCrd] | None = None


class _ServerVersion(msgspec.Struct):
    gitVersion: str  # noqa: N815 (Kubernetes' name)


async def read_cluster(api: KubernetesApi, wants_crd: Callable[[Gvk], bool] | None) -> Reading:
    """Never raises for what the API server does. `wants_crd` tells of which kinds the stored versions are asked; None:
    of none this time."""
    reading = Reading()
    reading.kubernetes = await _part(reading, Part.VERSION, _server_version(api))
    discovery = reading.discovery = await _part(reading, Part.DISCOVERY, discover(api))
    instances = await _part(reading, Part.INSTANCE, _list_or_none(api, "fluxinstances", Instance))
    reading.instance = instances[0].read() if instances else None
    reports = await _part(reading, Part.REPORT, _list_or_none(api, "fluxreports", Report))
    reading.report = reports[0].read() if reports else None
    reading.kustomizations = await _part(
        reading, Part.KUSTOMIZATIONS, _reconciled(api, discovery, KUSTOMIZE, "Kustomization", "kustomizations")
    )
    reading.helm_releases = await _part(
        reading, Part.HELM_RELEASES, _reconciled(api, discovery, HELM, "HelmRelease", "helmreleases")
    )
    reading.controllers = await _part(reading, Part.CONTROLLERS, _controllers(api))
    if wants_crd is not None and discovery is not None:
        reading.crds = await _part(reading, Part.CRDS, _crds(api, discovery, wants_crd))
    return reading


async def _part(reading: Reading, part: Part, asked: Coroutine[Any, Any, T]) -> T | None:
    try:
        return await asked
    except Unread as fault:
        reading.problems[part] = str(fault)
        return None


async def _server_version(api: KubernetesApi) -> str:
    return (await api.read("/version", _ServerVersion)).gitVersion


class _Tagged(msgspec.Struct):
    """Items of a list may leave out their kind."""

    metadata: msgspec.Raw
    spec: msgspec.Raw = msgspec.Raw(b"{}")
    status: msgspec.Raw = msgspec.Raw(b"{}")


async def _list_or_none(api: KubernetesApi, plural: str, type_: type[T]) -> list[T]:
    """Objects of Flux Operator, which a cluster need not have: then there are none, and that is no fault."""
    path = f"/apis/{OPERATOR_API}/{plural}"
    try:
        items = await api.read_all(path, _Tagged)
    except Absent:
        return []
    kind = {"fluxinstances": "FluxInstance", "fluxreports": "FluxReport"}[plural]
    try:
        return [
            msgspec.json.decode(
                msgspec.json.encode({"kind": kind, "metadata": one.metadata, "spec": one.spec, "status": one.status}),
                type=type_,
            )
            for one in items
        ]
    except msgspec.DecodeError:
        raise Unread(f"GET {path}: the answer is not what this path should give") from None


async def _reconciled(
    api: KubernetesApi, discovery: Discovery | None, group: str, kind: str, plural: str
) -> list[ObjectStatus]:
    """Asked for at the newest version that is served; a group that is not served at all is nothing to be well."""
    order = {version: index for index, version in enumerate(_VERSIONS[group, kind])}
    version = discovery.version_of(group, kind, order) if discovery else None
    if version is None and discovery is not None and group not in discovery.unread:
        raise Absent(f"the API server does not serve {kind}: is Flux installed?")
    items = await api.read_all(f"/apis/{group}/{version or next(iter(order))}/{plural}", Reconciled)
    return [one.read(kind) for one in items]


async def _controllers(api: KubernetesApi) -> list[Controller]:
    """Those of Flux and of its operator; whatever else runs beside them is not looked at."""
    found = await api.read_all(f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments", Deployment)
    return [one.read() for one in found if one.is_fluxs]


async def _crds(api: KubernetesApi, discovery: Discovery, wants: Callable[[Gvk], bool]) -> list[StoredCrd]:
    """One by one: a list would bring the schema of every CRD in the cluster, which is most of 50 MB."""
    names = sorted({f"{resource}.{gvk.group}" for gvk, resource in discovery.resources.items() if wants(gvk)})
    gate = asyncio.Semaphore(_AT_ONCE)

    async def ask(name: str) -> StoredCrd | None:
        async with gate:
            try:
                path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{name}"
                return (await api.read(path, Crd)).read()
            except Absent:  # served by an extension server, or gone since
                return None

    return [crd for crd in await asyncio.gather(*map(ask, names)) if crd is not None]
