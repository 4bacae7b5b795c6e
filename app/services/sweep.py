"""The truth without webhooks: every repository is looked at now and then, and what is old is forgotten."""

from datetime import timedelta

from sqlalchemy import delete, select, update

from app.db.cluster_signals import forget_old_observations
from app.db.models import Delivery, Redelivery, Repository
from app.db.repositories import key_of
from app.db.work import want
from app.services.context import AppContext

KEPT = timedelta(days=30)
"""How long deliveries and events of clusters are kept."""


async def ask_for_sweep(context: AppContext) -> None:
    """Ask for a full look at everything: the installations, and each repository's list and base branch."""
    async with context.database.transaction() as session:
        await session.execute(
            update(Repository).where(Repository.removed_at.is_(None)).values(base_stale=True, list_stale=True)
        )
        ids = list(await session.scalars(select(Repository.id).where(Repository.removed_at.is_(None))))
        keys = ["app", *(key_of(repository_id) for repository_id in ids)]
        for key in keys:
            await want(session, key)
    for key in keys:
        context.wake(key)


async def tidy_up(context: AppContext) -> None:
    """Forget settled deliveries and old events. What failed stays until somebody replays it."""
    before = context.clock() - KEPT
    async with context.database.transaction() as session:
        await session.execute(
            delete(Delivery).where(Delivery.received_at < before, Delivery.state.in_(("done", "ignored")))
        )
        await session.execute(delete(Redelivery).where(Redelivery.asked_at < before))
        await forget_old_observations(session, before)
