"""`fluxmig lint FILE` and `fluxmig schema`: is a repository's configuration right, and what may stand in it."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.catalogue import load_catalogue
from app.catalogue.configured import read_configuration
from app.cli.config_file import ConfigError, read_config_text
from app.domain.messages.config import modeline_note
from app.domain.modeline import SCHEMA_FILE, SCHEMA_PATH, modeline_of
from app.domain.policy import POLICY_FILES
from app.domain.policy_file import Problem
from app.domain.policy_form import policy_schema_text


class LintFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def lint(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The configuration.")] = Path(POLICY_FILES[0]),
    format_: Annotated[LintFormat, typer.Option("--format", help="How to write what is wrong.")] = LintFormat.TEXT,
) -> None:
    """Check a repository's configuration; every mistake with its line and column.

    Exit status: 0 it is right, 1 it has mistakes, 2 it cannot be read.
    """
    try:
        source = read_config_text(file)
    except ConfigError as error:
        typer.echo(f"fluxmig lint: {error}", err=True)
        raise typer.Exit(2) from error
    read = read_configuration(source, load_catalogue())
    typer.echo(_render(file, read.problems, format_), nl=False)
    if read.problems:
        raise typer.Exit(1)
    rules = len(read.policy.rules) if read.policy else 0
    if format_ is LintFormat.TEXT:
        typer.echo(f"{file}: right; {rules} {'rule' if rules == 1 else 'rules'}")
        typer.echo(modeline_note(source.text), err=True)


def schema(
    modeline: Annotated[
        bool, typer.Option("--modeline", help="Print the first line for the configuration that names the schema.")
    ] = False,
    service: Annotated[
        str,
        typer.Option(metavar="URL", envvar="FLUXMIG_PUBLIC_URL", help="The service that serves the schema to editors."),
    ] = "",
) -> None:
    """Print the JSON Schema of a repository's configuration, for editors, or the line that points them to it."""
    if modeline:
        address = f"{service.rstrip('/')}{SCHEMA_PATH}" if service else SCHEMA_FILE
        typer.echo(modeline_of(address))
        return
    typer.echo(policy_schema_text(), nl=False)


def _render(file: Path, problems: tuple[Problem, ...], format_: LintFormat) -> str:
    match format_:
        case LintFormat.TEXT:
            return "".join(f"{file}:{found.line}:{found.column}: {found.message}\n" for found in problems)
        case LintFormat.GITHUB:
            return "".join(_annotation(file, found) for found in problems)
        case LintFormat.JSON:
            rows = [
                {"file": str(file), "line": found.line, "column": found.column, "message": found.message}
                for found in problems
            ]
            return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def _annotation(file: Path, found: Problem) -> str:
    """https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message"""
    at = f"file={_escaped(str(file), ':,')},line={found.line},col={found.column}"
    return f"::error {at},title=fluxmig::{_escaped(found.message)}\n"


def _escaped(text: str, more: str = "") -> str:
    for sign in "%\r\n" + more:
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text
