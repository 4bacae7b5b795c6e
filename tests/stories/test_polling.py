"""The eleventh of June without a single webhook: the service has no public address, and asks."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.db.models import Command
from app.demo.github.issue import Issue
from app.demo.story import load_story
from app.domain.model import State
from tests.stories.test_dashboard_issue import dashboards, tick
from tests.stories.test_losses import assert_nothing_was_written_twice
from tests.world import World, open_world


@pytest.fixture
async def deaf(database_url: str) -> AsyncIterator[World]:
    """No delivery ever arrives; everything is polled each minute."""
    async with open_world(database_url, poll_seconds=60) as world:
        world.github.webhooks.lose(times=None)
        world.has(load_story(world.github, world.renovate))
        await world.starts()
        await world.registers_cluster()
        await world.passes(minutes=1)
        await world.passes(minutes=1)
        yield world
        await world.look_around()


async def commands(world: World) -> Counter[str]:
    async with world.context.database.transaction() as session:
        return Counter(await session.scalars(select(Command.text)))


async def polls(world: World, times: int = 1) -> list[str]:
    """Time passes; the calls that it took."""
    before = len(world.github.log.exchanges)
    for _ in range(times):
        await world.passes(minutes=1)
    return [f"{one.status} {one.method} {one.path}" for one in world.github.log.exchanges[before:]]


async def test_the_whole_story_without_a_webhook(deaf: World) -> None:
    assert await deaf.state(34) is State.BLOCKED
    for number in (20, 23, 25, 26, 27, 28, 29, 31, 33, 30):
        deaf.pull(number).merge(by=deaf.github.owner)
    await polls(deaf, 2)
    assert await deaf.state(34) is State.WAITING_ROLLOUT
    await deaf.cluster_reconciles()
    for number in (22, 34, 17, 35, 36, 38):
        await deaf.renovate_runs()
        await polls(deaf, 2)
        assert deaf.check(number) == "success", number
        deaf.pull(number).merge(by=deaf.github.owner)
        await polls(deaf, 2)
        await deaf.cluster_reconciles()
    assert [pull.number for pull in deaf.repository.open_pull_requests] == [15, 37]
    assert set(await deaf.rebases(34)) == {"confirmed"}
    deaf.pull(37).comment("/fluxmig approve", by=deaf.github.owner)
    await polls(deaf)
    assert deaf.check(37) == "success"
    assert_nothing_was_written_twice(deaf)


async def test_an_idle_repository_costs_three_conditional_calls_and_no_write(deaf: World) -> None:
    calls = await polls(deaf)
    root = f"/repos/{deaf.repository.full_name}"
    assert calls == [
        f"304 GET {root}/pulls",
        f"304 GET {root}/git/ref/heads/main",
        f"304 GET {root}/issues/comments",
    ]


async def test_a_command_is_carried_out_once(deaf: World) -> None:
    deaf.pull(38).comment("/fluxmig hold", by=deaf.github.owner)
    await polls(deaf, 3)
    assert await deaf.state(38) is State.HELD
    assert await commands(deaf) == {"/fluxmig hold": 1}
    deaf.pull(38).comment("thanks", by=deaf.github.owner)
    deaf.pull(38).comment("/fluxmig unhold", by=deaf.github.owner)
    await polls(deaf, 3)
    assert await deaf.state(38) is State.READY
    assert await commands(deaf) == {"/fluxmig hold": 1, "/fluxmig unhold": 1}


async def test_an_edited_comment_never_acts(deaf: World) -> None:
    comment = deaf.pull(38).comment("what is this?", by=deaf.github.owner)
    await polls(deaf)
    deaf.pull(38).edit_comment(comment, "/fluxmig hold", by=deaf.github.owner)
    await polls(deaf, 2)
    assert await commands(deaf) == {}


async def test_commands_on_issues_and_by_bots_are_none(deaf: World) -> None:
    issue = deaf.repository.open_issue(title="a question")
    issue.comment("/fluxmig help", by=deaf.github.owner)
    deaf.pull(38).comment("/fluxmig hold", by=deaf.github.renovate)
    await polls(deaf, 2)
    assert await commands(deaf) == {}


async def test_a_push_to_the_base_and_a_new_pull_request_are_noticed(deaf: World) -> None:
    values = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
    text = deaf.repository.tree()[values].replace("version: 2.5.1", "version: 2.6.1")
    deaf.repository.push({values: text}, message="Flux 2.6.1 by hand", by=deaf.github.owner)
    await polls(deaf)
    assert await deaf.state(34) is State.WAITING_ROLLOUT
    new = deaf.repository.open_pull_request(
        title="chore", branch="renovate/new", changes={"kubernetes/new.yaml": "a: 1\n"}, by=deaf.github.renovate
    )
    await polls(deaf)
    assert deaf.check(new.number) != ""


async def test_closed_pull_requests_that_nobody_knew_are_not_read(database_url: str) -> None:
    async with open_world(database_url, poll_seconds=60) as world:
        world.github.webhooks.lose(times=None)
        world.has(load_story(world.github, world.renovate))
        old = world.repository.open_pull_request(title="old", branch="old", changes={"a.yaml": "a: 1\n"})
        old.close()
        await world.starts()
        calls = await polls(world, 2)
        assert [call for call in calls if call.endswith(f"/pulls/{old.number}")] == []
        await world.look_around()


async def test_a_renamed_repository_is_found_under_its_new_name(deaf: World) -> None:
    deaf.repository.rename("houselab")
    deaf.pull(30).merge(by=deaf.github.owner)
    await polls(deaf, 2)
    assert await deaf.state(34) is State.WAITING_ROLLOUT


async def test_a_webhook_may_bring_the_same(database_url: str) -> None:
    async with open_world(database_url, poll_seconds=60) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.passes(minutes=1)
        await world.says(38, "/fluxmig hold")
        world.pull(20).comment("/fluxmig why", by=world.github.owner)
        async with world.hears_late():
            await world.passes(minutes=1)
        await world.passes(minutes=1)
        assert await commands(world) == {"/fluxmig hold": 1, "/fluxmig why": 1}
        assert len([one for one in world.pull(20).comments.values() if one.user == world.github.app.bot]) == 1
        await world.look_around()


async def test_comments_of_the_time_when_the_service_was_down_are_read(database_url: str) -> None:
    async with open_world(database_url, poll_seconds=60) as first:
        first.github.webhooks.lose(times=None)
        first.has(load_story(first.github, first.renovate))
        await first.starts()
        await first.passes(minutes=1)
        first.clock.now = first.clock.now.replace(hour=22)
        first.pull(38).comment("/fluxmig hold", by=first.github.owner)
        first.clock.now = first.clock.now.replace(hour=23)
        async with open_world(database_url, github=first.github, clock=first.clock, poll_seconds=60) as second:
            second.has(first.repository)
            await second.passes(minutes=1)
            assert await second.state(38) is State.HELD
            await second.look_around()


async def test_a_limit_puts_polls_off_as_well(deaf: World) -> None:
    deaf.github.faults.secondary_rate_limited(match="GET .*/pulls$", retry_after=600)
    await polls(deaf)
    assert await polls(deaf, 5) == []
    calls = await polls(deaf, 6)
    assert len(calls) >= 3


async def test_without_the_setting_nobody_asks(world: World) -> None:
    calls = world.github.log.calls
    await world.passes(minutes=5)
    assert world.github.log.calls == calls


# --- boxes and buttons ---


async def with_dashboard(world: World) -> Issue:
    text = "mode: act\ndashboard: true\n"
    world.repository.push({".github/fluxmig.yaml": text}, message="Configure", by=world.github.owner)
    await polls(world, 2)
    (issue,) = dashboards(world)
    return issue


async def test_a_box_is_a_command_of_who_ticked_it(deaf: World) -> None:
    issue = await with_dashboard(deaf)
    tick(deaf, "hold", 38, by=deaf.github.writer)
    await polls(deaf, 2)
    assert await deaf.state(38) is State.HELD
    assert "[x]" not in issue.body
    tick(deaf, "unhold", 38, by=deaf.github.owner)
    await polls(deaf, 2)
    assert await deaf.state(38) is State.READY
    assert [text for text in await deaf.history(38) if "Ticked" in text] == [
        f"{deaf.github.writer.login}: Ticked “hold it”.",
        f"{deaf.github.owner.login}: Ticked “end the hold”.",
    ]


async def test_a_box_needs_the_permission_of_its_command(deaf: World) -> None:
    issue = await with_dashboard(deaf)
    tick(deaf, "approve", 37, by=deaf.github.reader)
    await polls(deaf, 2)
    assert await deaf.state(37) is State.NEEDS_REVIEW
    assert "[x]" not in issue.body


async def test_between_several_editors_nobody_is_taken_for_the_other(deaf: World) -> None:
    issue = await with_dashboard(deaf)
    tick(deaf, "approve", 37, by=deaf.github.reader)
    issue.edit(body=f"{issue.body}\nthanks", by=deaf.github.owner)
    await polls(deaf, 2)
    assert await deaf.state(37) is State.NEEDS_REVIEW
    assert "[x]" not in issue.body
    assert any("GitHub does not tell by whom" in text for text in await deaf.history(37))


async def test_bots_tick_nothing(deaf: World) -> None:
    await with_dashboard(deaf)
    tick(deaf, "approve", 37, by=deaf.github.renovate)
    await polls(deaf, 2)
    assert await deaf.state(37) is State.NEEDS_REVIEW


async def test_an_idle_dashboard_costs_one_conditional_call(deaf: World) -> None:
    issue = await with_dashboard(deaf)
    await polls(deaf)
    calls = await polls(deaf)
    assert calls[3:] == [f"304 GET /repos/{deaf.repository.full_name}/issues/{issue.number}"]
    issue.close(by=deaf.github.owner)
    await polls(deaf)
    before = issue.body
    deaf.pull(30).merge(by=deaf.github.owner)
    await polls(deaf, 2)
    assert issue.body == before, "closed, it is left alone"


async def test_a_deleted_dashboard_is_made_anew(deaf: World) -> None:
    issue = await with_dashboard(deaf)
    del deaf.repository.issues[issue.number]
    await polls(deaf, 2)
    (anew,) = dashboards(deaf)
    assert anew is not issue


async def test_there_are_no_buttons_whose_press_nobody_would_tell_us(deaf: World) -> None:
    runs = list(deaf.repository.check_runs.values())
    assert runs
    assert [run for run in runs if run.actions] == []


async def test_a_command_before_the_first_poll_is_carried_out(database_url: str) -> None:
    async with open_world(database_url, poll_seconds=60) as world:
        world.github.webhooks.lose(times=None)
        world.has(load_story(world.github, world.renovate))
        await world.starts()
        world.clock.now += timedelta(seconds=20)
        world.pull(38).comment("/fluxmig hold", by=world.github.owner)
        await polls(world, 2)
        assert await world.state(38) is State.HELD
        await world.look_around()
