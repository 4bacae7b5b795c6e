"""From what was heard to whether GitOps works, for the milestones that are under way."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.cluster_words import list_ancestries
from app.db.clusters import list_clusters
from app.db.milestones import list_newest_words, list_open_milestones
from app.db.models import ClusterObservation, PullRequest
from app.domain.ancestry import Ancestry
from app.domain.base_facts import BaseFacts
from app.domain.cluster_state import DELETED, Source
from app.domain.cluster_words import commit_of, outcome_of
from app.domain.milestone import Sync
from app.domain.milestone_sync import Heard, LastMerge, is_applied, judge_sync
from app.domain.milestone_words import plan_form
from app.domain.model import PullRequestStatus
from app.domain.scopes import Scopes

_LOOKS = (Source.KUBERNETES, Source.REPORT)


async def read_syncs(
    session: AsyncSession,
    repository_id: int,
    rows: Sequence[PullRequest],
    base: BaseFacts | None,
    ancestry: Ancestry,
    *,
    now: datetime,
) -> Mapping[int, Sync]:
    """By milestone; none where no cluster is connected. What GitHub must be asked for it is noted in `ancestry`."""
    under_way = [row for row in await list_open_milestones(session, repository_id) if row.closed_at is None]
    clusters = [cluster.name for cluster in await list_clusters(session, repository_id)] if under_way else []
    if not clusters or base is None:
        return {}
    heard = [_heard(row) for row in await list_newest_words(session, clusters)]
    syncs: dict[int, Sync] = {}
    for milestone in under_way:
        numbers = {member.number for member in plan_form().validate_python(milestone.plan).members}
        last = _last_merge(numbers, rows, base.scopes)
        if last is not None:
            ancestry.add(await list_ancestries(session, repository_id, [last.sha], now=now))
        syncs[milestone.id] = judge_sync(heard, last, base, ancestry)
    return syncs


def _last_merge(numbers: Iterable[int], rows: Sequence[PullRequest], scopes: Scopes) -> LastMerge | None:
    """Of those that a Kustomization applies something of: Flux need not say anything of the others."""
    merged = [
        (row.merged_at, row.number, row)
        for row in rows
        if row.status == PullRequestStatus.MERGED and row.merged_at is not None and row.merge_sha
    ]
    ours = [one for one in merged if one[1] in set(numbers) and is_applied(_paths(one[2]), scopes)]
    if not ours:
        return None
    at, number, last = max(ours, key=lambda one: one[:2])
    later = {row.merge_sha or "" for when, _, row in merged if when > at and row.base_branch == last.base_branch}
    return LastMerge(number, last.merge_sha or "", at, frozenset(later))


def _paths(row: PullRequest) -> list[str]:
    return [path for change in row.changes for path in (change["path"], change["previous_path"]) if path]


def _heard(row: ClusterObservation) -> Heard:
    return Heard(
        cluster=row.cluster,
        object=row.object,
        outcome=outcome_of(row.severity, row.reason),
        message=row.message,
        at=row.observed_at,
        commit=commit_of(row.revision),
        deleted=row.reason == DELETED,
        repeats=row.source not in _LOOKS,
    )
