"""Lost, doubled and reordered deliveries, and answers that fail: a delay, never a mistake, and nothing twice."""

import random
from collections import Counter

import pytest

from app.db.repositories import key_of
from app.db.work import get_work
from app.demo.story import load_story
from app.domain.model import State
from tests.world import World, open_world


async def play(world: World) -> None:
    """From the merge of Flux to the migration that has landed."""
    for number in (26, 30):
        world.pull(number).merge(by=world.github.owner)
    await world.settle()
    await world.cluster_reconciles()
    await world.renovate_runs()
    world.pull(34).merge(by=world.github.owner)
    await world.settle()
    await world.renovate_runs()


async def verdicts(world: World) -> dict[int, tuple[str, str]]:
    """State and check of every pull request."""
    return {number: (await world.state(number), world.check(number)) for number in world.repository.pull_requests}


async def assert_the_story_ended_well(world: World) -> None:
    told = await verdicts(world)
    assert told[34][0] is State.MERGED
    assert {number: state for number, (state, _) in told.items() if number in (15, 37)} == {
        15: State.NEEDS_REVIEW,
        37: State.NEEDS_REVIEW,
    }
    assert {told[number] for number in (17, 22, 35, 36, 38)} == {(State.READY, "success")}
    assert set(await world.rebases(34)) == {"confirmed"}


def assert_nothing_was_written_twice(world: World) -> None:
    """One check run of ours on a head, and no label or tick that stood there already."""
    for pull in world.repository.pull_requests.values():
        runs = [run for run in world.repository.check_runs_on(pull.head_sha) if run.name == "fluxmig"]
        assert len(runs) <= 1, f"#{pull.number} has {len(runs)} check runs on one head"
    ticks = Counter(
        exchange.path
        for exchange in world.github.log.exchanges
        if exchange.method == "PATCH" and "/pulls/" in exchange.path
    )
    assert max(ticks.values(), default=0) <= 3


async def test_everything_twice(world: World) -> None:
    world.github.webhooks.duplicates = True
    await play(world)
    await assert_the_story_ended_well(world)
    assert_nothing_was_written_twice(world)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_everything_out_of_order(world: World, seed: int) -> None:
    world.github.webhooks.shuffler = random.Random(seed)
    await play(world)
    await assert_the_story_ended_well(world)
    assert_nothing_was_written_twice(world)


async def test_everything_lost_and_found_by_looking(world: World) -> None:
    world.github.webhooks.lose(times=None)
    for number in (26, 30):
        world.pull(number).merge(by=world.github.owner)
    await world.sweeps()
    assert await world.state(34) is State.WAITING_ROLLOUT
    await world.cluster_reconciles()
    assert await world.rebases(34) == ["requested"]
    await world.renovate_runs()
    await world.sweeps()
    assert await world.rebases(34) == ["confirmed"]
    assert world.check(34) == "success"


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("write", ["POST .*/check-runs$", "PATCH .*/check-runs/", "POST .*/labels$", "PATCH .*/pulls/"])
async def test_a_write_that_fails_is_made_once_in_the_end(world: World, write: str, after_effect: bool) -> None:
    world.github.faults.fail_next(502, match=write, after_effect=after_effect)
    await world.merges(30)
    await world.cluster_reconciles()
    await world.says(38, "/fluxmig hold")
    for _ in range(3):
        await world.passes(minutes=1)
    await world.renovate_runs()
    await world.passes(minutes=1)
    assert await world.rebases(34) == ["confirmed"]
    assert world.check(34) == "success"
    assert "fluxmig/hold" in world.pull(38).labels
    assert_nothing_was_written_twice(world)


async def test_a_limit_puts_the_work_off_and_loses_nothing(world: World) -> None:
    world.github.faults.secondary_rate_limited(match="PATCH .*/check-runs/")
    await world.merges(30)
    assert world.check_title(34) == "Blocked by #30, which must be merged and rolled out first"
    await world.passes(seconds=30)
    assert world.check_title(34) == "Blocked by #30, which must be merged and rolled out first"
    await world.passes(seconds=31)
    assert world.check_title(34) == "#30 is merged, not yet rolled out"


async def test_a_token_that_ended_early_is_replaced(world: World) -> None:
    world.github.tokens.expire_all()
    await world.merges(30)
    assert await world.state(34) is State.WAITING_ROLLOUT


async def test_an_answer_older_than_the_delivery_is_asked_for_again(world: World) -> None:
    world.github.faults.stale_reads(2)
    await world.says(30, "/fluxmig refresh")  # what is shown from now on
    world.clock.now = world.clock.now.replace(minute=40)
    await world.merges(30)
    assert await world.state(30) is State.READY
    for _ in range(4):
        await world.passes(seconds=10)
    assert await world.state(30) is State.MERGED
    assert await world.state(34) is State.WAITING_ROLLOUT


async def test_an_old_answer_that_had_to_do_is_asked_for_once_more(world: World) -> None:
    """GitHub shows the old for longer than anybody waits: after five tries it is taken, and read again soon after."""
    world.github.faults.stale_reads(6)
    await world.says(37, "/fluxmig refresh")  # what is shown from now on
    await world.passes(minutes=1)
    world.pull(37).push({"docs/more.md": "more\n"}, message="more", by=world.github.renovate)
    await world.settle()
    while await is_put_off(world):
        await world.passes(seconds=1)
    assert world.check(37) == "", "that is what GitHub still shows"
    await world.passes(seconds=31)
    assert world.check(37) == "action_required"


async def is_put_off(world: World) -> bool:
    """Whether the last look at the repository did not come to its end."""
    async with world.context.database.transaction() as session:
        work = await get_work(session, key_of(world.repository.id))
    return work is not None and work.attempts > 0


async def test_a_new_head_that_no_delivery_tells_of_gets_its_check_at_the_full_look(world: World) -> None:
    before = world.pull(36).head_sha
    with world.github.silent():
        world.pull(36).push({"docs/more.md": "more\n"}, message="more", by=world.github.renovate)
    assert world.pull(36).head_sha != before
    assert world.check(36) == ""
    await world.sweeps()
    assert world.check(36) == "success"


async def test_what_was_taken_in_before_a_crash_is_done_after_it(database_url: str) -> None:
    async with open_world(database_url) as first:
        first.has(load_story(first.github, first.renovate))
        await first.settle()
        first.pull(30).merge(by=first.github.owner)
        await first.github.webhooks.deliver_all(first.client)
        # The process ends here: deliveries are stored, nobody has looked at them.
        async with open_world(database_url, github=first.github, clock=first.clock) as second:
            second.has(first.repository)
            await second.starts()
            assert await second.state(34) is State.WAITING_ROLLOUT
            await second.look_around()
