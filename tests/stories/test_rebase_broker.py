"""How Renovate is asked: in which order, how often, when not, and what is done where it does not listen."""

from collections.abc import AsyncIterator

import httpx
import pytest
import respx
from pydantic import SecretStr
from sqlalchemy import select

from app.db.models import RebaseRequest
from app.demo.github.model import DEFAULT_PERMISSIONS, RequiredChecks
from app.demo.renovate import LineEdit
from app.demo.story import load_story
from app.domain.model import State
from tests.world import World, open_world

FILE = ".github/fluxmig.yaml"
VALUES = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
BRANCH_34 = "renovate/ocirepository-1.x"


async def configures(world: World, text: str) -> None:
    world.repository.push({FILE: f"mode: act\n{text}\n"}, message="Configure", by=world.github.owner)
    await world.settle()


async def free_the_migration(world: World) -> None:
    await world.merges(30)
    await world.cluster_reconciles()


async def drivers(world: World, number: int) -> list[tuple[str, str]]:
    """(driver, state) of each request, the oldest first."""
    row = await world.row(number)
    async with world.context.database.transaction() as session:
        found = await session.scalars(
            select(RebaseRequest).where(RebaseRequest.pull_request_id == row.id).order_by(RebaseRequest.id)
        )
        return [(request.driver, request.state) for request in found]


async def may(world: World, name: str) -> None:
    """The owner grants one more permission, and tokens that were made before have ended."""
    installation = world.github.install_on(world.repository, permissions={**DEFAULT_PERMISSIONS, name: "write"})
    await world.context.clients.forget_token(installation.id)


# --- ways ---


async def test_the_dashboard_of_renovate_is_a_way(world: World) -> None:
    await configures(world, "rebase: {drivers: [dashboard, label]}")
    issue = world.renovate.opens_dashboard(world.repository)
    branch = world.pull(34).head_branch
    await free_the_migration(world)
    assert f" - [x] <!-- rebase-branch={branch} -->" in issue.body
    assert issue.body.count("[x]") == 1
    await world.renovate_runs()
    assert await drivers(world, 34) == [("dashboard", "confirmed")]


async def test_a_dashboard_of_somebody_else_is_not_ticked(world: World) -> None:
    await configures(world, "rebase: {drivers: [dashboard, label]}")
    branch = world.pull(34).head_branch
    body = f" - [ ] <!-- rebase-branch={branch} -->mine"
    forged = world.repository.open_issue(title="Dependency Dashboard", body=body, by=world.github.writer)
    await free_the_migration(world)
    assert forged.body == body
    assert await drivers(world, 34) == [("label", "requested")]
    assert any("Renovate has no dashboard issue with a box for this branch" in told for told in await world.history(34))


async def test_the_dashboard_is_found_behind_many_newer_pull_requests(world: World) -> None:
    """GitHub lists pull requests among the issues, the newest first unless asked otherwise."""
    await configures(world, "rebase: {drivers: [dashboard]}")
    issue = world.renovate.opens_dashboard(world.repository)
    for number in range(120):
        world.repository.open_issue(title=f"Config warning {number}", body="", by=world.renovate.user)
    await free_the_migration(world)
    assert f" - [x] <!-- rebase-branch={world.pull(34).head_branch} -->" in issue.body


async def test_labels_have_the_names_of_renovates_configuration(world: World) -> None:
    config = '{"rebaseLabel": "please-rebase", "stopUpdatingLabel": "leave-me"}'
    world.repository.push(
        {".renovaterc.json5": None, "renovate.json": config}, message="Configure", by=world.github.owner
    )
    await configures(world, "rebase: {drivers: [label]}")
    world.pull(36).label("leave-me", by=world.github.owner)
    await free_the_migration(world)
    assert "please-rebase" in world.pull(34).labels
    await world.says(36, "/fluxmig rebase")
    assert "it carries the label `leave-me`" in world.pull(36).last_comment


async def test_without_any_driver_nobody_is_asked(world: World) -> None:
    await configures(world, "rebase: {drivers: []}")
    await free_the_migration(world)
    assert await drivers(world, 34) == [("", "refused")]
    assert "rebase" not in world.pull(34).labels


async def test_github_rebases_the_branch_only_where_the_owner_wants_it(world: World) -> None:
    await may(world, "contents")
    await configures(world, "rebase: {drivers: [checkbox], update_branch: true}")
    await free_the_migration(world)
    before = world.pull(34).head_sha
    await world.passes(minutes=16)
    assert world.pull(34).head_sha != before
    assert world.pull(34).behind_by == 0
    assert await drivers(world, 34) == [("checkbox", "stale"), ("update-branch", "confirmed")]


