"""The one sentence about a repository, as a table of situations."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain.model import (
    Classification,
    Component,
    Condition,
    Edge,
    EdgeKind,
    Evidence,
    Hold,
    PullRequestStatus,
    Rollout,
    State,
    Strength,
)
from app.services.headline import Situation, Tone, get_headline
from app.services.queries.items import PullRequestItem

AT = datetime(2025, 6, 11, 13, 28, tzinfo=UTC)
TOOLING = Classification(None, Component.TOOLING, False, (), 1.0, ())


def pull(number: int, state: State = State.READY, *, by_renovate: bool = True) -> PullRequestItem:
    return PullRequestItem(
        id=number,
        number=number,
        title=f"Update {number}",
        branch=f"renovate/{number}",
        head_sha="",
        author="renovate[bot]",
        status=PullRequestStatus.OPEN,
        draft=False,
        by_renovate=by_renovate,
        labels=(),
        classification=TOOLING,
        state=state,
        reason="",
        state_since=AT,
        opened_at=None,
        merged_at=None,
        hold=None,
        approved_by=None,
    )


def held(item: PullRequestItem) -> PullRequestItem:
    return replace(item, hold=Hold("octocat"))


def changing_more(item: PullRequestItem) -> PullRequestItem:
    told = replace(item.classification, also_changes=(Evidence("apps/a.yaml", 7, "+ replicas: 3"),))
    return replace(item, classification=told)


def needs(from_: int, to: int | None, *, merged: bool = False, strength: Strength = Strength.HARD) -> Edge:
    return Edge(from_, to, EdgeKind.NEEDS, strength, Condition.ROLLED_OUT, "because", merged=merged)


FLUX = Rollout("flux", "main", "2.5.1", "2.6.1", 30, AT)
BLOCKED = State.BLOCKED
WAITING = State.WAITING_ROLLOUT


def situation(
    *pulls: PullRequestItem,
    edges: tuple[Edge, ...] = (),
    rollouts: tuple[Rollout, ...] = (),
    planned: bool = True,
) -> Situation:
    return Situation.of(planned=planned, pull_requests=pulls, edges=edges, rollouts=rollouts)


TABLE = [
    (
        "never read",
        situation(planned=False),
        Tone.WAIT,
        "Reading this repository for the first time",
        "The pull requests and the base branch are being read; the plan follows within moments.",
    ),
    (
        "nothing open",
        situation(),
        Tone.QUIET,
        "Nothing to do",
        "No open pull request by Renovate. fluxmig looks again when the next one comes.",
    ),
    (
        "only a person's",
        situation(pull(1, by_renovate=False)),
        Tone.QUIET,
        "Nothing to do",
        "No open pull request by Renovate. fluxmig looks again when the next one comes.",
    ),
    (
        "nothing open, a rollout under way",
        situation(rollouts=(FLUX,)),
        Tone.WAIT,
        "Waiting for the cluster to run Flux 2.6.1",
        (
            "#30 is merged, but cluster main has not said that it runs Flux 2.6.1; it may still run 2.5.1. "
            "No open pull request by Renovate waits for it."
        ),
    ),
    (
        "the story before the merge",
        situation(pull(26), pull(30), pull(34, BLOCKED), edges=(needs(34, 30),)),
        Tone.ACT,
        "Merge #30 first",
        "#34 waits for it. One other is ready to merge.",
    ),
    (
        "the story after the merge",
        situation(pull(26), pull(34, WAITING), edges=(needs(34, 30, merged=True),), rollouts=(FLUX,)),
        Tone.WAIT,
        "Waiting for the cluster to run Flux 2.6.1",
        (
            "#30 is merged, but cluster main has not said that it runs Flux 2.6.1; it may still run 2.5.1. "
            "Until it says so, #34 waits."
        ),
    ),
    (
        "several wait for the rollout",
        situation(
            pull(34, WAITING),
            pull(35, WAITING),
            edges=(needs(34, 30, merged=True), needs(35, 30, merged=True)),
            rollouts=(FLUX,),
        ),
        Tone.WAIT,
        "Waiting for the cluster to run Flux 2.6.1",
        (
            "#30 is merged, but cluster main has not said that it runs Flux 2.6.1; it may still run 2.5.1. "
            "Until it says so, two pull requests wait."
        ),
    ),
    (
        "two rollouts at once",
        situation(
            pull(34, WAITING),
            edges=(needs(34, 30, merged=True), needs(34, 31, merged=True)),
            rollouts=(FLUX, replace(FLUX, provider="flux-operator", from_=None, to="0.22.0", pull_request=31)),
        ),
        Tone.WAIT,
        "Waiting for the cluster to run Flux 2.6.1 and Flux Operator 0.22.0",
        (
            "#30 is merged, but cluster main has not said that it runs Flux 2.6.1; it may still run 2.5.1. "
            "Until it says that it runs them, #34 waits."
        ),
    ),
    (
        "a rollout that nobody waits for is not the news",
        situation(pull(26), rollouts=(FLUX,)),
        Tone.OK,
        "#26 is ready to merge",
        "Nothing waits, and nothing needs you.",
    ),
    (
        "two to merge first, the one that frees more before the other",
        situation(
            pull(1),
            pull(2),
            pull(3, BLOCKED),
            pull(4, BLOCKED),
            pull(5, BLOCKED),
            edges=(needs(3, 1), needs(4, 2), needs(5, 2)),
        ),
        Tone.ACT,
        "Merge #2 and #1 first",
        "Three pull requests wait for them.",
    ),
    (
        "what is to be merged first is held",
        situation(pull(30, State.HELD), pull(34, BLOCKED), edges=(needs(34, 30),)),
        Tone.ACT,
        "Merge #30 first",
        "#34 waits for it. #30 is on hold.",
    ),
    (
        "a chain: only its head can be merged",
        situation(pull(1), pull(2, BLOCKED), pull(3, BLOCKED), edges=(needs(2, 1), needs(3, 2))),
        Tone.ACT,
        "Merge #1 first",
        "#2 waits for it.",
    ),
    (
        "a person's pull request frees it",
        situation(pull(40, by_renovate=False), pull(41, BLOCKED), edges=(needs(41, 40),)),
        Tone.ACT,
        "Merge #40 first",
        "#41 waits for it.",
    ),
    (
        "nobody brings it",
        situation(pull(34, BLOCKED), edges=(needs(34, None),)),
        Tone.STOP,
        "No open pull request would free #34",
        "It is blocked, and what would end it has not been proposed yet.",
    ),
    (
        "a cycle",
        situation(pull(1, BLOCKED), pull(2, BLOCKED), edges=(needs(1, 2), needs(2, 1))),
        Tone.STOP,
        "Two pull requests are blocked",
        "Two pull requests wait for one another; each says on its page what it waits for.",
    ),
    (
        "majors",
        situation(pull(1), pull(15, State.NEEDS_REVIEW), pull(37, State.NEEDS_REVIEW)),
        Tone.ACT,
        "Two pull requests need your decision",
        "#15 and #37: major updates are for a person to judge. One other is ready to merge.",
    ),
    (
        "a bump that changes something else",
        situation(pull(15, State.NEEDS_REVIEW), changing_more(pull(37, State.NEEDS_REVIEW))),
        Tone.ACT,
        "Two pull requests need your decision",
        "#15: major updates are for a person to judge. #37: more changes than the title says.",
    ),
    (
        "a freeze",
        situation(pull(1, State.HELD), pull(2, State.HELD)),
        Tone.ACT,
        "Two pull requests are on hold",
        "A freeze holds #1 and #2; it ends by itself.",
    ),
    (
        "a hold",
        situation(held(pull(1, State.HELD))),
        Tone.ACT,
        "One pull request is on hold",
        "A person holds #1.",
    ),
    (
        "unknown",
        situation(pull(1, State.UNKNOWN), pull(2), pull(3)),
        Tone.ACT,
        "One pull request could not be judged",
        "fluxmig cannot tell what #1 needs; the page says why. Two others are ready to merge.",
    ),
    (
        "all ready",
        situation(pull(1), pull(2), pull(3)),
        Tone.OK,
        "All three pull requests are ready to merge",
        "Nothing waits, and nothing needs you. The waves below give the order.",
    ),
    (
        "soft edges hold nothing up",
        situation(pull(1), pull(2), edges=(needs(2, 1, strength=Strength.SOFT),)),
        Tone.OK,
        "Both pull requests are ready to merge",
        "Nothing waits, and nothing needs you. The waves below give the order.",
    ),
]


@pytest.mark.parametrize(("told", "tone", "title", "detail"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_sentence_fits_the_situation(told: Situation, tone: Tone, title: str, detail: str) -> None:
    headline = get_headline(told)
    assert (headline.tone, headline.title, headline.detail) == (tone, title, detail)


def test_merged_and_closed_pull_requests_are_not_counted() -> None:
    gone = [replace(pull(1), status=PullRequestStatus.CLOSED), pull(2, State.MERGED)]
    assert Situation.of(planned=True, pull_requests=gone, edges=(), rollouts=()).pull_requests == ()
