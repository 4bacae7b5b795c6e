"""Freeze windows: when they stand, until when, and each mistake with its words."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.freeze import Freeze, Frozen, freeze_at, next_change, read_freeze
from app.domain.messages.conduct import frozen_reason
from app.domain.model import SourceFile
from app.domain.policy_file import read_policy

WEEKEND = {"start": "fri 18:00", "end": "mon 08:00", "zone": "Europe/Berlin", "reason": "no changes at weekends."}
HOLIDAYS = {"start": "2025-12-20", "end": "2026-01-06"}
NIGHTS = {"start": "22:00", "end": "06:00", "days": ["mon", "fri"]}
SUNDAYS = {"days": ["sat", "sun"]}


def window(
    *, start: str = "", end: str = "", days: tuple[str, ...] = (), zone: str = "UTC", reason: str = ""
) -> Freeze:
    return read_freeze(start=start, end=end, days=days, zone=zone, reason=reason)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "now", "until"),
    [
        (WEEKEND, "2025-06-13 15:59", None),  # a Friday; Berlin is two hours ahead
        (WEEKEND, "2025-06-13 16:00", "2025-06-16 06:00"),
        (WEEKEND, "2025-06-16 05:59", "2025-06-16 06:00"),
        (WEEKEND, "2025-06-16 06:00", None),
        (WEEKEND, "2025-10-24 16:00", "2025-10-27 07:00"),  # summer time ends within
        (WEEKEND, "2025-12-05 17:00", "2025-12-08 07:00"),
        ({"start": "sat", "end": "sun"}, "2025-06-15 23:59", "2025-06-16 00:00"),
        ({"start": "sun", "end": "mon"}, "2025-06-16 12:00", "2025-06-17 00:00"),
        ({"start": "Saturday", "end": "sunday 12:00"}, "2025-06-15 11:00", "2025-06-15 12:00"),
        (HOLIDAYS, "2025-12-19 23:59", None),
        (HOLIDAYS, "2025-12-20 00:00", "2026-01-07 00:00"),
        (HOLIDAYS, "2026-01-06 23:59", "2026-01-07 00:00"),
        (HOLIDAYS, "2026-01-07 00:00", None),
        ({"start": "2025-12-24 12:00", "end": "2025-12-24T18:00"}, "2025-12-24 17:00", "2025-12-24 18:00"),
        (NIGHTS, "2025-06-16 21:59", None),  # a Monday
        (NIGHTS, "2025-06-17 05:00", "2025-06-17 06:00"),
        (NIGHTS, "2025-06-17 22:30", None),
        (SUNDAYS, "2025-06-14 00:00", "2025-06-16 00:00"),  # two days without a gap are one freeze
        ({"start": "9:00", "end": "17:00"}, "2025-06-14 10:00", "2025-06-14 17:00"),
    ],
)
def test_when_it_stands_and_until_when(written: dict[str, object], now: str, until: str | None) -> None:
    found = freeze_at([window(**written)], utc(now))  # type: ignore[arg-type]
    assert (found.until if found else None) == (utc(until) if until else None)


def test_windows_that_touch_are_one_and_the_first_gives_the_reason() -> None:
    windows = [window(start="2025-06-13", end="2025-06-13", reason="the fair"), window(**WEEKEND)]  # type: ignore[arg-type]
    found = freeze_at(windows, utc("2025-06-13 10:00"))
    assert found == Frozen("the fair", utc("2025-06-16 06:00"))


def test_a_freeze_without_an_end_says_so() -> None:
    found = freeze_at([window(start="0:00", end="24:00", reason="moving house")], utc("2025-06-13 10:00"))
    assert found is not None
    assert frozen_reason(found) == "Frozen by the configuration, without an end: moving house."


def test_the_sentence_names_the_end_in_the_zone_of_the_window() -> None:
    found = freeze_at([window(**WEEKEND)], utc("2025-06-14 10:00"))  # type: ignore[arg-type]
    assert found is not None
    assert frozen_reason(found) == "Frozen until 2025-06-16 08:00 Europe/Berlin: no changes at weekends."


@pytest.mark.parametrize(
    ("now", "change"),
    [("2025-06-11 18:28", "2025-06-13 16:00"), ("2025-06-13 16:00", "2025-06-16 06:00")],
)
def test_the_next_change_is_its_begin_or_its_end(now: str, change: str) -> None:
    assert next_change([window(**WEEKEND)], utc(now)) == utc(change)  # type: ignore[arg-type]


def test_what_is_over_changes_nothing_more() -> None:
    assert next_change([window(**HOLIDAYS)], utc("2027-01-01 00:00")) is None  # type: ignore[arg-type]


@given(
    st.integers(0, 3_000_000).map(lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    st.lists(st.sampled_from(["mon", "wed", "sat"]), min_size=1, unique=True),
    st.integers(0, 23),
    st.integers(0, 23),
)
def test_between_two_changes_nothing_changes(now: datetime, days: list[str], start: int, end: int) -> None:
    freezes = [window(days=tuple(days), start=f"{start}:00", end=f"{end}:30", zone="Europe/Berlin")]
    change = next_change(freezes, now)
    assert change is not None
    stands = freeze_at(freezes, now)
    assert (freeze_at(freezes, change - timedelta(seconds=1)) is None) == (stands is None)
    if stands is not None and stands.until is not None:
        assert stands.until > now
        assert freeze_at(freezes, stands.until) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("freeze: [{}]", "1:10: a freeze needs `from` and `to`, or `days`"),
        ("freeze: [{from: 18:00}]", "1:10: a freeze without `days` needs both `from` and `to`"),
        ("freeze: [{from: 2025-12-20, to: 2025-12-01}]", "1:10: `to` lies before `from`"),
        ("freeze: [{from: 2025-02-30, to: 2025-03-01}]", "1:10: `2025-02-30` is no day of the calendar"),
        (
            "freeze: [{from: fri, to: mon, days: [tue]}]",
            "1:10: `days` goes with times alone; these `from` and `to` name",
        ),
        ("freeze: [{from: fri, to: 08:00}]", "1:10: `fri` is not understood; `from` and `to` are both times (`18:00`)"),
        ("freeze: [{from: 25:00, to: 26:00}]", "1:10: `25:00` is not understood"),
        ("freeze: [{days: [sonntag]}]", "1:18: `sonntag` is not allowed here; allowed: mon, tue, wed"),
        (
            "freeze: [{days: [sun], timezone: Mars/Base}]",
            "1:24: this is no time zone; write one such as `Europe/Berlin`",
        ),
        ("freeze: [{days: [sun], timezone: ../../etc/passwd}]", "1:24: this is no time zone"),
        ("freeze: [{days: [sun], timezone: Europe}]", "1:24: this is no time zone"),
        (
            "freeze: [{day: [sun]}]",
            "1:11: `day` is no key here; did you mean `days`? Allowed: from, to, days, timezone",
        ),
        ("freeze: {days: [sun]}", "1:1: `freeze` is no list"),
        ("freeze: [sun]", "1:10: this is no mapping; allowed keys: from, to, days, timezone, reason"),
    ],
)
def test_a_mistake_and_its_words(text: str, said: str) -> None:
    (first, *_) = read_policy(SourceFile(".github/fluxmig.yaml", "x", text)).problems
    assert f"{first.line}:{first.column}: {first.message}".startswith(said)
