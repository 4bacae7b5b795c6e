"""Edges that a person wrote: `/fluxmig depends on #N`. Hard, and as lasting as the person's word."""

from collections.abc import Mapping

from app.domain.messages.conduct import depends_closed_reason, depends_reason, depends_rollout_reason
from app.domain.model import (
    Condition,
    Dependency,
    Edge,
    EdgeKind,
    PullRequestStatus,
    Rollout,
    RolloutState,
    Snapshot,
    Strength,
)
from app.domain.situation import Situation


def find_explicit(snapshot: Snapshot, situation: Situation) -> list[Edge]:
    """None for what is merged and rolled out, and for pull requests that are not ours to hold."""
    pending = {one.pull_request: one for one in snapshot.rollouts if one.state is not RolloutState.ROLLED_OUT}
    found = (_edge(one, situation, pending) for one in snapshot.dependencies if _is_ours(one.from_, situation))
    return [edge for edge in found if edge is not None]


def _is_ours(number: int, situation: Situation) -> bool:
    return number in situation.open and situation.open[number].by_renovate


def _edge(one: Dependency, situation: Situation, pending: Mapping[int | None, Rollout]) -> Edge | None:
    match one.status:
        case PullRequestStatus.OPEN:
            brings = one.to in situation.facts and bool(situation.facts[one.to].changes)
            condition = Condition.ROLLED_OUT if brings else Condition.MERGED
            return _hard(one, one.to, condition, depends_reason(number=one.from_, on=one.to, by=one.by))
        case PullRequestStatus.MERGED if one.to in pending:
            stands = pending[one.to]
            note = stands.note or stands.source
            reason = depends_rollout_reason(number=one.from_, on=one.to, by=one.by, note=note)
            return _hard(one, one.to, Condition.ROLLED_OUT, reason, merged=True)
        case PullRequestStatus.MERGED:
            return None
        case PullRequestStatus.CLOSED:
            reason = depends_closed_reason(number=one.from_, on=one.to, by=one.by)
            return _hard(one, None, Condition.MERGED, reason)


def _hard(one: Dependency, to: int | None, condition: Condition, reason: str, *, merged: bool = False) -> Edge:
    return Edge(one.from_, to, EdgeKind.EXPLICIT, Strength.HARD, condition, reason, merged=merged)
