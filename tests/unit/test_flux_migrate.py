"""Beside `flux migrate -f`, which goes by text alone (fluxcd/flux2 cmd/flux/migrate.go)."""

import re
from itertools import pairwise

import pytest

from app.catalogue import load_catalogue
from app.demo.story import base_files
from app.domain.api_order import api_priority
from app.domain.base_facts import read_base
from app.domain.catalogue import FLUX
from app.domain.migration import Wish
from app.domain.migration_plan import plan_migration
from app.domain.model import Answer, Gvk
from app.domain.served_versions import parse_target
from app.domain.versions import Version
from tests.support.story_repository import tree_of

_KINDS = load_catalogue().providers[FLUX].kinds
_API = re.compile(r"(?P<group>[\w.-]+\.toolkit\.fluxcd\.io)/(?P<version>v\w+)")


def newest(minor: str, group: str, kind: str) -> str | None:
    """The table of the CLI: kind -> newest version that a minor of Flux serves."""
    version = Version.parse(f"{minor}.0")
    assert version is not None
    facts = _KINDS.get((group, kind))
    served = [
        one
        for one in (facts.versions if facts else ())
        if load_catalogue().served(FLUX, version, Gvk(group, kind, one)) is Answer.YES
    ]
    return max(served, key=api_priority, default=None)


def flux_migrate(text: str, minor: str) -> str:
    """A line with `apiVersion: ` right above one with `kind: ` gets the version of the table."""
    lines = text.split("\n")
    for index, (line, below) in enumerate(list(pairwise(lines))):
        api = _API.search(line)
        if "apiVersion: " in line and "kind: " in below and api is not None:
            wanted = newest(minor, api["group"], below.partition("kind: ")[2].strip())
            if wanted is not None:
                lines[index] = line.replace(api["version"], wanted, 1)
    return "\n".join(lines)


def oldest_files() -> dict[str, str]:
    """The story's base with every Flux API at the oldest version that the catalogue knows."""

    def older(match: re.Match[str]) -> str:
        group, kind = match["api"], match["kind"]
        facts = _KINDS.get((group, kind))
        version = next(iter(facts.versions)) if facts else match["version"]
        return f"apiVersion: {group}/{version}\n{match['space']}kind: {kind}"

    pattern = re.compile(
        r"apiVersion: (?P<api>[\w.-]+\.toolkit\.fluxcd\.io)/(?P<version>v\w+)\n(?P<space>\s*)kind: (?P<kind>\w+)"
    )
    return {path: pattern.sub(older, text) for path, text in base_files().items()}


@pytest.mark.parametrize("minor", ["2.2", "2.5", "2.6", "2.7", "2.9"])
def test_every_flux_api_of_the_story_ends_where_flux_migrate_would_put_it(minor: str) -> None:
    files = oldest_files()
    tree = tree_of(files)
    wish = Wish(targets=(parse_target(minor, load_catalogue()),))
    migration = plan_migration(tree, read_base(tree, load_catalogue()), wish)
    assert len(migration.texts) > 20
    for path, text in files.items():
        ours, theirs = migration.texts.get(path, text), flux_migrate(text, minor)
        assert without_comments(ours) == without_comments(theirs)


def without_comments(text: str) -> list[str]:
    """It leaves schema comments as they are."""
    return [line for line in text.split("\n") if "$schema" not in line]
