"""A real Chromium before the real application, served by uvicorn on a free port of this machine.

`make test` fetches a Chromium where it can. Without any these tests are skipped and say why.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from scripts.tools import find_browser
from tests.browser.measure import faint_texts, headings, repeated_ids, sideways, small_targets, unnamed
from tests.web.fixtures import app, clients, context, database, settings, woken

__all__ = ["app", "clients", "context", "database", "settings", "woken"]

_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    # Not in the asynchronous fixture: Playwright's synchronous half, which looks for its own browser, refuses that.
    found = find_browser()
    if found is None:
        pytest.skip("there is no Chromium here; `make test` fetches one where it can")
    return found


@pytest.fixture(scope="session")
async def chromium(chromium_path: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path, args=list(_FLAGS))
        yield browser
        await browser.close()


@pytest.fixture
async def site(app: FastAPI) -> AsyncIterator[str]:
    """The address of the running application."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await serving


@dataclass
class Watched:
    """A page, and everything that went wrong in it."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    async def open(self, path: str) -> Page:
        response = await self.page.goto(self.site + path)
        assert response is not None
        assert response.status < 500, await response.text()
        return self.page

    async def shoot(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def watch(page: Page, site: str) -> Watched:
    watched = Watched(page, site)
    page.on("console", lambda message: watched.complaints.append(f"console {message.type}: {message.text}"))
    page.on("pageerror", lambda error: watched.complaints.append(f"error: {error}"))
    page.on("requestfailed", lambda request: watched.complaints.append(f"failed: {request.url}"))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith(site) else watched.complaints.append(f"third party: {request.url}")
        ),
    )
    return watched


async def is_readable(page: Page) -> None:
    """It fits, can be read, touched and told by its names and headings."""
    assert await sideways(page) <= 0
    assert await faint_texts(page) == []
    assert await small_targets(page) == []
    assert await unnamed(page) == []
    assert await repeated_ids(page) == []
    levels = await headings(page)
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= level + 1 for level, after in pairwise(levels)), levels


@pytest.fixture
async def browsing(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """A desktop window that runs no script, as the pages need none."""
    found = await chromium.new_context(java_script_enabled=False, viewport={"width": 1100, "height": 900})
    yield found
    await found.close()


@pytest.fixture
async def watched(browsing: BrowserContext, site: str) -> AsyncIterator[Watched]:
    """Every test that uses it also proves: nothing in the console, no request to anybody else."""
    found = watch(await browsing.new_page(), site)
    yield found
    assert found.complaints == []
