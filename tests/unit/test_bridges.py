"""Ways over a version in between: proposed where no single step is safe, taken where a pull request brings it."""

import pytest
from inline_snapshot import snapshot

from app.catalogue import load_catalogue
from app.domain.bridges import Bridge, find_bridge, newest_between
from app.domain.catalogue import Catalogue
from app.domain.declarations import Declared, Releases, VersionChange
from app.domain.model import Component, Declaration, EdgeKind, Evidence, Gvk, Plan, State
from app.domain.versions import Version
from tests.support.flux_repository import (
    INSTANCE,
    OPERATOR,
    RELEASE,
    FluxRepository,
    chart,
    instance,
    manifest,
    operator,
)

SOURCE = "source.toolkit.fluxcd.io"
HELM = "helm.toolkit.fluxcd.io"
SECRET = "external-secrets.io"


def change(provider: str, before: str, after: str) -> VersionChange:
    def declared(text: str) -> Declared:
        version = Version.parse(text)
        return Declared(Declaration(provider, "main", text, Evidence("f", 1, ""), "x"), Releases(version, version))

    return VersionChange(provider, "main", declared(before), declared(after))


@pytest.mark.parametrize(
    ("provider", "step", "old", "new", "version", "crossed"),
    [
        ("flux", ("2.5.1", "2.8.0"), Gvk(SOURCE, "OCIRepository", "v1beta2"), "v1", "2.7.x", False),
        ("flux", ("2.6.4", "2.8.0"), Gvk(SOURCE, "OCIRepository", "v1beta2"), "v1", "2.7.x", True),
        ("flux", ("2.2.3", "2.8.0"), Gvk(HELM, "HelmRelease", "v2beta2"), "v2", "2.7.x", False),
        ("flux", ("2.2.3", "2.7.0"), Gvk(HELM, "HelmRelease", "v2beta1"), "v2", "2.6.x", False),
        ("flux", ("2.6.4", "2.9.0"), Gvk("image.toolkit.fluxcd.io", "ImagePolicy", "v1beta2"), "v1", "2.8.x", False),
        ("external-secrets", ("0.15.1", "0.17.0"), Gvk(SECRET, "ExternalSecret", "v1beta1"), "v1", "0.16.x", False),
        # From v1alpha1 there is a way to v1beta1 only, which 0.17 has no more: none in one step over one bridge.
        ("external-secrets", ("0.15.1", "0.17.0"), Gvk(SECRET, "ExternalSecret", "v1alpha1"), None, "", False),
    ],
)
def test_the_newest_release_that_serves_both(
    provider: str, step: tuple[str, str], old: Gvk, new: str | None, version: str, crossed: bool
) -> None:
    bridge = find_bridge(load_catalogue(), change(provider, *step), old)
    if new is None:
        assert bridge is None
        return
    assert bridge is not None
    assert (bridge.new.version, bridge.crossed) == (new, crossed)
    assert newest_between(bridge.since, bridge.until) == version


@pytest.mark.parametrize(
    ("since", "until", "shown"),
    [
        ("2.6.0", "2.8.0", "2.7.x"),
        ("0.16.0", "0.16.3", "0.16.0 or newer, before 0.16.3"),
        ("2.10.0", "3.0.0", "2.10.0 or newer, before 3.0.0"),
        ("1.0.0", None, "1.0.0 or newer"),
    ],
)
def test_how_people_write_it(since: str, until: str | None, shown: str) -> None:
    begins = Version.parse(since)
    assert begins is not None
    assert newest_between(begins, Version.parse(until) if until else None) == shown


def jump(*, uses: int = 1) -> FluxRepository:
    """Flux 2.5 with OCIRepositories that only 2.8 no longer serves; #1 brings 2.8."""
    files = {
        f"apps/a/{number}.yaml": manifest(f"{SOURCE}/v1beta2", "OCIRepository", f"n{number}") for number in range(uses)
    }
    repository = FluxRepository({INSTANCE: instance("2.5.1"), OPERATOR: operator("0.50.0"), **files})
    repository.files[OPERATOR] = repository.files[OPERATOR].replace("/v1\n", "/v1beta2\n", 1)
    repository.opens(1, {INSTANCE: instance("2.8.1")})
    return repository


