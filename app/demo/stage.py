"""The demo's stage: the real service over its own database, and beside it the stand-ins, all talking HTTP."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from app.bootstrap import open_context
from app.config import Settings
from app.demo.cluster import Cluster
from app.demo.github import GitHub, create_github_app
from app.demo.github.repository import Repository
from app.demo.renovate import Renovate
from app.demo.servers import address_of, bind, served
from app.demo.story import load_story
from app.main import build_app
from app.services.context import AppContext

OWNER, NAME = "wcygan", "homelab"
BANNER = (
    "Demo. Real: the service, its database, its worker, every decision and this page. "
    "Stood in for, on this machine: GitHub, Renovate's runs and the cluster. Nothing leaves this machine."
)


@dataclass
class Stage:
    """What the acts play with. `url` is where people look, `client` speaks to the service as people and clusters do."""

    github: GitHub
    renovate: Renovate
    cluster: Cluster
    repository: Repository
    context: AppContext
    client: httpx.AsyncClient
    url: str

    @property
    def page(self) -> str:
        return f"{self.url}/r/{OWNER}/{NAME}"


async def _not_at_all(_: float) -> None:
    """The stand-in GitHub has no patience to lose: writes do not wait for each other."""


@asynccontextmanager
async def open_stage(
    database_url: str, listener: socket.socket, *, refresh_seconds: int | None
) -> AsyncIterator[Stage]:
    """Everything is up inside the block: the service on `listener`, GitHub on a port of its own."""
    url = address_of(listener)
    github_listener = bind(0)
    github_url = address_of(github_listener)
    github = GitHub(owner=OWNER, api_url=github_url)
    github.webhooks.url = f"{url}/webhooks/github"
    settings = _settings(github, github_url=github_url, public_url=url)
    async with (
        served(create_github_app(github), github_listener),
        open_context(settings, database_url=database_url, sleep=_not_at_all) as (context, queue),
    ):
        context.banner, context.refresh_seconds = BANNER, refresh_seconds
        async with (
            served(build_app(context, queue, with_worker=True), listener),
            httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client,
            _delivering(github, client),
        ):
            renovate = Renovate(github)
            repository = load_story(github, renovate, installed=False)
            cluster = Cluster(flux_version="2.5.1")
            yield Stage(github, renovate, cluster, repository, context, client, url)


@asynccontextmanager
async def _delivering(github: GitHub, client: httpx.AsyncClient) -> AsyncIterator[None]:
    """GitHub posts its webhooks as things happen."""
    task = asyncio.create_task(github.webhooks.deliver_forever(client), name="webhooks")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _settings(github: GitHub, *, github_url: str, public_url: str) -> Settings:
    return Settings(
        github_api_url=github_url,
        public_url=public_url,
        github_app_id=github.app.id,
        github_private_key=SecretStr(github.app.private_key),
        github_webhook_secret=SecretStr(github.app.webhook_secret),
        secret_key=SecretStr(secrets.token_urlsafe(32)),
        admin_token=SecretStr(secrets.token_urlsafe(32)),
    )


async def connect_cluster(stage: Stage) -> None:
    """Register the cluster over the admin REST API, and hand it the token that it signs its events with."""
    response = await stage.client.put(
        f"/api/v1/repositories/{OWNER}/{NAME}/clusters/{stage.cluster.name}",
        headers={"Authorization": f"Bearer {stage.context.settings.admin_token.get_secret_value()}"},
        json={},
    )
    response.raise_for_status()
    registered = response.json()
    stage.cluster.token = registered["token"]
    stage.cluster.url = f"{stage.url}/webhooks/flux/{stage.cluster.name}"
