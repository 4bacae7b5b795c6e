"""What people and the calendar say over the verdict: freezes, holds that end, unblocking, dependencies by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime

from app.domain.freeze import Frozen
from app.domain.model import Unblock


def moment(at: datetime) -> str:
    """`2025-06-16 08:00 Europe/Berlin`: on the wall of the zone that it is given in."""
    zone = getattr(at.tzinfo, "key", None)
    return f"{at:%Y-%m-%d %H:%M} {zone}" if zone else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def frozen_reason(frozen: Frozen) -> str:
    until = f" until {moment(frozen.until)}" if frozen.until else " by the configuration, without an end"
    return f"Frozen{until}{_because(frozen.reason)}"


def unblocked_reason(unblock: Unblock, otherwise: str) -> str:
    """`otherwise` is the reason of the verdict without it: it is never hidden."""
    said = f": {unblock.reason.rstrip('.')}" if unblock.reason else ""
    return f"Unblocked by {unblock.by} until {moment(unblock.until)}{said}. Without that: {otherwise}"


def _because(reason: str) -> str:
    return f": {reason.rstrip('.')}." if reason else "."


def depends_reason(*, number: int, on: int, by: str) -> str:
    return f"#{number} waits for #{on}, because {by} said so."


def depends_rollout_reason(*, number: int, on: int, by: str, note: str = "") -> str:
    stands = f" It stands so: {note}." if note else ""
    return f"Merged, not yet rolled out: #{number} waits for #{on}, because {by} said so.{stands}"


def depends_closed_reason(*, number: int, on: int, by: str) -> str:
    return (
        f"#{number} waits for #{on}, because {by} said so; #{on} was closed without a merge. "
        f"`/fluxmig depends off #{on}` ends it."
    )


def circle_words(way: Sequence[int]) -> str:
    return " → ".join(f"#{number}" for number in way)
