"""Which failed deliveries are asked for again: what never arrived, while GitHub has it, a few times."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.redelivery import MOST_AT_ONCE, MOST_TIMES, Asked, FailedAttempt, list_to_redeliver

NOW = datetime(2025, 6, 11, 12, tzinfo=UTC)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def attempt(guid: str, number: int = 1, at: datetime | None = None) -> FailedAttempt:
    return FailedAttempt(number, guid, at or ago(hours=1))


def chosen(
    *failed: FailedAttempt,
    arrived: set[str] | None = None,
    asked: dict[str, Asked] | None = None,
    days: int = 3,
    newest: int = 0,
) -> list[int]:
    found = list_to_redeliver(
        failed, arrived=arrived or set(), asked=asked or {}, newest=newest, now=NOW, window=timedelta(days=days)
    )
    return [one.id for one in found]


def test_what_never_arrived_is_asked_for_in_the_order_in_which_it_happened() -> None:
    assert chosen(attempt("b", 2, ago(minutes=5)), attempt("a", 1, ago(minutes=9))) == [1, 2]


def test_one_try_of_each_delivery_the_newest() -> None:
    assert chosen(attempt("a", 1, ago(minutes=9)), attempt("b", 2, ago(minutes=8)), attempt("a", 3)) == [3, 2]


def test_a_delivery_in_the_inbox_arrived_whatever_its_attempts_say() -> None:
    assert chosen(attempt("a"), arrived={"a"}) == []


@pytest.mark.parametrize(("age", "days", "expected"), [(71, 3, [1]), (73, 3, []), (73, 7, [1]), (169, 7, [])])
def test_only_what_github_still_has(age: int, days: int, expected: list[int]) -> None:
    assert chosen(attempt("a", 1, ago(hours=age)), days=days) == expected


@pytest.mark.parametrize(
    ("times", "minutes", "expected"),
    [(1, 4, []), (1, 5, [1]), (2, 14, []), (2, 15, [1]), (4, 134, []), (4, 135, [1]), (MOST_TIMES - 1, 4000, [])],
)
def test_while_nothing_comes_in_with_longer_and_longer_pauses(times: int, minutes: int, expected: list[int]) -> None:
    assert chosen(attempt("a"), asked={"a": Asked(times, ago(minutes=minutes), 7)}, newest=7) == expected


def test_while_nothing_comes_in_one_is_asked_for_that_was_asked_for_least() -> None:
    asked = {"a": Asked(1, ago(minutes=6), 7)}
    assert chosen(attempt("a", 1), attempt("b", 2), attempt("c", 3), asked=asked, newest=7) == [2]


def test_when_something_has_come_in_all_are_asked_for_at_once_the_last_try_too() -> None:
    asked = {"a": Asked(MOST_TIMES - 1, ago(minutes=1), 7), "b": Asked(2, ago(minutes=20), 6)}
    assert chosen(attempt("a", 1), attempt("b", 2), attempt("c", 3), asked=asked, newest=8) == [1, 2, 3]


def test_not_for_ever() -> None:
    assert chosen(attempt("a"), asked={"a": Asked(MOST_TIMES, ago(hours=9), 7)}, newest=8) == []


def test_an_outage_of_thousands_is_healed_in_parts() -> None:
    failed = [attempt(str(number), number) for number in range(1, 1000)]
    assert chosen(*failed) == list(range(1, MOST_AT_ONCE + 1))
