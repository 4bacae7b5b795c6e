"""What fails in the clusters of a repository, as far as it is known by now, and the commits between good and bad."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.clusters import list_clusters
from app.db.incidents import (
    Standing,
    get_first_failure,
    get_last_undone,
    incident_of,
    list_open_incidents,
    list_standings,
)
from app.db.models import ClusterObservation, Incident, Repository
from app.domain.incidents import ObjectName, Trouble, commit_of
from app.domain.revision_range import RevisionRange
from app.github.errors import NotFound, Refused
from app.services.facts import Look

log = structlog.get_logger()

_MOST_RANGES = 10
_ASK_AGAIN = timedelta(hours=1)
"""When GitHub is asked once more for commits that it did not know."""

Pair = tuple[str, str]
"""The last good commit, and the one at which it fails."""


@dataclass(frozen=True, slots=True)
class Failing:
    """An object that fails. `row` is its incident, None where it is none yet."""

    object: str
    trouble: Trouble
    row: Incident | None

    @property
    def pair(self) -> Pair:
        return commit_of(self.trouble.good_revision) or "", commit_of(self.trouble.revision) or ""


async def list_failing(
    session: AsyncSession,
    repository: Repository,
    scopes: Mapping[str, str],
    standings: Iterable[Standing],
) -> list[Failing]:
    """`scopes` has the cluster of the plan for each registered one."""
    rows = {(row.cluster, row.object): row for row in await list_open_incidents(session, repository.id)}
    found = []
    for standing in standings:
        if standing.fails and (first := await _first_new(session, repository, standing)) is not None:
            row = rows.get((first.cluster, first.object))
            found.append(Failing(first.object, _trouble(row, standing, first, scopes[first.cluster]), row))
    return found


async def _first_new(session: AsyncSession, repository: Repository, standing: Standing) -> ClusterObservation | None:
    """None where Flux still speaks of what was undone in Git."""
    failure, end = standing.failure, standing.end
    undone = await get_last_undone(session, repository.id, failure.cluster, failure.object)
    after = undone.closed_at if undone is not None else None
    if end is not None and after is not None and end.observed_at > after:
        after = None  # it has succeeded since: what fails now is another story
    if after is not None:
        commit = commit_of(failure.revision)
        if failure.observed_at <= after or commit not in (None, repository.base_sha):
            return None
    return await get_first_failure(session, standing, after=after)


def _trouble(row: Incident | None, standing: Standing, first: ClusterObservation, scope: str) -> Trouble:
    """What an incident knows, and what was heard late: that it failed, or was well, at an earlier time."""
    success = standing.success
    heard = Trouble(
        cluster=first.cluster,
        scope=scope,
        object=ObjectName.parse(first.object),
        reason=first.reason,
        message=first.message,
        revision=first.revision,
        since=first.observed_at,
        good_revision=success.revision if success else "",
        good_at=success.observed_at if success else None,
    )
    if row is None:
        return heard
    known = replace(incident_of(row, None).trouble, scope=scope)
    if heard.since < known.since and (known.good_at is None or known.good_at <= heard.since):
        known = replace(known, reason=heard.reason, message=heard.message, revision=heard.revision, since=heard.since)
    if heard.good_at is not None and heard.good_at <= known.since:
        known = replace(known, good_revision=heard.good_revision, good_at=heard.good_at)
    return known


# --- what only GitHub knows ---


async def read_ranges(look: Look) -> Mapping[Pair, RevisionRange | None]:
    """The commits between good and bad, for each object that began to fail, and for those of which nobody is named and
    they are not known yet: one call a pair. None where GitHub does not tell."""
    async with look.context.database.transaction() as session:
        clusters = {one.name: one.name for one in await list_clusters(session, look.repository.id)}
        repository = await session.get_one(Repository, look.repository.id)
        standings = await list_standings(session, list(clusters))
        failing = await list_failing(session, repository, clusters, standings)
        wanted = sorted({one.pair for one in failing if all(one.pair) and _is_due(one, look.context.clock())})
    ranges: dict[Pair, RevisionRange | None] = {}
    for good, bad in wanted[:_MOST_RANGES]:
        if good == bad:
            ranges[good, bad] = RevisionRange(frozenset())
            continue
        try:
            compared = await look.gateway.compare(good, bad)
        except (NotFound, Refused) as fault:
            log.info("commits not compared", repository=look.repository.id, why=str(fault))
            ranges[good, bad] = None
            continue
        commits = frozenset(commit.sha for commit in compared.commits)
        ranges[good, bad] = RevisionRange(commits, whole=len(commits) >= compared.ahead_by)
    return ranges


def _is_due(failing: Failing, now: datetime) -> bool:
    row = failing.row
    if row is None:
        return True
    if row.number is not None:
        return False
    kept = row.between
    if kept is None or (kept["good"], kept["failing"]) != failing.pair:
        return True
    return kept["commits"] is None and datetime.fromisoformat(kept["asked_at"]) + _ASK_AGAIN <= now


def keep_range(pair: Pair, found: RevisionRange | None, *, asked_at: datetime) -> dict[str, Any]:
    """A range as an incident keeps it, so that GitHub is asked once."""
    return {
        "good": pair[0],
        "failing": pair[1],
        "commits": sorted(found.commits) if found is not None else None,
        "whole": found is not None and found.whole,
        "asked_at": asked_at.isoformat(),
    }


def kept_range(row: Incident, pair: Pair) -> RevisionRange | None:
    kept = row.between
    if kept is None or (kept["good"], kept["failing"]) != pair or kept["commits"] is None:
        return None
    return RevisionRange(frozenset(kept["commits"]), whole=kept["whole"])
