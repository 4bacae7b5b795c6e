"""The stand-in cluster takes over what Git says, in the way that made the story happen."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import httpx
import pytest

from app.demo.cluster import Cluster, FluxEvent
from app.demo.cluster_apis import newest_release
from app.demo.cluster_manifests import build, find_kustomizations
from app.demo.github import GitHub
from app.demo.github.repository import Repository
from app.demo.story import load_story

AT = datetime(2025, 6, 11, 18, 30, tzinfo=UTC)
UNSERVED = (
    'OCIRepository/default/app-template dry-run failed: no matches for kind "OCIRepository" '
    'in version "source.toolkit.fluxcd.io/v1"\n'
)


@pytest.fixture
def homelab() -> Repository:
    return load_story(GitHub())


@pytest.fixture
def cluster() -> Cluster:
    return Cluster(clock=lambda: AT)


def told(events: list[FluxEvent]) -> set[str]:
    """What was told apart from success."""
    return {f"{event.kind}/{event.name} {event.reason}" for event in events if "finished in" not in event.message}


def test_the_kustomizations_of_the_story_are_found_in_order(homelab: Repository) -> None:
    names = [one.name for one in find_kustomizations(homelab.tree())]
    assert names.index("flux-operator") < names.index("flux-instance")
    assert names.index("cluster-meta") < names.index("cluster-apps")
    assert len(names) == 14


def test_a_kustomization_applies_what_its_files_name(homelab: Repository) -> None:
    by_name = {one.name: one for one in find_kustomizations(homelab.tree())}
    addresses = {one.address for one in build(homelab.tree(), by_name["cluster-apps"])}
    assert {"OCIRepository/default/app-template", "Kustomization/flux-system/flux-instance"} <= addresses
    instance = {one.address for one in build(homelab.tree(), by_name["flux-instance"])}
    assert instance == {
        "OCIRepository/flux-system/flux-instance",
        "HelmRelease/flux-system/flux-instance",
        "Secret/flux-system/github-webhook-token-secret",
        "Ingress/flux-system/flux-webhook",
        "Receiver/flux-system/github-webhook",
        "ConfigMap/flux-system/flux-instance-values",
    }


def test_a_quiet_morning_reports_success_only(homelab: Repository, cluster: Cluster) -> None:
    events = cluster.reconcile(homelab)
    assert told(events) == set()
    assert {event.metadata["revision"] for event in events} == {f"main@sha1:{homelab.head_sha}"}
    assert set(cluster.applied.values()) == {homelab.head_sha}


def test_the_distribution_first_then_the_migration(homelab: Repository, cluster: Cluster) -> None:
    homelab.pull_request(30).merge()
    events = cluster.reconcile(homelab)
    assert told(events) == {"FluxInstance/flux ReconciliationSucceeded"}
    assert events[-1].message.startswith("Flux v2.6.1 updated\n")
    assert cluster.flux_version == "2.6.1"
    homelab.pull_request(34).merge()
    assert told(cluster.reconcile(homelab)) == set()


def test_the_cli_upgrades_nothing(homelab: Repository, cluster: Cluster) -> None:
    homelab.pull_request(26).merge()
    assert told(cluster.reconcile(homelab)) == set()
    assert cluster.flux_version == "2.5.1"


def test_both_at_once_is_a_deadlock(homelab: Repository, cluster: Cluster) -> None:
    """As on 2025-06-11, in whatever order they were merged: https://github.com/wcygan/homelab/commit/b5250a2f"""
    homelab.pull_request(34).merge()
    homelab.pull_request(30).merge()
    for _ in range(3):
        events = cluster.reconcile(homelab)
        assert "Kustomization/flux-instance DependencyNotReady" in told(events)
        assert UNSERVED in {event.message for event in events}
        assert cluster.flux_version == "2.5.1"
    assert ("flux-system", "flux-instance") not in cluster.applied


def test_the_revert_lets_the_upgrade_through(homelab: Repository, cluster: Cluster) -> None:
    before = dict(homelab.tree())
    migration = homelab.pull_request(34)
    migration.merge()
    homelab.pull_request(30).merge()
    cluster.reconcile(homelab)
    homelab.push({diff.path: before[diff.path] for diff in migration.files()}, message="Revert")
    assert told(cluster.reconcile(homelab)) == {"FluxInstance/flux ReconciliationSucceeded"}


