"""Who waits for whom: reach, knots and levels, also on shapes that nobody drew by hand."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.graph import Graph, without_contrary
from app.domain.model import Condition, Edge, EdgeKind, Strength
from app.domain.waves import find_places, order_waves


def edge(from_: int, to: int | None, strength: Strength = Strength.HARD) -> Edge:
    return Edge(from_, to, EdgeKind.NEEDS, strength, Condition.ROLLED_OUT, "")


def graph(*pairs: tuple[int, int | None]) -> Graph:
    return Graph(edge(from_, to) for from_, to in pairs)


def test_downstream_and_upstream_are_transitive_and_the_nearest_first() -> None:
    made = graph((2, 1), (3, 2), (4, 2), (5, 4), (5, 1), (9, None))
    assert made.downstream_of(1) == (2, 5, 3, 4)
    assert made.upstream_of(5) == (4, 1, 2)
    assert made.downstream_of(9) == made.upstream_of(9) == ()


def test_a_knot_is_shown_as_one_way_round() -> None:
    assert graph((1, 2), (2, 3), (3, 1), (3, 2), (4, 1)).cycles() == ((1, 2, 3),)
    assert graph((1, 1)).cycles() == ((1,),)
    assert graph((1, 2), (2, 1), (3, 4), (4, 3)).cycles() == ((1, 2), (3, 4))
    assert graph((1, 2), (2, 3)).cycles() == ()


def test_levels_count_the_steps_and_a_knot_shares_one() -> None:
    assert graph((2, 1), (3, 2), (4, 3), (3, 4)).levels([1, 2, 3, 4, 7]) == {1: 0, 2: 1, 3: 2, 4: 2, 7: 0}


def test_a_long_chain_needs_no_recursion() -> None:
    chain = Graph(edge(number, number - 1) for number in range(1, 20_000))
    assert max(chain.levels(range(20_000)).values()) == 19_999
    assert len(chain.downstream_of(0)) == 19_999


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40))
def test_any_graph_comes_out_in_waves_that_respect_every_edge_outside_knots(pairs: list[tuple[int, int]]) -> None:
    edges = [edge(from_, to) for from_, to in pairs]
    rank = {number: number % 5 for number in range(13)}
    waves = order_waves(rank, edges, rank)
    assert sorted(number for wave in waves for number in wave) == list(range(13))
    place = {number: index for index, wave in enumerate(waves) for number in wave}
    made = Graph(edges)
    for from_, to in pairs:
        if from_ in made.upstream_of(to) or from_ == to:
            assert place[from_] == place[to]
        else:
            assert place[from_] > place[to]


def test_without_edges_the_ranks_are_the_waves() -> None:
    rank = {1: 3, 2: 0, 3: 3, 4: 1}
    assert order_waves(rank, [], rank) == ((2,), (4,), (1, 3))


def test_what_is_no_part_of_the_waves_still_stands_between() -> None:
    edges = [edge(1, 50), edge(50, 2)]
    assert order_waves([1, 2], edges, {1: 0, 50: 0, 2: 0}) == ((2,), (1,))


def place_by_components(edges: list[Edge], rank: dict[int, int]) -> dict[int, tuple[int, int]]:
    """The same by its definition, knot after knot: a knot stands behind the last one that it waits for."""
    graph, place = Graph(edges), dict[int, tuple[int, int]]()
    for knot in graph.components(rank):
        own = max(rank[number] for number in knot)
        before = [place[to] for number in knot for to in graph.waits_for(number) if to not in knot]
        latest = max(before, default=(-1, 0))
        place |= dict.fromkeys(knot, (own, 0) if latest[0] < own else (latest[0], latest[1] + 1))
    return place


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40))
def test_nobody_is_pulled_further_back_than_needed(pairs: list[tuple[int, int]]) -> None:
    edges = [edge(from_, to) for from_, to in pairs]
    rank = {number: number % 5 for number in range(13)}
    assert find_places(edges, rank) == place_by_components(edges, rank)


def test_each_member_of_a_knot_has_a_way_round_of_its_own() -> None:
    ways = graph((1, 2), (2, 3), (3, 1), (3, 4), (4, 3), (5, 1)).ways_round()
    assert ways == {1: (1, 2, 3), 2: (2, 3, 1), 3: (3, 1, 2), 4: (4, 3)}
    assert graph((1, 1)).ways_round() == {1: (1,)}
    assert graph((1, 2)).ways_round() == {}


PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=30)


@given(PAIRS)
def test_every_way_round_is_one(pairs: list[tuple[int, int, bool]]) -> None:
    made = graph(*((from_, to) for from_, to, _ in pairs))
    ways = made.ways_round()
    in_knots = {
        number
        for number in range(10)
        if any(after == number or number in made.upstream_of(after) for after in made.waits_for(number))
    }
    assert set(ways) == in_knots
    for number, way in ways.items():
        assert way[0] == number
        assert all(after in made.waits_for(before) for before, after in zip(way, (*way[1:], way[0]), strict=True))


@given(PAIRS)
def test_soft_edges_never_stand_against_hard_ones(pairs: list[tuple[int, int, bool]]) -> None:
    edges = [edge(from_, to, Strength.HARD if hard else Strength.SOFT) for from_, to, hard in pairs if from_ != to]
    kept = without_contrary(edges)
    hard = [one for one in edges if one.strength is Strength.HARD]
    assert [one for one in kept if one.strength is Strength.HARD] == hard
    # What is left goes round in a circle only through pull requests that the hard ones alone tie into a knot.
    knotted = Graph(hard).ways_round()
    assert all(knotted.keys() & set(way) for way in Graph(kept).cycles())
    rank = dict.fromkeys(range(10), 0)
    place = {number: index for index, wave in enumerate(order_waves(rank, kept, rank)) for number in wave}
    made = Graph(hard)
    for one in hard:
        assert one.to is not None
        if one.from_ not in made.upstream_of(one.to):
            assert place[one.from_] > place[one.to]


def test_a_better_order_that_leads_back_is_dropped() -> None:
    hard, back, other = edge(1, 2), edge(2, 1, Strength.SOFT), edge(3, 1, Strength.SOFT)
    assert without_contrary([hard, back, other]) == [hard, other]
    round_ = [edge(1, 2, Strength.SOFT), edge(2, 3, Strength.SOFT), edge(3, 1, Strength.SOFT)]
    assert without_contrary(round_) == [round_[2]]
