"""Flux's commit statuses: kept like other words of a cluster, where the configuration says that they are believed.

Whoever may write to the repository can set a status, a workflow with a token too. So none counts that the owner did
not ask for. Each sender, which is a Provider in a cluster, is kept as a cluster of its own.
"""

import hashlib
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.cluster_words import get_status_etag, save_status_etag
from app.db.clusters import get_cluster, list_clusters, list_rollouts, record_observation, save_cluster
from app.db.incidents import list_open_incidents
from app.db.models import ClusterObservation, Repository
from app.db.pull_requests import was_merged_since
from app.domain.commit_status import SETTLED, FluxStatus, cluster_of_sender, is_sender, read_context
from app.domain.model import RolloutState
from app.domain.rollout_terms import RolloutPolicy
from app.github.errors import Forbidden, NotFound, Refused, Unavailable
from app.github.facts import StatusFacts
from app.services.cluster_talk import LATELY
from app.services.facts import Look

log = structlog.get_logger()

MOST_SENDERS = 20
"""Senders of one repository that are kept: nobody can fill the table by making some up."""


async def record_status(
    session: AsyncSession, repository: Repository, status: FluxStatus, policy: RolloutPolicy
) -> str:
    """Keep a status once. Returns why it was not of use; empty where it was."""
    if not policy.believes(status.by):
        return f"a commit status by {status.by}, whom `rollout.commit_statuses` does not name"
    name = cluster_of_sender(status.sender, repository.id)
    if await get_cluster(session, name) is None:
        known = [one for one in await list_clusters(session, repository.id) if is_sender(one.name)]
        if len(known) >= MOST_SENDERS:
            return "a commit status of one sender too many"
        await save_cluster(session, name, repository.id, None)
    identity = f"status\0{repository.id}\0{status.id}"
    is_new = await record_observation(
        session,
        ClusterObservation(
            cluster=name,
            digest=hashlib.sha256(identity.encode()).hexdigest(),
            object=status.object,
            severity=status.severity,
            reason=status.reason,
            message=status.description[:4000],
            revision=f"sha1:{status.sha}",
            provider=None,
            version=None,
            source=status.source,
            observed_at=status.at,
        ),
    )
    return "" if is_new else "a commit status that is known already"


async def read_commit_statuses(look: Look) -> None:
    """Deliveries get lost: while there is something that they can tell, a full look reads the statuses of the base
    branch's tip. One conditional call; without the permission there is nothing to read."""
    policy, repository = look.policy.rollout, look.repository
    if not policy.reads_statuses:
        return
    async with look.context.database.transaction() as session:
        repository = await session.get_one(Repository, repository.id)
        sha = repository.base_sha or ""
        if not sha or not await _are_awaited(session, repository.id, look.context.clock()):
            return
        etag = await get_status_etag(session, repository.id, sha)
    try:
        listed, etag = await look.gateway.list_statuses_if_changed(sha, etag=etag)
    except (Forbidden, NotFound, Refused, Unavailable) as fault:
        log.warning("commit statuses not read", repository=repository.id, why=str(fault))
        return
    if listed is None:
        return
    async with look.context.database.transaction() as session:
        repository = await session.get_one(Repository, repository.id)
        for facts in reversed(listed):
            if (status := flux_status(facts, sha)) is not None:
                await record_status(session, repository, status, policy)
        await save_status_etag(session, repository.id, sha, etag)


async def _are_awaited(session: AsyncSession, repository_id: int, now: datetime) -> bool:
    """A rollout waits for them, something was merged that may fail, or something fails that may be well again."""
    if any(one.state == RolloutState.PENDING for one in await list_rollouts(session, repository_id)):
        return True
    if await was_merged_since(session, repository_id, now - LATELY):
        return True
    return any(is_sender(one.cluster) for one in await list_open_incidents(session, repository_id))


def flux_status(facts: StatusFacts, sha: str) -> FluxStatus | None:
    """None for what Flux did not write, and for what does not settle anything."""
    told = read_context(facts.context)
    if told is None or facts.state not in SETTLED or facts.creator is None:
        return None
    name, sender = told
    return FluxStatus(
        id=facts.id, sha=sha, name=name, sender=sender, state=facts.state,
        description=facts.description or "", by=facts.creator.login, at=facts.created_at,
    )  # fmt: skip
