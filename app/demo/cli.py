"""`fluxmig demo`: the story of 2025-06-11 on this machine, with the real service and nothing to install."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import psycopg
import typer
from psycopg import sql
from rich.console import Console
from sqlalchemy.engine import make_url

from app.cli.service import UnreachableDatabase, check_database, fail, run_loop
from app.db.migrate import upgrade
from app.db.session import DatabaseUrlError, psycopg_url
from app.demo.acts import Acts, StoryStuck
from app.demo.record import Record
from app.demo.servers import NoFreePort, address_of, bind
from app.demo.stage import open_stage
from app.logging import configure_logging
from app.postgres import EmbeddedPostgres, PostgresError

DATABASE = "fluxmig_demo"


def demo(
    once: Annotated[bool, typer.Option("--once", help="Play without pauses and end with status 0.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write one JSON object a line; - for standard output.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port of the page; the next free one is taken if it is not free.")] = 8080,
    pace: Annotated[float, typer.Option(help="Seconds between two acts.")] = 4.0,
    data_dir: Annotated[Path, typer.Option(help="Where the bundled PostgreSQL keeps its data.")] = Path(".data/demo"),
) -> None:
    """Play the story of 18 Renovate pull requests: the real service, with GitHub, Renovate and cluster stood in for."""
    configure_logging("console", level=40)
    console = Console(stderr=json_file == Path("-"))
    try:
        listener = bind(port)
        with _database(console, data_dir) as url, _output(json_file) as out:
            run_loop(lambda: _play(url, listener, console, out, once=once, pace=pace, port=port))
    except (PostgresError, DatabaseUrlError, UnreachableDatabase, NoFreePort, StoryStuck) as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        console.print("\nStopped.")


async def _play(
    url: str, listener: socket.socket, console: Console, out: IO[str] | None, *, once: bool, pace: float, port: int
) -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        async with open_stage(url, listener, refresh_seconds=None if once else 2) as stage:
            if address_of(listener).rpartition(":")[2] != str(port):
                console.print(f"  Port {port} is taken; using the next free one.", markup=False)
            console.print(f"  page       {stage.page}", markup=False)
            record = Record(stage, console, out)

            async def pause() -> None:
                await asyncio.sleep(0 if once else pace)

            await Acts(stage, record, pause).play()
            if not once:
                console.print(f"\nThe page stays open until Ctrl-C: {stage.page}", markup=False)
                await asyncio.Event().wait()


@contextmanager
def _output(path: Path | None) -> Iterator[IO[str] | None]:
    if path is None:
        yield None
    elif path == Path("-"):
        yield typer.get_text_stream("stdout")
    else:
        with path.open("w", encoding="utf-8") as out:
            yield out


@contextmanager
def _database(console: Console, data_dir: Path) -> Iterator[str]:
    """A fresh database for this showing, on DATABASE_URL's server or on the bundled one."""
    given = os.environ.get("DATABASE_URL")
    if given:
        check_database(given)
        console.print(f"  database   {DATABASE}, on the server of DATABASE_URL", markup=False)
        yield _fresh(given)
        return
    with EmbeddedPostgres(data_dir / "postgres") as postgres:
        console.print(f"  database   PostgreSQL, bundled, in {data_dir}", markup=False)
        yield _fresh(postgres.url)


def _fresh(server: str) -> str:
    """The URL of a new, migrated database. Raises UnreachableDatabase where the user may not make one."""
    url = make_url(psycopg_url(server)).set(database=DATABASE).render_as_string(hide_password=False)
    name = sql.Identifier(DATABASE)
    try:
        with psycopg.connect(psycopg_url(server), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(name))
            connection.execute(sql.SQL("create database {}").format(name))
    except psycopg.errors.InsufficientPrivilege as error:
        raise UnreachableDatabase(
            f"The user of DATABASE_URL may not create the database {DATABASE}: {error.diag.message_primary}. "
            "Unset DATABASE_URL to use the bundled PostgreSQL."
        ) from None
    upgrade(url)
    return url
