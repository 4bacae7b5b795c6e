"""What moves in a diff: which dependency, in which file, from which version to which.

Renovate replaces values in place, so a removed and an added line that differ by their version alone are the two sides
of one move. Its name stands on the line itself, in a `# renovate:` comment above, or with its neighbours.
"""

import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from app.domain.diff import DiffLine, Hunk, LineKind, PatchedFile
from app.domain.neighbours import find_near, find_source, mappings_around, parent_key
from app.domain.package_lines import PackageReader, find_reader
from app.domain.references import Reference, ReferenceKind, masked, read_key_value, read_reference, short_digest


@dataclass(frozen=True, slots=True)
class Move:
    """One value that moves. `name` is None where the diff does not tell; `hinted` when a `# renovate:` comment told it.

    `from_` is None for a pin. `line` is the 1-based line of the new value, 0 when unknown.
    """

    file: str
    kind: ReferenceKind
    key: str
    name: str | None
    from_: str | None
    to: str | None
    line: int = 0
    datasource: str | None = None
    hinted: bool = False
    digest: bool = False
    """Whether `from_` and `to` are digests, shortened as Renovate shows them."""
    replaces: str | None = None
    """The name before, where another thing took its place."""
    origin: str | None = None
    """The Helm repository that stands beside a chart: the name of its `sourceRef`, or the host of its `repo`."""


@dataclass(frozen=True, slots=True)
class _Hint:
    name: str | None
    datasource: str | None


_MOST_MOVES = 2000
_REACH = 40
"""How many lines up and down the neighbours of a value are looked for."""

_HINT = re.compile(r"(?:#|//|<!--|/\*|--)+\s*renovate:\s*(.*)")
_HINT_FIELD = re.compile(r"(\w+)=(\"[^\"]*\"|'[^']*'|\S+)")
_NAME_KEYS = {
    "tag": ("repository", "image", "url", "newname", "name"),
    "newtag": ("newname", "name"),
    "digest": ("repository", "image", "url", "newname", "name"),
    "version": ("chart", "source", "src", "name", "repository", "image"),
    "targetrevision": ("chart", "repourl", "path"),
    "rev": ("repo",),
    "ref": ("url", "repo", "repository"),
    "semver": ("url", "repo", "repository"),
    "commit": ("url", "repo", "repository"),
    "revision": ("gnetid", "dashboardid", "name"),
}
"""Where the name stands when a key holds nothing but a version, the likeliest place first."""


def read_moves(files: Sequence[PatchedFile]) -> tuple[Move, ...]:
    """The moves of the diff, in its order. Lines that change in another way are left out.

    Lock files and generated manifests move thousands of values; the first `_MOST_MOVES` say enough about the rest.
    """
    moves = (move for file in files for hunk in file.hunks for move in _moves_of(file.path, hunk))
    return tuple(islice(moves, _MOST_MOVES))


def _moves_of(path: str, hunk: Hunk) -> Iterator[Move]:
    after = [line for line in hunk.lines if line.kind is not LineKind.REMOVED]
    positions = {id(line): position for position, line in enumerate(after)}
    texts = [line.text for line in after]
    read_package = find_reader(path)
    for removed, added in _pairs(hunk.lines):
        old, new = _read_line(removed.text, read_package), _read_line(added.text, read_package)
        if old is None or new is None:
            continue
        move = _move(path, old, new)
        if move is not None:
            position = positions[id(added)]
            first = max(0, position - _REACH)
            window = texts[first : position + _REACH]
            move = replace(_named(move, window, position - first), line=added.new or 0)
            if move.name is not None or move.kind is not ReferenceKind.COMMENT:
                yield move


def _read_line(line: str, read_package: PackageReader | None) -> Reference | None:
    return (read_package(line) if read_package else None) or read_reference(line)


