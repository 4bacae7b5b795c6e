"""`fluxmig classify FILE.jsonl`: what each pull request of a file is, without GitHub and without a database."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.classification_lines import (
    BadLine,
    open_input,
    pull_request_text,
    read_lines,
)
from app.cli.config_file import ConfigError, read_config_file
from app.domain.planjson import classification_to_json
from app.domain.policy import DEFAULT_POLICY
from app.domain.reading import classify_text


def classify(
    file: Annotated[
        str, typer.Argument(metavar="FILE.jsonl", help="Pull requests, one JSON object a line; - for stdin.")
    ],
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A repository's .github/fluxmig.yaml, whose rules are to speak.")
    ] = None,
) -> None:
    """Classify pull requests: one line in, one line out.

    Reads {"repo", "title", "branch"?, "body"?, "labels"?, "files", "patch"} a line and writes {"update_type",
    "component", "component_class", "grouped", "updates", "confidence", "reasons", "rules",
    "also_changes"} a line. A line that cannot be read is
    named on stderr and left out; the exit status is then 2.
    """
    try:
        policy = read_config_file(config).policy if config else DEFAULT_POLICY
    except ConfigError as error:
        typer.echo(f"fluxmig classify: {error}", err=True)
        raise typer.Exit(2) from error
    failed = False
    with open_input(file) as source:
        for line in read_lines(source, file):
            if isinstance(line, BadLine):
                failed = True
                typer.echo(line.message, err=True)
                continue
            result = classify_text(pull_request_text(line.fields), policy)
            sys.stdout.write(json.dumps(classification_to_json(result), ensure_ascii=False) + "\n")
    if failed:
        raise typer.Exit(2)
