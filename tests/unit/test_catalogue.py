"""The catalogue: what it answers for the versions that mattered, and how it refuses a wrong file."""

import pytest

from app.catalogue import CatalogueError, build_catalogue, extend_catalogue, load_catalogue
from app.domain.catalogue import FLUX, Arrival, Confidence, minor_of, version_rank
from app.domain.model import Answer, Gvk
from app.domain.versions import Range, Version

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN


def gvk(text: str) -> Gvk:
    """`OCIRepository source.toolkit.fluxcd.io/v1`."""
    kind, _, api_version = text.partition(" ")
    group, _, version = api_version.rpartition("/")
    return Gvk(group, kind, version)


def version(text: str) -> Version:
    parsed = Version.parse(text)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    ("flux", "api", "answer"),
    [
        ("2.5.1", "OCIRepository source.toolkit.fluxcd.io/v1", NO),
        ("v2.6.1", "OCIRepository source.toolkit.fluxcd.io/v1", YES),
        # One group and version, another kind: served long before.
        ("2.5.1", "HelmRepository source.toolkit.fluxcd.io/v1", YES),
        ("2.2.3", "HelmRepository source.toolkit.fluxcd.io/v1", NO),
        ("2.7.5", "OCIRepository source.toolkit.fluxcd.io/v1beta2", YES),
        ("2.8.0", "OCIRepository source.toolkit.fluxcd.io/v1beta2", NO),
        ("2.6.4", "HelmRelease helm.toolkit.fluxcd.io/v2beta1", YES),
        ("2.7.0", "HelmRelease helm.toolkit.fluxcd.io/v2beta1", NO),
        ("2.9.4", "Alert notification.toolkit.fluxcd.io/v1beta3", YES),
        # Never existed, and every version inside the known minors is listed.
        ("2.9.4", "Alert notification.toolkit.fluxcd.io/v1", NO),
        # Past the known minors: what is gone stays gone, the rest is not known.
        ("2.12.0", "OCIRepository source.toolkit.fluxcd.io/v1", UNKNOWN),
        ("2.12.0", "OCIRepository source.toolkit.fluxcd.io/v2", UNKNOWN),
        ("2.12.0", "OCIRepository source.toolkit.fluxcd.io/v1beta2", NO),
        # Before them: what came later was not there, what was there at the first is not known.
        ("0.41.2", "OCIRepository source.toolkit.fluxcd.io/v1", NO),
        ("0.41.2", "Kustomization kustomize.toolkit.fluxcd.io/v1", UNKNOWN),
        # A candidate of the release that changes it.
        ("2.6.0-rc.1", "OCIRepository source.toolkit.fluxcd.io/v1", UNKNOWN),
        ("2.6.1-rc.1", "OCIRepository source.toolkit.fluxcd.io/v1", YES),
        ("2.5.1", "Widget source.toolkit.fluxcd.io/v1", UNKNOWN),
    ],
)
def test_flux_serves(flux: str, api: str, answer: Answer) -> None:
    assert load_catalogue().served(FLUX, version(flux), gvk(api)) is answer


# Written from the release notes of fluxcd/flux2 and its controllers, not from the catalogue: what each minor serves.
FLUX_MINORS = ("2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9")
SERVED = {
    #                                                        2.0 2.1 2.2 2.3 2.4 2.5 2.6 2.7 2.8 2.9
    "OCIRepository source.toolkit.fluxcd.io/v1beta2":       "yes yes yes yes yes yes yes yes no  no",
    "OCIRepository source.toolkit.fluxcd.io/v1":            "no  no  no  no  no  no  yes yes yes yes",
    "HelmRepository source.toolkit.fluxcd.io/v1beta2":      "yes yes yes yes yes yes yes yes no  no",
    "HelmRepository source.toolkit.fluxcd.io/v1":           "no  no  no  yes yes yes yes yes yes yes",
    "Bucket source.toolkit.fluxcd.io/v1":                   "no  no  no  no  yes yes yes yes yes yes",
    "GitRepository source.toolkit.fluxcd.io/v1":            "yes yes yes yes yes yes yes yes yes yes",
    "HelmRelease helm.toolkit.fluxcd.io/v2beta1":           "yes yes yes yes yes yes yes no  no  no",
    "HelmRelease helm.toolkit.fluxcd.io/v2beta2":           "no  no  yes yes yes yes yes yes no  no",
    "HelmRelease helm.toolkit.fluxcd.io/v2":                "no  no  no  yes yes yes yes yes yes yes",
    "Kustomization kustomize.toolkit.fluxcd.io/v1beta1":    "yes yes yes yes yes yes yes no  no  no",
    "Kustomization kustomize.toolkit.fluxcd.io/v1beta2":    "yes yes yes yes yes yes yes yes no  no",
    "ImagePolicy image.toolkit.fluxcd.io/v1beta2":          "yes yes yes yes yes yes yes yes yes no",
    "ImagePolicy image.toolkit.fluxcd.io/v1":               "no  no  no  no  no  no  no  yes yes yes",
    "ImageUpdateAutomation image.toolkit.fluxcd.io/v1beta2":"no  no  no  yes yes yes yes yes yes no",
    "Alert notification.toolkit.fluxcd.io/v1beta2":         "yes yes yes yes yes yes yes yes yes no",
    "Alert notification.toolkit.fluxcd.io/v1beta3":         "no  no  yes yes yes yes yes yes yes yes",
    "Receiver notification.toolkit.fluxcd.io/v1":           "yes yes yes yes yes yes yes yes yes yes",
    "ArtifactGenerator source.extensions.fluxcd.io/v1beta1":"no  no  no  no  no  no  no  yes yes yes",
}  # fmt: skip


