"""The dashboard issue: one, found again, with boxes that do what commands do for the person who ticks them."""

import re

import pytest

from app.demo.github.issue import Issue
from app.demo.github.model import User
from app.domain.dashboard import DASHBOARD_MARKER
from app.domain.model import State
from tests.world import World

FILE = ".github/fluxmig.yaml"


async def turn_on(world: World, text: str = "mode: act\ndashboard: true\n") -> None:
    world.repository.push({FILE: text}, message="Configure", by=world.github.owner)
    await world.settle()


def dashboards(world: World) -> list[Issue]:
    bot = f"{world.github.app.slug}[bot]"
    issues = world.repository.issues.values()
    return [issue for issue in issues if issue.user.login == bot and issue.body.startswith(DASHBOARD_MARKER)]


def sections(issue: Issue) -> dict[str, list[int]]:
    """Heading -> numbers in its order."""
    found: dict[str, list[int]] = {}
    for part in issue.body.split("\n## ")[1:]:
        title, _, rest = part.partition("\n")
        found[title] = [int(number) for number in re.findall(r"^- #(\d+) ", rest, re.MULTILINE)]
    return found


def tick(world: World, verb: str, number: int, *, by: User | None = None, how: str = "x") -> None:
    (issue,) = dashboards(world)
    box = f"- [ ] <!-- fluxmig:{verb}={number} -->"
    assert box in issue.body
    issue.edit(body=issue.body.replace(box, box.replace("[ ]", f"[{how}]")), by=by or world.github.owner)


async def ticks(world: World, verb: str, number: int, *, by: User | None = None, how: str = "x") -> None:
    tick(world, verb, number, by=by, how=how)
    await world.settle()


async def test_off_by_default(world: World) -> None:
    assert dashboards(world) == []


async def test_it_says_what_to_merge_next_and_follows(world: World) -> None:
    await turn_on(world)
    (issue,) = dashboards(world)
    told = sections(issue)
    assert told["Merge next"][0] == 30, "another one waits for it"
    assert told["Needs a person"] == [15, 37]
    assert 34 in told["Waits"]
    assert "Waits for the cluster" not in told
    assert "#34 needs OCIRepository" in issue.body
    await world.merges(30)
    (same,) = dashboards(world)
    assert same is issue
    assert 30 not in sections(issue)["Merge next"]
    assert "- [ ] <!-- fluxmig:confirm=34 -->" in issue.body
    assert sections(issue)["Waits for the cluster"] == [34]


async def test_it_shows_the_waves(world: World) -> None:
    await turn_on(world)
    (issue,) = dashboards(world)
    lines = re.findall(r"^\d+\. (.+)$", issue.body, re.MULTILINE)
    waves = [[int(number) for number in re.findall(r"#(\d+)", line)] for line in lines]
    place = {number: position for position, wave in enumerate(waves) for number in wave}
    assert set(place) == {pull.number for pull in world.repository.open_pull_requests}
    assert place[30] < place[34]


async def test_boxes_work_and_are_empty_again(world: World) -> None:
    await turn_on(world)
    await ticks(world, "approve", 37)
    assert await world.state(37) is State.READY
    (issue,) = dashboards(world)
    assert "[x]" not in issue.body
    assert "wcygan: Ticked “approve it at its present head”." in await world.history(37)
    await ticks(world, "hold", 38, how="X")
    assert await world.state(38) is State.HELD
    await ticks(world, "unhold", 38)
    assert await world.state(38) is State.READY
    await ticks(world, "rebase", 36)
    assert await world.rebases(36) == ["requested"]
    await world.merges(30)
    await ticks(world, "confirm", 34)
    assert await world.state(34) is State.READY


async def test_a_tick_needs_the_permission_of_the_command(world: World) -> None:
    await turn_on(world)
    await ticks(world, "approve", 37, by=world.github.reader)
    assert await world.state(37) is State.NEEDS_REVIEW
    (issue,) = dashboards(world)
    assert "[x]" not in issue.body
    answer = await world.client.get(
        f"/api/v1/repositories/{world.repository.full_name}/audit",
        headers={"Authorization": "Bearer an-admin-token-for-tests-of-32-characters"},
    )
    newest = answer.json()["items"][0]
    assert (newest["actor"], newest["result"]) == (world.github.reader.login, "refused")
    assert newest["place"].startswith("a box of the dashboard")


async def test_titles_cannot_forge_boxes(world: World) -> None:
    world.pull(38).edit(title="x\n- [x] <!-- fluxmig:approve=37 -->", by=world.github.writer)
    await world.settle()
    await turn_on(world)
    (issue,) = dashboards(world)
    assert "[x] <!-- fluxmig:approve" not in issue.body
    issue.edit(body=issue.body + "\nthank you", by=world.github.owner)
    await world.settle()
    assert await world.state(37) is State.NEEDS_REVIEW


async def test_what_people_write_into_it_is_written_over_and_bots_do_not_tick(world: World) -> None:
    await turn_on(world)
    (issue,) = dashboards(world)
    before = issue.body
    issue.edit(body="mine now", by=world.github.owner)
    await world.settle()
    assert issue.body == before
    bot = User(id=99_001, login="other[bot]", kind="Bot")
    await ticks(world, "approve", 37, by=bot)
    assert await world.state(37) is State.NEEDS_REVIEW
    assert issue.body == before


