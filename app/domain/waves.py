"""The order of merging: tooling, then Flux itself, infrastructure, applications, and last what a person must look at.

An edge pulls a pull request behind what it waits for, and no further than that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from app.domain.graph import Graph
from app.domain.model import Classification, ComponentClass, Edge

_RANKS = {
    ComponentClass.TOOLING: 0,
    ComponentClass.FLUX_CORE: 1,
    ComponentClass.INFRASTRUCTURE: 2,
    ComponentClass.APPLICATION: 3,
    ComponentClass.MAJOR: 4,
    ComponentClass.UNKNOWN: 5,
}


Place = tuple[int, int]
"""The rank whose wave it is, and how many waves behind the first of that rank."""


def rank_of(told: Classification) -> int:
    """The wave that a pull request would be in if it waited for nobody. A bump that changes something else as well
    comes with what a person must look at."""
    return rank_of_class(told.component_class, mixed=bool(told.also_changes))


def rank_of_class(told: ComponentClass, *, mixed: bool) -> int:
    rank = _RANKS[told]
    return max(rank, _RANKS[ComponentClass.MAJOR]) if mixed else rank


def order_waves(numbers: Iterable[int], edges: Iterable[Edge], rank: Mapping[int, int]) -> tuple[tuple[int, ...], ...]:
    """The given pull requests in waves; those of a wave can be merged in any order.

    `rank` also has those that are no part of the waves but lie between some that are.
    """
    place = find_places(edges, rank)
    waves: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number in sorted(set(numbers)):
        waves[place[number]].append(number)
    return tuple(tuple(waves[at]) for at in sorted(waves))


def find_places(edges: Iterable[Edge], rank: Mapping[int, int]) -> dict[int, Place]:
    """The places of all that have a rank; they sort as the waves do.

    Whoever waits for nobody is where its rank puts it; then come those of whom all that they wait for have a place.
    """
    known = [edge for edge in edges if edge.from_ in rank and edge.to in rank]
    place = {number: (own, 0) for number, own in rank.items()}
    frees: dict[int, list[int]] = defaultdict(list)
    open_: dict[int, int] = defaultdict(int)
    for edge in known:
        assert edge.to is not None
        frees[edge.to].append(edge.from_)
        open_[edge.from_] += 1
    settled = [number for number in frees if number not in open_]
    for number in settled:
        for waiting in frees.get(number, ()):
            place[waiting] = max(place[waiting], _behind(place[number], rank[waiting]))
            open_[waiting] -= 1
            if not open_[waiting]:
                settled.append(waiting)
    if any(open_.values()):
        left = {number for number, count in open_.items() if count}
        _place_knots([edge for edge in known if edge.from_ in left], left, rank, place)
    return place


def _place_knots(edges: list[Edge], left: set[int], rank: Mapping[int, int], place: dict[int, Place]) -> None:
    """The members of a knot, who wait for each other, share one place; with them go those who wait for the knot."""
    graph = Graph(edges)
    for knot in graph.components(left):
        members = left.intersection(knot)
        own = max((rank[number] for number in members), default=0)
        at = (own, 0)
        for before in {to for number in members for to in graph.waits_for(number)} - members:
            at = max(at, _behind(place[before], own))
        place |= dict.fromkeys(members, at)


def _behind(before: Place, own: int) -> Place:
    return (before[0], before[1] + 1) if before[0] >= own else (own, 0)
