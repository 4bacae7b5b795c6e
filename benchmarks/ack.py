"""How fast a delivery is acknowledged: stored in PostgreSQL with fsync on, then 202.

Floors in the same run: a bare ASGI answer, verifying the signature and reading the envelope, and one INSERT of the
body by the raw driver. The payload has the size of a real `pull_request` delivery; each delivery has a GUID of its own.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import secrets
import socket
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg_pool
from fastapi import FastAPI
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response

from app.bootstrap import open_context
from app.config import Settings
from app.db.migrate import upgrade
from app.demo.github.state import throwaway_key
from app.demo.servers import HOST, bind, served
from app.github.webhooks import read_envelope, verify_signature
from app.main import build_app
from app.postgres import EmbeddedPostgres
from benchmarks.report import Figure

CONNECTIONS = 16
REQUESTS = 4_000
BODY_BYTES = 24_000
SECRET = secrets.token_hex(20)
REPOSITORIES = 64


def _delivery(repository: int) -> tuple[bytes, str]:
    """A signed body of the size of a real one."""
    payload = {
        "action": "edited",
        "installation": {"id": 1},
        "repository": {"id": repository},
        "pull_request": {"body": secrets.token_hex(BODY_BYTES // 8) + "x" * (BODY_BYTES * 3 // 4)},
    }
    body = json.dumps(payload).encode()
    return body, "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


BODIES = [_delivery(repository) for repository in range(REPOSITORIES)]


async def measure_ack() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres") as postgres:
        upgrade(postgres.url)
        async with AsyncExitStack() as stack:
            context, queue = await stack.enter_async_context(open_context(_settings(), database_url=postgres.url))
            ours = bind(0)
            await stack.enter_async_context(served(build_app(context, queue, with_worker=False), ours))
            floors = bind(0)
            await stack.enter_async_context(served(_floors(), floors))
            insert = await _rate(lambda: _insert(context.database.pool))
            hello = await _post(floors, "/hello", BODIES)
            verify = await _post(floors, "/verify", BODIES)
            ack = await _post(ours, "/webhooks/github", BODIES)
            hot = await _post(ours, "/webhooks/github", BODIES[:1])
    return [
        Figure("bare ASGI answer, 24 kB POST", f"{hello:,.0f}/s"),
        Figure("signature and envelope only", f"{verify:,.0f}/s", f"{verify / hello:.2f} of the bare answer"),
        Figure("one INSERT of the body, raw driver", f"{insert:,.0f}/s"),
        Figure(f"durable ack, {REPOSITORIES} repositories", f"{ack:,.0f}/s", f"{ack / insert:.2f} of the INSERT"),
        Figure("durable ack, all for one repository", f"{hot:,.0f}/s", f"{hot / insert:.2f} of the INSERT"),
    ]


def _settings() -> Settings:
    secret = SecretStr("benchmark" * 4)
    return Settings(
        github_app_id=1,
        github_private_key=SecretStr(throwaway_key()),
        github_webhook_secret=SecretStr(SECRET),
        secret_key=secret,
        admin_token=secret,
    )


def _floors() -> FastAPI:
    app = FastAPI(openapi_url=None)

    async def hello(request: Request) -> Response:
        await request.body()
        return Response(status_code=202)

    async def verify(request: Request) -> Response:
        body = await request.body()
        assert verify_signature(SECRET, body, request.headers["x-hub-signature-256"])
        read_envelope(body)
        return Response(status_code=202)

    app.add_route("/hello", hello, methods=["POST"])
    app.add_route("/verify", verify, methods=["POST"])
    return app


async def _insert(pool: psycopg_pool.AsyncConnectionPool) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "insert into deliveries (guid, key, event, body) values (%s, 'floor', 'floor', %s)",
            (str(uuid.uuid4()), BODIES[0][0]),
        )


async def _post(listener: socket.socket, path: str, bodies: list[tuple[bytes, str]]) -> float:
    """Requests a second over keep-alive connections, by hand-written HTTP so that the client costs little."""
    port = listener.getsockname()[1]
    streams = [await asyncio.open_connection(HOST, port) for _ in range(CONNECTIONS)]
    following = itertools.cycle(bodies)
    free = asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]()
    for stream in streams:
        free.put_nowait(stream)

    async def one() -> None:
        reader, writer = await free.get()
        body, signature = next(following)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nX-GitHub-Event: pull_request\r\n"
            f"X-GitHub-Delivery: {uuid.uuid4()}\r\nX-Hub-Signature-256: {signature}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 202"), answer
        length = int(answer.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        free.put_nowait((reader, writer))

    rate = await _rate(one)
    for _, writer in streams:
        writer.close()
    return rate


async def _rate(one: Callable[[], Awaitable[None]]) -> float:
    left = iter(range(REQUESTS))

    async def work() -> None:
        for _ in left:
            await one()

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    return REQUESTS / (time.perf_counter() - began)
