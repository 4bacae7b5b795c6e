"""Orders that people had to learn, in repositories of the shapes in which they happened.

Each row holds three times: the dependent waits for the blocker; neither the blocker nor an application beside them is
held; and after the blocker is merged nothing holds the dependent any more.
"""

from dataclasses import dataclass

import pytest

from app.catalogue import load_catalogue
from app.domain.model import Edge, EdgeKind, Plan, PullRequest, Snapshot, Strength
from app.domain.plan import plan_repository
from app.domain.reading import classify_pull_request
from tests.support.layouts import (
    Files,
    bootstrapped,
    environments,
    flux_kustomization,
    kustomization,
    machine_configuration,
    manifests_repository,
    oci_repository,
    operator_repository,
    release,
    talos_configuration,
    upgrade_controller,
    upgrades,
)
from tests.support.story_repository import NOW, change, tree_of

DEPENDENT, BLOCKER, APPLICATION = 1, 2, 3

Replacement = tuple[str, str]
"""Old text and new text, in every file that has the old one."""


@dataclass(frozen=True)
class Order:
    """`blocker` is None where no open pull request helps. `only` names the part of the paths that both change."""

    name: str
    files: Files
    dependent: Replacement
    blocker: Replacement | None
    kind: EdgeKind
    strength: Strength = Strength.HARD
    only: str = ""


def with_nodes(files: Files) -> Files:
    return operator_repository("2.5.1", operator="0.20.0") | files


FOLDER = "kubernetes/apps/default/radarr/app"
TWO_PINS = upgrades("v1.9.5", "v1.32.4", FOLDER) | {
    f"{FOLDER}/kustomization.yaml": kustomization("./talos.yaml", "./kubernetes.yaml", "./helmrelease.yaml")
}
BOTH = upgrades("v1.11.6", "v1.34.3", FOLDER) | {
    "talos/machineconfig.yaml.j2": machine_configuration("v1.11.6", "v1.34.3")
}
BUNDLE = "https://github.com/external-secrets/external-secrets/raw/{}/deploy/crds/bundle.yaml"
SECRETS = {
    f"{FOLDER}/kustomization.yaml": kustomization("./eso.yaml", "./helmrelease.yaml"),
    f"{FOLDER}/eso.yaml": release("external-secrets", "external-secrets", "0.16.2"),
    "setup/crds/kustomization.yaml": kustomization(BUNDLE.format("v0.16.2")),
}
MONITORING = {
    f"{FOLDER}/kustomization.yaml": kustomization("./stack.yaml", "./crds.yaml", "./helmrelease.yaml"),
    f"{FOLDER}/stack.yaml": release(
        "stack", "kube-prometheus-stack", "68.5.0", more="  install:\n    crds: Skip\n  upgrade:\n    crds: Skip\n"
    ),
    f"{FOLDER}/crds.yaml": release("crds", "prometheus-operator-crds", "17.0.2"),
}
ENVOY = {
    f"{FOLDER}/kustomization.yaml": kustomization("./gateway.yaml", "./proxy.yaml", "./helmrelease.yaml"),
    f"{FOLDER}/gateway.yaml": oci_repository(
        "gateway", "oci://mirror.gcr.io/envoyproxy/gateway-helm", "1.8.2", api="v1"
    ),
    f"{FOLDER}/proxy.yaml": (
        "apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: EnvoyProxy\nmetadata:\n  name: envoy\nspec:\n  provider:\n"
        "    kubernetes:\n      envoyDeployment:\n        container:\n"
        "          image: mirror.gcr.io/envoyproxy/envoy:v1.38.3\n"
    ),
}
V1 = ("v1beta2\nkind: OCIRepository", "v1\nkind: OCIRepository")

PLUGINS = {
    f"kubernetes/apps/default/intel/{name}.yaml": release(name, f"intel-device-plugins-{name}", "0.27.1")
    for name in ("operator", "gpu")
} | {
    "kubernetes/apps/default/intel/kustomization.yaml": kustomization("operator.yaml", "gpu.yaml"),
    "kubernetes/apps/default/intel.yaml": flux_kustomization("intel", "./kubernetes/apps/default/intel"),
}

