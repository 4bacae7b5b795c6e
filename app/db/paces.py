"""Turns to write, shared by all replicas: one statement takes one.

A second between two writes is sixty a minute, below GitHub's 80 that make content; the budget keeps any hour within its
500: what may be saved up and what comes in an hour are together no more.
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
"""

from datetime import datetime, timedelta

from sqlalchemy import text

from app.db.models import Pace
from app.db.session import Database

GAP = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=1)
"""A turn further off comes of a clock that was put back."""
MOST_SAVED = 300
AN_HOUR = 200
KEPT_FOR_CHECKS = 50
"""Of the budget: what does not gate a merge is not written with it."""

_TAKE = """
insert into paces (installation_id, next_write_at, budget, budget_at)
values (%(id)s, %(now)s + %(gap)s, %(most)s - 1, %(now)s)
on conflict (installation_id) do update set
  next_write_at = least(greatest(paces.next_write_at, %(now)s), %(now)s + %(longest)s) + %(gap)s,
  budget = least(%(most)s, paces.budget + greatest(extract(epoch from %(now)s - paces.budget_at), 0) * %(rate)s) - 1,
  budget_at = %(now)s
where least(%(most)s, paces.budget + greatest(extract(epoch from %(now)s - paces.budget_at), 0) * %(rate)s) - 1
    >= %(floor)s
  and (paces.paused_until is null or paces.paused_until <= %(now)s)
returning next_write_at - %(gap)s
"""
_PAUSE = """
insert into paces (installation_id, next_write_at, budget, budget_at, paused_until)
values (%(id)s, %(now)s, %(most)s, %(now)s, %(until)s)
on conflict (installation_id) do update set paused_until = greatest(paces.paused_until, %(until)s)
"""


async def take_turn(database: Database, installation_id: int, *, now: datetime, gate: bool) -> datetime | None:
    """When this write may be made, its turn being taken; None where the budget is spent or GitHub wants rest."""
    values = {
        "id": installation_id,
        "now": now,
        "gap": GAP,
        "longest": LONGEST_WAIT,
        "most": MOST_SAVED,
        "rate": AN_HOUR / 3600,
        "floor": 0 if gate else KEPT_FOR_CHECKS,
    }
    async with database.pool.connection() as connection:
        row = await (await connection.execute(_TAKE, values)).fetchone()
    return row[0] if row else None


async def pause(database: Database, installation_id: int, *, now: datetime, until: datetime) -> None:
    """GitHub wants no call before `until`."""
    values = {"id": installation_id, "now": now, "until": until, "most": MOST_SAVED}
    async with database.pool.connection() as connection:
        await connection.execute(_PAUSE, values)


async def find_pause(database: Database, installation_id: int, *, now: datetime) -> datetime | None:
    """Until when GitHub wants no call; None where it does not mind."""
    async with database.transaction() as session:
        pace = await session.get(Pace, installation_id)
    return pace.paused_until if pace and pace.paused_until and pace.paused_until > now else None


async def forget_pace(database: Database, installation_id: int) -> None:
    """The installation is gone."""
    async with database.transaction() as session:
        await session.execute(text("delete from paces where installation_id = :id"), {"id": installation_id})
