"""What the owner decides about edges and approvals, beside the rules of classification."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.domain.commands import Permission
from app.domain.match import Match, subjects_of
from app.domain.model import Classification, ComponentClass, Edge, EdgeKind, Evidence, PullRequest, Strength


class EdgeChoice(StrEnum):
    """What becomes of the edges of one kind."""

    ON = "on"
    """As fluxmig finds them."""
    OFF = "off"
    SOFT = "soft"
    """Told as the better order, and holding nothing."""
    HARD = "hard"
    """Each holds its pull request, where it leads to another one."""


@dataclass(frozen=True, slots=True, eq=False)
class EdgeRule:
    """What becomes of the edges between these; no kinds: of every kind. `place` is its line in the configuration."""

    place: Evidence
    from_: Match
    to: Match
    kinds: frozenset[EdgeKind]
    choice: EdgeChoice


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """A standing order: what fits `this` waits for every open pull request that fits `after`. `number` is 1-based."""

    number: int
    place: Evidence
    this: Match
    after: Match
    strength: Strength
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class ApprovalRule:
    """How many people with which permission have to approve what fits; `count` 0 asks for nobody. `by` is `read` where
    it is left to the permission of the command."""

    place: Evidence
    match: Match
    by: Permission
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """`edges`: kind -> the choice and the line of the configuration that has it. `majors` and `other_changes` say
    whether major updates, and bumps that change something else too, wait for `/fluxmig approve`; `classes` wait in any
    case, with the line that says so. Of `edge_rules` and `approvals` the first that fits speaks.
    """

    edges: Mapping[EdgeKind, tuple[EdgeChoice, Evidence]] = field(default_factory=dict, hash=False)
    edge_rules: tuple[EdgeRule, ...] = ()
    orders: tuple[Order, ...] = ()
    majors: bool = True
    other_changes: bool = True
    classes: frozenset[ComponentClass] = frozenset()
    classes_at: Evidence | None = None
    approvals: tuple[ApprovalRule, ...] = ()


DEFAULT_RULING = Ruling()


@dataclass(frozen=True, slots=True)
class Sides:
    """Which edge rules and standing orders are for a pull request, by their index, and at which end of an edge."""

    from_: frozenset[int] = frozenset()
    to: frozenset[int] = frozenset()
    this: frozenset[int] = frozenset()
    after: frozenset[int] = frozenset()


NO_SIDES = Sides()


def read_sides(pull_request: PullRequest, told: Classification, ruling: Ruling) -> Sides:
    if not ruling.edge_rules and not ruling.orders:
        return NO_SIDES
    subjects = [subject for each in subjects_of(pull_request, told) for subject in each]

    def fitting(matches: Iterable[Match]) -> frozenset[int]:
        return frozenset(index for index, match in enumerate(matches) if any(map(match.fits, subjects)))

    return Sides(
        from_=fitting(rule.from_ for rule in ruling.edge_rules),
        to=fitting(rule.to for rule in ruling.edge_rules),
        this=fitting(order.this for order in ruling.orders),
        after=fitting(order.after for order in ruling.orders),
    )


@dataclass(frozen=True, slots=True)
class Ruled:
    """The edges as the owner wants them. `waived` would have held, were they not off: each has the line that says so
    as its last evidence. `left` are those that the owner wants hard and that would have closed a circle.
    """

    edges: list[Edge]
    waived: list[Edge]
    left: list[Edge]


def apply_ruling(
    edges: Iterable[Edge], ruling: Ruling, sides: Mapping[int, Sides], *, beside: Iterable[Edge] = ()
) -> Ruled:
    """What a person said by hand, and a standing order, is never touched. No edge is made hard that would close a
    circle of hard ones, those of `beside` among them: it is told as the better order instead."""
    ruled = Ruled([], [], [])
    if not ruling.edges and not ruling.edge_rules:
        ruled.edges.extend(edges)
        return ruled
    hardened: list[tuple[Edge, Edge]] = []
    for edge in edges:
        choice, line = _choice_of(edge, ruling, sides)
        strength = {EdgeChoice.SOFT: Strength.SOFT, EdgeChoice.HARD: Strength.HARD}.get(choice, edge.strength)
        if line is None or (choice is not EdgeChoice.OFF and strength is edge.strength):
            ruled.edges.append(edge)
            continue
        changed = replace(edge, strength=strength, evidence=(*edge.evidence, line))
        if choice is EdgeChoice.OFF or edge.to is None:  # an order without another one is none
            if edge.strength is Strength.HARD:
                ruled.waived.append(changed)
        elif strength is Strength.HARD:
            hardened.append((edge, changed))
        else:
            ruled.edges.append(changed)
    _harden(ruled, hardened, beside)
    return ruled


def _choice_of(edge: Edge, ruling: Ruling, sides: Mapping[int, Sides]) -> tuple[EdgeChoice, Evidence | None]:
    if edge.kind in (EdgeKind.EXPLICIT, EdgeKind.ORDER):
        return EdgeChoice.ON, None
    from_, to = sides.get(edge.from_, NO_SIDES).from_, sides.get(edge.to, NO_SIDES).to if edge.to is not None else None
    for index, rule in enumerate(ruling.edge_rules):
        leads_there = index in to if to is not None else rule.to.fits_all
        if index in from_ and leads_there and (not rule.kinds or edge.kind in rule.kinds):
            return rule.choice, rule.place
    return ruling.edges.get(edge.kind, (EdgeChoice.ON, None))


def _harden(ruled: Ruled, wanted: list[tuple[Edge, Edge]], beside: Iterable[Edge]) -> None:
    if not wanted:
        return
    hard = HardWays([*beside, *ruled.edges])
    for edge, changed in wanted:
        assert edge.to is not None
        if hard.leads(edge.to, edge.from_):
            ruled.edges.append(edge)
            ruled.left.append(changed)
        else:
            hard.add(edge.from_, edge.to)
            ruled.edges.append(changed)


class HardWays:
    """Who must wait for whom, while edges are added."""

    def __init__(self, edges: Iterable[Edge]) -> None:
        self._onward: dict[int, list[int]] = {}
        self._known: tuple[int, set[int]] | None = None
        for edge in edges:
            if edge.to is not None and edge.strength is Strength.HARD:
                self.add(edge.from_, edge.to)

    def add(self, from_: int, to: int) -> None:
        self._onward.setdefault(from_, []).append(to)
        if self._known is not None and from_ in self._known[1]:
            self._known = None

    def leads(self, start: int, end: int) -> bool:
        """Whether `start` waits for `end`, directly or through others, or is it. Asking for one `start` after the other
        costs one walk each."""
        if self._known is None or self._known[0] != start:
            reached, queue = {start}, [start]
            for node in queue:
                new = [to for to in self._onward.get(node, ()) if to not in reached]
                reached.update(new)
                queue += new
            self._known = start, reached
        return end in self._known[1]
