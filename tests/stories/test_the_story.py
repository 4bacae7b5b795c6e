"""The eleventh of June 2025, as it should have gone."""

from app.domain.model import State
from tests.world import World

WHY_BLOCKED = (
    "#34 needs OCIRepository `source.toolkit.fluxcd.io/v1`, which Flux serves from 2.6.0; the base declares Flux 2.5.1 "
    "in kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml:5, #30 brings 2.6.1, and both change the Flux "
    "Kustomization flux-system/flux-instance, so #30 must be rolled out first, not only merged."
)


async def test_the_migration_is_held_and_says_why(world: World) -> None:
    assert await world.state(34) is State.BLOCKED
    assert await world.reason(34) == WHY_BLOCKED
    assert world.check(34) == "action_required"
    assert world.check_title(34) == "Blocked by #30, which must be merged and rolled out first"
    assert WHY_BLOCKED in world.check_summary(34)
    assert "fluxmig/blocked" in world.pull(34).labels


async def test_everything_else_may_go(world: World) -> None:
    held = {pull.number for pull in world.repository.open_pull_requests if world.check(pull.number) != "success"}
    assert held == {34, 15, 37}
    assert [await world.state(number) for number in (15, 37)] == [State.NEEDS_REVIEW, State.NEEDS_REVIEW]


async def test_the_cli_frees_nothing(world: World) -> None:
    await world.merges(26)
    assert await world.state(34) is State.BLOCKED
    assert await world.rebases(34) == []


async def test_merged_is_not_rolled_out(world: World) -> None:
    await world.merges(30)
    assert await world.state(34) is State.WAITING_ROLLOUT
    assert (await world.reason(34)).startswith("Merged, not yet rolled out: ")
    assert world.check(34) == "action_required"
    assert world.check_title(34) == "#30 is merged, not yet rolled out"
    assert "fluxmig/blocked" in world.pull(34).labels
    assert await world.rebases(34) == []


async def test_the_cluster_frees_it_and_renovate_is_asked(world: World) -> None:
    await world.merges(30)
    await world.cluster_reconciles()
    assert await world.state(34) is State.READY
    assert "Flux 2.6.1 is running (Flux's own event" in await world.reason(34)
    assert "fluxmig/blocked" not in world.pull(34).labels
    assert " - [x] <!-- rebase-check -->" in world.pull(34).body
    assert await world.rebases(34) == ["requested"]


async def test_renovate_rebases_and_the_new_head_gets_its_own_check(world: World) -> None:
    await world.merges(30)
    await world.cluster_reconciles()
    old_head = world.pull(34).head_sha
    await world.renovate_runs()
    assert world.pull(34).head_sha != old_head
    assert world.check(34) == "success"
    assert await world.rebases(34) == ["confirmed"]
    assert " - [ ] <!-- rebase-check -->" in world.pull(34).body


async def test_the_neighbours_follow_when_the_migration_has_landed(world: World) -> None:
    await world.merges(30)
    await world.cluster_reconciles()
    await world.renovate_runs()
    await world.merges(34)
    assert await world.rebases(17) == ["requested"]
    assert await world.rebases(36) == ["requested"]
    assert await world.rebases(35) == []
    await world.renovate_runs()
    assert await world.rebases(17) == ["confirmed"]
    assert [world.check(number) for number in (17, 35, 36, 38)] == ["success"] * 4


async def test_the_whole_queue_drains_to_the_majors(world: World) -> None:
    await world.merges(20, 23, 25, 26, 27, 28, 29, 31, 33, 30)
    await world.cluster_reconciles()
    for number in (22, 34, 17, 35, 36, 38):
        await world.renovate_runs()
        assert world.check(number) == "success"
        await world.merges(number)
        await world.cluster_reconciles()
    assert [pull.number for pull in world.repository.open_pull_requests] == [15, 37]
    assert world.check(37) == "action_required"
    await world.says(37, "/fluxmig approve")
    assert world.check(37) == "success"


async def test_merged_the_wrong_way_round_the_cluster_would_have_halted(world: World) -> None:
    """What happened in 2025: the stand-in cluster halts in the same way, so the stories mean something."""
    world.pull(34).merge(by=world.github.owner)
    await world.merges(30)
    await world.cluster_reconciles()
    assert world.cluster.flux_version == "2.5.1"
    assert any('no matches for kind "OCIRepository"' in event.message for event, _ in world.cluster.sent)
