"""Look ahead for a repository that the service knows."""

import asyncio

from app.db.models import Repository
from app.db.plans import get_document
from app.db.pull_requests import list_pull_requests
from app.domain.configured_plan import without_ignored
from app.domain.outlook import Outlook, look_ahead
from app.domain.served_versions import parse_target
from app.services.context import AppContext
from app.services.policy import get_policy_in_use
from app.services.rollouts import list_observations
from app.services.snapshot import gather_snapshot


async def look_ahead_for(context: AppContext, repository_id: int, target: str) -> Outlook:
    """The way to `target` (`2.8`, or `external-secrets 0.16`) on the facts in the database. Raises BadTarget."""
    async with context.database.transaction() as session:
        repository = await session.get_one(Repository, repository_id)
        rows = await list_pull_requests(session, repository_id)
        before = await get_document(session, repository_id)
        scopes = tuple(cluster["name"] for cluster in (before or {}).get("clusters", ()))
        observations = await list_observations(session, repository_id, scopes)
        snapshot = await gather_snapshot(context, session, repository, rows, observations)
        in_use = await get_policy_in_use(session, repository, context.catalogue, before)
    asked = parse_target(target, in_use.catalogue, said="")
    # A thread of its own: a large tree takes long enough to be felt by others.
    return await asyncio.to_thread(look_ahead, without_ignored(snapshot, in_use.policy), in_use.catalogue, asked)