@pytest.mark.parametrize("api", SERVED)
def test_flux_minor_by_minor(api: str) -> None:
    answers = [load_catalogue().served(FLUX, version(f"{minor}.1"), gvk(api)).value for minor in FLUX_MINORS]
    assert answers == SERVED[api].split()


@pytest.mark.parametrize(
    ("provider", "release", "api", "answer"),
    [
        # External Secrets: 0.16 is the bridge that serves both.
        ("external-secrets", "0.15.1", "ExternalSecret external-secrets.io/v1", NO),
        ("external-secrets", "0.15.1", "ExternalSecret external-secrets.io/v1beta1", YES),
        ("external-secrets", "0.16.0", "ExternalSecret external-secrets.io/v1", YES),
        ("external-secrets", "0.16.2", "ExternalSecret external-secrets.io/v1beta1", YES),
        ("external-secrets", "0.16.0", "ExternalSecret external-secrets.io/v1alpha1", NO),
        ("external-secrets", "0.17.0", "ExternalSecret external-secrets.io/v1beta1", NO),
        ("external-secrets", "0.17.0", "PushSecret external-secrets.io/v1alpha1", YES),
        ("external-secrets", "2.9.0", "Password generators.external-secrets.io/v1alpha1", YES),
        ("external-secrets", "0.19.0", "SSHKey generators.external-secrets.io/v1alpha1", YES),
        ("external-secrets", "0.18.2", "SSHKey generators.external-secrets.io/v1alpha1", NO),
        # Flux Operator's own.
        ("flux-operator", "0.13.0", "ResourceSet fluxcd.controlplane.io/v1", NO),
        ("flux-operator", "0.14.0", "ResourceSet fluxcd.controlplane.io/v1", YES),
        ("flux-operator", "0.14.0", "ResourceSetInputProvider fluxcd.controlplane.io/v1", YES),
        ("flux-operator", "0.5.0", "FluxReport fluxcd.controlplane.io/v1", NO),
        ("flux-operator", "0.1.0", "FluxInstance fluxcd.controlplane.io/v1", YES),
        ("flux-operator", "0.20.0", "FluxInstance fluxcd.controlplane.io/v1beta1", NO),
        # Gateway API, channel not known: only what both agree on.
        ("gateway-api", "1.0.0", "HTTPRoute gateway.networking.k8s.io/v1", YES),
        ("gateway-api", "0.8.1", "HTTPRoute gateway.networking.k8s.io/v1", NO),
        ("gateway-api", "1.4.0", "TLSRoute gateway.networking.k8s.io/v1", NO),
        ("gateway-api", "1.4.0", "TLSRoute gateway.networking.k8s.io/v1alpha2", UNKNOWN),
        ("gateway-api", "1.6.0", "TCPRoute gateway.networking.k8s.io/v1", YES),
        ("gateway-api", "1.0.0", "ReferenceGrant gateway.networking.k8s.io/v1alpha2", YES),
        ("gateway-api", "1.1.0", "ReferenceGrant gateway.networking.k8s.io/v1alpha2", UNKNOWN),
        ("gateway-api", "1.2.0", "ReferenceGrant gateway.networking.k8s.io/v1alpha2", NO),
        ("gateway-api", "1.2.0", "ReferenceGrant gateway.networking.k8s.io/v1beta1", YES),
        ("gateway-api", "1.4.1", "ReferenceGrant gateway.networking.k8s.io/v1", NO),
        # Cilium: what is only observed never says no; a text that claims more is not a fact.
        ("cilium", "1.17.4", "CiliumLoadBalancerIPPool cilium.io/v2", NO),
        ("cilium", "1.18.0", "CiliumLoadBalancerIPPool cilium.io/v2", YES),
        ("cilium", "1.20.0", "CiliumLoadBalancerIPPool cilium.io/v2", YES),
        ("cilium", "1.19.4", "CiliumLoadBalancerIPPool cilium.io/v2alpha1", YES),
        ("cilium", "1.20.0", "CiliumLoadBalancerIPPool cilium.io/v2alpha1", UNKNOWN),
        ("cilium", "1.19.0", "CiliumBGPPeeringPolicy cilium.io/v2alpha1", UNKNOWN),
        ("cilium", "1.19.5", "CiliumCIDRGroup cilium.io/v2alpha1", YES),
        ("cilium", "1.18.2", "CiliumCIDRGroup cilium.io/v2alpha1", UNKNOWN),
        ("cilium", "1.20.0", "CiliumCIDRGroup cilium.io/v2", UNKNOWN),
        ("cilium", "1.18.2", "CiliumNetworkPolicy cilium.io/v2", YES),
        # cert-manager: three versions at once, and the group before.
        ("cert-manager", "1.5.5", "Certificate cert-manager.io/v1alpha2", YES),
        ("cert-manager", "1.6.0", "Certificate cert-manager.io/v1alpha2", NO),
        ("cert-manager", "v1.20.3", "ClusterIssuer cert-manager.io/v1", YES),
        ("cert-manager", "1.6.0", "Order acme.cert-manager.io/v1beta1", NO),
        ("cert-manager", "1.6.0", "Certificate certmanager.k8s.io/v1alpha1", NO),
        ("prometheus-operator", "0.64.1", "ScrapeConfig monitoring.coreos.com/v1alpha1", NO),
        ("prometheus-operator", "0.65.0", "ScrapeConfig monitoring.coreos.com/v1alpha1", YES),
        ("prometheus-operator", "0.80.0", "ServiceMonitor monitoring.coreos.com/v1", YES),
        ("prometheus-operator", "0.80.0", "PrometheusAgent monitoring.coreos.com/v1alpha1", UNKNOWN),
        ("prometheus-operator", "0.92.1", "AlertmanagerConfig monitoring.coreos.com/v1beta1", UNKNOWN),
        # Traefik: the group is renamed, 2.10 and 2.11 serve both.
        ("traefik", "2.9.10", "IngressRoute traefik.io/v1alpha1", NO),
        ("traefik", "2.10.0", "IngressRoute traefik.io/v1alpha1", YES),
        ("traefik", "2.11.0", "Middleware traefik.containo.us/v1alpha1", YES),
        ("traefik", "3.0.0", "Middleware traefik.containo.us/v1alpha1", NO),
        ("traefik", "3.0.0", "Middleware traefik.io/v1", UNKNOWN),
        # One release seen, and nothing beside it is known.
        ("istio", "1.30.2", "VirtualService networking.istio.io/v1alpha3", YES),
        ("istio", "1.29.0", "VirtualService networking.istio.io/v1", UNKNOWN),
        ("istio", "1.31.0", "AuthorizationPolicy security.istio.io/v1", UNKNOWN),
        ("istio", "1.30.2", "AuthorizationPolicy security.istio.io/v1", YES),
        ("rook", "1.20.2", "CephCluster ceph.rook.io/v1", YES),
        ("rook", "1.20.2", "CephCluster ceph.rook.io/v2", UNKNOWN),
        ("rook", "1.20.2", "ObjectBucketClaim objectbucket.io/v1alpha1", YES),
        ("cloudnative-pg", "1.30.0", "Cluster postgresql.cnpg.io/v1", YES),
        ("cloudnative-pg", "1.25.0", "DatabaseRole postgresql.cnpg.io/v1", UNKNOWN),
        ("grafana-operator", "5.24.0", "GrafanaDashboard grafana.integreatly.org/v1beta1", YES),
        ("longhorn", "1.12.0", "Volume longhorn.io/v1beta1", UNKNOWN),
        ("longhorn", "1.12.0", "Volume longhorn.io/v1beta2", YES),
        ("metallb", "0.16.0", "BGPPeer metallb.io/v1beta2", YES),
        ("metallb", "0.16.0", "AddressPool metallb.io/v1beta1", UNKNOWN),
        ("volsync", "0.15.0", "ReplicationSource volsync.backube/v1alpha1", UNKNOWN),
        ("external-snapshotter", "8.4.0", "VolumeGroupSnapshot groupsnapshot.storage.k8s.io/v1beta2", YES),
        ("external-snapshotter", "8.3.0", "VolumeGroupSnapshot groupsnapshot.storage.k8s.io/v1beta2", NO),
        ("external-snapshotter", "8.6.0", "VolumeSnapshot snapshot.storage.k8s.io/v1beta1", UNKNOWN),
        ("external-snapshotter", "8.6.0", "VolumeSnapshot snapshot.storage.k8s.io/v1", YES),
        ("kyverno", "1.16.0", "ValidatingPolicy policies.kyverno.io/v1", NO),
        ("kyverno", "1.17.0", "ValidatingPolicy policies.kyverno.io/v1", YES),
        ("kyverno", "1.18.1", "ClusterPolicy kyverno.io/v1", YES),
        ("kyverno", "1.18.1", "PolicyException kyverno.io/v2alpha1", UNKNOWN),
        # Kubernetes itself: what is removed, and from when the replacement is there.
        ("kubernetes", "v1.33.1", "HorizontalPodAutoscaler autoscaling/v2beta2", NO),
        ("kubernetes", "1.25.0", "HorizontalPodAutoscaler autoscaling/v2beta2", YES),
        ("kubernetes", "1.22.0", "HorizontalPodAutoscaler autoscaling/v2", NO),
        ("kubernetes", "1.23.0", "HorizontalPodAutoscaler autoscaling/v2", YES),
        ("kubernetes", "1.24.9", "CronJob batch/v1beta1", YES),
        ("kubernetes", "1.25.0", "CronJob batch/v1beta1", NO),
        ("kubernetes", "1.25.0", "PodSecurityPolicy policy/v1beta1", NO),
        ("kubernetes", "1.31.4", "FlowSchema flowcontrol.apiserver.k8s.io/v1beta3", YES),
        ("kubernetes", "1.32.0", "FlowSchema flowcontrol.apiserver.k8s.io/v1beta3", NO),
        ("kubernetes", "1.36.0", "Deployment apps/v1", UNKNOWN),
    ],
)
def test_other_providers_serve(provider: str, release: str, api: str, answer: Answer) -> None:
    assert load_catalogue().served(provider, version(release), gvk(api)) is answer


