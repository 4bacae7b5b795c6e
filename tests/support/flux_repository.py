"""A small Flux repository for tests of rules: one cluster, and pull requests that change it, told in a few words."""

from datetime import UTC, datetime

from app.catalogue import load_catalogue
from app.domain.model import (
    Classification,
    Component,
    FileChange,
    Observation,
    Plan,
    PullRequest,
    Rollout,
    ServedApis,
    Snapshot,
    StoredVersions,
    UpdateType,
)
from app.domain.plan import plan_repository
from tests.support.story_repository import change, tree_of

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
INSTANCE = "apps/flux/instance.yaml"
OPERATOR = "apps/flux/operator.yaml"
RELEASE = "apps/a/release.yaml"
TALOS = "talos/talenv.yaml"


def instance(version: str, *, artifact: str = "") -> str:
    pinned = f"    artifact: {artifact}\n" if artifact else ""
    return (
        "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\n  namespace: flux-system\n"
        f"spec:\n  distribution:\n    version: {version}\n{pinned}"
        "  sync:\n    kind: GitRepository\n    path: clusters/main\n"
    )


def operator(version: str) -> str:
    return chart("flux-operator", version)


def chart(name: str, version: str) -> str:
    return (
        f"apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: {name}\nspec:\n"
        f"  url: oci://ghcr.io/example/charts/{name}\n  ref:\n    tag: {version}\n"
    )


def manifest(api_version: str, kind: str, name: str = "x") -> str:
    return f"apiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: {name}\n"


def talos(talos_version: str, kubernetes_version: str) -> str:
    return f"talosVersion: {talos_version}\nkubernetesVersion: {kubernetes_version}\n"


def flux_kustomization(name: str, path: str) -> str:
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata:\n  name: {name}\n  namespace: flux-system\nspec:\n  path: {path}\n"
    )


ROOTS = {
    "clusters/main/flux.yaml": flux_kustomization("flux", "./apps/flux"),
    "clusters/main/a.yaml": flux_kustomization("a", "./apps/a"),
}


class FluxRepository:
    """Base files, and pull requests as new texts of some of them. `plans` makes the plan."""

    def __init__(self, files: dict[str, str]) -> None:
        self.files = {**ROOTS, **files}
        self.pull_requests: list[PullRequest] = []
        self.observations: list[Observation] = []
        self.rollouts: list[Rollout] = []
        self.served: list[ServedApis] = []
        self.stored: list[StoredVersions] = []
        self.told: dict[int, Classification] = {}

    def opens(
        self,
        number: int,
        files: dict[str, str | None],
        *,
        component: Component = Component.FLUX_CORE,
        type_: UpdateType = UpdateType.MINOR,
        by_renovate: bool = True,
    ) -> None:
        changes = tuple(change(path, self.files.get(path), text) for path, text in files.items())
        self.opens_with(number, changes, component=component, type_=type_, by_renovate=by_renovate)

    def opens_with(
        self,
        number: int,
        changes: tuple[FileChange, ...],
        *,
        component: Component = Component.FLUX_CORE,
        type_: UpdateType = UpdateType.MINOR,
        by_renovate: bool = True,
    ) -> None:
        self.told[number] = Classification(type_, component, False, (), 1.0, ())
        pull_request = PullRequest(number, f"PR {number}", f"b/{number}", str(number), changes=changes)
        if not by_renovate:
            pull_request = PullRequest(
                number, f"PR {number}", f"b/{number}", str(number), changes=changes, by_renovate=False
            )
        self.pull_requests.append(pull_request)

    def plans(self) -> Plan:
        snapshot = Snapshot(
            base="main",
            tree=tree_of(self.files),
            pull_requests=tuple(self.pull_requests),
            now=NOW,
            observations=tuple(self.observations),
            rollouts=tuple(self.rollouts),
            served=tuple(self.served),
            stored=tuple(self.stored),
        )
        return plan_repository(snapshot, load_catalogue(), lambda pull_request: self.told[pull_request.number])
