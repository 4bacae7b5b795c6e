"""HTTP servers inside the demo's own event loop, on loopback only."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from app.web.server import Server

HOST = "127.0.0.1"


class NoFreePort(Exception):
    """None of the ports that were tried can be listened on."""


def bind(port: int, *, tries: int = 20) -> socket.socket:
    """A listening socket on `port` or the next free one after it; port 0 is any. Raises NoFreePort."""
    for candidate in range(port, port + tries) if port else (0,):
        # With the protocol named, asyncio switches Nagle's algorithm off, which costs 40 ms an answer otherwise.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, candidate))
            listener.listen(128)
        except OSError:
            listener.close()
            continue
        return listener
    raise NoFreePort(f"Ports {port} to {port + tries - 1} of {HOST} are all taken. Choose another one with --port.")


def address_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


@asynccontextmanager
async def served(app: FastAPI, listener: socket.socket) -> AsyncIterator[None]:
    """The application answers on `listener` inside the block."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, date_header=False, lifespan="on", timeout_graceful_shutdown=2
    )
    server = Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]), name=f"server {address_of(listener)}")
    try:
        while not server.started and not task.done():  # noqa: ASYNC110 (uvicorn sets a plain flag)
            await asyncio.sleep(0.01)
        if task.done():
            await task
        yield
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await task