ORDERS = [
    Order(
        "OCIRepository v1 before Flux 2.6, values in a file",
        operator_repository("2.5.1", operator="0.20.0"),
        V1,
        ("version: 2.5.1", "version: 2.6.1"),
        EdgeKind.NEEDS,
    ),
    Order(
        "the same, and nobody raises Flux",
        operator_repository("2.5.1", operator="0.20.0", inline=True),
        V1,
        None,
        EdgeKind.NEEDS,
    ),
    Order(
        "HelmRelease v2 before Flux 2.3, manifests as an artifact",
        manifests_repository("v2.2.3", api="v2beta2"),
        ("helm.toolkit.fluxcd.io/v2beta2", "helm.toolkit.fluxcd.io/v2"),
        ("v2.2.3", "v2.3.0"),
        EdgeKind.NEEDS,
    ),
    Order(
        "HelmRelease v2beta2 before Flux 2.2",
        manifests_repository("v2.1.2", api="v2beta1"),
        ("helm.toolkit.fluxcd.io/v2beta1", "helm.toolkit.fluxcd.io/v2beta2"),
        None,
        EdgeKind.NEEDS,
    ),
    Order(
        "an API before gotk-components",
        bootstrapped("home", "v2.5.1") | {"apps/home/a.yaml": oci_repository("a", "oci://ghcr.io/example/a", "1.0.0")},
        V1,
        ("v2.5.1", "v2.6.0"),
        EdgeKind.NEEDS,
    ),
    Order(
        "Kubernetes before Talos, one talconfig",
        with_nodes({"talos/talconfig.yaml": talos_configuration("v1.7.6", "v1.30.3")}),
        ("v1.30.3", "v1.31.0"),
        ("v1.7.6", "v1.8.0"),
        EdgeKind.PAIR,
    ),
    Order(
        "the same below a folder that is called bootstrap",
        with_nodes({"kubernetes/bootstrap/talos/talconfig.yaml": talos_configuration("v1.8.4", "v1.31.4")}),
        ("v1.31.4", "v1.32.0"),
        ("v1.8.4", "v1.9.0"),
        EdgeKind.PAIR,
    ),
    Order(
        "the same, substituted into upgrade plans, with a talconfig that follows",
        with_nodes(
            upgrade_controller("v1.6.7", "v1.29.4") | {"talos/talconfig.yaml": talos_configuration("v1.6.7", "v1.29.4")}
        ),
        ("v1.29.4", "v1.30.0"),
        ("v1.6.7", "v1.7.0"),
        EdgeKind.PAIR,
    ),
    Order(
        "the same, with a talconfig that nobody raises",
        with_nodes(
            upgrade_controller("v1.7.6", "v1.30.3") | {"talos/talconfig.yaml": talos_configuration("v1.7.6", "v1.30.3")}
        ),
        ("v1.30.3", "v1.31.0"),
        ("v1.7.6", "v1.8.0"),
        EdgeKind.PAIR,
        only="system-upgrade",
    ),
    Order(
        "the same, by upgrade objects",
        with_nodes(TWO_PINS),
        ("v1.32.4", "v1.33.0"),
        ("v1.9.5", "v1.10.0"),
        EdgeKind.PAIR,
    ),
    Order(
        "the same, by upgrade objects and a machine configuration",
        with_nodes(BOTH),
        ("v1.34.3", "v1.35.0"),
        ("v1.11.6", "v1.12.0"),
        EdgeKind.PAIR,
    ),
    Order(
        "the same, and nobody raises Talos",
        with_nodes({"talos/talenv.yaml": talos_configuration("v1.7.6", "v1.30.4")}),
        ("v1.30.4", "v1.31.0"),
        None,
        EdgeKind.PAIR,
    ),
    Order(
        "the same, in one of two environments",
        environments(),
        ("v1.34.3", "v1.35.0"),
        ("v1.11.6", "v1.12.0"),
        EdgeKind.PAIR,
        only="kubernetes/staging",
    ),
    Order(
        "the distribution before the operator that carries it",
        operator_repository("2.7.3", operator="0.33.0", inline=True, api="v1"),
        ("version: 2.7.3", "version: 2.7.4"),
        ("tag: 0.33.0", "tag: 0.34.0"),
        EdgeKind.PAIR,
        Strength.SOFT,
    ),
    Order(
        "a plugin before the operator of the same release",
        with_nodes(PLUGINS),
        ("plugins-gpu\n      version: 0.27.1", "plugins-gpu\n      version: 0.28.0"),
        ("plugins-operator\n      version: 0.27.1", "plugins-operator\n      version: 0.28.0"),
        EdgeKind.PAIR,
        Strength.SOFT,
    ),
]


