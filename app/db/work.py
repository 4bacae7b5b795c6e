"""What is to be looked at again. Two numbers a key: correctness lives in them, the queue only wakes workers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Repository, Work


@dataclass(frozen=True, slots=True)
class WorkItem:
    key: str
    wanted_seq: int
    done_seq: int
    attempts: int
    run_after: datetime | None
    look_at: datetime | None

    def is_due(self, now: datetime) -> bool:
        """Wanted, or its time has come; and not within a back-off."""
        wanted = self.wanted_seq > self.done_seq or (self.look_at is not None and self.look_at <= now)
        return wanted and (self.run_after is None or self.run_after <= now)


async def want(session: AsyncSession, key: str) -> None:
    """Ask for one more look at `key`."""
    statement = insert(Work).values(key=key, wanted_seq=1)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["key"], set_={"wanted_seq": Work.wanted_seq + 1})
    )


async def get_work(session: AsyncSession, key: str) -> WorkItem | None:
    row = await session.get(Work, key)
    if row is None:
        return None
    return WorkItem(row.key, row.wanted_seq, row.done_seq, row.attempts, row.run_after, row.look_at)


async def list_due(session: AsyncSession, now: datetime) -> list[str]:
    """The keys for which `WorkItem.is_due` holds, the longest waiting first."""
    rows = await session.scalars(
        select(Work.key)
        .where(
            or_(Work.wanted_seq > Work.done_seq, Work.look_at <= now),
            or_(Work.run_after.is_(None), Work.run_after <= now),
        )
        .order_by(Work.run_after.nulls_first(), Work.key)
    )
    return list(rows)


async def finish(session: AsyncSession, key: str, seq: int, *, look_at: datetime | None) -> None:
    """Everything up to `seq` is done. `look_at` is when something that waits for time should be looked at."""
    await session.execute(
        update(Work)
        .where(Work.key == key)
        .values(done_seq=seq, attempts=0, run_after=None, look_at=look_at, last_error="")
    )


async def postpone(session: AsyncSession, key: str, *, until: datetime, error: str) -> None:
    """The look failed: try again at `until`."""
    await session.execute(
        update(Work).where(Work.key == key).values(attempts=Work.attempts + 1, run_after=until, last_error=error[:2000])
    )


async def pause_installation(session: AsyncSession, key: str, *, until: datetime) -> None:
    """GitHub limits an installation as a whole: nothing that shares the installation of `key` is looked at before."""
    kind, _, number = key.partition(":")
    if kind == "installation":
        installation_id: int | None = int(number)
    else:
        installation_id = await session.scalar(
            select(Repository.installation_id).where(Repository.id == int(number or 0))
        )
    if installation_id is None:
        return
    repositories = await session.scalars(select(Repository.id).where(Repository.installation_id == installation_id))
    keys = [f"installation:{installation_id}"]
    keys += [f"{kind}:{repository_id}" for repository_id in repositories for kind in ("repository", "poll")]
    await session.execute(
        update(Work)
        .where(Work.key.in_(keys), or_(Work.run_after.is_(None), Work.run_after < until))
        .values(run_after=until)
    )


async def hasten(session: AsyncSession, key: str, at: datetime) -> bool:
    """Look at `key` at this time, if nothing looks at it sooner. True where that changes anything."""
    statement = update(Work).where(Work.key == key, Work.look_at > at).values(look_at=at).returning(Work.key)
    return await session.scalar(statement) is not None