async def test_not_where_commits_must_be_signed(world: World) -> None:
    await may(world, "contents")
    world.repository.rules["main"] = RequiredChecks((("fluxmig", world.github.app.id),), signatures=True)
    await configures(world, "rebase: {drivers: [checkbox], update_branch: true}")
    await free_the_migration(world)
    before = world.pull(34).head_sha
    await world.passes(minutes=16)
    assert world.pull(34).head_sha == before
    assert await world.rebases(34) == ["stale"]


# --- runs ---


async def test_a_renovate_that_runs_by_the_clock_is_started_once(world: World) -> None:
    await may(world, "actions")
    world.repository.push(
        {".github/workflows/renovate.yaml": "on: workflow_dispatch\n"}, message="Renovate", by=world.github.owner
    )
    await configures(world, "rebase: {workflow: renovate.yaml}")
    await free_the_migration(world)
    await world.says(36, "/fluxmig rebase")
    assert world.repository.dispatched == []
    await world.passes(minutes=16)
    assert world.repository.dispatched == ["renovate.yaml"], "one run is for all of them"
    await world.renovate_runs()
    assert await world.rebases(34) == ["confirmed"]


async def test_without_the_permission_the_next_way_is_tried(world: World) -> None:
    await configures(world, "rebase: {workflow: renovate.yaml}")
    await free_the_migration(world)
    await world.passes(minutes=16)
    assert await drivers(world, 34) == [("checkbox", "stale"), ("label", "requested")]


@pytest.fixture
async def hosted(database_url: str) -> AsyncIterator[World]:
    """The service knows where to start Renovate."""
    url = "https://renovate.example/api/repos/{owner}/{name}/-/jobs/run"
    async with open_world(database_url, renovate_run_url=url, renovate_run_token=SecretStr("mend-secret")) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.registers_cluster()
        yield world
        await world.look_around()


