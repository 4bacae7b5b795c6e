"""The stand-in API server of the stand-in cluster: discovery and the lists that fluxmig reads, from its state.

It is as an API server is: pages with `continue` tokens, a token that expires (410), rights by path, aggregated
discovery with stale groups, or the older form of it. Unknown paths answer 404 and are noted.
https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app.demo.cluster import OPERATOR_GROUP, Cluster
from app.demo.cluster_apis import SERVED, minor_of

_PLURALS = {
    "OCIRepository": "ocirepositories",
    "GitRepository": "gitrepositories",
    "HelmRepository": "helmrepositories",
    "ImagePolicy": "imagepolicies",
    "ImageRepository": "imagerepositories",
}
_CONTROLLERS = ("helm-controller", "kustomize-controller", "notification-controller", "source-controller")
_COMPONENTS = {(2, 5): "1.5.0", (2, 6): "1.6.0", (2, 7): "1.7.0", (2, 8): "1.8.0"}
_AGGREGATED = "as=APIGroupDiscoveryList"


@dataclass(eq=False, kw_only=True)
class ApiServer:
    """What goes wrong is set here: `refuses` path prefix -> status, `stale` groups, `expires` how many lists expire on
    their second page. `without` are group/kind of CRDs that are not installed though their Flux would have them."""

    cluster: Cluster
    token: str = field(default_factory=lambda: secrets.token_hex(20), repr=False)
    version: str = "v1.33.1+k3s1"
    operator: str = "0.30.0"
    aggregated: bool = True
    installs_operator: bool = True
    page: int = 500
    stale: set[str] = field(default_factory=set)
    without: set[str] = field(default_factory=set)
    refuses: dict[str, int] = field(default_factory=dict)
    expires: int = 0
    unready: set[str] = field(default_factory=set)
    """Controllers that are being replaced."""
    suspended: set[tuple[str, str]] = field(default_factory=set)
    helm_releases: dict[tuple[str, str], str] = field(default_factory=dict)
    """(namespace, name) -> the fault of a HelmRelease, empty where it is ready."""
    charts: dict[tuple[str, str], str] = field(default_factory=dict)
    """(namespace, name) -> the version of the chart of a HelmRelease, where it is not 1.0.0."""
    stored: dict[str, list[str]] = field(default_factory=dict)
    """Group/kind -> `status.storedVersions`, where it is not just the storage version."""
    meanwhile: Callable[[str], Awaitable[None]] | None = None
    """What happens in the world once a path was answered, before the next one is asked."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    """(method, path with its query) of every request."""
    unknown: list[str] = field(default_factory=list)

    # --- what it serves ---

    def kinds(self) -> dict[str, dict[str, list[str]]]:
        """Group -> version -> kinds."""
        found: dict[str, dict[str, list[str]]] = {"apps": {"v1": ["Deployment"]}}
        if self.installs_operator:
            found[OPERATOR_GROUP] = {"v1": ["FluxInstance", "FluxReport"]}
        for name, versions in SERVED.items():
            group, kind = name.split("/")
            for version in versions:
                if name not in self.without and self.cluster.serves(f"{group}/{version}", kind):
                    found.setdefault(group, {}).setdefault(version, []).append(kind)
        return found

    def answer(self, path: str, accept: str, params: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        for prefix, status in self.refuses.items():
            if path.startswith(prefix):
                return status, _status(status)
        found = self._discovery(path, accept) or self._object(path)
        if found is not None:
            return 200, found
        items = self._items(path)
        if items is None:
            if self.installs_operator or OPERATOR_GROUP not in path:
                self.unknown.append(path)
            return 404, _status(404)
        return self._page(items, params)

    def _page(self, items: list[dict[str, Any]], params: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        start = int(params.get("continue") or 0)
        if start and self.expires:
            self.expires -= 1
            return 410, _status(410)
        end = start + min(self.page, int(params.get("limit") or self.page))
        metadata = {"resourceVersion": "1", **({"continue": str(end)} if end < len(items) else {})}
        return 200, {"kind": "List", "apiVersion": "v1", "metadata": metadata, "items": items[start:end]}

    def _discovery(self, path: str, accept: str) -> dict[str, Any] | None:
        kinds = self.kinds()
        aggregated = self.aggregated and _AGGREGATED in accept
        match path.strip("/").split("/"):
            case ["version"]:
                return {"gitVersion": self.version}
            case ["api"] if aggregated:
                return _aggregated({"": {"v1": ["ConfigMap"]}}, set())
            case ["api"]:
                return {"kind": "APIVersions", "versions": ["v1"]}
            case ["api", "v1"]:
                return _resources("v1", ["ConfigMap"])
            case ["apis"] if aggregated:
                return _aggregated(kinds, self.stale)
            case ["apis"]:
                groups = [
                    {"name": name, "versions": [{"groupVersion": f"{name}/{one}", "version": one} for one in versions]}
                    for name, versions in kinds.items()
                ]
                return {"kind": "APIGroupList", "groups": groups}
            case ["apis", group, version] if version in kinds.get(group, {}):
                return _resources(f"{group}/{version}", kinds[group][version])
            case _:
                return None

    def _object(self, path: str) -> dict[str, Any] | None:
        match = re.fullmatch(r"/apis/apiextensions\.k8s\.io/v1/customresourcedefinitions/([a-z]+)\.([a-z.]+)", path)
        if match is None:
            return None
        operators = {f"{OPERATOR_GROUP}/{kind}": ["v1"] for kind in ("FluxInstance", "FluxReport")}
        for name, versions in (*SERVED.items(), *operators.items()):
            group, kind = name.split("/")
            if (plural(kind), group) == match.groups() and name not in self.without:
                return self._crd(group, kind, versions)
        return None

    def _crd(self, group: str, kind: str, versions: Iterable[str]) -> dict[str, Any]:
        served = [version for version in versions if self.cluster.serves(f"{group}/{version}", kind)]
        storage = served[-1]
        return {
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural(kind)}.{group}"},
            "spec": {
                "group": group,
                "names": {"kind": kind, "plural": plural(kind)},
                "versions": [
                    {"name": version, "served": True, "storage": version == storage, "schema": {}} for version in served
                ],
            },
            "status": {"storedVersions": self.stored.get(f"{group}/{kind}", [storage])},
        }

    # --- the lists ---

    def _items(self, path: str) -> list[dict[str, Any]] | None:
        kinds = self.kinds()
        match path.strip("/").split("/"):
            case ["apis", group, "v1", "fluxinstances"] if group in kinds:
                return [self.instance()]
            case ["apis", group, "v1", "fluxreports"] if group in kinds:
                return [self.report()]
            case ["apis", "kustomize.toolkit.fluxcd.io" as group, version, "kustomizations"] if version in kinds[group]:
                return self._kustomizations()
            case ["apis", "helm.toolkit.fluxcd.io" as group, version, "helmreleases"] if version in kinds[group]:
                return self._releases()
            case ["apis", "apps", "v1", "namespaces", "flux-system", "deployments"]:
                return self._deployments()
            case _:
                return None

    def _kustomizations(self) -> list[dict[str, Any]]:
        return [
            _reconciled(
                namespace, name, ready=stands.ready, reason=stands.reason, message=stands.message,
                revision=stands.revision, suspended=(namespace, name) in self.suspended, at=self._now(),
                told={"lastAppliedRevision": stands.revision} if stands.ready else {},
            )
            for (namespace, name), stands in sorted(self.cluster.stands.items())
        ]  # fmt: skip

    def _releases(self) -> list[dict[str, Any]]:
        return [self._release(*key, fault) for key, fault in sorted(self.helm_releases.items())]

    def _release(self, namespace: str, name: str, fault: str) -> dict[str, Any]:
        """As helm-controller writes it since v2: what was tried, and the releases, the newest first. There is no
        `lastAppliedRevision` any more.
        https://github.com/fluxcd/helm-controller/blob/main/docs/spec/v2/helmreleases.md#helmrelease-status"""
        chart = self.charts.get((namespace, name), "1.0.0")
        success = f"Helm upgrade succeeded for release {namespace}/{name}.v2 with chart {name}@{chart}"
        newest = {"chartName": name, "chartVersion": chart, "status": "failed" if fault else "deployed", "version": 2}
        return _reconciled(
            namespace, name, ready=not fault, reason="UpgradeFailed" if fault else "UpgradeSucceeded",
            message=fault or success, revision=chart, suspended=False, at=self._now(), told={"history": [newest]},
        )  # fmt: skip

    def _deployments(self) -> list[dict[str, Any]]:
        version = self.cluster.flux_version
        image = _COMPONENTS.get(minor_of(version), "1.0.0")
        found = [
            _deployment(name, f"ghcr.io/fluxcd/{name}:v{image}", f"v{version}", ready=name not in self.unready)
            for name in _CONTROLLERS
        ]
        if self.installs_operator:
            image = f"ghcr.io/controlplaneio-fluxcd/flux-operator:v{self.operator}"
            found.append(_deployment("flux-operator", image, "", ready="flux-operator" not in self.unready))
        return found

    def instance(self) -> dict[str, Any]:
        """As `kubectl get fluxinstance --output=json` writes it."""
        version = self.cluster.flux_version
        return {
            "apiVersion": f"{OPERATOR_GROUP}/v1",
            "kind": "FluxInstance",
            "metadata": {"name": "flux", "namespace": "flux-system", "generation": 1},
            "spec": {"distribution": {"version": version, "registry": "ghcr.io/fluxcd"}},
            "status": {
                "conditions": [_condition(True, "ReconciliationSucceeded", "Reconciliation finished", self._now())],
                "lastAppliedRevision": f"v{version}@sha256:{'0' * 64}",
            },
        }

    def report(self) -> dict[str, Any]:
        """As `kubectl get fluxreport --output=json` writes it."""
        stands = self.cluster.stands
        releases = self.helm_releases
        failing = {
            "Kustomization": sum(not stand.ready for stand in stands.values()),
            "HelmRelease": sum(map(bool, releases.values())),
        }
        root = next(iter(sorted(stands)), None)
        return {
            "apiVersion": f"{OPERATOR_GROUP}/v1",
            "kind": "FluxReport",
            "metadata": {"name": "flux", "namespace": "flux-system"},
            "spec": {
                "cluster": {"serverVersion": self.version, "platform": "linux/amd64", "nodes": 3},
                "distribution": {"version": f"v{self.cluster.flux_version}", "status": "Installed"},
                "operator": {"version": f"v{self.operator}", "apiVersion": f"{OPERATOR_GROUP}/v1"},
                "components": [
                    {"name": name, "ready": name not in self.unready, "status": "Current Deployment is available."}
                    for name in _CONTROLLERS
                ],
                "reconcilers": [
                    {
                        "apiVersion": f"{group}/{versions[-1]}",
                        "kind": kind,
                        "stats": {
                            "running": {"Kustomization": len(stands), "HelmRelease": len(releases)}.get(kind, 0),
                            "failing": failing.get(kind, 0),
                            "suspended": 0,
                            "totalSize": "0 B",
                        },
                    }
                    for group, kind, versions in self._served_of_flux()
                ],
                "sync": {
                    "id": "kustomization/flux-system",
                    "ready": stands[root].ready if root else True,
                    "path": stands[root].path if root else "./",
                    "status": stands[root].message if root else "",
                },
            },
            "status": {"conditions": [_condition(True, "ReconciliationSucceeded", "Reporting finished", self._now())]},
        }

    def _served_of_flux(self) -> Iterable[tuple[str, str, list[str]]]:
        for name, versions in SERVED.items():
            group, kind = name.split("/")
            served = [version for version in versions if self.cluster.serves(f"{group}/{version}", kind)]
            if served and name not in self.without:
                yield group, kind, served

    def _now(self) -> str:
        return self.cluster.clock().strftime("%Y-%m-%dT%H:%M:%SZ")


