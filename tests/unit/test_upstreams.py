"""What names tell: topics of the ecosystem, words in them, and who publishes them."""

import pytest

from app.domain import application_names, infrastructure_names, upstream_owners
from app.domain.model import Component
from app.domain.upstreams import (
    Verdict,
    judge_data_service,
    judge_flux,
    judge_name,
    judge_words,
    owners_of_links,
)

TOOLING, FLUX = Component.TOOLING, Component.FLUX_CORE
INFRASTRUCTURE, APPLICATION = Component.INFRASTRUCTURE, Component.APPLICATION


def component(verdict: Verdict | None) -> Component | None:
    return verdict.component if verdict else None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("quay.io/cilium/cilium", INFRASTRUCTURE),
        ("kube-prometheus-stack", INFRASTRUCTURE),
        ("ghcr.io/immich-app/immich-server", APPLICATION),
        ("renovate", TOOLING),
        ("ghcr.io/renovatebot/renovate", TOOLING),
        ("acme-widget", None),
    ],
)
def test_whole_names(name: str, expected: Component | None) -> None:
    assert component(judge_name(name, in_cluster=True)) is expected


def test_a_tool_is_one_only_where_no_cluster_reads_its_version() -> None:
    assert component(judge_name("kubectl", in_cluster=False)) is TOOLING
    assert judge_name("registry.example/kubectl", in_cluster=True) is None
    assert judge_name("quay.io/acme/node", in_cluster=False) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ghcr.io/fluxcd/kustomize-controller", FLUX),
        ("flux-operator", FLUX),
        ("controlplaneio-fluxcd/distribution", FLUX),
        ("registry.example/distribution", None),
        ("ghcr.io/fluxcd/flux-cli", TOOLING),
        ("aqua:fluxcd/flux2", FLUX),
    ],
)
def test_flux(name: str, expected: Component | None) -> None:
    assert component(judge_flux(name)) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # A word tells what it does.
        ("acme-operator", INFRASTRUCTURE),
        ("registry.example/acme/csi-widget", INFRASTRUCTURE),
        ("acme_exporter", INFRASTRUCTURE),
        ("external-dns-acme-webhook", INFRASTRUCTURE),
        ("kubewidget", INFRASTRUCTURE),
        ("acmedns", INFRASTRUCTURE),
        ("webhook-acme", None),
        ("gateway-timeout-page", None),
        # The beginning tells whose part it is.
        ("longhorn-widget", INFRASTRUCTURE),
        ("sonarr-acme", APPLICATION),
        ("home-assistant-acme-bridge", APPLICATION),
        ("connect-four", None),
        # The owner tells what a name that nobody knows is.
        ("docker.io/longhornio/widget", INFRASTRUCTURE),
        ("registry.k8s.io/widget", INFRASTRUCTURE),
        ("lscr.io/linuxserver/widget", APPLICATION),
        ("quay.io/metallb/controller", INFRASTRUCTURE),
        ("docker.io/jellyfin/server", APPLICATION),
        ("docker.io/library/widget", None),
        ("docker.io/acme/server", None),
    ],
)
def test_words_and_owners(name: str, expected: Component | None) -> None:
    assert component(judge_words(name, ())) is expected


def test_owners_told_by_links_and_helm_repositories() -> None:
    assert component(judge_words("widget", ("prometheus-community",))) is INFRASTRUCTURE
    assert component(judge_words("widget", ("k8s-at-home",))) is APPLICATION
    assert judge_words("widget", ("bitnami", "acme")) is None


def test_owners_of_links() -> None:
    links = (
        "https://acme.example/x",
        "https://redirect.github.com/Acme/Widget.git",
        "https://togithub.com/longhorn/charts/tree/master/x",
    )
    assert list(owners_of_links(links)) == ["acme", "widget", "longhorn", "charts"]


@pytest.mark.parametrize(("name", "expected"), [("docker.io/library/redis", INFRASTRUCTURE), ("acme", None)])
def test_data_services(name: str, expected: Component | None) -> None:
    assert component(judge_data_service(name)) is expected


def test_no_name_is_of_two_kinds() -> None:
    infrastructure, applications = infrastructure_names.INFRASTRUCTURE, application_names.APPLICATIONS
    assert not infrastructure & applications
    assert not infrastructure_names.DATA_SERVICES & (infrastructure | applications)
    assert not upstream_owners.INFRASTRUCTURE & upstream_owners.APPLICATIONS


def test_names_are_written_as_they_are_compared() -> None:
    every = (
        infrastructure_names.INFRASTRUCTURE
        | infrastructure_names.DATA_SERVICES
        | application_names.APPLICATIONS
        | upstream_owners.INFRASTRUCTURE
        | upstream_owners.APPLICATIONS
    )
    assert [name for name in every if name != name.casefold()] == []
