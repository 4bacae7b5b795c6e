"""The story with the real engine, as the page tells it at each step; pictures go to build/screenshots."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from playwright.async_api import BrowserContext

from app.demo.story import load_story
from tests.browser.conftest import Watched, watch
from tests.world import World, open_world

HOME = "/r/wcygan/homelab"


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with open_world(database_url) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.registers_cluster()
        yield world


@pytest.fixture
async def screen(world: World, browsing: BrowserContext) -> AsyncIterator[Watched]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(world.service, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    found = watch(await browsing.new_page(), f"http://127.0.0.1:{listener.getsockname()[1]}")
    yield found
    server.should_exit = True
    await serving
    assert found.complaints == []


async def read(screen: Watched, path: str, picture: str) -> tuple[str, str]:
    """Heading and lead of a page."""
    page = await screen.open(path)
    await screen.shoot(f"story-{picture}")
    return await page.locator("h1").inner_text(), await page.locator(".lead").inner_text()


async def test_the_page_follows_the_story(world: World, screen: Watched) -> None:
    heading, lead = await read(screen, HOME, "1-morning")
    assert (heading, lead) == ("Merge #30 first", "#34 waits for it. 14 others are ready to merge.")
    heading, lead = await read(screen, f"{HOME}/pull/34", "1-morning-34")
    assert heading == "#34 is blocked"
    assert lead == (await world.reason(34)).replace("`", "")
    await read(screen, f"{HOME}/pull/30", "1-morning-30")

    page = await screen.open(f"{HOME}/upgrade?to=flux+2.8")
    assert await page.locator("h1").inner_text() == "What Flux 2.8 takes"
    await screen.shoot("story-1-upgrade")
    await page.set_viewport_size({"width": 360, "height": 900})
    await screen.shoot("story-1-upgrade-phone")
    await page.set_viewport_size({"width": 1280, "height": 720})
    await page.emulate_media(color_scheme="dark")
    await screen.shoot("story-1-upgrade-dark")
    await page.emulate_media(color_scheme="light")

    page = await screen.open(f"{HOME}/doctor")
    assert await page.locator("h1").inner_text() == "2 things need mending"
    await screen.shoot("story-1-doctor")

    await world.merges(30)
    heading, lead = await read(screen, HOME, "2-merged")
    assert heading == "Waiting for the cluster to run Flux 2.6.1"
    assert lead.endswith("Until it says so, #34 waits.")
    await read(screen, f"{HOME}/pull/34", "2-merged-34")

    await world.cluster_reconciles()
    heading, lead = await read(screen, HOME, "3-rolled-out")
    assert heading == "Two pull requests need your decision"
    assert lead == "#15 and #37: major updates are for a person to judge. 15 others are ready to merge."
    assert "Renovate has been asked to rebase it." in await screen.page.locator("#waves ~ .waves").inner_text()
    assert (await read(screen, f"{HOME}/pull/34", "3-rolled-out-34"))[0] == "#34 is ready to merge"


async def test_who_said_what_can_be_read_on_a_phone(world: World, screen: Watched) -> None:
    await world.says(37, "/fluxmig approve")
    await world.says(38, "/fluxmig hold for 2h the node is busy", by=world.github.writer)
    await world.says(15, "/fluxmig approve", by=world.github.reader)
    page = await screen.open(HOME)
    told = await page.locator("section[aria-labelledby=audit]").inner_text()
    assert "/fluxmig hold for 2h the node is busy" in told
    assert "refused" in told
    await screen.shoot("story-4-audit")
    await page.set_viewport_size({"width": 360, "height": 900})
    await screen.shoot("story-4-audit-phone")
    assert await page.evaluate("document.documentElement.scrollWidth <= 360"), "no sideways scroll"
