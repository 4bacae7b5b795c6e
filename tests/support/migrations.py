"""A repository of a few files, migrated and checked in one call."""

from app.catalogue import load_catalogue
from app.domain.base_facts import BaseFacts, read_base
from app.domain.findings import Report, find_findings
from app.domain.liveness import is_live
from app.domain.migration import Migration, Wish
from app.domain.migration_plan import plan_migration
from app.domain.model import Tree
from app.domain.served_versions import parse_target
from tests.support.flux_repository import INSTANCE, ROOTS, instance
from tests.support.story_repository import tree_of


def repository(files: dict[str, str], flux: str | None = "2.6.1") -> tuple[Tree, BaseFacts]:
    """One cluster that declares this Flux, or none."""
    declared = {INSTANCE: instance(flux)} if flux else {}
    tree = tree_of({**ROOTS, **declared, **files})
    return tree, read_base(tree, load_catalogue())


def migrated(
    files: dict[str, str],
    flux: str | None = "2.6.1",
    *,
    to: tuple[str, ...] = (),
    kinds: tuple[str, ...] = (),
    stale_comments: bool = False,
    below: str = "",
) -> Migration:
    tree, base = repository(files, flux)
    wish = Wish(
        holds=lambda path: is_live(path) and path.startswith(below),
        kinds=frozenset(kinds),
        targets=tuple(parse_target(text, load_catalogue()) for text in to),
        stale_comments=stale_comments,
    )
    return plan_migration(tree, base, wish)


def after(files: dict[str, str], migration: Migration) -> dict[str, str]:
    """The files once the migration is written."""
    return {path: migration.texts.get(path, text) for path, text in files.items()}


def checked(files: dict[str, str], flux: str | None = "2.6.1") -> Report:
    tree, base = repository(files, flux)
    return find_findings(tree, base, holds=is_live, unreadable={})
