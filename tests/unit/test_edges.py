"""The rules by which one pull request waits for another, as tables and small repositories."""

import pytest
from inline_snapshot import snapshot

from app.domain.model import Component, Edge, EdgeKind, Plan, Rollout, RolloutState, State, Strength, UpdateType
from tests.support.flux_repository import (
    INSTANCE,
    NOW,
    OPERATOR,
    RELEASE,
    TALOS,
    FluxRepository,
    chart,
    instance,
    manifest,
    operator,
    talos,
)
from tests.support.story_repository import change

SOURCE = "source.toolkit.fluxcd.io"
ARTIFACT = "oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests"


def old(text: str) -> str:
    """The same at an API that every Flux before 2.8 serves, so that it plays no part itself."""
    return text.replace("/v1\n", "/v1beta2\n")


def only_edge(plan: Plan, kind: EdgeKind) -> Edge:
    (edge,) = [edge for edge in plan.edges if edge.kind is kind]
    return edge


def edges(plan: Plan, kind: EdgeKind) -> list[tuple[int, int | None, str]]:
    return [(edge.from_, edge.to, edge.strength.value) for edge in plan.edges if edge.kind is kind]


# --- needs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flux", "artifact", "state"),
    [
        ("2.5.1", "", State.BLOCKED),
        ("2.6.0", "", State.READY),
        # A range is what the pinned manifests, or else the operator's image, have of it.
        ("2.x", f"{ARTIFACT}:v0.22.0", State.READY),
        ("2.x", f"{ARTIFACT}:v0.20.0@sha256:abc", State.BLOCKED),
        ("2.x", "", State.BLOCKED),
        # It floats between what the operator carries and the newest release, and these two disagree.
        ("2.x", f"{ARTIFACT}:latest", State.UNKNOWN),
        ("2.5.x", f"{ARTIFACT}:latest", State.BLOCKED),
        ("2.x || nonsense", "", State.UNKNOWN),
        ("2.99.0", "", State.UNKNOWN),
    ],
)
def test_what_is_declared_decides(flux: str, artifact: str, state: State) -> None:
    repository = FluxRepository({INSTANCE: instance(flux, artifact=artifact), OPERATOR: old(operator("0.20.0"))})
    repository.opens(1, {RELEASE: manifest(f"{SOURCE}/v1", "OCIRepository")}, component=Component.APPLICATION)
    assert repository.plans().of(1).state is state


def test_nothing_declared_is_unknown_and_says_so() -> None:
    repository = FluxRepository({})
    repository.opens(1, {RELEASE: manifest(f"{SOURCE}/v1", "OCIRepository")})
    planned = repository.plans().of(1)
    assert planned.state is State.UNKNOWN
    assert planned.reason == snapshot(
        "Unknown: #1 needs OCIRepository `source.toolkit.fluxcd.io/v1`, and it is not known whether cluster main "
        "serves it: Git does not say which version of Flux runs there, and the cluster has not said so."
    )


def test_what_every_known_release_serves_needs_no_declaration() -> None:
    repository = FluxRepository({})
    repository.opens(1, {RELEASE: manifest("kustomize.toolkit.fluxcd.io/v1", "Kustomization")})
    assert repository.plans().of(1).state is State.READY


def test_what_the_base_uses_already_is_served_whatever_runs_there() -> None:
    repository = FluxRepository({"apps/a/old.yaml": manifest(f"{SOURCE}/v1", "OCIRepository", "old")})
    repository.opens(1, {RELEASE: manifest(f"{SOURCE}/v1", "OCIRepository", "new")})
    assert repository.plans().of(1).reason == snapshot(
        "Ready: the base already uses OCIRepository `source.toolkit.fluxcd.io/v1` (apps/a/old.yaml:1)."
    )


def test_an_object_that_only_moves_is_no_new_use() -> None:
    text = manifest(f"{SOURCE}/v1", "OCIRepository")
    repository = FluxRepository({INSTANCE: instance("2.5.1"), RELEASE: text})
    repository.opens(1, {RELEASE: None, "apps/a/moved.yaml": text})
    plan = repository.plans()
    assert (plan.of(1).requires, plan.edges) == ((), ())