@respx.mock(assert_all_mocked=False)
async def test_the_address_of_the_service_starts_it(hosted: World, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post("https://renovate.example/api/repos/wcygan/homelab/-/jobs/run").mock(
        return_value=httpx.Response(202)
    )
    await configures(hosted, "rebase: {run: true}")
    await free_the_migration(hosted)
    await hosted.passes(minutes=16)
    assert route.call_count == 1
    assert route.calls[0].request.headers["authorization"] == "Bearer mend-secret"
    assert any("a run of Renovate was started" in told for told in await hosted.history(34))
    assert "mend-secret" not in " ".join(await hosted.history(34))
    await hosted.renovate_runs()


@pytest.mark.parametrize("ending", [httpx.Response(503), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("gone")])
@respx.mock(assert_all_mocked=False)
async def test_a_start_in_doubt_is_waited_for(
    hosted: World, respx_mock: respx.MockRouter, ending: httpx.Response | httpx.HTTPError
) -> None:
    route = respx_mock.post("https://renovate.example/api/repos/wcygan/homelab/-/jobs/run")
    if isinstance(ending, httpx.Response):
        route.mock(return_value=ending)
    else:
        route.mock(side_effect=ending)
    await configures(hosted, "rebase: {run: true}")
    await free_the_migration(hosted)
    await hosted.passes(minutes=16)
    assert route.call_count == 1
    assert any("perhaps not, since its server did not say" in told for told in await hosted.history(34))
    await hosted.renovate_runs()
    assert await hosted.rebases(34) == ["confirmed"]


# --- writes in doubt ---


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_box_of_the_dashboard_is_ticked_once_in_the_end(world: World, after_effect: bool) -> None:
    await configures(world, "rebase: {drivers: [dashboard]}")
    issue = world.renovate.opens_dashboard(world.repository)
    world.github.faults.fail_next(502, match=f"PATCH .*/issues/{issue.number}$", after_effect=after_effect)
    await free_the_migration(world)
    await world.passes(minutes=2)
    assert issue.body.count("[x]") == 1
    await world.renovate_runs()
    assert await drivers(world, 34) == [("dashboard", "confirmed")]


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_second_way_whose_write_fails_is_made_soon(world: World, after_effect: bool) -> None:
    await free_the_migration(world)
    world.github.faults.fail_next(
        502, match=f"POST .*/issues/{world.pull(34).number}/labels$", after_effect=after_effect
    )
    await world.passes(minutes=16)
    await world.passes(minutes=2)
    assert "rebase" in world.pull(34).labels
    await world.renovate_runs()
    assert await drivers(world, 34) == [("checkbox", "stale"), ("label", "confirmed")]


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_run_whose_start_is_in_doubt_is_waited_for(world: World, after_effect: bool) -> None:
    await may(world, "actions")
    world.repository.push(
        {".github/workflows/renovate.yaml": "on: workflow_dispatch\n"}, message="Renovate", by=world.github.owner
    )
    await configures(world, "rebase: {workflow: renovate.yaml}")
    await free_the_migration(world)
    world.github.faults.fail_next(502, match="POST .*/dispatches$", after_effect=after_effect)
    await world.passes(minutes=16)
    await world.passes(minutes=5)
    assert len(world.repository.dispatched) == int(after_effect)
    await world.passes(minutes=16)
    assert await drivers(world, 34) == [("checkbox", "stale"), ("label", "requested")]


# --- when not ---


async def test_a_branch_that_renovate_keeps_up_to_date_is_not_built_again(world: World) -> None:
    await world.merges(30)
    await world.says(34, "/fluxmig refresh")
    world.pull(34).edit(body=world.pull(34).body.replace("- [ ] <!-- rebase", "- [x] <!-- rebase"))
    await world.renovate_runs()
    assert world.pull(34).behind_by == 0
    await world.cluster_reconciles()
    assert await world.state(34) is State.READY
    assert await world.rebases(34) == ["refused"]
    assert "[x] <!-- rebase" not in world.pull(34).body
    assert any("the branch has all of `main` already" in told for told in await world.history(34))


async def test_a_refusal_is_kept_with_its_reason(world: World) -> None:
    world.pull(34).push({"note.md": "mine\n"}, message="A person's commit", by=world.github.writer)
    await free_the_migration(world)
    assert await world.rebases(34) == ["refused"]
    page = (await world.client.get(f"/r/{world.repository.full_name}/pull/34")).text
    assert "a person changed the branch" in page


async def test_authors_that_renovate_ignores_edit_nothing(world: World) -> None:
    await configures(world, f"rebase: {{ignored_authors: ['{world.github.writer.id}+*']}}")
    world.pull(34).push({"note.md": "mine\n"}, message="A formatter's commit", by=world.github.writer)
    await free_the_migration(world)
    assert await world.rebases(34) == ["requested"]


async def test_a_stacked_pull_request_is_judged_and_never_rebased(world: World) -> None:
    tip = world.repository.branches["main"]
    world.pull(34).stack = {"base": {"ref": "main", "sha": tip}, "size": 2, "position": 1, "id": 7, "number": 3}
    world.pull(34).edit(title=world.pull(34).title + " ", by=world.github.owner)
    await world.settle()
    await free_the_migration(world)
    assert await world.state(34) is State.READY
    assert await world.rebases(34) == ["refused"]
    assert any("GitHub's stacked pull requests" in told for told in await world.history(34))


async def test_a_branch_that_changes_all_the_time_is_left_alone_for_a_while(world: World) -> None:
    for number in range(4):
        world.repository.push({"README.md": f"{number}\n"}, message="Move on", by=world.github.owner)
        await world.settle()
        await world.says(34, "/fluxmig refresh")
        world.pull(34).edit(body=world.pull(34).body.replace("- [ ] <!-- rebase", "- [x] <!-- rebase"))
        await world.settle()
        await world.renovate_runs()
        await world.passes(minutes=5)
    await free_the_migration(world)
    assert (await world.rebases(34))[-1] == "refused"
    assert any("its head changed more than 3 times within an hour" in told for told in await world.history(34))
    for _ in range(5):
        await world.passes(minutes=61)
    assert (await world.rebases(34))[-1] != "refused", "once it is quiet it is asked"


# --- how often ---


def crowd(world: World, count: int) -> list[int]:
    """Pull requests that all wait for #30."""
    numbers = []
    for index in range(count):
        path = f"kubernetes/apps/default/crowd-{index}/app/ocirepository.yaml"
        text = (
            "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n"
            f"  name: crowd-{index}\nspec:\n  interval: 5m\n  ref:\n    tag: 1.0.0\n  url: oci://example.org/crowd\n"
        )
        pull = world.renovate.bumps(
            world.repository, f"crowd-{index}", "1.0.0", "1.0.1", edits=[LineEdit(path, None, text)]
        )
        numbers.append(pull.number)
    return numbers


async def test_a_storm_is_spread_over_hours_and_nobody_is_forgotten(world: World) -> None:
    await configures(world, "rebase: {budget: 5}\napprovals: {other_changes: false}")
    numbers = crowd(world, 14)
    await world.settle(budget=2000)
    await world.merges(30)
    await world.cluster_reconciles()

    async def requests() -> int:
        return sum([len(await world.rebases(number)) for number in [34, *numbers]])

    assert await requests() == 5
    await world.renovate_runs()
    await world.passes(minutes=30)
    assert await requests() == 5
    await world.passes(minutes=31)
    assert await requests() == 10
    await world.renovate_runs()
    await world.passes(minutes=61)
    await world.renovate_runs()
    assert await requests() == 15
    assert {tuple(await world.rebases(number)) for number in [34, *numbers]} == {("confirmed",)}


async def test_a_person_does_not_wait_for_the_budget(world: World) -> None:
    await configures(world, "rebase: {budget: 1}")
    await free_the_migration(world)
    await world.says(36, "/fluxmig rebase")
    assert await world.rebases(36) == ["requested"]


async def test_what_is_not_wanted_any_more_is_dropped_from_the_queue(world: World) -> None:
    await configures(world, "rebase: {budget: 1}\napprovals: {other_changes: false}")
    numbers = crowd(world, 2)
    await world.settle()
    await free_the_migration(world)
    waiting = [number for number in [34, *numbers] if not await world.rebases(number)]
    await world.says(waiting[0], "/fluxmig hold")
    await world.passes(minutes=61)
    assert await world.rebases(waiting[0]) == []


# --- what became free and could not be asked at once ---


async def test_a_hold_only_puts_off_what_became_free(world: World) -> None:
    await world.says(34, "/fluxmig hold")
    await free_the_migration(world)
    assert await drivers(world, 34) == []
    await world.says(34, "/fluxmig unhold")
    assert await drivers(world, 34) == [("checkbox", "requested")]
    await world.renovate_runs()
    assert await drivers(world, 34) == [("checkbox", "confirmed")]


async def test_a_review_only_puts_off_what_became_free(world: World) -> None:
    await configures(world, "approvals: {rules: [{match: {names: ['*']}, count: 1}]}")
    await free_the_migration(world)
    assert (await world.state(34), await drivers(world, 34)) == (State.NEEDS_REVIEW, [])
    await world.says(34, "/fluxmig approve")
    assert await drivers(world, 34) == [("checkbox", "requested")]


async def test_the_label_that_stops_renovate_only_puts_off(world: World) -> None:
    world.pull(34).label("renovate/stop-updating", by=world.github.owner)
    await free_the_migration(world)
    for _ in range(3):
        await world.passes(minutes=61)
    assert await drivers(world, 34) == [("", "refused")], "said once, however often it is tried"
    world.pull(34).unlabel("renovate/stop-updating", by=world.github.owner)
    await world.settle()
    await world.passes(minutes=61)
    assert await drivers(world, 34) == [("", "refused"), ("checkbox", "requested")]


async def test_the_daily_cap_only_puts_off(database_url: str) -> None:
    async with open_world(database_url, rebase_daily_cap=1) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.registers_cluster()
        await world.says(34, "/fluxmig refresh")
        await free_the_migration(world)
        await world.renovate_runs()
        assert await drivers(world, 34) == [("checkbox", "confirmed")]
        await world.says(34, "/fluxmig depends on #36")
        await world.merges(36)
        assert [state for _, state in await drivers(world, 34)] == ["confirmed", "refused"]
        for _ in range(26):
            await world.passes(minutes=60)
        assert [state for _, state in await drivers(world, 34)][-1] != "refused"
        await world.look_around()


async def test_what_has_to_wait_again_is_not_asked(world: World) -> None:
    await world.says(34, "/fluxmig hold")
    await free_the_migration(world)
    await world.says(34, "/fluxmig depends on #36")
    await world.says(34, "/fluxmig unhold")
    assert (await world.state(34), await drivers(world, 34)) == (State.BLOCKED, [])
    await world.merges(36)
    assert await drivers(world, 34) == [("checkbox", "requested")], "free again"


async def test_a_base_that_moves_on_makes_no_silence_of_an_answer(world: World) -> None:
    await free_the_migration(world)
    world.renovate.run(world.repository)
    world.repository.push({"README.md": "x\n"}, message="Move on", by=world.github.owner)
    await world.settle()
    assert world.pull(34).behind_by == 1
    assert await drivers(world, 34) == [("checkbox", "confirmed")]


async def test_a_pattern_of_another_language_stops_nothing(world: World) -> None:
    config = '{"gitIgnoredAuthors": ["/^(?<=x)(a+)+$/", "/(/", "/^(?<who>bot)@x$/"]}'
    world.repository.push({".renovaterc.json5": config}, message="Configure", by=world.github.owner)
    await free_the_migration(world)
    assert await drivers(world, 34) == [("checkbox", "requested")]


async def test_recreate_is_never_made_by_github(world: World) -> None:
    """GitHub's rebase keeps the commits of people, which is what was not wanted."""
    await may(world, "contents")
    await configures(world, "rebase: {drivers: [], update_branch: true}")
    await free_the_migration(world)
    world.pull(36).push({"note.md": "mine\n"}, message="Note", by=world.github.writer)
    await world.settle()
    head = world.pull(36).head_sha
    await world.says(36, "/fluxmig recreate")
    await world.says(36, "/fluxmig recreate --yes")
    assert world.pull(36).head_sha == head
    assert [state for _, state in await drivers(world, 36)] == ["refused"]
    assert "the configuration names no way to ask it" in world.pull(36).last_comment
