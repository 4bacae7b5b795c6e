"""For one pull request: the rule behind each edge in words, and what would change the verdict."""

from typing import assert_never

from app.domain.model import Condition, Edge, EdgeKind, State, Strength
from app.services.phrases import listed
from app.services.queries.items import Explanation


def rule_of(kind: EdgeKind) -> str:
    """The rule that makes an edge of this kind, in one sentence."""
    match kind:
        case EdgeKind.NEEDS:
            return "A pull request that starts to use an API waits until the cluster serves that API."
        case EdgeKind.REMOVAL:
            return "An update that stops serving an API waits until nothing in the base branch uses it."
        case EdgeKind.PAIR:
            return "Two parts that must fit each other are updated in the order in which they fit."
        case EdgeKind.FILE:
            return "Two pull requests that change the same file are merged one after the other, with a rebase between."
        case EdgeKind.ENVIRONMENT:
            return "A change is merged into a later environment when the earlier one has rolled it out."
        case EdgeKind.EXPLICIT:
            return "A person wrote that this pull request depends on the other."
        case _:
            assert_never(kind)


def what_would_change(explanation: Explanation) -> tuple[str, ...]:
    """Steps that lead to another verdict, each a sentence; commands stand in backticks."""
    pull = explanation.pull_request
    match pull.state:
        case State.READY:
            return ("Merge it. A new commit on its branch, or a change of the base branch, is judged anew.",)
        case State.BLOCKED | State.WAITING_ROLLOUT:
            return _steps(explanation) or ("Wait for the next look at this repository: the facts have just changed.",)
        case State.HELD if pull.hold is None:
            return (
                "Wait: the freeze ends by itself.",
                'It cannot wait? `/fluxmig unblock --reason "…" for 2h` lets this one pass.',
            )
        case State.HELD:
            return ("A person who may write to the repository says `/fluxmig unhold`.",)
        case State.NEEDS_REVIEW if pull.classification.also_changes:
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
            assert_never(pull.state)


def _steps(explanation: Explanation) -> tuple[str, ...]:
    hard = [found.edge for found in explanation.waits_for if found.edge.strength is Strength.HARD]
    return tuple(dict.fromkeys(_step(edge) for edge in hard))


def _step(edge: Edge) -> str:
    if edge.to is None:
        return "A change that brings what is missing is merged and rolled out. No open pull request brings it yet."
    if edge.merged:
        return (
            f"The cluster reports that it runs what #{edge.to} brought. "
            f"If you have seen that it does, say `/fluxmig confirm` on #{edge.to}."
        )
    also = listed([f"#{number}" for number in edge.alternatives], "or")
    instead = f" {also} would do as well." if also else ""
    match edge.condition:
        case Condition.ROLLED_OUT:
            return f"Merge #{edge.to}, then wait until the cluster has rolled it out.{instead}"
        case Condition.MERGED:
            return f"Merge #{edge.to}.{instead}"
        case _:
            assert_never(edge.condition)
