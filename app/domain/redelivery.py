"""Which deliveries GitHub is asked to send once more. GitHub never does so by itself.

An attempt that failed says nothing by itself: what counts is whether the delivery is in our inbox. While nothing at all
comes in, our door is taken to be shut: then one delivery is asked for at a time, with longer and longer pauses, and
each keeps its last try for when the door is open again.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

MOST_TIMES = 6
"""A delivery that did not arrive after so many requests will not; the sweep has long made up for it."""
MOST_AT_ONCE = 50
FIRST_PAUSE = timedelta(minutes=5)
"""Between two requests for one delivery while the door is shut; three times as long after each further one."""


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """One try of GitHub to deliver `guid` that had no success. `id` names the try, not the delivery."""

    id: int
    guid: str
    delivered_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """How often a delivery was asked for, when last, and the newest position in our inbox at that time."""

    times: int
    at: datetime
    seen: int


def list_to_redeliver(
    failed: Iterable[FailedAttempt],
    *,
    arrived: Set[str],
    asked: Mapping[str, Asked],
    newest: int,
    now: datetime,
    window: timedelta,
) -> list[FailedAttempt]:
    """The attempts to be repeated, one of each delivery, in the order in which they first happened.

    `arrived` are the GUIDs in our inbox, `newest` is its newest position. GitHub repeats what is younger than `window`.
    """
    first: dict[str, datetime] = {}
    last: dict[str, FailedAttempt] = {}
    for attempt in sorted(failed, key=lambda attempt: attempt.id):
        first.setdefault(attempt.guid, attempt.delivered_at)
        last[attempt.guid] = attempt
    missing = [attempt for guid, attempt in last.items() if guid not in arrived and first[guid] > now - window]
    missing.sort(key=lambda attempt: first[attempt.guid])
    is_shut = bool(asked) and newest <= max(one.seen for one in asked.values())
    if not is_shut:
        return [one for one in missing if _times(asked, one) < MOST_TIMES][:MOST_AT_ONCE]
    due = [one for one in missing if _is_due(asked.get(one.guid), now)]
    return sorted(due, key=lambda attempt: _times(asked, attempt))[:1]


def _times(asked: Mapping[str, Asked], attempt: FailedAttempt) -> int:
    return asked[attempt.guid].times if attempt.guid in asked else 0


def _is_due(asked: Asked | None, now: datetime) -> bool:
    if asked is None:
        return True
    return asked.times < MOST_TIMES - 1 and asked.at + FIRST_PAUSE * 3 ** (asked.times - 1) <= now