def test_an_unknown_version_fails_to_build(homelab: Repository, cluster: Cluster) -> None:
    path = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
    homelab.push({path: homelab.tree()[path].replace("2.5.1", "2.99.0")}, message="too new")
    [failure] = [event for event in cluster.reconcile(homelab) if event.kind == "FluxInstance"]
    assert (failure.severity, failure.reason, failure.message) == (
        "error",
        "BuildFailed",
        "build failed: no match found for semver: 2.99.0",
    )


@pytest.mark.parametrize(
    ("wanted", "version"),
    [("2.6.1", "2.6.1"), ("v2.6.1", "2.6.1"), ("2.6.x", "2.6.4"), ("2.x", "2.9.0"), ("3.x", None), ("*", "2.9.0")],
)
def test_ranges_are_resolved_to_the_newest_release(wanted: str, version: str | None) -> None:
    assert newest_release(wanted) == version


@pytest.mark.parametrize(
    ("version", "api_version", "kind", "served"),
    [
        ("2.5.1", "source.toolkit.fluxcd.io/v1", "OCIRepository", False),
        ("2.5.1", "source.toolkit.fluxcd.io/v1", "HelmRepository", True),
        ("2.6.0", "source.toolkit.fluxcd.io/v1", "OCIRepository", True),
        ("2.7.5", "source.toolkit.fluxcd.io/v1beta2", "OCIRepository", True),
        ("2.8.0", "source.toolkit.fluxcd.io/v1beta2", "OCIRepository", False),
        ("2.5.1", "source.toolkit.fluxcd.io/v9", "OCIRepository", False),
        ("2.5.1", "apps/v1", "Deployment", True),
    ],
)
def test_what_is_served(version: str, api_version: str, kind: str, served: bool) -> None:
    assert Cluster(flux_version=version).serves(api_version, kind) is served


@pytest.mark.parametrize(
    ("options", "key", "revision"),
    [
        ({}, "revision", "main@sha1:{sha}"),
        ({"long_refs": True}, "revision", "refs/heads/main@sha1:{sha}"),
        (
            {"prefixed_keys": True, "slash_revisions": True},
            "kustomize.toolkit.fluxcd.io/revision",
            "main/{sha}",
        ),
    ],
)
def test_both_spellings_of_an_event(homelab: Repository, options: dict[str, bool], key: str, revision: str) -> None:
    cluster = Cluster(clock=lambda: AT, event_metadata={"cluster": "main"}, **options)  # type: ignore[arg-type]
    event = next(one for one in cluster.reconcile(homelab) if one.name == "coredns")
    body, headers = cluster.signed(event)
    payload = json.loads(body)
    assert payload["metadata"][key] == revision.format(sha=homelab.head_sha)
    assert payload["metadata"]["cluster"] == "main"
    assert payload["involvedObject"]["kind"] == "Kustomization"
    assert (payload["timestamp"], payload["severity"], payload["reason"], payload["message"]) == (
        "2025-06-11T18:30:00Z",
        "info",
        "ReconciliationSucceeded",
        "Reconciliation finished in 412ms, next run in 1h0m0s",
    )
    assert headers["Gotk-Component"] == payload["reportingController"] == "kustomize-controller"
    signature = hmac.new(cluster.token.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Signature"] == f"sha256={signature}"


async def test_events_are_sent_once_and_not_kept(homelab: Repository, cluster: Cluster) -> None:
    got: list[str] = []

    def receive(request: httpx.Request) -> httpx.Response:
        got.append(json.loads(request.content)["involvedObject"]["name"])
        if len(got) == 1:
            raise httpx.ConnectError("not yet up", request=request)
        return httpx.Response(202 if len(got) > 2 else 500)

    cluster.reconcile(homelab)
    async with httpx.AsyncClient(transport=httpx.MockTransport(receive)) as client:
        assert await cluster.deliver_all(client) == 12
        assert await cluster.deliver_all(client) == 0
    assert len(got) == 14
    assert [status for _, status in cluster.sent][:3] == [0, 500, 202]
