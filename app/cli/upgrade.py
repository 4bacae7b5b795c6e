"""`fluxmig upgrade`: what an upgrade would take, in which order, before anybody opens it."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.catalogue import load_catalogue
from app.catalogue.configured import configuration_in_use
from app.cli.plan import parse_pull_request
from app.domain.configured_plan import without_ignored
from app.domain.model import Snapshot
from app.domain.outlook import Outlook, look_ahead
from app.domain.plain import plain
from app.domain.render_outlook import outlook_to_json, outlook_to_markdown, outlook_to_text
from app.domain.served_versions import BadTarget, parse_target
from app.folder import FolderError, read_folder
from app.git import GitError, GitRepository


class OutlookFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def upgrade(
    provider: Annotated[str, typer.Argument(metavar="PROVIDER", help="Flux, or another one of the catalogue.")],
    version: Annotated[str, typer.Argument(metavar="VERSION", help="A minor such as 2.8, or a release.")],
    path: Annotated[Path, typer.Argument(metavar="[PATH]", help="A clone.")] = Path(),
    base: Annotated[str, typer.Option(help="With --pr: the revision to look at.")] = "HEAD",
    pr: Annotated[
        list[str] | None, typer.Option(metavar="NUMBER=REV", help="An open pull request and its head.")
    ] = None,
    format_: Annotated[OutlookFormat, typer.Option("--format", help="How to write it.")] = OutlookFormat.TEXT,
) -> None:
    """Say what an upgrade takes: what must change before, in which order, over which versions, and what it unlocks."""
    try:
        found = _look(path, f"{provider} {version}", base, pr or [])
    except (FolderError, GitError, BadTarget, ValueError) as error:
        typer.echo(f"fluxmig upgrade: {error}", err=True)
        raise typer.Exit(2) from error
    match format_:
        case OutlookFormat.TEXT:
            told = "\n".join(plain(line) for line in outlook_to_text(found).split("\n"))
        case OutlookFormat.JSON:
            told = json.dumps(outlook_to_json(found), indent=2, ensure_ascii=False) + "\n"
        case OutlookFormat.MARKDOWN:
            told = outlook_to_markdown(found)
    typer.echo(told, nl=False)


def _look(path: Path, target: str, base: str, pull_requests: list[str]) -> Outlook:
    """The folder as it lies there; with pull requests, their base as Git has it."""
    if pull_requests:
        repository = GitRepository(path)
        numbered = [parse_pull_request(text) for text in pull_requests]
        read = tuple(repository.pull_request(number, revision, base) for number, revision in numbered)
        tree = repository.tree(base)
    else:
        read, tree = (), read_folder(path).tree
    in_use = configuration_in_use(tree, load_catalogue())
    snapshot = Snapshot(base=base, tree=tree, pull_requests=read, now=datetime.now(UTC))
    asked = parse_target(target, in_use.catalogue, said="")
    return look_ahead(without_ignored(snapshot, in_use.policy), in_use.catalogue, asked)
