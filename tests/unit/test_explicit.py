"""Edges by hand, and what unblocking does to a verdict: this in, that out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.catalogue import load_catalogue
from app.domain.checks import check_text
from app.domain.desired import Actual, Wishes, missing_writes
from app.domain.freeze import Frozen
from app.domain.frozen_plan import freeze_plan
from app.domain.graph import way_between
from app.domain.model import (
    Dependency,
    EdgeKind,
    Hold,
    Plan,
    PullRequestStatus,
    Rollout,
    RolloutState,
    Snapshot,
    State,
    Unblock,
)
from app.domain.modes import Mode
from app.domain.plan import plan_repository
from app.domain.reading import classify_pull_request
from tests.support.story_repository import NOW, story_snapshot

OPEN, MERGED, CLOSED = PullRequestStatus.OPEN, PullRequestStatus.MERGED, PullRequestStatus.CLOSED
UNBLOCK = Unblock("wcygan", "we know", NOW + timedelta(days=1))
SNAPSHOT = story_snapshot()
PENDING = Rollout("flux", "main", "2.5.1", "2.6.1", 30, NOW, RolloutState.PENDING)


def planned(snapshot: Snapshot) -> Plan:
    return plan_repository(snapshot, load_catalogue(), classify_pull_request)


def depending(*found: Dependency, snapshot: Snapshot = SNAPSHOT) -> Plan:
    return planned(replace(snapshot, dependencies=found))


def changed(number: int, snapshot: Snapshot = SNAPSHOT, **changes: object) -> Snapshot:
    pulls = (
        replace(pull, **changes) if pull.number == number else pull  # type: ignore[arg-type]
        for pull in snapshot.pull_requests
    )
    return replace(snapshot, pull_requests=tuple(pulls))


@pytest.mark.parametrize(
    ("to", "status", "rollouts", "state", "edge"),
    [
        (36, OPEN, (), State.BLOCKED, (36, "merged", False)),
        (30, OPEN, (), State.BLOCKED, (30, "rolled_out", False)),
        (30, MERGED, (PENDING,), State.WAITING_ROLLOUT, (30, "rolled_out", True)),
        (30, MERGED, (replace(PENDING, state=RolloutState.ROLLED_OUT),), State.READY, None),
        (36, MERGED, (), State.READY, None),
        (99, CLOSED, (), State.BLOCKED, (None, "merged", False)),
    ],
)
def test_what_a_person_wrote_holds_until_it_is_true(
    to: int, status: PullRequestStatus, rollouts: tuple[Rollout, ...], state: State, edge: tuple[object, ...] | None
) -> None:
    plan = depending(Dependency(38, to, "wcygan", status), snapshot=replace(SNAPSHOT, rollouts=rollouts))
    found = [one for one in plan.edges if one.kind is EdgeKind.EXPLICIT]
    assert [(one.to, one.condition.value, one.merged) for one in found] == ([edge] if edge else [])
    assert plan.of(38).state is state


def test_pull_requests_by_people_are_not_held_by_it() -> None:
    plan = depending(Dependency(38, 36, "wcygan", OPEN), snapshot=changed(38, by_renovate=False))
    assert [one for one in plan.edges if one.kind is EdgeKind.EXPLICIT] == []


def test_a_circle_that_came_later_is_shown_and_holds() -> None:
    plan = depending(Dependency(38, 36, "a", OPEN), Dependency(36, 38, "b", OPEN))
    assert (plan.of(38).state, plan.of(36).state) == (State.BLOCKED, State.BLOCKED)
    assert "#36" in plan.of(38).reason


@pytest.mark.parametrize(
    ("steps", "way"),
    [
        ([(1, 2), (2, 3)], (1, 2, 3)),
        ([(1, 2), (2, 1), (1, 3)], (1, 3)),
        ([(3, 1)], ()),
        ([], ()),
    ],
)
def test_the_way_from_one_to_another(steps: list[tuple[int, int]], way: tuple[int, ...]) -> None:
    assert way_between(steps, 1, 3) == way


def test_unblocked_it_is_ready_and_says_who_and_what_stands_against_it() -> None:
    plan = planned(changed(34, unblock=UNBLOCK))
    assert (plan.of(34).state, plan.of(34).unblocked) == (State.READY, True)
    assert plan.of(34).reason.startswith("Unblocked by wcygan until 2025-06-12 18:00 UTC: we know. Without that: #34 ")
    text = check_text(plan, plan.of(34))
    assert text.conclusion == "success"
    assert text.title.startswith("Unblocked by wcygan until 2025-06-12 18:00 UTC: we know.")


@pytest.mark.parametrize(
    ("number", "changes", "state"),
    [
        (34, {"hold": Hold("octocat")}, State.HELD),
        (37, {}, State.NEEDS_REVIEW),
        (38, {}, State.READY),
    ],
)
def test_unblocking_is_neither_an_unhold_nor_an_approval(number: int, changes: dict[str, object], state: State) -> None:
    plan = planned(changed(number, SNAPSHOT, unblock=UNBLOCK, **changes))
    assert (plan.of(number).state, plan.of(number).unblocked) == (state, False)


@pytest.mark.parametrize(
    ("number", "state"), [(38, State.HELD), (34, State.BLOCKED), (37, State.NEEDS_REVIEW), (30, State.HELD)]
)
def test_a_freeze_holds_what_could_land(number: int, state: State) -> None:
    plan = freeze_plan(planned(SNAPSHOT), SNAPSHOT, Frozen("a fair", NOW + timedelta(days=1)))
    found = plan.of(number)
    assert (found.state, found.frozen) == (state, state is State.HELD)


def test_a_freeze_has_no_label_and_no_button() -> None:
    plan = freeze_plan(planned(SNAPSHOT), SNAPSHOT, Frozen("a fair", None))
    actual = {38: Actual("a", frozenset(), "", State.READY)}
    (write,) = missing_writes(plan, actual, wishes=Wishes(), landed={}, mode=Mode.ACT).writes
    assert check_text(plan, plan.of(38)).buttons == ()
    assert write.number == 38


def test_what_a_freeze_and_a_blocker_hold_names_the_blocker_once() -> None:
    snapshot = changed(34, unblock=UNBLOCK)
    found = freeze_plan(planned(snapshot), snapshot, Frozen("a fair", None)).of(34)
    assert found.state is State.READY
    assert found.reason.count("Unblocked by") == 1
