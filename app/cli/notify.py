"""`fluxmig notify`: whether the channels of FLUXMIG_NOTIFY_URLS work."""

import asyncio
import os

import typer

from app.cli.service import fail
from app.config import SettingsError, collect
from app.domain.messages.notices import TEST_BODY, TEST_TITLE
from app.notify import Channel, UnknownChannel, open_channels


def notify() -> None:
    """Send a test message to each channel of FLUXMIG_NOTIFY_URLS: exit status 0 if all took it, or 1."""
    try:
        channels = open_channels(collect(os.environ).get("notify_urls", ""))
    except (SettingsError, UnknownChannel) as fault:
        fail(f"FLUXMIG_NOTIFY_URLS: {fault}", status=2)
    if not channels:
        fail("FLUXMIG_NOTIFY_URLS is not set: nobody is told of anything. See docs/how-to/be-told.md.", status=2)
    took = asyncio.run(_send(channels))
    for channel, taken in zip(channels, took, strict=True):
        typer.echo(f"{channel.name}: {'took the test message' if taken else 'did not take it'}")
    if not all(took):
        raise typer.Exit(1)


async def _send(channels: tuple[Channel, ...]) -> list[bool]:
    return list(await asyncio.gather(*(channel.send(title=TEST_TITLE, body=TEST_BODY) for channel in channels)))
