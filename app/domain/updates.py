"""Which dependencies a pull request moves, told by the strongest witness that speaks.

Names come from Renovate's own commit table, else from the table of its body, else from the diff where title and diff
agree; versions are those of the file. The title alone is believed only when there is nothing else to read.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from app.domain.file_roles import is_bootstrap, is_lock_file, is_prose, is_template, is_tooling_path
from app.domain.managers import find_datasource, find_manager
from app.domain.model import Update
from app.domain.moves import Move
from app.domain.references import ReferenceKind
from app.domain.renovate_table import TableRow
from app.domain.renovate_words import fill_in
from app.domain.titles import Title
from app.domain.versions import is_digest


class Witness(Enum):
    """Who told the names, the most trustworthy first."""

    COMMIT_TABLE = "Renovate's commit table"
    BODY_TABLE = "the table of the body"
    DIFF = "the diff"
    TITLE = "the title"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class FoundUpdates:
    """`moves` are the lines of the diff that belong to `updates`."""

    updates: tuple[Update, ...]
    moves: tuple[Move, ...]
    witness: Witness


def find_updates(
    title: Title, moves: Sequence[Move], body_rows: Sequence[TableRow], commit_rows: Sequence[TableRow]
) -> FoundUpdates:
    """The updates, one for each name with its old and new version, in the order of the witness."""
    real = _without_noise(moves)
    for rows, witness in ((commit_rows, Witness.COMMIT_TABLE), (body_rows, Witness.BODY_TABLE)):
        named = [row for row in rows if row.package]
        if named:
            return _from_rows(named, real, witness, title)
    grouped = title.grouped or title.name is None or _hides_a_group(title, real)
    chosen = _of_group(title, real) if grouped else _of_one(title, real)
    if chosen:
        updates = _unique(fill_in(_from_move(move), title) for move in chosen)
        return FoundUpdates(updates, tuple(chosen), Witness.DIFF)
    if title.name is not None and not title.grouped and title.verb:
        return FoundUpdates((fill_in(Update(title.name, title.from_, title.to), title),), (), Witness.TITLE)
    return FoundUpdates((), (), Witness.NOBODY)


def _without_noise(moves: Sequence[Move]) -> list[Move]:
    """Moves without those of lock files and comments, as long as others are left."""
    asked_for = [move for move in moves if not is_lock_file(move.file)] or list(moves)
    return [move for move in asked_for if move.kind is not ReferenceKind.COMMENT] or asked_for


def short_name(name: str) -> str:
    """The last path segment, lower case: what two spellings of one name have in common."""
    return re.sub(r"^\w+:", "", name.rstrip("/")).rsplit("/", 1)[-1].casefold()


def same_version(first: str | None, second: str | None) -> bool:
    """Whether both are one version, a leading `v`, the case and quotes aside; digests may be cut at any length."""
    left, right = bare_version(first), bare_version(second)
    if left == right:
        return True
    shorter, longer = sorted((left, right), key=len)
    return len(shorter) >= 6 and is_digest(shorter) and longer.startswith(shorter)


def bare_version(version: str | None) -> str:
    """A version as two spellings of it have it in common: lower case, without quotes, `v` and `sha256:`."""
    return re.sub(r"^(?:sha256:|v(?=\d|[\w-]+\.[a-z]))", "", (version or "").strip("\"' ").casefold())


def _from_rows(rows: Sequence[TableRow], moves: Sequence[Move], witness: Witness, title: Title) -> FoundUpdates:
    used: dict[Move, None] = {}
    updates: list[Update] = []
    for row in rows:
        name = row.package or ""
        mine = [move for move in moves if _is_of_row(move, row)]
        used.update(dict.fromkeys(mine))
        best = min(mine, key=_file_rank, default=None)
        unchanged = row.replacement is not None and same_version(row.from_, row.to)
        update = Update(
            name=name,
            from_=None if unchanged else _short(row.from_),
            to=None if unchanged else _short(row.to or (best.to if best else None)),
            manager=find_manager(best) if best else None,
            datasource=row.datasource or (find_datasource(best) if best else None),
            file=best.file if best else None,
        )
        updates.append(update if row.datasource else fill_in(update, title, row.type))
    return FoundUpdates(_unique(updates), tuple(used) or tuple(moves), witness)


def _is_of_row(move: Move, row: TableRow) -> bool:
    named = move.name is not None and short_name(move.name) == short_name(row.package or "")
    versions = _agrees(move.to, row.to) and (row.from_ is None or _agrees(move.from_, row.from_))
    return versions if row.to else named


def _short(version: str | None) -> str | None:
    if version is None:
        return None
    return version.removeprefix("sha256:")[:7] if len(version) >= 40 and is_digest(version) else version


def _of_one(title: Title, moves: Sequence[Move]) -> list[Move]:
    """The moves of a title with one name: those of that name and version, else those of the version alone."""
    named = [move for move in moves if _is_named(move, title)]
    chosen = (
        # One dependency may stand in several files with several old versions; the new one is always the same.
        [move for move in named if title.to is None or _agrees(move.to, title.to)]
        or _without_echoes([move for move in moves if _versions_agree(title, move)])
        or named
        or (list(moves) if len({(move.from_, move.to) for move in moves}) == 1 else [])
    )
    return [_renamed(move, title) for move in chosen]


def _is_named(move: Move, title: Title) -> bool:
    return move.name is not None and title.name is not None and short_name(move.name) == short_name(title.name)


_NAMED_KINDS = frozenset(
    {
        ReferenceKind.ACTION,
        ReferenceKind.CHART,
        ReferenceKind.IMAGE,
        ReferenceKind.PACKAGE,
        ReferenceKind.REPOSITORY,
    }
)


def _hides_a_group(title: Title, moves: Sequence[Move]) -> bool:
    """`update flux to v0.46.0 (minor)`: a group whose name is all that the title gives.

    Where the title gives no version either, one named move is enough: a single update's title always has one.
    """
    if any(_is_named(move, title) for move in moves):
        return False
    bare = title.to is None and title.from_ is None and title.verb == "update"
    if "/" in (title.name or "") and not bare:
        return False
    agreeing = [move for move in moves if title.to is None or _agrees(move.to, title.to)]
    names = {short_name(move.name) for move in agreeing if move.name and (move.hinted or move.kind in _NAMED_KINDS)}
    return len(names) > 1 or (bare and len(names) == 1)


def _without_echoes(moves: Sequence[Move]) -> list[Move]:
    """Moves without those on prose, when there are others: a badge in the README only repeats the version."""
    return [move for move in moves if not is_prose(move.file)] or list(moves)


def _versions_agree(title: Title, move: Move) -> bool:
    if title.to is None:
        return title.from_ is not None and _agrees(move.from_, title.from_)
    return _agrees(move.to, title.to) and (title.from_ is None or _agrees(move.from_, title.from_))


def _agrees(found: str | None, said: str | None) -> bool:
    """Titles may give the major alone (`to v57`); tags have prefixes and variants (`chart-0.5.8`, `1.2-debian`)."""
    if said is None or found is None:
        return said is None and found is None
    if same_version(found, said):
        return True
    left, right = bare_version(found), bare_version(said)
    if not right:
        return False
    variant = left.startswith((f"{right}.", f"{right}-", f"{right}@"))
    return variant or left.endswith((f"-{right}", f"/{right}", f"-v{right}"))


def _renamed(move: Move, title: Title) -> Move:
    """The move with the title's name, except where the diff spells it better; prefixes of the version are cut."""
    name = title.name or ""
    if move.kind is ReferenceKind.DASHBOARD and not move.hinted:
        name = move.name or name
    elif move.name is not None and short_name(move.name) == short_name(name):
        name = move.name if len(move.name) >= len(name) or move.name.casefold() == name.casefold() else name
    from_, to = move.from_, move.to
    said = bare_version(title.to)
    if to and from_ and said and bare_version(to) != said and to.casefold().endswith(said):
        prefix = to[: len(to) - len(said)]
        if prefix.endswith(("-", "/", "-v")) and from_.startswith(prefix):
            from_, to = from_.removeprefix(prefix), to.removeprefix(prefix)
    return replace(move, name=name, from_=from_, to=to)