def _pairs(lines: Sequence[DiffLine]) -> Iterator[tuple[DiffLine, DiffLine]]:
    """The removed and added lines that belong together, within each run of changed lines."""
    removed: list[DiffLine] = []
    added: list[DiffLine] = []
    for line in (*lines, None):
        if line is not None and line.kind is LineKind.REMOVED and not added:
            removed.append(line)
        elif line is not None and line.kind is LineKind.ADDED:
            added.append(line)
        else:
            yield from _match(removed, added)
            removed, added = [], []
            if line is not None and line.kind is LineKind.REMOVED:
                removed.append(line)


def _match(removed: Sequence[DiffLine], added: Sequence[DiffLine]) -> Iterator[tuple[DiffLine, DiffLine]]:
    if len(removed) == len(added):
        yield from zip(removed, added, strict=True)
        return
    left: defaultdict[str, deque[DiffLine]] = defaultdict(deque)
    for new in added:
        left[masked(new.text)].append(new)
    for old in removed:
        if candidates := left.get(masked(old.text)):
            yield old, candidates.popleft()


def _move(path: str, old: Reference, new: Reference) -> Move | None:
    from_, to, digest = _step(old, new)
    same_name = old.name is None or new.name is None or old.name == new.name
    if from_ == to and same_name:
        return None
    return Move(
        file=path,
        kind=new.kind,
        key=new.key,
        name=new.name,
        from_=from_,
        to=to,
        datasource=_DATASOURCES.get(new.kind),
        digest=digest,
        replaces=None if same_name else old.name,
    )


def name_of_version(lines: Sequence[str], position: int) -> tuple[str, str] | None:
    """The name of the thing whose version the line pins, and that version; None where the line or its neighbours do not
    tell both."""
    found = read_reference(lines[position])
    if found is None or found.version is None or found.kind in {ReferenceKind.API, ReferenceKind.COMMENT}:
        return None
    first = max(0, position - _REACH)
    pinned = Move("", found.kind, found.key, found.name, None, found.version, datasource=_DATASOURCES.get(found.kind))
    name = _named(pinned, lines[first : position + _REACH], position - first).name
    return (name, found.version) if name else None


_DATASOURCES = {
    ReferenceKind.ACTION: "github-tags",
    ReferenceKind.IMAGE: "docker",
    ReferenceKind.CHART: "docker",
    ReferenceKind.API: "kubernetes-api",
    ReferenceKind.REPOSITORY: "github-releases",
    ReferenceKind.DASHBOARD: "custom.grafana-dashboards",
}


def _step(old: Reference, new: Reference) -> tuple[str | None, str | None, bool]:
    """The versions where they differ, else the digests: that is what Renovate shows too."""
    old_digest = short_digest(old.digest) if old.digest else None
    new_digest = short_digest(new.digest) if new.digest else None
    pinned = new_digest is not None and old_digest is None and _same_tag(old, new)
    both_digests = old_digest is not None and new_digest is not None
    if old.version != new.version and not pinned and not (both_digests and None in (old.version, new.version)):
        digest = new.version is None
        return old.version or old_digest, new.version or new_digest, digest
    if old_digest != new_digest:
        return old_digest, new_digest, True
    return old.version, new.version, False


def _same_tag(old: Reference, new: Reference) -> bool:
    """`@v3` pinned as `@704facf… # v3`, or as a more exact `# v3.4.0`."""
    if new.version is None or old.version is None:
        return new.version is None
    return new.version == old.version or new.version.startswith(f"{old.version}.")


def _named(move: Move, lines: Sequence[str], position: int) -> Move:
    around = tuple(mappings_around(lines, position)) if move.name is None else ()
    if move.kind is ReferenceKind.API:
        return replace(move, name=find_near(around, ("kind",)))
    hint = _hint_for(lines, position)
    if move.name is None:
        kind, datasource = _told_by_neighbours(move, around)
        move = replace(move, name=_name_near(lines[position], around), kind=kind, datasource=datasource)
        if _is_distribution(move, lines, position):
            move = replace(move, name=_DISTRIBUTION, kind=ReferenceKind.REPOSITORY)
    if move.kind is ReferenceKind.CHART and move.datasource == "helm":
        move = replace(move, origin=find_source(lines, position))
    if hint is None or move.kind is ReferenceKind.ACTION:
        return move
    return replace(
        move,
        name=hint.name or move.name,
        datasource=hint.datasource or move.datasource,
        hinted=hint.name is not None,
    )


