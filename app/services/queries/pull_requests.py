"""Pull requests as lists, and one of them explained."""

from collections.abc import Mapping

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db import models
from app.domain.model import Edge, State
from app.services.queries.incidents import list_of
from app.services.queries.items import (
    CommandItem,
    DecisionItem,
    Explanation,
    Neighbour,
    PullRequestItem,
    RebaseItem,
    RepositoryItem,
)
from app.services.queries.overview import get_plan, list_capabilities, list_history
from app.services.queries.rows import (
    EDGE,
    PULL_REQUEST,
    REBASE,
    edge_item,
    pull_request_item,
    rebase_item,
    requirement_item,
)

SHOWN = 50


async def list_pull_requests(
    session: AsyncSession, repository_id: int, *, state: State | None = None, after: int = 0, limit: int = 50
) -> list[PullRequestItem]:
    """Pull requests by number, those above `after`; without `state`, the open ones."""
    wanted = models.PullRequest.status == "open" if state is None else models.PullRequest.state == state.value
    rows = await session.execute(
        select(*PULL_REQUEST)
        .where(models.PullRequest.repository_id == repository_id, models.PullRequest.number > after, wanted)
        .order_by(models.PullRequest.number)
        .limit(limit)
    )
    return [pull_request_item(row) for row in rows]


async def explain_pull_request(session: AsyncSession, repository: RepositoryItem, number: int) -> Explanation | None:
    """The verdict on a pull request with what it rests on; None when fluxmig has not seen it."""
    row = (
        await session.execute(
            select(*PULL_REQUEST).where(
                models.PullRequest.repository_id == repository.id, models.PullRequest.number == number
            )
        )
    ).one_or_none()
    if row is None:
        return None
    pull = pull_request_item(row)
    edges = await _edges_of(session, repository.id, number)
    near = {edge.to if edge.from_ == number else edge.from_ for edge in edges} - {None}
    pulls = await _by_number(session, repository.id, {found for found in near if found is not None})
    provided = await list_capabilities(session, {found.id: found.number for found in [pull, *pulls.values()]})
    plan = await get_plan(session, repository.id)
    return Explanation(
        repository=repository,
        pull_request=pull,
        base=plan.base if plan else repository.base_sha or "",
        requires=tuple(
            requirement_item(found)
            for found in await session.scalars(
                select(models.Requirement)
                .where(models.Requirement.pull_request_id == pull.id)
                .order_by(models.Requirement.id)
            )
        ),
        provides=provided.get(number, ()),
        waits_for=tuple(
            Neighbour(edge=edge, pull_request=pulls.get(edge.to) if edge.to is not None else None)
            for edge in edges
            if edge.from_ == number
        ),
        waited_for_by=tuple(
            Neighbour(edge=edge, pull_request=pulls.get(edge.from_)) for edge in edges if edge.to == number
        ),
        provided_by_neighbours=provided,
        history=await list_history(session, repository.id, number=number, limit=SHOWN),
        rebases=await _rebases(session, pull.id),
        decisions=await _decisions(session, pull.id),
        commands=await _commands(session, repository.id, number),
        would_write=tuple(found.what for found in (plan.would_write if plan else ()) if found.number == number),
        incidents=await list_of(session, repository.id, number),
    )


async def _edges_of(session: AsyncSession, repository_id: int, number: int) -> tuple[Edge, ...]:
    rows = await session.execute(
        select(*EDGE)
        .join(models.PullRequest, models.PullRequest.id == models.Edge.pull_request_id)
        .where(
            models.PullRequest.repository_id == repository_id,
            or_(models.PullRequest.number == number, models.Edge.to_number == number),
        )
        .order_by(models.PullRequest.number, models.Edge.id)
    )
    return tuple(edge_item(row) for row in rows)


async def _by_number(session: AsyncSession, repository_id: int, numbers: set[int]) -> Mapping[int, PullRequestItem]:
    rows = await session.execute(
        select(*PULL_REQUEST).where(
            models.PullRequest.repository_id == repository_id, models.PullRequest.number.in_(numbers)
        )
    )
    return {row.number: pull_request_item(row) for row in rows}


async def _rebases(session: AsyncSession, pull_request_id: int) -> tuple[RebaseItem, ...]:
    rows = await session.execute(
        select(*REBASE)
        .join(models.PullRequest, models.PullRequest.id == models.RebaseRequest.pull_request_id)
        .where(models.RebaseRequest.pull_request_id == pull_request_id)
        .order_by(models.RebaseRequest.id.desc())
        .limit(SHOWN)
    )
    return tuple(rebase_item(row) for row in rows)


async def _decisions(session: AsyncSession, pull_request_id: int) -> tuple[DecisionItem, ...]:
    rows = await session.scalars(
        select(models.Decision)
        .where(models.Decision.pull_request_id == pull_request_id)
        .order_by(models.Decision.id.desc())
        .limit(SHOWN)
    )
    return tuple(
        DecisionItem(
            head_sha=row.head_sha,
            base_sha=row.base_sha,
            state=State(row.state),
            reason=row.reason,
            made_at=row.made_at,
        )
        for row in rows
    )


async def _commands(session: AsyncSession, repository_id: int, number: int) -> tuple[CommandItem, ...]:
    rows = await session.scalars(
        select(models.Command)
        .where(models.Command.repository_id == repository_id, models.Command.number == number)
        .order_by(models.Command.id.desc())
        .limit(SHOWN)
    )
    return tuple(
        CommandItem(author=row.author, text=row.text, state=row.state, answer=row.answer, created_at=row.created_at)
        for row in rows
    )