def _of_group(title: Title, moves: Sequence[Move]) -> list[Move]:
    """The moves of a group, each by its own name; those without a name only where no named one moves the same way."""
    candidates = _without_echoes(moves)
    if title.verb == "pin":
        candidates = [move for move in candidates if move.from_ is None] or candidates
    elif title.to is not None:
        candidates = [move for move in candidates if _versions_agree(title, move)] or candidates
    named = [move for move in candidates if move.name is not None]
    steps = {(bare_version(move.from_), bare_version(move.to)) for move in named}
    orphans = [
        move
        for move in candidates
        if move.name is None and (bare_version(move.from_), bare_version(move.to)) not in steps
    ]
    fallback = title.name
    return [*named, *(replace(move, name=fallback) for move in orphans if fallback)]


def _from_move(move: Move) -> Update:
    name = move.name or ""
    if move.replaces is not None:
        unchanged = move.from_ == move.to
        return Update(
            name=move.replaces,
            from_=None if unchanged else move.from_,
            to=None if unchanged else move.to,
            manager=find_manager(move),
            datasource=find_datasource(move),
            file=move.file,
        )
    if move.kind is ReferenceKind.CHART and move.datasource == "helm" and "." not in name.split("/", 1)[0]:
        # A helmfile writes `alias/chart`; the alias is its own.
        name = name.rsplit("/", 1)[-1]
    return Update(name, move.from_, move.to, find_manager(move), find_datasource(move), move.file)


def _file_rank(move: Move) -> int:
    return _distance(move.file)


def _distance(path: str) -> int:
    """How far a file is from what a cluster reconciles: prose, then tools, then bootstrap and templates."""
    return 4 * is_prose(path) + 2 * is_tooling_path(path) + (is_template(path) or is_bootstrap(path))


def _unique(updates: Iterable[Update]) -> tuple[Update, ...]:
    """One update for each name and step. Where several files tell the same, the one that a cluster reads is kept."""
    kept: dict[tuple[str, str, str], Update] = {}
    for update in updates:
        key = (short_name(update.name), bare_version(update.from_), bare_version(update.to))
        known = kept.get(key)
        if known is None or _reads_better(update, known):
            kept[key] = update
    return tuple(kept.values())


def _reads_better(update: Update, known: Update) -> bool:
    if update.file is None or known.file is None:
        return False
    return _distance(update.file) < _distance(known.file)
