"""Arguments that several commands take, checked before anything is asked of a service."""

import re
from typing import Annotated
from urllib.parse import urlsplit

import typer

_REPOSITORY = re.compile(r"([\w.-]+)/([\w.-]+)", re.ASCII)
_ADDRESS = re.compile(r"(?:https?://[^/]+/|ssh://git@[^/]+/|git@[^:/]+:)([^/]+/[^/?#]+)", re.ASCII)
"""Of GitHub or of a clone; what follows the name, such as `/pulls`, is left."""


def parse_repository(text: str) -> str:
    """`OWNER/NAME`, also from the address of a repository."""
    address = _ADDRESS.match(text)
    found = _REPOSITORY.fullmatch((address[1] if address else text).removesuffix(".git"))
    if found is None:
        raise typer.BadParameter(f"{text!r} names no repository; write OWNER/NAME, as in octocat/homelab.")
    return found[0]


def parse_url(text: str) -> str:
    """The address of a service, without a slash at its end; empty for the default."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        well = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        well = False
    if not well:
        raise typer.BadParameter(f"{text!r} is no address of a service; write it as in http://127.0.0.1:8080.")
    return text.rstrip("/")


RepositoryName = Annotated[
    str, typer.Argument(metavar="OWNER/NAME", parser=parse_repository, help="The repository, or its address on GitHub.")
]
Url = Annotated[
    str,
    typer.Option(
        metavar="URL", parser=parse_url, help="Address of the service; default FLUXMIG_HOST and FLUXMIG_PORT."
    ),
]
