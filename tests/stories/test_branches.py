"""Renovate's branches without a pull request are gated by a check on their head, and followed to their end."""

from app.db.branches import list_branches
from app.demo.github.model import CheckRun
from app.demo.story import load_story
from tests.world import World, open_world

BRANCH = "renovate/needs-v1"
PLACE = "kubernetes/apps/kube-system/spegel/app/helmrelease.yaml"
OLD, NEW = "source.toolkit.fluxcd.io/v1beta2", "source.toolkit.fluxcd.io/v1"
NOTE = {"kubernetes/apps/default/note.yaml": "a: 1\n"}


def check_of(world: World, branch: str) -> CheckRun | None:
    runs = world.repository.check_runs_on(world.repository.branches[branch])
    ours = [run for run in runs if run.name == "fluxmig"]
    assert len(ours) <= 1, "one run, written on"
    return ours[0] if ours else None


def conclusion(world: World, branch: str) -> str:
    run = check_of(world, branch)
    return (run.conclusion or "") if run else ""


async def known(world: World) -> list[str]:
    async with world.context.database.transaction() as session:
        return [row.name for row in await list_branches(session, world.repository.id)]


def update(world: World) -> dict[str, str]:
    """A part of what #34 does: an API that the cluster does not serve yet."""
    text = world.repository.tree()[PLACE]
    assert OLD in text
    return {PLACE: text.replace(OLD, NEW)}


async def pushes(world: World, changes: dict[str, str], *, branch: str = BRANCH) -> None:
    world.repository.push_to_branch(branch, dict(changes), message=world.pull(34).title, by=world.github.renovate)
    await world.settle()


async def test_a_branch_that_needs_what_is_not_there_is_held_until_it_is(world: World) -> None:
    await pushes(world, update(world))
    run = check_of(world, BRANCH)
    assert run is not None
    assert (run.conclusion, run.output.title, run.actions) == (
        "action_required",
        "Blocked by #30, which must be merged and rolled out first",
        (),
    )
    told = str(run.output.summary)
    assert told.startswith(f"`{BRANCH}` needs OCIRepository `source.toolkit.fluxcd.io/v1`")
    assert "#-" not in told
    assert f"/blob/{run.head_sha}/{PLACE}#L3" in told
    await world.merges(30)
    await world.cluster_reconciles()
    assert conclusion(world, BRANCH) == "success"


async def test_nothing_of_it_is_seen_by_the_pull_requests(world: World) -> None:
    title, summary = world.check_title(30), world.check_summary(30)
    await pushes(world, update(world))
    assert (world.check_title(30), world.check_summary(30)) == (title, summary)
    assert await world.state(34) == "blocked"


async def test_a_new_head_has_a_check_of_its_own(world: World) -> None:
    await pushes(world, update(world))
    first = world.repository.branches[BRANCH]
    await pushes(world, {"README.md": "more\n"})
    assert world.repository.branches[BRANCH] != first
    assert conclusion(world, BRANCH) == "action_required"


async def test_a_branch_that_is_merged_or_deleted_is_forgotten(world: World) -> None:
    await pushes(world, update(world))
    await pushes(world, NOTE, branch="renovate/other")
    assert len(await known(world)) == 2
    world.repository.delete_branch(BRANCH, by=world.github.renovate)
    head = world.repository.commits[world.repository.branches["renovate/other"]]
    world.repository.move_branch("main", head, by=world.github.renovate)
    await world.settle()
    await world.sweeps()
    assert await known(world) == []


async def test_a_deletion_that_nobody_told_of_is_found_by_the_sweep(world: World) -> None:
    await pushes(world, update(world))
    with world.github.silent():
        world.repository.delete_branch(BRANCH, by=world.github.renovate)
    await world.sweeps()
    assert await known(world) == []


async def test_a_push_that_nobody_told_of_is_found_by_the_sweep(world: World) -> None:
    with world.github.silent():
        world.repository.push_to_branch(BRANCH, update(world), message="fix: it", by=world.github.renovate)
    await world.sweeps()
    assert conclusion(world, BRANCH) == "action_required"


