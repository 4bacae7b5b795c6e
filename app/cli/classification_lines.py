"""Lines of JSON in, classifications out: the form that `fluxmig classify` and `fluxmig accuracy` share."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import typer

from app.domain.classification import PullRequestText

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Line:
    """One object of the file. `where` is `file:line`."""

    where: str
    fields: dict[str, object]


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is no pull request: `message` starts with `file:line`."""

    message: str


@contextmanager
def open_input(name: str) -> Iterator[TextIO]:
    """The named file as UTF-8, or standard input for `-`. What cannot be read ends the command with status 2."""
    try:
        if name == STANDARD_INPUT:
            yield sys.stdin
            return
        with Path(name).open(encoding="utf-8") as file:
            yield file
    except UnicodeDecodeError as error:
        typer.echo(f"{name}: not UTF-8: {error}", err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        typer.echo(f"{name}: {error.strerror or error}", err=True)
        raise typer.Exit(2) from None


def read_lines(source: Iterable[str], name: str) -> Iterator[Line | BadLine]:
    """Each line that is not blank, parsed; JSON has to be an object with at least a title."""
    shown = "stdin" if name == STANDARD_INPUT else name
    for number, text in enumerate(source, start=1):
        where = f"{shown}:{number}"
        if not text.strip():
            continue
        try:
            fields = json.loads(text)
        except ValueError as error:
            yield BadLine(f"{where}: not JSON: {error}")
            continue
        if not isinstance(fields, dict):
            yield BadLine(f"{where}: expected an object, found {type(fields).__name__}")
        elif problem := _problem(fields):
            yield BadLine(f"{where}: {problem}")
        else:
            yield Line(where, fields)


def pull_request_text(fields: dict[str, object]) -> PullRequestText:
    """The evidence in a parsed line. `labels` that are no list are not labels of a pull request and are ignored."""
    return PullRequestText(
        title=_text(fields, "title") or "",
        files=tuple(_texts(fields.get("files"))),
        patch=_text(fields, "patch") or "",
        body=_text(fields, "body"),
        branch=_text(fields, "branch"),
        labels=frozenset(_texts(fields.get("labels"))),
        commit_body=_text(fields, "commit_body"),
        repo=_text(fields, "repo"),
    )


def _problem(fields: dict[str, object]) -> str | None:
    if not isinstance(fields.get("title"), str):
        return 'needs "title", a text'
    for name in ("patch", "body", "branch", "commit_body", "repo"):
        if not isinstance(fields.get(name), str | None):
            return f'"{name}" must be a text'
    files = fields.get("files")
    if files is not None and not (isinstance(files, list) and all(isinstance(path, str) for path in files)):
        return '"files" must be a list of paths'
    return None


def _text(fields: dict[str, object], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
