"""`fluxmig migrate`: the manifests of a folder, moved to the newest APIs that their clusters serve."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.config_file import ConfigError
from app.cli.folders import CONFIG_HELP, Opened, open_folder
from app.domain.migration import Wish
from app.domain.migration_plan import plan_migration
from app.domain.plain import plain
from app.domain.render_migration import migration_to_diff, migration_to_lines
from app.domain.served_versions import BadTarget, Target, parse_target
from app.folder import FolderError, write_files


class _BadOption(Exception):
    """An option does not say what it should. The message is for the person who wrote it."""


def migrate(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A clone, a folder of it, or one file.")],
    to: Annotated[
        list[str] | None,
        typer.Option(
            metavar="VERSION", help="2.6 (of Flux) or external-secrets=0.16, instead of what Git declares. Repeatable."
        ),
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(metavar="KIND", help="Only this Kind, or group/Kind. Repeatable.")
    ] = None,
    config: Annotated[Path | None, typer.Option(metavar="FILE", help=CONFIG_HELP)] = None,
    stale_comments: Annotated[
        bool, typer.Option("--stale-comments", help="Also correct schema comments of documents that stay.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write no file, but a diff to standard output.")] = False,
) -> None:
    """Rewrite manifests to the newest API that the declared versions serve, and list what is left and why.

    The exit status is 0 when nothing is left for a person, 1 when something is, and 2 when nothing could be done.
    """
    try:
        opened = open_folder(path, config)
        wish = Wish(
            holds=opened.holds,
            kinds=_known_kinds(kind or [], opened),
            targets=_targets(to or [], opened),
            stale_comments=stale_comments,
        )
        migration = plan_migration(opened.tree, opened.base, wish)
        if dry_run:
            typer.echo(migration_to_diff(migration, opened.tree), nl=False)
        else:
            write_files(opened.folder, migration.texts)
    except (FolderError, BadTarget, _BadOption, ConfigError) as error:
        typer.echo(f"fluxmig migrate: {error}", err=True)
        raise typer.Exit(2) from error
    unread = [one for one in opened.folder.unreadable if opened.holds(one.path)]
    for one in unread:
        typer.echo(plain(f"{one.path}: left: it {one.why}"), err=dry_run)
    for line in migration_to_lines(migration, dry_run=dry_run):
        typer.echo(line, err=dry_run)
    if migration.left or unread:
        raise typer.Exit(1)


def _targets(texts: list[str], opened: Opened) -> tuple[Target, ...]:
    targets = [parse_target(text, opened.catalogue) for text in texts]
    twice = {target.provider for target in targets if [one.provider for one in targets].count(target.provider) > 1}
    if twice:
        raise _BadOption(f"--to names {' and '.join(sorted(twice))} twice; give one version of each")
    return tuple(targets)


def _known_kinds(kinds: list[str], opened: Opened) -> frozenset[str]:
    known = {kind for provider in opened.catalogue.providers.values() for kind in provider.kinds}
    for wanted in kinds:
        group, _, name = wanted.rpartition("/")
        if not any(one == name and (not group or one_group == group) for one_group, one in known):
            raise _BadOption(f"--kind {wanted}: the catalogue knows no such kind; write OCIRepository, or group/Kind")
    return frozenset(kinds)
