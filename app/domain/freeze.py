"""Freeze windows: times in which nothing is to be merged, as the owner wrote them. The clock is handed in.

Three forms, each as people say it: dates (`2025-12-20` to `2026-01-06`), from one weekday to another (`fri 18:00` to
`mon 08:00`), and hours on some days (`days: [sat, sun]`, with or without `from` and `to`). Windows are times on the
wall of their zone, so they keep their hours when summer time comes and goes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY, _WEEK = 24 * 60, 7 * 24 * 60
_TIME = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d\d)")
_WEEKDAY = re.compile(rf"(?i)(?P<day>{'|'.join(DAYS)})[a-z]*(?:[ ]+(?P<time>\S+))?")
_DATE = re.compile(r"(?P<date>\d{4}-\d\d-\d\d)(?:[T ]+(?P<time>\S+))?")
_MOST_STEPS = 60
"""Windows that follow each other without a gap are one freeze; after so many it has no end."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """One window: `dates` (times on the wall, the end excluded), or `spans` in minutes of the week from Monday on (the
    end may lie in the next week)."""

    reason: str = ""
    zone: tzinfo = UTC
    dates: tuple[datetime, datetime] | None = None
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Frozen:
    """`until` is in the zone in which it was written; None where the freeze does not end by itself."""

    reason: str
    until: datetime | None


def read_freeze(*, start: str, end: str, days: Sequence[str], zone: str, reason: str) -> Freeze:
    """Raises ValueError with a sentence for the person who wrote the window."""
    where = read_zone(zone)
    words = " ".join(reason.split())
    if dates := _dates(start, end):
        _refuse_days(days)
        if dates[1] <= dates[0]:
            raise ValueError("`to` lies before `from`")
        return Freeze(words, where, dates=dates)
    first, last = _WEEKDAY.fullmatch(start), _WEEKDAY.fullmatch(end)
    if first and last:
        _refuse_days(days)
        begins = _day(first["day"]) * _DAY + _minutes(first["time"] or "0:00")
        ends = _day(last["day"]) * _DAY + _minutes(last["time"] or "24:00")
        return Freeze(words, where, spans=((begins, ends if ends > begins else ends + _WEEK),))
    if not start and not end and not days:
        raise ValueError("a freeze needs `from` and `to`, or `days`")
    begins, ends = _minutes(start or "0:00"), _minutes(end or "24:00")
    if not days and not (start and end):
        raise ValueError("a freeze without `days` needs both `from` and `to`")
    length = ends - begins if ends > begins else ends - begins + _DAY
    which = sorted({_day(day) for day in days}) or range(7)
    return Freeze(words, where, spans=tuple((day * _DAY + begins, day * _DAY + begins + length) for day in which))


def read_zone(name: str) -> tzinfo:
    """Raises ValueError for what is no zone of the time zone database."""
    if name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # a folder of zones, a path out of them, no such zone
        raise ValueError("this is no time zone; write one such as `Europe/Berlin`, or `UTC`") from None


def freeze_at(freezes: Iterable[Freeze], now: datetime) -> Frozen | None:
    """The freeze that stands at `now`, with the reason of the first in the file and the end of the last."""
    every = tuple(freezes)
    standing = [(freeze, end) for freeze in every for start, end in _near(freeze, now) if start <= now < end]
    if not standing:
        return None
    reason, (freeze, until) = standing[0][0].reason, max(standing, key=lambda found: found[1])
    for _ in range(_MOST_STEPS):
        later = [(other, end) for other in every for start, end in _near(other, until) if start <= until < end]
        if not later:
            return Frozen(reason, until.astimezone(freeze.zone))
        freeze, until = max(later, key=lambda found: found[1])
    return Frozen(reason, None)


def next_change(freezes: Iterable[Freeze], now: datetime) -> datetime | None:
    """When a freeze begins or ends next; None where none does, within the next weeks for weekly ones."""
    moments = (moment for freeze in freezes for span in _near(freeze, now) for moment in span)
    return min((moment for moment in moments if moment > now), default=None)


def _near(freeze: Freeze, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The windows from two weeks before `now` to two weeks after it; dates always. In UTC."""
    if freeze.dates:
        yield _utc(freeze.dates[0], freeze.zone), _utc(freeze.dates[1], freeze.zone)
        return
    wall = now.astimezone(freeze.zone).replace(tzinfo=None)
    monday = wall.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=wall.weekday())
    for week in (-2, -1, 0, 1, 2):
        for begins, ends in freeze.spans:
            at = monday + timedelta(weeks=week)
            yield _utc(at + timedelta(minutes=begins), freeze.zone), _utc(at + timedelta(minutes=ends), freeze.zone)


def _utc(wall: datetime, zone: tzinfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _dates(start: str, end: str) -> tuple[datetime, datetime] | None:
    """Without a time the last day counts whole."""
    first, last = _DATE.fullmatch(start), _DATE.fullmatch(end)
    if not first or not last:
        return None
    begins = _midnight(first["date"]) + timedelta(minutes=_minutes(first["time"] or "0:00"))
    return begins, _midnight(last["date"]) + timedelta(minutes=_minutes(last["time"] or "24:00"))


def _midnight(date: str) -> datetime:
    try:
        found = datetime.fromisoformat(date)
    except ValueError:
        raise ValueError(f"`{date}` is no day of the calendar") from None
    if not 1970 < found.year < 9000:
        raise ValueError(f"`{date}` is too far away")
    return found


def _minutes(time: str) -> int:
    found = _TIME.fullmatch(time)
    if found is None or (total := int(found["hour"]) * 60 + int(found["minute"])) > _DAY or int(found["minute"]) > 59:
        raise ValueError(
            f"`{time[:30].replace('`', '')}` is not understood; `from` and `to` are both times (`18:00`), both "
            "weekdays (`fri 18:00`) or both dates (`2025-12-20`)"
        )
    return total


def _day(name: str) -> int:
    return DAYS.index(name[:3].lower())


def _refuse_days(days: Sequence[str]) -> None:
    if days:
        raise ValueError("`days` goes with times alone; these `from` and `to` name their days themselves")
