"""Flux may tell by commit statuses how a Kustomization stands; they count where the owner believes who sets them."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from app.db.models import Cluster, ClusterObservation, Delivery
from app.demo.github.model import User
from app.domain.model import State
from tests.stories.test_incidents import incidents
from tests.support.fleet import BUMP, CONFIG, MIGRATION, OPERATOR, has_fleet
from tests.world import World, open_world

BELIEVES = "rollout:\n  commit_statuses: [flux-bot]\n"
SUCCESS = "reconciliation succeeded"


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with open_world(database_url, default_mode="act") as world:
        yield world
        await world.look_around()


def flux_bot(world: World) -> User:
    return somebody(world, "flux-bot")


def somebody(world: World, login: str) -> User:
    known = world.github.users.get(login)
    return known or world.github.add_user(login)


async def sets(world: World, state: str, description: str, *, by: User | None = None, name: str = "") -> None:
    world.cluster.sets_status(
        world.repository, name or "external-secrets", state, description, by=by or flux_bot(world)
    )
    await world.settle()


async def observations(world: World) -> list[tuple[str, str, str, str]]:
    async with world.context.database.transaction() as session:
        rows = await session.scalars(select(ClusterObservation).order_by(ClusterObservation.id))
        return [(row.object, row.severity, row.reason, row.source) for row in rows]


async def notes(world: World) -> list[str]:
    async with world.context.database.transaction() as session:
        rows = await session.scalars(
            select(Delivery.note).where(Delivery.event == "status").order_by(Delivery.position)
        )
        return list(rows)


async def test_a_status_on_the_tip_speaks_for_all_that_it_contains(world: World) -> None:
    await has_fleet(world, waits=True, config=BELIEVES, connected=False)
    await world.merges(OPERATOR)
    world.repository.push({"README.md": "more\n"}, message="more")
    await world.settle()
    await sets(world, "success", SUCCESS)
    assert await world.state(MIGRATION) is State.READY
    assert "Kustomization external-secrets is ready at " in await world.reason(MIGRATION)
    assert "a commit status by flux-bot" in await world.reason(MIGRATION)
    assert await observations(world) == [
        ("Kustomization/external-secrets", "info", "ReconciliationSucceeded", "a commit status by flux-bot")
    ]


async def test_a_status_of_before_the_merge_frees_nothing(world: World) -> None:
    await has_fleet(world, waits=True, config=BELIEVES, connected=False)
    await sets(world, "success", SUCCESS)
    await world.merges(OPERATOR)
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT


@pytest.mark.parametrize("config", ["", "rollout:\n  commit_statuses: false\n", BELIEVES])
async def test_whom_the_owner_does_not_name_opens_and_holds_nothing(world: World, config: str) -> None:
    await has_fleet(world, waits=True, config=config, connected=False)
    await world.merges(OPERATOR)
    await sets(world, "success", SUCCESS, by=somebody(world, "mallory"))
    await sets(world, "failure", "health check failed", by=somebody(world, "mallory"))
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT
    assert await world.state(BUMP) is State.READY
    assert await observations(world) == []
    assert set(await notes(world)) == {"a commit status by mallory, whom `rollout.commit_statuses` does not name"}


async def test_everybody_is_believed_where_the_owner_wants_it(world: World) -> None:
    await has_fleet(world, waits=True, config="rollout:\n  commit_statuses: true\n", connected=False)
    await world.merges(OPERATOR)
    await sets(world, "success", SUCCESS, by=somebody(world, "mallory"))
    assert await world.state(MIGRATION) is State.READY


async def test_a_failure_holds_later_waves_in_its_few_words(world: World) -> None:
    await has_fleet(world, waits=True, config=BELIEVES, connected=False)
    await world.merges(OPERATOR)
    await sets(world, "failure", "health check failed")
    assert await world.state(BUMP) is State.HELD
    assert "health check failed" in await world.reason(BUMP)
    page = await world.client.get(f"/r/{world.repository.full_name}")
    assert "Kustomization external-secrets fails in cluster main since" in page.text
    await world.passes(minutes=5)
    await sets(world, "success", SUCCESS)
    assert await world.state(BUMP) is State.READY


async def test_a_sender_speaks_for_the_cluster_that_the_configuration_names(world: World) -> None:
    """Two clusters run the same; a failure in one names its merge there, and holds the later waves."""
    config = f"{BELIEVES}  senders: {{{world.cluster.sender}: main}}\n"
    await has_fleet(world, waits=True, config=config, connected=False, clusters=("main", "staging"))
    await sets(world, "success", SUCCESS)
    await world.passes(minutes=1)
    await world.merges(OPERATOR)
    await world.passes(minutes=1)
    await sets(world, "failure", "health check failed")
    (one,) = await incidents(world)
    assert (one.scope, one.number) == ("main", OPERATOR)
    assert await world.state(BUMP) is State.HELD
    page = await world.client.get(f"/r/{world.repository.full_name}")
    assert "Kustomization external-secrets fails in cluster main since" in page.text
    world.repository.push({CONFIG: config.replace("main", "staging")}, message="It is the other one")
    await world.settle()
    (one,) = await incidents(world)
    assert (one.scope, one.closed_at) == ("staging", None)


async def test_statuses_of_others_are_none_of_ours(world: World) -> None:
    await has_fleet(world, waits=True, config=BELIEVES, connected=False)
    tip = world.repository.head_sha
    for context in (
        "ci/build",
        "kustomization/x",
        "kustomization/x/12345678/y",
        "kustomization/UP/12345678",
        "renovate/x",
    ):
        world.repository.set_status(tip, context, "success", by=flux_bot(world))
    world.repository.set_status(tip, "kustomization/apps/12345678", "pending", by=flux_bot(world))
    await world.settle()
    assert await observations(world) == []
    assert set(await notes(world)) == {
        "a commit status that Flux did not write",
        "a commit status that is pending settles nothing",
    }


async def test_a_lost_delivery_is_made_good_at_the_next_full_look(world: World) -> None:
    await has_fleet(world, waits=True, config=BELIEVES, connected=False)
    await world.merges(OPERATOR)
    world.github.webhooks.lose("status")
    await sets(world, "success", SUCCESS)
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT
    await world.sweeps()
    assert await world.state(MIGRATION) is State.READY


async def test_what_was_lost_of_a_merge_that_starts_no_rollout_is_made_good(world: World) -> None:
    await has_fleet(world, waits=True, config=BELIEVES, connected=False)
    await sets(world, "success", SUCCESS, name="apps")
    await world.passes(minutes=1)
    await world.merges(BUMP)
    world.github.webhooks.lose("status")
    await world.passes(minutes=1)
    await sets(world, "failure", "health check failed", name="apps")
    assert await incidents(world) == []
    await world.sweeps()
    (one,) = await incidents(world)
    assert (one.number, one.closed_at) == (BUMP, None)
    await world.passes(days=8)
    world.github.webhooks.lose("status")
    await sets(world, "success", SUCCESS, name="apps")
    await world.sweeps()
    (one,) = await incidents(world)
    assert one.closed_at is not None, "though nothing was merged lately"
    read = len(reads(world))
    await world.sweeps()
    assert len(reads(world)) == read, "nothing is awaited any more"


async def test_a_full_look_reads_them_once_and_by_condition(world: World) -> None:
    await has_fleet(world, waits=True, config=BELIEVES, connected=False)
    await world.sweeps()
    assert reads(world) == [], "nothing waits for a rollout"
    await world.merges(OPERATOR)
    await world.sweeps()
    await world.sweeps()
    assert reads(world) == [200, 304]


def reads(world: World) -> list[int]:
    return [call.status for call in world.github.log.exchanges if call.path.endswith("/statuses")]


async def test_without_the_permission_the_look_goes_on(world: World) -> None:
    permissions = {name: level for name, level in world.github.app.permissions.items() if name != "statuses"}
    await has_fleet(world, waits=True, config=BELIEVES, connected=False, permissions=permissions)
    await world.merges(OPERATOR)
    await world.sweeps()
    assert reads(world) == [403]
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT


async def test_the_same_twice_is_once(world: World) -> None:
    world.github.webhooks.duplicates = True
    await has_fleet(world, waits=True, config=BELIEVES, connected=False)
    await world.merges(OPERATOR)
    await sets(world, "success", SUCCESS)
    await world.sweeps()
    assert len(await observations(world)) == 1


async def test_nobody_fills_the_table_with_senders_of_his_own_making(world: World) -> None:
    await has_fleet(world, waits=True, config=BELIEVES, connected=False)
    for number in range(25):
        context = f"kustomization/apps/{number:08x}"
        world.repository.set_status(
            world.repository.head_sha, context, "success", description=SUCCESS, by=flux_bot(world)
        )
    await world.settle()
    async with world.context.database.transaction() as session:
        assert len(list(await session.scalars(select(Cluster)))) == 20
