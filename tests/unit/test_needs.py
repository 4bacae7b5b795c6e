"""Which pull request brings an API: the best of several, none whose CRDs stay behind, and each cluster for itself."""

from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from app.catalogue import extend_catalogue, load_catalogue
from app.domain.model import Component, EdgeKind, Plan, Rollout, RolloutState, Snapshot, State
from app.domain.plan import plan_repository
from app.domain.rollout_terms import Proof
from tests.support.flux_repository import (
    INSTANCE,
    NOW,
    OPERATOR,
    RELEASE,
    FluxRepository,
    flux_kustomization,
    instance,
    manifest,
    operator,
)
from tests.support.story_repository import tree_of

SOURCE = "source.toolkit.fluxcd.io"
ESO = "apps/a/eso.yaml"


def needs(plan: Plan, number: int = 1) -> list[tuple[int | None, tuple[int, ...]]]:
    return [(edge.to, edge.alternatives) for edge in plan.edges_of(number) if edge.kind is EdgeKind.NEEDS]


# --- alternatives ----------------------------------------------------------------------------------


def test_the_lowest_version_then_renovates_then_the_lower_number() -> None:
    repository = FluxRepository(
        {INSTANCE: instance("2.5.1"), OPERATOR: operator("0.50.0").replace("/v1\n", "/v1beta2\n")}
    )
    repository.opens(1, {RELEASE: manifest(f"{SOURCE}/v1", "OCIRepository")})
    for number, version, by_renovate in (
        (9, "2.7.0", True),
        (3, "2.6.1", False),
        (8, "2.6.1", True),
        (7, "2.6.1", True),
    ):
        repository.opens(number, {INSTANCE: instance(version)}, by_renovate=by_renovate)
    plan = repository.plans()
    assert needs(plan) == [(7, (8, 3, 9))]
    assert plan.of(1).reason == snapshot(
        "#1 needs OCIRepository `source.toolkit.fluxcd.io/v1`, which Flux serves from 2.6.0; the base "
        "declares Flux 2.5.1 in apps/flux/instance.yaml:8, #7 brings 2.6.1, and #7 must be rolled out "
        "first. #8 (2.6.1), #3 (2.6.1) and #9 (2.7.0) would do as well."
    )
    (edge,) = [edge for edge in plan.edges_of(1) if edge.kind is EdgeKind.NEEDS]
    # Where the next best say so is evidence too.
    assert [line.text for line in edge.evidence if line.text.startswith("version:")] == [
        "version: 2.5.1", "version: 2.6.1", "version: 2.6.1", "version: 2.6.1",
    ]  # fmt: skip


# --- CRDs that do not come with the chart ----------------------------------------------------------


def eso(version: str, more: str = "") -> str:
    return (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: eso\nspec:\n  chart:\n"
        f"    spec:\n      chart: external-secrets\n      version: {version}\n{more}"
    )


OFF = "  values:\n    installCRDs: false\n"
BUNDLE = (
    "resources:\n  - https://raw.githubusercontent.com/external-secrets/external-secrets/{}/deploy/crds/bundle.yaml\n"
)
CRDS = "apps/a/crds/kustomization.yaml"


def secrets(more: str) -> FluxRepository:
    """#1 needs v1 of External Secrets, of which #2 raises the chart."""
    repository = FluxRepository({ESO: eso("0.15.1", more), CRDS: BUNDLE.format("v0.15.1")})
    use = manifest("external-secrets.io/v1", "ExternalSecret")
    repository.opens(1, {RELEASE: use}, component=Component.APPLICATION)
    repository.opens(2, {ESO: eso("0.16.2", more)}, component=Component.INFRASTRUCTURE)
    return repository


@pytest.mark.parametrize("more", ["", "  values:\n    installCRDs: true\n"])
def test_templates_come_with_the_chart(more: str) -> None:
    assert needs(secrets(more).plans()) == [(2, ())]


def test_what_serves_crds_that_are_switched_off_is_not_known_from_the_chart() -> None:
    plan = secrets(OFF).plans()
    assert (needs(plan), plan.of(1).state) == ([], State.UNKNOWN)
    assert plan.of(1).reason == snapshot(
        "Unknown: #1 needs ExternalSecret `external-secrets.io/v1`, and it is not known whether cluster "
        "main serves it: the chart of External Secrets leaves its CRDs to others (apps/a/eso.yaml:11), "
        "so its version does not tell."
    )


def test_the_pull_request_that_raises_them_tells_it_and_is_waited_for() -> None:
    repository = secrets(OFF)
    repository.opens(3, {CRDS: BUNDLE.format("v0.16.2")}, component=Component.INFRASTRUCTURE)
    plan = repository.plans()
    assert needs(plan) == [(3, ())]
    assert plan.of(1).reason == snapshot(
        "#1 needs ExternalSecret `external-secrets.io/v1`, which External Secrets serves from 0.16.0; "
        "its CRDs are kept apart from its chart (apps/a/eso.yaml:11) and are those of 0.15.1, #3 brings "
        "those of 0.16.2, and #3 must be rolled out first."
    )
    # One that needs v1 and brings the CRDs itself is applied as a whole: CRDs go first.
    use = manifest("external-secrets.io/v1", "ExternalSecret")
    repository.opens(4, {CRDS: BUNDLE.format("v0.16.2"), RELEASE: use}, component=Component.INFRASTRUCTURE)
    assert needs(repository.plans(), 4) == []


