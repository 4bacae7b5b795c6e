"""What a cluster was seen to serve decides before what versions promise; what was not seen decides nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from inline_snapshot import snapshot

from app.domain.catalogue import FLUX
from app.domain.model import Answer, Gvk, Observation, Rollout, ServedApis, State
from app.domain.observed_apis import ObservedApis
from tests.support.flux_repository import INSTANCE, NOW, RELEASE, FluxRepository, instance, manifest

GROUP = "source.toolkit.fluxcd.io"
OLD, NEW = Gvk(GROUP, "OCIRepository", "v1beta2"), Gvk(GROUP, "OCIRepository", "v1")
SINCE = datetime(2026, 1, 1, 11, 0, tzinfo=UTC)


def seen(*gvks: Gvk, complete: bool = True, unread: str = "", cluster: str = "main", scope: str = "main") -> ServedApis:
    since = dict.fromkeys(gvks, SINCE)
    return ServedApis(scope, cluster, "the Kubernetes API", since, complete, frozenset({unread} - {""}))


@pytest.mark.parametrize(
    ("apis", "answer"),
    [
        ([], None),
        ([seen(NEW)], Answer.YES),
        ([seen(OLD)], Answer.NO),
        ([seen()], Answer.NO),
        # A group that was not read, a list of some only, and another cluster say nothing.
        ([seen(OLD, unread=GROUP)], None),
        ([seen(NEW, unread=GROUP)], Answer.YES),
        ([seen(OLD, unread="apps")], Answer.NO),
        ([seen(OLD, complete=False)], None),
        ([seen(NEW, complete=False)], Answer.YES),
        ([seen(NEW, scope="staging")], None),
        # Of one cluster the complete list counts first.
        ([seen(NEW, complete=False), seen(OLD)], Answer.NO),
        ([seen(NEW, complete=False), seen(OLD, unread=GROUP)], Answer.YES),
        # Of several clusters that stand for one scope all must agree.
        ([seen(NEW), seen(NEW, cluster="second")], Answer.YES),
        ([seen(NEW), seen(OLD, cluster="second")], Answer.NO),
        ([seen(NEW), seen(complete=False, cluster="second")], None),
    ],
)
def test_served_yes_no_or_unknown(apis: list[ServedApis], answer: Answer | None) -> None:
    found = ObservedApis(apis).answer("main", NEW)
    assert (found and found.answer) == answer


def migration(version: str = "2.5.1") -> FluxRepository:
    """#1 moves an OCIRepository to v1, #2 brings Flux 2.6.1."""
    repository = FluxRepository({INSTANCE: instance(version), RELEASE: manifest(OLD.api_version, "OCIRepository")})
    repository.opens(1, {RELEASE: manifest(NEW.api_version, "OCIRepository")})
    return repository


def test_seen_as_served_opens_whatever_git_declares() -> None:
    repository = migration()
    assert repository.plans().of(1).state is State.BLOCKED
    repository.served = [seen(OLD, NEW)]
    plan = repository.plans()
    assert plan.of(1).state is State.READY
    assert plan.of(1).reason == snapshot(
        "Ready: OCIRepository `source.toolkit.fluxcd.io/v1` is observed as served in cluster main (the "
        "Kubernetes API, since 2026-01-01 11:00 UTC)."
    )


def test_a_merged_upgrade_is_rolled_out_when_the_api_is_there() -> None:
    repository = migration("2.6.1")
    repository.rollouts = [Rollout(FLUX, "main", "2.5.1", "2.6.1", 2, NOW - timedelta(hours=1))]
    assert repository.plans().of(1).state is State.WAITING_ROLLOUT
    repository.served = [seen(OLD)]
    assert repository.plans().of(1).state is State.WAITING_ROLLOUT
    repository.served = [seen(OLD, NEW)]
    assert repository.plans().of(1).state is State.READY


def test_what_the_catalogue_promises_and_the_api_server_does_not_list_is_not_rolled_out() -> None:
    repository = migration("2.6.1")
    repository.observations = [Observation("main", FLUX, "2.6.1", NOW, "Flux's own event")]
    assert repository.plans().of(1).state is State.READY
    repository.served = [seen(OLD)]
    plan = repository.plans()
    assert plan.of(1).state is State.WAITING_ROLLOUT
    assert plan.of(1).reason == snapshot(
        "Not rolled out: #1 needs OCIRepository `source.toolkit.fluxcd.io/v1`, which the API server of cluster "
        "main does not list (the Kubernetes API). Flux serves it from 2.6.0. It is free as soon as the cluster "
        "lists it."
    )
    (edge,) = plan.edges_of(1)
    assert (edge.to, edge.merged) == (None, True)


def test_what_the_cluster_tells_later_beats_a_list_without_the_api() -> None:
    """The API server could not be read since: Flux's own event has come, and tells of 2.6.1."""
    repository = migration("2.6.1")
    repository.observations = [Observation("main", FLUX, "2.6.1", NOW, "Flux's own event")]
    repository.served = [replace(seen(OLD), at=NOW - timedelta(minutes=1))]
    assert repository.plans().of(1).state is State.READY
    repository.served = [replace(seen(OLD), at=NOW)]
    assert repository.plans().of(1).state is State.WAITING_ROLLOUT


@pytest.mark.parametrize(
    "apis",
    [[], [seen(complete=False)], [seen(OLD, complete=False)], [seen(OLD, unread=GROUP)], [seen(OLD, scope="other")]],
)
@pytest.mark.parametrize("version", ["2.5.1", "2.6.1", "2.x"])
def test_what_was_not_seen_changes_nothing(apis: list[ServedApis], version: str) -> None:
    repository = migration(version)
    before = repository.plans()
    repository.served = apis
    assert repository.plans() == before


def test_not_listed_and_nobody_brings_it() -> None:
    repository = migration()
    repository.served = [seen(OLD)]
    assert repository.plans().of(1).reason == snapshot(
        "Blocked: no open pull request raises Flux to >= 2.6.0, which #1 needs for OCIRepository "
        "`source.toolkit.fluxcd.io/v1`; the base declares Flux 2.5.1 in apps/flux/instance.yaml:8 (the API "
        "server of cluster main does not list it: the Kubernetes API)."
    )


def test_not_listed_and_somebody_brings_it() -> None:
    repository = migration()
    repository.opens(2, {INSTANCE: instance("2.6.1")})
    repository.served = [seen(OLD)]
    (edge,) = repository.plans().edges_of(1)
    assert (edge.to, edge.merged) == (2, False)


def test_a_kind_whose_controller_is_not_installed() -> None:
    """Git lists the controllers without it, which is unknown; the API server makes it a no."""
    policy = Gvk("image.toolkit.fluxcd.io", "ImagePolicy", "v1")
    repository = FluxRepository({INSTANCE: instance("2.7.0"), RELEASE: manifest("v1", "ConfigMap")})
    repository.opens(1, {RELEASE: manifest(policy.api_version, policy.kind)})
    assert repository.plans().of(1).state is State.UNKNOWN
    repository.served = [seen(NEW)]
    plan = repository.plans()
    assert plan.of(1).state is State.BLOCKED
    assert plan.of(1).reason == snapshot(
        "Not rolled out: #1 needs ImagePolicy `image.toolkit.fluxcd.io/v1`, which the API server of cluster main "
        "does not list (the Kubernetes API). Flux serves it from 2.7.0, and image-reflector-controller is not "
        "installed. It is free as soon as the cluster lists it."
    )
