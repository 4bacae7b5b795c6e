"""The story with the real engine, as the page tells it at each step; pictures go to build/screenshots."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Literal

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext

from app.demo.story import load_story
from app.services.milestones import Wish, create_milestone
from tests.browser.conftest import Watched, is_readable, watch
from tests.world import ADMIN_TOKEN, World, open_world

HOME = "/r/wcygan/homelab"


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with open_world(database_url) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.registers_cluster()
        yield world


@asynccontextmanager
async def served(world: World) -> AsyncIterator[str]:
    """The address of the world's service."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(world.service, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
async def screen(world: World, browsing: BrowserContext) -> AsyncIterator[Watched]:
    async with served(world) as site:
        found = watch(await browsing.new_page(), site)
        yield found
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
    wish = Wish("flux 2.6.1", "Flux API migration", wants_issue=True, by="wcygan")
    await create_milestone(world.context, world.repository.id, wish)
    await world.settle()
    heading, lead = await read(screen, f"{HOME}/milestones/1", "1-milestone")
    assert heading == "Flux API migration"
    assert lead == "Reach Flux 2.6.1, and bring in what waits for it. 0 of 18 resolved."
    assert "0 of 18 resolved." in await (await screen.open(HOME)).locator("#milestones ~ .way").inner_text()

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


@pytest.mark.parametrize("ended", [False, True])
async def test_a_milestone_can_be_read_by_everybody(world: World, chromium: Browser, ended: bool) -> None:
    """In its midst and at its end, light and dark, wide and narrow, with a title that is far too long."""
    wish = Wish("flux 2.6.1", "Flux API migration", wants_issue=True, by="wcygan")
    await create_milestone(world.context, world.repository.id, wish)
    await create_milestone(world.context, world.repository.id, replace(wish, title="x" * 200))
    await world.merges(20, 23, 25, 26, 29, 31, 33, 30)
    await world.passes(minutes=40)
    await world.cluster_reconciles()
    if ended:
        for number in (28, 27, 22, 34, 17, 35, 36, 38, 15, 37):
            await world.merges(number)
        await world.passes(minutes=10)
        await world.cluster_reconciles()
    moment = "end" if ended else "middle"
    async with served(world) as site:
        for scheme, width in (("light", 1100), ("dark", 1100), ("light", 360), ("light", 320)):
            look: Literal["light", "dark"] = "dark" if scheme == "dark" else "light"
            browsing = await chromium.new_context(color_scheme=look, viewport={"width": width, "height": 900})
            watched = watch(await browsing.new_page(), site)
            for number in (1, 2):
                await is_readable(await watched.open(f"{HOME}/milestones/{number}"))
                if number == 1:
                    await watched.shoot(f"milestone-{moment}-{scheme}-{width}")
            await browsing.close()
            assert watched.complaints == []


@pytest.mark.parametrize(("look", "width"), [("light", 1100), ("dark", 1100), ("light", 360), ("light", 320)])
async def test_a_milestone_is_made_and_ended_in_a_browser(
    world: World, chromium: Browser, look: Literal["light", "dark"], width: int
) -> None:
    """From the look ahead to the form, past two mistakes, to its page and to its end; without a script."""
    async with served(world) as site:
        browsing = await chromium.new_context(
            java_script_enabled=False, color_scheme=look, viewport={"width": width, "height": 900}
        )
        watched = watch(await browsing.new_page(), site)
        page = await watched.open(f"{HOME}/upgrade?to=Flux+2.5.99")
        await is_readable(page)
        await watched.shoot(f"upgrade-warned-{look}-{width}")
        page = await watched.open(f"{HOME}/upgrade?to=Flux+2.6.1")
        await page.get_by_role("link", name="Plan it as a milestone").click()
        assert await page.get_by_label("Goal").input_value() == "Flux 2.6.1"
        await watched.shoot(f"milestone-form-{look}-{width}")
        await is_readable(page)

        await page.get_by_label("Goal").fill("Fluxx 2.6.1")
        await page.get_by_label("Title").fill("Flux API migration")
        await page.get_by_label("Keep it as a GitHub issue too").check()
        await page.get_by_label("Admin token").fill("not the token")
        await page.get_by_role("button", name="Plan it").click()
        assert "This is not the admin token." in await page.get_by_role("alert").inner_text()
        await page.get_by_label("Admin token").fill(ADMIN_TOKEN)
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        assert "the catalogue has no provider Fluxx" in await page.get_by_role("alert").inner_text()
        assert await page.get_by_label("Admin token").input_value() == ""
        await watched.shoot(f"milestone-fault-{look}-{width}")
        await is_readable(page)

        await page.get_by_label("Goal").fill("Flux 2.6.1")
        await page.get_by_label("Admin token").fill(ADMIN_TOKEN)
        await page.get_by_role("button", name="Plan it").click()
        assert page.url == f"{site}{HOME}/milestones/1"
        assert await page.locator("h1").inner_text() == "Flux API migration"

        await page.get_by_role("link", name="End it before it is reached").click()
        await watched.shoot(f"milestone-close-{look}-{width}")
        await is_readable(page)
        await page.get_by_label("Admin token").fill(ADMIN_TOKEN)
        await page.get_by_role("button", name="End it").click()
        assert "Closed by an admin before it was reached." in await page.locator(".lead").inner_text()
        await watched.open(HOME)
        await watched.shoot(f"milestone-listed-{look}-{width}")
        await browsing.close()
        # Chromium tells of each answer that is no success; both mistakes are told to the person as well.
        assert [told for told in watched.complaints if "responded with a status of 4" not in told] == []
