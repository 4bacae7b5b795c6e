"""Each story gets the morning of 2025-06-11: wcygan/homelab with 18 open pull requests, the App just installed."""

from collections.abc import AsyncIterator

import pytest

from app.demo.story import load_story
from tests.world import World, open_world


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with open_world(database_url) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.registers_cluster()
        yield world
        await world.look_around()
