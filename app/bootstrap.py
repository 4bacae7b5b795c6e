"""The only place that builds things: settings in, a running context out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx

from app.catalogue import load_catalogue
from app.config import Settings, SettingsError
from app.db.session import Database
from app.db.tokens import PostgresTokenStore
from app.github.clients import GitHubClients
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
) -> AsyncIterator[tuple[AppContext, Queue]]:
    """A context over a migrated database, with its queue open. `transport` replaces the network below GitHub,
    `sleep` how a write waits for its turn."""
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
    try:
        await queue.open(context)
        yield context, queue
    finally:
        await queue.close()
        await clients.close()
        await database.close()
