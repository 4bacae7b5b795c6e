"""CRDs before the chart that uses them, an operator before what it operates."""

import pytest
from inline_snapshot import snapshot

from app.catalogue import CatalogueError, build_catalogue, load_catalogue
from app.domain.model import Component, EdgeKind, Plan
from tests.support.flux_repository import FluxRepository

APP, CRDS = "apps/a/app.yaml", "apps/a/crds.yaml"


def release(chart: str, version: str, *, more: str = "") -> str:
    return (
        f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: {chart}\nspec:\n  chart:\n"
        f"    spec:\n      chart: {chart}\n      version: {version}\n{more}"
    )


def oci(name: str, version: str, *, host: str = "ghcr.io/example/charts") -> str:
    return (
        f"apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: {name}\nspec:\n"
        f"  ref:\n    tag: {version}\n  url: oci://{host}/{name}\n"
    )


def remote(url: str) -> str:
    return f"resources:\n  - {url}\n"


def image(name: str, version: str) -> str:
    return f"spec:\n  image: {name}:{version}\n"


SKIP = "  install:\n    crds: Skip\n  upgrade:\n    crds: Skip\n"
OFF = "  values:\n    crds:\n      enabled: false\n"
ESO_BUNDLE = "https://raw.githubusercontent.com/external-secrets/external-secrets/{}/deploy/crds/bundle.yaml"
ESO_KUSTOMIZE = "https://github.com/external-secrets/external-secrets//config/crds/bases?ref={}"
CERT_MANAGER = "https://github.com/cert-manager/cert-manager/releases/download/{}/cert-manager.crds.yaml"
GATEWAY_API = "https://github.com/kubernetes-sigs/gateway-api/releases/download/{}/experimental-install.yaml"


def pair(
    then: tuple[str, str], first: tuple[str, str], *, then_file: str = APP, first_file: str = CRDS
) -> FluxRepository:
    """#1 changes the first text of `then` to the second, and #2 that of `first`."""
    repository = FluxRepository({then_file: then[0], first_file: first[0]})
    repository.opens(1, {then_file: then[1]}, component=Component.INFRASTRUCTURE)
    repository.opens(2, {first_file: first[1]}, component=Component.INFRASTRUCTURE)
    return repository


def pairs(plan: Plan) -> list[tuple[int, int | None, str]]:
    return [(edge.from_, edge.to, edge.strength.value) for edge in plan.edges if edge.kind is EdgeKind.PAIR]


def released(chart: str, before: str, after: str, more: str = "") -> tuple[str, str]:
    return release(chart, before, more=more), release(chart, after, more=more)


def pulled(chart: str, before: str, after: str) -> tuple[str, str]:
    return oci(chart, before), oci(chart, after)


def fetched(url: str, before: str, after: str) -> tuple[str, str]:
    return remote(url.format(before)), remote(url.format(after))


SOFT, HARD = [(1, 2, "soft")], [(1, 2, "hard")]


