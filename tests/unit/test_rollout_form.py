"""`rollout` in `.github/fluxmig.yaml`."""

from datetime import timedelta

import pytest

from app.domain.policy_file import read_policy
from app.domain.rollout_form import read_span
from app.domain.rollout_terms import Proof, RolloutPolicy
from tests.support.story_repository import source_file


def rollout_of(text: str) -> RolloutPolicy:
    read = read_policy(source_file(".github/fluxmig.yaml", text))
    assert read.policy is not None, read.problems
    return read.policy.rollout


def test_all_of_it() -> None:
    policy = rollout_of(
        "rollout:\n  soak: 2h\n  timeout: 45m\n  require: applied\n"
        "  providers:\n    cilium: {require: confirm, timeout: 1d}\n"
        "  commit_statuses: [Flux-Bot]\n  senders: {0c9c2e41: staging}\n"
    )
    general, cilium = policy.terms_of("flux", soak=None), policy.terms_of("cilium", soak=None)
    assert (general.soak, general.timeout, general.require) == (
        timedelta(hours=2),
        timedelta(minutes=45),
        Proof.APPLIED,
    )
    assert (cilium.soak, cilium.timeout, cilium.require) == (timedelta(hours=2), timedelta(days=1), Proof.CONFIRM)
    assert policy.believes("flux-bot")
    assert not policy.believes("mallory")
    assert policy.senders == {"0c9c2e41": "staging"}


@pytest.mark.parametrize(
    "text", ["", "version: 1\n", "rollout:\n", "rollout: {}\n", "rollout: {commit_statuses: false}\n"]
)
def test_by_default_nobodys_statuses_are_believed(text: str) -> None:
    policy = rollout_of(text)
    assert not policy.believes("flux-bot")
    assert not policy.reads_statuses


def test_everybodys_are_where_the_owner_says_so() -> None:
    assert rollout_of("rollout: {commit_statuses: true}\n").believes("anybody")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("rollout: {soak: soon}\n", 1, "`soon` is no time such as `30m`, `2h` or `1d`"),
        ("rollout:\n  timeout: 0m\n", 2, "`0m` is no time"),
        ("rollout:\n  timeout: 31d\n", 2, "30 days at most"),
        ("rollout:\n  require: hope\n", 2, "hope"),
        ("rollout:\n  soke: 1h\n", 2, "soak"),
        ("rollout:\n  providers:\n    flux: {soke: 1h}\n", 3, "soak"),
        ("rollout:\n  senders: {UPPER: main}\n", 2, "UPPER"),
        ("rollout: soon\n", 1, "allowed keys: soak, timeout, require, providers, commit_statuses, senders"),
        ("rollout:\n  commit_statuses: flux-bot\n", 2, "true or false"),
    ],
)
def test_a_mistake_is_told_where_it_stands(text: str, line: int, said: str) -> None:
    read = read_policy(source_file(".github/fluxmig.yaml", text))
    assert read.policy is None
    first = read.problems[0]
    assert (first.line, said in first.message) == (line, True), read.problems


@pytest.mark.parametrize(("text", "span"), [("30m", 30), ("30 min", 30), ("2H", 120), ("1d", 1440)])
def test_spans(text: str, span: int) -> None:
    assert read_span(text) == timedelta(minutes=span)
