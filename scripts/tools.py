"""What the tests need beside Python packages: a browser, and GitHub's published schemas.

Each is optional. Where it cannot be had, its tests are skipped and say so; here the reason is told.
"""

import json
import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from scripts.uv import ROOT, TOOLS, SetupError, answers, run

BROWSERS = TOOLS / "browsers"
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NODE = TOOLS / "npm"
SCHEMAS = {
    "@octokit/graphql-schema": "15.26.1",
    "@octokit/openapi": "23.0.2",
    "@octokit/openapi-webhooks": "12.1.0",
}


def find_browser() -> Path | None:
    """A Chromium that runs: one on PATH, or Playwright's own in `.tools`."""
    on_path = (shutil.which(name) for name in BROWSER_NAMES)
    found = next((Path(path) for path in on_path if path and answers(path)), None)
    if found is not None:
        return found
    os.environ["PLAYWRIGHT_BROWSERS_PATH"] = str(BROWSERS)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if answers(own) else None


def fetch_browser() -> None:
    if find_browser():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing Chromium for the browser tests (apt-get)", flush=True)
        try:
            run(["apt-get", "update", "-qq"])
            packages = ["chromium", "fonts-dejavu-core"]
            run(
                ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages],
                DEBIAN_FRONTEND="noninteractive",
            )
        except SetupError as error:
            print(error)
        if find_browser():
            return
    print("Fetching Chromium for the browser tests into .tools/browsers", flush=True)
    try:
        run([ROOT / ".venv/bin/playwright", "install", "chromium"])
    except SetupError as error:
        print(error)
    if not find_browser():
        print("There is no Chromium that runs here. The browser tests will be skipped.")


def missing_schemas() -> list[str]:
    """Those that are not there in the version that the tests were written against, as `name@version`."""
    return [f"{name}@{version}" for name, version in SCHEMAS.items() if _installed_version(name) != version]


def fetch_schemas() -> None:
    missing = missing_schemas()
    if not missing:
        return
    if shutil.which("npm") is None:
        print("There is no npm. The tests against GitHub's schemas will be skipped.")
        return
    print("Fetching GitHub's schemas for the contract tests into .tools/npm", flush=True)
    NODE.mkdir(parents=True, exist_ok=True)
    wanted = [f"{name}@{version}" for name, version in SCHEMAS.items()]
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
    try:
        run(["npm", "install", *quiet, "--prefix", NODE, *wanted])
    except SetupError as error:
        print(f"{error}\nThe tests against GitHub's schemas will be skipped.")


def _installed_version(package: str) -> str | None:
    manifest = Path(NODE, "node_modules", package, "package.json")
    try:
        version: str = json.loads(manifest.read_text(encoding="utf-8"))["version"]
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return version


if __name__ == "__main__":
    fetch_schemas()
    fetch_browser()
