"""What a plan would be made from now, out of the database: GitHub is not asked."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Repository
from app.db.plans import get_document
from app.db.pull_requests import list_pull_requests
from app.domain.model import Snapshot
from app.domain.policy import PolicyInUse
from app.services.cluster_facts import with_cluster_facts
from app.services.context import AppContext
from app.services.policy import get_policy_in_use
from app.services.rollouts import list_observations
from app.services.snapshot import gather_snapshot


async def gather_known(context: AppContext, session: AsyncSession, repository_id: int) -> tuple[Snapshot, PolicyInUse]:
    """The repository with what was heard of its clusters, and the owner's rules and providers."""
    repository = await session.get_one(Repository, repository_id)
    rows = await list_pull_requests(session, repository_id)
    before = await get_document(session, repository_id)
    scopes = tuple(cluster["name"] for cluster in (before or {}).get("clusters", ()))
    observations = await list_observations(session, repository_id, scopes)
    snapshot = await gather_snapshot(context, session, repository, rows, observations)
    in_use = await get_policy_in_use(session, repository, context.catalogue, before)
    snapshot = await with_cluster_facts(context, session, repository_id, snapshot, before, in_use.policy.rollout)
    return snapshot, in_use
