"""Everything that the page of one repository shows."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import models
from app.db.clusters import rollout_of
from app.domain.model import Capability, Edge, Rollout
from app.services.queries.audit import list_audit
from app.services.queries.branches import list_branches
from app.services.queries.clusters import list_clusters
from app.services.queries.incidents import list_open
from app.services.queries.items import HistoryItem, Overview, PlanItem, PullRequestItem, RepositoryItem
from app.services.queries.rows import (
    EDGE,
    PULL_REQUEST,
    capability_item,
    edge_item,
    history_item,
    pull_request_item,
)

HISTORY_SHOWN = 30
AUDIT_SHOWN = 20


async def get_overview(
    session: AsyncSession, repository: RepositoryItem, *, now: datetime, poll: timedelta
) -> Overview:
    """All that the page of a repository shows; `now` and `poll` tell which signals of a cluster are still fresh."""
    plan = await get_plan(session, repository.id)
    edges = await list_edges(session, repository.id)
    rollouts = await list_rollouts(session, repository.id)
    named = {edge.to for edge in edges if edge.to is not None}
    named |= {rollout.pull_request for rollout in rollouts if rollout.pull_request is not None}
    pulls = await _list_shown(session, repository.id, named)
    return Overview(
        repository=repository,
        plan=plan,
        pull_requests=pulls,
        edges=edges,
        rollouts=rollouts,
        clusters=await list_clusters(session, repository.id, plan, now=now, poll=poll),
        capabilities=await list_capabilities(session, {pull.id: pull.number for pull in pulls if pull.number in named}),
        rebases=await _newest_rebases(session, repository.id),
        history=await list_history(session, repository.id, limit=HISTORY_SHOWN),
        audit=await list_audit(session, repository.id, limit=AUDIT_SHOWN),
        branches=await list_branches(session, repository.id),
        incidents=(await list_open(session, [repository.id])).get(repository.id, ()),
    )


async def get_plan(session: AsyncSession, repository_id: int) -> PlanItem | None:
    row = await session.get(models.RepositoryPlan, repository_id)
    return None if row is None else PlanItem(row.document, row.made_at, tuple(row.withheld))


async def list_edges(session: AsyncSession, repository_id: int) -> tuple[Edge, ...]:
    """The edges of open pull requests."""
    rows = await session.execute(
        select(*EDGE)
        .join(models.PullRequest, models.PullRequest.id == models.Edge.pull_request_id)
        .where(models.PullRequest.repository_id == repository_id, models.PullRequest.status == "open")
        .order_by(models.PullRequest.number, models.Edge.id)
    )
    return tuple(edge_item(row) for row in rows)


async def list_rollouts(session: AsyncSession, repository_id: int) -> tuple[Rollout, ...]:
    """The rollouts that the cluster has not taken over yet, oldest merge first."""
    rows = await session.scalars(
        select(models.Rollout)
        .where(models.Rollout.repository_id == repository_id, models.Rollout.state == "pending")
        .order_by(models.Rollout.merged_at, models.Rollout.id)
    )
    return tuple(rollout_of(row) for row in rows)


async def list_history(
    session: AsyncSession, repository_id: int, *, number: int | None = None, limit: int
) -> tuple[HistoryItem, ...]:
    """What happened, newest first; with `number`, to that pull request only."""
    query = select(models.HistoryEntry).where(models.HistoryEntry.repository_id == repository_id)
    if number is not None:
        query = query.where(models.HistoryEntry.number == number)
    rows = await session.scalars(query.order_by(models.HistoryEntry.id.desc()).limit(limit))
    return tuple(history_item(row) for row in rows)


async def list_capabilities(session: AsyncSession, pulls: Mapping[int, int]) -> Mapping[int, tuple[Capability, ...]]:
    """What pull requests bring, by number; `pulls` maps the ids of their rows to their numbers."""
    found: defaultdict[int, list[Capability]] = defaultdict(list)
    for row in await session.scalars(
        select(models.Capability).where(models.Capability.pull_request_id.in_(pulls)).order_by(models.Capability.id)
    ):
        found[pulls[row.pull_request_id]].append(capability_item(row))
    return {number: tuple(brought) for number, brought in found.items()}


async def _list_shown(session: AsyncSession, repository_id: int, named: set[int]) -> tuple[PullRequestItem, ...]:
    rows = await session.execute(
        select(*PULL_REQUEST)
        .where(
            models.PullRequest.repository_id == repository_id,
            or_(models.PullRequest.status == "open", models.PullRequest.number.in_(named)),
        )
        .order_by(models.PullRequest.number)
    )
    return tuple(pull_request_item(row) for row in rows)


async def _newest_rebases(session: AsyncSession, repository_id: int) -> Mapping[int, HistoryItem]:
    """By number, what last happened about a rebase since the present verdict on an open pull request."""
    rows = await session.scalars(
        select(models.HistoryEntry)
        .join(
            models.PullRequest,
            and_(
                models.PullRequest.repository_id == models.HistoryEntry.repository_id,
                models.PullRequest.number == models.HistoryEntry.number,
            ),
        )
        .where(
            models.HistoryEntry.repository_id == repository_id,
            models.HistoryEntry.kind.like("rebase%"),
            models.HistoryEntry.at >= models.PullRequest.state_since,
            models.PullRequest.status == "open",
        )
        .ext(distinct_on(models.HistoryEntry.number))
        .order_by(models.HistoryEntry.number, models.HistoryEntry.id.desc())
    )
    return {row.number: history_item(row) for row in rows if row.number is not None}
