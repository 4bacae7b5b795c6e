"""Objects from a file with one JSON object a line; a line that is none ends the command, with its place."""

import json
from collections.abc import Iterable, Iterator

import typer


def read_objects(source: Iterable[str], name: str) -> Iterator[dict[str, object]]:
    """Each line that is not blank. A line that is no JSON object ends the command with status 2."""
    for number, text in enumerate(source, start=1):
        if not text.strip():
            continue
        try:
            fields = json.loads(text)
        except ValueError as error:
            typer.echo(f"{name}:{number}: not JSON: {error}", err=True)
            raise typer.Exit(2) from None
        if not isinstance(fields, dict):
            typer.echo(f"{name}:{number}: expected an object, found {type(fields).__name__}", err=True)
            raise typer.Exit(2)
        yield fields
