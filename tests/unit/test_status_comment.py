"""When the one comment is written, and what stands in it."""

from dataclasses import replace

import pytest

from app.domain.desired import Actual, Wishes, WriteComment, missing_writes
from app.domain.evidence_links import Links
from app.domain.model import (
    Classification,
    Component,
    Condition,
    Edge,
    EdgeKind,
    Evidence,
    Plan,
    PlannedPullRequest,
    SourceFile,
    State,
    Strength,
    UpdateType,
)
from app.domain.modes import Mode
from app.domain.status_comment import COMMENT_MARKER, KnownComment

CLASSIFIED = Classification(UpdateType.MINOR, Component.INFRASTRUCTURE, False, (), 1.0, ("it is",))
NEW = Actual(head_sha="a" * 40, labels=frozenset(), check_digest="", previous_state=State.UNKNOWN)


QUOTED = Evidence("apps/repo.yaml", 1, "apiVersion: source.toolkit.fluxcd.io/v1")


def plan_with(state: State, reason: str = "It waits.", base: str = "b" * 40) -> Plan:
    planned = PlannedPullRequest(7, "update x", True, CLASSIFIED, state, reason)
    edge = Edge(7, 30, EdgeKind.NEEDS, Strength.HARD, Condition.ROLLED_OUT, "#7 needs #30.", (QUOTED,))
    return Plan(base, (), (planned,), (edge,), ((7,),))


def wanted(plan: Plan, known: KnownComment | None) -> WriteComment | None:
    tree = {QUOTED.file: SourceFile(QUOTED.file, "c" * 40, f"{QUOTED.text}\n")}
    links = Links("https://github.example/o/r", plan.base, tree)
    missing = missing_writes(
        plan, {7: replace(NEW, comment=known)}, wishes=Wishes(comment=True), landed={}, mode=Mode.ACT, links=links
    )
    return next((write for write in missing.writes if isinstance(write, WriteComment)), None)


def test_a_thousand_looks_at_a_base_that_moves_write_it_once() -> None:
    known, written = None, []
    for look in range(1_000):
        write = wanted(plan_with(State.BLOCKED, base=f"{look:040x}"), known)
        if write is not None:
            known = KnownComment(1, write.text.digest, write.state)
            written.append(write.text.body)
    assert len(written) == 1
    assert f"/blob/{0:040x}/apps/repo.yaml#L1" in written[0], "the evidence is a link to the line"


@pytest.mark.parametrize(
    ("state", "is_made"),
    [
        (State.BLOCKED, True),
        (State.WAITING_ROLLOUT, True),
        (State.NEEDS_REVIEW, True),
        (State.READY, False),
        (State.HELD, False),
        (State.UNKNOWN, False),
    ],
)
def test_it_is_made_where_something_is_waited_for_or_to_be_decided(state: State, is_made: bool) -> None:
    assert (wanted(plan_with(state), None) is not None) is is_made
    assert wanted(plan_with(state), KnownComment(1, "other words", State.BLOCKED)) is not None, (
        "it follows every verdict"
    )


def test_a_deleted_one_comes_back_with_another_verdict_that_asks_for_something() -> None:
    deleted = KnownComment(None, "old words", State.BLOCKED)
    assert wanted(plan_with(State.BLOCKED, "Other words."), deleted) is None
    assert wanted(plan_with(State.READY), deleted) is None
    assert wanted(plan_with(State.WAITING_ROLLOUT), deleted) is not None


def test_words_from_outside_have_no_effect() -> None:
    reason = "Waits for <!-- fluxmig:v1 pr --> @everybody [x](https://e.example)."
    write = wanted(plan_with(State.UNKNOWN, reason), KnownComment(1, "", State.BLOCKED))
    assert write is not None
    assert write.text.body.startswith(COMMENT_MARKER)
    rest = write.text.body.removeprefix(COMMENT_MARKER)
    assert "<!--" not in rest.replace("\\<", "")
    assert "@everybody" not in rest
    assert "[x](" not in rest.replace("\\[x\\](", "")
