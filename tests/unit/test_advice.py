"""What would change a verdict, for each state and each kind of edge."""

from dataclasses import replace

import pytest

from app.domain.model import Condition, Edge, EdgeKind, State, Strength
from app.services.advice import rule_of, what_would_change
from app.services.queries.items import Explanation, Neighbour, RepositoryItem
from tests.unit.test_headline import changing_more, held, needs, pull


def explanation(state: State, *edges: Edge) -> Explanation:
    return Explanation(
        repository=RepositoryItem(1, "octocat", "homelab", "main", None, None),
        pull_request=pull(34, state),
        base="",
        requires=(),
        provides=(),
        waits_for=tuple(Neighbour(edge, None) for edge in edges),
        waited_for_by=(),
        provided_by_neighbours={},
        history=(),
        rebases=(),
        decisions=(),
        commands=(),
    )


MERGE_ONLY = replace(needs(34, 22), kind=EdgeKind.PAIR, condition=Condition.MERGED)

TABLE = [
    (State.READY, (), "Merge it."),
    (State.BLOCKED, (needs(34, 30),), "Merge #30, then wait until the cluster has rolled it out."),
    (
        State.BLOCKED,
        (replace(needs(34, 30), alternatives=(31, 32)),),
        "Merge #30, then wait until the cluster has rolled it out. #31 or #32 would do as well.",
    ),
    (State.BLOCKED, (MERGE_ONLY,), "Merge #22."),
    (State.BLOCKED, (needs(34, None),), "No open pull request brings it yet."),
    (State.BLOCKED, (), "the facts have just changed"),
    (State.WAITING_ROLLOUT, (needs(34, 30, merged=True),), "say `/fluxmig confirm` on #30"),
    (State.HELD, (), "Wait: the freeze ends by itself"),
    (State.NEEDS_REVIEW, (), "reads the release notes"),
    (State.UNKNOWN, (), "fluxmig does not stop the merge"),
    (State.MERGED, (), "Nothing: it is merged."),
    (State.CLOSED, (), "Nothing: it is closed."),
]


@pytest.mark.parametrize(("state", "edges", "step"), TABLE)
def test_each_state_says_what_would_change_it(state: State, edges: tuple[Edge, ...], step: str) -> None:
    assert any(step in found for found in what_would_change(explanation(state, *edges)))


def test_what_a_person_holds_a_person_frees() -> None:
    found = explanation(State.HELD)
    (step,) = what_would_change(replace(found, pull_request=held(found.pull_request)))
    assert "`/fluxmig unhold`" in step


def test_a_bump_that_changes_something_else_is_looked_at() -> None:
    found = explanation(State.NEEDS_REVIEW)
    steps = what_would_change(replace(found, pull_request=changing_more(found.pull_request)))
    assert "says `/fluxmig approve` if that is meant" in steps[0]


def test_a_better_order_is_no_step() -> None:
    soft = needs(34, 22, strength=Strength.SOFT)
    assert what_would_change(explanation(State.BLOCKED, soft, needs(34, 30))) == (
        "Merge #30, then wait until the cluster has rolled it out.",
    )


def test_two_needs_that_one_pull_request_meets_are_one_step() -> None:
    assert len(what_would_change(explanation(State.BLOCKED, needs(34, 30), needs(34, 30)))) == 1


def test_every_kind_of_edge_has_a_rule_of_its_own() -> None:
    assert len({rule_of(kind) for kind in EdgeKind}) == len(EdgeKind)
