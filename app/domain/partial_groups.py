"""Releases that belong together, of which a pull request moves a part only.

Where another open pull request moves the rest, the two get a soft `pair` edge in the order of the family; where none
does, that is worth a warning and no more: the rest may not be published yet.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.domain import messages
from app.domain.model import ChangeStatus, Condition, Edge, EdgeKind, Evidence, PullRequest, SourceFile, Strength, Tree
from app.domain.pins import Pin, read_pins
from app.domain.scopes import Scopes

Family = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Step:
    """A member of a family goes from one version to another; versions without `v`."""

    family: Family
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Moved:
    """What one pull request does with a family: names with their places, and lines of the base as path and number."""

    names: dict[str, int]
    lines: frozenset[tuple[str, int]]
    scopes: frozenset[str]
    first: Evidence


@dataclass(frozen=True, slots=True)
class PartialGroups:
    edges: tuple[Edge, ...]
    warnings: tuple[str, ...]


def find_partial_groups(pull_requests: Iterable[PullRequest], tree: Tree, scopes: Scopes) -> PartialGroups:
    """The edges between those that move parts of one release, and warnings for the parts that nobody moves."""
    steps: dict[_Step, dict[int, _Moved]] = defaultdict(dict)
    for pull_request in pull_requests:
        for step, moved in _steps(pull_request, scopes).items():
            steps[step][pull_request.number] = moved
    if not steps:
        return PartialGroups((), ())
    families = {step.family for step in steps}
    pinned = [(path, pin) for path, pin in _pins(tree, scopes) if pin.family in families]
    edges: list[Edge] = []
    warnings: list[str] = []
    for step, movers in steps.items():
        for number, moved in sorted(movers.items()):
            edges += _edges(number, moved, step, movers)
            if left := _left_behind(moved, step, movers, pinned, scopes):
                names = messages.listed(sorted(moved.names, key=moved.names.__getitem__))
                warnings.append(
                    messages.partial_group_warning(
                        number=number, moved=names, before=step.before, after=step.after, left=left
                    )
                )
    return PartialGroups(tuple(edges), tuple(warnings))


def _steps(pull_request: PullRequest, scopes: Scopes) -> dict[_Step, _Moved]:
    names: dict[_Step, dict[str, int]] = defaultdict(dict)
    lines: dict[_Step, set[tuple[str, int]]] = defaultdict(set)
    reached: dict[_Step, set[str]] = defaultdict(set)
    first: dict[_Step, Evidence] = {}
    for change in pull_request.changes:
        if change.status is not ChangeStatus.MODIFIED or change.before is None or change.after is None:
            continue
        if not scopes.is_live(change.path):
            continue
        for old, new in _matched(change.before, change.after):
            step = _Step(old.family, old.bare, new.bare)
            names[step][new.name] = new.rank
            lines[step].add((change.path, old.line))
            reached[step] |= scopes.of(change.path)
            first.setdefault(step, new.evidence(change.path))
    return {step: _Moved(names[step], frozenset(lines[step]), frozenset(reached[step]), first[step]) for step in names}


def _matched(before: SourceFile, after: SourceFile) -> Iterator[tuple[Pin, Pin]]:
    """The pins of both sides, the first of a name with the first, where their versions differ."""
    old: dict[str, list[Pin]] = defaultdict(list)
    for pin in read_pins(before):
        old[pin.name].append(pin)
    for pin in read_pins(after):
        candidates = old.get(pin.name)
        known = candidates.pop(0) if candidates else None
        if known is not None and known.bare != pin.bare:
            yield known, pin


def _pins(tree: Tree, scopes: Scopes) -> Iterator[tuple[str, Pin]]:
    for path in sorted(tree):
        if scopes.is_live(path) and path.removesuffix(".j2").endswith((".yaml", ".yml")):
            for pin in read_pins(tree[path]):
                yield path, pin


def _edges(number: int, moved: _Moved, step: _Step, movers: Mapping[int, _Moved]) -> Iterator[Edge]:
    """To each other one that comes before it: by the place in the family, then by number."""
    place = min(moved.names.values()), number
    for other, theirs in sorted(movers.items()):
        before = min(theirs.names.values()), other
        if before < place and moved.scopes & theirs.scopes and moved.names.keys() - theirs.names.keys():
            names = theirs.names | moved.names
            reason = messages.lockstep_reason(
                provider=other,
                names=messages.listed(sorted(names, key=names.__getitem__), limit=5),
                before=step.before,
                after=step.after,
            )
            evidence = (moved.first, theirs.first)
            yield Edge(number, other, EdgeKind.PAIR, Strength.SOFT, Condition.MERGED, reason, evidence)


def _left_behind(
    moved: _Moved, step: _Step, movers: Mapping[int, _Moved], pinned: list[tuple[str, Pin]], scopes: Scopes
) -> list[Evidence]:
    """The members that the base pins at the old version in one of the same clusters, and that nobody moves."""
    taken = {line for theirs in movers.values() for line in theirs.lines}
    return [
        pin.evidence(path)
        for path, pin in pinned
        if pin.family == step.family
        and pin.bare == step.before
        and (path, pin.line) not in taken
        and scopes.of(path) & moved.scopes
    ]
