"""What an operator may ask for: a full read of a repository, a delivery once more, a cluster that may speak."""

from app.db import clusters, deliveries, repositories, work
from app.services.context import AppContext
from app.services.queries.clusters import get_registered_cluster
from app.services.queries.deliveries import get_delivery
from app.services.queries.items import DeliveryItem, RegisteredCluster, RepositoryItem


async def request_sync(context: AppContext, repository_id: int) -> None:
    """Have the base branch and every open pull request read from GitHub again."""
    key = repositories.key_of(repository_id)
    async with context.database.transaction() as session:
        await repositories.mark_stale(session, repository_id, base=True, pull_requests=True)
        await work.want(session, key)
    context.wake(key)


async def replay(context: AppContext, guid: str) -> DeliveryItem | None:
    """Put a delivery back into the inbox; None when there is none of that id."""
    async with context.database.transaction() as session:
        key = await deliveries.replay_delivery(session, guid)
        if key is None:
            return None
        await work.want(session, key)
        delivery = await get_delivery(session, guid)
    context.wake(key)
    return delivery


class ClusterTaken(Exception):
    """Another repository has registered a cluster of this name."""


async def register_cluster(
    context: AppContext, repository: RepositoryItem, name: str, scope: str | None
) -> RegisteredCluster:
    """Let the cluster post Flux events for this repository. Raises ClusterTaken."""
    key = repositories.key_of(repository.id)
    async with context.database.transaction() as session:
        known = await clusters.get_cluster(session, name)
        if known is not None and known.repository_id != repository.id:
            raise ClusterTaken(name)
        await clusters.save_cluster(session, name, repository.id, scope)
        await work.want(session, key)
        registered = await get_registered_cluster(session, repository.id, name)
    assert registered is not None
    context.wake(key)
    return registered


async def remove_cluster(context: AppContext, repository: RepositoryItem, name: str) -> bool:
    """Forget the cluster and what it said. False when the repository has none of that name."""
    key = repositories.key_of(repository.id)
    async with context.database.transaction() as session:
        known = await clusters.get_cluster(session, name)
        if known is None or known.repository_id != repository.id:
            return False
        await clusters.remove_cluster(session, name)
        await work.want(session, key)
    context.wake(key)
    return True