async def test_when_its_pull_request_opens_the_same_run_is_written_on(world: World) -> None:
    await pushes(world, update(world))
    run = check_of(world, BRANCH)
    assert run is not None
    pull = world.repository.open_pull_request(
        title="fix: update it", branch=BRANCH, body=world.pull(34).body, by=world.github.renovate
    )
    await world.settle()
    assert world.check_run(pull.number) is run
    assert str(run.output.summary).startswith(f"#{pull.number} needs OCIRepository")
    assert await known(world) == []


async def test_a_pull_request_and_its_branch_at_once_are_one_check(world: World) -> None:
    pull = world.repository.open_pull_request(
        title="fix: update it", branch=BRANCH, changes=update(world), body=world.pull(34).body, by=world.github.renovate
    )
    await world.settle()
    assert world.check(pull.number) == "action_required"
    assert check_of(world, BRANCH) is world.check_run(pull.number)
    assert await known(world) == []


async def test_branches_of_people_are_left_alone(world: World) -> None:
    calls = world.github.log.calls
    await pushes(world, update(world), branch="feature/needs-v1")
    assert check_of(world, "feature/needs-v1") is None
    assert world.github.log.calls == calls


async def test_re_run_writes_it_once_more(world: World) -> None:
    await pushes(world, update(world))
    run = check_of(world, BRANCH)
    assert run is not None
    writes = world.github.log.writes
    world.repository.rerun(run)
    await world.settle()
    (write,) = world.github.log.list_writes()[writes:]
    assert write.endswith(f"/check-runs/{run.id}")


async def test_a_write_that_ends_in_doubt_is_made_once(world: World) -> None:
    world.github.faults.fail_next(502, match="POST .*/check-runs", times=1, after_effect=True)
    await pushes(world, update(world))
    await world.passes(minutes=1)
    assert conclusion(world, BRANCH) == "action_required"


async def test_a_decision_about_an_older_head_is_not_written(world: World) -> None:
    await pushes(world, update(world))
    await world.merges(30)
    old = world.repository.branches[BRANCH]
    with world.github.silent():
        world.repository.push_to_branch(BRANCH, NOTE, message="more", by=world.github.renovate)
    await world.cluster_reconciles()
    assert [run.conclusion for run in world.repository.check_runs_on(old)] == ["action_required"]
    await world.passes(seconds=10)
    assert conclusion(world, BRANCH) != ""


async def test_a_change_for_a_person_says_that_it_takes_a_pull_request_to_approve_it(world: World) -> None:
    await pushes(world, NOTE, branch="renovate/odd`name")
    run = check_of(world, "renovate/odd`name")
    assert run is not None
    told = str(run.output.summary)
    assert run.conclusion == "action_required"
    assert "Nobody can approve a branch that has no pull request." in told
    assert "`renovate/odd name` says it is a bump and also changes" in told


async def test_branches_that_were_there_before_the_app_are_found(database_url: str) -> None:
    async with open_world(database_url) as world:
        world.has(load_story(world.github, world.renovate))
        with world.github.silent():
            world.repository.push_to_branch(BRANCH, update(world), message="fix: it", by=world.github.renovate)
        await world.settle()
        assert conclusion(world, BRANCH) == "action_required"
        assert await known(world) == [BRANCH], "those with a pull request are left to that"
        await world.look_around()


async def test_page_and_rest_show_what_is_gated(world: World) -> None:
    await pushes(world, update(world))
    name = world.repository.full_name
    page = (await world.client.get(f"/r/{name}")).text
    assert "Branches without a pull request" in page
    assert BRANCH in page
    headers = {"Authorization": "Bearer an-admin-token-for-tests-of-32-characters"}
    (told,) = (await world.client.get(f"/api/v1/repositories/{name}/branches", headers=headers)).json()
    assert (told["name"], told["state"], told["conclusion"]) == (BRANCH, "blocked", "action_required")
    assert f"`{BRANCH}` needs OCIRepository" in told["reason"]
