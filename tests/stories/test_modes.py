"""The owner decides how much is written to GitHub: nothing until the repository says otherwise."""

from collections.abc import AsyncIterator

import pytest

from app.demo.story import load_story
from app.domain.model import State
from tests.world import ADMIN_TOKEN, World, open_world

FILE = ".github/fluxmig.yaml"


@pytest.fixture
async def quiet(database_url: str) -> AsyncIterator[World]:
    """The same morning, in a repository that has no configuration."""
    async with open_world(database_url) as world:
        world.has(load_story(world.github, world.renovate))
        with world.github.silent():
            world.repository.push({FILE: None}, message="No configuration", by=world.github.owner)
        await world.settle()
        await world.registers_cluster()
        yield world
        await world.look_around()


async def turns(world: World, mode: str) -> None:
    world.repository.push({FILE: f"mode: {mode}\n"}, message=f"Mode {mode}", by=world.github.owner)
    await world.settle()


async def repository(world: World) -> dict[str, object]:
    answer = await world.client.get(
        f"/api/v1/repositories/{world.repository.full_name}", headers={"Authorization": f"Bearer {ADMIN_TOKEN}"}
    )
    return dict(answer.json())


def labels(world: World, number: int) -> set[str]:
    return {label for label in world.pull(number).labels if label.startswith("fluxmig/")}


async def test_until_somebody_turns_it_on_nothing_is_written_and_all_is_shown(quiet: World) -> None:
    assert await quiet.state(34) is State.BLOCKED
    await quiet.merges(30)
    await quiet.cluster_reconciles()
    assert await quiet.state(34) is State.READY
    assert quiet.github.log.list_writes() == []
    told = await repository(quiet)
    assert told["mode"] == "observe"
    would = [write["what"] for write in told["would_write"] if write["number"] == 34]  # type: ignore[attr-defined]
    assert [what.split(",")[0] for what in would] == ["check `fluxmig`: success"]
    page = (await quiet.client.get(f"/r/{quiet.repository.full_name}")).text
    assert "fluxmig writes nothing to GitHub but answers to commands" in page
    assert "Did not ask Renovate to rebase, since the mode of this repository is" in page
    page = (await quiet.client.get(f"/r/{quiet.repository.full_name}/pull/34")).text
    assert "What fluxmig would write here" in page


async def test_in_observe_people_are_still_answered(quiet: World) -> None:
    await quiet.says(34, "/fluxmig why")
    assert "#30 must be rolled out first" in quiet.pull(34).last_comment
    await quiet.says(38, "/fluxmig rebase")
    assert quiet.pull(38).last_comment.startswith("I did not ask Renovate: the mode of this repository is `observe`")
    await quiet.says(38, "/fluxmig hold until Monday")
    assert await quiet.state(38) is State.HELD
    assert "so no check holds or frees the merge" in quiet.pull(38).last_comment
    assert (quiet.check(38), labels(quiet, 38)) == ("", set())


async def test_mode_check_writes_checks_only(quiet: World) -> None:
    await turns(quiet, "check")
    assert quiet.check(34) == "action_required"
    assert labels(quiet, 34) == set()
    await quiet.merges(30)
    await quiet.cluster_reconciles()
    assert quiet.check(34) == "success"
    assert await quiet.rebases(34) == []
    assert "- [x] <!-- rebase-check -->" not in quiet.pull(34).body


async def test_mode_act_writes_labels_too_and_asks_renovate(quiet: World) -> None:
    await turns(quiet, "act")
    assert (quiet.check(34), labels(quiet, 34)) == ("action_required", {"fluxmig/blocked"})
    await quiet.merges(30)
    await quiet.cluster_reconciles()
    assert await quiet.rebases(34) == ["requested"]


async def test_turned_off_no_check_of_ours_blocks_any_longer(world: World) -> None:
    assert world.check(34) == "action_required"
    await turns(world, "observe")
    assert (world.check(34), world.check_title(34)) == ("neutral", "fluxmig only observes here")
    assert labels(world, 34) == {"fluxmig/blocked"}, "what stands is left as it is"
    assert await world.state(34) is State.BLOCKED
    writes = world.github.log.writes
    await world.merges(26)
    await world.sweeps()
    assert world.github.log.writes == writes
    await turns(world, "act")
    assert world.check(34) == "action_required"


async def test_turned_off_while_renovate_was_asked_nothing_more_is_asked(world: World) -> None:
    await world.merges(30)
    await world.cluster_reconciles()
    assert await world.rebases(34) == ["requested"]
    await turns(world, "check")
    await world.passes(minutes=16)
    assert await world.rebases(34) == ["stale"]
    assert "rebase" not in world.pull(34).labels


@pytest.mark.parametrize("mode", ["check", "act"])
async def test_the_operator_may_choose_another_default(database_url: str, mode: str) -> None:
    async with open_world(database_url, default_mode=mode) as world:
        world.has(load_story(world.github, world.renovate))
        world.repository.push({FILE: None}, message="No configuration", by=world.github.owner)
        await world.settle()
        assert world.check(34) == "action_required"
        assert labels(world, 34) == ({"fluxmig/blocked"} if mode == "act" else set())
        await world.look_around()


async def test_in_observe_a_merge_group_gets_no_answer(quiet: World) -> None:
    (entry,) = quiet.repository.enqueue(38)
    await quiet.settle()
    assert quiet.repository.check_runs_on(entry.head.sha) == []
    await turns(quiet, "check")
    (entry,) = quiet.repository.enqueue(36)
    await quiet.settle()
    assert [run.conclusion for run in quiet.repository.check_runs_on(entry.head.sha)] != []


async def test_re_run_in_observe_says_the_last_word_again(world: World) -> None:
    await turns(world, "observe")
    run = world.check_run(34)
    assert run is not None
    world.repository.rerun(run, by=world.github.owner)
    await world.settle()
    assert (world.check(34), world.check_title(34)) == ("neutral", "fluxmig only observes here")