def test_crds_that_are_new_enough_already_are_no_reason_to_wait() -> None:
    repository = secrets(OFF)
    repository.files[CRDS] = BUNDLE.format("v0.16.1")
    repository.opens(3, {CRDS: BUNDLE.format("v0.16.2")}, component=Component.INFRASTRUCTURE)
    assert needs(repository.plans()) == []


def test_crds_that_serve_it_today_are_served() -> None:
    repository = secrets(OFF)
    repository.files["apps/a/other.yaml"] = manifest("external-secrets.io/v1", "ExternalSecret", "other")
    assert repository.plans().of(1).reason == (
        "Ready: the base already uses ExternalSecret `external-secrets.io/v1` (apps/a/other.yaml:1)."
    )


WIDGETS = {
    "provider": "widgets",
    "name": "Widgets",
    "source": "https://example.com/widgets",
    "first": "1.0",
    "last": "1.9",
    "newest": "1.9.0",
    "complete": True,
    "confidence": "derived",
    "charts": ["widgets"],
    "kinds": {"example.com/Widget": {"versions": {"v1": {"since": "1.5.0"}}}},
}


def widgets(version: str, more: str = "") -> str:
    return eso(version, more).replace("external-secrets", "widgets")


def planned(repository: FluxRepository, how: str) -> Plan:
    entry = {**WIDGETS, "crds_arrive": [{"chart": "widgets", "how": how}]}
    catalogue = extend_catalogue(load_catalogue(), [entry], file="fluxmig.yaml")
    told = Snapshot(
        "main",
        tree_of(repository.files),
        tuple(repository.pull_requests),
        NOW,
        rollouts=tuple(repository.rollouts),
    )
    return plan_repository(told, catalogue, lambda pull_request: repository.told[pull_request.number])


CREATE_REPLACE = "  upgrade:\n    crds: CreateReplace\n"
PATCHED = (
    flux_kustomization("apps", "./apps/a")
    + "  patches:\n    - patch: |\n        kind: HelmRelease\n        metadata:\n          name: any\n        spec:\n"
    "          upgrade:\n            crds: CreateReplace\n      target:\n        kind: HelmRelease\n"
)


@pytest.mark.parametrize(
    ("how", "more", "files", "to"),
    [
        ("crds-folder", "", {}, None),
        ("crds-folder", "  upgrade:\n    crds: Skip\n", {}, None),
        ("crds-folder", CREATE_REPLACE, {}, 2),
        # A patch at the root of the cluster may reach it.
        ("crds-folder", "", {"clusters/main/a.yaml": PATCHED}, 2),
        ("templates", "", {}, 2),
        ("runtime", "", {}, 2),
    ],
)
def test_how_the_crds_arrive_decides(how: str, more: str, files: dict[str, str], to: int | None) -> None:
    path = "apps/a/widgets.yaml"
    repository = FluxRepository({path: widgets("1.4.0", more), **files})
    repository.opens(1, {RELEASE: manifest("example.com/v1", "Widget")}, component=Component.APPLICATION)
    repository.opens(2, {path: widgets("1.5.0", more)}, component=Component.INFRASTRUCTURE)
    plan = planned(repository, how)
    assert needs(plan) == [(to, ())]
    assert ("Widgets writes its CRDs itself when it starts." in plan.of(1).reason) == (how == "runtime")
    assert ("its CRDs stay as they are (apps/a/widgets.yaml:" in plan.of(1).reason) == (to is None)


