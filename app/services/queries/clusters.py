"""Clusters: what Git declares (from the plan), what they said (their events), who may speak for them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import models
from app.domain.cluster_state import source_phrase
from app.domain.health import Health
from app.domain.model import Observation
from app.services.queries.cluster_health import list_health
from app.services.queries.items import ClusterItem, PlanItem, RegisteredCluster


async def list_clusters(
    session: AsyncSession, repository_id: int, plan: PlanItem | None, *, now: datetime, poll: timedelta
) -> tuple[ClusterItem, ...]:
    """The clusters of the plan, then those that only posted events. `poll` is the time between two looks."""
    registered = {
        row.name: row.scope
        for row in await session.scalars(
            select(models.Cluster).where(models.Cluster.repository_id == repository_id).order_by(models.Cluster.name)
        )
    }
    heard = await _newest_observations(session, registered)
    health = await list_health(session, registered, now=now, poll=poll)
    declared: dict[str, Mapping[str, Any] | None] = {
        str(cluster["name"]): cluster.get("flux") for cluster in (plan.document.get("clusters", ()) if plan else ())
    }
    only = next(iter(declared)) if len(declared) == 1 else None
    speakers: defaultdict[str, list[str]] = defaultdict(list)
    for name, scope in registered.items():
        speakers[scope or only or name].append(name)
    return tuple(
        _cluster(scope, declared.get(scope), speakers[scope], heard, health)
        for scope in [*declared, *(scope for scope in speakers if scope not in declared)]
    )


def _cluster(
    scope: str,
    flux: Mapping[str, Any] | None,
    speakers: list[str],
    heard: Mapping[str, list[Observation]],
    health: Mapping[str, Health],
) -> ClusterItem:
    source = (flux or {}).get("source") or {}
    return ClusterItem(
        name=scope,
        declared=flux.get("version") if flux else None,
        file=source.get("file"),
        line=int(source.get("line", 0)),
        observed=tuple(observation for name in speakers for observation in heard.get(name, ())),
        registered=tuple(speakers),
        health=tuple((name, health[name]) for name in speakers),
    )


async def _newest_observations(session: AsyncSession, names: Iterable[str]) -> Mapping[str, list[Observation]]:
    """The newest version that each cluster reported of each provider."""
    found: defaultdict[str, list[Observation]] = defaultdict(list)
    for row in await session.scalars(
        select(models.ClusterObservation)
        .where(
            models.ClusterObservation.cluster.in_(list(names)),
            models.ClusterObservation.provider.is_not(None),
            models.ClusterObservation.version.is_not(None),
        )
        .ext(distinct_on(models.ClusterObservation.cluster, models.ClusterObservation.provider))
        .order_by(
            models.ClusterObservation.cluster,
            models.ClusterObservation.provider,
            models.ClusterObservation.observed_at.desc(),
            models.ClusterObservation.id.desc(),
        )
    ):
        found[row.cluster].append(
            Observation(
                scope=row.cluster,
                provider=row.provider or "",
                version=row.version or "",
                at=row.observed_at,
                source=source_phrase(row.source),
            )
        )
    return found


async def list_registered_clusters(session: AsyncSession, repository_id: int) -> list[RegisteredCluster]:
    rows = await session.execute(
        select(models.Cluster, models.Repository.owner, models.Repository.name)
        .join(models.Repository, models.Repository.id == models.Cluster.repository_id)
        .where(models.Cluster.repository_id == repository_id)
        .order_by(models.Cluster.name)
    )
    return [_registered(cluster, owner, name) for cluster, owner, name in rows]


async def get_registered_cluster(session: AsyncSession, repository_id: int, name: str) -> RegisteredCluster | None:
    return next((found for found in await list_registered_clusters(session, repository_id) if found.name == name), None)


def _registered(cluster: models.Cluster, owner: str, name: str) -> RegisteredCluster:
    return RegisteredCluster(
        name=cluster.name, repository=f"{owner}/{name}", scope=cluster.scope, created_at=cluster.created_at
    )