_DISTRIBUTION = "controlplaneio-fluxcd/distribution"


def _is_distribution(move: Move, lines: Sequence[str], position: int) -> bool:
    """Whether the line is `distribution.version` of a FluxInstance, which names nothing beside it."""
    return move.key == "version" and parent_key(lines, position) == "distribution"


_NEIGHBOURS = (
    (("chart",), ReferenceKind.CHART, "helm"),
    (("url",), ReferenceKind.CHART, "docker"),
    (("repository", "image", "newname"), ReferenceKind.IMAGE, "docker"),
    (("repo", "repourl"), ReferenceKind.CHART, "helm"),
    (("gnetid",), ReferenceKind.DASHBOARD, "custom.grafana-dashboards"),
)


def _told_by_neighbours(move: Move, around: Sequence[Mapping[str, str]]) -> tuple[ReferenceKind, str | None]:
    if move.kind is ReferenceKind.VALUE and move.key in _NAME_KEYS:
        for keys, kind, datasource in _NEIGHBOURS:
            value = find_near(around, keys)
            if value is not None and "github.com/" in value:
                return ReferenceKind.REPOSITORY, "github-tags"
            if value is not None and value.startswith("oci://"):
                return kind, "docker"
            if value is not None and value.startswith(("https://", "http://")) and move.key == "version":
                return ReferenceKind.CHART, "helm"
            if value is not None:
                return kind, datasource
    return (ReferenceKind.IMAGE, "docker") if move.key == "newtag" else (move.kind, move.datasource)


def _hint_for(lines: Sequence[str], position: int) -> _Hint | None:
    """The `# renovate:` comment on the line or above it; one more key, such as `gnetId`, may stand between them."""
    for offset in range(4):
        if position - offset < 0:
            break
        line = lines[position - offset]
        if match := _HINT.search(line):
            fields = {name: value.strip("\"'") for name, value in _HINT_FIELD.findall(match.group(1))}
            return _Hint(fields.get("depName") or fields.get("packageName"), fields.get("datasource"))
        if offset and not _is_passed_over(line, lines[position]):
            break
    return None


def _is_passed_over(line: str, value: str) -> bool:
    """Whether a comment above `line` may still be meant for `value` below it."""
    if line.strip().startswith(("#", "//")):
        return True
    between, moved = read_key_value(line), read_key_value(value)
    if between is None or moved is None or between.column != moved.column:
        return False
    reference = read_reference(line)
    return between.key.casefold() in {"gnetid", "chart", "repository", "image", "name"} or reference is None


def _name_near(line: str, around: Sequence[Mapping[str, str]]) -> str | None:
    """The name that neighbours give: `repository:` beside `tag:`, `url: oci://…` beside `ref:`, `"name" = version`."""
    pair = read_key_value(line)
    if pair is None:
        return None
    key = pair.key.casefold()
    if key == "required_version":
        return "hashicorp/terraform"
    if key in _NAME_KEYS:
        name = find_near(around, _NAME_KEYS[key])
        return _clean_name(name) if name else None
    if "/" in pair.key or ":" in pair.key or not re.search(r"version|tag|release", key):
        return pair.key
    return None


def _clean_name(name: str) -> str:
    name = re.sub(r"^(?:oci|docker|https?)://", "", name).strip("\"'").rstrip("/")
    if match := re.match(r"^github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?$", name):
        return match.group(1)
    return name.split("?", 1)[0].removesuffix(".git")
