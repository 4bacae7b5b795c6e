"""Templates and their filters. Everything is escaped; only `prose` builds markup, from escaped pieces."""

import hashlib
import re
from collections.abc import Callable, Container
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from app.services.phrases import provider_name

STATIC = Path(__file__).parent / "static"

_NUMBER = re.compile(r"(?<![\w#&])#(\d{1,9})\b")


@cache
def templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock"] = clock
    environment.filters["day"] = day
    environment.filters["full_time"] = full_time
    environment.filters["provider_name"] = provider_name
    environment.globals["asset"] = asset
    return environment


def render(template: str, values: dict[str, Any]) -> str:
    return templates().get_template(template).render(values)


@cache
def asset(name: str) -> str:
    """The address of a static file, with a digest of its content so that it may be cached for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?{digest}"


def prose(link: Callable[[int], str], known: Container[int]) -> Callable[[str], Markup]:
    """A filter for sentences: `code` in backticks, and #34 as a link where 34 is known."""

    def numbers(text: str) -> Markup:
        pieces: list[Markup] = []
        end = 0
        for found in _NUMBER.finditer(text):
            pieces.append(escape(text[end : found.start()]))
            number = int(found.group(1))
            label = escape(found.group())
            pieces.append(Markup('<a href="{}">{}</a>').format(link(number), label) if number in known else label)
            end = found.end()
        return Markup("").join([*pieces, escape(text[end:])])

    def convert(text: str) -> Markup:
        parts = text.split("`")
        if len(parts) % 2 == 0:  # an odd backtick is no code
            return numbers(text)
        return Markup("").join(
            Markup("<code>{}</code>").format(part) if position % 2 else numbers(part)
            for position, part in enumerate(parts)
        )

    return convert


def clock(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%H:%M")


def day(at: datetime) -> str:
    local = at.astimezone(UTC)
    return f"{local.day} {local.strftime('%B %Y')}"


def full_time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