@pytest.mark.parametrize(
    ("then", "first", "found"),
    [
        (
            released("kube-prometheus-stack", "68.5.0", "69.0.0"),
            pulled("prometheus-operator-crds", "17.0.2", "18.0.0"),
            SOFT,
        ),
        (
            released("kube-prometheus-stack", "68.5.0", "69.0.0", SKIP),
            pulled("prometheus-operator-crds", "17.0.2", "18.0.0"),
            HARD,
        ),
        (
            released("kube-prometheus-stack", "68.5.0", "69.0.0", OFF),
            pulled("prometheus-operator-crds", "17.0.2", "18.0.0"),
            HARD,
        ),
        # Its CRDs have versions of their own, and a minor lands before or after them without trouble.
        (
            released("kube-prometheus-stack", "68.5.0", "68.6.0", SKIP),
            pulled("prometheus-operator-crds", "17.0.2", "17.1.0"),
            SOFT,
        ),
        # A patch release changes no CRD that it needs.
        (
            released("kube-prometheus-stack", "69.0.0", "69.0.1", SKIP),
            pulled("prometheus-operator-crds", "17.0.2", "18.0.0"),
            SOFT,
        ),
        (released("cert-manager", "v1.17.1", "v1.18.0", OFF), fetched(CERT_MANAGER, "v1.17.1", "v1.18.0"), HARD),
        (released("cert-manager", "v1.17.1", "v1.18.0"), fetched(CERT_MANAGER, "v1.17.1", "v1.18.0"), SOFT),
        # The CRDs of another release are not the ones that are waited for.
        (released("cert-manager", "v1.17.1", "v1.18.0", OFF), fetched(CERT_MANAGER, "v1.17.1", "v1.17.2"), SOFT),
        (
            released("external-secrets", "0.16.2", "0.17.0", "  values:\n    installCRDs: false\n"),
            fetched(ESO_BUNDLE, "v0.16.2", "v0.17.0"),
            HARD,
        ),
        (released("external-secrets", "0.16.2", "0.17.0"), fetched(ESO_KUSTOMIZE, "v0.16.2", "v0.17.0"), SOFT),
        (pulled("gateway-helm", "v1.4.0", "v1.5.0"), pulled("gateway-crds-helm", "v1.4.0", "v1.5.0"), SOFT),
        # Gateway API's own CRDs are not all that Envoy Gateway has.
        (released("gateway-helm", "v1.4.0", "v1.5.0", SKIP), fetched(GATEWAY_API, "v1.3.0", "v1.4.0"), SOFT),
        (released("traefik", "35.0.0", "36.0.0", SKIP), released("traefik-crds", "1.7.0", "1.8.0"), HARD),
        (pulled("kgateway", "v2.0.0", "v2.1.0"), pulled("kgateway-crds", "v2.0.0", "v2.1.0"), SOFT),
        # By convention, without an entry.
        (released("widget", "1.0.0", "1.1.0"), released("widget-crds", "1.0.0", "1.1.0"), SOFT),
        (released("widget", "1.0.0", "1.1.0", OFF), released("widget-crd", "1.0.0", "1.1.0"), HARD),
        (
            released("keda", "2.16.0", "2.17.0"),
            fetched(("https://github.com/kedacore/keda/releases/download/{}/keda-crds.yaml"), "v2.16.0", "v2.17.0"),
            SOFT,
        ),
        (released("widget", "1.0.0", "1.1.0"), released("gadget-crds", "1.0.0", "1.1.0"), []),
        (released("widget-crds", "1.0.0", "1.1.0"), released("gadget", "1.0.0", "1.1.0"), []),
    ],
)
def test_crds_go_first(then: tuple[str, str], first: tuple[str, str], found: list[tuple[int, int, str]]) -> None:
    assert pairs(pair(then, first).plans()) == found


@pytest.mark.parametrize(
    ("then", "first", "found"),
    [
        (
            (image("mirror.gcr.io/envoyproxy/envoy", "v1.38.3"), image("mirror.gcr.io/envoyproxy/envoy", "v1.39.0")),
            pulled("gateway-helm", "v1.8.0", "v1.8.1"),
            SOFT,
        ),
        (
            (image("docker.io/other/envoy", "v1.38.3"), image("docker.io/other/envoy", "v1.39.0")),
            pulled("gateway-helm", "v1.8.0", "v1.8.1"),
            [],
        ),
        (
            (image("ghcr.io/dragonflydb/dragonfly", "v1.30.0"), image("ghcr.io/dragonflydb/dragonfly", "v1.31.0")),
            pulled("dragonfly-operator", "v1.1.0", "v1.2.0"),
            SOFT,
        ),
        (
            (
                image("ghcr.io/cloudnative-pg/postgresql", "16.2-5"),
                image("ghcr.io/cloudnative-pg/postgresql", "17.0-1"),
            ),
            released("cloudnative-pg", "0.23.0", "0.24.0"),
            SOFT,
        ),
        (
            (image("docker.io/bitnami/postgresql", "16.2.0"), image("docker.io/bitnami/postgresql", "17.0.0")),
            released("cloudnative-pg", "0.23.0", "0.24.0"),
            [],
        ),
        (released("rook-ceph-cluster", "v1.15.6", "v1.16.0"), released("rook-ceph", "v1.15.6", "v1.16.0"), SOFT),
        (released("rook-ceph-cluster", "v1.15.6", "v1.16.0"), released("rook-ceph", "v1.15.6", "v1.15.7"), []),
        (
            released("gha-runner-scale-set", "0.13.0", "0.13.1"),
            released("gha-runner-scale-set-controller", "0.13.0", "0.13.1"),
            SOFT,
        ),
    ],
)
def test_operators_go_first(then: tuple[str, str], first: tuple[str, str], found: list[tuple[int, int, str]]) -> None:
    assert pairs(pair(then, first).plans()) == found


