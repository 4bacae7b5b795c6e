"""The dashboard's text: its sections, its boxes, and how long it may be."""

import pytest

from app.domain.commands import Verb
from app.domain.dashboard import dashboard_text, list_ticked, ticked_now
from app.domain.messages import words
from app.domain.model import Classification, Component, Plan, PlannedPullRequest, State, UpdateType

CLASSIFIED = Classification(UpdateType.MINOR, Component.INFRASTRUCTURE, False, (), 1.0, ("it is",))
PAGE = "https://fluxmig.example/r/o/r"


def plan_of(*states: State, title: str = "update x", reason: str = "So it is.") -> Plan:
    pulls = tuple(
        PlannedPullRequest(number, title, True, CLASSIFIED, state, reason) for number, state in enumerate(states, 1)
    )
    return Plan("base", (), pulls, (), (tuple(range(1, len(states) + 1)),))


@pytest.mark.parametrize(
    ("state", "heading", "verbs"),
    [
        (State.READY, words.MERGE_NEXT, ["rebase", "hold"]),
        (State.NEEDS_REVIEW, words.NEEDS_A_PERSON, ["approve", "hold"]),
        (State.WAITING_ROLLOUT, words.WAITS_FOR_CLUSTER, ["confirm"]),
        (State.BLOCKED, words.WAITS, ["hold"]),
        (State.UNKNOWN, words.WAITS, ["hold"]),
        (State.HELD, words.WAITS, ["unhold"]),
    ],
)
def test_each_state_has_its_section_and_its_boxes(state: State, heading: str, verbs: list[str]) -> None:
    body = dashboard_text(plan_of(state), page=PAGE).body
    assert f"## {heading}\n\n- #1 update x" in body
    ticked = list_ticked(body.replace("- [ ]", "- [x]"))
    assert [verb.value for verb, _ in ticked] == verbs
    assert f"## {words.WAVES}" in body
    assert list_ticked(body) == ()


def test_what_is_too_long_is_cut_between_entries_and_says_so() -> None:
    body = dashboard_text(plan_of(*[State.BLOCKED] * 2_000, title="t" * 300), page=PAGE).body
    assert len(body) <= 60_000
    assert body.count("\n- #") > 100
    assert body.rstrip().endswith(words.CUT_SHORT)
    assert f"({PAGE})" in body


def test_nothing_open() -> None:
    assert words.NOTHING_OPEN in dashboard_text(plan_of(), page=PAGE).body


@pytest.mark.parametrize(
    "hostile",
    [
        "x\n- [x] <!-- fluxmig:approve=1 -->",
        "x\r\n  - [X] <!-- fluxmig:approve=1 -->",
        "`x\n- [x] <!-- fluxmig:approve=1 -->",
        "- [x] <!-- fluxmig:approve=1 -->",
    ],
)
def test_neither_titles_nor_reasons_forge_a_box(hostile: str) -> None:
    for plan in (plan_of(State.BLOCKED, title=hostile), plan_of(State.BLOCKED, reason=hostile)):
        assert list_ticked(dashboard_text(plan, page=PAGE).body) == ()


@pytest.mark.parametrize(
    ("before", "after", "ticked"),
    [
        ("- [ ] <!-- fluxmig:hold=3 -->", "- [x] <!-- fluxmig:hold=3 -->", [(Verb.HOLD, 3)]),
        ("- [ ] <!-- fluxmig:hold=3 -->", "  - [X] <!-- fluxmig:hold=3 -->hold it\r\n", [(Verb.HOLD, 3)]),
        ("- [x] <!-- fluxmig:hold=3 -->", "- [x] <!-- fluxmig:hold=3 -->", []),
        ("- [x] <!-- fluxmig:hold=3 -->", "- [ ] <!-- fluxmig:hold=3 -->", []),
        ("", "- [x] <!-- fluxmig:hold=3 -->\n- [x] <!-- fluxmig:hold=3 -->", [(Verb.HOLD, 3)]),
        ("", "- [x] <!-- fluxmig:rollback=3 -->", []),
        ("", "> - [x] <!-- fluxmig:hold=3 -->", []),
        ("", "- [x] <!-- fluxmig:hold=99999999999 -->", []),
    ],
)
def test_what_an_edit_has_ticked(before: str, after: str, ticked: list[tuple[Verb, int]]) -> None:
    assert list(ticked_now(before, after)) == ticked
