"""From rows to read models. The columns named here are all that a list of pull requests loads: no body, no diff."""

from typing import Any

from sqlalchemy import Row

from app.db import models
from app.domain.model import (
    Capability,
    Condition,
    Edge,
    EdgeKind,
    Field,
    Gvk,
    Hold,
    PullRequestStatus,
    Requirement,
    State,
    Strength,
)
from app.services.queries.decode import read_classification, read_evidence, read_evidence_list
from app.services.queries.items import HistoryItem, PullRequestItem, RebaseItem, RepositoryItem

PULL_REQUEST = (
    models.PullRequest.id,
    models.PullRequest.repository_id,
    models.PullRequest.number,
    models.PullRequest.title,
    models.PullRequest.branch,
    models.PullRequest.head_sha,
    models.PullRequest.author,
    models.PullRequest.status,
    models.PullRequest.draft,
    models.PullRequest.by_renovate,
    models.PullRequest.labels,
    models.PullRequest.classification,
    models.PullRequest.state,
    models.PullRequest.reason,
    models.PullRequest.state_since,
    models.PullRequest.opened_at,
    models.PullRequest.merged_at,
    models.PullRequest.hold_by,
    models.PullRequest.hold_reason,
    models.PullRequest.approved_by,
)

EDGE = (
    models.PullRequest.repository_id,
    models.PullRequest.number.label("from_number"),
    models.Edge.to_number,
    models.Edge.kind,
    models.Edge.strength,
    models.Edge.condition,
    models.Edge.merged,
    models.Edge.reason,
    models.Edge.evidence,
    models.Edge.alternatives,
)

REBASE = (
    models.PullRequest.number,
    models.RebaseRequest.head_sha,
    models.RebaseRequest.driver,
    models.RebaseRequest.state,
    models.RebaseRequest.note,
    models.RebaseRequest.requested_at,
    models.RebaseRequest.settled_at,
    models.RebaseRequest.settled_sha,
)


def repository_item(row: models.Repository) -> RepositoryItem:
    return RepositoryItem(
        id=row.id,
        owner=row.owner,
        name=row.name,
        default_branch=row.default_branch,
        base_sha=row.base_sha,
        synced_at=row.synced_at,
    )


def pull_request_item(row: Row[*tuple[Any, ...]]) -> PullRequestItem:
    return PullRequestItem(
        id=row.id,
        number=row.number,
        title=row.title,
        branch=row.branch,
        head_sha=row.head_sha,
        author=row.author,
        status=PullRequestStatus(row.status),
        draft=row.draft,
        by_renovate=row.by_renovate,
        labels=tuple(row.labels),
        classification=read_classification(row.classification),
        state=State(row.state),
        reason=row.reason,
        state_since=row.state_since,
        opened_at=row.opened_at,
        merged_at=row.merged_at,
        hold=None if row.hold_by is None else Hold(by=row.hold_by, reason=row.hold_reason or ""),
        approved_by=row.approved_by,
    )


def edge_item(row: Row[*tuple[Any, ...]]) -> Edge:
    return Edge(
        from_=row.from_number,
        to=row.to_number,
        kind=EdgeKind(row.kind),
        strength=Strength(row.strength),
        condition=Condition(row.condition),
        reason=row.reason,
        evidence=read_evidence_list(row.evidence),
        merged=row.merged,
        alternatives=tuple(int(number) for number in row.alternatives),
    )


def requirement_item(row: models.Requirement) -> Requirement:
    return Requirement(
        gvk=Gvk(group=row.group, kind=row.kind, version=row.version),
        scope=row.scope,
        evidence=read_evidence_list(row.evidence),
        field=Field(row.field, row.field_value) if row.field is not None else None,
    )


def capability_item(row: models.Capability) -> Capability:
    return Capability(
        provider=row.provider,
        scope=row.scope,
        from_=row.from_version,
        to=row.to_version,
        source=read_evidence(row.evidence),
    )


def history_item(row: models.HistoryEntry) -> HistoryItem:
    return HistoryItem(at=row.at, number=row.number, actor=row.actor, kind=row.kind, text=row.text)


def rebase_item(row: Row[*tuple[Any, ...]]) -> RebaseItem:
    return RebaseItem(
        number=row.number,
        head_sha=row.head_sha,
        driver=row.driver,
        state=row.state,
        note=row.note,
        requested_at=row.requested_at,
        settled_at=row.settled_at,
        settled_sha=row.settled_sha,
    )
