"""When a merged version counts as rolled out."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.model import Observation, Rollout, RolloutState
from app.domain.rollouts import rolled_out_source

MERGED = datetime(2025, 6, 11, 18, 28, tzinfo=UTC)


def rollout(to: str = "2.6.1", state: RolloutState = RolloutState.PENDING) -> Rollout:
    return Rollout("flux", "main", "2.5.1", to, 30, MERGED, state, "said before" if state != "pending" else "")


def seen(version: str, *, after: float = 5, scope: str = "main", provider: str = "flux") -> Observation:
    return Observation(scope, provider, version, MERGED + timedelta(minutes=after), "Flux's own event")


@pytest.mark.parametrize(
    ("target", "observed", "expected"),
    [
        ("2.6.1", seen("2.6.1"), True),
        ("2.6.1", seen("v2.6.1"), True),
        ("v2.6.1", seen("2.6.2"), True),
        ("2.6.1", seen("2.6.0"), False),
        ("2.6.1", seen("2.5.1"), False),
        ("2.6.1", seen("2.6.1", scope="staging"), False),
        ("2.6.1", seen("2.6.1", provider="cilium"), False),
        ("2.6.1", seen("nonsense"), False),
        ("2.6.1", seen("2.6.1", after=-5), True),  # somebody was faster by hand
        ("2.x", seen("2.6.1"), True),
        ("2.x", seen("2.6.1", after=-5), False),  # ran before the merge, so it proves nothing
        ("2.x", seen("3.0.0"), False),
        ("latest", seen("2.6.1"), False),
    ],
)
def test_the_cluster_itself_is_the_best_witness(target: str, observed: Observation, expected: bool) -> None:
    source = rolled_out_source(rollout(target), [observed], now=MERGED + timedelta(hours=1), soak=None)
    assert source == ("Flux's own event" if expected else None)


def test_silence_is_never_a_rollout() -> None:
    assert rolled_out_source(rollout(), [], now=MERGED + timedelta(days=400), soak=None) is None


@pytest.mark.parametrize(("minutes", "expected"), [(119, None), (120, "2 h have passed since the merge, unverified")])
def test_a_soak_time_counts_but_says_that_nobody_looked(minutes: int, expected: str | None) -> None:
    now = MERGED + timedelta(minutes=minutes)
    assert rolled_out_source(rollout(), [], now=now, soak=timedelta(hours=2)) == expected


def test_what_is_settled_stays_settled() -> None:
    done = rollout(state=RolloutState.ROLLED_OUT)
    assert rolled_out_source(done, [seen("2.5.1")], now=MERGED, soak=None) == "said before"
