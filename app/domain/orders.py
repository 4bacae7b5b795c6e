"""Standing orders of the configuration: this dependency always after that one, while both have open pull requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.messages.conduct import order_circle_warning, order_reason, order_rollout_reason, order_too_wide_warning
from app.domain.model import Condition, Edge, EdgeKind, PullRequest, PullRequestStatus, Strength
from app.domain.ruling import HardWays, Order, Ruling, Sides
from app.domain.situation import Situation

MOST_PAIRS = 2_000
"""Pairs of pull requests of all orders together: what fits more says nothing any more, and costs time."""


@dataclass(frozen=True, slots=True)
class Ordered:
    edges: list[Edge]
    warnings: list[str]


def find_ordered(
    ruling: Ruling,
    sides: Mapping[int, Sides],
    every: Mapping[int, PullRequest],
    edges: Sequence[Edge],
    situation: Situation,
) -> Ordered:
    """The edges of the standing orders, beside those that were found. `every` has the merged pull requests too, whose
    rollout is waited for. An order never closes a circle: it says that it does not count, and holds nobody."""
    found = Ordered([], [])
    if not ruling.orders:
        return found
    hard = HardWays(edges)
    known = {(edge.from_, edge.to) for edge in edges if edge.strength is Strength.HARD}
    either = {frozenset((edge.from_, edge.to)) for edge in edges}
    pairs = 0
    for index, order in enumerate(ruling.orders):
        these = [number for number in sorted(situation.open) if index in sides[number].this
                 and situation.open[number].by_renovate]  # fmt: skip
        targets = [number for number in sorted(every) if index in sides[number].after and _may_free(every[number])]
        pairs += len(these) * len(targets)
        if pairs > MOST_PAIRS:
            found.warnings.append(order_too_wide_warning(order.number, order.place, most=MOST_PAIRS))
            break
        for to in targets:
            for from_ in these:
                if from_ == to or (from_, to) in known:
                    continue
                if order.strength is Strength.SOFT and frozenset((from_, to)) in either:
                    continue
                if hard.leads(to, from_):
                    found.warnings.append(order_circle_warning(order.number, order.place, number=from_, after=to))
                    continue
                if order.strength is Strength.HARD:
                    hard.add(from_, to)
                    known.add((from_, to))
                either.add(frozenset((from_, to)))
                found.edges.append(_edge(order, from_, to, every[to].status, situation))
    return found


def _may_free(pull_request: PullRequest) -> bool:
    return pull_request.status is not PullRequestStatus.CLOSED


def _edge(order: Order, from_: int, to: int, status: PullRequestStatus, situation: Situation) -> Edge:
    merged = status is PullRequestStatus.MERGED
    brings = to in situation.facts and bool(situation.facts[to].changes)
    condition = Condition.ROLLED_OUT if merged or brings else Condition.MERGED
    words = order_rollout_reason if merged else order_reason
    reason = words(number=from_, on=to, place=order.place, why=order.reason)
    return Edge(from_, to, EdgeKind.ORDER, order.strength, condition, reason, (order.place,), merged=merged)
