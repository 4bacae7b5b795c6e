"""Channels outside GitHub, through Apprise (https://github.com/caronc/apprise/wiki): mail, chat, push and more.

A channel is a URL with secrets in it, so that no part of it is logged: people see the name of its service and its place
in the list.
"""

import hashlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apprise import NotifyBase


class UnknownChannel(Exception):
    """A URL that Apprise cannot read; the text has its place in the list and nothing of the URL."""


@dataclass(frozen=True)
class Channel:
    """`id` tells channels apart in the database and leads back to no URL; `name` is for people."""

    id: str
    name: str
    _service: "NotifyBase"

    async def send(self, *, title: str, body: str) -> bool:
        """Whether the channel took it. Never raises for what the other side does."""
        return bool(await self._service.async_notify(body=body, title=title, body_format="text"))


def open_channels(urls: str) -> tuple[Channel, ...]:
    """The channels of a list of URLs, parted by white space. Raises UnknownChannel."""
    listed = urls.split()
    if not listed:
        return ()
    from apprise import Apprise  # noqa: PLC0415 (a quarter of a second, and most people have no channel)

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it prints URLs
    channels = []
    for place, url in enumerate(listed, 1):
        service = Apprise.instantiate(url, suppress_exceptions=True)
        if service is None:
            raise UnknownChannel(f"URL {place} of {len(listed)} is none that Apprise knows")
        name = f"{service.service_name} (URL {place})"
        channels.append(Channel(hashlib.sha256(url.encode()).hexdigest()[:16], name, service))
    return tuple(channels)
