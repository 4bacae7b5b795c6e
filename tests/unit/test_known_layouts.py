"""Repositories of many shapes: which clusters they hold, which Flux each declares and where, and who is held there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.catalogue import load_catalogue
from app.domain.model import Plan, PullRequest, Snapshot, Strength
from app.domain.plan import plan_repository
from app.domain.reading import classify_pull_request
from tests.support.layouts import (
    Files,
    application,
    bootstrapped,
    environments,
    fleet,
    kustomization,
    machine_configuration,
    manifests_repository,
    oci_repository,
    operator_repository,
    overlays,
    release,
    talos_configuration,
    upgrade_controller,
    upgrades,
    with_application,
)
from tests.support.story_repository import NOW, change, tree_of

SHARED = "tenants/infra/source.yaml"
V1BETA2, V1 = "v1beta2\nkind: OCIRepository", "v1\nkind: OCIRepository"


@dataclass(frozen=True)
class Edit:
    """`old` becomes `new` in a file; every other file of the layout stays."""

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Layout:
    """`clusters`: name -> declared Flux and the file that says so. `held` and `free` are edits of one pull request."""

    name: str
    files: Files
    clusters: dict[str, tuple[str, str]]
    held: tuple[Edit, ...] = ()
    free: tuple[Edit, ...] = ()


def with_shared_base(files: Files) -> Files:
    listed = {f"apps/{name}/kustomization.yaml": kustomization("../base") for name in ("staging", "production")}
    base = {
        "apps/base/kustomization.yaml": kustomization("repository.yaml"),
        "apps/base/repository.yaml": oci_repository("podinfo", "oci://ghcr.io/example/podinfo", "6.8.0"),
    }
    return files | listed | base


VALUES = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
RELEASE = "kubernetes/apps/flux-system/flux-instance/app/helmrelease.yaml"
RADARR = "kubernetes/apps/default/radarr/app/helmrelease.yaml"
OPERATOR = "https://github.com/controlplaneio-fluxcd/flux-operator/releases/download/v0.20.0/install.yaml"
TERRAFORM = 'resource "flux_bootstrap_git" "this" {\n  path    = "clusters/home"\n  version = "v2.5.1"\n}\n'
GOTK = "clusters/{}/flux-system/gotk-components.yaml"
INSTANCE = "clusters/{}/flux-system/flux-instance.yaml"

LAYOUTS = [
    Layout(
        "Flux by its manifests, two clusters side by side",
        manifests_repository("v2.3.0", api="v2beta2", root="kubernetes/main")
        | manifests_repository("v2.2.3", api="v2beta2", root="kubernetes/storage"),
        {
            "main": ("2.3.0", "kubernetes/main/flux/config/flux.yaml"),
            "storage": ("2.2.3", "kubernetes/storage/flux/config/flux.yaml"),
        },
        held=(Edit("kubernetes/storage/apps/default/radarr/app/helmrelease.yaml", "io/v2beta2", "io/v2"),),
        free=(Edit("kubernetes/main/apps/default/radarr/app/helmrelease.yaml", "io/v2beta2", "io/v2"),),
    ),
    Layout(
        "the operator's charts, values in a file",
        operator_repository("2.5.1", operator="0.20.0"),
        {"main": ("2.5.1", VALUES)},
        held=(Edit("kubernetes/apps/flux-system/flux-operator/app/ocirepository.yaml", V1BETA2, V1),),
        free=(Edit(VALUES, "2.5.1", "2.6.1"), Edit(RADARR, "1.0.0", "1.0.1")),
    ),
    Layout(
        "a range that the manifests' tag makes exact",
        operator_repository(
            "2.x", operator="0.23.0", inline=True,
            artifact="oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:v0.20.0",
        ),
        {"main": ("2.5.1", RELEASE)},
        held=(Edit("kubernetes/apps/flux-system/flux-operator/app/ocirepository.yaml", V1BETA2, V1),),
        free=(Edit(RELEASE, "v0.20.0", "v0.23.0"),),
    ),
    Layout(
        "flux bootstrap of two environments over one base",
        with_shared_base(bootstrapped("staging", "v2.7.3") | bootstrapped("production", "v2.5.1")),
        {
            "staging": ("2.7.3", GOTK.format("staging")),
            "production": ("2.5.1", GOTK.format("production")),
        },
        held=(Edit("apps/base/repository.yaml", V1BETA2, V1),),
        free=(Edit(GOTK.format("production"), "v2.5.1", "v2.6.1"),),
    ),
    Layout(
        "flux bootstrap in a folder below the root",
        bootstrapped("nuc", "v2.5.1", root="k8s/")
        | {"k8s/apps/nuc/repository.yaml": oci_repository("podinfo", "oci://ghcr.io/example/podinfo", "6.8.0")},
        {"nuc": ("2.5.1", "k8s/" + GOTK.format("nuc"))},
        held=(Edit("k8s/apps/nuc/repository.yaml", V1BETA2, V1),),
    ),
    Layout(
        "overlays that patch the path of each cluster in",
        overlays(),
        {
            "prod": ("2.5.1", "apps/flux-system/base/gotk-components.yaml"),
            "sbox": ("2.7.2", "apps/flux-system/sbox/base/gotk-components.yaml"),
        },
        held=(Edit("apps/toffee/base/policy.yaml", "v1beta2", "v1"),),
        free=(Edit("apps/flux-system/sbox/base/gotk-components.yaml", "v2.7.2", "v2.8.0"),),
    ),
    Layout(
        "a fleet of FluxInstances that sync Git",
        fleet("2.5.1"),
        {name: ("2.5.1", INSTANCE.format(name)) for name in ("staging", "production")},
        held=(Edit(SHARED, V1BETA2, V1),),
    ),
    Layout(
        "a fleet of FluxInstances that sync an artifact of the repository",
        fleet("2.5.1", kind="OCIRepository"),
        {name: ("2.5.1", INSTANCE.format(name)) for name in ("staging", "production")},
        held=(Edit(SHARED, V1BETA2, V1),),
    ),
    Layout(
        "the operator by its release's manifests, Flux as it carries it",
        {
            "clusters/home/flux-system/kustomization.yaml": kustomization(OPERATOR, "instance.yaml", "repository.yaml"),
            "clusters/home/flux-system/instance.yaml": (
                "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata:\n  name: flux\nspec:\n"
                "  distribution:\n    version: 2.x\n  sync:\n    kind: GitRepository\n    path: clusters/home\n"
            ),
            "clusters/home/flux-system/repository.yaml": oci_repository("a", "oci://ghcr.io/example/a", "6.8.0"),
        },
        {"home": ("2.5.1", "clusters/home/flux-system/instance.yaml")},
        held=(Edit("clusters/home/flux-system/repository.yaml", V1BETA2, V1),),
        free=(Edit("clusters/home/flux-system/kustomization.yaml", "v0.20.0", "v0.23.0"),),
    ),
    Layout(
        "Flux by Terraform",
        {
            "infra/flux.tf": TERRAFORM,
            "clusters/home/repository.yaml": oci_repository("podinfo", "oci://ghcr.io/example/podinfo", "6.8.0"),
        },
        {"main": ("2.5.1", "infra/flux.tf")},
        held=(Edit("clusters/home/repository.yaml", V1BETA2, V1),),
    ),
    Layout(
        "External Secrets in a flat folder",
        operator_repository("2.5.1", operator="0.20.0")
        | {
            "kubernetes/apps/default/eso.yaml": release("external-secrets", "external-secrets", "0.16.2"),
            "kubernetes/apps/default/store.yaml": (
                "apiVersion: external-secrets.io/v1beta1\nkind: SecretStore\nmetadata:\n  name: vault\n"
            ),
            "kubernetes/apps/default/kustomization.yaml": kustomization("eso.yaml", "store.yaml"),
        },
        {"main": ("2.5.1", VALUES)},
        held=(Edit("kubernetes/apps/default/eso.yaml", "0.16.2", "0.17.0"),),
        free=(Edit("kubernetes/apps/default/store.yaml", "v1beta1", "v1"),),
    ),
]  # fmt: skip


def plan_edits(files: Files, *edits: Edit) -> Plan:
    """The plan of one pull request that makes these edits; of none without edits."""
    changes = []
    for edit in edits:
        assert edit.old in files[edit.path], edit
        changes.append(change(edit.path, files[edit.path], files[edit.path].replace(edit.old, edit.new)))
    pull_requests = (PullRequest(1, "Update it", "renovate/x", "1" * 40, changes=tuple(changes)),) if changes else ()
    return plan_repository(
        Snapshot("main", tree_of(files), pull_requests, NOW), load_catalogue(), classify_pull_request
    )


def is_held(plan: Plan) -> bool:
    return any(edge.strength is Strength.HARD for edge in plan.edges)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_each_cluster_is_found_with_the_flux_that_it_declares(layout: Layout) -> None:
    found = {
        cluster.name: (cluster.flux.version, cluster.flux.source.file)
        for cluster in plan_edits(layout.files).clusters
        if cluster.flux
    }
    assert found == layout.clusters


@pytest.mark.parametrize(
    ("layout", "edit"),
    [pytest.param(layout, edit, id=f"{layout.name}: {edit.path}") for layout in LAYOUTS for edit in layout.held],
)
def test_what_a_cluster_cannot_take_yet_is_held(layout: Layout, edit: Edit) -> None:
    assert is_held(plan_edits(layout.files, edit))


@pytest.mark.parametrize(
    ("layout", "edit"),
    [pytest.param(layout, edit, id=f"{layout.name}: {edit.path}") for layout in LAYOUTS for edit in layout.free],
)
def test_what_every_cluster_can_take_is_not(layout: Layout, edit: Edit) -> None:
    assert not is_held(plan_edits(layout.files, edit))


# --- no patch release of anything is ever held ---------------------------------------------------------

_RELEASE = re.compile(r"(?<![\d.])(v?)(\d+)\.(\d+)\.(\d+)(?![\d.])")

NODES = {
    "talconfig": {"talos/talconfig.yaml": talos_configuration("v1.9.5", "v1.32.3")},
    "a stale talconfig": {"talos/talconfig.yaml": talos_configuration("v1.7.6", "v1.34.3")},
    "machine configuration": {"talos/machineconfig.yaml.j2": machine_configuration("v1.11.6", "v1.34.3")},
    "upgrade objects": upgrades("v1.11.6", "v1.34.3", "kubernetes/apps/default/radarr/app"),
    "upgrade plans": upgrade_controller("v1.9.5", "v1.32.3"),
}
QUIET = [(layout.name, layout.files) for layout in LAYOUTS]
QUIET += [(name, operator_repository("2.6.4", operator="0.30.0", api="v1") | files) for name, files in NODES.items()]
QUIET += [("two environments", environments())]
QUIET += [
    (
        "applications",
        with_application(
            operator_repository("2.6.4", operator="0.30.0", api="v1"),
            "sonarr",
            {"helmrelease.yaml": application("sonarr"), "chart.yaml": release("redis", "redis", "21.2.3")},
        ),
    )
]


def patch_bumps(files: Files) -> Iterator[Edit]:
    for path, text in files.items():
        for match in _RELEASE.finditer(text):
            mark, major, minor, patch = match.groups()
            yield Edit(path, match[0], f"{mark}{major}.{minor}.{int(patch) + 1}")


@pytest.mark.parametrize("files", [pytest.param(files, id=name) for name, files in QUIET])
def test_no_patch_release_is_held(files: Files) -> None:
    bumps = set(patch_bumps(files))
    assert bumps
    assert [bump for bump in bumps if is_held(plan_edits(files, bump))] == []