def plural(kind: str) -> str:
    return _PLURALS.get(kind, f"{kind.lower()}s")


def create_api_server(server: ApiServer) -> FastAPI:
    """The API server as an application, for a port or for an in-process transport."""
    app = FastAPI(openapi_url=None)

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def serve(request: Request) -> JSONResponse:
        query = f"?{request.url.query}" if request.url.query else ""
        server.requests.append((request.method, f"{request.url.path}{query}"))
        if request.headers.get("authorization") != f"Bearer {server.token}":
            return JSONResponse(_status(401), 401)
        if request.method != "GET":
            return JSONResponse(_status(405), 405)
        status, body = server.answer(request.url.path, request.headers.get("accept", ""), request.query_params)
        if server.meanwhile is not None:
            await server.meanwhile(request.url.path)
        return JSONResponse(body, status)

    return app


def _status(code: int) -> dict[str, Any]:
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code}


def _condition(ready: bool, reason: str, message: str, at: str) -> dict[str, Any]:
    status = "True" if ready else "False"
    return {"type": "Ready", "status": status, "reason": reason, "message": message, "lastTransitionTime": at}


def _reconciled(
    namespace: str,
    name: str,
    *,
    ready: bool,
    reason: str,
    message: str,
    revision: str,
    suspended: bool,
    at: str,
    told: Mapping[str, Any],
) -> dict[str, Any]:
    """`told` is what the status of its kind has besides."""
    return {
        "metadata": {"name": name, "namespace": namespace, "generation": 1},
        "spec": {"suspend": True} if suspended else {},
        "status": {
            "observedGeneration": 1,
            "conditions": [_condition(ready, reason, message, at)],
            "lastAttemptedRevision": revision,
            **told,
        },
    }


