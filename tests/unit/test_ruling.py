"""What the owner decides about edges and approvals."""

from dataclasses import replace

import pytest

from app.catalogue import load_catalogue
from app.catalogue.configured import configuration_in_use
from app.demo.story import base_files, story_updates
from app.domain import orders
from app.domain.configured_plan import plan_configured
from app.domain.model import Approval, EdgeKind, Plan, Snapshot, State, Strength
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


def test_a_single_edge_is_turned_off_and_the_reason_says_who_did() -> None:
    rule = "edges:\n  rules:\n    - {from: {names: [OCIRepository]}, to: {}, strength: off}\n"
    plan = planned(rule)
    assert plan.edges_of(34) == ()
    assert plan.of(34).state is State.READY
    assert plan.of(34).reason.endswith(f"Without {FILE}:3 it would wait for #30.")
    elsewhere = planned(rule.replace("OCIRepository", "cilium"))
    assert elsewhere.of(34).state is State.BLOCKED, "for another dependency it says nothing"
    other_kind = planned(rule.replace("strength", "kinds: [file], strength"))
    assert other_kind.of(34).state is State.BLOCKED


def test_the_first_rule_that_fits_an_edge_speaks_before_its_kind() -> None:
    text = (
        "edges:\n  needs: off\n  rules:\n"
        "    - {from: {names: [OCIRepository]}, to: {names: ['**/distribution']}, strength: soft}\n"
        "    - {from: {names: [OCIRepository]}, to: {}, strength: off}\n"
    )
    (edge,) = [edge for edge in planned(text).edges_of(34) if edge.kind is EdgeKind.NEEDS]
    assert edge.strength is Strength.SOFT
    assert edge.evidence[-1].line == 4


def test_no_edge_is_made_hard_that_would_close_a_circle() -> None:
    """#34 waits for #30. What would have #30 wait for #34 stays a warning."""
    text = "order:\n  - {this: {names: ['**/distribution'], update_types: [minor]}, after: {names: [OCIRepository]}}\n"
    plan = planned(text)
    assert plan.of(34).state is State.BLOCKED
    assert plan.of(30).state is State.READY
    (warning,) = [one for one in plan.warnings if "Order 1" in one]
    assert warning == (
        f"Order 1 of {FILE}:2 would let #30 wait for #34, which waits for #30 already: it does not count there."
    )


PROMETHEUS_AFTER_DETECTOR = "this: {names: [kube-prometheus-stack]}, after: {names: ['**/node-problem-detector']}"


def order(text: str) -> Plan:
    return planned(f"order:\n  - {text}\n")


def test_a_standing_order_holds_and_says_where_it_stands() -> None:
    plan = order(
        "{this: {names: [kube-prometheus-stack]}, after: {names: ['**/node-problem-detector']}, reason: as asked}"
    )
    (edge,) = [edge for edge in plan.edges_of(37) if edge.kind is EdgeKind.ORDER]
    assert (edge.to, edge.strength) == (38, Strength.HARD)
    assert plan.of(37).state is State.BLOCKED
    assert plan.of(37).reason == f"#37 waits for #38: the configuration wants that order ({FILE}:2): as asked."
    assert plan.of(38).state is State.READY


def test_a_soft_order_is_told() -> None:
    plan = order(
        "{this: {names: [kube-prometheus-stack]}, after: {names: ['**/node-problem-detector']}, strength: soft}"
    )
    assert plan.of(37).state is State.NEEDS_REVIEW
    assert [edge.strength for edge in plan.edges_of(37) if edge.kind is EdgeKind.ORDER] == [Strength.SOFT]


def test_two_orders_against_each_other_hold_nobody_for_ever() -> None:
    plan = planned(
        "order:\n"
        "  - {this: {names: [kube-prometheus-stack]}, after: {names: ['**/node-problem-detector']}}\n"
        "  - {this: {names: ['**/node-problem-detector']}, after: {names: [kube-prometheus-stack]}}\n"
    )
    assert plan.of(37).state is State.BLOCKED
    assert plan.of(38).state is State.READY
    assert [one for one in plan.warnings if one.startswith("Order 2")]


