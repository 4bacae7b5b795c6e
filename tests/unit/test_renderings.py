"""What others write in titles stays harmless in every rendering."""

from app.domain.model import (
    Classification,
    Component,
    Condition,
    Edge,
    EdgeKind,
    Evidence,
    Plan,
    PlannedPullRequest,
    State,
    Strength,
)
from app.domain.planjson import plan_to_json
from app.domain.render_markdown import plan_to_markdown
from app.domain.render_mermaid import plan_to_mermaid
from app.domain.render_table import plan_to_table

HOSTILE = 'x"]; click pr1 "javascript:alert(1)" \x1b[31m @octocat <img src=x> [a](http://e)'


def plan() -> Plan:
    told = Classification(None, Component.UNKNOWN, False, (), 0.2, ())
    edges = (
        Edge(
            1, None, EdgeKind.NEEDS, Strength.HARD, Condition.ROLLED_OUT, "Nobody brings it.", (Evidence("a", 1, "b"),)
        ),
        Edge(1, 9, EdgeKind.NEEDS, Strength.HARD, Condition.ROLLED_OUT, "Merged.", merged=True),
    )
    planned = PlannedPullRequest(1, HOSTILE, False, told, State.BLOCKED, "Nobody brings it.")
    return Plan(base="main", clusters=(), pull_requests=(planned,), edges=edges, waves=(), warnings=("Split it.",))


def test_a_terminal_gets_no_control_characters() -> None:
    told = plan_to_table(plan())
    assert "\x1b" not in told
    assert "in no wave" in told
    assert "waits for #9 (needs, hard): Merged." in told
    assert "warning: Split it." in told


def test_markdown_gets_no_markup() -> None:
    told = plan_to_markdown(plan())
    assert "\\<img" in told
    assert "@octocat" not in told
    assert "](http" not in told
    assert "waits for nothing open (needs, hard, rolled out)" in told


def test_mermaid_gets_no_statement() -> None:
    told = plan_to_mermaid(plan())
    (node,) = [line for line in told.splitlines() if line.startswith("  pr1[")]
    assert node.count('"') == 2
    assert "]" not in node[:-1]
    assert '  none1["nothing open"] -->|needs| pr1' in told
    assert '  pr9["#9"]' in told


def test_json_has_null_where_nobody_helps() -> None:
    told = plan_to_json(plan())
    assert [edge["to"] for edge in told["edges"]] == [None, 9]
    assert told["edges"][0]["evidence"] == [{"file": "a", "line": 1, "text": "b"}]
