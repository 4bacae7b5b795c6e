"""For one pull request: the rule behind each edge in words, and what would change the verdict."""

from typing import assert_never

from app.domain.messages.incidents import HELD_BY_INCIDENT
from app.domain.messages.remedies import remedies
from app.domain.model import EdgeKind, State
from app.services.queries.items import Explanation


def rule_of(kind: EdgeKind) -> str:
    """The rule that makes an edge of this kind, in one sentence."""
    match kind:
        case EdgeKind.NEEDS:
            return "A pull request that starts to use an API waits until the cluster serves that API."
        case EdgeKind.REMOVAL:
            return "An update that stops serving an API waits until nothing in the base branch uses it."
        case EdgeKind.STORED:
            return "An update that drops a version of a CRD waits until the cluster stores no object at that version."
        case EdgeKind.PAIR:
            return "Two parts that must fit each other are updated in the order in which they fit."
        case EdgeKind.FILE:
            return "Two pull requests that change the same file are merged one after the other, with a rebase between."
        case EdgeKind.ENVIRONMENT:
            return "A change is merged into a later environment when the earlier one has rolled it out."
        case EdgeKind.EXPLICIT:
            return "A person wrote that this pull request depends on the other."
        case EdgeKind.ORDER:
            return "The configuration of this repository wants this order."
        case _:
            assert_never(kind)


def what_would_change(explanation: Explanation) -> tuple[str, ...]:
    """Steps that lead to another verdict, each a sentence; commands stand in backticks."""
    pull = explanation.pull_request
    edges = [found.edge for found in explanation.waits_for]
    frozen = pull.state is State.HELD and pull.hold is None
    return remedies(
        pull.state,
        edges,
        changes_more=bool(pull.classification.also_changes),
        frozen=frozen,
        by_incident=frozen and pull.reason.startswith(HELD_BY_INCIDENT),
    )
