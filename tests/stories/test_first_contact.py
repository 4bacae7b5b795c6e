"""How a repository becomes known: by its installation, by any delivery, or by looking."""

from collections.abc import AsyncIterator

import pytest

from app.demo.story import load_story
from app.domain.model import State
from tests.world import World, open_world


@pytest.fixture
async def fresh(database_url: str) -> AsyncIterator[World]:
    """The service runs; the App is not installed anywhere yet."""
    async with open_world(database_url) as world:
        yield world
        await world.look_around()


async def test_the_installation_announces_it(fresh: World) -> None:
    fresh.has(load_story(fresh.github, fresh.renovate))
    await fresh.settle()
    assert await fresh.state(34) is State.BLOCKED


async def test_a_lost_announcement_is_made_up_for_by_any_delivery(fresh: World) -> None:
    fresh.github.webhooks.lose("installation")
    fresh.has(load_story(fresh.github, fresh.renovate))
    fresh.pull(34).label("needs-love", by=fresh.github.owner)
    await fresh.settle()
    assert await fresh.state(34) is State.BLOCKED


async def test_without_any_delivery_the_start_finds_it(fresh: World) -> None:
    fresh.github.webhooks.lose(times=None)
    fresh.has(load_story(fresh.github, fresh.renovate))
    await fresh.settle()
    await fresh.starts()
    assert await fresh.state(34) is State.BLOCKED
    assert fresh.check(34) == "action_required"


async def test_the_first_look_costs_one_read_a_pull_request(fresh: World) -> None:
    fresh.has(load_story(fresh.github, fresh.renovate))
    await fresh.settle()
    reads = [exchange for exchange in fresh.github.log.exchanges if not exchange.is_write]
    about_pulls = [read for read in reads if "/pulls/" in read.path]
    assert len(about_pulls) == 18
    assert len(reads) - len(about_pulls) <= 11
