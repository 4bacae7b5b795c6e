"""The ASGI application: web and worker in one process, or the web alone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from app.services.context import AppContext
from app.web.app import create_app
from app.worker import Queue, ask_for_app


def build_app(context: AppContext, queue: Queue, *, with_worker: bool) -> FastAPI:
    """The application over an open context. With a worker, it looks at everything once at start."""
    return create_app(context, lifespan=_lifespan(context, queue) if with_worker else None)


def _lifespan(context: AppContext, queue: Queue) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def run_worker(_: FastAPI) -> AsyncIterator[None]:
        worker = asyncio.create_task(queue.run_forever(), name="worker")
        await ask_for_app(context)
        try:
            yield
        finally:
            await queue.flush()
            worker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await worker

    return run_worker
