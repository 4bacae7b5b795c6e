"""The stand-in cluster: runs some Flux, takes over what the repository says, and tells about it as Flux does.

It keeps the rule that makes order matter: kustomize-controller dry-runs a whole Kustomization, and one object of an API
that is not served aborts all of it, also a new Flux version that lies beside it.
Events: https://fluxcd.io/flux/components/notification/providers/#generic-webhook-with-hmac
"""

import hashlib
import hmac
import json
import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import yaml

from app.demo.cluster_apis import SERVED, minor_of, newest_release
from app.demo.cluster_manifests import FluxKustomization, Manifest, build, find_kustomizations
from app.demo.github.model import User
from app.demo.github.repository import Repository
from app.demo.github.state import wall_clock

_CONTROLLERS = {
    "Kustomization": ("kustomize.toolkit.fluxcd.io/v1", "kustomize-controller"),
    "HelmRelease": ("helm.toolkit.fluxcd.io/v2", "helm-controller"),
    "FluxInstance": ("fluxcd.controlplane.io/v1", "flux-operator"),
}
OPERATOR_GROUP = "fluxcd.controlplane.io"


@dataclass(frozen=True, slots=True)
class FluxEvent:
    """An event before it is written down. `group` prefixes the metadata keys where the spelling asks for it."""

    kind: str
    name: str
    namespace: str
    api_version: str
    severity: str
    reason: str
    message: str
    metadata: Mapping[str, str]
    controller: str
    at: datetime

    def payload(self, *, prefixed: bool, extra: Mapping[str, str]) -> dict[str, Any]:
        """The JSON of https://pkg.go.dev/github.com/fluxcd/pkg/apis/event/v1beta1#Event"""
        group = self.api_version.partition("/")[0]
        keys = {name: f"{group}/{name}" if prefixed else name for name in self.metadata}
        return {
            "involvedObject": {
                "apiVersion": self.api_version,
                "kind": self.kind,
                "name": self.name,
                "namespace": self.namespace,
                "uid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.kind}/{self.namespace}/{self.name}")),
            },
            "severity": self.severity,
            "timestamp": self.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "message": self.message,
            "reason": self.reason,
            "metadata": {keys[name]: value for name, value in self.metadata.items()} | dict(extra),
            "reportingController": self.controller,
            "reportingInstance": f"{self.controller}-7c7b47f5f-8bhrp",
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """The Ready condition of a Kustomization; `revision` is what was tried, `applied` what was applied last."""

    ready: bool
    reason: str
    message: str
    revision: str
    path: str
    api_version: str


