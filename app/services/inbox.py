"""Work through the deliveries of one key, oldest first, each in a transaction of its own."""

import structlog

from app.db.deliveries import body_of, finish_delivery, list_waiting
from app.db.locks import WorkLock
from app.db.models import Delivery, Repository
from app.domain.events import Event
from app.github.webhooks import UnreadablePayload, parse_event
from app.services.context import AppContext
from app.services.handlers import handle_event
from app.services.installations import reconcile_installation

log = structlog.get_logger()


async def work_through_inbox(context: AppContext, lock: WorkLock, repository_id: int) -> None:
    """Handle what waits for a repository. A delivery that cannot be read is kept as failed and can be replayed."""
    async with context.database.transaction() as session:
        waiting = await list_waiting(session, lock.key)
        is_known = await session.get(Repository, repository_id) is not None
    if not waiting:
        return
    if not is_known:
        await _learn_of_repository(context, waiting)
    bot_login = await context.bot_login()
    for delivery in waiting:
        await _handle(context, repository_id, delivery, bot_login)
    await _follow_where_it_went(context, repository_id, waiting)


async def _learn_of_repository(context: AppContext, waiting: list[Delivery]) -> None:
    """The delivery of the installation was lost or is late: its list of repositories is read now."""
    for installation_id in {delivery.installation_id for delivery in waiting if delivery.installation_id}:
        await reconcile_installation(context, installation_id)


async def _follow_where_it_went(context: AppContext, repository_id: int, handled: list[Delivery]) -> None:
    """A delivery by another installation, or of a repository that we had lost: the list of that installation decides
    whether it is ours. The delivery itself may be an old one."""
    async with context.database.transaction() as session:
        repository = await session.get(Repository, repository_id)
    if repository is None or not handled:
        return
    told_by = handled[-1].installation_id
    if told_by is not None and (told_by != repository.installation_id or repository.removed_at is not None):
        await reconcile_installation(context, told_by)


async def _handle(context: AppContext, repository_id: int, delivery: Delivery, bot_login: str) -> None:
    event = read_event(context, delivery)
    async with context.database.transaction() as session:
        repository = await session.get(Repository, repository_id)
        if isinstance(event, UnreadablePayload):
            state, note = "failed", str(event)
            log.error("delivery not read", delivery=delivery.guid, github_event=delivery.event, why=note)
        elif repository is None:
            state, note = "ignored", "the App does not see this repository"
        else:
            note = await handle_event(
                session, repository, event, delivery, bot_login=bot_login, settings=context.settings
            )
            state = "ignored" if note else "done"
        await finish_delivery(session, delivery.guid, state=state, note=note, at=context.clock())


def read_event(context: AppContext, delivery: Delivery) -> Event | UnreadablePayload:
    try:
        return parse_event(delivery.event, body_of(delivery), app_id=context.settings.github_app_id)
    except UnreadablePayload as fault:
        return fault
