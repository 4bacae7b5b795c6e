"""A write whose answer is lost is read back before it is made again: each kind of write, done or not done, once."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.demo.github.model import CheckRun
from tests.stories.test_branches import BRANCH, check_of, pushes, update
from tests.stories.test_rebase_broker import configures, drivers, free_the_migration, may
from tests.world import World

Doubt = Callable[..., None]


@pytest.fixture(params=["502, not done", "502, done", "no answer, done"])
def in_doubt(request: pytest.FixtureRequest, world: World) -> Doubt:
    """What happens to the next write that matches."""
    how, _, done = request.param.partition(", ")
    faults = world.github.faults

    def doubt(match: str, *, times: int = 1) -> None:
        if how == "502":
            faults.fail_next(502, match=match, times=times, after_effect=done == "done")
        else:
            faults.time_out_next(match=match, times=times, after_effect=done == "done")

    return doubt


def runs(world: World, head_sha: str, name: str = "fluxmig") -> list[CheckRun]:
    return [run for run in world.repository.check_runs_on(head_sha) if run.name == name]


async def waits(world: World) -> None:
    for _ in range(4):
        await world.passes(minutes=1)


async def test_a_check_is_created(world: World, in_doubt: Doubt) -> None:
    in_doubt("POST .*/check-runs$")
    world.pull(38).push({"docs/more.md": "more\n"}, message="more", by=world.github.renovate)
    await world.settle()
    await waits(world)
    assert [run.conclusion for run in runs(world, world.pull(38).head_sha)] == ["success"]


async def test_a_check_is_changed(world: World, in_doubt: Doubt) -> None:
    in_doubt("PATCH .*/check-runs/")
    await world.says(38, "/fluxmig hold")
    await waits(world)
    (run,) = runs(world, world.pull(38).head_sha)
    assert str(run.output.title).startswith("Held by")


async def test_a_check_that_github_deleted_is_made_anew(world: World, in_doubt: Doubt) -> None:
    (old,) = runs(world, world.pull(38).head_sha)
    del world.repository.check_runs[old.id]
    in_doubt("POST .*/check-runs$")
    await world.says(38, "/fluxmig hold")
    await waits(world)
    (run,) = runs(world, world.pull(38).head_sha)
    assert str(run.output.title).startswith("Held by")


async def test_labels_come_and_go(world: World, in_doubt: Doubt) -> None:
    in_doubt("(POST|DELETE) .*/labels")
    await world.says(38, "/fluxmig hold")
    await waits(world)
    assert [label for label in world.pull(38).labels if label.startswith("fluxmig/")] == ["fluxmig/hold"]
    in_doubt("(POST|DELETE) .*/labels")
    await world.says(38, "/fluxmig unhold")
    await waits(world)
    assert [label for label in world.pull(38).labels if label.startswith("fluxmig/")] == []


@pytest.mark.parametrize("write", ["POST .*/reactions$", "POST .*/issues/38/comments$"])
async def test_a_person_is_answered(world: World, in_doubt: Doubt, write: str) -> None:
    in_doubt(write)
    await world.says(38, "/fluxmig why")
    await waits(world)
    asked, answer = world.pull(38).comments.values()
    given = [reaction.content for reaction in asked.reactions]
    assert (given.count("+1"), given.count("eyes") <= 1) == (1, True), "the eyes only bridge the time until the answer"
    assert answer.user.login == world.github.app.bot.login


async def test_a_box_is_ticked(world: World, in_doubt: Doubt) -> None:
    in_doubt("PATCH .*/pulls/34$")
    await free_the_migration(world)
    await waits(world)
    assert world.pull(34).body.count("[x] <!-- rebase-check -->") == 1
    assert await world.rebases(34) == ["requested"]
    await world.renovate_runs()
    assert await world.rebases(34) == ["confirmed"]


async def test_the_label_for_a_rebase_is_put(world: World, in_doubt: Doubt) -> None:
    await configures(world, "labels: false\nrebase: {drivers: [label]}")
    in_doubt("POST .*/issues/34/labels$")
    await free_the_migration(world)
    await waits(world)
    assert "rebase" in world.pull(34).labels
    assert await drivers(world, 34) == [("label", "requested")]
    await world.renovate_runs()
    assert await world.rebases(34) == ["confirmed"]


async def test_a_box_of_renovates_dashboard_is_ticked(world: World, in_doubt: Doubt) -> None:
    await configures(world, "rebase: {drivers: [dashboard]}")
    issue = world.renovate.opens_dashboard(world.repository)
    in_doubt(f"PATCH .*/issues/{issue.number}$")
    await free_the_migration(world)
    await waits(world)
    assert issue.body.count("[x]") == 1
    assert await drivers(world, 34) == [("dashboard", "requested")]
    await world.renovate_runs()
    assert await world.rebases(34) == ["confirmed"]


async def test_github_is_asked_to_rebase(world: World, in_doubt: Doubt) -> None:
    await may(world, "contents")
    await configures(world, "rebase: {drivers: [], update_branch: true}")
    await world.merges(30)
    in_doubt("POST /graphql mutation.* updatePullRequestBranch")
    await world.cluster_reconciles()
    await waits(world)
    pushes_told = [one["payload"] for one in world.github.log.webhooks if one["event"] == "push"]
    assert sum(told["ref"] == f"refs/heads/{world.pull(34).head_branch}" for told in pushes_told) == 1
    assert world.pull(34).behind_by == 0
    asked = [(driver, state) for driver, state in await drivers(world, 34) if driver]
    assert asked == [("update-branch", "confirmed")]
    assert world.github.faults.take_failure("POST /graphql mutation m0: updatePullRequestBranch") is None, "it happened"


async def test_a_run_of_renovate_is_started_at_most_once(world: World, in_doubt: Doubt) -> None:
    """It cannot be read back: GitHub names no run by who asked for it."""
    await may(world, "actions")
    path = ".github/workflows/renovate.yaml"
    world.repository.push({path: "on: workflow_dispatch\n"}, message="Renovate", by=world.github.owner)
    await configures(world, "rebase: {workflow: renovate.yaml}")
    await free_the_migration(world)
    in_doubt("POST .*/dispatches$")
    await world.passes(minutes=16)
    await waits(world)
    assert len(world.repository.dispatched) <= 1
    assert any("was started, or perhaps not, since GitHub did not answer" in told for told in await world.history(34))
    assert await drivers(world, 34) == [("checkbox", "requested")], "the next way is tried later"
    await world.renovate_runs()
    assert await world.rebases(34) == ["confirmed"]


async def test_a_merge_group_is_answered(world: World, in_doubt: Doubt) -> None:
    in_doubt("POST .*/check-runs$")
    (entry,) = world.repository.enqueue(38)
    await world.settle()
    await waits(world)
    assert [run.conclusion for run in runs(world, entry.head.sha)] == ["success"]


async def test_a_branch_is_gated(world: World, in_doubt: Doubt) -> None:
    in_doubt("POST .*/check-runs$")
    await pushes(world, update(world))
    await waits(world)
    run = check_of(world, BRANCH)
    assert run is not None
    assert run.conclusion == "action_required"
    in_doubt("PATCH .*/check-runs/", times=2)
    await free_the_migration(world)
    await waits(world)
    run = check_of(world, BRANCH)
    assert run is not None
    assert run.conclusion == "success"


async def test_a_check_is_run_again(world: World, in_doubt: Doubt) -> None:
    (run,) = runs(world, world.pull(38).head_sha)
    world.pull(38).close(by=world.github.owner)
    await world.settle()
    in_doubt("PATCH .*/check-runs/")
    world.repository.rerun(run)
    await world.settle()
    await waits(world)
    (again,) = runs(world, world.pull(38).head_sha)
    assert again.status == "completed"


async def test_a_configuration_is_judged_where_an_older_run_stands(world: World, in_doubt: Doubt) -> None:
    pull = world.repository.open_pull_request(
        title="Configure", branch="config", changes={".github/fluxmig.yaml": "rulez: []\n"}, by=world.github.writer
    )
    await world.settle()
    (first,) = runs(world, pull.head_sha, "fluxmig / config")
    first.output = replace(first.output, title="What an older version said", summary="Other words.")
    async with world.context.database.pool.connection() as connection:
        await connection.execute("update config_checks set digest = 'older'")
    in_doubt("POST .*/check-runs$")
    await world.sweeps()
    await waits(world)
    said = [run.output.title for run in runs(world, pull.head_sha, "fluxmig / config")]
    assert sorted(map(str, said)) == ["The configuration has a mistake", "What an older version said"]


async def test_a_run_of_many_that_ends_in_doubt_is_found(world: World, in_doubt: Doubt) -> None:
    in_doubt("POST /graphql mutation.* createCheckRun")
    pulls = [
        world.repository.open_pull_request(
            title=f"chore: more {index}",
            branch=f"renovate/more-{index}",
            changes={f"docs/more-{index}.md": "more\n"},
            body=world.pull(38).body,
            by=world.github.renovate,
        )
        for index in range(6)
    ]
    await world.settle()
    await waits(world)
    assert world.github.faults.take_failure("POST /graphql mutation m0: createCheckRun") is None, "it happened"
    for pull in pulls:
        assert len(runs(world, pull.head_sha)) == 1
