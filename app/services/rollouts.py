"""Keep book of what was merged and is not rolled out yet, and close what the cluster, a person or time has settled."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.clusters import list_clusters, list_rollouts, list_versions, rollout_of
from app.db.models import Capability, Rollout
from app.db.models import PullRequest as PullRequestRow
from app.db.pull_requests import add_history
from app.domain.cluster_state import source_phrase
from app.domain.model import Observation, Plan, PullRequestStatus, RolloutState
from app.domain.rollouts import rolled_out_source
from app.services.context import AppContext


async def open_rollouts_of_merges(session: AsyncSession, repository_id: int, rows: Iterable[PullRequestRow]) -> None:
    """A merged pull request that provides something begins a rollout, once."""
    merged = {row.id: row for row in rows if row.status == PullRequestStatus.MERGED and row.merged_at is not None}
    rollouts = await list_rollouts(session, repository_id)
    begun = {rollout.number for rollout in rollouts}
    capabilities = await session.scalars(select(Capability).where(Capability.pull_request_id.in_(list(merged))))
    for capability in capabilities:
        row = merged[capability.pull_request_id]
        if row.number in begun or row.merged_at is None:
            continue
        noticed = _of_the_same_merge(rollouts, capability, row)
        if noticed is not None:
            noticed.number, noticed.merge_sha = row.number, row.merge_sha or noticed.merge_sha
            continue
        session.add(
            Rollout(
                repository_id=repository_id,
                provider=capability.provider,
                scope=capability.scope,
                from_version=capability.from_version,
                to_version=capability.to_version,
                number=row.number,
                merge_sha=row.merge_sha or "",
                merged_at=row.merged_at,
            )
        )
    await session.flush()


def _of_the_same_merge(rollouts: Iterable[Rollout], capability: Capability, row: PullRequestRow) -> Rollout | None:
    """The base branch was read before the pull request was seen as merged: then this is the push that was noticed."""
    for rollout in rollouts:
        same = (rollout.provider, rollout.scope, rollout.to_version) == (
            capability.provider,
            capability.scope,
            capability.to_version,
        )
        if same and rollout.number is None and row.merged_at is not None and rollout.merged_at >= row.merged_at:
            return rollout
    return None


def _still_true(rollouts: Iterable[Rollout]) -> set[tuple[str, str]]:
    """(scope, version) of the rollouts that count: those under way, and the last of each scope. Earlier ones do not,
    since a version that was rolled out, reverted and raised again has to be rolled out again."""
    by_time = sorted(rollouts, key=lambda rollout: (rollout.merged_at, rollout.id))
    last = {(rollout.provider, rollout.scope): rollout for rollout in by_time}
    pending = [rollout for rollout in by_time if rollout.state == RolloutState.PENDING]
    return {(rollout.scope, rollout.to_version) for rollout in (*pending, *last.values())}


async def open_rollouts_of_pushes(
    session: AsyncSession, repository_id: int, plan: Plan, before: Mapping[str, Any] | None, *, now: datetime
) -> bool:
    """Flux's declared version changed on the base branch without a pull request that we knew. True if one began."""
    old = {cluster["name"]: (cluster["flux"] or {}).get("version") for cluster in (before or {}).get("clusters", [])}
    known = _still_true(await list_rollouts(session, repository_id))
    began = False
    for cluster in plan.clusters:
        if cluster.flux is None or old.get(cluster.name) in (None, cluster.flux.version):
            continue
        if (cluster.name, cluster.flux.version) in known:
            continue
        began = True
        session.add(
            Rollout(
                repository_id=repository_id,
                provider=cluster.flux.provider,
                scope=cluster.name,
                from_version=old[cluster.name],
                to_version=cluster.flux.version,
                number=None,
                merge_sha=plan.base,
                merged_at=now,
            )
        )
    await session.flush()
    return began


async def list_observations(
    session: AsyncSession, repository_id: int, scopes: tuple[str, ...]
) -> tuple[Observation, ...]:
    """The newest version that each cluster said it runs, under the name that the plan has for it."""
    names = {cluster.name: cluster.scope for cluster in await list_clusters(session, repository_id)}
    observations = []
    for seen in await list_versions(session, names):
        scope = names[seen.cluster] or (seen.cluster if seen.cluster in scopes or len(scopes) != 1 else scopes[0])
        if seen.provider is not None and seen.version is not None:
            observations.append(
                Observation(scope, seen.provider, seen.version, seen.observed_at, source_phrase(seen.source))
            )
    return tuple(observations)


async def settle_rollouts(
    context: AppContext, session: AsyncSession, repository_id: int, observations: tuple[Observation, ...]
) -> datetime | None:
    """Close what is rolled out. Returns when the next soak time ends, if one runs."""
    now, soak = context.clock(), context.settings.rollout_soak
    next_look: datetime | None = None
    for row in await list_rollouts(session, repository_id):
        if row.state != RolloutState.PENDING:
            continue
        source = rolled_out_source(rollout_of(row), observations, now=now, soak=soak)
        if source is not None:
            close_rollout(session, row, source=source, at=now)
        elif soak is not None:
            ends = row.merged_at + soak
            next_look = ends if next_look is None else min(next_look, ends)
    return next_look


def close_rollout(session: AsyncSession, row: Rollout, *, source: str, at: datetime) -> None:
    row.state, row.source, row.rolled_out_at = RolloutState.ROLLED_OUT, source, at
    add_history(
        session, row.repository_id, row.number,
        at=at, actor="fluxmig", kind="rolled-out", text=f"{row.provider} {row.to_version} is rolled out: {source}.",
    )  # fmt: skip