@pytest.mark.parametrize(
    ("release", "api", "standard", "experimental"),
    [
        ("1.4.0", "TLSRoute gateway.networking.k8s.io/v1alpha2", NO, YES),
        ("1.4.0", "TLSRoute gateway.networking.k8s.io/v1alpha3", NO, YES),
        ("1.3.0", "TLSRoute gateway.networking.k8s.io/v1alpha3", NO, NO),
        ("1.6.1", "TLSRoute gateway.networking.k8s.io/v1alpha2", NO, YES),
        ("1.5.0", "TLSRoute gateway.networking.k8s.io/v1", YES, YES),
        ("1.1.0", "GRPCRoute gateway.networking.k8s.io/v1alpha2", NO, YES),
        ("1.2.0", "GRPCRoute gateway.networking.k8s.io/v1alpha2", NO, NO),
        ("1.1.0", "ReferenceGrant gateway.networking.k8s.io/v1alpha2", NO, YES),
        ("1.3.0", "XListenerSet gateway.networking.x-k8s.io/v1alpha1", NO, YES),
        ("1.5.0", "XListenerSet gateway.networking.x-k8s.io/v1alpha1", NO, NO),
        ("1.0.0", "Gateway gateway.networking.k8s.io/v1", YES, YES),
        ("1.6.1", "Gateway gateway.networking.k8s.io/v2", NO, NO),
    ],
)
def test_gateway_api_by_channel(release: str, api: str, standard: Answer, experimental: Answer) -> None:
    catalogue = load_catalogue()
    answers = [
        catalogue.served("gateway-api", version(release), gvk(api), channel=channel)
        for channel in ("standard", "experimental")
    ]
    assert answers == [standard, experimental]
    unknown = standard if standard is experimental else UNKNOWN
    assert catalogue.served("gateway-api", version(release), gvk(api)) is unknown
    assert catalogue.served("gateway-api", version(release), gvk(api), channel="nightly") is unknown


