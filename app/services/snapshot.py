"""From rows to the value that a plan is made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.clusters import list_rollouts, rollout_of
from app.db.dependencies import list_dependencies
from app.db.incidents import incident_of, list_open_incidents
from app.db.models import Branch, Repository
from app.db.models import PullRequest as PullRequestRow
from app.db.repositories import get_base_files, get_blobs
from app.domain.incidents import Incident
from app.domain.model import (
    Approval,
    ChangeStatus,
    Dependency,
    FileChange,
    Hold,
    Observation,
    PullRequest,
    PullRequestStatus,
    RolloutState,
    Snapshot,
    SourceFile,
    Unblock,
)
from app.domain.renovate_config import CONFIG_FILES
from app.services.context import AppContext


async def gather_snapshot(
    context: AppContext,
    session: AsyncSession,
    repository: Repository,
    rows: Sequence[PullRequestRow],
    observations: tuple[Observation, ...],
) -> Snapshot:
    """`rows` are all known pull requests; only the open ones and those whose rollout is pending go in."""
    rollouts = tuple(rollout_of(row) for row in await list_rollouts(session, repository.id))
    pending = {rollout.pull_request for rollout in rollouts if rollout.state is RolloutState.PENDING}
    wanted = [
        row
        for row in rows
        if (row.status == PullRequestStatus.OPEN and row.base_branch == repository.default_branch)
        or (row.status == PullRequestStatus.MERGED and row.number in pending)
    ]
    kept = await get_base_files(session, repository.id)
    files = {path: blob for path, blob in kept.items() if path not in CONFIG_FILES}  # those are no manifests
    known = context.planners.texts_of(repository.id)
    needed = {*files.values(), *_blobs(wanted)}
    texts = {**known, **await get_blobs(session, needed - known.keys())}
    tree = {path: SourceFile(path, blob, texts[blob]) for path, blob in files.items() if blob in texts}
    return Snapshot(
        base=repository.base_sha or "",
        tree=tree,
        pull_requests=tuple(_pull_request(row, texts) for row in wanted),
        now=context.clock(),
        observations=observations,
        rollouts=rollouts,
        dependencies=await _dependencies(session, repository.id, rows),
        incidents=await _incidents(session, repository.id, rows),
    )


async def _incidents(session: AsyncSession, repository_id: int, rows: Sequence[PullRequestRow]) -> tuple[Incident, ...]:
    by_number = {row.number: row for row in rows}
    return tuple(
        incident_of(one, by_number.get(one.number or 0)) for one in await list_open_incidents(session, repository_id)
    )


async def _dependencies(
    session: AsyncSession, repository_id: int, rows: Sequence[PullRequestRow]
) -> tuple[Dependency, ...]:
    status = {row.number: PullRequestStatus(row.status) for row in rows}
    return tuple(
        Dependency(one.number, one.to_number, one.by, status[one.to_number])
        for one in await list_dependencies(session, repository_id)
        if one.to_number in status
    )


async def with_branches(session: AsyncSession, snapshot: Snapshot, branches: Sequence[Branch]) -> Snapshot:
    """The same, with branches that have no pull request judged as if they had one. Their numbers are negative."""
    texts = await get_blobs(session, _blobs(branches))
    judged = tuple(
        PullRequest(
            number=-row.id,
            title=row.title,
            branch=row.name,
            head_sha=row.head_sha,
            changes=tuple(_change(change, texts) for change in row.changes),
        )
        for row in branches
    )
    return replace(snapshot, pull_requests=(*snapshot.pull_requests, *judged))


def _blobs(rows: Iterable[PullRequestRow | Branch]) -> Iterable[str]:
    for row in rows:
        for change in row.changes:
            yield from (blob for blob in (change["before"], change["after"]) if blob)


def _pull_request(row: PullRequestRow, texts: dict[str, str]) -> PullRequest:
    return PullRequest(
        number=row.number,
        title=row.title,
        branch=row.branch,
        head_sha=row.head_sha,
        status=PullRequestStatus(row.status),
        by_renovate=row.by_renovate,
        body=row.body,
        labels=frozenset(row.labels),
        changes=changes_of(row, texts),
        merge_sha=row.merge_sha,
        merged_at=row.merged_at,
        hold=Hold(row.hold_by, row.hold_reason or "", row.hold_until) if row.hold_by else None,
        unblock=Unblock(row.unblocked_by, row.unblock_reason or "", row.unblocked_until)
        if row.unblocked_by and row.unblocked_until
        else None,
        approvals=tuple(Approval(one["by"], one["permission"]) for one in row.approvals if one["sha"] == row.head_sha),
    )


def changes_of(row: PullRequestRow, texts: Mapping[str, str]) -> tuple[FileChange, ...]:
    return tuple(_change(change, texts) for change in row.changes)


def _change(change: dict[str, Any], texts: Mapping[str, str]) -> FileChange:
    path, previous = change["path"], change["previous_path"]
    return FileChange(
        path=path,
        status=ChangeStatus(change["status"]),
        patch=change["patch"],
        before=_file(previous or path, change["before"], texts),
        after=_file(path, change["after"], texts),
        previous_path=previous,
    )


def _file(path: str, blob: str | None, texts: Mapping[str, str]) -> SourceFile | None:
    return SourceFile(path, blob, texts[blob]) if blob in texts and blob is not None else None