def _deployment(name: str, image: str, version: str, *, ready: bool) -> dict[str, Any]:
    labels = {"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/version": version} if version else {}
    available = int(ready)
    return {
        "metadata": {"name": name, "namespace": "flux-system", "generation": 1, "labels": labels},
        "spec": {"replicas": 1, "template": {"spec": {"containers": [{"name": "manager", "image": image}]}}},
        "status": {
            "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": available,
        },
    }  # fmt: skip


def _resources(group_version: str, kinds: list[str]) -> dict[str, Any]:
    resources = [{"name": plural(kind), "kind": kind, "namespaced": True} for kind in kinds]
    resources += [{"name": f"{plural(kind)}/status", "kind": kind, "namespaced": True} for kind in kinds]
    return {"kind": "APIResourceList", "groupVersion": group_version, "resources": resources}


def _aggregated(kinds: Mapping[str, Mapping[str, list[str]]], stale: set[str]) -> dict[str, Any]:
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "items": [
            {
                "metadata": {"name": group},
                "versions": [
                    {
                        "version": version,
                        "freshness": "Stale" if group in stale else "Current",
                        "resources": []
                        if group in stale
                        else [
                            {
                                "resource": plural(kind),
                                "responseKind": {"group": group, "version": version, "kind": kind},
                                "scope": "Namespaced",
                                "verbs": ["get", "list"],
                            }
                            for kind in kinds_of
                        ],
                    }
                    for version, kinds_of in versions.items()
                ],
            }
            for group, versions in kinds.items()
        ],
    }