@pytest.mark.parametrize(
    ("release", "api", "answer"),
    [
        ("1.2.0", "ExternalSecret external-secrets.io/v1beta1", NO),
        ("1.3.0", "ExternalSecret external-secrets.io/v1beta1", YES),
        ("2.9.0", "ClusterSecretStore external-secrets.io/v1beta1", YES),
        ("2.9.0", "SecretStore external-secrets.io/v1alpha1", NO),
    ],
)
def test_a_value_of_the_chart_serves_an_old_version_again(release: str, api: str, answer: Answer) -> None:
    switched = {"crds.unsafeServeV1Beta1"}
    assert load_catalogue().served("external-secrets", version(release), gvk(api), switched=switched) is answer


def test_fields_and_values_that_came_later() -> None:
    catalogue = load_catalogue()
    fields = catalogue.fields_of(gvk("Kustomization kustomize.toolkit.fluxcd.io/v1"))
    assert fields.added["spec.dependsOn[].readyExpr"] == version("2.7.0")
    assert fields.values["spec.deletionPolicy"]["WaitForTermination"] == version("2.6.0")
    provider = catalogue.fields_of(gvk("Provider notification.toolkit.fluxcd.io/v1beta3"))
    assert provider.values["spec.type"]["githubpullrequestcomment"] == version("2.8.0")
    assert not catalogue.fields_of(gvk("Receiver notification.toolkit.fluxcd.io/v1beta1"))
    assert not catalogue.fields_of(gvk("Widget example.com/v1"))


