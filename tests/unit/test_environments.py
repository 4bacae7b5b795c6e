"""The same step in two environments: staging before production, and no order where names give none."""

from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from app.domain.environments import rank_of_name
from app.domain.model import Component, EdgeKind, Plan, State
from tests.support.flux_repository import FluxRepository, flux_kustomization

CHART = (
    "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n"
    "  url: oci://ghcr.io/x/y\n  ref:\n    tag: {}\n"
)


def clusters(*names: str) -> FluxRepository:
    """One folder for each cluster; #1, #2, … move the same chart in them, in this order."""
    repository = FluxRepository({})
    repository.files = {}
    for name in names:
        root = flux_kustomization("flux-system", f"./clusters/{name}")
        repository.files[f"clusters/{name}/flux-system/gotk-sync.yaml"] = root
        repository.files[f"clusters/{name}/y.yaml"] = CHART.format("1.0.0")
    for number, name in enumerate(names, 1):
        repository.opens(number, {f"clusters/{name}/y.yaml": CHART.format("1.1.0")}, component=Component.APPLICATION)
    return repository


def folders(*paths: str) -> FluxRepository:
    repository = FluxRepository({path: CHART.format("1.0.0") for path in paths})
    for number, path in enumerate(paths, 1):
        repository.opens(number, {path: CHART.format("1.1.0")}, component=Component.APPLICATION)
    return repository


def order(plan: Plan) -> list[tuple[int, int | None]]:
    assert all(edge.strength.value == "soft" for edge in plan.edges)
    return [(edge.from_, edge.to) for edge in plan.edges if edge.kind is EdgeKind.ENVIRONMENT]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("production", "staging"), [(1, 2)]),
        (("main", "staging"), [(1, 2)]),
        (("prod-eu", "nonprod-eu", "sbox-eu"), [(1, 2), (2, 3)]),
        (("dev", "staging", "prod"), [(2, 1), (3, 2)]),
        (("00-sbox", "01-prod"), [(2, 1)]),
        (("prod-a", "prod-b", "stg"), [(1, 3), (2, 3)]),
        (("uat", "test"), [(1, 2)]),
        (("east", "west"), []),
        (("main", "home"), []),
        (("product", "development"), []),
        (("staging-prod", "dev"), []),
    ],
)
def test_clusters_are_told_by_their_names(names: tuple[str, ...], found: list[tuple[int, int]]) -> None:
    assert order(clusters(*names).plans()) == found


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (("kubernetes/main/apps/y.yaml", "kubernetes/staging/apps/y.yaml"), [(1, 2)]),
        (("apps/a/overlays/prod-eu/y.yaml", "apps/a/overlays/dev-eu/y.yaml"), [(1, 2)]),
        (("apps/a/prod/y.yaml", "apps/b/prod/y.yaml"), []),
        (("apps/a/y.yaml", "apps/staging/y.yaml"), []),
        # Each waits for its own counterpart, and for any other where it has none.
        (
            ("apps/a/stg/y.yaml", "apps/b/stg/y.yaml", "apps/b/prod/y.yaml", "apps/c/prod/y.yaml"),
            [(3, 2), (4, 1)],
        ),
    ],
)
def test_folders_tell_it_where_clusters_do_not(paths: tuple[str, ...], found: list[tuple[int, int]]) -> None:
    assert order(folders(*paths).plans()) == found


def test_the_branch_prefix_tells_it_last() -> None:
    repository = folders("one/y.yaml", "two/y.yaml")
    one, two = repository.pull_requests
    repository.pull_requests = [
        replace(one, branch="renovate/main-ghcr.io-x-y-1.x"),
        replace(two, branch="renovate/staging-ghcr.io-x-y-1.x"),
    ]
    assert order(repository.plans()) == [(1, 2)]


def test_the_same_version_of_the_same_thing_only() -> None:
    repository = clusters("production", "staging")
    repository.files["clusters/staging/y.yaml"] = CHART.format("1.0.0")
    repository.pull_requests.pop()
    repository.opens(2, {"clusters/staging/y.yaml": CHART.format("1.2.0")}, component=Component.APPLICATION)
    assert order(repository.plans()) == []


def test_a_base_that_both_share_has_no_environment() -> None:
    repository = clusters("production", "staging")
    for name in ("production", "staging"):
        repository.files[f"clusters/{name}/kustomization.yaml"] = (
            "resources:\n  - flux-system\n  - y.yaml\n  - ../../base\n"
        )
    repository.files["base/kustomization.yaml"] = "resources:\n  - y.yaml\n"
    repository.files["base/y.yaml"] = CHART.format("1.0.0")
    repository.opens(3, {"base/y.yaml": CHART.format("1.1.0")}, component=Component.APPLICATION)
    assert order(repository.plans()) == [(1, 2)]


def test_one_that_goes_everywhere_waits_for_none() -> None:
    repository = clusters("production", "staging")
    both = {f"clusters/{name}/y.yaml": CHART.format("1.1.0") for name in ("production", "staging")}
    repository.pull_requests.clear()
    repository.opens(1, {**both}, component=Component.APPLICATION)
    assert order(repository.plans()) == []


def test_the_sentence_and_that_it_holds_nothing() -> None:
    plan = clusters("production", "staging").plans()
    (edge,) = plan.edges
    assert edge.reason == snapshot(
        "Better after #2: it takes ghcr.io/x/y 1.1.0 to staging, which goes before production."
    )
    assert [f"{line.file}:{line.line} {line.text}" for line in edge.evidence] == snapshot(
        ["clusters/production/y.yaml:6 tag: 1.1.0", "clusters/staging/y.yaml:6 tag: 1.1.0"]
    )
    assert plan.of(1).state is State.READY
    assert plan.waves == ((2,), (1,))


@pytest.mark.parametrize(
    ("name", "before"), [("dev", "staging"), ("stg-1", "prod2"), ("sandbox", "qa"), ("non-prod", "pre-prod")]
)
def test_the_order_of_names(name: str, before: str) -> None:
    one, other = rank_of_name(name), rank_of_name(before)
    assert one is not None
    assert other is not None
    assert one < other
