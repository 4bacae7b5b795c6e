"""People are told outside GitHub what needs them: once, over real HTTP, and nobody waits for a channel."""

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import select

from app.db.models import Notification
from app.demo.story import load_story
from app.domain.model import State
from tests.support.channel import Listener, listen
from tests.world import SERVICE, World, open_world

FILE = ".github/fluxmig.yaml"


@pytest.fixture
def friend() -> Iterator[Listener]:
    with listen() as listener:
        yield listener


@pytest.fixture
async def world(database_url: str, friend: Listener) -> AsyncIterator[World]:
    async with open_world(database_url, notify_urls=friend.url) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.registers_cluster()
        yield world
        await world.look_around()


async def states(world: World) -> list[tuple[str, int]]:
    async with world.context.database.transaction() as session:
        rows = await session.scalars(select(Notification).order_by(Notification.id))
        return [(row.state, row.attempts) for row in rows]


async def test_what_waits_for_a_person_is_one_message_and_told_once(world: World, friend: Listener) -> None:
    ((title, body),) = friend.messages
    assert title == "wcygan/homelab: 2 things need a person"
    assert body.startswith("- #15: ")
    assert "\n- #37: " in body
    assert body.endswith(f"{SERVICE}/r/wcygan/homelab")
    await world.sweeps()
    await world.says(37, "/fluxmig hold")
    await world.says(37, "/fluxmig unhold")
    assert await world.state(37) is State.NEEDS_REVIEW
    assert len(friend.messages) == 1, "the same head was told of"


async def test_a_new_head_that_needs_approval_again_is_news(world: World, friend: Listener) -> None:
    await world.says(37, "/fluxmig approve")
    assert await world.state(37) is State.READY
    await world.says(37, "/fluxmig rebase")
    world.repository.push({"README.md": "moved\n"}, message="Move on")
    await world.settle()
    await world.renovate_runs()
    assert await world.state(37) is State.NEEDS_REVIEW
    (_, (title, body)) = friend.messages
    assert title == "wcygan/homelab: one thing needs a person"
    assert body.startswith("- #37: ")


async def test_a_dead_end_is_told_when_it_becomes_one(world: World, friend: Listener) -> None:
    assert await world.state(34) is State.BLOCKED
    world.pull(30).close(by=world.github.owner)
    await world.settle()
    assert await world.state(34) is State.BLOCKED, "as before: only the reason is another"
    (_, (title, body)) = friend.messages
    assert title == "wcygan/homelab: one thing needs a person"
    assert body.startswith("- #34: ")
    assert "no open pull request raises Flux" in body
    await world.sweeps()
    await world.passes(hours=30)
    assert len(friend.messages) == 2, "nothing is said again while it stays so"


async def test_a_second_dead_end_of_the_same_head_is_news(world: World, friend: Listener) -> None:
    world.pull(30).close(by=world.github.owner)
    await world.settle()
    await world.passes(minutes=10)
    world.pull(30).reopen(by=world.github.owner)
    await world.settle()
    assert len(friend.messages) == 2, "that it is over needs nobody"
    await world.passes(minutes=10)
    world.pull(30).close(by=world.github.owner)
    await world.settle()
    assert [body.split(" ")[1] for _, body in friend.messages] == ["#15:", "#34:", "#34:"]


async def test_a_configuration_that_breaks_is_told_once_until_it_is_mended(world: World, friend: Listener) -> None:
    def push(text: str) -> None:
        world.repository.push({FILE: text}, message="Configure", by=world.github.owner)

    push("mode: act\nrulez: []\n")
    await world.settle()
    push("mode: act\nrulez: [] # hm\n")
    await world.settle()
    push("mode: act\n")
    await world.settle()
    (_, (_, body)) = friend.messages
    assert body.startswith(f"- The configuration is broken and does not judge: {FILE}:2: `rulez` is no key here")


async def test_a_channel_that_is_down_gets_it_later(database_url: str, friend: Listener) -> None:
    friend.deaf = True
    async with open_world(database_url, notify_urls=friend.url) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        assert await states(world) == [("waiting", 1), ("waiting", 1)]
        assert world.check(37) == "action_required", "no look waits for a channel"
        friend.deaf = False
        await world.settle()
        assert friend.messages == []
        await world.passes(minutes=1)
        assert len(friend.messages) == 1
        assert await states(world) == [("sent", 2), ("sent", 2)]
        await world.look_around()


async def test_a_channel_that_is_down_overnight_gets_it_in_the_morning(database_url: str, friend: Listener) -> None:
    friend.deaf = True
    async with open_world(database_url, notify_urls=friend.url) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        for _ in range(14 * 4):
            await world.passes(minutes=15)
        friend.deaf = False
        await world.passes(hours=1)
        assert len(friend.messages) == 1
        await world.look_around()


async def test_who_took_it_is_not_told_again_for_the_sake_of_another(database_url: str, friend: Listener) -> None:
    with listen() as other:
        other.deaf = True
        async with open_world(database_url, notify_urls=f"{friend.url} {other.url}") as world:
            world.has(load_story(world.github, world.renovate))
            await world.settle()
            for _ in range(23):
                await world.passes(hours=1)
            assert {state for state, _ in await states(world)} == {"waiting"}
            for _ in range(7):
                await world.passes(hours=1)
            assert len(friend.messages) == 1
            assert other.messages == []
            assert {state for state, _ in await states(world)} == {"failed"}


async def test_what_is_new_has_a_day_of_its_own(database_url: str, friend: Listener) -> None:
    friend.deaf = True
    async with open_world(database_url, notify_urls=friend.url) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        for _ in range(20):
            await world.passes(hours=1)
        world.pull(30).close(by=world.github.owner)
        await world.settle()
        for _ in range(15):
            await world.passes(hours=1)
        assert [state for state, _ in await states(world)] == ["failed", "failed", "waiting"]


async def test_the_operator_chooses_what_is_told(database_url: str, friend: Listener) -> None:
    async with open_world(database_url, notify_urls=friend.url, notify_on="incident, config") as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        assert friend.messages == []


async def test_without_channels_nothing_is_kept(database_url: str) -> None:
    async with open_world(database_url) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        assert await states(world) == []