@pytest.mark.parametrize(
    ("api", "to", "lost"),
    [
        (
            "HelmRelease helm.toolkit.fluxcd.io/v2beta2",
            "v2",
            (
                "spec.chart.spec.valuesFile",
                "spec.postRenderers[].kustomize.patchesJson6902",
                "spec.postRenderers[].kustomize.patchesStrategicMerge",
            ),
        ),
        (
            "Kustomization kustomize.toolkit.fluxcd.io/v1beta1",
            "v1",
            ("spec.patchesJson6902", "spec.patchesStrategicMerge", "spec.validation"),
        ),
        ("HelmRelease helm.toolkit.fluxcd.io/v2beta1", "v2beta2", ()),
        ("OCIRepository source.toolkit.fluxcd.io/v1beta2", "v1", ()),
        ("OCIRepository source.toolkit.fluxcd.io/v1", "v1beta2", ()),
        ("Widget example.com/v1", "v2", ()),
    ],
)
def test_fields_that_a_newer_version_lost(api: str, to: str, lost: tuple[str, ...]) -> None:
    assert load_catalogue().lost_fields(gvk(api), to) == lost


@pytest.mark.parametrize(
    ("chart", "provider", "how", "of"),
    [
        ("external-secrets", "external-secrets", Arrival.TEMPLATES, None),
        ("cert-manager", "cert-manager", Arrival.TEMPLATES, None),
        ("kube-prometheus-stack", "prometheus-operator", Arrival.CRDS_FOLDER, None),
        ("prometheus-operator-crds", "prometheus-operator", Arrival.TEMPLATES, "kube-prometheus-stack"),
        ("cilium", "cilium", Arrival.RUNTIME, None),
        ("traefik", "traefik", Arrival.CRDS_FOLDER, None),
        ("traefik-crds", "traefik", Arrival.TEMPLATES, "traefik"),
        ("istiod", "istio", Arrival.SEPARATE, "base"),
        ("rook-ceph-cluster", "rook", Arrival.SEPARATE, "rook-ceph"),
        ("flux2", "flux", Arrival.TEMPLATES, None),
        ("flux-instance", "flux", Arrival.RUNTIME, None),
    ],
)
def test_how_crds_arrive(chart: str, provider: str, how: Arrival, of: str | None) -> None:
    catalogue = load_catalogue()
    ((found, arrival),) = catalogue.arrivals_of(chart)
    assert (found, arrival.how, arrival.of) == (provider, how, of)
    assert catalogue.providers[provider].arrival_of(chart) == arrival


def test_how_crds_arrive_can_change_with_a_release() -> None:
    entry = {
        **WIDGETS,
        "crds_arrive": [
            {"chart": "widgets", "how": "crds-folder"},
            {"chart": "widgets", "how": "templates", "since": "1.2.0"},
        ],
    }
    widgets = extend_catalogue(load_catalogue(), [entry], file="x").providers["widgets"]
    ways = [widgets.arrival_of("widgets", one) for one in (version("1.1.0"), version("1.2.0"), None)]
    assert [way.how if way else None for way in ways] == [Arrival.CRDS_FOLDER, Arrival.TEMPLATES, Arrival.TEMPLATES]
    assert widgets.arrival_of("gadgets") is None


def test_every_fact_names_its_source_and_how_sure_it_is() -> None:
    catalogue = load_catalogue()
    for provider in catalogue.providers.values():
        for (group, kind), facts in provider.kinds.items():
            for name, lifetime in facts.versions.items():
                assert lifetime.source.startswith("https://"), (group, kind, name)
                fact = catalogue.fact_of(Gvk(group, kind, name))
                assert fact is not None
                assert (fact.provider, fact.source, fact.confidence) == (
                    provider.id,
                    lifetime.source,
                    lifetime.confidence,
                )
    pool = catalogue.fact_of(gvk("CiliumLoadBalancerIPPool cilium.io/v2alpha1"))
    assert pool is not None
    assert (pool.name, pool.confidence, pool.source) == (
        "Cilium",
        Confidence.OBSERVED,
        "https://github.com/xunholy/k8s-gitops/pull/4209",
    )
    assert catalogue.fact_of(gvk("CiliumLoadBalancerIPPool cilium.io/v3")) is None


