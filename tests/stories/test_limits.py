"""GitHub's limits: writes take turns, checks go first, and where GitHub wants rest nobody calls."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.db.models import Pace
from app.db.paces import pause
from app.domain.model import State
from app.github.api import Kind
from app.github.errors import RateLimited
from app.services.pace import InstallationPace, Quota
from tests.world import World, open_world


def asked(world: World) -> list[str]:
    """The calls of the installation so far; those of the App itself have a limit of their own."""
    return [
        f"{one.method} {one.path}"
        for one in world.github.log.exchanges
        if one.path.startswith(("/repos/", "/installation/", "/graphql"))
    ]


def installation_id(world: World) -> int:
    return world.github.installations_of(world.repository)[0].id


async def sets_budget(world: World, budget: float) -> None:
    async with world.context.database.transaction() as session:
        values = {"budget": budget, "budget_at": world.clock()}
        await session.execute(update(Pace).where(Pace.installation_id == installation_id(world)).values(**values))


async def test_writes_take_turns_a_second_apart(world: World) -> None:
    await world.passes(minutes=5)
    world.waits.clear()
    before = world.github.log.writes
    await world.merges(30)
    await world.says(38, "/fluxmig hold")
    writes = world.github.log.writes - before
    assert writes > 3
    assert world.waits == [float(number) for number in range(1, writes)], "the clock stands still, and all but one wait"


async def test_when_few_writes_are_left_they_are_checks(world: World) -> None:
    await sets_budget(world, 50)
    await world.says(38, "/fluxmig hold")
    assert world.check_title(38).startswith("Held by")
    assert "fluxmig/hold" not in world.pull(38).labels
    await world.passes(hours=1)
    await world.passes(minutes=6)
    assert "fluxmig/hold" in world.pull(38).labels


async def test_when_no_write_is_left_everything_waits_and_nothing_is_lost(world: World) -> None:
    await sets_budget(world, 0.5)
    await world.merges(30)
    assert await world.state(34) is State.WAITING_ROLLOUT
    assert world.check_title(34).startswith("Blocked by #30")
    for _ in range(10):
        await world.passes(minutes=10)
    assert world.check_title(34) == "#30 is merged, not yet rolled out"


async def test_when_the_hourly_limit_is_nearly_used_only_checks_are_written(world: World) -> None:
    world.github.limits.spend(installation_id(world), 4600)
    await world.says(38, "/fluxmig hold")
    assert world.check_title(38).startswith("Held by")
    assert "fluxmig/hold" not in world.pull(38).labels
    world.github.limits.spend(installation_id(world), 0)
    await world.sweeps()
    await world.passes(minutes=6)
    assert "fluxmig/hold" in world.pull(38).labels


async def test_a_rebase_that_is_asked_for_waits_behind_the_checks(world: World) -> None:
    world.github.limits.spend(installation_id(world), 4600)
    world.pull(30).merge(by=world.github.owner)
    await world.says(38, "/fluxmig rebase")
    assert await world.rebases(38) == ["requested"]
    assert " - [x] <!-- rebase-check -->" not in world.pull(38).body
    assert world.check_title(34) == "#30 is merged, not yet rolled out"
    world.github.limits.spend(installation_id(world), 0)
    await world.sweeps()
    await world.passes(minutes=6)
    assert " - [x] <!-- rebase-check -->" in world.pull(38).body
    await world.renovate_runs()


async def test_nobody_calls_while_github_wants_rest_not_even_after_a_restart(world: World, database_url: str) -> None:
    world.github.faults.secondary_rate_limited(match="PATCH .*/check-runs/", retry_after=900)
    await world.merges(30)
    calls = asked(world)
    await world.sweeps()
    await world.says(38, "/fluxmig hold")
    await world.looks_for_missed_deliveries()
    async with open_world(database_url, github=world.github, clock=world.clock, poll_seconds=60) as second:
        second.has(world.repository)
        await second.starts()
        await second.passes(minutes=2)
        page = await second.client.get(f"/r/{world.repository.full_name}/doctor")
        assert page.status_code == 200
        assert asked(world) == calls
        await second.passes(minutes=14)
    await world.passes(minutes=1)
    assert world.check_title(34) == "#30 is merged, not yet rolled out"
    assert await world.state(38) is State.HELD
    assert world.buttons(34) == [], "the second one polls, and hears of no press"
    await world.sweeps()
    assert world.buttons(34) != []


async def test_a_pause_counts_for_who_waits_for_his_turn(world: World) -> None:
    """GitHub may want rest between the taking of a turn and the turn."""
    database, clock = world.context.database, world.clock
    minutes = timedelta(minutes=10)

    async def sleep(_seconds: float) -> None:
        await pause(database, installation_id(world), now=clock(), until=clock() + minutes)

    pace = InstallationPace(database, installation_id(world), Quota(), clock=clock, sleep=sleep)
    await world.passes(minutes=5)
    await pace.ask("POST /first", Kind.GATE)
    with pytest.raises(RateLimited, match="GitHub asked for a pause"):
        await pace.ask("POST /second", Kind.GATE)
    await world.passes(minutes=11)
