"""Ask and steer a running service's database: `explain`, `sync`, `replay`."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from app.bootstrap import open_context
from app.cli.service import fail, migrated_database, settings_or_exit
from app.db.deliveries import replay_delivery
from app.db.models import Repository
from app.db.plans import get_document
from app.db.pull_requests import get_pull_request
from app.db.repositories import find_repository
from app.db.work import want
from app.services.context import AppContext
from app.services.sweep import ask_for_repository
from app.worker import Queue

T = TypeVar("T")
RepositoryName = Annotated[str, typer.Argument(metavar="OWNER/NAME", help="The repository.")]


def explain(repository: RepositoryName, number: Annotated[int, typer.Argument(help="The pull request.")]) -> None:
    """Say why a pull request is in its state."""
    typer.echo(_run(lambda context, _: _explain(context, repository, number)))


async def _explain(context: AppContext, name: str, number: int) -> str:
    async with context.database.transaction() as session:
        found = await _find(context, name)
        row = await get_pull_request(session, found.id, number)
        document = await get_document(session, found.id)
    if row is None:
        fail(f"{name} has no pull request #{number} that fluxmig knows.")
    lines = [f"#{number} {row.title}", f"{row.state}: {row.reason}"]
    for edge in (document or {}).get("edges", ()):
        if edge["from"] == number:
            target = f"#{edge['to']}" if edge["to"] is not None else "nothing open"
            lines.append(
                f"  waits for {target} ({edge['kind']}, {edge['strength']}, {edge['condition']}): {edge['reason']}"
            )
            lines += [f"    {line['file']}:{line['line']}: {line['text']}" for line in edge["evidence"]]
    return "\n".join(lines)


def sync(repository: RepositoryName) -> None:
    """Have a running worker read a repository from GitHub anew."""
    _run(lambda context, queue: _sync(context, queue, repository))
    typer.echo(f"A worker will look at {repository} anew.")


async def _sync(context: AppContext, queue: Queue, name: str) -> None:
    found = await _find(context, name)
    await ask_for_repository(context, found.id)
    await queue.flush()


def replay(guid: Annotated[str, typer.Argument(help="The delivery's GUID, as GitHub shows it.")]) -> None:
    """Put a stored delivery back into the inbox."""
    _run(lambda context, queue: _replay(context, queue, guid))
    typer.echo(f"{guid} is back in the inbox.")


async def _replay(context: AppContext, queue: Queue, guid: str) -> None:
    async with context.database.transaction() as session:
        key = await replay_delivery(session, guid)
        if key is None:
            fail(f"There is no delivery {guid}.")
        await want(session, key)
    context.wake(key)
    await queue.flush()


async def _find(context: AppContext, name: str) -> Repository:
    owner, _, short = name.partition("/")
    async with context.database.transaction() as session:
        found = await find_repository(session, owner, short)
    if found is None:
        fail(f"fluxmig knows no repository {name}. Is the App installed on it?")
    return found


def _run(ask: Callable[[AppContext, Queue], Awaitable[T]]) -> T:
    settings = settings_or_exit()

    async def main(url: str) -> T:
        async with open_context(settings, database_url=url) as (context, queue):
            return await ask(context, queue)

    with migrated_database(settings) as url:
        return asyncio.run(main(url))
