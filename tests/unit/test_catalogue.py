"""The catalogue: what it answers for the versions that mattered, and how it refuses a wrong file."""

import pytest

from app.catalogue import CatalogueError, build_catalogue, extend_catalogue, load_catalogue
from app.domain.catalogue import FLUX
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


@pytest.mark.parametrize(
    ("provider", "release", "api", "answer"),
    [
        ("external-secrets", "0.15.1", "ExternalSecret external-secrets.io/v1", NO),
        ("external-secrets", "0.16.0", "ExternalSecret external-secrets.io/v1", YES),
        ("external-secrets", "0.16.2", "ExternalSecret external-secrets.io/v1beta1", YES),
        ("external-secrets", "0.17.0", "ExternalSecret external-secrets.io/v1beta1", NO),
        ("external-secrets", "2.9.0", "Password generators.external-secrets.io/v1alpha1", YES),
        ("flux-operator", "0.13.0", "ResourceSet fluxcd.controlplane.io/v1", NO),
        ("flux-operator", "0.14.0", "ResourceSet fluxcd.controlplane.io/v1", YES),
        ("gateway-api", "1.0.0", "HTTPRoute gateway.networking.k8s.io/v1", YES),
        ("kubernetes", "v1.33.1", "HorizontalPodAutoscaler autoscaling/v2beta2", NO),
    ],
)
def test_other_providers_serve(provider: str, release: str, api: str, answer: Answer) -> None:
    assert load_catalogue().served(provider, version(release), gvk(api)) is answer


def test_the_provider_of_an_api() -> None:
    catalogue = load_catalogue()
    assert catalogue.provider_of(gvk("OCIRepository source.toolkit.fluxcd.io/v1")) == "flux"
    assert catalogue.provider_of(gvk("ResourceSet fluxcd.controlplane.io/v1")) == "flux-operator"
    assert catalogue.provider_of(gvk("Kustomization kustomize.config.k8s.io/v1beta1")) is None
    # The Kubernetes list is not complete, so it speaks only of the versions that it names.
    assert catalogue.provider_of(gvk("Deployment apps/v1")) is None
    assert catalogue.provider_of(gvk("Deployment apps/v1beta1")) == "kubernetes"


def test_since_removed_and_the_controller_behind_it() -> None:
    catalogue, api = load_catalogue(), gvk("OCIRepository source.toolkit.fluxcd.io/v1")
    assert (catalogue.since(api), catalogue.removed_in(api)) == (version("2.6.0"), None)
    assert catalogue.component_of(api) == ("source-controller", version("1.6.0"))
    assert catalogue.removed_in(gvk("OCIRepository source.toolkit.fluxcd.io/v1beta2")) == version("2.8.0")


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
        ("x: y", "widgets.yaml: says neither `provider` nor `chart` nor `platform`"),
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
        (PROVIDER, "catalogue: no file has an `operator` table"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        build_catalogue({"widgets.yaml": text})
    assert str(caught.value) == message


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