def test_what_is_only_observed_never_says_no() -> None:
    catalogue = load_catalogue()
    releases = [version(f"{major}.{minor}.{patch}") for major in range(10) for minor in (0, 5, 64) for patch in (0, 9)]
    seen = 0
    for provider in catalogue.providers.values():
        for (group, kind), facts in provider.kinds.items():
            for name, lifetime in facts.versions.items():
                if lifetime.confidence is Confidence.OBSERVED:
                    seen += 1
                    api = Gvk(group, kind, name)
                    assert NO not in {provider.served(release, api) for release in releases}
    assert seen > 50


def test_a_first_release_is_not_taken_for_the_first_that_served_it() -> None:
    """A cluster of which no version is known may run a release from before the first minor that was looked at; so what
    came with that minor must not count as served by every release."""
    for provider in load_catalogue().providers.values():
        for (group, kind), facts in provider.kinds.items():
            for name, lifetime in facts.versions.items():
                if lifetime.since is not None and not lifetime.since_or_before:
                    assert minor_of(lifetime.since) != provider.first, (group, kind, name)


def test_versions_are_listed_in_the_order_of_kubernetes() -> None:
    for provider in load_catalogue().providers.values():
        for kind, facts in provider.kinds.items():
            assert list(facts.versions) == sorted(facts.versions, key=version_rank), kind


def test_the_provider_of_an_api() -> None:
    catalogue = load_catalogue()
    assert catalogue.provider_of(gvk("OCIRepository source.toolkit.fluxcd.io/v1")) == "flux"
    assert catalogue.provider_of(gvk("ResourceSet fluxcd.controlplane.io/v1")) == "flux-operator"
    assert catalogue.provider_of(gvk("Kustomization kustomize.config.k8s.io/v1beta1")) is None
    # Facts of a whole group answer only for the versions that they name.
    assert catalogue.provider_of(gvk("IngressRoute traefik.io/v1alpha1")) == "traefik"
    assert catalogue.provider_of(gvk("IngressRoute traefik.io/v1")) is None
    # The Kubernetes list is not complete, so it speaks only of the versions that it names.
    assert catalogue.provider_of(gvk("Deployment apps/v1")) is None
    assert catalogue.provider_of(gvk("Deployment apps/v1beta1")) == "kubernetes"


def test_since_removed_and_the_controller_behind_it() -> None:
    catalogue, api = load_catalogue(), gvk("OCIRepository source.toolkit.fluxcd.io/v1")
    assert (catalogue.since(api), catalogue.removed_in(api)) == (version("2.6.0"), None)
    assert catalogue.component_of(api) == ("source-controller", version("1.6.0"))
    assert catalogue.removed_in(gvk("OCIRepository source.toolkit.fluxcd.io/v1beta2")) == version("2.8.0")
    since = [catalogue.providers["flux"].component_since(f"source-{name}") for name in ("watcher", "controller", "x")]
    assert since == [(2, 7), None, None]


def test_what_an_operator_release_can_install() -> None:
    operator = load_catalogue().operator
    assert operator.newest_embedded(version("0.20.0"), Range.parse("2.x")) == version("2.5.1")
    assert operator.newest_embedded(version("v0.58.1"), Range.parse("2.8.x")) == version("2.8.8")
    assert operator.embeds_release(version("0.22.0"), version("2.6.1"))
    assert not operator.embeds_release(version("0.21.0"), version("2.6.1"))
    assert operator.embeds_minor(version("0.21.0"), (2, 6))


def test_charts_and_talos() -> None:
    catalogue = load_catalogue()
    assert catalogue.version_of_chart("flux2", version("2.16.0")) == version("2.6.1")
    assert catalogue.version_of_chart("external-secrets", version("0.17.0")) == version("0.17.0")
    assert catalogue.provider_of_chart("grafana") is None
    assert catalogue.talos[1, 10].kubernetes == ((1, 28), (1, 33))