def test_references_patches_and_archives_need_nothing() -> None:
    repository = FluxRepository(
        {INSTANCE: instance("2.5.1"), "apps/a/kustomization.yaml": "patches:\n  - path: patch.yaml\n"}
    )
    api = manifest(f"{SOURCE}/v1", "OCIRepository")
    reference = manifest("v1", "ConfigMap") + f"data:\n  a:\n    - apiVersion: {SOURCE}/v1\n      kind: OCIRepository\n"
    repository.opens(1, {"apps/a/patch.yaml": api, ".archive/x.yaml": api, RELEASE: reference})
    assert repository.plans().of(1).requires == ()


def test_several_kinds_of_one_api_are_one_edge() -> None:
    components = "  components: [source-controller, kustomize-controller, image-reflector-controller]\n"
    repository = FluxRepository({INSTANCE: instance("2.6.4") + components, OPERATOR: operator("0.30.0")})
    image = "image.toolkit.fluxcd.io/v1"
    repository.opens(1, {RELEASE: f"{manifest(image, 'ImagePolicy')}---\n{manifest(image, 'ImageRepository')}"})
    repository.opens(2, {INSTANCE: instance("2.7.0") + components})
    assert edges(repository.plans(), EdgeKind.NEEDS) == [(1, 2, "hard")]
    assert "ImagePolicy and ImageRepository `image.toolkit.fluxcd.io/v1`" in repository.plans().of(1).reason


def test_an_api_that_is_gone_cannot_be_waited_for() -> None:
    repository = FluxRepository({INSTANCE: instance("2.8.1")})
    repository.opens(1, {RELEASE: manifest(f"{SOURCE}/v1beta2", "OCIRepository")})
    assert repository.plans().of(1).reason == snapshot(
        "Blocked: #1 uses OCIRepository `source.toolkit.fluxcd.io/v1beta2`, which Flux no longer serves from 2.8.0; "
        "the base declares Flux 2.8.1 in apps/flux/instance.yaml:8, so its manifests must move to a newer API."
    )


def test_an_api_that_never_was() -> None:
    repository = FluxRepository({INSTANCE: instance("2.8.1")})
    repository.opens(1, {RELEASE: manifest("notification.toolkit.fluxcd.io/v1", "Alert")})
    assert "which no known release of Flux serves" in repository.plans().of(1).reason


def test_one_that_brings_and_needs_it_in_one_kustomization_can_never_be_applied() -> None:
    repository = FluxRepository({INSTANCE: instance("2.5.1"), OPERATOR: old(operator("0.22.0"))})
    repository.opens(1, {INSTANCE: instance("2.6.1"), "apps/flux/oci.yaml": manifest(f"{SOURCE}/v1", "OCIRepository")})
    plan = repository.plans()
    assert plan.of(1).state is State.BLOCKED
    assert plan.warnings[0] == snapshot(
        "#1 brings Flux 2.6.1 and uses OCIRepository `source.toolkit.fluxcd.io/v1`, which only that version serves, in "
        "one Flux Kustomization (flux-system/flux), which Flux applies as a whole or not at all; split it."
    )


def test_in_another_kustomization_flux_tries_again_until_it_works() -> None:
    repository = FluxRepository({INSTANCE: instance("2.5.1"), OPERATOR: old(operator("0.22.0"))})
    repository.opens(1, {INSTANCE: instance("2.6.1"), RELEASE: manifest(f"{SOURCE}/v1", "OCIRepository")})
    plan = repository.plans()
    assert (plan.of(1).state, plan.warnings) == (State.READY, ())


GOTK = "clusters/main/flux-system/gotk-components.yaml"


def gotk(version: str, *, oci: str) -> str:
    return f"""---
# Flux Version: {version}
# Components: source-controller,kustomize-controller
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: ocirepositories.source.toolkit.fluxcd.io
spec:
  group: source.toolkit.fluxcd.io
  names:
    kind: OCIRepository
    plural: ocirepositories
  versions:
  - name: {oci}
    schema:
      openAPIV3Schema:
        properties:
          served:
            type: string
    served: true
    storage: true
"""


