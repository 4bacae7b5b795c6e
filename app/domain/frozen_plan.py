"""A plan while a freeze stands: what could land waits for its end, but for what somebody unblocked."""

from dataclasses import replace

from app.domain.freeze import Frozen
from app.domain.messages.conduct import frozen_reason, unblocked_reason
from app.domain.model import Plan, PlannedPullRequest, PullRequest, Snapshot, State

_COULD_LAND = frozenset({State.READY, State.UNKNOWN})
"""Both pass a required check."""


def freeze_plan(plan: Plan, snapshot: Snapshot, frozen: Frozen) -> Plan:
    by_number = {pull_request.number: pull_request for pull_request in snapshot.pull_requests}
    return replace(
        plan,
        pull_requests=tuple(_freeze(planned, by_number[planned.number], frozen) for planned in plan.pull_requests),
    )


def _freeze(planned: PlannedPullRequest, pull_request: PullRequest, frozen: Frozen) -> PlannedPullRequest:
    if not planned.by_renovate or planned.state not in _COULD_LAND:
        return planned
    reason = frozen_reason(frozen)
    if pull_request.unblock is None:
        return replace(planned, state=State.HELD, reason=reason, frozen=True)
    if planned.unblocked:
        return planned
    return replace(planned, reason=unblocked_reason(pull_request.unblock, reason), unblocked=True)