PROVIDER = """
provider: widgets
name: Widgets
source: https://example.com
first: "1.0"
last: "1.2"
newest: 1.2.0
complete: true
kinds:
  example.com/Widget:
    versions:
      v1: {since: 1.1.0}
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1, 2]", "widgets.yaml: is not a mapping with text keys"),
        ("a: b: c", "widgets.yaml:1: mapping values are not allowed in this context"),
        ("x: y", "widgets.yaml: says neither `provider` nor `chart`, `platform` nor `relations`"),
        (PROVIDER.replace("name: Widgets\n", ""), "widgets.yaml: name is missing"),
        (PROVIDER.replace('"1.2"', "1.2"), "widgets.yaml: last is 1.2, not text (quote it)"),
        (PROVIDER.replace('"1.2"', '"1.2.3"'), "widgets.yaml: last is '1.2.3', not a minor such as 2.6"),
        (
            PROVIDER.replace("{since: 1.1.0}", "{since: soon}"),
            "widgets.yaml: kinds.example.com/Widget.versions.v1.since is 'soon', not a full version",
        ),
        (
            PROVIDER.replace("{since: 1.1.0}", "{since: 1.1.0, removed: 1.0.0}"),
            "widgets.yaml: kinds.example.com/Widget.versions.v1.removed is not later than `since`",
        ),
        (PROVIDER.replace("example.com/Widget", "Widget"), "widgets.yaml: kinds.Widget is not group/Kind"),
        (PROVIDER.replace("complete: true", "complete: maybe"), "widgets.yaml: complete is not true or false"),
        (
            PROVIDER.replace("{since: 1.1.0}", "{}"),
            "widgets.yaml: kinds.example.com/Widget.versions.v1.since is missing",
        ),
        (
            PROVIDER.replace("{since: 1.1.0}", "{since: 1.1.0, remved: 1.2.0}"),
            (
                "widgets.yaml: kinds.example.com/Widget.versions.v1.remved is not a key that is known here: "
                "did you mean removed?"
            ),
        ),
        (
            PROVIDER.replace("{since: 1.1.0}", "{channels: {beta: {since: 1.1.0}}}"),
            (
                "widgets.yaml: kinds.example.com/Widget.versions.v1.channels.beta is not a key that is known here: "
                "known are none"
            ),
        ),
        (
            PROVIDER.replace("{since: 1.1.0}", "{channels: {}}"),
            "widgets.yaml: kinds.example.com/Widget.versions.v1.channels names no channel",
        ),
        (
            PROVIDER.replace("{since: 1.1.0}", "{since: 1.1.0, fields: {spec.a: 1.2}}"),
            "widgets.yaml: kinds.example.com/Widget.versions.v1.fields.spec.a is 1.2, not text (quote it)",
        ),
        (PROVIDER + "charts: widgets\n", "widgets.yaml: charts is not a list of texts"),
        (PROVIDER + "crds_arrive: {}\n", "widgets.yaml: crds_arrive is not a list"),
        (
            PROVIDER + "crds_arrive: [{chart: widgets, how: magic}]\n",
            "widgets.yaml: crds_arrive.0.how is magic, not one of templates, crds-folder, runtime, separate",
        ),
        (
            PROVIDER + "crds_arrive: [{chart: widgets, how: separate}]\n",
            "widgets.yaml: crds_arrive.0.of is missing: `separate` names the chart that has the CRDs",
        ),
        (
            PROVIDER + "in_step: [{charts: [widgets]}]\n",
            "widgets.yaml: in_step.0.charts names fewer than two charts",
        ),
        (
            PROVIDER + "switches: [{chart: widgets, value: a.b, since: 1.2.0, serves: [Widget]}]\n",
            "widgets.yaml: switches.0.serves has 'Widget', which is not group/version/Kind",
        ),
        (
            PROVIDER + "operator: {embeds: {}, chart_default_version: 2.x, chart_default_artifact: x, "
            "constraints: [{id: a, source: x, needs: luck}]}\n",
            (
                "widgets.yaml: operator.constraints.0.needs is luck, "
                "not one of embedded-release, embedded-minor, operator"
            ),
        ),
        (
            PROVIDER + "operator: {embeds: {}, chart_default_version: 2.x, chart_default_artifact: x, "
            "constraints: [{id: a, source: x, needs: operator, applies: often}]}\n",
            (
                "widgets.yaml: operator.constraints.0.applies is often, "
                "not one of with-artifact, without-artifact, sync-oci"
            ),
        ),
        ("platform: bottlerocket\n", "widgets.yaml: platform is not talos, the only one that is known"),
        (
            'platform: talos\nminors: {"1.9": {kubernetes: ["1.30"], upgrade_from: 1.8.0}}\n',
            "widgets.yaml: minors.1.9.kubernetes is not [first minor, last minor]",
        ),
        (PROVIDER, "catalogue: no file has an `operator` table"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        build_catalogue({"widgets.yaml": text})
    assert str(caught.value) == message


def test_a_provider_with_two_files_is_refused() -> None:
    with pytest.raises(CatalogueError, match=r"^b.yaml: provider is widgets, which has a file already$"):
        build_catalogue({"a.yaml": PROVIDER, "b.yaml": PROVIDER})


def test_two_providers_of_one_kind_are_refused() -> None:
    with pytest.raises(CatalogueError, match=r"^b.yaml: kinds.example.com/Widget is a kind of widgets already$"):
        build_catalogue({"a.yaml": PROVIDER, "b.yaml": PROVIDER.replace("provider: widgets", "provider: gadgets")})


WIDGETS: dict[str, object] = {
    "provider": "widgets",
    "name": "Widgets",
    "source": "https://example.com",
    "first": "1.0",
    "last": "1.2",
    "newest": "1.2.0",
    "complete": True,
    "kinds": {"example.com/Widget": {"versions": {"v1": {"since": "1.1.0"}}}},
}


def test_a_user_adds_a_provider() -> None:
    extended = extend_catalogue(load_catalogue(), [WIDGETS], file=".github/fluxmig.yaml")
    assert extended.served("widgets", version("1.0.3"), gvk("Widget example.com/v1")) is NO
    assert extended.provider_of(gvk("OCIRepository source.toolkit.fluxcd.io/v1")) == "flux"
    assert load_catalogue().provider_of(gvk("Widget example.com/v1")) is None


def test_equal_entries_give_the_same_catalogue() -> None:
    """What is remembered of files is remembered with the catalogue that read them."""
    first, second = (extend_catalogue(load_catalogue(), [dict(WIDGETS)], file="a.yaml") for _ in range(2))
    assert first is second
    assert extend_catalogue(load_catalogue(), [{**WIDGETS, "newest": "1.2.1"}], file="a.yaml") is not first
    assert extend_catalogue(load_catalogue(), [], file="a.yaml") is load_catalogue()


def test_a_user_extends_a_provider_of_ours() -> None:
    ours = load_catalogue()
    entry = {
        "provider": "flux",
        "last": "2.10",
        "source": "https://example.com/notes",
        "kinds": {"source.toolkit.fluxcd.io/OCIRepository": {"versions": {"v2": {"since": "2.10.0"}}}},
    }
    extended = extend_catalogue(ours, [entry], file=".github/fluxmig.yaml")
    assert extended.served("flux", version("2.10.0"), gvk("OCIRepository source.toolkit.fluxcd.io/v2")) is YES
    assert ours.served("flux", version("2.10.0"), gvk("OCIRepository source.toolkit.fluxcd.io/v2")) is UNKNOWN
    # What the entry leaves out stays as it is, and the source of ours is still named.
    assert extended.served("flux", version("2.5.1"), gvk("OCIRepository source.toolkit.fluxcd.io/v1")) is NO
    assert extended.served("flux", version("2.10.0"), gvk("OCIRepository source.toolkit.fluxcd.io/v1")) is YES
    fact, new = (extended.fact_of(gvk(f"OCIRepository source.toolkit.fluxcd.io/{v}")) for v in ("v1", "v2"))
    assert fact is not None
    assert fact.source == "https://github.com/fluxcd/flux2/releases"
    assert new is not None
    assert new.source == "https://example.com/notes"
    assert extended.versions_of("source.toolkit.fluxcd.io", "OCIRepository") == ("v1beta2", "v1", "v2")
    assert extended.component_of(gvk("OCIRepository source.toolkit.fluxcd.io/v1")) == (
        "source-controller",
        version("1.6.0"),
    )


def test_a_user_gives_the_versions_of_a_chart_and_of_an_operator() -> None:
    entries = [
        {"chart": "flux2", "installs": "flux", "versions": {"2.19.0": "2.9.1"}},
        {"provider": "flux-operator", "operator": {"embeds": {"2.9.5": "0.59.0"}}},
    ]
    extended = extend_catalogue(load_catalogue(), entries, file=".github/fluxmig.yaml")
    assert extended.version_of_chart("flux2", version("2.19.0")) == version("2.9.1")
    assert extended.version_of_chart("flux2", version("2.16.0")) == version("2.6.1")
    assert extended.operator.embeds_release(version("0.59.0"), version("2.9.5"))
    assert extended.operator.constraints == load_catalogue().operator.constraints


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("flux", "providers.0 is not a mapping with text keys"),
        ({1: "x"}, "providers.0 has the key 1, which is not text (quote it)"),
        ({"provider": "widgets"}, "providers.0.source is missing"),
        ({**WIDGETS, "newst": "1.2.0"}, "providers.0.newst is not a key that is known here: did you mean newest?"),
        ({**WIDGETS, "last": 1.2}, "providers.0.last is 1.2, not text (quote it)"),
        ({**WIDGETS, "last": "0.9"}, "providers.0.last is before `first`"),
        ({**WIDGETS, "confidence": "sure"}, "providers.0.confidence is sure, not one of derived, documented, observed"),
        (
            {**WIDGETS, "kinds": {"apps/Deployment": {"versions": {"v1": {"since": "1.9.0"}}}}},
            "providers.0.kinds.apps/Deployment is a kind of kubernetes already",
        ),
        (
            {"chart": "widgets", "installs": "wodgets", "versions": {"1.0.0": "1.0.0"}},
            "providers.0.installs is wodgets, and there is no such provider",
        ),
    ],
)
def test_a_wrong_entry_of_a_user_is_refused_with_its_place(entry: object, message: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        extend_catalogue(load_catalogue(), [entry], file=".github/fluxmig.yaml")
    assert str(caught.value) == f".github/fluxmig.yaml: {message}"
