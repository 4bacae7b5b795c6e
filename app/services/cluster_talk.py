"""All that was heard of the clusters of a repository, gathered for one look."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.cluster_words import Word, list_ancestries, list_last_heard, list_words, record_ancestries
from app.db.clusters import list_clusters, list_rollouts
from app.db.models import Cluster
from app.db.models import PullRequest as PullRequestRow
from app.db.models import Rollout as RolloutRow
from app.domain.ancestry import Ancestry, Pair
from app.domain.cluster_state import source_phrase
from app.domain.cluster_words import ClusterWord, Outcome, read_object
from app.domain.commit_status import is_sender, sender_of
from app.domain.model import Answer, ComponentClass, Observation, PullRequestStatus, RolloutState
from app.domain.rollout_terms import Proof, RolloutPolicy
from app.domain.rollouts import SKEW, Heard
from app.domain.setbacks import Landed
from app.domain.signal_reliability import limits_phrase
from app.domain.waves import rank_of_class
from app.github.errors import Forbidden, NotFound, Refused, Unavailable
from app.services.facts import Look

log = structlog.get_logger()

LATELY = timedelta(days=7)
"""For so long a merge can be the cause of what fails."""


@dataclass(frozen=True, slots=True)
class ClusterTalk:
    """`names` and `last` are by cluster of the plan. `landed` are the pull requests that were merged lately."""

    observations: tuple[Observation, ...] = ()
    words: tuple[ClusterWord, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    last: Mapping[str, datetime] = field(default_factory=dict)
    landed: tuple[Landed, ...] = ()
    ancestry: Ancestry = field(default_factory=lambda: Ancestry({}))

    def of(self, scope: str) -> Heard:
        names = self.names.get(scope, ())
        mine = tuple(one for one in self.observations if one.scope == scope)
        flux = next((one.version for one in mine if one.provider == "flux" and one.version), None)
        return Heard(
            observations=mine,
            words=tuple(word for word in self.words if word.scope == scope),
            names=names,
            last=self.last.get(scope),
            limits=limits_phrase(flux, by_status=any(map(is_sender, names)), by_event=not all(map(is_sender, names))),
        )


def scope_of(cluster: Cluster, scopes: tuple[str, ...], policy: RolloutPolicy) -> str:
    """The cluster of the plan for which a registered one speaks; its own name where that is not known."""
    if cluster.scope:
        return cluster.scope
    if (sender := sender_of(cluster.name)) is not None and sender in policy.senders:
        return policy.senders[sender]
    return cluster.name if cluster.name in scopes or len(scopes) != 1 else scopes[0]


async def gather_talk(
    session: AsyncSession,
    repository_id: int,
    rows: Sequence[PullRequestRow],
    scopes: tuple[str, ...],
    policy: RolloutPolicy,
    observations: tuple[Observation, ...],
    *,
    now: datetime,
) -> ClusterTalk:
    """Nothing is read where no cluster is connected, or nothing was merged of which it could tell."""
    clusters = {one.name: scope_of(one, scopes, policy) for one in await list_clusters(session, repository_id)}
    if not clusters:
        return ClusterTalk(observations)
    rollouts = await list_rollouts(session, repository_id)
    names: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for name, scope in clusters.items():
        names[scope] = (*names[scope], name)
    landed = _landed(rows, rollouts, now)
    waiting = [one for one in rollouts if one.state == RolloutState.PENDING]
    merged_at = [*(one.merged_at for one in waiting), *(one.merged_at for one in landed)]
    if not merged_at:
        return ClusterTalk(observations, names=names)
    words = _words(await list_words(session, clusters, since=min(merged_at) - SKEW), clusters)
    heard = await list_last_heard(session, clusters)
    last: dict[str, datetime] = {}
    for name, at in heard.items():
        last[clusters[name]] = max(at, last.get(clusters[name], at))
    merges = {*(one.merge_sha for one in waiting), *(one.merge_sha for one in landed)}
    ancestry = Ancestry(await list_ancestries(session, repository_id, merges, now=now))
    return ClusterTalk(observations, words, names, last, landed, ancestry)


def _words(rows: Iterable[Word], clusters: Mapping[str, str]) -> tuple[ClusterWord, ...]:
    words: list[ClusterWord] = []
    for row in rows:
        kind, namespace, name = read_object(row.object)
        words.append(
            ClusterWord(
                scope=clusters[row.cluster], kind=kind, namespace=namespace, name=name, severity=row.severity,
                reason=row.reason, message=row.message, revision=row.revision, at=row.at, since=row.since,
                source=source_phrase(row.source), cluster=row.cluster,
            )
        )  # fmt: skip
    return tuple(_since_it_was_well(word, words) for word in words)


def _since_it_was_well(word: ClusterWord, words: Iterable[ClusterWord]) -> ClusterWord:
    """The same failure may have come, gone and come again: it counts from the last success on."""
    if word.outcome is not Outcome.FAILED:
        return word
    object_ = word.cluster, word.kind, word.namespace, word.name
    between = [
        other.at
        for other in words
        if other.outcome is Outcome.SUCCEEDED and (other.cluster, other.kind, other.namespace, other.name) == object_
        if word.since < other.at < word.at
    ]
    return replace(word, since=max(between)) if between else word


def _landed(rows: Iterable[PullRequestRow], rollouts: Iterable[RolloutRow], now: datetime) -> tuple[Landed, ...]:
    confirmed = {one.number: one.rolled_out_at for one in rollouts if one.proof == Proof.CONFIRM}
    return tuple(
        Landed(
            number=row.number,
            rank=_rank(row),
            merge_sha=row.merge_sha or "",
            merged_at=row.merged_at,
            paths=tuple(change["path"] for change in row.changes),
            confirmed_at=confirmed.get(row.number),
        )
        for row in rows
        if row.status == PullRequestStatus.MERGED and row.merged_at is not None and now - row.merged_at <= LATELY
    )


def _rank(row: PullRequestRow) -> int:
    """Of its wave, by what it was told to be while it was open; what nobody classified comes after all others."""
    told = row.classification or {}
    return rank_of_class(ComponentClass(told.get("component_class", "unknown")), mixed=bool(told.get("also_changes")))


async def learn_ancestries(look: Look, wanted: Sequence[Pair]) -> bool:
    """Ask GitHub what it was not asked yet, one call a pair, and keep the answers. True where there was one."""
    answers: dict[Pair, Answer] = {}
    for ancestor, commit in wanted:
        try:
            status = (await look.gateway.compare(ancestor, commit)).status
        except (NotFound, Refused):
            answers[ancestor, commit] = Answer.UNKNOWN
        except (Forbidden, Unavailable) as fault:
            log.info("ancestry not known", repository=look.repository.id, commit=commit, why=str(fault))
            answers[ancestor, commit] = Answer.UNKNOWN
        else:
            answers[ancestor, commit] = Answer.YES if status in ("ahead", "identical") else Answer.NO
    async with look.context.database.transaction() as session:
        await record_ancestries(session, look.repository.id, answers, at=look.context.clock())
    return bool(answers)
