"""Look at the cluster whose Kubernetes API may be read, now and then, and often while a rollout is pending.

What the API server does not tell stays what it was, and grows old: an old answer is none.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.cluster_signals import get_signal, save_problem
from app.db.clusters import get_cluster, list_rollouts
from app.db.models import Cluster, ClusterSignal
from app.db.repositories import key_of
from app.db.work import get_work, hasten, want
from app.domain.catalogue import KUBERNETES
from app.domain.cluster_state import Part, Source
from app.domain.health import fresh_for
from app.domain.model import Gvk, RolloutState
from app.kubernetes.client import KubernetesApi
from app.kubernetes.reading import Reading, read_cluster
from app.services.cluster_state import Look, running_versions
from app.services.context import AppContext

log = structlog.get_logger()

SOON = timedelta(seconds=15)
"""Between two looks while something that was merged is not rolled out."""
_CRDS_EVERY = timedelta(minutes=5)


def look_key(cluster: str) -> str:
    return f"cluster:{cluster}"


async def ask_for_cluster_look(context: AppContext) -> None:
    """At start, and as long as nothing else asks for it."""
    if context.kubernetes is None:
        return
    key = look_key(context.kubernetes.name)
    async with context.database.transaction() as session:
        work = await get_work(session, key)
        if work is not None and (work.look_at is not None or work.wanted_seq > work.done_seq):
            return
        await want(session, key)
    context.wake(key)


async def hasten_cluster_look(context: AppContext, repository_id: int) -> None:
    """Something of the repository may have been merged: then its cluster is looked at soon."""
    if context.kubernetes is None:
        return
    key = look_key(context.kubernetes.name)
    async with context.database.transaction() as session:
        cluster = await get_cluster(session, context.kubernetes.name)
        if cluster is None or cluster.repository_id != repository_id or not await _is_pending(session, cluster):
            return
        is_sooner = await hasten(session, key, context.clock() + SOON)
    if is_sooner:
        context.wake(key, SOON.total_seconds())


async def look_at_cluster(context: AppContext, name: str) -> datetime | None:
    """One look. Returns when the next one is due; None where this cluster is not read any more."""
    api = context.kubernetes
    if api is None or api.name != name:
        return None
    # What is told while we read is newer than what we read.
    began = context.clock()
    async with context.database.transaction() as session:
        cluster = await get_cluster(session, name)
        wants_crds = cluster is not None and await _crds_are_due(session, name, began)
    if cluster is None:
        log.warning("the cluster that is to be read is not registered", cluster=name)
        return began + context.settings.kubernetes_poll
    reading = await read_cluster(api, (lambda gvk: _is_of_a_provider(context, gvk)) if wants_crds else None)
    for part, problem in reading.problems.items():
        log.info("part of the cluster not read", cluster=name, part=part.value, why=problem)
    now = context.clock()
    async with context.database.transaction() as session:
        cluster = await get_cluster(session, name)
        if cluster is None:
            return now + context.settings.kubernetes_poll
        changed = await _store(context, session, api, cluster, reading, began)
        key = key_of(cluster.repository_id)
        if changed:
            await want(session, key)
        pending = await _is_pending(session, cluster)
    if changed:
        context.wake(key)
    if not pending:
        return now + context.settings.kubernetes_poll
    context.wake(look_key(name), SOON.total_seconds())
    return now + SOON


async def _is_pending(session: AsyncSession, cluster: Cluster) -> bool:
    rollouts = await list_rollouts(session, cluster.repository_id)
    return any(rollout.state == RolloutState.PENDING for rollout in rollouts)


async def _crds_are_due(session: AsyncSession, name: str, now: datetime) -> bool:
    signal = await get_signal(session, name, Source.KUBERNETES, Part.CRDS)
    return signal is None or bool(signal.problem) or signal.tried_at <= now - _CRDS_EVERY


def _is_of_a_provider(context: AppContext, gvk: Gvk) -> bool:
    provider = context.catalogue.provider_of(gvk)
    return provider is not None and provider != KUBERNETES


async def _store(
    context: AppContext, session: AsyncSession, api: KubernetesApi, cluster: Cluster, reading: Reading, at: datetime
) -> bool:
    """`at` is when the look began. True where that may change a plan, or what people see of the cluster."""
    look = Look(session, cluster, Source.KUBERNETES, at, at)
    changed = False
    for part, problem in reading.problems.items():
        before = await get_signal(session, api.name, Source.KUBERNETES, part)
        changed |= _has_just_grown_old(before, at, fresh_for(Source.KUBERNETES, context.settings.kubernetes_poll))
        await save_problem(session, api.name, Source.KUBERNETES, part, tried_at=at, problem=problem)
    if reading.discovery is not None:
        changed |= await look.store_served(reading.discovery.kinds, reading.discovery.unread)
        changed |= await look.store(Part.DISCOVERY, {"unread": dict(sorted(reading.discovery.unread.items()))})
    for part, kind, statuses in (
        (Part.KUSTOMIZATIONS, "Kustomization", reading.kustomizations),
        (Part.HELM_RELEASES, "HelmRelease", reading.helm_releases),
    ):
        if statuses is not None:
            changed |= await look.store_objects(statuses, all_of=kind)
            await look.store(part, {"objects": sorted(statuses, key=lambda status: status.object)})
    if reading.instance is not None:
        changed |= await look.store_objects([reading.instance.status], all_of=None)
        await look.store(Part.INSTANCE, reading.instance)
    if reading.report is not None:
        # It is as old as it says, however fresh we read it.
        await replace(look, at=min(reading.report.at or at, at)).store(Part.REPORT, reading.report)
    if reading.controllers is not None:
        changed |= await look.store(Part.CONTROLLERS, {"controllers": reading.controllers})
    if reading.kubernetes is not None:
        await look.store(Part.VERSION, {"kubernetes": reading.kubernetes})
    if reading.crds is not None:
        changed |= await look.store(Part.CRDS, {"crds": reading.crds})
    versions = running_versions(reading.instance, reading.report, reading.controllers, reading.kubernetes)
    return await look.store_versions(versions) or changed


def _has_just_grown_old(before: ClusterSignal | None, now: datetime, fresh: timedelta) -> bool:
    """Whether this is the first try since what was told is too old to count: then it has to be planned without."""
    if before is None or before.observed_at is None:
        return False
    return before.tried_at - before.observed_at <= fresh < now - before.observed_at
