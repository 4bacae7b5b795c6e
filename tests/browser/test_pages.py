"""The pages in a real browser, without scripts: each in every state, light and dark, wide and at 320 pixels."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from playwright.async_api import Browser
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import models
from app.services.context import AppContext
from tests.browser.conftest import Watched, is_readable, watch
from tests.browser.measure import focused
from tests.web.seed import REPOSITORY_ID, STORY, document, pull_request, repository, seed_installation, seed_story

HOME = "/r/wcygan/homelab"
LONG = "x" * 300


async def nothing(_: AsyncSession) -> None:
    """No repository at all."""


async def before(session: AsyncSession) -> None:
    await seed_story(session)


async def merged(session: AsyncSession) -> None:
    await seed_story(session, merged=True)


async def quiet(session: AsyncSession) -> None:
    await seed_installation(session)
    session.add(repository())
    await session.flush()
    session.add(models.RepositoryPlan(repository_id=REPOSITORY_ID, document=document([], [])))


async def many(session: AsyncSession) -> None:
    told = [replace(STORY[2], number=number) for number in range(1, 501)]
    await seed_installation(session)
    session.add(repository())
    await session.flush()
    session.add_all(pull_request(one) for one in told)
    plan = document(told, [[one.number for one in told]])
    session.add(models.RepositoryPlan(repository_id=REPOSITORY_ID, document=plan))


async def long_words(session: AsyncSession) -> None:
    seed = await seed_story(session)
    for pull in seed.pulls.values():
        pull.title, pull.reason = LONG, f"{LONG} `{LONG}` {LONG}"
        pull.classification = {**(pull.classification or {}), "updates": [{"name": LONG, "from": LONG, "to": LONG}]}


Scene = Callable[[AsyncSession], Awaitable[None]]

SCENES: list[tuple[Scene, str]] = [
    (nothing, "/"),
    (nothing, "/nowhere"),
    (before, "/"),
    (before, HOME),
    (before, f"{HOME}/pull/34"),
    (before, f"{HOME}/pull/26"),
    (merged, HOME),
    (merged, f"{HOME}/pull/34"),
    (merged, f"{HOME}/pull/30"),
    (quiet, HOME),
    (many, HOME),
    (long_words, "/"),
    (long_words, HOME),
    (long_words, f"{HOME}/pull/34"),
]

LOOKS = [("light", 1100), ("dark", 1100), ("light", 320)]


@pytest.mark.parametrize(("scene", "path"), SCENES, ids=[f"{scene.__name__}:{path}" for scene, path in SCENES])
async def test_every_page_can_be_read_by_everybody(
    chromium: Browser, site: str, context: AppContext, scene: Scene, path: str
) -> None:
    context.banner = "A stand-in plays GitHub, Renovate and the cluster; everything else is real."
    async with context.database.transaction() as session:
        await scene(session)
    for scheme, width in LOOKS:
        browsing = await chromium.new_context(
            java_script_enabled=False,
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": width, "height": 800},
        )
        watched = watch(await browsing.new_page(), site)
        page = await watched.open(path)
        for summary in await page.locator("summary").all():
            await summary.click()
        await is_readable(page)
        assert await page.locator("html[lang=en]").count() == 1
        await browsing.close()
        if path != "/nowhere":
            assert watched.complaints == []


async def test_a_state_is_a_word_and_a_shape_and_a_colour(watched: Watched, context: AppContext) -> None:
    async with context.database.transaction() as session:
        await seed_story(session, merged=True)
    page = await watched.open(HOME)
    shapes: dict[str, set[str]] = {}
    for badge in await page.locator(".pr .badge").all():
        word = (await badge.inner_text()).strip()
        shape = await badge.locator("svg").inner_html()
        assert word
        shapes.setdefault(word, set()).add(shape)
    assert set(shapes) == {"Ready", "Your call", "Waiting for rollout"}
    assert all(len(found) == 1 for found in shapes.values())
    assert len({shape for found in shapes.values() for shape in found}) == len(shapes)


async def test_the_keyboard_reaches_everything_and_shows_where_it_is(watched: Watched, context: AppContext) -> None:
    async with context.database.transaction() as session:
        await seed_story(session, merged=True)
    page = await watched.open(HOME)
    links = await page.locator("a:visible, summary, [tabindex='0']:visible").count()
    await page.keyboard.press("Tab")
    first = await focused(page)
    assert first["name"] == "Skip to the content"
    assert first["visible"]
    await page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    names = []
    for _ in range(links):
        await page.keyboard.press("Tab")
        found = await focused(page)
        if found["tag"] == "body":
            break
        assert found["outline"] >= 3 or found["stroke"] >= 4, found
        names.append(found["name"])
    assert "#34 on GitHub" in names
    assert "Show what waits for what as a picture" in names
    assert len(names) > 40


async def test_links_to_github_are_told_apart(watched: Watched, context: AppContext) -> None:
    async with context.database.transaction() as session:
        await seed_story(session)
    page = await watched.open(HOME)
    targets: dict[str, set[str]] = {}
    for link in await page.locator("main a").all():
        name = await link.get_attribute("aria-label") or " ".join((await link.inner_text()).split())
        targets.setdefault(name, set()).add(await link.get_attribute("href") or "")
    assert {name: found for name, found in targets.items() if len(found) > 1} == {}


async def test_one_can_follow_the_story_by_links(watched: Watched, context: AppContext) -> None:
    async with context.database.transaction() as session:
        await seed_story(session)
    page = await watched.open("/")
    await page.get_by_role("link", name="wcygan/homelab").click()
    assert await page.get_by_role("heading", level=1).inner_text() == "Merge #30 first"
    await page.locator(".lead").get_by_role("link", name="#34").click()
    assert await page.get_by_role("heading", level=1).inner_text() == "#34 is blocked"
    await page.locator(".steps").get_by_role("link", name="#30").click()
    assert await page.get_by_role("heading", level=1).inner_text() == "#30 is ready to merge"
    await page.get_by_role("navigation").get_by_role("link", name="wcygan/homelab").click()
    assert page.url.endswith(HOME)


async def test_the_demo_page_reloads_and_can_be_stopped(watched: Watched, context: AppContext) -> None:
    context.banner, context.refresh_seconds = "A stand-in plays GitHub.", 1
    async with context.database.transaction() as session:
        await seed_story(session)
    page = await watched.open(HOME)
    async with page.expect_navigation():
        pass
    await page.get_by_role("link", name="Stop reloading this page").click()
    assert page.url.endswith(f"{HOME}?refresh=off")
    assert await page.locator("meta[http-equiv=refresh]").count() == 0


async def test_in_forced_colours_badges_keep_an_edge(chromium: Browser, site: str, context: AppContext) -> None:
    async with context.database.transaction() as session:
        await seed_story(session)
    browsing = await chromium.new_context(forced_colors="active", viewport={"width": 800, "height": 800})
    page = await watch(await browsing.new_page(), site).open(HOME)
    width = await page.locator(".pr .badge").first.evaluate("found => getComputedStyle(found).borderTopWidth")
    assert width == "1px"
    await browsing.close()
