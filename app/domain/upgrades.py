"""What a pull request moves in a cluster's files: charts, images and releases, each with its place and its clusters.

Unlike `declarations`, which knows the versions of providers, this is every dependency, by the name that the file gives.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.domain.diff import PatchedFile, parse_hunks
from app.domain.file_roles import is_bootstrap, is_lock_file, is_node_path, is_prose, is_tooling_path
from app.domain.liveness import is_live
from app.domain.model import Evidence, FileChange, PullRequest
from app.domain.moves import Move, name_of_version, read_moves
from app.domain.references import ReferenceKind
from app.domain.scopes import Scopes
from app.domain.updates import bare_version, short_name


@dataclass(frozen=True, slots=True)
class Upgrade:
    """One thing that goes from one version to another in one file.

    `name` is as the file writes it, `short` its last path segment in lower case; versions are without `v`. `source` is
    the new line. `digest`: only the digest moves, or the tag says no version.
    """

    name: str
    short: str
    kind: ReferenceKind
    before: str
    after: str
    source: Evidence
    scopes: frozenset[str]
    digest: bool = False


_Found = tuple[Move, Evidence]
_known: dict[tuple[str, str, str], tuple[_Found, ...]] = {}
_MOST_KNOWN = 20_000


def read_upgrades(pull_request: PullRequest, scopes: Scopes) -> tuple[Upgrade, ...]:
    """The upgrades of a pull request in files that clusters or their nodes read."""
    return tuple(
        Upgrade(
            name=move.name,
            short=short_name(move.name),
            kind=move.kind,
            before=bare_version(move.from_),
            after=bare_version(move.to),
            source=source,
            scopes=scopes.of(change.path),
            digest=move.digest,
        )
        for change in pull_request.changes
        if change.patch and is_upgraded_from(change.path)
        for move, source in _moves_of(change)
        if move.name and move.from_ and move.to and move.replaces is None
    )


def is_upgraded_from(path: str) -> bool:
    """Whether what a file pins comes to run in a cluster when it is merged, by Flux or by people's hands: CRDs in a
    folder beside what installs a cluster are applied again for each of their releases."""
    if not is_live(path) or is_tooling_path(path) or is_prose(path) or is_lock_file(path):
        return False
    return is_node_path(path) or not is_bootstrap(path) or bool(_CRDS.intersection(path.split("/")[:-1]))


_CRDS = frozenset({"crds", "crd"})


def _moves_of(change: FileChange) -> tuple[_Found, ...]:
    """Remembered by path, patch and the content after it, since all that is read depends on these alone."""
    key = change.path, change.patch, change.after.blob_id if change.after else ""
    known = _known.get(key)
    if known is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        known = _known[key] = tuple(_read_moves(change))
    return known


def _read_moves(change: FileChange) -> Iterator[_Found]:
    lines = change.after.text.splitlines() if change.after else []
    for move in read_moves([PatchedFile(change.path, change.status, parse_hunks(change.patch))]):
        if move.kind is ReferenceKind.COMMENT:
            continue
        text = lines[move.line - 1].strip() if 0 < move.line <= len(lines) else ""
        yield _named(move, lines), Evidence(change.path, move.line, text)


def _named(move: Move, lines: list[str]) -> Move:
    """With the name that the whole file gives, where the few lines of the patch did not hold it."""
    if move.name is not None or not 0 < move.line <= len(lines):
        return move
    found = name_of_version(lines, move.line - 1)
    return replace(move, name=found[0]) if found else move