@pytest.mark.parametrize(
    ("how", "more", "proof", "from_", "state"),
    [
        ("crds-folder", "", Proof.READY, "1.4.0", State.WAITING_ROLLOUT),
        ("crds-folder", "", Proof.OBSERVED, "1.4.0", State.WAITING_ROLLOUT),
        ("crds-folder", "", Proof.SOAK, "1.4.0", State.WAITING_ROLLOUT),
        ("crds-folder", "", Proof.CONFIRM, "1.4.0", State.READY),
        ("crds-folder", "", Proof.READY, "1.5.0", State.READY),  # served before already
        ("crds-folder", "", Proof.READY, None, State.READY),  # a new release installs them
        ("crds-folder", CREATE_REPLACE, Proof.READY, "1.4.0", State.READY),
        ("templates", "", Proof.READY, "1.4.0", State.READY),
    ],
)
def test_a_chart_that_is_rolled_out_has_not_brought_the_crds_that_it_leaves_alone(
    how: str, more: str, proof: Proof, from_: str | None, state: State
) -> None:
    repository = FluxRepository({"apps/a/widgets.yaml": widgets("1.5.0", more)})
    repository.opens(1, {RELEASE: manifest("example.com/v1", "Widget")}, component=Component.APPLICATION)
    done = Rollout("widgets", "main", from_, "1.5.0", 2, NOW, RolloutState.ROLLED_OUT, "it is ready", proof=proof)
    repository.rollouts.append(done)
    plan = planned(repository, how)
    assert plan.of(1).state is state, plan.of(1).reason
    if state is State.WAITING_ROLLOUT:
        assert plan.of(1).reason == (
            "Merged, but its CRDs are not known to be there: #1 needs Widget `example.com/v1`; #2 with Widgets 1.5.0 "
            "is rolled out (it is ready), but the chart leaves its CRDs as they are (apps/a/widgets.yaml:2). Apply the "
            "CRDs to cluster main, then say `/fluxmig confirm`."
        )
        assert [(edge.to, edge.merged) for edge in plan.edges_of(1)] == [(2, True)]


def test_one_that_brings_the_chart_and_uses_the_api_is_no_provider_of_itself_where_the_crds_stay() -> None:
    path = "apps/a/widgets.yaml"
    repository = FluxRepository({path: widgets("1.4.0")})
    both = {path: widgets("1.5.0"), RELEASE: manifest("example.com/v1", "Widget")}
    repository.opens(1, {**both}, component=Component.INFRASTRUCTURE)
    reason = planned(repository, "crds-folder").of(1).reason
    assert "It brings Widgets 1.5.0, but its CRDs stay as they are (apps/a/widgets.yaml:2)" in reason


# --- clusters --------------------------------------------------------------------------------------


def two_clusters(*, shared: bool = False) -> FluxRepository:
    repository = FluxRepository({})
    repository.files = {}
    for name in ("east", "west"):
        root = f"clusters/{name}"
        repository.files[f"{root}/flux-system/gotk-components.yaml"] = "---\n# Flux Version: v2.5.1\n"
        repository.files[f"{root}/flux-system/gotk-sync.yaml"] = flux_kustomization("flux-system", f"./{root}")
        if shared:
            repository.files[f"{root}/kustomization.yaml"] = "resources: [flux-system/gotk-sync.yaml, ../../base]\n"
    if shared:
        repository.files["base/kustomization.yaml"] = "resources: [x.yaml]\n"
    return repository


def flux(name: str, version: str) -> dict[str, str | None]:
    return {f"clusters/{name}/flux-system/gotk-components.yaml": f"---\n# Flux Version: {version}\n"}


USE = manifest(f"{SOURCE}/v1", "OCIRepository")


def test_a_version_for_one_cluster_frees_no_other() -> None:
    repository = two_clusters()
    repository.opens(1, {"clusters/east/x.yaml": USE})
    repository.opens(2, flux("west", "v2.6.1"))
    assert needs(repository.plans()) == [(None, ())]
    repository.opens(3, flux("east", "v2.6.1"))
    assert needs(repository.plans()) == [(3, ())]


def test_a_shared_base_waits_for_every_cluster_that_reads_it() -> None:
    repository = two_clusters(shared=True)
    repository.opens(1, {"base/x.yaml": USE})
    repository.opens(2, flux("west", "v2.6.1"))
    plan = repository.plans()
    assert sorted(needs(plan), key=str) == [(2, ()), (None, ())]
    assert plan.of(1).state is State.BLOCKED
    repository.opens(3, flux("east", "v2.6.1"))
    assert sorted(needs(repository.plans()), key=str) == [(2, ()), (3, ())]


def test_one_that_is_rolled_out_in_one_cluster_still_waits_for_the_other() -> None:
    repository = two_clusters(shared=True)
    for name in ("east", "west"):
        repository.files |= {path: text for path, text in flux(name, "v2.6.1").items() if text}
    done = Rollout("flux", "east", "2.5.1", "2.6.1", 2, NOW, RolloutState.ROLLED_OUT, "Flux's own event")
    repository.rollouts = [done, Rollout("flux", "west", "2.5.1", "2.6.1", 2, NOW)]
    repository.opens(1, {"base/x.yaml": USE})
    plan = repository.plans()
    assert plan.of(1).state is State.WAITING_ROLLOUT
    assert "cluster west is not known to run it" in plan.of(1).reason
    repository.rollouts[1] = replace(repository.rollouts[1], state=RolloutState.ROLLED_OUT, source="Flux's own event")
    assert repository.plans().of(1).state is State.READY


def test_one_that_brings_it_to_one_cluster_only_uses_it_in_the_other_in_vain() -> None:
    repository = two_clusters(shared=True)
    repository.opens(1, {**flux("west", "v2.6.1"), "base/x.yaml": USE})
    plan = repository.plans()
    assert plan.of(1).state is State.BLOCKED
    assert "for cluster east" in plan.of(1).reason