def test_an_order_that_fits_everything_is_cut_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "MOST_PAIRS", 20)
    plan = order("{this: {names: ['**']}, after: {names: ['**']}}")
    assert EdgeKind.ORDER not in kinds(plan)
    assert [one for one in plan.warnings if "fits too many pull requests" in one]


def with_approvals(number: int, text: str, *approvals: Approval) -> tuple[State, str]:
    files = base_files() | {FILE: text}
    tree = tree_of(files)
    pull = replace(story_pull_request(number, files), approvals=approvals)
    plan = plan_configured(Snapshot("main", tree, (pull,), NOW), configuration_in_use(tree, load_catalogue()))
    return plan.of(number).state, plan.of(number).reason


TWO = """\
approvals:
  rules:
    - {match: {names: ['**/node-problem-detector']}, by: maintain, count: 2, reason: it sees every node}
"""


def test_so_many_people_with_that_permission() -> None:
    state, reason = with_approvals(38, TWO)
    assert state is State.NEEDS_REVIEW
    assert reason == (
        "Waits for `/fluxmig approve` by 2 people with maintain permission, by rule of the configuration "
        f'({FILE}:3: "it sees every node").'
    )
    one, writer, two = Approval("ada", "maintain"), Approval("bob", "write"), Approval("eve", "admin")
    state, reason = with_approvals(38, TWO, one, writer)
    assert state is State.NEEDS_REVIEW
    assert reason.endswith("ada said so already. bob approved, without that permission.")
    assert with_approvals(38, TWO, one, writer, two) == (State.READY, "Ready: approved by ada, bob and eve.")


def test_a_rule_speaks_before_the_keys() -> None:
    count_none = "approvals:\n  rules:\n    - {match: {names: [kube-prometheus-stack]}, count: 0}\n"
    assert with_approvals(37, "")[0] is State.NEEDS_REVIEW
    assert with_approvals(37, count_none)[0] is State.READY
    by_type = "approvals:\n  rules:\n    - {match: {update_types: [major]}, by: admin}\n"
    state, reason = with_approvals(37, by_type)
    assert state is State.NEEDS_REVIEW
    assert "with admin permission" in reason
    assert with_approvals(37, by_type, Approval("bob", "write"))[0] is State.NEEDS_REVIEW
    assert with_approvals(37, by_type, Approval("eve", "admin"))[0] is State.READY


def test_approvals_can_be_turned_off() -> None:
    assert with_approvals(37, "approvals: false")[0] is State.READY


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("labels: {blocked: a, hold: A}", 1, "two labels have the same name"),
        ("labels:\n  blokced: x", 2, "`blokced` is no key here; did you mean `blocked`?"),
        ("version: 1\nedges: {files: off}", 2, "`files` is no key here; did you mean `file`?"),
        ("edges: {file: maybe}", 1, "`maybe` is not allowed"),
        ("approvals: {majors: false}", 1, "did you mean `major`?"),
        (
            "edges:\n  rules:\n    - {from: {name: [a]}, strength: off}",
            3,
            "`name` is no key here; did you mean `names`?",
        ),
        ("edges:\n  rules:\n    - {strength: off}", 3, "a rule of edges needs `from` or `to`"),
        ("edges:\n  rules:\n    - {from: {names: ['/(/']}, strength: off}", 3, "is no pattern"),
        ("edges:\n  rules:\n    - {from: {names: [a]}, kinds: [order], strength: off}", 3, "`order` is not allowed"),
        ("order:\n  - {this: {names: [a]}}", 2, "`after` is missing"),
        ("order:\n  - {this: {names: [a]}, after: {}}", 2, "an order has to say which dependencies"),
        ("order:\n  - this: {names: [a]}\n    after: {names: [b]}\n    strength: off", 4, "`off` is not allowed"),
        ("approvals:\n  rules:\n    - match: {}\n      by: owner", 4, "`owner` is not allowed"),
        ("approvals:\n  rules:\n    - match: {}\n      count: 11", 4, "from 0 to 10"),
        ("approvals:\n  rules: {match: {}}", 2, "`rules` is no list"),
        ("rebase:\n  drivers: [checkbox, email]", 2, "`email` is not allowed"),
        ("rebase: {budget: 0}", 1, "from 1 to 1000"),
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
