"""Desired minus actual: which writes are missing, and that a second look finds none."""

from dataclasses import replace

import pytest

from app.domain.checks import check_text
from app.domain.desired import (
    LABELS,
    OBSERVING,
    Actual,
    AskRebase,
    ChangeLabels,
    Missing,
    Wishes,
    Write,
    WriteCheck,
    missing_writes,
    withheld_words,
)
from app.domain.model import Classification, Component, Plan, PlannedPullRequest, State, UpdateType
from app.domain.modes import Mode

CLASSIFIED = Classification(UpdateType.MINOR, Component.INFRASTRUCTURE, False, (), 1.0, ("it is",))
NOTHING = Actual(head_sha="a" * 40, labels=frozenset(), check_digest="", previous_state=State.UNKNOWN)


def plan_with(state: State, *, by_renovate: bool = True) -> Plan:
    planned = PlannedPullRequest(7, "update x", by_renovate, CLASSIFIED, state, f"It is {state}.")
    return Plan("base", (), (planned,), (), ((7,),))


def writes(plan: Plan, actual: Actual, *, labels: bool = True, landed: dict[int, int] | None = None) -> list[Write]:
    return list(
        missing_writes(
            plan, {7: actual}, wishes=Wishes(labels=LABELS if labels else None), landed=landed or {}, mode=Mode.ACT
        ).writes
    )


def in_mode(mode: Mode, plan: Plan, actual: Actual) -> Missing:
    return missing_writes(plan, {7: actual}, wishes=Wishes(), landed={}, mode=mode)


def kinds(found: list[Write]) -> list[type[Write]]:
    return [type(write) for write in found]


@pytest.mark.parametrize(
    ("state", "conclusion"),
    [
        (State.READY, "success"),
        (State.BLOCKED, "action_required"),
        (State.WAITING_ROLLOUT, "action_required"),
        (State.HELD, "action_required"),
        (State.NEEDS_REVIEW, "action_required"),
        (State.UNKNOWN, "neutral"),
    ],
)
def test_only_what_must_not_wait_passes_a_required_check(state: State, conclusion: str) -> None:
    (write, *_) = writes(plan_with(state), NOTHING)
    assert isinstance(write, WriteCheck)
    assert write.text.conclusion == conclusion
    assert len(write.text.title) <= 140


@pytest.mark.parametrize("state", [State.BLOCKED, State.READY, State.HELD, State.NEEDS_REVIEW, State.UNKNOWN])
def test_a_second_look_finds_nothing_to_write(state: State) -> None:
    plan = plan_with(state)
    labels = frozenset({LABELS[state]} if state in LABELS else ())
    done = replace(NOTHING, labels=labels, check_digest=check_text(plan, plan.of(7)).digest, previous_state=state)
    assert writes(plan, done) == []


def test_at_most_one_of_our_labels_and_never_anybody_elses() -> None:
    held = replace(NOTHING, labels=frozenset({"fluxmig/blocked", "type/major", "area/flux"}))
    (change,) = [write for write in writes(plan_with(State.HELD), held) if isinstance(write, ChangeLabels)]
    assert (set(change.add), set(change.remove)) == ({"fluxmig/hold"}, {"fluxmig/blocked"})


def test_where_the_owner_wants_no_labels_those_that_we_set_go() -> None:
    plan = plan_with(State.BLOCKED)
    known = replace(
        NOTHING,
        labels=frozenset({"fluxmig/blocked", "fluxmig/hold", "type/major"}),
        our_labels=frozenset({"fluxmig/blocked"}),
        check_digest=check_text(plan, plan.of(7)).digest,
    )
    (write,) = missing_writes(plan, {7: known}, wishes=Wishes(labels={}), landed={}, mode=Mode.ACT).writes
    assert write == ChangeLabels(7, add=frozenset(), remove=frozenset({"fluxmig/blocked"}))


def test_labels_can_be_switched_off() -> None:
    assert kinds(writes(plan_with(State.BLOCKED), NOTHING, labels=False)) == [WriteCheck]


