"""A merge group is answered within one look: its members are judged in the order in which they land."""

from datetime import datetime

import pytest
from sqlalchemy import select

from app.db.models import Work
from app.db.repositories import key_of
from app.demo.github.merge_queue import QueueEntry
from app.demo.github.model import CheckRun
from app.domain.model import State
from tests.world import World

ADDED = "kubernetes/apps/default/queued/deployment.yaml"


def answer(world: World, entry: QueueEntry) -> CheckRun:
    """Our only check on the head of a group."""
    runs = [run for run in world.repository.check_runs_on(entry.head.sha) if run.name == "fluxmig"]
    assert len(runs) == 1
    return runs[0]


async def test_what_is_ready_may_land_and_costs_three_calls(world: World) -> None:
    calls = world.github.log.calls
    (entry,) = world.repository.enqueue(38)
    await world.settle()
    run = answer(world, entry)
    assert (run.status, run.conclusion, run.output.title) == ("completed", "success", "#38 may land")
    assert world.github.log.calls - calls <= 3


async def test_what_needs_a_rollout_of_one_before_it_must_leave_the_queue(world: World) -> None:
    first, second = world.repository.enqueue(30, 34)
    await world.settle()
    assert answer(world, first).conclusion == "success"
    run = answer(world, second)
    assert run.conclusion == "action_required"
    assert str(run.output.title).startswith(
        "#30 must be rolled out before #34 is merged, and the queue would merge both"
    )
    assert "It lands after #30." in str(run.output.summary)


async def test_a_group_of_several_is_judged_as_a_whole(world: World) -> None:
    *_, last = world.repository.enqueue(38, 30, 34, together=True)
    await world.settle()
    run = answer(world, last)
    assert run.conclusion == "action_required"
    told = str(run.output.summary)
    assert "Merge group of #38, #30 and #34, in this order." in told
    assert "- ✓ #38: " in told
    assert "- ✗ #34: " in told


async def test_several_that_are_ready_may_land_together(world: World) -> None:
    *_, last = world.repository.enqueue(38, 30, together=True)
    await world.settle()
    assert (answer(world, last).conclusion, answer(world, last).output.title) == (
        "success",
        "#38 and #30 may land in this order",
    )


async def test_what_a_person_holds_may_not_land(world: World) -> None:
    await world.says(38, "/fluxmig hold the node is away")
    (entry,) = world.repository.enqueue(38)
    await world.settle()
    assert (answer(world, entry).conclusion, answer(world, entry).output.title) == (
        "action_required",
        "#38 may not land: Held by wcygan: the node is away",
    )


async def test_pull_requests_by_people_may_land(world: World) -> None:
    pull = world.repository.open_pull_request(
        title="Add a page", branch="page", changes={"docs/page.md": "# A page\n"}, by=world.github.owner
    )
    await world.settle()
    (entry,) = world.repository.enqueue(pull.number)
    await world.settle()
    assert answer(world, entry).conclusion == "success"


async def test_an_older_head_is_not_judged(world: World) -> None:
    with world.github.silent():
        world.pull(38).push({ADDED: "a: 1\n"}, message="more", by=world.github.renovate)
    (entry,) = world.repository.enqueue(38)
    await world.settle()
    await world.passes(seconds=5)
    assert await world.state(38) is State.NEEDS_REVIEW
    assert answer(world, entry).conclusion == "action_required"


async def test_a_group_that_is_gone_before_the_look_gets_no_check(world: World) -> None:
    (entry,) = world.repository.enqueue(38)
    world.repository.merge_queues["main"].remove(entry, reason="invalidated")
    await world.settle()
    assert world.repository.check_runs_on(entry.head.sha) == []


async def test_re_run_judges_the_group_again_on_the_same_run(world: World) -> None:
    (entry,) = world.repository.enqueue(38)
    await world.settle()
    await world.says(38, "/fluxmig hold")
    world.repository.rerun(answer(world, entry))
    await world.settle()
    assert answer(world, entry).conclusion == "action_required"


@pytest.mark.parametrize("after_effect", [False, True])
async def test_an_answer_that_ends_in_doubt_is_written_once(world: World, after_effect: bool) -> None:
    world.github.faults.fail_next(502, match="POST .*/check-runs", times=1, after_effect=after_effect)
    (entry,) = world.repository.enqueue(38)
    await world.settle()
    await world.passes(seconds=30)
    assert answer(world, entry).conclusion == "success"


async def test_where_the_queue_is_not_shown_the_last_member_alone_is_judged(world: World) -> None:
    first, second = world.repository.enqueue(38, 30)
    world.repository.merge_queues.clear()
    await world.settle()
    assert answer(world, first).output.title == "#38 may land"
    assert answer(world, second).output.title == "#30 may land"


async def test_a_group_does_not_wait_for_the_end_of_a_long_look(world: World) -> None:
    """Writes go out one a second: what answers commands gives way."""
    await world.passes(minutes=5)
    entries: list[QueueEntry] = []

    async def is_announced() -> None:
        entries.extend(world.repository.enqueue(38))
        await world.github.webhooks.deliver_all(world.client, budget=10)

    world.meanwhile.append(is_announced)
    for number in range(22, 37):
        if number in world.repository.pull_requests:
            world.pull(number).comment("/fluxmig why", by=world.github.owner)
    seen = len(world.github.log.exchanges)
    await world.settle()
    (entry,) = entries
    writes = [one for one in world.github.log.exchanges[seen:] if one.method != "GET" and one.path != "/graphql"]
    heads = [(one.request_body or {}).get("head_sha") for one in writes]
    assert answer(world, entry).conclusion == "success"
    assert heads.index(entry.head.sha) <= 4, "of dozens"
    assert len(writes) > 20


async def test_a_group_does_not_wait_for_the_end_of_a_back_off(world: World) -> None:
    world.github.faults.fail_next(502, times=12, match="GET .*/pulls/36/files$")
    world.github.faults.fail_next(502, times=40, match="GET .*/git/.*")
    world.repository.push({"README.md": "x\n"}, message="Move on", by=world.github.owner)
    await world.settle()
    assert await waits_until(world) > world.clock()
    world.github.faults.clear()
    (entry,) = world.repository.enqueue(38)
    await world.settle()
    assert answer(world, entry).conclusion == "success"


async def waits_until(world: World) -> datetime:
    """When the back-off of the repository ends."""
    async with world.context.database.transaction() as session:
        until = await session.scalar(select(Work.run_after).where(Work.key == key_of(world.repository.id)))
    assert until is not None
    return until