@dataclass(eq=False, kw_only=True)
class Cluster:
    """`applied` maps a Kustomization to the commit that it last took over; `events` wait in `pending` for delivery.

    `prefixed_keys` and `slash_revisions` choose the older spellings: `<group>/revision`, and `main/<sha>` for
    `main@sha1:<sha>`; `long_refs` writes `refs/heads/main@sha1:<sha>`, as for a GitRepository with `ref.name`.
    """

    name: str = "main"
    flux_version: str = "2.5.1"
    url: str = "http://fluxmig.test/webhooks/flux/main"
    token: str = field(default_factory=lambda: secrets.token_hex(20), repr=False)
    clock: Callable[[], datetime] = wall_clock
    prefixed_keys: bool = False
    slash_revisions: bool = False
    long_refs: bool = False
    event_metadata: Mapping[str, str] = field(default_factory=dict)
    applied: dict[tuple[str, str], str] = field(default_factory=dict)
    stands: dict[tuple[str, str], Standing] = field(default_factory=dict, repr=False)
    """How each Kustomization came out of its last turn."""
    pending: list[FluxEvent] = field(default_factory=list, repr=False)
    sent: list[tuple[FluxEvent, int]] = field(default_factory=list, repr=False)
    """Event and the status of the answer, 0 for none."""

    @property
    def sender(self) -> str:
        """The part of the context of its commit statuses that names its Provider."""
        return hashlib.sha256(self.name.encode()).hexdigest()[:8]

    # --- what happens in it ---

    def reconcile(self, repository: Repository) -> list[FluxEvent]:
        """Flux fetches the default branch and every Kustomization takes one turn. What it told, oldest first."""
        sha, tree = repository.head_sha, repository.tree()
        told: list[FluxEvent] = []
        failed: set[tuple[str, str]] = set()
        wanted_flux: str | None = None
        found = find_kustomizations(tree)
        self.stands = {key: one for key, one in self.stands.items() if key in {each.key for each in found}}
        for kustomization in found:
            if failed & set(kustomization.depends_on):
                failed.add(kustomization.key)
                told.append(self._kustomization_event(kustomization, repository, sha, "info", "DependencyNotReady",
                    "Dependencies do not meet ready condition, retrying in 30s"))  # fmt: skip
                continue
            manifests = build(tree, kustomization)
            unserved = [one for one in manifests if not self.serves(one.api_version, one.kind)]
            if unserved:
                failed.add(kustomization.key)
                message = "\n".join(
                    f'{one.address} dry-run failed: no matches for kind "{one.kind}" in version "{one.api_version}"'
                    for one in unserved[:1]
                )
                told.append(
                    self._kustomization_event(
                        kustomization, repository, sha, "error", "ReconciliationFailed", f"{message}\n"
                    )
                )
                continue
            self.applied[kustomization.key] = sha
            wanted_flux = _declared_flux(manifests) or wanted_flux
            message = f"Reconciliation finished in 412ms, next run in {_go_duration(kustomization.interval)}"
            told.append(
                self._kustomization_event(
                    kustomization, repository, sha, "info", "ReconciliationSucceeded", message, commit_status="update"
                )
            )
        self.pending += told
        if wanted_flux is not None:
            told += self._take_over(wanted_flux)
        return told

    def serves(self, api_version: str, kind: str) -> bool:
        """Whether the running Flux has this API. What is not Flux's is always there."""
        group, _, version = api_version.rpartition("/")
        versions = SERVED.get(f"{group}/{kind}")
        if versions is None:
            return True
        if version not in versions:
            return False
        since, removed = versions[version]
        return since <= minor_of(self.flux_version) < removed

    def upgrade_flux(self, version: str) -> FluxEvent:
        """The operator has installed this version, whoever asked for it."""
        self.flux_version = version
        digest = hashlib.sha256(version.encode()).hexdigest()
        changes = "\n".join(
            f"Deployment/flux-system/{name} configured"
            for name in ("helm-controller", "kustomize-controller", "notification-controller", "source-controller")
        )
        return self._instance_event(
            "info", "ReconciliationSucceeded", f"Flux v{version} updated\n{changes}", f"v{version}@sha256:{digest}"
        )

    def _take_over(self, wanted: str) -> list[FluxEvent]:
        version = newest_release(wanted)
        if version is None:
            return [self._instance_event("error", "BuildFailed", f"build failed: no match found for semver: {wanted}")]
        return [] if version == self.flux_version else [self.upgrade_flux(version)]

    # --- what it tells ---

    def tells(
        self,
        target: str,
        reason: str,
        message: str,
        *,
        revision: str,
        severity: str = "info",
        at: datetime | None = None,
        **metadata: str,
    ) -> FluxEvent:
        """Flux's word on an object that the stand-in does not run itself: `HelmRelease/cert-manager/cert-manager`."""
        kind, namespace, name = target.split("/")
        group, controller = _CONTROLLERS[kind]
        event = FluxEvent(
            kind=kind,
            name=name,
            namespace=namespace,
            api_version=group,
            severity=severity,
            reason=reason,
            message=message,
            metadata={"revision": revision} | metadata,
            controller=controller,
            at=(at or self.clock()).astimezone(UTC),
        )
        self.pending.append(event)
        return event

    def sets_status(
        self, repository: Repository, kustomization: str, state: str, description: str, *, by: User, sha: str = ""
    ) -> None:
        """The `github` Provider: a commit status on the commit that Flux fetched."""
        context = f"kustomization/{kustomization}/{self.sender}"
        repository.set_status(sha or repository.head_sha, context, state, description=description, by=by)

    def _instance_event(self, severity: str, reason: str, message: str, revision: str = "") -> FluxEvent:
        event = FluxEvent(
            kind="FluxInstance",
            name="flux",
            namespace="flux-system",
            api_version=f"{OPERATOR_GROUP}/v1",
            severity=severity,
            reason=reason,
            message=message,
            metadata={"revision": revision} if revision else {},
            controller="flux-operator",
            at=self.clock().astimezone(UTC),
        )
        self.pending.append(event)
        return event

    def _kustomization_event(
        self,
        kustomization: FluxKustomization,
        repository: Repository,
        sha: str,
        severity: str,
        reason: str,
        message: str,
        **metadata: str,
    ) -> FluxEvent:
        revision = self._revision(repository.default_branch, sha)
        ready = reason == "ReconciliationSucceeded"
        shown = f"Applied revision: {revision}" if ready else message.strip()
        self.stands[kustomization.key] = Standing(
            ready, reason, shown, revision, kustomization.path, kustomization.api_version
        )
        return FluxEvent(
            kind="Kustomization",
            name=kustomization.name,
            namespace=kustomization.namespace,
            api_version=kustomization.api_version,
            severity=severity,
            reason=reason,
            message=message,
            metadata={"revision": revision} | metadata,
            controller="kustomize-controller",
            at=self.clock().astimezone(UTC),
        )

    def _revision(self, branch: str, sha: str) -> str:
        if self.slash_revisions:
            return f"{branch}/{sha}"
        return f"refs/heads/{branch}@sha1:{sha}" if self.long_refs else f"{branch}@sha1:{sha}"

    def signed(self, event: FluxEvent) -> tuple[bytes, dict[str, str]]:
        """Body and headers of the `generic-hmac` provider."""
        payload = event.payload(prefixed=self.prefixed_keys, extra=self.event_metadata)
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        signature = hmac.new(self.token.encode(), body, hashlib.sha256).hexdigest()
        return body, {
            "Content-Type": "application/json",
            "Gotk-Component": event.controller,
            "X-Signature": f"sha256={signature}",
        }

    async def deliver_all(self, client: httpx.AsyncClient) -> int:
        """Sends what waits, once each: Flux keeps no queue. How many were taken."""
        taken = 0
        while self.pending:
            event = self.pending.pop(0)
            body, headers = self.signed(event)
            try:
                response = await client.post(self.url, content=body, headers=headers, timeout=15.0)
            except httpx.TransportError:
                self.sent.append((event, 0))
                continue
            self.sent.append((event, response.status_code))
            taken += response.is_success
        return taken


def _declared_flux(manifests: list[Manifest]) -> str | None:
    """The version that a FluxInstance, or the values of its chart, ask for."""
    for manifest in manifests:
        if manifest.kind == "FluxInstance":
            return str(manifest.content["spec"]["distribution"]["version"])
        if manifest.kind == "ConfigMap":
            for text in manifest.content.get("data", {}).values():
                values = yaml.safe_load(text)
                instance = values.get("instance") if isinstance(values, dict) else None
                version = (instance or {}).get("distribution", {}).get("version")
                if version is not None:
                    return str(version)
    return None


def _go_duration(text: str) -> str:
    """`1h` -> `1h0m0s`, `30m` -> `30m0s`, as Go prints durations."""
    units = {unit: int(number) for number, unit in re.findall(r"(\d+)(h|m|s)", text)}
    seconds = units.get("h", 0) * 3600 + units.get("m", 0) * 60 + units.get("s", 0)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
