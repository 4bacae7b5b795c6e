"""Spans of time as people write them in the configuration: `30m`, `2h`, `1d`."""

import re
from datetime import timedelta

_SPAN = re.compile(r"(?i)^(\d{1,5})\s*(m|min|h|d)$")
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days"}


def read_span(text: str) -> timedelta:
    """Raises ValueError."""
    found = _SPAN.match(text.strip())
    if found is None or not int(found[1]):
        raise ValueError(f"`{text}` is no span of time; write 30m, 2h or 1d")
    return timedelta(**{_UNITS[found[2].lower()]: int(found[1])})
