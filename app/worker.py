"""Time and queue: who looks at what, when. procrastinate wakes workers; our two numbers in `work` decide what is due.

A key is looked at under its lock, so any number of workers may be woken for it. A failed look is put off on its row;
the periodic task wakes every key that is due, so a lost wake-up costs at most a minute.
"""

import asyncio
from datetime import timedelta

import procrastinate
import structlog
from procrastinate.exceptions import AlreadyEnqueued
from psycopg_pool import AsyncConnectionPool

from app.db.locks import WorkLock, try_lock
from app.db.work import WorkItem, finish, get_work, list_due, pause_installation, postpone, want
from app.github.errors import GitHubError, RateLimited
from app.services.cluster_look import ask_for_cluster_look, hasten_cluster_look, look_at_cluster
from app.services.context import AppContext
from app.services.facts import StaleRead
from app.services.giving_way import GiveWay
from app.services.installations import reconcile_app, reconcile_installation
from app.services.notices import send_notices
from app.services.polling import ask_for_polls, poll_repository
from app.services.reconcile import Outcome, reconcile_repository
from app.services.redelivery import ask_for_redeliveries, redeliver_missed
from app.services.sweep import ask_for_sweep, tidy_up

log = structlog.get_logger()

DEBOUNCE_SECONDS = 0.02
CONCURRENCY = 4
_PERIOD_SECONDS = 60
_WAITING = "select queueing_lock from procrastinate_jobs where status = 'todo' and queueing_lock = any(%s)"
_STALE_READS_BEFORE_ACCEPTING = 5
_LONGEST_BACK_OFF = timedelta(minutes=10)


class Queue:
    """The procrastinate app over our pool, and the debounced wake-up.

    Waiting jobs of one key are one. The number that asks for the work is committed before `wake` is called, so a job
    that is waiting already will see it, and no other is needed.
    """

    def __init__(self) -> None:
        self.app = procrastinate.App(connector=procrastinate.PsycopgConnector())
        self._pool: AsyncConnectionPool | None = None
        self._context: AppContext | None = None
        self._keys: set[str] = set()
        self._flushing: asyncio.Task[None] | None = None
        self._timers: set[asyncio.TimerHandle] = set()

    async def open(self, context: AppContext) -> None:
        self._pool, self._context = context.database.pool, context
        await self.app.open_async(context.database.pool)
        _register(self.app, context)

    async def close(self) -> None:
        """Delayed wake-ups are dropped: whoever looks for due work later finds what they were for."""
        for timer in self._timers:
            timer.cancel()
        await self.flush()
        await self.app.close_async()

    def wake(self, key: str, delay: float = 0.0) -> None:
        """Have `key` looked at, `delay` seconds from now. A delayed wake-up lives in this process only."""
        if delay > 0:
            loop = asyncio.get_running_loop()
            self._timers = {timer for timer in self._timers if timer.when() > loop.time()}
            self._timers.add(loop.call_later(delay, self.wake, key))
            return
        self._keys.add(key)
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._defer_soon(), name="wake-ups")

    async def flush(self) -> None:
        """Wait until every wake-up has become a job."""
        while self._keys or (self._flushing is not None and not self._flushing.done()):
            if self._flushing is None or self._flushing.done():
                self._flushing = asyncio.create_task(self._defer_soon(), name="wake-ups")
            await self._flushing

    async def _defer_soon(self) -> None:
        while self._keys:
            await asyncio.sleep(DEBOUNCE_SECONDS)
            keys, self._keys = self._keys, set()
            for key in keys - await self._waiting(keys):
                await self._defer(key)

    async def _waiting(self, keys: set[str]) -> set[str]:
        """Those of `keys` that have a job which nobody has taken yet."""
        assert self._pool is not None, "the queue is not open"
        async with self._pool.connection() as connection:
            rows = await connection.execute(_WAITING, [list(keys)])
            return {row[0] for row in await rows.fetchall()}

    async def _defer(self, key: str) -> None:
        try:
            await self.app.configure_task("look", queueing_lock=key).defer_async(key=key)
        except AlreadyEnqueued:
            log.debug("already waiting", key=key)

    async def run(self, *, wait: bool = True, install_signal_handlers: bool = False) -> None:
        """Work until cancelled; with `wait=False` until nothing is waiting, and without what the clock asks for."""
        if wait and self._context is not None and not self.app.periodic_registry.periodic_tasks:
            _register_periodic(self.app, self._context)
        await self.app.run_worker_async(
            wait=wait,
            concurrency=CONCURRENCY,
            install_signal_handlers=install_signal_handlers,
            listen_notify=wait,
            delete_jobs="always",
            fetch_job_polling_interval=1.0,
            shutdown_graceful_timeout=20,
        )

    async def run_forever(self) -> None:
        """Work until cancelled, whatever happens to the library's loop: a lost connection is a pause, not the end."""
        while True:
            try:
                await self.run()
            except Exception:
                log.exception("worker stopped; starting it again")
            await asyncio.sleep(1)