@pytest.mark.parametrize("before", [State.BLOCKED, State.WAITING_ROLLOUT])
def test_what_became_free_is_rebased(before: State) -> None:
    found = writes(plan_with(State.READY), replace(NOTHING, previous_state=before))
    assert AskRebase in kinds(found)


@pytest.mark.parametrize("before", [State.READY, State.UNKNOWN, State.HELD, State.NEEDS_REVIEW])
def test_what_was_free_before_is_not_rebased(before: State) -> None:
    assert AskRebase not in kinds(writes(plan_with(State.READY), replace(NOTHING, previous_state=before)))


def test_a_merged_neighbour_asks_for_a_rebase_unless_something_holds() -> None:
    ready = replace(NOTHING, previous_state=State.READY)
    (ask,) = [write for write in writes(plan_with(State.READY), ready, landed={7: 3}) if isinstance(write, AskRebase)]
    assert ask.why == "#3 was merged, and both change the same files"
    assert AskRebase not in kinds(writes(plan_with(State.BLOCKED), ready, landed={7: 3}))


@pytest.mark.parametrize("state", [State.MERGED, State.CLOSED])
def test_nothing_is_written_to_what_is_over(state: State) -> None:
    assert writes(plan_with(state), NOTHING) == []


def test_pull_requests_by_people_are_left_alone() -> None:
    assert writes(plan_with(State.READY, by_renovate=False), NOTHING) == []


def test_what_comes_from_outside_has_no_effect_in_our_sentences() -> None:
    plan = plan_with(State.HELD)
    hostile = "Held: ](https://evil.example) @octocat <img> *x* |y| for #30 and `kept_as_is`."
    told = check_text(plan, replace(plan.of(7), reason=hostile)).summary
    assert "\\](https://evil.example) @\u200boctocat \\<img\\> \\*x\\* \\|y\\| for #30 and `kept_as_is`." in told


FREED = replace(NOTHING, labels=frozenset({"fluxmig/blocked"}), previous_state=State.BLOCKED)


@pytest.mark.parametrize(
    ("mode", "written", "withheld"),
    [
        (Mode.OBSERVE, [], [WriteCheck, ChangeLabels, AskRebase]),
        (Mode.CHECK, [WriteCheck], [ChangeLabels, AskRebase]),
        (Mode.ACT, [WriteCheck, ChangeLabels, AskRebase], []),
    ],
)
def test_the_mode_says_what_is_written_and_what_is_only_shown(
    mode: Mode, written: list[type[Write]], withheld: list[type[Write]]
) -> None:
    found = in_mode(mode, plan_with(State.READY), FREED)
    assert (kinds(list(found.writes)), kinds(list(found.withheld))) == (written, withheld)


def test_what_is_withheld_is_told_in_words() -> None:
    assert [withheld_words(write) for write in in_mode(Mode.OBSERVE, plan_with(State.READY), FREED).withheld] == [
        "check `fluxmig`: success, “It is ready.”",
        "labels: remove `fluxmig/blocked`",
        "ask Renovate to rebase: it became free: It is ready.",
    ]


@pytest.mark.parametrize("digest", ["", check_text(plan_with(State.BLOCKED), plan_with(State.BLOCKED).of(7)).digest])
def test_a_check_that_stands_says_once_that_fluxmig_only_observes(digest: str) -> None:
    standing = replace(NOTHING, check_digest=digest, has_check=True)
    (last,) = in_mode(Mode.OBSERVE, plan_with(State.BLOCKED), standing).writes
    assert last == WriteCheck(7, NOTHING.head_sha, OBSERVING)
    assert OBSERVING.conclusion == "neutral", "it must hold nothing"
    said = replace(standing, check_digest=OBSERVING.digest)
    assert in_mode(Mode.OBSERVE, plan_with(State.BLOCKED), said).writes == ()


def test_turned_on_again_the_check_is_written_over() -> None:
    said = replace(NOTHING, check_digest=OBSERVING.digest, has_check=True)
    (write,) = in_mode(Mode.CHECK, plan_with(State.BLOCKED), said).writes
    assert isinstance(write, WriteCheck)
    assert write.text.conclusion == "action_required"
