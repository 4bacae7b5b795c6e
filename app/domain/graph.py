"""The graph of who waits for whom. Every function takes time linear in edges and nodes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from app.domain.model import Edge, Strength


class Graph:
    """Edges by both of their ends. Edges without a target hold back their start and lead nowhere."""

    def __init__(self, edges: Iterable[Edge]) -> None:
        self.edges = tuple(edges)
        self._waits_for: dict[int, list[int]] = defaultdict(list)
        self._freed_by: dict[int, list[int]] = defaultdict(list)
        known: set[tuple[int, int]] = set()
        for edge in self.edges:
            if edge.to is None or (edge.from_, edge.to) in known:
                continue
            known.add((edge.from_, edge.to))
            self._waits_for[edge.from_].append(edge.to)
            self._freed_by[edge.to].append(edge.from_)

    def waits_for(self, number: int) -> tuple[int, ...]:
        """Whom `number` waits for itself."""
        return tuple(self._waits_for.get(number, ()))

    def downstream_of(self, number: int) -> tuple[int, ...]:
        """All that wait for `number`, directly or through others, the nearest first."""
        return _reach(number, self._freed_by)

    def upstream_of(self, number: int) -> tuple[int, ...]:
        """All that `number` waits for, directly or through others, the nearest first."""
        return _reach(number, self._waits_for)

    def cycles(self) -> tuple[tuple[int, ...], ...]:
        """Each knot of pull requests that wait for each other, as one way round: (1, 2, 3) is 1 -> 2 -> 3 -> 1."""
        knots = _strong_components(self._waits_for)
        return tuple(
            sorted(
                _way_round(min(knot), frozenset(knot), self._waits_for)
                for knot in knots
                if _is_knot(knot, self._waits_for)
            )
        )

    def ways_round(self) -> dict[int, tuple[int, ...]]:
        """Every member of a knot, with a way from itself back to itself: 2 of 1 -> 2 -> 3 -> 1 has (2, 3, 1)."""
        ways: dict[int, tuple[int, ...]] = {}
        for knot in _strong_components(self._waits_for):
            if not _is_knot(knot, self._waits_for):
                continue
            members = frozenset(knot)
            for member in sorted(knot):
                if member not in ways:
                    way = _way_round(member, members, self._waits_for)
                    for at, number in enumerate(way):
                        ways.setdefault(number, (*way[at:], *way[:at]))
        return ways

    def components(self, nodes: Iterable[int] = ()) -> list[tuple[int, ...]]:
        """The knots and the single nodes, each after all that it waits for."""
        return _strong_components(self._waits_for, nodes)

    def levels(self, nodes: Iterable[int]) -> dict[int, int]:
        """How many steps each node has to wait: 0 for those that wait for none. A knot shares one level."""
        level: dict[int, int] = {}
        for knot in self.components(nodes):
            own = set(knot)
            below = (level[to] for node in knot for to in self.waits_for(node) if to not in own)
            height = max(below, default=-1) + 1
            for node in knot:
                level[node] = height
        return level


def without_contrary(edges: Iterable[Edge]) -> list[Edge]:
    """The edges, but of the soft ones those only that do not lead back: a better order must be one that exists.

    Hard edges all stay. Where soft ones close a circle, those go that lead from the sooner to the later by the hard
    edges alone, and then from the lower number to the higher.
    """
    given = list(edges)
    knot_of: dict[int, int] = {}
    for index, knot in enumerate(Graph(tangled(given)).components()):
        if len(knot) > 1:
            knot_of |= dict.fromkeys(knot, index)
    if not knot_of:
        return given
    level = Graph(edge for edge in given if edge.strength is Strength.HARD).levels(knot_of)

    def leads_back(edge: Edge) -> bool:
        if edge.to is None or edge.strength is Strength.HARD or edge.from_ not in knot_of:
            return False
        within = knot_of[edge.from_] == knot_of.get(edge.to)
        return within and (level[edge.to], edge.to) >= (level[edge.from_], edge.from_)

    return [edge for edge in given if not leads_back(edge)]


def tangled(edges: list[Edge]) -> list[Edge]:
    """The edges of those who wait for themselves in the end, or for such; none in most repositories."""
    frees: dict[int, list[int]] = defaultdict(list)
    waits: dict[int, int] = defaultdict(int)
    for edge in edges:
        if edge.to is not None:
            frees[edge.to].append(edge.from_)
            waits[edge.from_] += 1
    settled = [number for number in frees if number not in waits]
    for number in settled:
        for waiting in frees.get(number, ()):
            waits[waiting] -= 1
            if not waits[waiting]:
                settled.append(waiting)
    return [edge for edge in edges if waits.get(edge.from_)]


def way_between(steps: Iterable[tuple[int, int]], start: int, end: int) -> tuple[int, ...]:
    """The shortest way along (from, to) from `start` to `end`, both included; () where there is none."""
    onward: dict[int, list[int]] = {}
    for from_, to in steps:
        onward.setdefault(from_, []).append(to)
    ways: dict[int, tuple[int, ...]] = {start: (start,)}
    queue = [start]
    for node in queue:
        if node == end:
            return ways[node]
        for step in onward.get(node, ()):
            if step not in ways:
                ways[step] = (*ways[node], step)
                queue.append(step)
    return ()


def _reach(start: int, steps: Mapping[int, list[int]]) -> tuple[int, ...]:
    seen, queue = {start: None}, [start]
    for node in queue:
        for following in steps.get(node, ()):
            if following not in seen:
                seen[following] = None
                queue.append(following)
    return tuple(seen)[1:]


def _is_knot(component: tuple[int, ...], steps: Mapping[int, list[int]]) -> bool:
    return len(component) > 1 or component[0] in steps.get(component[0], ())


def _way_round(start: int, members: frozenset[int], steps: Mapping[int, list[int]]) -> tuple[int, ...]:
    """The shortest way from a member of a knot back to itself."""
    came_from: dict[int, int] = {}
    queue = [start]
    for node in queue:
        for following in steps.get(node, ()):
            if following == start:
                way = [node]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return tuple(reversed(way))
            if following in members and following not in came_from:
                came_from[following] = node
                queue.append(following)
    return tuple(sorted(members))


def _strong_components(steps: Mapping[int, list[int]], nodes: Iterable[int] = ()) -> list[tuple[int, ...]]:
    """Tarjan's strongly connected components without recursion; what is waited for comes before who waits."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    on_stack: set[int] = set()
    stack: list[int] = []
    found: list[tuple[int, ...]] = []
    for root in [*nodes, *steps]:
        if root in index:
            continue
        work = [(root, iter(steps.get(root, ())))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, following = work[-1]
            for after in following:
                if after not in index:
                    index[after] = low[after] = len(index)
                    stack.append(after)
                    on_stack.add(after)
                    work.append((after, iter(steps.get(after, ()))))
                    break
                if after in on_stack:
                    low[node] = min(low[node], index[after])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    at = _last_index(stack, node)
                    component = tuple(stack[at:])
                    del stack[at:]
                    on_stack.difference_update(component)
                    found.append(component)
    return found


def _last_index(stack: list[int], node: int) -> int:
    """From the end, where it is: searching from the start would make long chains quadratic."""
    at = len(stack) - 1
    while stack[at] != node:
        at -= 1
    return at
