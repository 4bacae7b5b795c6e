"""What people and the calendar say over the verdict: freezes, holds that end, unblocking, dependencies by hand."""

from collections.abc import Sequence
from datetime import UTC, datetime

from app.domain.freeze import Frozen
from app.domain.messages.phrases import at
from app.domain.model import Evidence, Unblock


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


def order_reason(*, number: int, on: int, place: Evidence, why: str) -> str:
    return f"#{number} waits for #{on}: the configuration wants that order ({at(place)}){_because(why)}"


def order_rollout_reason(*, number: int, on: int, place: Evidence, why: str) -> str:
    return (
        f"Merged, not yet rolled out: #{number} waits for #{on}; the configuration wants that order "
        f"({at(place)}){_because(why)}"
    )


def order_circle_warning(order: int, place: Evidence, *, number: int, after: int) -> str:
    return (
        f"Order {order} of {at(place)} would let #{number} wait for #{after}, which waits for #{number} already: "
        "it does not count there."
    )


def order_too_wide_warning(order: int, place: Evidence, *, most: int) -> str:
    return (
        f"Order {order} of {at(place)} fits too many pull requests: all orders together may make {most} pairs. "
        "It and those after it do not count; name dependencies more closely."
    )


def hardened_circle_warning(*, number: int, on: int, place: Evidence) -> str:
    return (
        f"{at(place)} wants #{number} to wait for #{on}, which waits for #{number} already: it is told as the better "
        "order, and holds nothing."
    )


def waived_words(numbers: Sequence[int], places: Sequence[Evidence]) -> str:
    """Of edges that would hold, were they not turned off; no number where nothing open would free it."""
    whom = " and ".join(f"#{number}" for number in numbers)
    what = f"would wait for {whom}" if numbers else "would be blocked"
    return f"Without {' and '.join(at(place) for place in places)} it {what}."


def circle_words(way: Sequence[int]) -> str:
    return " → ".join(f"#{number}" for number in way)
