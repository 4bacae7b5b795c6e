"""Deliveries that never reached us: GitHub keeps them for some days, and sends again what one asks for by name.

https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
"""

from datetime import timedelta

import structlog

from app.db.redeliveries import get_newest_position, list_arrived, list_asked, record_asked
from app.db.work import want
from app.domain.redelivery import FailedAttempt, list_to_redeliver
from app.github.deliveries import list_failed_attempts, repeat_attempt
from app.github.errors import NotFound, Refused
from app.services.context import AppContext

log = structlog.get_logger()

REDELIVERY_KEY = "redeliveries"
"""The key of this work: one worker at a time asks, whoever woke it."""
KEPT, KEPT_BY_ENTERPRISE_SERVER = timedelta(days=3), timedelta(days=7)
"""How long GitHub can repeat a delivery."""


async def ask_for_redeliveries(context: AppContext) -> None:
    """Have somebody look for deliveries that failed: at start, and every few minutes."""
    async with context.database.transaction() as session:
        await want(session, REDELIVERY_KEY)
    context.wake(REDELIVERY_KEY)


async def redeliver_missed(context: AppContext) -> None:
    """Ask GitHub to repeat what is not in our inbox."""
    api = context.app_api()
    try:
        attempts = await list_failed_attempts(api)
    except (NotFound, Refused) as fault:
        log.info("no deliveries to look at; is the App's webhook switched off?", why=str(fault))
        return
    failed = [FailedAttempt(found.id, found.guid, found.delivered_at) for found in attempts]
    async with context.database.transaction() as session:
        asked = await list_asked(session)
        arrived = await list_arrived(session, (attempt.guid for attempt in failed))
        newest = await get_newest_position(session)
    window = KEPT_BY_ENTERPRISE_SERVER if context.settings.is_enterprise_server else KEPT
    now = context.clock()
    wanted = list_to_redeliver(failed, arrived=arrived, asked=asked, newest=newest, now=now, window=window)
    for attempt in wanted:
        # Before the call, not after it: what is asked for and not recorded would be asked for without end.
        async with context.database.transaction() as session:
            await record_asked(session, attempt.guid, at=now, newest=newest)
        try:
            await repeat_attempt(api, attempt.id)
        except (NotFound, Refused) as fault:
            log.warning("delivery not repeated", delivery=attempt.guid, why=str(fault))
