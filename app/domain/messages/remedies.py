"""What would change a verdict: the steps for people, each a sentence, with commands in backticks."""

from collections.abc import Iterable
from typing import assert_never

from app.domain.model import Condition, Edge, EdgeKind, State, Strength

BRANCH_REVIEW = (
    "Nobody can approve a branch that has no pull request. Open one from it, or let Renovate open one "
    "(`automergeType: pr`), and say `/fluxmig approve` there."
)


INCIDENT = (
    "Mend what fails, or revert what broke it: `/fluxmig rollback` on the pull request that is named tells how.",
    "When it succeeds again, this is free by itself.",
    'It cannot wait, or it is the cure? `/fluxmig unblock --reason "…" for 2h` lets this one pass.',
)


def remedies(
    state: State, edges: Iterable[Edge], *, changes_more: bool, frozen: bool = False, by_incident: bool = False
) -> tuple[str, ...]:
    """`edges` are those by which the pull request waits; `changes_more` says that it changes more than its updates,
    `frozen` that a freeze holds it, `by_incident` that an incident does."""
    edges = tuple(edges)
    match state:
        case State.HELD if by_incident:
            return INCIDENT
        case State.READY:
            return ("Merge it. A new commit on its branch, or a change of the base branch, is judged anew.",)
        case State.WAITING_ROLLOUT if not any(edge.strength is Strength.HARD for edge in edges):
            return (
                "Mend what fails in the cluster: a change of the failing thing itself is not held, nor is its revert.",
                'It has nothing to do with that? `/fluxmig unblock --reason "…" for 2h` lets this one pass.',
            )
        case State.BLOCKED | State.WAITING_ROLLOUT:
            return _steps(edges) or ("Wait for the next look at this repository: the facts have just changed.",)
        case State.HELD if frozen:
            return (
                "Wait: the freeze ends by itself, and this follows.",
                'It cannot wait? `/fluxmig unblock --reason "…" for 2h` lets this one pass.',
            )
        case State.HELD:
            return ("A person who may write to the repository says `/fluxmig unhold`.",)
        case State.NEEDS_REVIEW if changes_more:
            return (
                "A person looks at what else it changes (below), and says `/fluxmig approve` if that is meant.",
                "Not meant? Undo it on the branch, or close the pull request: Renovate opens it anew.",
            )
        case State.NEEDS_REVIEW:
            return (
                "A person reads the release notes and says `/fluxmig approve`.",
                "Not now? `/fluxmig hold` keeps it as it is, with your reason.",
            )
        case State.UNKNOWN:
            return (
                "What is not known has to become known; the reason above says what. fluxmig does not stop the merge.",
            )
        case State.MERGED:
            return ("Nothing: it is merged.",)
        case State.CLOSED:
            return ("Nothing: it is closed. Reopened, it is judged anew.",)
        case _:
            assert_never(state)


def _steps(edges: Iterable[Edge]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_step(edge) for edge in edges if edge.strength is Strength.HARD))


def _step(edge: Edge) -> str:
    if edge.kind is EdgeKind.STORED:
        return "Migrate the stored objects, as the reason says. fluxmig sees by itself when it is done."
    if edge.to is None and edge.merged:
        return "The API server of the cluster lists the API. fluxmig sees it by itself."
    if edge.to is None:
        return "A change that brings what is missing is merged and rolled out. No open pull request brings it yet."
    if edge.merged:
        return (
            f"The cluster reports that it runs what #{edge.to} brought. "
            f"If you have seen that it does, say `/fluxmig confirm` on #{edge.to}."
        )
    *others, last = [f"#{number}" for number in edge.alternatives] or [""]
    also = f"{', '.join(others)} or {last}" if others else last
    instead = f" {also} would do as well." if also else ""
    match edge.condition:
        case Condition.ROLLED_OUT:
            return f"Merge #{edge.to}, then wait until the cluster has rolled it out.{instead}"
        case Condition.MERGED:
            return f"Merge #{edge.to}.{instead}"
        case _:
            assert_never(edge.condition)
