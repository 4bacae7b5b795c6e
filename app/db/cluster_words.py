"""What clusters said of their objects, as far as the newest word of each kind tells; and what commits contain."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Cluster, ClusterObservation, CommitAncestry, StatusRead
from app.domain.ancestry import Pair
from app.domain.model import Answer

ASK_AGAIN = timedelta(minutes=10)
"""When what GitHub did not know is asked once more."""

_SAME = (
    ClusterObservation.cluster,
    ClusterObservation.object,
    ClusterObservation.revision,
    ClusterObservation.severity,
    ClusterObservation.reason,
)


@dataclass(frozen=True, slots=True)
class Word:
    """`at` is when it was last said, `since` when first."""

    cluster: str
    object: str
    revision: str
    severity: str
    reason: str
    message: str
    source: str
    at: datetime
    since: datetime


async def list_words(session: AsyncSession, clusters: Iterable[str], *, since: datetime) -> list[Word]:
    """A heartbeat repeats itself: of words that differ in nothing but message and time, the newest."""
    first = func.min(ClusterObservation.observed_at).over(partition_by=_SAME)
    rows = await session.execute(
        select(*_SAME, ClusterObservation.message, ClusterObservation.source, ClusterObservation.observed_at, first)
        .where(ClusterObservation.cluster.in_(list(clusters)), ClusterObservation.observed_at >= since)
        .ext(distinct_on(*_SAME))
        .order_by(*_SAME, ClusterObservation.observed_at.desc(), ClusterObservation.id.desc())
    )
    return [Word(*row) for row in rows]


async def list_last_heard(session: AsyncSession, clusters: Iterable[str]) -> dict[str, datetime]:
    """When each cluster last said anything."""
    # By itself for each cluster: so the index gives the newest at once, however much there is.
    newest = (
        select(func.max(ClusterObservation.observed_at))
        .where(ClusterObservation.cluster == Cluster.name)
        .correlate(Cluster)
        .scalar_subquery()
    )
    rows = await session.execute(select(Cluster.name, newest).where(Cluster.name.in_(list(clusters))))
    return {row[0]: row[1] for row in rows if row[1] is not None}


async def list_ancestries(
    session: AsyncSession, repository_id: int, ancestors: Iterable[str], *, now: datetime
) -> dict[Pair, Answer]:
    """The answers for these older commits. What GitHub did not know is left out when it is time to ask again."""
    rows = await session.scalars(
        select(CommitAncestry).where(
            CommitAncestry.repository_id == repository_id, CommitAncestry.ancestor.in_(list(ancestors))
        )
    )
    return {
        (row.ancestor, row.commit): Answer(row.answer)
        for row in rows
        if row.answer != Answer.UNKNOWN or row.asked_at + ASK_AGAIN > now
    }


async def record_ancestries(
    session: AsyncSession, repository_id: int, answers: Mapping[Pair, Answer], *, at: datetime
) -> None:
    for (ancestor, commit), answer in answers.items():
        said = {"answer": answer.value, "asked_at": at}
        statement = insert(CommitAncestry).values(repository_id=repository_id, ancestor=ancestor, commit=commit, **said)
        await session.execute(
            statement.on_conflict_do_update(index_elements=["repository_id", "ancestor", "commit"], set_=said)
        )


async def get_status_etag(session: AsyncSession, repository_id: int, sha: str) -> str:
    """Empty where the statuses of that commit were not read."""
    row = await session.get(StatusRead, repository_id)
    return row.etag if row is not None and row.sha == sha else ""


async def save_status_etag(session: AsyncSession, repository_id: int, sha: str, etag: str) -> None:
    values = {"sha": sha, "etag": etag}
    statement = insert(StatusRead).values(repository_id=repository_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["repository_id"], set_=values))
