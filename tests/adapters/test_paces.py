"""Turns to write: a second apart, within an hour's budget, the last of it for checks, none while GitHub wants rest."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from app.db.paces import AN_HOUR, KEPT_FOR_CHECKS, MOST_SAVED, find_pause, pause, take_turn
from app.db.session import Database

NOW = datetime(2025, 6, 11, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await database.open()
    yield database
    await database.close()


async def take(database: Database, *, now: datetime = NOW, gate: bool = True, installation: int = 7) -> datetime | None:
    return await take_turn(database, installation, now=now, gate=gate)


async def spend(database: Database, writes: int, *, now: datetime = NOW) -> int:
    """How many of so many writes may be made."""
    return sum([await take(database, now=now) is not None for _ in range(writes)])


async def test_turns_are_a_second_apart(database: Database) -> None:
    assert [await take(database) for _ in range(3)] == [NOW, NOW + SECOND, NOW + 2 * SECOND]
    later = NOW + timedelta(minutes=5)
    assert await take(database, now=later) == later


async def test_replicas_that_ask_at_once_get_turns_of_their_own(database: Database) -> None:
    turns = await asyncio.gather(*(take(database) for _ in range(8)))
    assert sorted(turn for turn in turns if turn) == [NOW + number * SECOND for number in range(8)]


async def test_installations_do_not_wait_for_each_other(database: Database) -> None:
    assert [await take(database, installation=number) for number in (1, 2)] == [NOW, NOW]


async def test_no_hour_has_more_writes_than_github_takes(database: Database) -> None:
    made = await spend(database, MOST_SAVED + 5)
    assert made == MOST_SAVED
    for minute in range(5, 65, 5):
        made += await spend(database, 100, now=NOW + timedelta(minutes=minute))
    assert MOST_SAVED + AN_HOUR - 1 <= made <= 500


async def test_the_last_of_the_budget_is_kept_for_checks(database: Database) -> None:
    await spend(database, MOST_SAVED - KEPT_FOR_CHECKS)
    assert await take(database, gate=False) is None
    assert await take(database, gate=True) is not None


async def test_a_clock_that_was_put_back_does_not_stop_everything(database: Database) -> None:
    await take(database, now=NOW + timedelta(days=1))
    turn = await take(database, now=NOW)
    assert turn is not None
    assert turn <= NOW + timedelta(minutes=1)


async def test_a_pause_holds_until_its_end_and_the_longer_one_counts(database: Database) -> None:
    await pause(database, 7, now=NOW, until=NOW + timedelta(minutes=9))
    await pause(database, 7, now=NOW, until=NOW + timedelta(minutes=1))
    assert await find_pause(database, 7, now=NOW) == NOW + timedelta(minutes=9)
    assert await take(database, now=NOW + timedelta(minutes=8)) is None
    assert await find_pause(database, 7, now=NOW + timedelta(minutes=9)) is None
    assert await take(database, now=NOW + timedelta(minutes=9)) is not None
    assert await find_pause(database, 8, now=NOW) is None
