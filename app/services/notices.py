"""Tell people outside GitHub what needs them: stored with the decision, sent by work of its own.

A channel that is slow or down holds nobody up: no look waits for it. Each channel gets a message at least once; it
gets it twice only when the process ends between the sending and the note of it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Notification, Repository
from app.db.notifications import get_next_try, list_waiting, record_notices, save_attempt
from app.db.work import want
from app.domain.messages.notices import notice_body, notice_title
from app.domain.notices import Notice
from app.services.context import AppContext

log = structlog.get_logger()

NOTICES_KEY = "notices"
"""The key of this work: one worker at a time sends."""
_LONGEST_PAUSE = timedelta(hours=1)
_MOST_ATTEMPTS = 30
"""With pauses that double up to the longest one, a day: a mail server that is down overnight loses nothing."""


async def tell(context: AppContext, session: AsyncSession, repository_id: int, notices: Iterable[Notice]) -> None:
    """Keep what is to be told, and have it sent once the transaction is committed."""
    if not context.channels:
        return
    wanted = [notice for notice in notices if notice.kind in context.settings.notice_kinds]
    if await record_notices(session, repository_id, wanted, at=context.clock()):
        await want(session, NOTICES_KEY)
        context.wake(NOTICES_KEY)


async def send_notices(context: AppContext) -> datetime | None:
    """Send what waits. Returns when to try again what some channel did not take."""
    async with context.database.transaction() as session:
        waiting = await list_waiting(session, context.clock())
    for _, group in groupby(waiting, key=_together):
        pairs = list(group)
        await _send(context, pairs[0][1], [notification for notification, _ in pairs])
    async with context.database.transaction() as session:
        return await get_next_try(session)


def _together(pair: tuple[Notification, Repository]) -> tuple[int, tuple[str, ...]]:
    """What goes out as one message: of one repository, and still wanted by the same channels."""
    notification, repository = pair
    return repository.id, tuple(notification.sent_to)


async def _send(context: AppContext, repository: Repository, notifications: list[Notification]) -> None:
    name = f"{repository.owner}/{repository.name}"
    texts = [notification.text for notification in notifications]
    page = f"{context.settings.public_url}/r/{name}"
    sent_to = list(notifications[0].sent_to)
    silent = []
    for channel in context.channels:
        if channel.id in sent_to:
            continue
        if await channel.send(title=notice_title(name, texts), body=notice_body(texts, page=page)):
            sent_to.append(channel.id)
        else:
            silent.append(channel.name)
    attempts = max(notification.attempts for notification in notifications) + 1
    if silent:
        say = log.error if attempts >= _MOST_ATTEMPTS else log.warning
        say("channel did not take a message", channels=silent, attempts=attempts, repository=repository.id)
    now = context.clock()
    async with context.database.transaction() as session:
        for notification in notifications:  # each has a day of its own, though they go out together
            given_up = notification.attempts + 1 >= _MOST_ATTEMPTS
            state = "sent" if not silent else "failed" if given_up else "waiting"
            run_after = now + _pause_after(attempts) if state == "waiting" else None
            await save_attempt(session, notification.id, sent_to=sent_to, state=state, run_after=run_after, at=now)


def _pause_after(attempts: int) -> timedelta:
    return min(timedelta(minutes=2 ** (attempts - 1)), _LONGEST_PAUSE)
