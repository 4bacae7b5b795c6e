"""Which repositories there are, and enough of each for one sentence."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import models
from app.db.clusters import rollout_of
from app.domain.incidents import Incident
from app.domain.model import Edge, Rollout
from app.services.queries.incidents import list_open
from app.services.queries.items import PullRequestItem, RepositoryItem
from app.services.queries.rows import EDGE, PULL_REQUEST, edge_item, pull_request_item, repository_item


@dataclass(frozen=True, slots=True)
class RepositorySummary:
    """A repository with its open pull requests, their edges, and the rollouts that are under way."""

    repository: RepositoryItem
    planned: bool
    pull_requests: tuple[PullRequestItem, ...]
    edges: tuple[Edge, ...]
    rollouts: tuple[Rollout, ...]
    incidents: tuple[Incident, ...] = ()


async def get_repository(session: AsyncSession, owner: str, name: str) -> RepositoryItem | None:
    """The repository of that name, whatever the case. None when no installation shows it (any more)."""
    found = await session.scalar(
        select(models.Repository)
        .where(
            func.lower(models.Repository.owner) == owner.lower(),
            func.lower(models.Repository.name) == name.lower(),
            models.Repository.removed_at.is_(None),
        )
        .order_by(models.Repository.id.desc())
        .limit(1)
    )
    return None if found is None else repository_item(found)


async def is_suspended(session: AsyncSession, owner: str) -> bool:
    """Whether the installation on this account is suspended, which hides all of its repositories."""
    found = await session.scalar(
        select(models.Installation.id)
        .where(func.lower(models.Installation.account) == owner.lower(), models.Installation.suspended_at.is_not(None))
        .limit(1)
    )
    return found is not None


async def list_repositories(session: AsyncSession, *, after: int = 0, limit: int = 50) -> list[RepositoryItem]:
    """Repositories in the order of GitHub's ids, those above `after`."""
    rows = await session.scalars(
        select(models.Repository)
        .where(models.Repository.removed_at.is_(None), models.Repository.id > after)
        .order_by(models.Repository.id)
        .limit(limit)
    )
    return [repository_item(row) for row in rows]


async def summarize_repositories(session: AsyncSession, repositories: list[RepositoryItem]) -> list[RepositorySummary]:
    """What one sentence about each repository needs, in five statements for all of them."""
    ids = [repository.id for repository in repositories]
    pulls: defaultdict[int, list[PullRequestItem]] = defaultdict(list)
    for row in await session.execute(
        select(*PULL_REQUEST)
        .where(models.PullRequest.repository_id.in_(ids), models.PullRequest.status == "open")
        .order_by(models.PullRequest.number)
    ):
        pulls[row.repository_id].append(pull_request_item(row))
    edges: defaultdict[int, list[Edge]] = defaultdict(list)
    for row in await session.execute(
        select(*EDGE)
        .join(models.PullRequest, models.PullRequest.id == models.Edge.pull_request_id)
        .where(models.PullRequest.repository_id.in_(ids), models.PullRequest.status == "open")
        .order_by(models.Edge.id)
    ):
        edges[row.repository_id].append(edge_item(row))
    rollouts: defaultdict[int, list[Rollout]] = defaultdict(list)
    for rollout in await session.scalars(
        select(models.Rollout)
        .where(models.Rollout.repository_id.in_(ids), models.Rollout.state == "pending")
        .order_by(models.Rollout.merged_at, models.Rollout.id)
    ):
        rollouts[rollout.repository_id].append(rollout_of(rollout))
    planned = set(
        await session.scalars(
            select(models.RepositoryPlan.repository_id).where(models.RepositoryPlan.repository_id.in_(ids))
        )
    )
    incidents = await list_open(session, ids)
    return [
        RepositorySummary(
            repository=repository,
            planned=repository.id in planned,
            pull_requests=tuple(pulls[repository.id]),
            edges=tuple(edges[repository.id]),
            rollouts=tuple(rollouts[repository.id]),
            incidents=incidents.get(repository.id, ()),
        )
        for repository in repositories
    ]