def test_a_pull_request_that_vendors_the_crd_serves_itself() -> None:
    repository = FluxRepository({GOTK: gotk("v2.5.1", oci="v1beta2")})
    use = manifest(f"{SOURCE}/v1", "OCIRepository")
    repository.opens(1, {GOTK: gotk("v2.6.1", oci="v1"), "clusters/main/flux-system/oci.yaml": use})
    plan = repository.plans()
    assert (plan.of(1).state, edges(plan, EdgeKind.NEEDS)) == (State.READY, [])
    assert [(c.from_, c.to) for c in plan.of(1).provides] == [("2.5.1", "2.6.1")]


def test_each_cluster_is_asked_for_itself() -> None:
    files = {}
    for name in ("production", "staging"):
        version = "v2.5.1" if name == "production" else "v2.6.1"
        files[f"clusters/{name}/flux-system/gotk-components.yaml"] = f"---\n# Flux Version: {version}\n"
        files[f"clusters/{name}/flux-system/gotk-sync.yaml"] = (
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
            f"metadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  path: ./clusters/{name}\n"
        )
    use = manifest(f"{SOURCE}/v1", "OCIRepository")
    repository = FluxRepository(files)
    repository.files = files
    repository.opens(1, {"clusters/staging/oci.yaml": use})
    repository.opens(2, {"clusters/production/oci.yaml": use})
    plan = repository.plans()
    assert (plan.of(1).state, plan.of(2).state) == (State.READY, State.BLOCKED)
    assert "Flux to >= 2.6.0 for cluster production, which #2 needs" in plan.of(2).reason
    declared = [(cluster.name, cluster.flux and cluster.flux.version) for cluster in plan.clusters]
    assert declared == [("production", "2.5.1"), ("staging", "2.6.1")]


def test_external_secrets_by_its_chart() -> None:
    repository = FluxRepository({"apps/a/eso.yaml": old(chart("external-secrets", "0.15.1"))})
    repository.opens(
        1, {RELEASE: manifest("external-secrets.io/v1", "ExternalSecret")}, component=Component.APPLICATION
    )
    repository.opens(
        2,
        {"apps/a/eso.yaml": old(chart("external-secrets", "0.16.2"))},
        component=Component.INFRASTRUCTURE,
    )
    assert edges(repository.plans(), EdgeKind.NEEDS) == [(1, 2, "hard")]


def test_a_manifest_without_content_is_unknown() -> None:
    repository = FluxRepository({INSTANCE: instance("2.5.1")})
    unreadable = change(RELEASE, None, "x")
    repository.opens_with(1, (type(unreadable)(RELEASE, unreadable.status, ""),))
    assert repository.plans().of(1).reason == (
        "Unknown: apps/a/release.yaml could not be read, so what it needs is not known."
    )


def test_a_controller_that_is_not_installed_serves_nothing() -> None:
    repository = FluxRepository({INSTANCE: instance("2.9.4")})
    repository.opens(1, {RELEASE: manifest("image.toolkit.fluxcd.io/v1", "ImagePolicy")})
    assert repository.plans().of(1).reason == snapshot(
        "Unknown: #1 needs ImagePolicy `image.toolkit.fluxcd.io/v1`, and it is not known whether cluster main serves "
        "it: apps/flux/instance.yaml:8 installs Flux without image-reflector-controller."
    )
    repository.files[RELEASE] = manifest("image.toolkit.fluxcd.io/v1", "ImagePolicy", "there-already")
    assert repository.plans().of(1).state is State.READY


