"""What was seen of the clusters of a repository, as far as it is fresh, for a plan."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.cluster_signals import list_served, list_signals
from app.db.clusters import list_clusters
from app.db.models import ClusterSignal, ServedKind
from app.domain.cluster_state import Part, Source, StoredCrd, source_phrase
from app.domain.health import fresh_for
from app.domain.model import Gvk, ServedApis, Snapshot, StoredVersions
from app.domain.rollout_terms import RolloutPolicy
from app.services.cluster_talk import scope_of
from app.services.context import AppContext

_STORED_FOR = timedelta(days=1)
"""What is stored changes by a migration only, so an API server that was away for a while sets no upgrade free."""
_LISTS = {Source.KUBERNETES: Part.DISCOVERY, Source.REPORT: Part.REPORT}
"""The part by which each source tells what is served. A report names some kinds, the API server all."""


async def with_cluster_facts(
    context: AppContext,
    session: AsyncSession,
    repository_id: int,
    snapshot: Snapshot,
    before: Mapping[str, Any] | None,
    policy: RolloutPolicy,
) -> Snapshot:
    """The same, with what the clusters were seen to serve and to store. `before` is the last plan, which knows the
    names of the clusters."""
    clusters = await list_clusters(session, repository_id)
    if not clusters:
        return snapshot
    names = [cluster.name for cluster in clusters]
    scopes = tuple(str(cluster["name"]) for cluster in (before or {}).get("clusters", ()))
    signals = {(row.cluster, row.source, row.part): row for row in await list_signals(session, names)}
    kinds: dict[tuple[str, str], dict[Gvk, datetime]] = {}
    for row in await list_served(session, names):
        if row.served:
            kinds.setdefault((row.cluster, row.source), {})[_gvk(row)] = row.since
    served: list[ServedApis] = []
    stored: list[StoredVersions] = []
    for cluster in clusters:
        scope = scope_of(cluster, scopes, policy)
        told = []
        for source, part in _LISTS.items():
            signal = signals.get((cluster.name, source, part))
            if _is_fresh(context, signal, source):
                told.append(_served(scope, cluster.name, source, signal, kinds.get((cluster.name, source), {})))
        served += told or [ServedApis(scope, cluster.name, "", {})]
        crds = signals.get((cluster.name, Source.KUBERNETES, Part.CRDS))
        if crds is not None and crds.observed_at and context.clock() - crds.observed_at <= _STORED_FOR:
            stored += _stored(scope, crds)
    return replace(snapshot, served=tuple(served), stored=tuple(stored))


def _gvk(row: ServedKind) -> Gvk:
    return Gvk(row.group, row.kind, row.version)


def _is_fresh(context: AppContext, signal: ClusterSignal | None, source: Source) -> bool:
    if signal is None or signal.observed_at is None:
        return False
    return context.clock() - signal.observed_at <= fresh_for(source, context.settings.kubernetes_poll)


def _served(
    scope: str, cluster: str, source: Source, signal: ClusterSignal | None, since: Mapping[Gvk, datetime]
) -> ServedApis:
    unread = signal.facts.get("unread", {}) if signal else {}
    return ServedApis(
        scope,
        cluster,
        source_phrase(source),
        since,
        complete=source is Source.KUBERNETES,
        unread=frozenset(map(str, unread)),
        at=signal.observed_at if signal else None,
    )


def _stored(scope: str, signal: ClusterSignal) -> list[StoredVersions]:
    crds = msgspec.convert(signal.facts.get("crds", []), list[StoredCrd], strict=False)
    return [
        StoredVersions(scope, one.name, one.group, one.kind, one.stored, one.storage, source_phrase(Source.KUBERNETES))
        for one in crds
    ]
