"""Milestones, what changed of them, and the facts that they are judged by."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import (
    ClusterObservation,
    Decision,
    Incident,
    Milestone,
    MilestoneTransition,
    PullRequest,
    RebaseRequest,
)

_SAME = (
    ClusterObservation.cluster,
    ClusterObservation.object,
    ClusterObservation.severity,
    ClusterObservation.reason,
)
_WATCHED = ("Kustomization/%", "HelmRelease/%", "FluxInstance/%")


async def list_milestones(session: AsyncSession, repository_id: int) -> list[Milestone]:
    """The newest first."""
    rows = await session.scalars(
        select(Milestone).where(Milestone.repository_id == repository_id).order_by(Milestone.number.desc())
    )
    return list(rows)


async def list_open_milestones(session: AsyncSession, repository_id: int) -> list[Milestone]:
    """Those that are under way, and those whose issue does not say yet how they ended."""
    rows = await session.scalars(
        select(Milestone)
        .where(
            Milestone.repository_id == repository_id,
            or_(Milestone.closed_at.is_(None), Milestone.wants_issue),
        )
        .order_by(Milestone.number)
    )
    return list(rows)


async def get_milestone(session: AsyncSession, repository_id: int, number: int) -> Milestone | None:
    return await session.scalar(
        select(Milestone).where(Milestone.repository_id == repository_id, Milestone.number == number)
    )


async def find_of_issue(session: AsyncSession, repository_id: int, issue_number: int) -> Milestone | None:
    return await session.scalar(
        select(Milestone).where(Milestone.repository_id == repository_id, Milestone.issue_number == issue_number)
    )


async def add_milestone(session: AsyncSession, repository_id: int, **values: Any) -> Milestone:
    """With the next number of the repository. Whoever adds holds the lock of the repository's row."""
    last = await session.scalar(select(func.max(Milestone.number)).where(Milestone.repository_id == repository_id))
    row = Milestone(repository_id=repository_id, number=(last or 0) + 1, **values)
    session.add(row)
    await session.flush()
    return row


async def save_issue(
    session: AsyncSession, milestone_id: int, *, number: int | None, digest: str, closed: bool = False
) -> None:
    """`closed`: by a person."""
    values = {"issue_number": number, "issue_digest": digest, "issue_closed": closed}
    await session.execute(update(Milestone).where(Milestone.id == milestone_id).values(**values))


def add_transition(session: AsyncSession, milestone_id: int, text: str, at: datetime) -> None:
    session.add(MilestoneTransition(milestone_id=milestone_id, at=at, text=text))


async def list_transitions(session: AsyncSession, milestone_id: int, *, limit: int) -> list[MilestoneTransition]:
    """The newest first."""
    rows = await session.scalars(
        select(MilestoneTransition)
        .where(MilestoneTransition.milestone_id == milestone_id)
        .order_by(MilestoneTransition.id.desc())
        .limit(limit)
    )
    return list(rows)


# --- facts ---


async def list_decisions(session: AsyncSession, pull_request_ids: Iterable[int], since: datetime) -> list[Decision]:
    """Verdicts since then, and the one before them, by pull request and in order."""
    ids = list(pull_request_ids)
    before = await session.scalars(
        select(Decision)
        .where(Decision.pull_request_id.in_(ids), Decision.made_at < since)
        .ext(distinct_on(Decision.pull_request_id))
        .order_by(Decision.pull_request_id, Decision.id.desc())
    )
    after = await session.scalars(
        select(Decision).where(Decision.pull_request_id.in_(ids), Decision.made_at >= since).order_by(Decision.id)
    )
    return [*before, *after]


async def count_rebases(session: AsyncSession, pull_request_ids: Iterable[int], since: datetime) -> dict[str, int]:
    """State -> how many requests since then ended so."""
    rows = await session.execute(
        select(RebaseRequest.state, func.count())
        .join(PullRequest, PullRequest.id == RebaseRequest.pull_request_id)
        .where(PullRequest.id.in_(list(pull_request_ids)), RebaseRequest.requested_at >= since)
        .group_by(RebaseRequest.state)
        .order_by(RebaseRequest.state)
    )
    return {row[0]: row[1] for row in rows}


async def list_newest_words(session: AsyncSession, clusters: Iterable[str]) -> list[ClusterObservation]:
    """The newest of each kind that each cluster said of each object, in the order in which they were said."""
    rows = await session.scalars(
        select(ClusterObservation)
        .where(
            ClusterObservation.cluster.in_(list(clusters)),
            or_(*(ClusterObservation.object.like(kind) for kind in _WATCHED)),
        )
        .ext(distinct_on(*_SAME))
        .order_by(*_SAME, ClusterObservation.observed_at.desc(), ClusterObservation.id.desc())
    )
    return sorted(rows, key=lambda row: (row.observed_at, row.id))


async def list_incidents_since(session: AsyncSession, repository_id: int, since: datetime) -> list[Incident]:
    """Those that began since then, in their order."""
    rows = await session.scalars(
        select(Incident)
        .where(Incident.repository_id == repository_id, Incident.opened_at >= since)
        .order_by(Incident.opened_at, Incident.id)
    )
    return list(rows)