# --- pairs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("running", "flux", "artifact", "offered", "edge"),
    [
        # Without an artifact the release must be in the operator's image.
        ("0.20.0", "2.6.1", "", "0.22.0", (1, 2, "hard")),
        ("0.22.0", "2.6.1", "", "0.23.0", None),
        ("0.20.0", "2.6.1", "", "0.21.0", (1, None, "hard")),
        # With one, operators before 0.54 take any release that they can build.
        ("0.20.0", "2.6.1", f"{ARTIFACT}:latest", "0.22.0", (1, 2, "soft")),
        ("0.20.0", "2.6.1", f"{ARTIFACT}:latest", "0.21.0", None),
        ("0.29.0", "2.7.0", f"{ARTIFACT}:latest", "0.30.0", (1, 2, "hard")),
        ("0.52.0", "2.9.0", f"{ARTIFACT}:latest", "0.53.0", (1, 2, "hard")),
        # From 0.54.0 on they take only the minors that they carry; the catalogue knows of no 2.99.
        ("0.54.0", "2.99.0", f"{ARTIFACT}:latest", "0.58.0", None),
    ],
)
def test_flux_and_its_operator(
    running: str, flux: str, artifact: str, offered: str, edge: tuple[int, int | None, str] | None
) -> None:
    repository = FluxRepository({INSTANCE: instance("2.5.1", artifact=artifact), OPERATOR: operator(running)})
    repository.opens(1, {INSTANCE: instance(flux, artifact=artifact)})
    repository.opens(2, {OPERATOR: operator(offered)})
    assert edges(repository.plans(), EdgeKind.PAIR) == ([edge] if edge else [])


def test_the_hard_pair_says_what_it_needs() -> None:
    repository = FluxRepository({INSTANCE: instance("2.6.4"), OPERATOR: operator("0.29.0")})
    repository.opens(1, {INSTANCE: instance("2.7.0")})
    repository.opens(2, {OPERATOR: operator("0.30.0")})
    assert repository.plans().of(1).reason == snapshot(
        "#1 brings Flux 2.7.0, which needs Flux Operator >= 0.30.0; the base declares Flux Operator 0.29.0 in "
        "apps/flux/operator.yaml:8, and #2 brings Flux Operator 0.30.0: roll it out first."
    )


def test_a_pull_request_that_raises_both_waits_for_none() -> None:
    repository = FluxRepository({INSTANCE: instance("2.6.4"), OPERATOR: operator("0.29.0")})
    repository.opens(1, {INSTANCE: instance("2.7.0"), OPERATOR: operator("0.30.0")})
    assert edges(repository.plans(), EdgeKind.PAIR) == []


def test_a_merged_operator_is_waited_for_until_it_runs() -> None:
    repository = FluxRepository({INSTANCE: instance("2.6.4"), OPERATOR: operator("0.30.0")})
    repository.rollouts.append(Rollout("flux-operator", "main", "0.29.0", "0.30.0", 2, NOW, RolloutState.PENDING))
    repository.opens(1, {INSTANCE: instance("2.7.0")})
    plan = repository.plans()
    edge = only_edge(plan, EdgeKind.PAIR)
    assert (edge.to, edge.merged, plan.of(1).state) == (2, True, State.WAITING_ROLLOUT)


@pytest.mark.parametrize(
    ("base", "kubernetes", "offered", "edge"),
    [
        (("v1.10.3", "v1.33.1"), "v1.34.0", "v1.11.0", (1, 2, "hard")),
        (("v1.10.3", "v1.33.1"), "v1.33.4", "v1.11.0", None),
        (("v1.11.0", "v1.33.1"), "v1.34.0", "v1.11.1", None),
        (("v1.10.3", "v1.33.1"), "v1.34.0", "v1.10.4", (1, None, "hard")),
    ],
)
def test_kubernetes_waits_for_a_talos_that_runs_it(
    base: tuple[str, str], kubernetes: str, offered: str, edge: tuple[int, int | None, str] | None
) -> None:
    repository = FluxRepository({TALOS: talos(*base)})
    repository.opens(1, {TALOS: talos(base[0], kubernetes)}, component=Component.INFRASTRUCTURE)
    repository.opens(2, {TALOS: talos(offered, base[1])}, component=Component.INFRASTRUCTURE)
    assert edges(repository.plans(), EdgeKind.PAIR) == ([edge] if edge else [])


def test_a_talos_that_drops_the_running_kubernetes_waits_for_a_newer_one() -> None:
    repository = FluxRepository({TALOS: talos("v1.10.3", "v1.28.5")})
    repository.opens(1, {TALOS: talos("v1.11.0", "v1.28.5")}, component=Component.INFRASTRUCTURE)
    repository.opens(2, {TALOS: talos("v1.10.3", "v1.29.0")}, component=Component.INFRASTRUCTURE)
    assert edges(repository.plans(), EdgeKind.PAIR) == [(1, 2, "hard")]


