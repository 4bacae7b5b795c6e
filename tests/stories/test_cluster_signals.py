"""What the cluster itself tells, by its Kubernetes API, by reports and by events: in any order, doubled, lost."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.db.cluster_signals import newest_by_object
from app.db.models import ClusterObservation, Rollout, ServedKind
from app.demo.story import load_story
from app.domain.model import State
from app.services.queries.cluster_health import list_health
from tests.world import ADMIN_TOKEN, World, open_world

OCI = "source.toolkit.fluxcd.io/OCIRepository"
ADMIN = {"Authorization": f"Bearer {ADMIN_TOKEN}"}


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """The morning of 2025-06-11, with a cluster whose Kubernetes API fluxmig may read."""
    async with open_world(database_url, kubernetes_cluster="main") as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.registers_cluster()
        yield world
        await world.look_around()


async def health(world: World) -> str:
    async with world.context.database.transaction() as session:
        poll = world.context.settings.kubernetes_poll
        return (await list_health(session, ["main"], now=world.clock(), poll=poll))["main"].answer.value


async def told(world: World) -> dict[str, tuple[str, str, str]]:
    """The newest observation of each object: severity, reason, source."""
    async with world.context.database.transaction() as session:
        found = await newest_by_object(session, "main")
    return {name: (row.severity, row.reason, row.source) for name, row in found.items()}


async def observations(world: World) -> int:
    async with world.context.database.transaction() as session:
        return await session.scalar(select(func.count()).select_from(ClusterObservation)) or 0


async def state(world: World) -> dict[str, Any]:
    response = await world.client.get("/api/v1/clusters/main", headers=ADMIN)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


# --- the API server -----------------------------------------------------------------------------------


async def test_an_api_that_is_seen_as_served_frees_what_waits_for_it(world: World) -> None:
    await world.merges(30)
    assert await world.state(34) is State.WAITING_ROLLOUT
    await world.cluster_is_looked_at()
    assert await world.state(34) is State.WAITING_ROLLOUT
    world.cluster.reconcile(world.repository)
    world.cluster.pending.clear()  # no event arrives
    await world.cluster_is_looked_at()
    assert await world.state(34) is State.READY
    assert await world.reason(34) == (
        "Ready: OCIRepository `source.toolkit.fluxcd.io/v1` is observed as served in cluster main "
        "(the Kubernetes API, since 2025-06-11 18:28 UTC); better after #22."
    )
    assert world.check(34) == "success"
    async with world.context.database.transaction() as session:
        rollout = await session.scalar(select(Rollout).where(Rollout.number == 30))
    assert rollout is not None
    assert (rollout.state, rollout.source) == ("rolled-out", "the Kubernetes API")


async def test_looks_that_see_nothing_new_write_nothing(world: World) -> None:
    world.cluster.reconcile(world.repository)
    world.cluster.pending.clear()
    await world.cluster_is_looked_at()
    stored, writes = await observations(world), world.github.log.writes
    for _ in range(3):
        await world.passes(seconds=61)
    assert await observations(world) == stored
    assert world.github.log.writes == writes
    assert await health(world) == "yes"


async def test_the_cluster_is_looked_at_every_minute_and_sooner_while_a_rollout_is_pending(world: World) -> None:
    await world.cluster_is_looked_at()

    async def looks(**span: float) -> int:
        before = len([path for _, path in world.api_server.requests if path == "/version"])
        await world.passes(**span)
        return len([path for _, path in world.api_server.requests if path == "/version"]) - before

    assert await looks(seconds=20) == 0
    assert await looks(seconds=41) == 1
    await world.merges(30)
    assert await looks(seconds=16) == 1
    assert await looks(seconds=16) == 1


async def test_a_crd_that_is_not_installed_keeps_what_needs_it_waiting(world: World) -> None:
    """Flux 2.6.1 runs, and yet there is no OCIRepository."""
    world.api_server.without = {OCI}
    await world.merges(30)
    await world.cluster_reconciles()
    assert await world.state(34) is State.READY
    await world.cluster_is_looked_at()
    assert await world.state(34) is State.WAITING_ROLLOUT
    assert "the API server of cluster main does not list" in await world.reason(34)
    world.api_server.without = set()
    await world.cluster_is_looked_at()
    assert await world.state(34) is State.READY


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500])
async def test_what_is_not_told_holds_nothing_and_frees_nothing(world: World, status: int) -> None:
    await world.merges(30)
    await world.cluster_is_looked_at()
    world.api_server.refuses = {"/": status}
    await world.passes(seconds=61)
    world.cluster.reconcile(world.repository)
    await world.cluster_is_looked_at()
    assert await world.state(34) is State.WAITING_ROLLOUT
    assert await health(world) == "unknown"
    told_unread = (await state(world))["unread"]
    assert f"({status})" in told_unread["discovery"] or f"answered {status}" in told_unread["discovery"]
    # The events that come late still free it.
    await world.cluster.deliver_all(world.client)
    await world.settle()
    assert await world.state(34) is State.READY


async def test_an_old_answer_is_none(world: World) -> None:
    world.api_server.without = {OCI}
    await world.merges(30)
    await world.cluster_reconciles()
    await world.cluster_is_looked_at()
    assert await world.state(34) is State.WAITING_ROLLOUT
    world.api_server.refuses = {"/": 500}
    for _ in range(12):
        await world.passes(seconds=61)
    assert await world.state(34) is State.READY, "what was seen eleven minutes ago decides no more"
    served = (await state(world))["served"]
    assert {api["served"] for api in served} == {"unknown"}


async def test_a_group_that_the_server_told_from_memory_is_not_known(world: World) -> None:
    world.api_server.stale = {"source.toolkit.fluxcd.io"}
    await world.merges(30)
    await world.cluster_reconciles()
    await world.cluster_is_looked_at()
    assert await world.state(34) is State.READY, "by the event; that nothing is listed proves nothing"
    assert "from memory" in (await state(world))["unread"]["source.toolkit.fluxcd.io"]


async def test_older_servers_tell_each_version_by_itself(world: World) -> None:
    world.api_server.aggregated = False
    await world.merges(30)
    world.cluster.reconcile(world.repository)
    world.cluster.pending.clear()
    await world.cluster_is_looked_at()
    assert "observed as served" in await world.reason(34)


async def test_long_lists_come_in_pages_and_one_that_expires_is_read_again(world: World) -> None:
    world.cluster.reconcile(world.repository)
    world.cluster.pending.clear()
    world.api_server.page, world.api_server.expires = 1, 1
    await world.cluster_is_looked_at()
    found = await told(world)
    assert {name for name in found if name.startswith("Kustomization/")} == {
        f"Kustomization/{namespace}/{name}" for namespace, name in world.cluster.stands
    }
    assert any("continue=1" in path for _, path in world.api_server.requests)


async def test_a_fault_of_the_cluster_is_an_observation_and_ends_with_it(world: World) -> None:
    world.cluster.reconcile(world.repository)
    world.cluster.pending.clear()
    world.api_server.helm_releases = {("media", "plex"): "timeout waiting for plex", ("media", "jellyfin"): ""}
    await world.cluster_is_looked_at()
    found = await told(world)
    assert found["HelmRelease/media/plex"] == ("error", "UpgradeFailed", "kubernetes")
    assert found["HelmRelease/media/jellyfin"] == ("info", "UpgradeSucceeded", "kubernetes")
    assert await health(world) == "no"
    page = (await world.client.get(f"/r/{world.repository.full_name}")).text
    assert "HelmRelease/media/plex is not ready: timeout waiting for plex" in page
    assert "0 s ago" in page
    del world.api_server.helm_releases["media", "plex"]
    await world.cluster_is_looked_at()
    assert (await told(world))["HelmRelease/media/plex"] == ("info", "Deleted", "kubernetes")
    assert await health(world) == "yes"


async def test_controllers_that_are_being_replaced_run_no_version_yet(world: World) -> None:
    await world.merges(30)
    world.cluster.reconcile(world.repository)
    world.cluster.pending.clear()
    world.api_server.unready = {"source-controller"}
    world.api_server.without = {OCI}
    await world.cluster_is_looked_at()
    assert await world.state(34) is State.WAITING_ROLLOUT
    assert await health(world) == "no"
    assert "flux" not in {seen["provider"] for seen in (await state(world))["runs"]}


async def test_a_milestone_knows_whether_the_controllers_are_ready(world: World) -> None:
    at = f"/api/v1/repositories/{world.repository.full_name}/milestones"
    made = await world.client.post(at, headers=ADMIN, json={"goal": "flux 2.6.1"})
    assert made.status_code == 201, made.text

    async def criterion() -> tuple[str, str]:
        told = (await world.client.get(f"{at}/1", headers=ADMIN)).json()["criteria"]
        return next((one["state"], one["evidence"]) for one in told if one["text"] == "All Flux controllers are ready")

    assert (await criterion())[0] == "unknown"
    world.cluster.reconcile(world.repository)
    await world.cluster_is_looked_at()
    assert await criterion() == ("yes", "Cluster main: all 5 ready (the Kubernetes API).")
    world.api_server.unready = {"source-controller"}
    await world.passes(minutes=1)
    await world.cluster_is_looked_at()
    assert await criterion() == ("no", "Cluster main: not ready: source-controller (the Kubernetes API).")


async def test_a_cluster_without_flux_operator_is_read_by_its_controllers(world: World) -> None:
    world.api_server.installs_operator = False
    world.cluster.reconcile(world.repository)
    world.cluster.pending.clear()
    await world.cluster_is_looked_at()
    seen = await state(world)
    runs = {one["provider"]: (one["version"], one["source"]) for one in seen["runs"]}
    assert runs["flux"] == ("2.5.1", "the Kubernetes API")
    assert runs["kubernetes"] == ("1.33.1", "the Kubernetes API")
    assert seen["health"]["healthy"] == "yes"
    assert seen["unread"] == {}


async def test_a_cluster_that_nobody_registered_is_not_read(database_url: str) -> None:
    async with open_world(database_url, kubernetes_cluster="other") as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.registers_cluster()
        await world.cluster_is_looked_at()
        assert world.api_server.requests == []
        await world.look_around()


# --- stored versions ----------------------------------------------------------------------------------


async def test_an_upgrade_that_the_api_server_would_refuse_waits_for_flux_migrate(world: World) -> None:
    """2.5.1 serves HelmRelease v2beta2 and v2, and 2.8 drops v2beta2. What the manifests use is another matter."""
    values = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
    world.pull(30).push({values: world.repository.tree()[values].replace("2.5.1", "2.8.0")}, message="2.8.0")
    world.api_server.stored = {"helm.toolkit.fluxcd.io/HelmRelease": ["v2beta2", "v2"]}
    await world.settle()
    drops = "drops `v2beta2` of the CRD `helmreleases.helm.toolkit.fluxcd.io`"
    assert drops not in world.check_summary(30)
    await world.cluster_is_looked_at()
    assert await world.state(30) is State.BLOCKED
    assert drops in world.check_summary(30)
    assert "Run `flux migrate` first" in world.check_summary(30)
    # The API server is away for an hour: what is stored has not changed by that.
    world.api_server.refuses = {"/": 500}
    await world.passes(hours=1)
    assert drops in world.check_summary(30)
    world.api_server.refuses, world.api_server.stored = {}, {}
    await world.passes(minutes=6)
    assert drops not in world.check_summary(30)


# --- reports ------------------------------------------------------------------------------------------


async def test_a_report_frees_what_waits_for_it(world: World) -> None:
    await world.merges(30)
    world.cluster.reconcile(world.repository)
    world.cluster.pending.clear()
    response = await world.cluster_reports()
    assert (response.status_code, response.json()) == (202, {"message": "stored"})
    assert await world.state(34) is State.READY
    assert "(a report of the cluster, since " in await world.reason(34)


async def test_a_report_that_comes_twice_or_late_changes_nothing(world: World) -> None:
    old = world.api_server.report()
    assert (await world.cluster_reports()).json() == {"message": "stored"}
    assert (await world.cluster_reports()).json() == {"message": "nothing new"}
    await world.passes(minutes=5)
    await world.merges(30)
    world.cluster.reconcile(world.repository)
    world.cluster.pending.clear()
    await world.cluster_reports()
    assert await world.state(34) is State.READY
    response = await world.cluster_reports(old)
    assert response.json() == {"message": "older than what is known; nothing is stored"}
    assert await world.state(34) is State.READY


async def test_a_list_of_both_is_read(world: World) -> None:
    both = {"kind": "List", "apiVersion": "v1", "items": [world.api_server.instance(), world.api_server.report()]}
    assert (await world.cluster_reports(both)).json() == {"message": "stored"}
    assert (await told(world))["FluxInstance/flux-system/flux"][0] == "info"


async def test_reports_that_stop_say_nothing_any_more(world: World) -> None:
    await world.cluster_reports()
    assert await health(world) == "yes"
    world.clock.now += timedelta(minutes=31)
    assert await health(world) == "unknown"


# --- events -------------------------------------------------------------------------------------------


async def test_heartbeats_do_not_pile_up(world: World) -> None:
    for _ in range(4):
        await world.cluster_reconciles()
        await world.passes(minutes=10)
    async with world.context.database.transaction() as session:
        beats = await session.scalars(
            select(ClusterObservation.object).where(ClusterObservation.message.startswith("Reconciliation finished"))
        )
        objects = list(beats)
    assert len(objects) == len(set(objects)) == len(world.cluster.stands)


async def test_a_late_heartbeat_does_not_come_back(world: World) -> None:
    world.cluster.reconcile(world.repository)
    first = list(world.cluster.pending)
    await world.cluster.deliver_all(world.client)
    await world.passes(minutes=10)
    await world.cluster_reconciles()
    stored = await observations(world)
    world.cluster.pending = first
    await world.cluster.deliver_all(world.client)
    await world.settle()
    assert await observations(world) == stored


async def test_a_newer_look_is_right_over_an_older_event(world: World) -> None:
    """The event of the recovery was lost."""
    await world.merges(34)
    await world.cluster_reconciles()
    assert await health(world) == "no"
    world.cluster.upgrade_flux("2.6.1")
    world.cluster.reconcile(world.repository)
    world.cluster.pending.clear()
    await world.passes(minutes=1)
    await world.cluster_is_looked_at()
    assert await health(world) == "yes"
    severities = {severity for name, (severity, _, _) in (await told(world)).items() if "/" in name}
    assert severities == {"info"}


async def test_what_is_told_during_a_look_is_newer_than_the_look(world: World) -> None:
    world.cluster.reconcile(world.repository)
    world.cluster.pending.clear()
    await world.cluster_is_looked_at()
    namespace, name = next(iter(sorted(world.cluster.stands)))
    failing = f"Kustomization/{namespace}/{name}"

    async def fails(path: str) -> None:
        """It was read as ready, and says that it fails while the rest is read."""
        if path.endswith("/kustomizations"):
            world.clock.now += timedelta(seconds=2)
            world.cluster.tells(
                failing, "HealthCheckFailed", "health check failed: timeout",
                revision=f"main@sha1:{world.repository.head_sha}", severity="error", at=None,
            )  # fmt: skip
            await world.cluster.deliver_all(world.client)
            world.clock.now += timedelta(seconds=2)

    world.clock.now += timedelta(minutes=1)
    world.api_server.meanwhile = fails
    await world.cluster_is_looked_at()
    assert (await told(world))[failing] == ("error", "HealthCheckFailed", "event")
    assert await health(world) == "no"
    world.api_server.meanwhile = None
    await world.passes(minutes=1)
    await world.cluster_is_looked_at()
    assert await health(world) == "yes", "the next look sees that it is over"


async def test_what_is_served_is_kept_by_group_kind_and_version(world: World) -> None:
    await world.cluster_is_looked_at()
    async with world.context.database.transaction() as session:
        rows = await session.scalars(select(ServedKind).where(ServedKind.kind == "OCIRepository"))
        assert {(row.version, row.served) for row in rows} == {("v1beta2", True)}
    world.cluster.upgrade_flux("2.8.0")
    world.cluster.pending.clear()
    await world.passes(minutes=1)
    await world.cluster_is_looked_at()
    async with world.context.database.transaction() as session:
        rows = await session.scalars(select(ServedKind).where(ServedKind.kind == "OCIRepository"))
        assert {(row.version, row.served) for row in rows} == {("v1beta2", False), ("v1", True)}


async def test_no_token_reaches_what_people_see(world: World) -> None:
    world.api_server.refuses = {"/apis": 403}
    await world.cluster_is_looked_at()
    shown = json.dumps(await state(world)) + (await world.client.get(f"/r/{world.repository.full_name}")).text
    assert world.api_server.token not in shown
