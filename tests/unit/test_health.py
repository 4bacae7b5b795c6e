"""Whether a cluster is well, weighed from signals that disagree, grow old and are doubled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from app.domain.cluster_state import Source
from app.domain.health import Signal, answer_of_event, combine, fresh_event, fresh_for, missed_event
from app.domain.heartbeats import is_heartbeat, next_run
from app.domain.messages.clusters import ago
from app.domain.model import Answer

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
A, B, ALL = "Kustomization/flux-system/a", "Kustomization/flux-system/b", "Kustomization"


def says(about: str, answer: Answer, minutes: int, source: Source = Source.EVENT, *, fresh: int = 60) -> Signal:
    """`minutes` ago. A kind speaks for all of its objects."""
    covers = "" if "/" in about else about
    return Signal(source, about, answer, NOW - timedelta(minutes=minutes), "", timedelta(minutes=fresh), covers)


@pytest.mark.parametrize(
    ("signals", "answer"),
    [
        ([], UNKNOWN),
        ([says(A, YES, 1)], YES),
        ([says(A, NO, 1)], NO),
        ([says(A, UNKNOWN, 1)], UNKNOWN),
        # Silence is not health, and an old fault is no fault.
        ([says(A, YES, 61)], UNKNOWN),
        ([says(A, NO, 61)], UNKNOWN),
        # The newer of two is right, whoever says it, whichever came first.
        ([says(A, NO, 9), says(A, YES, 1)], YES),
        ([says(A, YES, 9), says(A, NO, 1)], NO),
        ([says(A, NO, 1), says(A, NO, 1)], NO),
        ([says(A, YES, 5), says(A, NO, 5)], NO),
        # One that is not well, and one of which nothing is known, are enough.
        ([says(A, YES, 1), says(B, NO, 1)], NO),
        ([says(A, YES, 1), says(B, UNKNOWN, 1)], UNKNOWN),
        ([says(A, NO, 1), says(B, UNKNOWN, 1)], NO),
        # What grew old is missed: nobody says then that all is well. What announced no next word is not.
        ([says(A, YES, 1), says(B, NO, 70)], UNKNOWN),
        ([says(A, YES, 1), says(B, YES, 70)], UNKNOWN),
        ([says(A, NO, 1), says(B, YES, 70)], NO),
        ([says(A, YES, 1), replace(says(B, YES, 70), missed_for=timedelta(0))], YES),
        ([says(A, YES, 1), replace(says(B, NO, 70), missed_for=timedelta(days=1))], UNKNOWN),
        ([says(A, YES, 1), replace(says(B, NO, 1501), missed_for=timedelta(days=1))], YES),
        ([says(A, YES, 1), replace(says(B, NO, 70), fresh_for=timedelta.max)], NO),
        # A look at the whole kind is right over older events of its objects, and not over newer ones.
        ([says(A, NO, 9), says(ALL, YES, 1, Source.KUBERNETES)], YES),
        ([says(A, NO, 1), says(ALL, YES, 9, Source.KUBERNETES)], NO),
        ([says(A, NO, 9), says(ALL, UNKNOWN, 1, Source.KUBERNETES)], NO),
        ([says(A, NO, 9), says(ALL, YES, 70, Source.KUBERNETES)], NO),
        # What an old look said does not hide a newer one.
        ([says(ALL, NO, 9, Source.REPORT), says(ALL, YES, 1, Source.KUBERNETES)], YES),
        ([says(ALL, YES, 2, Source.REPORT, fresh=1), says(ALL, NO, 9, Source.KUBERNETES)], NO),
    ],
)
def test_the_answer_does_not_depend_on_the_order(signals: list[Signal], answer: Answer) -> None:
    for order in permutations(signals):
        assert combine(order, NOW).answer is answer
        assert combine([*order, *order], NOW).answer is answer


@pytest.mark.parametrize(
    ("kind", "severity", "reason", "answer"),
    [
        ("Kustomization", "info", "ReconciliationSucceeded", YES),
        ("Kustomization", "info", "Reconciliation Succeeded", YES),
        ("HelmRelease", "info", "UpgradeSucceeded", YES),
        ("HelmRelease", "info", "RollbackSucceeded", UNKNOWN),
        ("HelmRelease", "error", "UpgradeFailed", NO),
        ("Kustomization", "info", "Progressing", UNKNOWN),
        ("Kustomization", "error", "DependencyNotReady", UNKNOWN),
        ("GitRepository", "info", "NewArtifact", None),
        ("GitRepository", "error", "GitOperationFailed", NO),
    ],
)
def test_a_word_is_well_only_where_it_says_success(
    kind: str, severity: str, reason: str, answer: Answer | None
) -> None:
    assert answer_of_event(kind, severity, reason) is answer


def test_only_a_success_that_announces_no_other_is_not_missed() -> None:
    assert missed_event("info", "Helm upgrade succeeded") == timedelta(0)
    assert missed_event("info", "Reconciliation finished in 1s, next run in 1h0m0s") == timedelta(days=1)
    assert missed_event("error", "Helm upgrade failed") == timedelta(days=1)


def test_what_is_too_old_is_shown_as_unknown() -> None:
    (shown,) = combine([says(A, YES, 61)], NOW).signals
    assert (shown.answer, shown.counts) == (UNKNOWN, False)


@pytest.mark.parametrize(
    ("message", "due"),
    [
        ("Reconciliation finished in 1.2s, next run in 1h0m0s", timedelta(hours=1)),
        ("Reconciliation finished in 412ms, next run in 30m0s", timedelta(minutes=30)),
        ("Reconciliation finished in 2m3s, next run in 10m30s", timedelta(minutes=10, seconds=30)),
        ("Reconciliation finished in 2m3s", None),
        ("Health check passed", None),
    ],
)
def test_a_heartbeat_says_when_the_next_is_due(message: str, due: timedelta | None) -> None:
    assert next_run(message) == due
    assert is_heartbeat(message) is message.startswith("Reconciliation")
    if due is not None:
        assert fresh_event(message) > 2 * due


def test_looks_count_longer_where_they_are_rare() -> None:
    minute = timedelta(minutes=1)
    assert fresh_for(Source.KUBERNETES, minute) == timedelta(minutes=10)
    assert fresh_for(Source.KUBERNETES, 10 * minute) == timedelta(minutes=30)
    assert fresh_for(Source.REPORT, minute) == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s ago"), (12, "12 s ago"), (190, "3 min ago"), (7300, "2 h ago"), (345_600, "4 d ago")],
)
def test_ages_in_words(seconds: int, words: str) -> None:
    assert ago(timedelta(seconds=seconds)) == words