def test_a_talos_that_the_table_does_not_know_is_unknown() -> None:
    repository = FluxRepository({TALOS: talos("v1.40.0", "v1.33.1")})
    repository.opens(1, {TALOS: talos("v1.40.0", "v1.34.0")}, component=Component.INFRASTRUCTURE)
    assert repository.plans().of(1).reason == (
        "Unknown: it is not known whether Talos 1.40.0 goes with Kubernetes 1.34.0."
    )


# --- removals -------------------------------------------------------------------------------------


def old_repository() -> FluxRepository:
    """Flux 2.7 with two manifests at an API that 2.8 no longer serves."""
    repository = FluxRepository(
        {
            INSTANCE: instance("2.7.5"),
            OPERATOR: operator("0.50.0"),
            RELEASE: manifest(f"{SOURCE}/v1beta2", "OCIRepository", "a"),
            "apps/a/other.yaml": manifest(f"{SOURCE}/v1beta2", "OCIRepository", "b"),
        }
    )
    repository.opens(1, {INSTANCE: instance("2.8.1")})
    return repository


def test_a_version_that_drops_an_api_waits_for_those_that_leave_it() -> None:
    repository = old_repository()
    repository.opens(2, {RELEASE: manifest(f"{SOURCE}/v1", "OCIRepository", "a")})
    repository.opens(3, {"apps/a/other.yaml": None})
    plan = repository.plans()
    assert edges(plan, EdgeKind.REMOVAL) == [(1, 2, "hard"), (1, 3, "hard")]
    assert plan.of(1).reason == snapshot(
        "#1 brings Flux 2.8.1, which does not serve OCIRepository `source.toolkit.fluxcd.io/v1beta2`; 1 manifest of "
        "the base (apps/a/release.yaml:1) still uses it, so #2, which moves them, must be merged first. It also waits "
        "for #3."
    )


def test_uses_that_nobody_leaves_are_listed() -> None:
    plan = old_repository().plans()
    assert edges(plan, EdgeKind.REMOVAL) == [(1, None, "hard")]
    assert plan.of(1).reason == snapshot(
        "Blocked: Flux 2.8.1 does not serve OCIRepository `source.toolkit.fluxcd.io/v1beta2`, which 2 manifests of "
        "the base (apps/a/other.yaml:1 and apps/a/release.yaml:1) still use, and no open pull request moves them. "
        "Flux 2.7.5 already serves OCIRepository `source.toolkit.fluxcd.io/v1`, so what uses the old one can be moved "
        "now."
    )


def test_a_version_that_drops_nothing_in_use_waits_for_nothing() -> None:
    repository = old_repository()
    repository.files[RELEASE] = repository.files["apps/a/other.yaml"] = manifest(f"{SOURCE}/v1", "OCIRepository")
    assert edges(repository.plans(), EdgeKind.REMOVAL) == []


def test_a_jump_over_the_bridge_is_a_cycle_and_says_so() -> None:
    repository = FluxRepository(
        {
            INSTANCE: instance("2.5.1"),
            OPERATOR: operator("0.50.0"),
            RELEASE: manifest(f"{SOURCE}/v1beta2", "OCIRepository"),
        }
    )
    repository.opens(1, {INSTANCE: instance("2.8.1")})
    repository.opens(2, {RELEASE: manifest(f"{SOURCE}/v1", "OCIRepository")})
    plan = repository.plans()
    why = (
        ", so no single step is safe. Flux 2.7.x serves both OCIRepository `source.toolkit.fluxcd.io/v1beta2` and "
        "OCIRepository `source.toolkit.fluxcd.io/v1`: roll that out first, then move the manifests, then take the rest."
    )
    assert plan.of(1).reason == f"Blocked: these pull requests wait for each other (#1 → #2 → #1){why}"
    assert plan.of(2).reason == f"Blocked: these pull requests wait for each other (#2 → #1 → #2){why}"
    assert plan.waves == ((1, 2),)


# --- files ----------------------------------------------------------------------------------------

LINES = "".join(f"line {number}\n" for number in range(1, 41))


