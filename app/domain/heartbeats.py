"""Flux says at every interval that all is as it was: `Reconciliation finished in 1.2s, next run in 1h0m0s`."""

import re
from datetime import timedelta

_HEARTBEAT = re.compile(r"^Reconciliation finished in \S+, next run in (?P<next>(?:\d+(?:\.\d+)?(?:h|ms|m|s|µs))+)")
_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def is_heartbeat(message: str) -> bool:
    return message.startswith("Reconciliation finished in ")


def next_run(message: str) -> timedelta | None:
    """When the next one is due, as the last one says."""
    match = _HEARTBEAT.match(message)
    if match is None:
        return None
    return timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(match["next"])))
