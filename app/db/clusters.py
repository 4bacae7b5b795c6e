"""Clusters, what was heard from them, and the rollouts that wait for it."""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Cluster, ClusterObservation, Rollout
from app.domain.model import Rollout as RolloutFact
from app.domain.model import RolloutHealth, RolloutState
from app.domain.rollout_terms import Proof


async def get_cluster(session: AsyncSession, name: str) -> Cluster | None:
    return await session.get(Cluster, name)


async def list_clusters(session: AsyncSession, repository_id: int) -> list[Cluster]:
    rows = await session.scalars(select(Cluster).where(Cluster.repository_id == repository_id).order_by(Cluster.name))
    return list(rows)


async def list_neighbours(session: AsyncSession, name: str) -> list[str]:
    """All clusters of the same repository, and itself."""
    own = select(Cluster.repository_id).where(Cluster.name == name).scalar_subquery()
    return list(await session.scalars(select(Cluster.name).where(Cluster.repository_id == own).order_by(Cluster.name)))


async def save_cluster(session: AsyncSession, name: str, repository_id: int, scope: str | None) -> None:
    values = {"repository_id": repository_id, "scope": scope}
    statement = insert(Cluster).values(name=name, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


async def remove_cluster(session: AsyncSession, name: str) -> None:
    await session.execute(delete(Cluster).where(Cluster.name == name))


async def record_observation(session: AsyncSession, observation: ClusterObservation) -> bool:
    """Store an event once. False when the same one was stored before."""
    columns = {
        column.name: getattr(observation, column.name)
        for column in ClusterObservation.__table__.columns
        if column.name not in ("id", "received_at")
    }
    statement = insert(ClusterObservation).values(**columns).on_conflict_do_nothing(index_elements=["digest"])
    stored = await session.scalar(statement.returning(ClusterObservation.id))
    return stored is not None


async def list_versions(session: AsyncSession, clusters: Iterable[str]) -> list[ClusterObservation]:
    """For each cluster and provider the newest observation that names a version."""
    rows = await session.scalars(
        select(ClusterObservation)
        .where(ClusterObservation.cluster.in_(list(clusters)), ClusterObservation.version.is_not(None))
        .ext(distinct_on(ClusterObservation.cluster, ClusterObservation.provider))
        .order_by(
            ClusterObservation.cluster,
            ClusterObservation.provider,
            ClusterObservation.observed_at.desc(),
            ClusterObservation.id.desc(),
        )
    )
    return list(rows)


async def list_rollouts(session: AsyncSession, repository_id: int) -> list[Rollout]:
    rows = await session.scalars(select(Rollout).where(Rollout.repository_id == repository_id).order_by(Rollout.id))
    return list(rows)


def rollout_of(row: Rollout) -> RolloutFact:
    """The row as the domain knows it."""
    return RolloutFact(
        provider=row.provider,
        scope=row.scope,
        from_=row.from_version,
        to=row.to_version,
        pull_request=row.number,
        merged_at=row.merged_at,
        state=RolloutState(row.state),
        source=row.source,
        merge_sha=row.merge_sha,
        proof=Proof(row.proof) if row.proof else None,
        health=RolloutHealth(row.health),
        note=row.note,
        rolled_out_at=row.rolled_out_at,
    )
