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


def rank_of(told: Classification) -> int:
    """The wave that a pull request would be in if it waited for nobody. A bump that changes something else as well
    comes with what a person must look at."""
    rank = _RANKS[told.component_class]
    return max(rank, _RANKS[ComponentClass.MAJOR]) if told.also_changes else rank


def order_waves(numbers: Iterable[int], edges: Iterable[Edge], rank: Mapping[int, int]) -> tuple[tuple[int, ...], ...]:
    """The given pull requests in waves; those of a wave can be merged in any order.

    `rank` also has those that are no part of the waves but lie between some that are.
    """
    wanted = set(numbers)
    graph = Graph(edge for edge in edges if edge.from_ in rank and edge.to in rank)
    place: dict[int, tuple[int, int]] = {}
    for knot in graph.components(rank):
        members = set(knot)
        before = [place[to] for number in knot for to in graph.waits_for(number) if to not in members]
        own = max(rank[number] for number in knot)
        latest = max(before, default=(-1, 0))
        at = (own, 0) if latest[0] < own else (latest[0], latest[1] + 1)
        for number in knot:
            place[number] = at
    waves: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number in sorted(wanted):
        waves[place[number]].append(number)
    return tuple(tuple(waves[at]) for at in sorted(waves))