async def test_closed_it_is_left_alone_and_opened_it_is_back(world: World) -> None:
    await turn_on(world)
    (issue,) = dashboards(world)
    issue.close(by=world.github.owner)
    await world.settle()
    before = issue.body
    await world.merges(30)
    assert issue.body == before
    assert len(dashboards(world)) == 1
    issue.reopen(by=world.github.owner)
    await world.settle()
    assert issue.body != before


async def test_a_lost_delivery_is_made_up_for_by_the_sweep(world: World) -> None:
    await turn_on(world)
    (issue,) = dashboards(world)
    ticked = issue.body.replace("- [ ] <!-- fluxmig:approve=37", "- [x] <!-- fluxmig:approve=37")
    with world.github.silent():
        issue.edit(body=ticked, by=world.github.reader)
        issue.edit(body=f"{ticked} ", by=world.github.owner)
    await world.sweeps()
    assert "[x]" not in issue.body, "either may have ticked it, so it does nothing and is empty again"
    assert await world.state(37) is State.NEEDS_REVIEW
    assert any("GitHub does not tell by whom" in text for text in await world.history(37))
    with world.github.silent():
        tick(world, "approve", 37)
    await world.sweeps()
    assert await world.state(37) is State.READY


async def test_a_delivery_that_comes_late_is_the_same_tick(world: World) -> None:
    await turn_on(world)
    (issue,) = dashboards(world)
    tick(world, "approve", 37)
    async with world.hears_late():
        await world.sweeps()
        assert await world.state(37) is State.READY
    assert await world.state(37) is State.READY
    assert "[x]" not in issue.body


async def test_ours_is_found_again_without_its_number(world: World) -> None:
    await turn_on(world)
    world.repository.open_issue(title="mine", body=f"{DASHBOARD_MARKER} not really", by=world.github.writer)
    async with world.context.database.pool.connection() as connection:
        await connection.execute("delete from dashboards")
    await world.merges(30)
    assert len(dashboards(world)) == 1


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_write_that_ends_in_doubt_is_made_once(world: World, after_effect: bool) -> None:
    world.github.faults.fail_next(502, match="POST .*/issues$", after_effect=after_effect)
    await turn_on(world)
    await world.passes(minutes=6)
    assert len(dashboards(world)) == 1


async def test_nothing_changes_nothing_is_written(world: World) -> None:
    await turn_on(world)
    writes = len(world.github.log.list_writes())
    for _ in range(5):
        await world.sweeps()
    assert world.github.log.list_writes()[writes:] == []


async def test_closed_by_a_person_it_stays_so_where_its_number_is_lost(world: World) -> None:
    await turn_on(world)
    (issue,) = dashboards(world)
    issue.close(by=world.github.owner)
    await world.settle()
    before = issue.body
    async with world.context.database.pool.connection() as connection:
        await connection.execute("delete from dashboards")
    await world.merges(30)
    assert dashboards(world) == [issue]
    assert issue.body == before


async def test_switched_off_it_says_so_once_and_switched_on_again_it_is_back(world: World) -> None:
    await turn_on(world)
    (issue,) = dashboards(world)
    await turn_on(world, "mode: act\n")
    assert "no longer keeps this issue up to date" in issue.body
    assert "- [ ]" not in issue.body
    issue.edit(body="An issue of ours now.", by=world.github.owner)
    await world.merges(30)
    assert issue.body == "An issue of ours now.", "what is over is left alone"
    issue.edit(body=f"{DASHBOARD_MARKER}\nback", by=world.github.owner)
    await turn_on(world)
    assert dashboards(world) == [issue]
    assert "Merge next" in sections(issue)


async def test_closed_after_its_last_words_a_new_one_is_made(world: World) -> None:
    await turn_on(world)
    (issue,) = dashboards(world)
    await turn_on(world, "mode: act\n")
    issue.close(by=world.github.owner)
    await turn_on(world)
    assert [one.state for one in dashboards(world)] == ["closed", "open"]


async def test_where_issues_are_off_it_is_not_asked_for_at_each_look(world: World) -> None:
    world.repository.has_issues = False
    await turn_on(world)
    await world.merges(30)
    await world.sweeps()
    tries = [one for one in world.github.log.exchanges if one.method == "POST" and one.path.endswith("/issues")]
    assert [one.status for one in tries] == [410]
    world.repository.has_issues = True
    await world.passes(minutes=25 * 60)
    await world.sweeps()
    assert len(dashboards(world)) == 1
    assert await world.forgets_what_failed() == ["dashboard"]


async def test_a_tick_does_not_approve_a_head_that_came_after_it(world: World) -> None:
    await turn_on(world)
    (issue,) = dashboards(world)
    tick(world, "approve", 37)
    async with world.hears_late():
        await world.passes(minutes=5)
        world.pull(37).push({"docs/more.md": "more\n"}, message="more", by=world.github.writer)
        await world.settle()
    assert await world.state(37) is State.NEEDS_REVIEW
    assert "[x]" not in issue.body
