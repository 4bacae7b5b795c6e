"""What is to be looked at again. Two numbers a key: correctness lives in them, the queue only wakes workers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Work


@dataclass(frozen=True, slots=True)
class WorkItem:
    key: str
    wanted_seq: int
    done_seq: int
    attempts: int
    run_after: datetime | None

    @property
    def is_wanted(self) -> bool:
        return self.wanted_seq > self.done_seq


async def want(session: AsyncSession, key: str) -> None:
    """Ask for one more look at `key`."""
    statement = insert(Work).values(key=key, wanted_seq=1)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["key"], set_={"wanted_seq": Work.wanted_seq + 1})
    )


async def get_work(session: AsyncSession, key: str) -> WorkItem | None:
    row = await session.get(Work, key)
    return None if row is None else WorkItem(row.key, row.wanted_seq, row.done_seq, row.attempts, row.run_after)


async def list_due(session: AsyncSession, now: datetime) -> list[str]:
    """Keys that are wanted and whose back-off is over, the longest waiting first."""
    rows = await session.scalars(
        select(Work.key)
        .where(Work.wanted_seq > Work.done_seq, or_(Work.run_after.is_(None), Work.run_after <= now))
        .order_by(Work.run_after.nulls_first(), Work.key)
    )
    return list(rows)


async def finish(session: AsyncSession, key: str, seq: int, *, next_look: datetime | None) -> None:
    """Everything up to `seq` is done. `next_look` is when something that waits for time should be looked at."""
    await session.execute(
        update(Work).where(Work.key == key).values(done_seq=seq, attempts=0, run_after=None, last_error="")
    )
    if next_look is not None:
        await session.execute(
            update(Work)
            .where(Work.key == key, Work.wanted_seq == seq)
            .values(wanted_seq=Work.wanted_seq + 1, run_after=next_look)
        )


async def postpone(session: AsyncSession, key: str, *, until: datetime, error: str) -> None:
    """The look failed: try again at `until`."""
    await session.execute(
        update(Work).where(Work.key == key).values(attempts=Work.attempts + 1, run_after=until, last_error=error[:2000])
    )