def edited(*numbers: int) -> dict[str, str | None]:
    return {"notes.yaml": "".join(f"line {n}{'x' if n in numbers else ''}\n" for n in range(1, 41))}


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [((10,), (11,), True), ((10,), (10,), True), ((10,), (12,), False), ((10, 30), (20, 31), True)],
)
def test_neighbouring_lines_meet(one: tuple[int, ...], other: tuple[int, ...], meets: bool) -> None:
    repository = FluxRepository({"notes.yaml": LINES})
    repository.opens(1, edited(*one), component=Component.APPLICATION)
    repository.opens(2, edited(*other), component=Component.TOOLING)
    plan = repository.plans()
    # The later wave is rebased after the earlier, whatever the numbers are.
    assert edges(plan, EdgeKind.FILE) == ([(1, 2, "soft")] if meets else [])


def test_many_that_touch_one_list_are_a_chain_and_no_web() -> None:
    repository = FluxRepository({"notes.yaml": LINES})
    for number in range(1, 31):
        repository.opens(number, edited(number), component=Component.TOOLING)
    assert len(edges(repository.plans(), EdgeKind.FILE)) == 29


def test_an_unknown_component_is_looked_at_by_a_person() -> None:
    repository = FluxRepository({})
    repository.opens(1, {"README": "x"}, component=Component.UNKNOWN, type_=UpdateType.MINOR)
    assert repository.plans().of(1).state is State.UNKNOWN


def test_soft_edges_hold_nothing() -> None:
    repository = FluxRepository({"notes.yaml": LINES})
    repository.opens(1, edited(5))
    repository.opens(2, edited(5))
    plan = repository.plans()
    assert plan.of(2).state is State.READY
    assert plan.of(2).reason == "Ready: nothing to wait for; better after #1."
    assert all(edge.strength is Strength.SOFT for edge in plan.edges)


# --- steps that are refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "raised", "warning"),
    [
        (
            ("v1.10.3", "v1.33.1"),
            ("v1.13.0", "v1.33.1"),
            "#1 raises Talos from 1.10.3 to 1.13.0, which can only be reached",
        ),
        (
            ("v1.10.3", "v1.31.1"),
            ("v1.10.3", "v1.33.1"),
            "#1 raises Kubernetes from 1.31.1 to 1.33.1: control planes go",
        ),
        (("v1.10.3", "v1.32.1"), ("v1.11.3", "v1.33.1"), None),
    ],
)
def test_steps_that_are_too_long(base: tuple[str, str], raised: tuple[str, str], warning: str | None) -> None:
    repository = FluxRepository({TALOS: talos(*base)})
    repository.opens(1, {TALOS: talos(*raised)}, component=Component.INFRASTRUCTURE)
    warnings = repository.plans().warnings
    assert [told[: len(warning or "")] for told in warnings] == ([warning] if warning else [])


def test_going_back_a_minor_is_no_way_back() -> None:
    repository = FluxRepository({INSTANCE: instance("2.6.1"), OPERATOR: old(operator("0.30.0"))})
    repository.files["apps/a/oci.yaml"] = manifest(f"{SOURCE}/v1", "OCIRepository")
    repository.opens(1, {INSTANCE: instance("2.5.1")})
    plan = repository.plans()
    assert plan.warnings[0].startswith("#1 lowers Flux from 2.6.1 to 2.5.1: Flux Operator refuses to go back a minor")
    # And it would take away what the base uses.
    assert edges(plan, EdgeKind.REMOVAL) == [(1, None, "hard")]


def test_what_an_overlay_patches_in_beats_what_it_patches() -> None:
    repository = FluxRepository(
        {
            "apps/flux/kustomization.yaml": "resources:\n  - ../base\npatches:\n  - path: patch.yaml\n",
            "apps/base/kustomization.yaml": "resources:\n  - instance.yaml\n",
            "apps/base/instance.yaml": instance("2.5.1"),
            "apps/flux/patch.yaml": instance("2.6.1"),
        }
    )
    (cluster,) = repository.plans().clusters
    assert cluster.flux is not None
    assert cluster.flux.version == "2.6.1"
