"""A real Chromium for tests of pages as a person gets them.

`make test` fetches one where it can. Without any, the tests that ask for a page are skipped and say why.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from scripts.tools import find_browser


@pytest.fixture(scope="session")
def browser_path() -> Path:
    found = find_browser()
    if found is None:
        pytest.skip("there is no Chromium here; `make test` fetches one where it can")
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(browser_path: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser_path)
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page of a fresh context. What it complains about on its console fails the test."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    context = await browser.new_context(locale="en-GB", timezone_id="UTC")
    opened = await context.new_page()
    opened.on("console", note)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    await context.close()
    assert complaints == []