def removals(plan: Plan) -> list[tuple[int, int | None, str]]:
    return [(edge.from_, edge.to, edge.condition.value) for edge in plan.edges if edge.kind is EdgeKind.REMOVAL]


def test_a_jump_that_nobody_prepares_is_told_the_way() -> None:
    repository = jump(uses=2)
    repository.files[OPERATOR] = chart("flux-operator", "0.50.0").replace("OCIRepository", "HelmChart")
    assert repository.plans().of(1).reason == snapshot(
        "Blocked: Flux 2.8.1 does not serve OCIRepository `source.toolkit.fluxcd.io/v1beta2`, which 2 "
        "manifests of the base (apps/a/0.yaml:1 and apps/a/1.yaml:1) still use, and no open pull "
        "request moves them. Flux 2.7.x serves both OCIRepository `source.toolkit.fluxcd.io/v1beta2` "
        "and OCIRepository `source.toolkit.fluxcd.io/v1`: roll that out first, then move the manifests, "
        "then take the rest."
    )


def test_a_pull_request_that_brings_the_version_in_between_is_waited_for() -> None:
    repository = FluxRepository({INSTANCE: instance("2.5.1"), RELEASE: manifest(f"{SOURCE}/v1beta2", "OCIRepository")})
    repository.opens(1, {INSTANCE: instance("2.8.1")})
    repository.opens(2, {RELEASE: manifest(f"{SOURCE}/v1", "OCIRepository")})
    repository.opens(3, {INSTANCE: instance("2.7.3")})
    plan = repository.plans()
    assert removals(plan) == [(1, 2, "merged"), (1, 3, "rolled_out")]
    assert [(edge.from_, edge.to) for edge in plan.edges if edge.kind is EdgeKind.NEEDS] == [(2, 3)]
    assert "wait for each other" not in plan.of(1).reason
    assert plan.waves.index((3,)) < plan.waves.index((2,)) < plan.waves.index((1,))
    assert [edge.reason for edge in plan.edges_of(1) if edge.to == 3] == snapshot(
        [
            (
                "#3 brings Flux 2.7.3, which serves both OCIRepository `source.toolkit.fluxcd.io/v1beta2` and "
                "OCIRepository `source.toolkit.fluxcd.io/v1`: roll it out and move the manifests before #1 "
                "takes the old one away."
            )
        ]
    )


def test_secrets_take_two_steps() -> None:
    store = manifest(f"{SECRET}/v1beta1", "ExternalSecret")
    repository = FluxRepository({"apps/a/eso.yaml": chart("external-secrets", "0.15.1"), RELEASE: store})
    repository.opens(1, {"apps/a/eso.yaml": chart("external-secrets", "0.17.0")}, component=Component.INFRASTRUCTURE)
    assert "External Secrets 0.16.x serves both" in repository.plans().of(1).reason
    repository.opens(2, {RELEASE: store.replace("v1beta1", "v1")})
    for number, start in ((1, "#1 → #2 → #1"), (2, "#2 → #1 → #2")):
        reason = repository.plans().of(number).reason
        assert start in reason
        assert "External Secrets 0.16.x serves both" in reason


def test_several_apis_share_the_newest_bridge_that_all_of_them_have() -> None:
    repository = FluxRepository(
        {
            INSTANCE: instance("2.2.3"),
            RELEASE: manifest(f"{HELM}/v2beta1", "HelmRelease")
            + "---\n"
            + manifest(f"{SOURCE}/v1beta2", "OCIRepository"),
        }
    )
    repository.opens(1, {INSTANCE: instance("2.8.1")})
    assert "Flux 2.6.x serves both" in repository.plans().of(1).reason


# --- uses ------------------------------------------------------------------------------------------


