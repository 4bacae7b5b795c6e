"""Look ahead for a repository that the service knows."""

import asyncio

from app.domain.configured_plan import without_ignored
from app.domain.outlook import Outlook, look_ahead
from app.domain.served_versions import parse_target
from app.services.context import AppContext
from app.services.known import gather_known


async def look_ahead_for(context: AppContext, repository_id: int, target: str) -> Outlook:
    """The way to `target` (`2.8`, or `external-secrets 0.16`) on the facts in the database. Raises BadTarget."""
    async with context.database.transaction() as session:
        snapshot, in_use = await gather_known(context, session, repository_id)
    asked = parse_target(target, in_use.catalogue, said="")
    # A thread of its own: a large tree takes long enough to be felt by others.
    return await asyncio.to_thread(look_ahead, without_ignored(snapshot, in_use.policy), in_use.catalogue, asked)
