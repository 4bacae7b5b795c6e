"""The service was not to be reached: GitHub is asked for what it could not deliver, once it can."""

from collections import Counter

from sqlalchemy import select

from app.db.models import Command, Delivery, Redelivery
from app.demo.story import load_story
from app.domain.model import State
from tests.stories.test_losses import assert_nothing_was_written_twice
from tests.world import World, open_world


def asked_for(world: World) -> int:
    """How many deliveries GitHub was asked to repeat."""
    return sum(write.endswith("/attempts") for write in world.github.log.list_writes())


async def an_hour_behind_a_shut_door(world: World) -> None:
    """#30 is merged, and people give commands, while a proxy answers 503."""
    world.github.webhooks.refusing = 503
    world.pull(38).comment("/fluxmig hold", by=world.github.owner)
    await world.merges(30)
    world.pull(34).comment("/fluxmig why", by=world.github.owner)
    for _ in range(12):
        await world.passes(minutes=5)
        await world.looks_for_missed_deliveries()


async def test_an_hour_of_503_heals_by_redelivery(world: World) -> None:
    await an_hour_behind_a_shut_door(world)
    assert await world.state(34) is State.BLOCKED
    assert await world.state(38) is State.READY
    missed = {attempt.delivery.guid for attempt in world.github.webhooks.attempts if attempt.status_code == 503}
    assert asked_for(world) <= len(missed) + 11, "all at first, then one at a time while none gets through"

    world.github.webhooks.reliable()
    world.pull(20).comment("is it back?", by=world.github.owner)
    await world.passes(minutes=5)
    await world.looks_for_missed_deliveries()
    assert await world.state(34) is State.WAITING_ROLLOUT
    assert await world.state(38) is State.HELD
    assert "Blocked by #30" not in world.check_title(34)
    async with world.context.database.transaction() as session:
        arrived = set(await session.scalars(select(Delivery.guid)))
        commands = Counter(await session.scalars(select(Command.text)))
    assert missed <= arrived
    assert commands == {"/fluxmig hold": 1, "/fluxmig why": 1}
    assert [comment.user for comment in world.pull(34).comments.values()].count(world.github.app.bot) == 1
    assert_nothing_was_written_twice(world)

    before = asked_for(world)
    for _ in range(3):
        await world.passes(minutes=5)
        await world.looks_for_missed_deliveries()
    assert asked_for(world) == before, "what has arrived is not asked for again"


async def test_it_heals_though_nothing_else_comes_in(world: World) -> None:
    world.github.webhooks.refusing = 503
    world.pull(38).comment("/fluxmig hold", by=world.github.owner)
    await world.settle()
    await world.looks_for_missed_deliveries()
    world.github.webhooks.reliable()
    await world.passes(minutes=5)
    await world.looks_for_missed_deliveries()
    assert await world.state(38) is State.HELD


async def test_a_delivery_that_was_stored_though_github_saw_no_answer_is_not_asked_for(world: World) -> None:
    attempts = world.github.webhooks.attempts
    attempts[-1] = type(attempts[-1])(
        attempts[-1].id, attempts[-1].delivery, attempts[-1].delivered_at, 0, "timed out", 10.0
    )
    await world.looks_for_missed_deliveries()
    assert asked_for(world) == 0


async def test_what_never_gets_through_is_asked_for_six_times(world: World) -> None:
    world.github.webhooks.lose(r"issue_comment\.created", times=None)
    world.pull(38).comment("good work", by=world.github.owner)
    for hour in range(24):
        world.pull(38).label(f"hour/{hour}", by=world.github.owner)
        await world.passes(hours=1)
        await world.looks_for_missed_deliveries()
    assert asked_for(world) == 6


async def test_after_three_days_github_is_not_asked_any_more(world: World) -> None:
    world.github.webhooks.lose(r"issue_comment\.created")
    world.pull(38).comment("good work", by=world.github.owner)
    await world.settle()
    await world.passes(hours=73)
    await world.looks_for_missed_deliveries()
    assert asked_for(world) == 0


async def test_a_restart_does_not_ask_all_over(database_url: str) -> None:
    async with open_world(database_url) as first:
        first.has(load_story(first.github, first.renovate))
        await first.settle()
        first.github.webhooks.lose(r"issue_comment\.created", times=None)
        first.pull(38).comment("good work", by=first.github.owner)
        await first.settle()
        await first.looks_for_missed_deliveries()
        async with open_world(database_url, github=first.github, clock=first.clock) as second:
            second.has(first.repository)
            await second.starts()
            await second.looks_for_missed_deliveries()
            assert asked_for(second) == 1
            async with second.context.database.transaction() as session:
                assert list(await session.scalars(select(Redelivery.asked))) == [1]
            await second.look_around()


async def test_an_app_whose_webhook_is_off_has_no_deliveries(world: World) -> None:
    world.github.faults.fail_next(404, match="GET /app/hook/deliveries")
    await world.looks_for_missed_deliveries()
    assert asked_for(world) == 0
