"""What fails in the clusters of a repository by their newest words, and the incidents that were made of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import ClusterObservation, Incident, PullRequest
from app.domain.cluster_state import DELETED
from app.domain.incidents import (
    FAILING_KINDS,
    NOISE,
    SUCCESS,
    Blame,
    Candidate,
    ObjectName,
    Trouble,
    plain_reason,
)
from app.domain.incidents import Incident as IncidentFact

_REASON = func.lower(func.replace(ClusterObservation.reason, " ", ""))
_IS_FAILURE = and_(
    ClusterObservation.severity == "error",
    _REASON.not_in(sorted(NOISE)),
    or_(
        func.split_part(ClusterObservation.object, "/", 1).in_(FAILING_KINDS),
        ClusterObservation.message.contains("no matches for kind"),
    ),
)
_IS_END = and_(ClusterObservation.severity != "error", _REASON.in_(sorted({*SUCCESS, plain_reason(DELETED)})))
_OBJECT = (ClusterObservation.cluster, ClusterObservation.object)
_NEWEST_FIRST = (*_OBJECT, ClusterObservation.observed_at.desc(), ClusterObservation.id.desc())


@dataclass(frozen=True, slots=True)
class Standing:
    """The last failure of an object, and what ended one last, whichever is the newer: a success, or that it is gone."""

    failure: ClusterObservation
    end: ClusterObservation | None

    @property
    def success(self) -> ClusterObservation | None:
        return self.end if self.end is not None and plain_reason(self.end.reason) in SUCCESS else None

    @property
    def fails(self) -> bool:
        """Flux writes whole seconds; of two words of one second the later arrival counts."""
        if self.end is None:
            return True
        return (self.failure.observed_at, self.failure.id) > (self.end.observed_at, self.end.id)


async def list_standings(session: AsyncSession, clusters: Collection[str]) -> list[Standing]:
    """Of every object that ever failed, as far as events are kept."""
    if not clusters:
        return []
    failures = await session.scalars(
        select(ClusterObservation)
        .where(ClusterObservation.cluster.in_(clusters), _IS_FAILURE)
        .ext(distinct_on(*_OBJECT))
        .order_by(*_NEWEST_FIRST)
    )
    failing = list(failures)
    if not failing:
        return []
    ends = await session.scalars(
        select(ClusterObservation)
        .where(
            ClusterObservation.cluster.in_(clusters),
            ClusterObservation.object.in_({one.object for one in failing}),
            _IS_END,
        )
        .ext(distinct_on(*_OBJECT))
        .order_by(*_NEWEST_FIRST)
    )
    last_end = {(one.cluster, one.object): one for one in ends}
    return [Standing(one, last_end.get((one.cluster, one.object))) for one in failing]


async def get_first_failure(
    session: AsyncSession, standing: Standing, *, after: datetime | None = None
) -> ClusterObservation:
    """The first one since the object last succeeded or was gone, and since `after`."""
    last, end = standing.failure, standing.end
    wanted = [ClusterObservation.cluster == last.cluster, ClusterObservation.object == last.object, _IS_FAILURE]
    if end is not None:
        later = tuple_(ClusterObservation.observed_at, ClusterObservation.id)
        wanted.append(later > tuple_(end.observed_at, end.id))
    if after is not None:
        wanted.append(ClusterObservation.observed_at > after)
    first = await session.scalar(
        select(ClusterObservation)
        .where(*wanted)
        .order_by(ClusterObservation.observed_at, ClusterObservation.id)
        .limit(1)
    )
    return first or last


async def list_open_incidents(session: AsyncSession, repository_id: int) -> list[Incident]:
    rows = await session.scalars(
        select(Incident)
        .where(Incident.repository_id == repository_id, Incident.closed_at.is_(None))
        .order_by(Incident.id)
    )
    return list(rows)


async def list_standing_of(session: AsyncSession, clusters: Iterable[str]) -> list[Incident]:
    rows = await session.scalars(
        select(Incident).where(Incident.cluster.in_(list(clusters)), Incident.closed_at.is_(None)).order_by(Incident.id)
    )
    return list(rows)


async def list_incidents(
    session: AsyncSession, repository_id: int, *, before: int | None = None, limit: int
) -> list[Incident]:
    """The newest first; those below `before`."""
    query = select(Incident).where(Incident.repository_id == repository_id)
    if before is not None:
        query = query.where(Incident.id < before)
    return list(await session.scalars(query.order_by(Incident.id.desc()).limit(limit)))


async def get_last_undone(session: AsyncSession, repository_id: int, cluster: str, name: str) -> Incident | None:
    """The last incident of an object that is over, where it ended because the culprit was undone in Git."""
    last = await session.scalar(
        select(Incident)
        .where(
            Incident.repository_id == repository_id,
            Incident.cluster == cluster,
            Incident.object == name,
            Incident.closed_at.is_not(None),
        )
        .order_by(Incident.id.desc())
        .limit(1)
    )
    return last if last is not None and last.undone else None


async def list_told_in(session: AsyncSession, ids: Iterable[int]) -> list[Incident]:
    """The incidents that the comments of these tell of."""
    rows = await session.scalars(select(Incident).where(Incident.told_in.in_(list(ids))).order_by(Incident.id))
    return list(rows)


async def list_comments_due(session: AsyncSession, repository_id: int) -> list[Incident]:
    """The incidents whose comment may have to be written: with one in it that stands, or that changed since."""
    standing = select(Incident.told_in).where(
        Incident.repository_id == repository_id, Incident.closed_at.is_(None), Incident.told_in.is_not(None)
    )
    rows = await session.scalars(
        select(Incident)
        .where(
            Incident.repository_id == repository_id,
            or_(
                Incident.id.in_(standing),
                and_(Incident.comment_id.is_not(None), Incident.comment_stale.is_(True)),
            ),
        )
        .order_by(Incident.id)
    )
    return list(rows)


def incident_of(row: Incident, culprit: PullRequest | None) -> IncidentFact:
    """The row as the domain knows it. `culprit` is the pull request that it names."""
    blame = None
    if row.number is not None:
        changes = culprit.changes if culprit else []
        told = (culprit.classification if culprit else None) or {}
        blame = Blame(
            number=row.number,
            before=tuple((change["path"], change["before"]) for change in changes),
            moved=frozenset(str(update["name"]) for update in told.get("updates", ())),
        )
    return IncidentFact(
        id=row.id,
        trouble=Trouble(
            cluster=row.cluster,
            scope=row.scope,
            object=ObjectName.parse(row.object),
            reason=row.reason,
            message=row.message,
            revision=row.revision,
            since=row.opened_at,
            good_revision=row.good_revision,
            good_at=row.good_at,
        ),
        blame=blame,
        candidates=tuple(
            Candidate(one["number"], one["weight"], tuple(one["reasons"]), one["sufficient"]) for one in row.candidates
        ),
        beside=row.beside,
        closed_at=row.closed_at,
        ending=row.ending,
    )
