"""Who is in a merge group, and what may land in which order."""

import json
from dataclasses import replace

import pytest

from app.domain.events import Event, Ignored, MergeGroupChanged
from app.domain.merge_group import Members, MergeGroup, QueueEntry, group_text, members_of
from app.domain.model import (
    Classification,
    Component,
    Condition,
    Edge,
    EdgeKind,
    Plan,
    PlannedPullRequest,
    State,
    Strength,
    UpdateType,
)
from app.github.webhooks import parse_event

MAIN, FIRST, SECOND, THIRD = "0" * 40, "1" * 40, "2" * 40, "3" * 40
QUEUE = tuple(
    QueueEntry(number, position, f"{number}" * 20, sha)
    for position, (number, sha) in enumerate([(11, FIRST), (12, SECOND), (13, THIRD)], 1)
)


def group(number: int, head: str, base: str, *, branch: str = "main") -> MergeGroup:
    ref = f"refs/heads/gh-readonly-queue/{branch}/pr-{number}-{base}"
    return MergeGroup(head, ref, base, f"refs/heads/{branch}")


@pytest.mark.parametrize(
    ("asked", "queue", "members"),
    [
        (group(11, FIRST, MAIN), QUEUE, Members((11,))),
        (group(12, SECOND, FIRST), QUEUE, Members((12,), (11,))),
        (group(13, THIRD, FIRST), QUEUE, Members((12, 13), (11,))),
        (group(13, THIRD, MAIN), QUEUE, Members((11, 12, 13))),
        (group(13, THIRD, MAIN), QUEUE[::-1], Members((11, 12, 13))),
        (group(12, "f" * 40, MAIN), QUEUE, Members((11, 12))),
        (group(12, SECOND, MAIN), (), Members((12,))),
        (group(12, SECOND, MAIN, branch="release/1.x"), (), Members((12,))),
        (MergeGroup(SECOND, "refs/heads/odd", MAIN, "refs/heads/main"), (), Members(())),
        (MergeGroup(SECOND, "refs/heads/odd", MAIN, "refs/heads/main"), QUEUE, Members((11, 12))),
        (
            MergeGroup(THIRD, "refs/heads/gh-readonly-queue/main/pr-9-x", MAIN, "refs/heads/main"),
            (),
            Members(()),
        ),
    ],
)
def test_the_members_of_a_group(asked: MergeGroup, queue: tuple[QueueEntry, ...], members: Members) -> None:
    assert members_of(asked, queue) == members


TOLD = Classification(UpdateType.MINOR, Component.INFRASTRUCTURE, False, (), 1.0, ("it is",))
MERGED, ROLLED_OUT = Condition.MERGED, Condition.ROLLED_OUT


def edge(from_: int, to: int | None, condition: Condition, *, strength: Strength = Strength.HARD) -> Edge:
    return Edge(from_, to, EdgeKind.PAIR, strength, condition, f"#{from_} waits for #{to}.")


def plan_with(states: dict[int, State], *edges: Edge) -> Plan:
    pulls = (PlannedPullRequest(n, "update x", True, TOLD, state, f"It is {state}.") for n, state in states.items())
    return Plan(MAIN, (), tuple(pulls), edges, ())


READY, BLOCKED, WAITING = State.READY, State.BLOCKED, State.WAITING_ROLLOUT


@pytest.mark.parametrize(
    ("states", "edges", "members", "conclusion", "title"),
    [
        ({11: READY}, (), Members((11,)), "success", "#11 may land"),
        ({11: READY, 12: READY}, (), Members((11, 12)), "success", "#11 and #12 may land in this order"),
        ({11: READY, 12: BLOCKED}, (edge(12, 11, MERGED),), Members((11, 12)), "success", "#11 and #12 may land"),
        ({11: READY, 12: BLOCKED}, (edge(12, 11, MERGED),), Members((12,), (11,)), "success", "#12 may land"),
        ({11: READY, 12: BLOCKED}, (edge(12, 11, MERGED),), Members((12, 11)), "action_required", "#12 may not land"),
        ({11: READY, 12: BLOCKED}, (edge(12, 11, MERGED),), Members((12,)), "action_required", "#12 may not land"),
        (
            {11: READY, 12: BLOCKED},
            (edge(12, 11, ROLLED_OUT),),
            Members((11, 12)),
            "action_required",
            "#11 must be rolled out before #12 is merged, and the queue would merge both at once.",
        ),
        (
            {11: READY, 12: BLOCKED},
            (edge(12, 11, MERGED), edge(12, 9, MERGED)),
            Members((11, 12)),
            "action_required",
            "#12 may not land",
        ),
        (
            {11: READY, 12: BLOCKED},
            (replace(edge(12, 9, MERGED), alternatives=(11,)),),
            Members((11, 12)),
            "success",
            "#11 and #12 may land",
        ),
        (
            {12: WAITING},
            (replace(edge(12, 11, ROLLED_OUT), merged=True),),
            Members((12,)),
            "action_required",
            "#12 may not land",
        ),
        ({12: BLOCKED}, (edge(12, None, ROLLED_OUT),), Members((12,)), "action_required", "#12 may not land"),
        ({12: BLOCKED}, (), Members((12,)), "action_required", "#12 may not land"),
        (
            {11: BLOCKED, 12: BLOCKED},
            (edge(12, 11, MERGED), edge(11, 12, MERGED)),
            Members((11, 12)),
            "action_required",
            "#11 may not land",
        ),
        ({12: State.HELD}, (), Members((12,)), "action_required", "#12 may not land: It is held."),
        ({12: State.NEEDS_REVIEW}, (), Members((12,)), "action_required", "#12 may not land"),
        ({12: State.UNKNOWN}, (), Members((12,)), "neutral", "#12 may land"),
        ({}, (), Members((12,)), "neutral", "#12 may land"),
        ({}, (), Members(()), "neutral", "Unknown: the merge group names no pull request"),
    ],
)
def test_what_may_land(
    states: dict[int, State], edges: tuple[Edge, ...], members: Members, conclusion: str, title: str
) -> None:
    text = group_text(plan_with(states, *edges), members)
    assert text.conclusion == conclusion
    assert text.title.startswith(title)
    assert 0 < len(text.title) <= 140
    assert text.summary


def test_of_a_hundred_members_the_words_keep_to_the_limits() -> None:
    states = dict.fromkeys(range(1, 101), State.HELD)
    plan = plan_with(states)
    long = replace(plan, pull_requests=tuple(replace(found, reason="why " * 500) for found in plan.pull_requests))
    text = group_text(long, Members(tuple(states)))
    assert len(text.title) <= 140
    assert len(text.summary) <= 65_535


def payload(action: str) -> bytes:
    told = {"head_sha": SECOND, "head_ref": "refs/heads/q", "base_sha": MAIN, "base_ref": "refs/heads/main"}
    return json.dumps({"action": action, "merge_group": told}).encode()


GROUP = MergeGroup(SECOND, "refs/heads/q", MAIN, "refs/heads/main")


@pytest.mark.parametrize(
    ("action", "event"),
    [
        ("checks_requested", MergeGroupChanged(GROUP, is_gone=False)),
        ("destroyed", MergeGroupChanged(GROUP, is_gone=True)),
        ("renamed", Ignored("a merge group that is renamed asks for nothing")),
    ],
)
def test_what_a_delivery_of_a_merge_group_asks(action: str, event: Event) -> None:
    assert parse_event("merge_group", payload(action), app_id=1) == event
