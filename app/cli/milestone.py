"""`fluxmig milestone`: plan a migration, in a running service or of a clone."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.catalogue import load_catalogue
from app.catalogue.configured import configuration_in_use
from app.cli.arguments import RepositoryName, Url
from app.cli.plan import parse_pull_request
from app.cli.show import ask, ask_text, echo_json
from app.domain.base_facts import read_base
from app.domain.configured_plan import plan_configured
from app.domain.messages.milestone import default_title
from app.domain.milestone import MemberFacts, MilestoneFacts
from app.domain.milestone_conflicts import find_outdated
from app.domain.milestone_plan import parse_goal, plan_milestone
from app.domain.milestone_served import find_served
from app.domain.milestone_state import judge_milestone
from app.domain.model import PullRequestStatus, Snapshot
from app.domain.plain import plain
from app.domain.render_milestone import milestone_to_json, milestone_to_markdown
from app.domain.served_versions import BadTarget
from app.git import GitError, GitRepository

milestone = typer.Typer(
    help="A migration as people plan it: phases, criteria that tick themselves, risks, lessons.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


class MilestoneFormat(StrEnum):
    MARKDOWN = "markdown"
    JSON = "json"


Number = Annotated[int, typer.Argument(min=1, help="The milestone.")]
Format = Annotated[MilestoneFormat, typer.Option("--format", help="How to write it.")]
Goal = Annotated[
    str,
    typer.Option(metavar="GOAL", help="A provider and a version: `Flux 2.6.1`; without it, all that is open."),
]
Title = Annotated[str, typer.Option(help="What to call it.")]


@milestone.command("create")
def create(
    repository: RepositoryName,
    goal: Goal = "",
    title: Title = "",
    issue: Annotated[bool, typer.Option("--issue", help="Keep it as a GitHub issue too, in mode `act`.")] = False,
    url: Url = "",
) -> None:
    """Have the service plan a migration and follow it."""
    wanted = {"goal": goal, "title": title, "issue": issue}
    made = ask("POST", f"/repositories/{repository}/milestones", url, json=wanted)
    typer.echo(f"{made['number']}  {plain(made['title'])}: {made['resolved']} of {made['total']} resolved")
    typer.echo(made["page"])


@milestone.command("list")
def list_all(repository: RepositoryName, url: Url = "") -> None:
    """List the milestones of a repository, the newest first."""
    for one in ask("GET", f"/repositories/{repository}/milestones", url)["items"]:
        standing = one["closed_why"] or f"{one['resolved']} of {one['total']} resolved"
        typer.echo(f"{one['number']:>3}  {plain(one['title'])}: {plain(standing)}")


@milestone.command("show")
def show(repository: RepositoryName, number: Number, format_: Format = MilestoneFormat.MARKDOWN, url: Url = "") -> None:
    """Show how a milestone stands."""
    path = f"/repositories/{repository}/milestones/{number}"
    if format_ is MilestoneFormat.JSON:
        echo_json(ask("GET", path, url))
    else:
        typer.echo(_safe(ask_text(f"{path}/markdown", url)), nl=False)


@milestone.command("close")
def close(repository: RepositoryName, number: Number, url: Url = "") -> None:
    """End a milestone before it is reached."""
    ended: dict[str, Any] = ask("POST", f"/repositories/{repository}/milestones/{number}/close", url)
    typer.echo(f"{ended['number']}  {plain(ended['title'])}: {plain(ended['closed_why'])}")


@milestone.command("plan")
def plan(
    git: Annotated[Path, typer.Option(help="A clone or a bare repository.")],
    base: Annotated[str, typer.Option(help="The revision that the pull requests are to be merged into.")],
    pr: Annotated[list[str] | None, typer.Option(metavar="NUMBER=REV", help="A pull request and its head.")] = None,
    goal: Goal = "",
    title: Title = "",
    format_: Format = MilestoneFormat.MARKDOWN,
) -> None:
    """Plan a migration from a clone, without GitHub and without a service."""
    try:
        repository = GitRepository(git)
        numbered = [parse_pull_request(text) for text in pr or []]
        read = tuple(repository.pull_request(number, revision, base) for number, revision in numbered)
        snapshot = Snapshot(base=base, tree=repository.tree(base), pull_requests=read, now=datetime.now(UTC))
        in_use = configuration_in_use(snapshot.tree, load_catalogue())
        wanted = parse_goal(goal, in_use.catalogue)
        planned = plan_configured(snapshot, in_use)
        made = plan_milestone(planned, snapshot, in_use.catalogue, wanted)
    except (GitError, BadTarget, ValueError) as error:
        typer.echo(f"fluxmig milestone plan: {error}", err=True)
        raise typer.Exit(2) from error
    members = {
        one.number: MemberFacts(PullRequestStatus.OPEN, one.state, one.reason)
        for one in planned.pull_requests
        if one.by_renovate
    }
    facts = MilestoneFacts(
        members=members,
        served=find_served(made.apis, snapshot, read_base(snapshot.tree, in_use.catalogue)),
        outdated=find_outdated(snapshot.tree, (api.gvk for api in made.apis)),
        passing=made.passing,
        open=made.open,
    )
    now, called = judge_milestone(made, facts), title or default_title(str(wanted))
    if format_ is MilestoneFormat.JSON:
        echo_json(milestone_to_json(called, now))
    else:
        typer.echo(_safe(milestone_to_markdown(called, now)), nl=False)


def _safe(text: str) -> str:
    return "\n".join(plain(line) for line in text.split("\n"))