def _register(app: procrastinate.App, context: AppContext) -> None:
    @app.task(name="look")
    async def look(key: str) -> None:
        await look_at(context, key)


def _register_periodic(app: procrastinate.App, context: AppContext) -> None:
    @app.periodic(cron="* * * * *")
    @app.task(name="due", queueing_lock="due", pass_context=False)
    async def due(timestamp: int) -> None:  # noqa: ARG001 (procrastinate hands it in)
        await ask_for_cluster_look(context)
        await wake_due(context)

    if context.settings.poll_seconds is not None:

        @app.periodic(cron="* * * * *")
        @app.task(name="polls", queueing_lock="polls")
        async def polls(timestamp: int) -> None:  # noqa: ARG001
            await ask_for_polls(context)

    @app.periodic(cron="*/5 * * * *")
    @app.task(name="redeliveries", queueing_lock="redeliveries")
    async def redeliveries(timestamp: int) -> None:  # noqa: ARG001
        await ask_for_redeliveries(context)

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="sweep", queueing_lock="sweep")
    async def sweep(timestamp: int) -> None:  # noqa: ARG001
        await ask_for_sweep(context)
        await tidy_up(context)


async def wake_due(context: AppContext) -> None:
    """Wake every key that is wanted and whose back-off is over."""
    async with context.database.transaction() as session:
        keys = await list_due(session, context.clock())
    for key in keys:
        context.wake(key)


async def look_at(context: AppContext, key: str) -> None:
    """One look at `key`, if nobody else is at it and it is due; again until its number stands still."""
    again = True
    while again:
        async with try_lock(context.database, key) as lock:
            if lock is None:
                return  # whoever holds it looks at the number again after letting go
            item = await _due_item(context, key)
            if item is None:
                return
            await _look_once(context, lock, item)
        again = await _due_item(context, key) is not None


async def _due_item(context: AppContext, key: str) -> WorkItem | None:
    async with context.database.transaction() as session:
        item = await get_work(session, key)
    return item if item is not None and item.is_due(context.clock()) else None


async def _look_once(context: AppContext, lock: WorkLock, item: WorkItem) -> None:
    with structlog.contextvars.bound_contextvars(key=item.key):
        try:
            outcome = await _reconcile(context, lock, item)
        except GiveWay as call:
            log.info("look cut short", why=str(call))  # it is still wanted, and begins again at once
        except (StaleRead, GitHubError) as fault:
            await _put_off(context, item, fault)
            log.warning("look put off", why=str(fault))
        except Exception as fault:
            await _put_off(context, item, fault)
            log.exception("look failed")
        else:
            async with context.database.transaction() as session:
                await finish(session, item.key, item.wanted_seq, look_at=outcome.next_look)


async def _reconcile(context: AppContext, lock: WorkLock, item: WorkItem) -> Outcome:
    kind, _, number = item.key.partition(":")
    match kind:
        case "repository":
            accept_stale = item.attempts >= _STALE_READS_BEFORE_ACCEPTING
            outcome = await reconcile_repository(context, lock, int(number), accept_stale=accept_stale)
            await hasten_cluster_look(context, int(number))
            return outcome
        case "cluster":
            return Outcome(await look_at_cluster(context, number))
        case "installation":
            await reconcile_installation(context, int(number))
        case "poll":
            await poll_repository(context, int(number))
        case "notices":
            return Outcome(await send_notices(context))
        case "redeliveries":
            await redeliver_missed(context)
        case _:
            await reconcile_app(context)
    return Outcome(None)


async def _put_off(context: AppContext, item: WorkItem, fault: Exception) -> None:
    until = context.clock() + min(timedelta(seconds=2**item.attempts), _LONGEST_BACK_OFF)
    async with context.database.transaction() as session:
        if isinstance(fault, RateLimited):
            until = max(until, context.clock() + fault.pause)
            await pause_installation(session, item.key, until=until)
        await postpone(session, item.key, until=until, error=f"{type(fault).__name__}: {fault}")
    delay = (until - context.clock()).total_seconds()
    if delay < _PERIOD_SECONDS:
        context.wake(item.key, delay)


async def ask_for_app(context: AppContext) -> None:
    """At start: look at all installations, and with them at every repository, and for what did not reach us."""
    async with context.database.transaction() as session:
        await want(session, "app")
    context.wake("app")
    await ask_for_redeliveries(context)
    await ask_for_cluster_look(context)
