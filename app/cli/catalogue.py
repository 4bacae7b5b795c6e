"""`fluxmig catalogue`: what is known of providers and their APIs, whether a file of one's own is right, and where the
facts come from."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.catalogue import load_catalogue
from app.catalogue.checking import check_text
from app.cli.derive import derive
from app.domain.kind_lookup import find_kinds, list_near, list_whole_groups
from app.domain.messages.catalogue import unknown_kind_sentence
from app.domain.render_catalogue import kinds_to_json, kinds_to_text, list_to_json, list_to_text

catalogue = typer.Typer(
    help="What is known of providers and the APIs that they serve.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


class CatalogueFormat(StrEnum):
    TEXT = "text"
    JSON = "json"


Format = Annotated[CatalogueFormat, typer.Option("--format", help="How to write it.")]


@catalogue.command("list")
def list_providers(format_: Format = CatalogueFormat.TEXT) -> None:
    """List the providers that the catalogue knows."""
    known = load_catalogue()
    typer.echo(_json(list_to_json(known)) if format_ is CatalogueFormat.JSON else list_to_text(known), nl=False)


@catalogue.command()
def show(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="A kind, also with its group and version.")],
    format_: Format = CatalogueFormat.TEXT,
) -> None:
    """Show what is known of a kind: who serves which version of it from when to when, its fields, and the source."""
    known = load_catalogue()
    found = find_kinds(known, kind)
    if not found:
        near, groups = list_near(known, kind), list_whole_groups(known, kind)
        sentence = unknown_kind_sentence(wanted=kind, near=near, groups=groups)
        typer.echo(f"fluxmig catalogue show: {sentence}", err=True)
        raise typer.Exit(1)
    typer.echo(_json(kinds_to_json(found)) if format_ is CatalogueFormat.JSON else kinds_to_text(found), nl=False)


@catalogue.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file with `providers:`, or with one provider.")],
) -> None:
    """Check a file that extends the catalogue: .github/fluxmig.yaml, or one provider in a file of its own."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        typer.echo(f"fluxmig catalogue check: {file}: {reason}", err=True)
        raise typer.Exit(2) from error
    checked = check_text(str(file), text, load_catalogue())
    for told in checked.entries:
        typer.echo(f"{file}: {told}")
    for mistake in checked.errors:
        typer.echo(str(mistake), err=True)
    if checked.errors:
        raise typer.Exit(2)


catalogue.command()(derive)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
