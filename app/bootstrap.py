"""The only place that builds things: settings in, a running context out."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import httpx

from app.catalogue import load_catalogue
from app.config import Settings, SettingsError
from app.db.session import Database
from app.db.tokens import PostgresTokenStore
from app.github.clients import GitHubClients
from app.kubernetes.access import Access, access_from_kubeconfig, access_from_pod
from app.kubernetes.client import open_api
from app.notify import Channel, UnknownChannel, open_channels
from app.services.context import AppContext
from app.worker import Queue


def utc_now() -> datetime:
    return datetime.now(UTC)


def channels_of(settings: Settings) -> tuple[Channel, ...]:
    """Raises SettingsError."""
    try:
        return open_channels(settings.notify_urls.get_secret_value())
    except UnknownChannel as fault:
        raise SettingsError(f"FLUXMIG_NOTIFY_URLS: {fault}") from None


@asynccontextmanager
async def open_context(
    settings: Settings,
    *,
    database_url: str,
    clock: Callable[[], datetime] = utc_now,
    transport: httpx.AsyncBaseTransport | None = None,
    read_delay: float = 0.2,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    kubernetes: tuple[Access, httpx.AsyncBaseTransport] | None = None,
) -> AsyncIterator[tuple[AppContext, Queue]]:
    """A context over a migrated database, with its queue open. `transport` replaces the network below GitHub,
    `sleep` how a write waits for its turn, `kubernetes` the way to the API server and the network below it.
    Raises AccessError where a cluster is to be read and cannot be reached from here."""
    access, below = kubernetes or (access_to_kubernetes(settings), None)
    channels = channels_of(settings)
    database = Database(database_url)
    await database.open()
    store = PostgresTokenStore(database, settings.secret_key.get_secret_value())
    clients = GitHubClients(settings, store, transport)
    queue = Queue()
    context = AppContext(
        settings=settings,
        database=database,
        clients=clients,
        catalogue=load_catalogue(),
        clock=clock,
        wake=queue.wake,
        read_delay=read_delay,
        sleep=sleep,
        channels=channels,
    )
    stack = AsyncExitStack()
    try:
        if access is not None and settings.kubernetes_cluster is not None:
            context.kubernetes = await stack.enter_async_context(open_api(settings.kubernetes_cluster, access, below))
        await queue.open(context)
        yield context, queue
    finally:
        await stack.aclose()
        await queue.close()
        await clients.close()
        await database.close()


def access_to_kubernetes(settings: Settings) -> Access | None:
    """The way to the API server that the settings name; None where none is to be read. Raises AccessError."""
    if settings.kubernetes_cluster is None:
        return None
    if settings.kubeconfig is not None:
        return access_from_kubeconfig(settings.kubeconfig)
    return access_from_pod(os.environ)
