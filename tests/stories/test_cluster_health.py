"""Whether a cluster is called well: not beside what failed and fell silent, and by commit statuses too."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.db.models import Cluster
from app.domain.health import Health
from app.domain.model import Answer
from app.services.queries.cluster_health import list_health
from tests.stories.test_commit_statuses import BELIEVES, SUCCESS, sets
from tests.support.fleet import HELM_RELEASE, KUSTOMIZATION, has_fleet, hears, is_ready
from tests.world import World, open_world

FLUX_OBJECT = "FluxInstance/flux-system/flux"


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with open_world(database_url, default_mode="act") as world:
        yield world
        await world.look_around()


async def health(world: World, *, sender: bool = False) -> Health:
    async with world.context.database.transaction() as session:
        names = list(await session.scalars(select(Cluster.name)))
        found = await list_health(session, names, now=world.clock(), poll=timedelta(minutes=1))
    return next(health for name, health in found.items() if name.startswith("statuses-") is sender)


async def test_what_failed_and_fell_silent_is_not_well_beside_a_fresh_heartbeat(world: World) -> None:
    await has_fleet(world, waits=True)
    await is_ready(world)
    assert (await health(world)).answer is Answer.YES
    revision = f"main@sha1:{world.repository.head_sha}"
    await hears(world, KUSTOMIZATION, "HealthCheckFailed", "timeout", revision=revision, severity="error")
    await world.passes(days=2)
    await is_ready(world, "Kustomization/flux-system/apps")
    told = await health(world)
    assert told.answer is Answer.NO
    standing = next(one for one in told.signals if one.answer is Answer.NO)
    assert (standing.about, standing.source) == (f"Incident of {KUSTOMIZATION}", "an incident that stands")
    await is_ready(world)
    assert (await health(world)).answer is Answer.YES


async def test_a_rollback_that_succeeded_is_not_health(world: World) -> None:
    await has_fleet(world)
    await hears(world, HELM_RELEASE, "UpgradeFailed", "timed out", revision="0.16.1", severity="error")
    await world.passes(seconds=5)
    await hears(world, HELM_RELEASE, "RollbackSucceeded", "Helm rollback succeeded", revision="0.16.1")
    assert (await health(world)).answer is Answer.NO


async def test_commit_statuses_say_how_a_cluster_is(world: World) -> None:
    await has_fleet(world, waits=True, config=BELIEVES, connected=False)
    await sets(world, "success", SUCCESS)
    told = await health(world, sender=True)
    assert told.answer is Answer.YES
    assert [one.source for one in told.signals] == ["a commit status by flux-bot"]
    await world.passes(minutes=1)
    await sets(world, "failure", "health check failed")
    assert (await health(world, sender=True)).answer is Answer.NO


async def test_a_success_by_commit_status_is_no_health_where_flux_does_not_tell_failures(world: World) -> None:
    await has_fleet(world, waits=True, config=BELIEVES)
    await hears(world, FLUX_OBJECT, "ReconciliationSucceeded", "Flux v2.8.6 updated", revision="v2.8.6")
    await sets(world, "success", SUCCESS)
    told = await health(world, sender=True)
    assert told.answer is Answer.UNKNOWN
    assert "Flux 2.8.6 does not report failures by commit status" in told.signals[0].text