ORDERS += [
    Order(
        "a chart before the bundle of its CRDs, which people apply",
        with_nodes(SECRETS),
        ("version: 0.16.2", "version: 0.17.0"),
        (BUNDLE.format("v0.16.2"), BUNDLE.format("v0.17.0")),
        EdgeKind.PAIR,
        Strength.SOFT,
    ),
    Order(
        "a chart whose own CRDs are switched off before the chart that brings them",
        with_nodes(MONITORING),
        ("68.5.0", "69.0.0"),
        ("17.0.2", "18.0.0"),
        EdgeKind.PAIR,
    ),
    Order(
        "the proxy before the controller that drives it",
        with_nodes(ENVOY),
        ("envoy:v1.38.3", "envoy:v1.39.0"),
        ("tag: 1.8.2", "tag: 1.9.0"),
        EdgeKind.PAIR,
        Strength.SOFT,
    ),
]


def replaced(files: Files, replacement: Replacement, only: str = "") -> Files:
    old, new = replacement
    found = {path: text.replace(old, new) for path, text in files.items() if only in path and old in text}
    assert found, replacement
    return found


def plan_changes(files: Files, changed: dict[int, Files]) -> Plan:
    pull_requests = tuple(
        PullRequest(
            number, "Update it", f"renovate/{number}", f"{number:040d}",
            changes=tuple(change(path, files[path], text) for path, text in new.items()),
        )
        for number, new in changed.items()
    )  # fmt: skip
    return plan_repository(
        Snapshot("main", tree_of(files), pull_requests, NOW), load_catalogue(), classify_pull_request
    )


def changes_of(order: Order) -> dict[int, Files]:
    changed = {DEPENDENT: replaced(order.files, order.dependent, order.only)}
    if order.blocker:
        changed[BLOCKER] = replaced(order.files, order.blocker, order.only)
    applications = {path: text for path, text in order.files.items() if "radarr/app/helmrelease" in path}
    if applications:
        changed[APPLICATION] = replaced(applications, ("tag: 1.0.0", "tag: 1.0.1"))
    return changed


def holding(plan: Plan, number: int) -> list[Edge]:
    return [edge for edge in plan.edges_of(number) if edge.strength is Strength.HARD]


EVERY = pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.name)


@EVERY
def test_the_order_is_found(order: Order) -> None:
    edges = plan_changes(order.files, changes_of(order)).edges_of(DEPENDENT)
    found = [(edge.to, edge.kind, edge.strength) for edge in edges if edge.kind is not EdgeKind.FILE]
    assert (BLOCKER if order.blocker else None, order.kind, order.strength) in found


@EVERY
def test_nobody_else_is_held(order: Order) -> None:
    plan = plan_changes(order.files, changes_of(order))
    assert [edge for edge in plan.edges if edge.strength is Strength.HARD and edge.from_ != DEPENDENT] == []


@pytest.mark.parametrize("order", [order for order in ORDERS if order.blocker], ids=lambda order: order.name)
def test_nothing_holds_it_once_the_blocker_is_merged(order: Order) -> None:
    assert order.blocker is not None
    after = order.files | replaced(order.files, order.blocker, order.only)
    plan = plan_changes(after, {DEPENDENT: replaced(after, order.dependent, order.only)})
    assert holding(plan, DEPENDENT) == []
