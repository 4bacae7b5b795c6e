"""What the owner decides about edges and approvals."""

import pytest

from app.catalogue import load_catalogue
from app.catalogue.configured import configuration_in_use
from app.demo.story import base_files, story_updates
from app.domain.configured_plan import plan_configured
from app.domain.model import EdgeKind, Plan, Snapshot, State, Strength
from app.domain.policy_file import read_policy
from tests.support.story_repository import NOW, source_file, story_pull_request, tree_of

FILE = ".github/fluxmig.yaml"


def planned(text: str) -> Plan:
    files = base_files() | {FILE: text}
    tree = tree_of(files)
    pulls = tuple(story_pull_request(number, files) for number in story_updates())
    snapshot = Snapshot("main", tree, pulls, NOW)
    return plan_configured(snapshot, configuration_in_use(tree, load_catalogue()))


def kinds(plan: Plan) -> set[EdgeKind]:
    return {edge.kind for edge in plan.edges}


def test_a_kind_of_edges_can_be_turned_off() -> None:
    assert EdgeKind.PAIR in kinds(planned(""))
    assert EdgeKind.PAIR not in kinds(planned("edges: {pair: off}"))
    assert planned("edges: {needs: off}").of(34).state is State.READY


def test_made_soft_it_is_told_and_holds_nothing() -> None:
    plan = planned("version: 1\nedges:\n  needs: soft\n")
    (edge,) = [edge for edge in plan.edges_of(34) if edge.kind is EdgeKind.NEEDS]
    assert edge.strength is Strength.SOFT
    assert (edge.evidence[-1].file, edge.evidence[-1].line, edge.evidence[-1].text) == (FILE, 3, "needs: soft")
    assert plan.of(34).state is State.READY
    assert "#30" in plan.of(34).reason


def test_made_hard_it_holds() -> None:
    soft = next(edge for edge in planned("").edges if edge.kind is EdgeKind.PAIR)
    plan = planned("edges: {pair: hard}")
    assert plan.of(soft.from_).state is State.BLOCKED


def test_who_approves_what() -> None:
    assert planned("").of(37).state is State.NEEDS_REVIEW
    assert planned("approvals: {major: false}").of(37).state is State.READY
    plan = planned("version: 1\napprovals:\n  classes: [infrastructure]\n")
    assert plan.of(38).state is State.NEEDS_REVIEW
    assert plan.of(38).reason == (
        "Every update of the class `infrastructure` waits for a person (.github/fluxmig.yaml:3): "
        "say `/fluxmig approve`."
    )


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("labels: {blocked: a, hold: A}", 1, "two labels have the same name"),
        ("labels:\n  blokced: x", 2, "`blokced` is no key here; did you mean `blocked`?"),
        ("version: 1\nedges: {files: off}", 2, "`files` is not allowed"),
        ("edges: {file: maybe}", 1, "`maybe` is not allowed"),
        ("approvals: {majors: false}", 1, "did you mean `major`?"),
        ("rebase:\n  drivers: [checkbox, email]", 2, "`email` is not allowed"),
        ("rebase: {budget: 0}", 1, "greater than or equal to 1"),
        ("rollout: {soak: tomorrow}", 1, "`tomorrow` is no time such as"),
    ],
)
def test_a_mistake_is_told_with_its_line(text: str, line: int, said: str) -> None:
    (problem, *_) = read_policy(source_file(FILE, text)).problems
    assert problem.line == line
    assert said in problem.message


def test_labels_can_be_renamed_or_turned_off() -> None:
    policy = read_policy(source_file(FILE, "labels: {blocked: do-not-merge, ready: go}")).policy
    assert policy is not None
    assert policy.labels is not None
    assert policy.labels[State.BLOCKED] == policy.labels[State.WAITING_ROLLOUT] == "do-not-merge"
    assert policy.labels[State.READY] == "go"
    off = read_policy(source_file(FILE, "labels: false")).policy
    assert off is not None
    assert off.no_labels
