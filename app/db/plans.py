"""The dependency graph and the verdicts, as the last plan left them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Capability, Decision, Edge, PullRequest, RepositoryPlan, Requirement
from app.domain.model import EdgeKind, Evidence, Plan, PlannedPullRequest, State, Strength
from app.domain.planjson import classification_to_json, evidence_to_json


async def save_plan(
    session: AsyncSession,
    repository_id: int,
    plan: Plan,
    *,
    rows: Mapping[int, PullRequest],
    document: dict[str, Any],
    at: datetime,
) -> list[tuple[PullRequest, str]]:
    """Store plan, graph and verdicts. Returns the pull requests whose state changed, each with its old state.

    Graph rows are written anew only where they differ, so that a second look writes nothing.
    """
    transitions: list[tuple[PullRequest, str]] = []
    for planned in plan.pull_requests:
        row = rows[planned.number]
        if _same_verdict(row, planned):
            continue
        if row.state != planned.state:
            transitions.append((row, row.state))
            row.state_since = at
        row.classification = classification_to_json(planned.classification)
        row.state, row.reason = planned.state.value, planned.reason
        session.add(
            Decision(
                pull_request_id=row.id,
                head_sha=row.head_sha,
                base_sha=plan.base,
                state=row.state,
                reason=row.reason,
                made_at=at,
            )
        )
    old = await session.get(RepositoryPlan, repository_id)
    if old is None or old.document != document:
        await _save_graph(session, plan, rows)
        values = {"document": document, "made_at": at}
        statement = insert(RepositoryPlan).values(repository_id=repository_id, **values)
        await session.execute(statement.on_conflict_do_update(index_elements=["repository_id"], set_=values))
    return transitions


async def save_withheld(session: AsyncSession, repository_id: int, withheld: list[dict[str, Any]]) -> None:
    """What the mode keeps from being written, beside the last plan: `number` and `what`, in words."""
    await session.execute(
        update(RepositoryPlan)
        .where(RepositoryPlan.repository_id == repository_id, RepositoryPlan.withheld != withheld)
        .values(withheld=withheld)
    )


def _same_verdict(row: PullRequest, planned: PlannedPullRequest) -> bool:
    return (row.state, row.reason, row.classification) == (
        planned.state.value,
        planned.reason,
        classification_to_json(planned.classification),
    )


async def _save_graph(session: AsyncSession, plan: Plan, rows: Mapping[int, PullRequest]) -> None:
    # What a merged one began to use and brought is known from when it was open; it tells later what it broke.
    open_ = [planned for planned in plan.pull_requests if planned.state not in (State.MERGED, State.CLOSED)]
    ids = [rows[planned.number].id for planned in open_]
    for table in (Requirement, Capability, Edge):
        await session.execute(delete(table).where(table.pull_request_id.in_(ids)))
    for planned in open_:
        row_id = rows[planned.number].id
        session.add_all(
            Requirement(
                pull_request_id=row_id,
                scope=requirement.scope,
                group=requirement.gvk.group,
                kind=requirement.gvk.kind,
                version=requirement.gvk.version,
                evidence=_evidence(requirement.evidence),
                field=requirement.field.path if requirement.field else None,
                field_value=requirement.field.value if requirement.field else None,
            )
            for requirement in planned.requires
        )
        session.add_all(
            Capability(
                pull_request_id=row_id,
                provider=capability.provider,
                scope=capability.scope,
                from_version=capability.from_,
                to_version=capability.to,
                evidence=evidence_to_json(capability.source),
            )
            for capability in planned.provides
        )
    session.add_all(
        Edge(
            pull_request_id=rows[edge.from_].id,
            to_number=edge.to,
            kind=edge.kind.value,
            strength=edge.strength.value,
            condition=edge.condition.value,
            merged=edge.merged,
            reason=edge.reason,
            evidence=_evidence(edge.evidence),
            alternatives=list(edge.alternatives),
        )
        for edge in plan.edges
        if edge.from_ in rows
    )


def _evidence(lines: tuple[Evidence, ...]) -> list[Any]:
    return [evidence_to_json(line) for line in lines]


async def list_awaited_rollouts(session: AsyncSession, pull_request_id: int) -> list[int]:
    """Numbers of merged pull requests whose rollout this one waits for, by the last plan."""
    rows = await session.scalars(
        select(Edge.to_number).where(Edge.pull_request_id == pull_request_id, Edge.merged.is_(True))
    )
    return [number for number in rows if number is not None]


async def list_awaited(session: AsyncSession, repository_id: int) -> set[int]:
    """Numbers of merged pull requests whose rollout any open one waits for, by the last plan."""
    rows = await session.scalars(
        select(Edge.to_number)
        .join(PullRequest, PullRequest.id == Edge.pull_request_id)
        .where(PullRequest.repository_id == repository_id, PullRequest.status == "open", Edge.merged.is_(True))
    )
    return {number for number in rows if number is not None}


async def list_hard_edges(session: AsyncSession, repository_id: int) -> list[tuple[int, int]]:
    """(number, number that it must wait for) of the last plan."""
    return await _list_waiting(
        session, repository_id, Edge.strength == Strength.HARD.value, Edge.kind != EdgeKind.EXPLICIT.value
    )


async def get_document(session: AsyncSession, repository_id: int) -> dict[str, Any] | None:
    """The last plan as `app.domain.planjson` wrote it."""
    plan = await session.get(RepositoryPlan, repository_id)
    return None if plan is None else plan.document


async def list_waiting_softly(session: AsyncSession, repository_id: int) -> list[tuple[int, int]]:
    """(number, number that it would better wait for) of the last plan, where both change the same files."""
    return await _list_waiting(session, repository_id, Edge.kind == EdgeKind.FILE.value)


async def _list_waiting(session: AsyncSession, repository_id: int, *of: ColumnElement[bool]) -> list[tuple[int, int]]:
    """Both ends of the edges of open pull requests that lead to another one."""
    rows = await session.execute(
        select(PullRequest.number, Edge.to_number)
        .join(Edge, Edge.pull_request_id == PullRequest.id)
        .where(
            PullRequest.repository_id == repository_id,
            PullRequest.status == "open",
            Edge.to_number.is_not(None),
            *of,
        )
    )
    return [(number, to) for number, to in rows if to is not None]
