"""Renovate that does not react, branches that people changed, pull requests by people, and clusters that say little."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from app.db.models import HistoryEntry, Rollout
from app.demo.story import load_story
from app.domain.model import State
from tests.world import World, open_world

VALUES = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
MARKER = "<!-- rebase-check -->"


async def history(world: World, number: int) -> list[str]:
    async with world.context.database.transaction() as session:
        rows = await session.scalars(
            select(HistoryEntry.text).where(HistoryEntry.number == number).order_by(HistoryEntry.id)
        )
        return list(rows)


async def free_the_migration(world: World) -> None:
    await world.merges(30)
    await world.cluster_reconciles()


def flux_261(world: World) -> str:
    return world.repository.tree()[VALUES].replace("version: 2.5.1", "version: 2.6.1")


# --- Renovate ---


async def test_without_a_box_the_label_asks(world: World) -> None:
    body = world.pull(34).body.replace(f" - [ ] {MARKER}If you want to rebase/retry this PR, check this box", "")
    world.pull(34).edit(body=body, by=world.github.owner)
    await free_the_migration(world)
    assert "rebase" in world.pull(34).labels
    await world.renovate_runs()
    assert await world.rebases(34) == ["confirmed"]


async def test_a_second_marker_in_the_release_notes_is_never_ticked(world: World) -> None:
    fake = f" - [ ] {MARKER}harmless\n"
    body = world.pull(34).body.replace("### Configuration", f"### Release Notes\n\n{fake}\n### Configuration")
    world.pull(34).edit(body=body, by=world.github.renovate)
    await free_the_migration(world)
    assert f"- [x] {MARKER}" not in world.pull(34).body
    assert "rebase" in world.pull(34).labels


async def test_a_branch_that_a_person_changed_is_never_ticked(world: World) -> None:
    pull = world.pull(34)
    pull.push({"note.md": "mine\n"}, message="A person's commit", by=world.github.writer)
    await free_the_migration(world)
    assert f"- [x] {MARKER}" not in pull.body
    assert await world.rebases(34) == ["refused"]
    assert any("a person changed the branch" in told for told in await history(world, 34))


async def test_the_stop_label_is_respected(world: World) -> None:
    world.pull(34).label("renovate/stop-updating", by=world.github.owner)
    await free_the_migration(world)
    assert await world.rebases(34) == ["refused"]
    assert any("`renovate/stop-updating`" in told for told in await history(world, 34))


async def test_a_renovate_that_does_not_react_gets_the_label_and_then_a_person_is_told(world: World) -> None:
    await free_the_migration(world)
    await world.passes(minutes=16)
    assert await world.rebases(34) == ["stale", "requested"]
    assert "rebase" in world.pull(34).labels
    await world.passes(minutes=16)
    assert await world.rebases(34) == ["stale", "stale"]
    assert any("A person has to look" in told for told in await history(world, 34))


async def test_renovate_is_asked_three_times_a_day_and_no_more(world: World) -> None:
    for _ in range(3):
        await world.says(38, "/fluxmig rebase")
        await world.renovate_runs()
    await world.says(38, "/fluxmig rebase")
    assert await world.rebases(38) == [*["confirmed"] * 3, "refused"]
    assert "3 times in the last 24 hours" in world.pull(38).last_comment


# --- people ---


async def test_a_pull_request_by_a_person_counts_as_provider_and_is_left_alone(world: World) -> None:
    world.pull(30).close(by=world.github.owner)
    world.repository.push_to_branch(
        "flux-by-hand", {VALUES: flux_261(world)}, message="Flux 2.6.1", by=world.github.writer
    )
    mine = world.repository.open_pull_request(title="Raise Flux by hand", branch="flux-by-hand", by=world.github.writer)
    await world.settle()
    assert await world.state(34) is State.BLOCKED
    assert f"#{mine.number} brings 2.6.1" in await world.reason(34)
    assert world.check(mine.number) == ""
    assert mine.labels == set()
    await world.merges(mine.number)
    assert await world.state(34) is State.WAITING_ROLLOUT


async def test_nothing_open_would_free_it(world: World) -> None:
    world.pull(30).close(by=world.github.owner)
    await world.settle()
    assert await world.state(34) is State.BLOCKED
    assert "no open pull request raises Flux to >= 2.6.0" in await world.reason(34)
    assert world.check_title(34) == "Blocked, and no open pull request would free it"


async def test_a_push_to_the_base_branch_begins_a_rollout_too(world: World) -> None:
    world.repository.push({VALUES: flux_261(world)}, message="Flux 2.6.1 by hand", by=world.github.owner)
    await world.settle()
    assert await world.state(34) is State.WAITING_ROLLOUT
    await world.cluster_reconciles()
    assert await world.state(34) is State.READY


async def test_a_pull_request_to_another_branch_is_none_of_ours(world: World) -> None:
    head = world.repository.commit_of("main")
    world.repository.move_branch("staging", head, by=world.github.owner)
    world.repository.push_to_branch("renovate/x-1.x", {VALUES: flux_261(world)}, message="x", by=world.github.renovate)
    other = world.repository.open_pull_request(
        title="to staging", branch="renovate/x-1.x", base="staging", by=world.github.renovate
    )
    await world.settle()
    assert world.check(other.number) == ""


# --- the cluster ---


async def test_silence_never_frees(world: World) -> None:
    await world.merges(30)
    await world.passes(days=30)
    assert await world.state(34) is State.WAITING_ROLLOUT


async def test_an_old_event_that_comes_late_does_not_count(world: World) -> None:
    await world.merges(30)
    world.cluster.upgrade_flux("2.6.1")
    late = world.cluster.pending.pop()
    world.clock.now = world.clock.now.replace(minute=50)
    world.cluster.upgrade_flux("2.6.4")
    world.cluster.pending.append(late)
    await world.cluster.deliver_all(world.client)
    await world.settle()
    assert await world.state(34) is State.READY
    assert "Flux 2.6.4 is running" in await world.reason(34)


@pytest.fixture
async def soaking(database_url: str) -> AsyncIterator[World]:
    async with open_world(database_url, rollout_soak_minutes=120) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        yield world
        await world.look_around()


async def test_a_soak_time_frees_and_says_that_nobody_looked(soaking: World) -> None:
    await soaking.merges(30)
    await soaking.passes(minutes=119)
    assert await soaking.state(34) is State.WAITING_ROLLOUT
    await soaking.passes(minutes=2)
    assert await soaking.state(34) is State.READY
    assert "unverified" in await soaking.reason(34)


async def test_a_rollout_begins_once_however_often_one_looks(world: World) -> None:
    await world.merges(30)
    await world.sweeps()
    await world.sweeps()
    async with world.context.database.transaction() as session:
        rows = list(await session.scalars(select(Rollout).where(Rollout.provider == "flux")))
    assert [(row.number, row.from_version, row.to_version) for row in rows] == [(30, "2.5.1", "2.6.1")]