def test_the_sentences() -> None:
    crds = pulled("prometheus-operator-crds", "17.0.2", "18.0.0")
    hard = pair(released("kube-prometheus-stack", "68.5.0", "69.0.0", SKIP), crds).plans()
    assert hard.of(1).reason == snapshot(
        "#1 brings kube-prometheus-stack 69.0.0, whose own CRDs are switched off (apps/a/app.yaml:13), "
        "so #2, which brings them with prometheus-operator-crds 18.0.0, must be merged first."
    )
    assert [f"{line.file}:{line.line} {line.text}" for line in hard.edges[0].evidence] == snapshot(
        [
            "apps/a/app.yaml:9 version: 69.0.0",
            "apps/a/crds.yaml:7 tag: 18.0.0",
            "apps/a/app.yaml:13 crds: Skip",
            (
                ""
                "https://github.com/prometheus-community/helm-charts/tree/main/charts/prometheus-operator-crds:0 "
                "prometheus-operator-crds has the CRDs of kube-prometheus-stack"
            ),
        ]
    )
    soft = pair(released("kube-prometheus-stack", "68.5.0", "69.0.0"), crds).plans()
    assert soft.edges[0].reason == snapshot(
        "Better after #2: it brings prometheus-operator-crds 18.0.0, with the CRDs that kube-prometheus-stack uses."
    )
    bundle = fetched(ESO_BUNDLE, "v0.16.2", "v0.17.0")
    assert pair(released("external-secrets", "0.16.2", "0.17.0"), bundle).plans().edges[0].reason == snapshot(
        "Better after #2: it brings external-secrets 0.17.0 from its manifests, with the CRDs that "
        "external-secrets uses."
    )
    off = released("external-secrets", "0.16.2", "0.17.0", OFF)
    assert pair(off, bundle).plans().edges[0].reason == snapshot(
        "#1 brings external-secrets 0.17.0, whose own CRDs are switched off (apps/a/app.yaml:12), so "
        "#2, which brings them with the manifests of external-secrets 0.17.0, must be merged first."
    )
    operand = image("x/envoyproxy/envoy", "v1.38.3"), image("x/envoyproxy/envoy", "v1.39.0")
    assert pair(operand, pulled("gateway-helm", "v1.8.0", "v1.8.1")).plans().edges[0].reason == snapshot(
        "Better after #2: it brings gateway-helm 1.8.1, which operates envoy."
    )


def test_a_values_file_beside_the_release_switches_crds_off_too() -> None:
    repository = pair(
        released("cert-manager", "v1.17.1", "v1.18.0"),
        fetched(CERT_MANAGER, "v1.17.1", "v1.18.0"),
        then_file="apps/a/cm/release.yaml",
        first_file="apps/a/crds/kustomization.yaml",
    )
    repository.files["apps/a/cm/helm/values.yaml"] = "replicas: 1\ncrds:\n  enabled: false\n"
    (edge,) = repository.plans().edges
    assert (edge.strength.value, "(apps/a/cm/helm/values.yaml:3)" in edge.reason) == ("hard", True)


