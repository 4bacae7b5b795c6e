"""Pictures of the pages, for people to look at: build/screenshots."""

from typing import Literal

import pytest
from playwright.async_api import Browser

from app.services.context import AppContext
from tests.browser.conftest import watch
from tests.web.seed import seed_story

PATHS = {"home": "/", "repository": "/r/wcygan/homelab", "pull": "/r/wcygan/homelab/pull/34"}


@pytest.mark.parametrize(("look", "moment"), [("light", "before"), ("dark", "merged"), ("phone", "merged")])
async def test_pictures_are_taken(chromium: Browser, site: str, context: AppContext, look: str, moment: str) -> None:
    async with context.database.transaction() as session:
        await seed_story(session, merged=moment == "merged")
    scheme: Literal["light", "dark"] = "dark" if look == "dark" else "light"
    width = 360 if look == "phone" else 1100
    browsing = await chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    watched = watch(await browsing.new_page(), site)
    for name, path in PATHS.items():
        page = await watched.open(path)
        for summary in await page.locator("summary").all():
            await summary.click()
        await watched.shoot(f"{name}-{moment}-{look}")
    await browsing.close()
    assert watched.complaints == []
