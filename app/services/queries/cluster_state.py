"""All that is known of one registered cluster: health, versions, served kinds, stored versions, what was not read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import models
from app.db.cluster_signals import list_served, list_signals
from app.db.clusters import list_versions
from app.domain.cluster_state import Part, Source, StoredCrd, source_phrase
from app.domain.health import Health, fresh_for
from app.domain.model import Answer, Gvk, Observation
from app.services.queries.cluster_health import list_health
from app.services.queries.clusters import list_registered_clusters
from app.services.queries.items import RegisteredCluster

_LISTS = {Source.KUBERNETES: Part.DISCOVERY, Source.REPORT: Part.REPORT}


@dataclass(frozen=True, slots=True)
class ServedApi:
    """`served` is unknown where the look that told it is too old."""

    gvk: Gvk
    served: Answer
    since: datetime
    source: Source
    looked_at: datetime


@dataclass(frozen=True, slots=True)
class ClusterState:
    cluster: RegisteredCluster
    health: Health
    runs: tuple[Observation, ...]
    served: tuple[ServedApi, ...]
    stored: tuple[StoredCrd, ...]
    unread: Mapping[str, str]


async def get_cluster_state(
    session: AsyncSession, name: str, *, now: datetime, poll: timedelta, of_a_provider: Callable[[Gvk], bool]
) -> ClusterState | None:
    """None where no cluster of that name is registered."""
    repository_id = await session.scalar(select(models.Cluster.repository_id).where(models.Cluster.name == name))
    if repository_id is None:
        return None
    cluster = next(found for found in await list_registered_clusters(session, repository_id) if found.name == name)
    signals = {(Source(row.source), Part(row.part)): row for row in await list_signals(session, [name])}
    served = []
    for row in await list_served(session, [name]):
        gvk, source = Gvk(row.group, row.kind, row.version), Source(row.source)
        told = signals.get((source, _LISTS[source]))
        if told is not None and told.observed_at is not None and of_a_provider(gvk):
            fresh = now - told.observed_at <= fresh_for(source, poll)
            answer = (Answer.YES if row.served else Answer.NO) if fresh else Answer.UNKNOWN
            served.append(ServedApi(gvk, answer, row.since, source, told.observed_at))
    crds = signals.get((Source.KUBERNETES, Part.CRDS))
    discovery = signals.get((Source.KUBERNETES, Part.DISCOVERY))
    unread = {f"{part.value}": row.problem for (_, part), row in signals.items() if row.problem}
    return ClusterState(
        cluster=cluster,
        health=(await list_health(session, [name], now=now, poll=poll))[name],
        runs=tuple(
            Observation(name, row.provider or "", row.version or "", row.observed_at, source_phrase(row.source))
            for row in await list_versions(session, [name])
        ),
        served=tuple(sorted(served, key=lambda one: (one.gvk, one.source))),
        stored=tuple(msgspec.convert(crds.facts.get("crds", []), list[StoredCrd], strict=False)) if crds else (),
        unread=unread | (dict(discovery.facts.get("unread", {})) if discovery else {}),
    )