def test_a_release_that_takes_its_chart_from_an_oci_repository() -> None:
    chart = oci("cert-manager", "v1.17.1", host="quay.io/jetstack/charts")
    repository = FluxRepository(
        {
            APP: chart,
            "apps/a/release.yaml": release("x", "1", more=OFF).replace(
                "  chart:\n    spec:\n      chart: x\n      version: 1\n",
                "  chartRef:\n    kind: OCIRepository\n    name: cert-manager\n",
            ),
            CRDS: remote(CERT_MANAGER.format("v1.17.1")),
        }
    )
    repository.opens(1, {APP: chart.replace("v1.17.1", "v1.18.0")})
    repository.opens(2, {CRDS: remote(CERT_MANAGER.format("v1.18.0"))})
    assert pairs(repository.plans()) == HARD


def test_one_pull_request_with_both_waits_for_none() -> None:
    app, crds = released("widget", "1.0.0", "1.1.0"), released("widget-crds", "1.0.0", "1.1.0")
    repository = pair(app, crds)
    repository.opens(3, {APP: app[1], CRDS: crds[1]})
    assert [edge for edge in repository.plans().edges_of(3) if edge.kind is EdgeKind.PAIR] == []


def test_another_cluster_gets_its_crds_for_itself() -> None:
    files = {}
    for name in ("east", "west"):
        files[f"clusters/{name}/flux-system/gotk-sync.yaml"] = (
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
            f"metadata:\n  name: flux-system\n  namespace: flux-system\nspec:\n  path: ./clusters/{name}\n"
        )
    app, crds = released("widget", "1.0.0", "1.1.0"), released("widget-crds", "1.0.0", "1.1.0")
    repository = pair(app, crds, then_file="clusters/east/app.yaml", first_file="clusters/west/crds.yaml")
    repository.files = {**files, "clusters/east/app.yaml": app[0], "clusters/west/crds.yaml": crds[0]}
    assert pairs(repository.plans()) == []


def test_what_people_bring_counts_and_renovates_is_preferred() -> None:
    app, crds = released("widget", "1.0.0", "1.1.0"), released("widget-crds", "1.0.0", "1.1.0")
    repository = FluxRepository({APP: app[0], CRDS: crds[0]})
    repository.opens(1, {APP: app[1]})
    repository.opens(2, {CRDS: crds[1]}, by_renovate=False)
    assert pairs(repository.plans()) == SOFT
    repository.opens(3, {CRDS: crds[1]})
    (edge,) = [edge for edge in repository.plans().edges if edge.kind is EdgeKind.PAIR]
    assert (edge.to, edge.alternatives) == (3, (2,))


# --- the data -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("kind: crds\n    first: [a]\n    then: []\n    source: https://x", "relations.0.then names nothing"),
        ("kind: crds\n    then: [b]\n    source: https://x", "relations.0.first names nothing"),
        ("kind: odd\n    first: [a]\n    then: [b]\n    source: https://x", "relations.0.kind is odd"),
        ("kind: crds\n    first: [A]\n    then: [b]\n    source: https://x", "relations.0.first has 'A'"),
        ("kind: crds\n    first: [a]\n    then: [a]\n    source: https://x", "relations.0.then names a"),
        ("kind: crds\n    releases: [a]\n    then: [b]\n    source: https://x", "relations.0.releases has 'a'"),
        ("kind: operator\n    releases: [a/b]\n    then: [b]\n    source: https://x", "relations.0.kind is operator"),
        ("kind: crds\n    first: [a]\n    then: [b]\n    source: me", "relations.0.source is no https:// address"),
        ("kind: crds\n    first: [a]\n    then: [b]\n    source: https://x\n    other: 1", "relations.0.other"),
    ],
)
def test_a_wrong_relation_is_refused_with_its_place(entry: str, problem: str) -> None:
    with pytest.raises(CatalogueError, match=problem.replace("[", r"\[")):
        build_catalogue({"relations.yaml": f"relations:\n  - {entry}\n"})


def test_what_ships_is_read() -> None:
    assert len(load_catalogue().relations.every) > 20
