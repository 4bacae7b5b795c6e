"""What each source last told of a cluster, and the kinds that it was seen to serve."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.db.models import ClusterObservation, ClusterSignal, ServedKind
from app.domain.model import Gvk


async def get_signal(session: AsyncSession, cluster: str, source: str, part: str) -> ClusterSignal | None:
    return await session.get(ClusterSignal, (cluster, source, part))


async def list_signals(session: AsyncSession, clusters: Iterable[str]) -> list[ClusterSignal]:
    rows = await session.scalars(
        select(ClusterSignal)
        .where(ClusterSignal.cluster.in_(list(clusters)))
        .order_by(ClusterSignal.cluster, ClusterSignal.source, ClusterSignal.part)
    )
    return list(rows)


async def save_signal(
    session: AsyncSession, cluster: str, source: str, part: str, *, at: datetime, tried_at: datetime, facts: Any
) -> bool:
    """Store what was told. True where it is not what was known."""
    row = await get_signal(session, cluster, source, part)
    if row is None:
        session.add(
            ClusterSignal(
                cluster=cluster, source=source, part=part, observed_at=at, tried_at=tried_at, problem="", facts=facts
            )
        )
        return True
    changed = bool(row.facts != facts)
    row.observed_at, row.tried_at, row.problem = at, tried_at, ""
    if changed:
        row.facts = facts
    return changed


async def save_problem(
    session: AsyncSession, cluster: str, source: str, part: str, *, tried_at: datetime, problem: str
) -> None:
    """The part told nothing this time: what it told before stays, and grows old."""
    row = await get_signal(session, cluster, source, part)
    if row is None:
        row = ClusterSignal(cluster=cluster, source=source, part=part, facts={})
        session.add(row)
    row.tried_at, row.problem = tried_at, problem


async def list_served(session: AsyncSession, clusters: Iterable[str]) -> list[ServedKind]:
    return list(await session.scalars(select(ServedKind).where(ServedKind.cluster.in_(list(clusters)))))


async def save_served(
    session: AsyncSession, cluster: str, source: str, kinds: Collection[Gvk], *, at: datetime, unread: Collection[str]
) -> bool:
    """Store what changed in the list of served kinds; those of `unread` groups that are not listed stay as they are."""
    rows = await session.scalars(select(ServedKind).where(ServedKind.cluster == cluster, ServedKind.source == source))
    known = {Gvk(row.group, row.kind, row.version): row for row in rows}
    changed = False
    for gvk in kinds:
        row = known.get(gvk)
        if row is None:
            session.add(
                ServedKind(
                    cluster=cluster, source=source, group=gvk.group, kind=gvk.kind, version=gvk.version,
                    served=True, since=at,
                )
            )  # fmt: skip
            changed = True
        elif not row.served:
            row.served, row.since, changed = True, at, True
    for gvk, row in known.items():
        if row.served and gvk not in kinds and gvk.group not in unread:
            row.served, row.since, changed = False, at, True
    return changed


async def newest_by_object(
    session: AsyncSession, cluster: str, objects: Collection[str] | None = None
) -> Mapping[str, ClusterObservation]:
    """The newest observation of each object, or of those named."""
    wanted = select(ClusterObservation).where(ClusterObservation.cluster == cluster)
    if objects is not None:
        wanted = wanted.where(ClusterObservation.object.in_(list(objects)))
    rows = await session.scalars(
        wanted.ext(distinct_on(ClusterObservation.object)).order_by(
            ClusterObservation.object, ClusterObservation.observed_at.desc(), ClusterObservation.id.desc()
        )
    )
    return {row.object: row for row in rows}


async def forget_older_heartbeats(session: AsyncSession, newest: ClusterObservation) -> None:
    """Of what an object says at every interval the newest is enough."""
    await session.execute(
        delete(ClusterObservation).where(
            ClusterObservation.cluster == newest.cluster,
            ClusterObservation.object == newest.object,
            ClusterObservation.observed_at < newest.observed_at,
            ClusterObservation.digest != newest.digest,
            ClusterObservation.message.startswith("Reconciliation finished in "),
        )
    )


async def forget_old_observations(session: AsyncSession, before: datetime) -> None:
    """Those that came before then, but for what names a version and for the newest of each object: looks store changes
    only, so that the newest may be old and still true."""
    newer = aliased(ClusterObservation)
    await session.execute(
        delete(ClusterObservation).where(
            ClusterObservation.received_at < before,
            ClusterObservation.version.is_(None),
            exists().where(
                newer.cluster == ClusterObservation.cluster,
                newer.object == ClusterObservation.object,
                newer.observed_at > ClusterObservation.observed_at,
            ),
        )
    )
