"""What a check says: short titles, links that lead to the quoted line, and nothing that others can misuse."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from app.config import Settings
from app.domain.checks import SUMMARY_LIMIT, check_text
from app.domain.evidence_links import Head, Links
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
    Update,
    UpdateType,
)
from app.domain.render_mermaid import NEIGHBOURS_SHOWN, neighbourhood_to_mermaid

BASE, OWN, OTHER = "b" * 40, "c" * 40, "d" * 40
ROOT = "https://github.com/octocat/homelab"
LONG = "very-long/" * 40
TOLD = Classification(UpdateType.MAJOR, Component.INFRASTRUCTURE, False, (Update(LONG, "1", LONG),), 1.0, ("it is",))


def file(path: str, text: str) -> SourceFile:
    return SourceFile(path, "blob", text)


def links(base: str = BASE, own: str = OWN) -> Links:
    return Links(
        ROOT,
        base,
        {"a.yaml": file("a.yaml", "one\ntwo\n"), "my file (1).yaml": file("my file (1).yaml", "x")},
        {
            7: Head(own, {"a.yaml": file("a.yaml", "one\nchanged\n"), "new.yaml": None}),
            8: Head(OTHER, {"b.yaml": file("b.yaml", "  three\n")}),
        },
    )


@pytest.mark.parametrize(
    ("quoted", "address"),
    [
        (Evidence("a.yaml", 1, "one"), f"{ROOT}/blob/{OWN}/a.yaml#L1"),
        (Evidence("a.yaml", 2, "changed"), f"{ROOT}/blob/{OWN}/a.yaml#L2"),
        (Evidence("a.yaml", 2, "+ changed"), f"{ROOT}/blob/{OWN}/a.yaml#L2"),
        (Evidence("a.yaml", 2, "two"), f"{ROOT}/blob/{BASE}/a.yaml#L2"),
        (Evidence("a.yaml", 1, "- one"), f"{ROOT}/blob/{BASE}/a.yaml#L1"),
        (Evidence("b.yaml", 1, "three"), f"{ROOT}/blob/{OTHER}/b.yaml#L1"),
        (Evidence("new.yaml", 3, "not read"), f"{ROOT}/blob/{OWN}/new.yaml#L3"),
        (Evidence("a.yaml", 0, "and 3 more such lines"), f"{ROOT}/blob/{OWN}/a.yaml"),
        (Evidence("elsewhere.yaml", 4, "z"), f"{ROOT}/blob/{BASE}/elsewhere.yaml#L4"),
        (Evidence("my file (1).yaml", 1, "x"), f"{ROOT}/blob/{BASE}/my%20file%20%281%29.yaml#L1"),
        (Evidence("a](x) [b`", 1, "x"), f"{ROOT}/blob/{BASE}/a%5D%28x%29%20%5Bb%60#L1"),
        (Evidence("https://e.org/a b)(c", 0, "a fact"), "https://e.org/a%20b%29%28c"),
        (Evidence("javascript://e.org/%0aalert", 0, "no page"), None),
        (Evidence("", 0, "nowhere"), None),
    ],
)
def test_a_quoted_line_leads_to_where_it_stands(quoted: Evidence, address: str | None) -> None:
    assert links().address_of(quoted, 7, 8) == address


def edge(from_: int, to: int | None, strength: Strength = Strength.HARD) -> Edge:
    quoted = (Evidence("a.yaml", 2, "two"),)
    return Edge(from_, to, EdgeKind.NEEDS, strength, Condition.ROLLED_OUT, f"#{from_} waits.", quoted)


def plan_with(state: State, *edges: Edge, told: Classification = TOLD, reason: str = "It is so.") -> Plan:
    numbers = {7, *(edge.from_ for edge in edges), *(edge.to for edge in edges if edge.to is not None)}
    pulls = tuple(PlannedPullRequest(number, "update x", True, told, state, reason) for number in sorted(numbers))
    return Plan(BASE, (), pulls, edges, ())


IMPURE = replace(TOLD, also_changes=(Evidence(LONG, 3, "+ " + LONG),))


@pytest.mark.parametrize("state", [state for state in State if state not in (State.MERGED, State.CLOSED)])
@pytest.mark.parametrize("told", [TOLD, IMPURE, replace(TOLD, updates=())])
@pytest.mark.parametrize("edges", [(), tuple(edge(7, number) for number in range(8, 300))])
def test_title_and_summary_keep_to_githubs_limits(state: State, told: Classification, edges: tuple[Edge, ...]) -> None:
    plan = plan_with(state, *edges, told=told, reason=LONG * 200 + "\n\x1b[31m")
    text = check_text(plan, plan.of(7), links())
    assert 0 < len(text.title) <= 140
    assert text.title.isprintable()
    assert len(text.summary) <= SUMMARY_LIMIT
    assert text.summary.count("```") % 2 == 0


@pytest.mark.parametrize(
    ("state", "told", "edges", "title"),
    [
        (State.BLOCKED, TOLD, (edge(7, 8),), "Blocked by #8, which must be merged and rolled out first"),
        (
            State.BLOCKED,
            TOLD,
            (replace(edge(7, 8), condition=Condition.MERGED), edge(7, 9)),
            "Blocked by #8, which must be merged first (1 more)",
        ),
        (State.BLOCKED, TOLD, (edge(7, None),), "Blocked, and no open pull request would free it"),
        (State.WAITING_ROLLOUT, TOLD, (edge(7, 8),), "#8 is merged, not yet rolled out"),
        (
            State.NEEDS_REVIEW,
            replace(TOLD, updates=(Update("x", "1", "2"),)),
            (),
            "Needs a person's review: major update of x to 2",
        ),
        (
            State.NEEDS_REVIEW,
            replace(TOLD, also_changes=(Evidence("a.yaml", 3, "+ on"),)),
            (),
            "Needs a person's review: it also changes a.yaml:3",
        ),
        (State.UNKNOWN, TOLD, (), "It is so."),
    ],
)
def test_the_title_has_the_cause(state: State, told: Classification, edges: tuple[Edge, ...], title: str) -> None:
    plan = plan_with(state, *edges, told=told)
    assert check_text(plan, plan.of(7)).title == title


def test_what_does_not_fit_is_left_out_whole_and_said() -> None:
    plan = plan_with(State.BLOCKED, *(edge(7, number) for number in range(8, 60)))
    plan = replace(plan, edges=tuple(replace(one, reason="why " * 300) for one in plan.edges))
    told = check_text(plan, plan.of(7), links()).summary
    assert told.endswith('The rest is too long for a check; the page behind "Details" has it.')
    assert len(told) <= SUMMARY_LIMIT


def test_commits_alone_do_not_make_other_words() -> None:
    plan = plan_with(State.BLOCKED, edge(7, 8))
    one, other = check_text(plan, plan.of(7), links()), check_text(plan, plan.of(7), links(base="e" * 40))
    assert one.summary != other.summary
    assert one.digest == other.digest


def test_other_lines_make_other_words() -> None:
    plan = plan_with(State.BLOCKED, edge(7, 8))
    moved = replace(plan, edges=(replace(edge(7, 8), evidence=(Evidence("a.yaml", 1, "two"),)),))
    assert check_text(plan, plan.of(7), links()).digest != check_text(moved, moved.of(7), links()).digest


def test_no_words_of_others_leave_their_place() -> None:
    hostile = Evidence("a`](x)|\n# b", 1, "`</details>|\n@octocat")
    plan = plan_with(State.BLOCKED, replace(edge(7, 8), evidence=(hostile,)))
    told = check_text(plan, plan.of(7), links()).summary
    assert f"- [`a ](x)  # b:1`]({ROOT}/blob/{BASE}/a%60%5D%28x%29%7C%0A%23%20b#L1) `</details>  @octocat`" in told


def test_the_neighbourhood_has_two_hard_steps_and_one_soft() -> None:
    soft = Strength.SOFT
    edges = (edge(7, 8), edge(8, 9), edge(9, 10), edge(8, 11, soft), edge(7, 12, soft), edge(12, 13), edge(14, 7))
    drawn = neighbourhood_to_mermaid(plan_with(State.BLOCKED, *edges), 7)
    assert [number for number in range(7, 15) if f"pr{number}[" in drawn] == [7, 8, 9, 12, 14]


def test_a_large_neighbourhood_is_counted() -> None:
    drawn = neighbourhood_to_mermaid(plan_with(State.BLOCKED, *(edge(number, 7) for number in range(8, 108))), 7)
    assert drawn.count("-->|needs|") == NEIGHBOURS_SHOWN
    assert f'more_behind["{100 - NEIGHBOURS_SHOWN} more"]' in drawn


def test_whoever_has_no_neighbours_gets_no_graph() -> None:
    assert neighbourhood_to_mermaid(plan_with(State.READY), 7) == ""


def test_a_circle_is_drawn_once() -> None:
    drawn = neighbourhood_to_mermaid(plan_with(State.BLOCKED, edge(7, 8), edge(8, 7)), 7)
    assert drawn.count("-->|needs|") == 2


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://github.example.org/api/v3", "https://github.example.org"),
        ("https://api.octocorp.ghe.com", "https://octocorp.ghe.com"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
    ],
)
def test_pages_are_on_the_host_of_the_api(api: str, web: str) -> None:
    secret = SecretStr("x" * 32)
    settings = Settings(
        github_api_url=api,
        github_app_id=1,
        github_private_key=secret,
        github_webhook_secret=secret,
        secret_key=secret,
        admin_token=secret,
    )
    assert settings.github_web_url == web
