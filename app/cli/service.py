"""Run the service: `serve`, `worker`, `upgrade-database`, `healthcheck`."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, NoReturn

import httpx
import psycopg
import typer
import uvicorn

from app.bootstrap import channels_of, open_context
from app.cli.arguments import Url
from app.config import Settings, SettingsError, load_settings
from app.db.migrate import DatabaseTooNew, upgrade
from app.db.session import DatabaseUrlError, psycopg_url
from app.kubernetes.access import AccessError
from app.logging import configure_logging
from app.main import build_app
from app.postgres import EmbeddedPostgres, PostgresError
from app.web.server import Server
from app.worker import ask_for_app


def fail(message: str, *, status: int = 1) -> NoReturn:
    """End with a sentence on standard error."""
    typer.secho(message, err=True, fg=typer.colors.RED)
    raise typer.Exit(status)


def settings_or_exit() -> Settings:
    try:
        settings = load_settings()
        channels_of(settings)
        return settings
    except SettingsError as error:
        fail(f"fluxmig cannot start:\n{error}", status=2)


@contextmanager
def migrated_database(settings: Settings) -> Iterator[str]:
    """The URL of a database at the newest revision: DATABASE_URL's, or a bundled PostgreSQL that ends with us."""
    try:
        if settings.database_url:
            check_database(settings.database_url)
            upgrade(settings.database_url)
            yield settings.database_url
            return
        with EmbeddedPostgres(settings.data_dir / "postgres") as postgres:
            upgrade(postgres.url)
            yield postgres.url
    except (AccessError, PostgresError, DatabaseTooNew, DatabaseUrlError, UnreachableDatabase) as error:
        fail(str(error))


class UnreachableDatabase(Exception):
    """DATABASE_URL is well-formed, but nothing there lets us in; the text has no password."""


def check_database(url: str) -> None:
    """Raises DatabaseUrlError or UnreachableDatabase with a sentence that names host and cause."""
    libpq = psycopg_url(url)
    try:
        with psycopg.connect(libpq, connect_timeout=5) as connection:
            if connection.info.server_version < 140000:
                raise UnreachableDatabase(
                    "DATABASE_URL leads to a PostgreSQL older than 14; fluxmig needs 14 or newer."
                )
    except psycopg.OperationalError as error:
        cause = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        raise UnreachableDatabase(
            f"DATABASE_URL does not lead to a PostgreSQL that lets fluxmig in: {cause}\n"
            "Unset it to use the bundled PostgreSQL, or mend host, user, password and database name."
        ) from None


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; default FLUXMIG_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; default FLUXMIG_PORT.")] = None,
) -> None:
    """Run web and worker in one process."""
    settings = settings_or_exit()
    configure_logging(settings.log_format)
    listen = (host or settings.host, port or settings.port)
    if not is_free(*listen):
        fail(f"{listen[0]}:{listen[1]} is taken. Choose another port with --port or FLUXMIG_PORT.")
    with migrated_database(settings) as url:
        run_loop(lambda: _serve(settings, url, *listen))


async def _serve(settings: Settings, url: str, host: str, port: int) -> None:
    async with open_context(settings, database_url=url) as (context, queue):
        app = build_app(context, queue, with_worker=True)
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
        server = Server(config)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, setattr, server, "should_exit", True)
        await server.serve()


def worker() -> None:
    """Run a worker alone, beside any number of others."""
    settings = settings_or_exit()
    configure_logging(settings.log_format)
    with migrated_database(settings) as url:
        run_loop(lambda: _work(settings, url))


async def _work(settings: Settings, url: str) -> None:
    async with open_context(settings, database_url=url) as (context, queue):
        await ask_for_app(context)
        await queue.run(install_signal_handlers=True)


def upgrade_database() -> None:
    """Bring the database to the schema of this version."""
    with migrated_database(settings_or_exit()):
        typer.echo("The database is at the newest revision.")


def healthcheck(url: Url = "") -> None:
    """Ask a running service whether it is ready: exit status 0 or 1. For container health checks."""
    base = url or service_url()
    try:
        response = httpx.get(f"{base}/healthz", timeout=5, trust_env=False)
    except httpx.HTTPError as error:
        fail(f"{base} does not answer: {error}")
    typer.echo(response.text)
    if response.status_code != 200:
        raise typer.Exit(1)


def service_url() -> str:
    """Where a service with this environment listens, seen from the same machine."""
    host = os.environ.get("FLUXMIG_HOST", "127.0.0.1").replace("0.0.0.0", "127.0.0.1")  # noqa: S104 (none is bound)
    return f"http://{host}:{os.environ.get('FLUXMIG_PORT', '8080')}"


def is_free(host: str, port: int) -> bool:
    """Whether one can listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def run_loop(main: "Callable[[], object]") -> None:
    """Run an async main on uvloop where there is one; psycopg cannot use Windows' default loop."""
    coroutine = main()
    assert asyncio.iscoroutine(coroutine)
    if sys.platform == "win32":
        asyncio.run(coroutine)
        return
    import uvloop  # noqa: PLC0415 (there is none on Windows)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(coroutine)
