"""A pull request that changes the configuration gets a check that points at the mistake."""

import pytest

from app.demo.github.model import CheckRun
from app.demo.github.pull_request import PullRequest
from tests.world import World

FILE = ".github/fluxmig.yaml"


def opens(world: World, text: str | None, *, branch: str = "config") -> PullRequest:
    return world.repository.open_pull_request(
        title="Configure fluxmig", branch=branch, changes={FILE: text}, by=world.github.writer
    )


def config_runs(world: World, pull: PullRequest) -> list[CheckRun]:
    runs = world.repository.check_runs.values()
    return [run for run in runs if run.name == "fluxmig / config" and run.head_sha == pull.head_sha]


async def test_a_mistake_is_shown_at_its_line(world: World) -> None:
    pull = opens(world, "mode: act\nrulez: []\nmode: check\n")
    await world.settle()
    (run,) = config_runs(world, pull)
    assert (run.conclusion, run.output.title) == ("failure", "The configuration has 2 mistakes")
    assert [(one.path, one.start_line) for one in run.output.annotations] == [(FILE, 2), (FILE, 3)]
    assert "`rulez` is no key here; did you mean `rules`?" in run.output.annotations[0].message
    assert world.check(34) == "action_required", "what judges is on the base branch"


@pytest.mark.parametrize("text", ["mode: act\n# \0\n", "# " + "x\n# " * 3000 + "\0\n"])
async def test_a_file_that_cannot_be_read_is_a_mistake_at_its_first_line(world: World, text: str) -> None:
    pull = opens(world, text)
    await world.settle()
    (run,) = config_runs(world, pull)
    assert (run.conclusion, run.output.title) == ("failure", "The configuration has a mistake")
    (told,) = run.output.annotations
    assert (told.path, told.start_line) == (FILE, 1)
    assert told.message.startswith("the file is there and cannot be read as text: it holds a NUL, is not UTF-8")


async def test_mended_the_new_head_passes(world: World) -> None:
    pull = opens(world, "rulez: []\n")
    await world.settle()
    pull.push({FILE: "mode: check\n"}, message="Mend it", by=world.github.writer)
    await world.settle()
    (run,) = config_runs(world, pull)
    assert (run.conclusion, run.output.title) == ("success", "The configuration can be read")
    assert "It says `mode: check`, and it has no rules." in str(run.output.summary)
    await world.sweeps()
    assert len(config_runs(world, pull)) == 1


async def test_taken_away_it_says_what_holds_then(world: World) -> None:
    pull = opens(world, None)
    await world.settle()
    (run,) = config_runs(world, pull)
    assert (run.conclusion, run.output.title) == ("success", "The configuration goes away")


async def test_moved_elsewhere_it_goes_away_and_under_its_other_name_it_stays(world: World) -> None:
    world.repository.push({FILE: "mode: act\n"}, message="Configure", by=world.github.owner)
    await world.settle()
    away = world.repository.open_pull_request(
        title="Move it away",
        branch="away",
        changes={FILE: None, "docs/old.yaml": "mode: act\n"},
        by=world.github.writer,
    )
    renamed = world.repository.open_pull_request(
        title="Rename it",
        branch="renamed",
        changes={FILE: None, ".github/fluxmig.yml": "mode: act\n"},
        by=world.github.writer,
    )
    await world.settle()
    titles = [run.output.title for pull in (away, renamed) for run in config_runs(world, pull)]
    assert titles == ["The configuration goes away", "The configuration can be read"]


async def test_others_get_none(world: World) -> None:
    names = {run.name for run in world.repository.check_runs.values()}
    assert "fluxmig / config" not in names


async def test_re_run_writes_it_again(world: World) -> None:
    pull = opens(world, "rulez: []\n")
    await world.settle()
    world.repository.rerun(config_runs(world, pull)[0], by=world.github.writer)
    await world.settle()
    runs = config_runs(world, pull)
    assert [run.conclusion for run in runs] == ["failure", "failure"]
    assert all(len(run.output.annotations) == 1 for run in runs)


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_write_that_ends_in_doubt_is_made_once(world: World, after_effect: bool) -> None:
    world.github.faults.fail_next(502, match="POST .*/check-runs$", after_effect=after_effect)
    pull = opens(world, "rulez: []\n")
    await world.settle()
    await world.passes(minutes=6)
    assert len(config_runs(world, pull)) == 1
