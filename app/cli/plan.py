"""`fluxmig plan`: the plan of a local clone, without GitHub and without a database."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.catalogue import load_catalogue
from app.catalogue.configured import configuration_in_use
from app.cli.config_file import ConfigError, read_config_file
from app.domain.configured_plan import plan_configured
from app.domain.model import Plan, PullRequest, Snapshot
from app.domain.planjson import plan_to_json
from app.domain.policy import PolicyInUse
from app.domain.render_markdown import plan_to_markdown
from app.domain.render_mermaid import plan_to_mermaid
from app.domain.render_table import plan_to_table
from app.git import GitError, GitRepository


class PlanFormat(StrEnum):
    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    MERMAID = "mermaid"


def plan(
    git: Annotated[Path, typer.Option(help="A clone or a bare repository.")],
    base: Annotated[str, typer.Option(help="The revision that the pull requests are to be merged into.")],
    pr: Annotated[list[str] | None, typer.Option(metavar="NUMBER=REV", help="A pull request and its head.")] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A configuration to use instead of the base's own.")
    ] = None,
    format_: Annotated[PlanFormat, typer.Option("--format", help="How to write the plan.")] = PlanFormat.TABLE,
) -> None:
    """Plan the pull requests of a local Git repository, and say why."""
    try:
        in_place = read_config_file(config) if config else None
        made = plan_git(git, base, [parse_pull_request(text) for text in pr or []], config=in_place)
    except (GitError, ConfigError, ValueError) as error:
        typer.echo(f"fluxmig plan: {error}", err=True)
        raise typer.Exit(2) from error
    typer.echo(_render(made, format_), nl=False)


def plan_git(path: Path, base: str, pull_requests: list[tuple[int, str]], *, config: PolicyInUse | None = None) -> Plan:
    """The plan of a repository with these heads, number and revision, under `config` or that of `base`. Raises
    GitError."""
    repository = GitRepository(path)
    read: list[PullRequest] = [repository.pull_request(number, revision, base) for number, revision in pull_requests]
    snapshot = Snapshot(base=base, tree=repository.tree(base), pull_requests=tuple(read), now=datetime.now(UTC))
    return plan_configured(snapshot, config or configuration_in_use(snapshot.tree, load_catalogue()))


def parse_pull_request(text: str) -> tuple[int, str]:
    """`34=origin/renovate/ocirepository-1.x`. Raises ValueError."""
    number, separator, revision = text.partition("=")
    if not separator or not revision or not number.lstrip("#").isdecimal():
        raise ValueError(f"--pr {text} is not NUMBER=REV, such as 34=origin/renovate/ocirepository-1.x")
    return int(number.lstrip("#")), revision


def _render(made: Plan, format_: PlanFormat) -> str:
    match format_:
        case PlanFormat.TABLE:
            return plan_to_table(made)
        case PlanFormat.JSON:
            return json.dumps(plan_to_json(made), indent=2, ensure_ascii=False) + "\n"
        case PlanFormat.MARKDOWN:
            return plan_to_markdown(made)
        case PlanFormat.MERMAID:
            return plan_to_mermaid(made)