def test_a_version_that_floats_past_the_removal_is_warned_of_and_holds_nothing() -> None:
    repository = FluxRepository(
        {
            INSTANCE: instance("2.6.4"),
            OPERATOR: operator("0.30.0"),
            RELEASE: manifest(f"{SOURCE}/v1beta2", "OCIRepository"),
        }
    )
    artifact = "oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:latest"
    repository.opens(1, {INSTANCE: instance('">=2.6.0 <2.9.0"', artifact=artifact)})
    plan = repository.plans()
    assert (plan.of(1).state, removals(plan)) == (State.READY, [])
    assert [warning for warning in plan.warnings if "come to mean" in warning] == snapshot(
        [
            (
                "#1 brings Flux >=2.6.0 <2.9.0, which may come to mean 2.8.8; that does not serve OCIRepository "
                "`source.toolkit.fluxcd.io/v1beta2`, which 1 manifest of the base (apps/a/release.yaml:1) still "
                "uses."
            )
        ]
    )


def test_values_that_name_the_old_api_are_warned_of_and_hold_nothing() -> None:
    values = f"spec:\n  values:\n    objects:\n      - apiVersion: {SOURCE}/v1beta2\n        kind: OCIRepository\n"
    repository = FluxRepository({INSTANCE: instance("2.7.5"), RELEASE: manifest(f"{HELM}/v2", "HelmRelease") + values})
    repository.opens(1, {INSTANCE: instance("2.8.1")})
    plan = repository.plans()
    assert (plan.of(1).state, removals(plan)) == (State.READY, [])
    assert list(plan.warnings) == snapshot(
        [
            (
                "#1 brings Flux 2.8.1, which does not serve OCIRepository `source.toolkit.fluxcd.io/v1beta2`; 1 "
                "place that Flux does not apply as such (values, references, templates) still names it: "
                "apps/a/release.yaml:8."
            )
        ]
    )


def test_one_edge_for_all_clusters_that_get_the_same_version() -> None:
    files = {
        "base/kustomization.yaml": "resources: [x.yaml]\n",
        "base/x.yaml": manifest(f"{SOURCE}/v1beta2", "OCIRepository"),
    }
    for name in ("east", "west"):
        root = f"clusters/{name}"
        files[f"{root}/flux-system/gotk-components.yaml"] = "---\n# Flux Version: v2.7.5\n"
        files[f"{root}/flux-system/gotk-sync.yaml"] = (
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
            f"metadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  path: ./{root}\n"
        )
        files[f"{root}/kustomization.yaml"] = "resources: [flux-system/gotk-sync.yaml, ../../base]\n"
    repository = FluxRepository({})
    repository.files = files
    both = {
        f"clusters/{name}/flux-system/gotk-components.yaml": "---\n# Flux Version: v2.8.1\n"
        for name in ("east", "west")
    }
    repository.opens(1, {**both})
    plan = repository.plans()
    assert removals(plan) == [(1, None, "merged")]
    assert plan.of(1).reason == snapshot(
        "Blocked: Flux 2.8.1 for clusters east and west does not serve OCIRepository "
        "`source.toolkit.fluxcd.io/v1beta2`, which 1 manifest of the base (base/x.yaml:1) still uses, "
        "and no open pull request moves them. Flux 2.7.5 already serves OCIRepository "
        "`source.toolkit.fluxcd.io/v1`, so what uses the old one can be moved now."
    )
    # A pull request for one cluster takes it away from that one only.
    one = "clusters/east/flux-system/gotk-components.yaml"
    repository.pull_requests.clear()
    repository.opens(2, {one: both[one]})
    assert "for cluster east does not serve" in repository.plans().of(2).reason


def test_the_way_is_looked_up_once_however_many_wait_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    repository = jump(uses=30)
    for number in range(30):
        moved = manifest(f"{SOURCE}/v1", "OCIRepository", f"n{number}")
        repository.opens(number + 2, {f"apps/a/{number}.yaml": moved})
    asked: list[Gvk] = []

    def count(catalogue: Catalogue, step: VersionChange, old: Gvk) -> Bridge | None:
        asked.append(old)
        return find_bridge(catalogue, step, old)

    monkeypatch.setattr("app.domain.removals.find_bridge", count)
    plan = repository.plans()
    assert all("Flux 2.7.x serves both" in plan.of(number).reason for number in range(1, 32))
    # Once for the edges, and once for the circle.
    assert len(asked) == 2
