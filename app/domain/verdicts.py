"""The state of a pull request and the one sentence that says why."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.domain import messages
from app.domain.approvals import asks_for_a_person, review_reason
from app.domain.declarations import VersionChange
from app.domain.messages.conduct import unblocked_reason, waived_words
from app.domain.model import (
    Classification,
    Component,
    Edge,
    PullRequest,
    PullRequestStatus,
    Requirement,
    State,
    Strength,
)
from app.domain.needs import Needs
from app.domain.ruling import DEFAULT_RULING, Ruling
from app.domain.serving import ServedNow
from app.domain.situation import Situation, brings


@dataclass(frozen=True, slots=True)
class Case:
    """All that bears on the verdict on one open pull request. `freed_by_it` are those that wait for it, hard.

    `waived` are edges that would hold, were they not turned off: the last line of their evidence says where.
    `cycle` is the way round on which it waits for itself, and `bridge` says which version in between opens it.
    """

    pull_request: PullRequest
    classification: Classification
    edges: tuple[Edge, ...] = ()
    waived: tuple[Edge, ...] = ()
    needs: Needs = field(default_factory=Needs)
    changes: tuple[VersionChange, ...] = ()
    unknown: tuple[str, ...] = ()
    cycle: tuple[int, ...] | None = None
    bridge: str = ""
    freed_by_it: tuple[int, ...] = ()
    ruling: Ruling = DEFAULT_RULING


def settled_verdict(status: PullRequestStatus) -> tuple[State, str]:
    """The verdict on a pull request that is no longer open."""
    if status is PullRequestStatus.MERGED:
        return State.MERGED, messages.MERGED
    return State.CLOSED, messages.CLOSED


def verdict(case: Case, situation: Situation) -> tuple[State, str]:
    """The first that applies: held, not ours, blocked, waiting, to be reviewed, unknown, ready."""
    pull_request, told = case.pull_request, case.classification
    if pull_request.hold is not None:
        return State.HELD, messages.held_reason(pull_request.hold.by, pull_request.hold.reason, pull_request.hold.until)
    if not pull_request.by_renovate:
        return State.READY, messages.NOT_RENOVATES
    waiting = _waiting_verdict(case)
    if waiting and pull_request.unblock is None:
        return waiting
    if review := review_reason(pull_request, told, case.ruling):
        return State.NEEDS_REVIEW, review
    if waiting and pull_request.unblock is not None:
        return State.READY, unblocked_reason(pull_request.unblock, waiting[1])
    unknown = (*case.unknown, *case.needs.unknown)
    if unknown:
        return State.UNKNOWN, unknown[0]
    if told.component is Component.UNKNOWN and not case.changes:
        return State.UNKNOWN, messages.NOT_CLASSIFIED
    return State.READY, _ready_reason(case, situation)


def is_unblocked(case: Case, state: State) -> bool:
    """Whether it is ready only because a person said so."""
    return state is State.READY and case.pull_request.unblock is not None and _waiting_verdict(case) is not None


def _waiting_verdict(case: Case) -> tuple[State, str] | None:
    hard = [edge for edge in case.edges if edge.strength is Strength.HARD]
    if not hard:
        return None
    if case.cycle is not None:
        return State.BLOCKED, messages.cycle_reason(case.cycle, bridge=case.bridge)
    open_first = sorted(hard, key=lambda edge: edge.merged)
    state = State.WAITING_ROLLOUT if all(edge.merged for edge in hard) else State.BLOCKED
    others = sorted({edge.to for edge in hard if edge.to is not None} - {open_first[0].to})
    return state, messages.also_waits(open_first[0].reason, others)


def _ready_reason(case: Case, situation: Situation) -> str:
    reason = _ready_cause(case, situation)
    soft = [edge for edge in case.edges if edge.strength is Strength.SOFT and edge.to is not None]
    reason = messages.better_after(reason, sorted({edge.to for edge in soft if edge.to is not None}))
    if not case.waived:
        return reason
    whom = sorted({edge.to for edge in case.waived if edge.to is not None})
    places = dict.fromkeys(edge.evidence[-1] for edge in case.waived)
    return f"{reason} {waived_words(whom, list(places))}"


def _ready_cause(case: Case, situation: Situation) -> str:
    told = case.classification
    if told.component is Component.TOOLING and not case.changes:
        return messages.FLUX_CLI if any(_is_flux_cli(update.name) for update in told.updates) else messages.TOOLING
    if served := _newest_served(case.needs.served, situation):
        return served
    if case.changes:
        what = messages.listed([brings(situation, change) for change in _distinct(case.changes)])
        return messages.ready_provider_reason(brings=what, waiting=case.freed_by_it)
    if case.pull_request.approvals and asks_for_a_person(case.pull_request, told, case.ruling):
        return messages.approved_reason([approval.by for approval in case.pull_request.approvals])
    return messages.READY


def _distinct(changes: Sequence[VersionChange]) -> list[VersionChange]:
    """One for each provider and version: several clusters may get the same."""
    return list({(change.provider, change.after.shown): change for change in changes}.values())


def _is_flux_cli(name: str) -> bool:
    return name.rpartition(":")[2].lower() in {"fluxcd/flux2", "flux2", "fluxcd/flux-cli", "ghcr.io/fluxcd/flux-cli"}


def _newest_served(served: Sequence[tuple[Requirement, ServedNow]], situation: Situation) -> str | None:
    """Why what it needs is there. What a cluster said itself, or a rollout, is news; a declaration is not."""
    by_news = sorted(served, key=lambda item: (item[1].seen is None, item[1].standing.observation is None))
    for requirement, now in by_news:
        standing = now.standing
        if now.seen is not None and now.seen.since is not None:
            return messages.ready_seen_reason(
                api=messages.needed([requirement]),
                scope=requirement.scope,
                source=now.seen.source,
                since=now.seen.since,
            )
        name = situation.catalogue.name_of(standing.provider)
        if now.in_use is not None:
            return messages.ready_in_use_reason(api=messages.needed([requirement]), in_use=now.in_use)
        if standing.observation is not None:
            return messages.ready_observed_reason(name=name, seen=standing.observation)
        if standing.done is not None:
            return messages.ready_rolled_out_reason(name=name, version=standing.done.to, source=standing.done.source)
        if standing.declared is not None and not standing.pending:
            source = standing.declared.declaration.source
            return messages.ready_declared_reason(name=name, version=standing.declared.shown, declared_at=source)
    return None
