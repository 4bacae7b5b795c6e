"""Nothing is merged while a freeze stands; it begins and ends by the clock, and a person may let one pass."""

from app.domain.model import State
from tests.world import World

FILE = ".github/fluxmig.yaml"
TONIGHT = """\
mode: act
freeze:
  - {from: 2025-06-11 20:00, to: 2025-06-11 22:00, timezone: UTC, reason: the guests watch films}
"""
READY = 38


async def freezes(world: World, text: str = TONIGHT) -> None:
    world.repository.push({FILE: text}, message="Freeze", by=world.github.owner)
    await world.settle()


async def test_it_begins_and_ends_by_itself(world: World) -> None:
    await freezes(world)
    assert await world.state(READY) is State.READY
    await world.passes(minutes=93)  # 20:01
    assert await world.state(READY) is State.HELD
    assert await world.reason(READY) == "Frozen until 2025-06-11 22:00 UTC: the guests watch films."
    assert (world.check(READY), world.check_title(READY)) == ("action_required", await world.reason(READY))
    assert "Wait: the freeze ends by itself, and this follows." in world.check_summary(READY)
    assert "fluxmig/hold" not in world.pull(READY).labels, "a freeze is no reason to relabel all of them"
    assert await world.state(34) is State.BLOCKED, "what is blocked says what blocks it"
    page = (await world.client.get(f"/r/{world.repository.full_name}")).text
    assert "Frozen until 2025-06-11 22:00 UTC" in page
    page = (await world.client.get(f"/r/{world.repository.full_name}/pull/{READY}")).text
    assert "Wait: the freeze ends by itself, and this follows." in page
    writes = world.github.log.writes
    await world.passes(minutes=30)
    await world.sweeps()
    assert world.github.log.writes == writes
    await world.passes(minutes=90)
    assert await world.state(READY) is State.READY
    assert world.check(READY) == "success"


async def test_what_becomes_free_in_a_freeze_is_rebased_and_waits_for_its_end(world: World) -> None:
    await freezes(world)
    await world.passes(minutes=93)
    await world.merges(30)
    await world.cluster_reconciles()
    assert await world.state(34) is State.HELD
    assert await world.rebases(34) == ["requested"]
    await world.renovate_runs()
    assert world.check(34) == "action_required"
    await world.passes(hours=2)
    assert world.check(34) == "success"


async def test_taken_out_of_the_file_it_is_over(world: World) -> None:
    await freezes(world)
    await world.passes(minutes=93)
    assert world.check(READY) == "action_required"
    await freezes(world, "mode: act\n")
    assert world.check(READY) == "success"
