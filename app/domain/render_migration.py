"""What a migration did, for a terminal, and what it would do, as a diff that `git apply` takes."""

import difflib
from collections import Counter, defaultdict
from collections.abc import Iterator

from app.domain.messages import migration as messages
from app.domain.migration import COMMENT, Migration
from app.domain.model import Tree
from app.domain.plain import plain

_WORDS = (("object", "objects"), ("patch", "patches"), ("reference", "references"), (COMMENT, "schema comments"))

_FEW = 3


def migration_to_lines(migration: Migration, *, dry_run: bool) -> Iterator[str]:
    """What it rests on, each move, each place that is left with the reason, and the summary at the end."""
    yield from (plain(line) for line in migration.bases)
    yield from (f"note: {plain(warning)}" for warning in migration.warnings)
    for moved in migration.moved:
        yield plain(f"{moved.file}:{moved.line}: {moved.what} {moved.old} → {moved.new.version}")
    yield from _left(migration)
    counts = Counter(moved.what for moved in migration.moved)
    yield messages.migration_summary(
        moved=[(counts[one], one, many) for one, many in _WORDS if counts[one]],
        files=len(migration.texts),
        left=len(migration.left),
        dry_run=dry_run,
    )


def _left(migration: Migration) -> Iterator[str]:
    """Each place with its reason; where many share one, that is said once, above them."""
    places: dict[str, list[str]] = defaultdict(list)
    for left in migration.left:
        places[left.reason].append(plain(f"{left.file}:{left.line}"))
    for reason, shared in places.items():
        if len(shared) <= _FEW:
            yield from (f"{place}: left: {plain(reason)}" for place in shared)
        else:
            yield f"left in {len(shared)} places: {plain(reason)}"
            yield from (f"  {place}" for place in shared)


def migration_to_diff(migration: Migration, tree: Tree) -> str:
    """A unified diff of every file that would change."""
    return "".join(line for path in migration.texts for line in _diff(path, tree[path].text, migration.texts[path]))


def _diff(path: str, before: str, after: str) -> Iterator[str]:
    sides = (text.split("\n") for text in (before, after))
    old, new = ([f"{line}\n" for line in lines[:-1]] + lines[-1:] * bool(lines[-1]) for lines in sides)
    yield f"diff --git a/{path} b/{path}\n"
    for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
