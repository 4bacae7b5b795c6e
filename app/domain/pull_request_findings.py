"""All that is found about one pull request in its situation, before pull requests are compared with each other."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.domain.environment_edges import find_environment_edges
from app.domain.messages import unread_part, unread_part_reason, unread_reason
from app.domain.model import Edge
from app.domain.needs import Needs, find_needs
from app.domain.pairs import find_pairs, unknown_pairs
from app.domain.pull_request_facts import PullRequestFacts
from app.domain.related import find_related
from app.domain.removals import find_removals, find_uncertain_removals
from app.domain.situation import Situation
from app.domain.skew import find_skew, find_skew_warnings, find_steps
from app.domain.steps import find_bad_steps
from app.domain.stored_versions import find_stored

_EDGES = (find_pairs, find_removals, find_stored, find_steps, find_skew)
_WARNINGS = (find_bad_steps, find_uncertain_removals, find_skew_warnings)


@dataclass(frozen=True, slots=True)
class Findings:
    """`related` and `environment` are edges that count only where no other edge orders the two pull requests.

    `unknown` are sentences for what is not known, `warnings` those of each kind.
    """

    needs: Needs = field(default_factory=Needs)
    edges: tuple[Edge, ...] = ()
    related: tuple[Edge, ...] = ()
    environment: tuple[Edge, ...] = ()
    unknown: tuple[str, ...] = ()
    warnings: tuple[tuple[str, ...], ...] = ()


def find_all(facts: PullRequestFacts, situation: Situation) -> Findings:
    """Pure, and asks of the situation only: what it asked decides when it has to be done again."""
    needs = find_needs(facts, situation)
    return Findings(
        needs=needs,
        edges=(*needs.edges, *(edge for find in _EDGES for edge in find(facts, situation))),
        related=tuple(find_related(facts, situation)),
        environment=tuple(find_environment_edges(facts, situation)),
        unknown=(*_unread(facts), *unknown_pairs(facts, situation)),
        warnings=tuple(tuple(find(facts, situation)) for find in _WARNINGS),
    )


def _unread(facts: PullRequestFacts) -> Iterator[str]:
    if facts.unread:
        yield unread_reason(facts.unread)
    if facts.unread_parts:
        yield unread_part_reason([unread_part(line, why) for line, why in facts.unread_parts])
