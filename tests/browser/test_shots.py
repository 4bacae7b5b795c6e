"""Pictures of the pages, for people to look at: build/screenshots."""

from typing import Literal

import pytest
from playwright.async_api import Browser

from app.services.context import AppContext
from tests.browser.conftest import watch
from tests.web.seed import seed_story

LOOKS = {
    "light": {"scheme": "light", "width": 1100},
    "dark": {"scheme": "dark", "width": 1100},
    "phone": {"scheme": "light", "width": 360},
    "phone-dark": {"scheme": "dark", "width": 360},
}
PATHS = {"home": "/", "repository": "/r/wcygan/homelab", "pull": "/r/wcygan/homelab/pull/34"}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("merged", [False, True], ids=["before", "merged"])
async def test_pictures_are_taken(chromium: Browser, site: str, context: AppContext, look: str, merged: bool) -> None:
    async with context.database.transaction() as session:
        await seed_story(session, merged=merged)
    scheme: Literal["light", "dark"] = "dark" if "dark" in look else "light"
    width = 360 if "phone" in look else 1100
    browsing = await chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    watched = watch(await browsing.new_page(), site)
    for name, path in PATHS.items():
        await watched.open(path)
        await watched.shoot(f"{name}-{'merged' if merged else 'before'}-{look}")
    await browsing.close()
    assert watched.complaints == []
