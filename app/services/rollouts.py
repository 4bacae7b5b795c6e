"""Keep book of what was merged and is not rolled out yet, and close what the cluster, a person or time has settled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.clusters import list_clusters, list_rollouts, list_versions, rollout_of
from app.db.models import Capability, Rollout
from app.db.models import PullRequest as PullRequestRow
from app.db.pull_requests import add_history
from app.domain.base_facts import BaseFacts
from app.domain.carriers import carrier_of
from app.domain.cluster_state import source_phrase
from app.domain.commit_status import is_sender
from app.domain.messages.rollouts import replaced_source
from app.domain.model import Observation, Plan, PullRequestStatus, RolloutHealth, RolloutState
from app.domain.model import Rollout as RolloutFact
from app.domain.notices import Notice, NoticeKind
from app.domain.rollout_terms import Proof, RolloutPolicy
from app.domain.rollouts import Judged, is_replaced, judge_rollout
from app.services.cluster_talk import ClusterTalk, scope_of


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
    """The newest version that each cluster said it runs, under the name that the plan has for it. One that has not told
    what another of its scope told is there without a version."""
    clusters = [one for one in await list_clusters(session, repository_id) if not is_sender(one.name)]
    no_senders = RolloutPolicy()  # commit statuses tell no version
    names = {one.name: scope_of(one, scopes, no_senders) for one in clusters}
    told: dict[tuple[str, str], dict[str, Observation]] = {}
    for seen in await list_versions(session, names):
        if seen.provider is not None and seen.version is not None:
            scope, source = names[seen.cluster], source_phrase(seen.source)
            told.setdefault((scope, seen.provider), {})[seen.cluster] = Observation(
                scope, seen.provider, seen.version, seen.observed_at, source, seen.cluster
            )
    return tuple(
        by_cluster.get(name) or Observation(scope, provider, "", min(one.at for one in by_cluster.values()), "", name)
        for (scope, provider), by_cluster in told.items()
        for name in (name for name, of in names.items() if of == scope)
    )


@dataclass(frozen=True, slots=True)
class Settled:
    """`changed`: something is known now that the plan does not know. `next_look` is when time itself tells more."""

    changed: bool
    next_look: datetime | None
    notices: tuple[Notice, ...] = ()


async def settle_rollouts(
    session: AsyncSession,
    repository_id: int,
    talk: ClusterTalk,
    base: BaseFacts | None,
    policy: RolloutPolicy,
    *,
    soak: timedelta | None,
    now: datetime,
) -> Settled:
    """Close what is rolled out, and note how the rest stands. `base` is the base branch, `soak` the service's own."""
    rows = await list_rollouts(session, repository_id)
    facts = {row.id: rollout_of(row) for row in rows}
    changed, looks, notices = False, list[datetime](), list[Notice]()
    for row in rows:
        if row.state != RolloutState.PENDING:
            continue
        rollout = facts[row.id]
        others = [
            other for id_, other in facts.items()
            if id_ != row.id and (other.provider, other.scope) == (rollout.provider, rollout.scope)
        ]  # fmt: skip
        if (after := is_replaced(rollout, others)) is not None:
            _replace(session, row, after, at=now)
            changed = True
            continue
        judged = judge_rollout(
            rollout,
            others,
            carrier=carrier_of(row.provider, row.scope, base) if base is not None else None,
            heard=talk.of(row.scope),
            ancestry=talk.ancestry,
            terms=policy.terms_of(row.provider, soak=soak),
            now=now,
        )
        if judged.proof is not None:
            close_rollout(session, row, source=judged.source, proof=judged.proof, at=now)
            changed = True
            continue
        changed |= (row.health, row.note) != (judged.health.value, judged.note)
        if _is_turn_for_the_worse(row, judged):
            notices += _note_turn(session, row, judged, at=now)
        row.health, row.note = judged.health, judged.note
        looks += [judged.next_look] if judged.next_look is not None else []
    return Settled(changed, min(looks, default=None), tuple(notices))


def close_rollout(session: AsyncSession, row: Rollout, *, source: str, proof: Proof, at: datetime) -> None:
    row.state, row.source, row.proof, row.rolled_out_at = RolloutState.ROLLED_OUT, source, proof, at
    row.health, row.note = RolloutHealth.ROLLED_OUT, ""
    add_history(
        session, row.repository_id, row.number,
        at=at, actor="fluxmig", kind="rolled-out", text=f"{row.provider} {row.to_version} is rolled out: {source}.",
    )  # fmt: skip


def _replace(session: AsyncSession, row: Rollout, after: RolloutFact, *, at: datetime) -> None:
    row.state, row.note = RolloutState.REPLACED, ""
    row.source = replaced_source(after.to, after.pull_request)
    add_history(
        session, row.repository_id, row.number,
        at=at, actor="fluxmig", kind="replaced", text=f"{row.provider} {row.to_version} is replaced: {row.source}.",
    )  # fmt: skip


def _is_turn_for_the_worse(row: Rollout, judged: Judged) -> bool:
    """That it turned bad, or late, is news; that it stands as before is none."""
    return judged.health is not RolloutHealth.PENDING and row.health != judged.health


def _note_turn(session: AsyncSession, row: Rollout, judged: Judged, *, at: datetime) -> list[Notice]:
    text = f"{row.provider} {row.to_version} is not rolled out: {judged.note}."
    add_history(session, row.repository_id, row.number, at=at, actor="fluxmig", kind="rollout", text=text)
    if judged.health is RolloutHealth.TROUBLED:
        return []
    key = f"{NoticeKind.ROLLOUT}:{row.id}:{judged.health}"
    return [Notice(NoticeKind.ROLLOUT, key, row.number, text)]
