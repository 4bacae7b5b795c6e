"""`fluxmig check`: APIs that the declared versions do not serve, for people and for CI."""

import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app import __version__
from app.cli.config_file import ConfigError
from app.cli.folders import CONFIG_HELP, Opened, open_folder
from app.domain.finding import Level
from app.domain.findings import Report, find_findings
from app.domain.render_findings import findings_to_json, findings_to_lines, findings_to_workflow_commands
from app.domain.sarif import findings_to_sarif
from app.folder import FolderError


class CheckFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def check(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A clone, a folder of it, or one file.")],
    format_: Annotated[CheckFormat, typer.Option("--format", help="How to write the findings.")] = CheckFormat.TEXT,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help=CONFIG_HELP)] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail too.")] = False,
) -> None:
    """Report uses of APIs that the declared versions do not serve, and stale schema comments.

    The exit status is 0 without errors, 1 with errors (with --strict also with warnings), and 2 when PATH could not be
    read.
    """
    try:
        opened = open_folder(path, config)
    except (FolderError, ConfigError) as error:
        typer.echo(f"fluxmig check: {error}", err=True)
        raise typer.Exit(2) from error
    unreadable = {one.path: one.why for one in opened.folder.unreadable}
    report = find_findings(opened.tree, opened.base, holds=opened.holds, unreadable=unreadable)
    for line in _render(report, opened, format_):
        typer.echo(line)
    if report.count(Level.ERROR) or (strict and report.count(Level.WARNING)):
        raise typer.Exit(1)


def _render(report: Report, opened: Opened, format_: CheckFormat) -> Iterator[str]:
    match format_:
        case CheckFormat.TEXT:
            yield from findings_to_lines(report)
        case CheckFormat.GITHUB:
            yield from findings_to_workflow_commands(report)
        case CheckFormat.JSON:
            yield json.dumps(findings_to_json(report), indent=2, ensure_ascii=False)
        case CheckFormat.SARIF:
            sarif = findings_to_sarif(report, opened.tree, version=__version__)
            yield json.dumps(sarif, indent=2, ensure_ascii=False)
