"""The pure function at the heart: a snapshot of a repository in, a plan with its reasons out."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from app.domain.base_facts import BaseFacts, read_base
from app.domain.catalogue import FLUX, Catalogue
from app.domain.environment_edges import find_environment_edges
from app.domain.explicit import find_explicit
from app.domain.graph import Graph, without_contrary
from app.domain.messages import base_unread_warning, unread_part, unread_part_reason, unread_reason
from app.domain.model import (
    Capability,
    Classification,
    Cluster,
    Declaration,
    Edge,
    Evidence,
    Plan,
    PlannedPullRequest,
    PullRequest,
    PullRequestStatus,
    Snapshot,
    Strength,
)
from app.domain.needs import Needs, find_needs
from app.domain.overlaps import find_overlaps
from app.domain.pairs import find_pairs, unknown_pairs
from app.domain.partial_groups import find_partial_groups
from app.domain.pull_request_facts import PullRequestFacts, read_pull_request
from app.domain.related import find_related
from app.domain.removals import bridge_words, find_bridges, find_removals, find_uncertain_removals
from app.domain.serving import Serving
from app.domain.situation import Situation
from app.domain.skew import find_skew, find_skew_warnings, find_steps
from app.domain.steps import find_bad_steps
from app.domain.verdicts import Case, is_unblocked, settled_verdict, verdict
from app.domain.waves import order_waves, rank_of

Classify = Callable[[PullRequest], Classification]


def plan_repository(snapshot: Snapshot, catalogue: Catalogue, classify: Classify) -> Plan:
    """Decide on every pull request of the snapshot."""
    base = read_base(snapshot.tree, catalogue)
    told = {pull_request.number: classify(pull_request) for pull_request in snapshot.pull_requests}
    situation = _situation(snapshot, base)
    needs = {facts.number: find_needs(facts, situation) for facts in situation.ours()}
    edges = [
        *find_explicit(snapshot, situation),
        *(edge for found in needs.values() for edge in found.edges),
        *(edge for facts in situation.ours() for edge in find_pairs(facts, situation)),
        *(edge for facts in situation.ours() for edge in find_removals(facts, situation)),
        *(edge for facts in situation.ours() for edge in find_steps(facts, situation)),
        *(edge for facts in situation.ours() for edge in find_skew(facts, situation)),
    ]
    groups = find_partial_groups(situation.open.values(), snapshot.tree, base.scopes)
    edges += _new_pairs(groups.edges, edges, situation)
    for find in (find_related, find_environment_edges):
        edges += _new_pairs((edge for facts in situation.ours() for edge in find(facts, situation)), edges, situation)
    rank = {number: rank_of(told[number]) for number in situation.open}
    edges = without_contrary(edges)
    edges = without_contrary([*edges, *_overlaps(situation, edges, rank)])
    edges.sort(key=lambda edge: (edge.from_, edge.strength is not Strength.HARD, edge.merged, edge.to or 0, edge.kind))
    cases = _cases(situation, told, needs, edges)
    ours = [number for number, pull_request in situation.open.items() if pull_request.by_renovate]
    return Plan(
        base=snapshot.base,
        clusters=_clusters(base, situation.serving),
        pull_requests=tuple(
            _planned(pull_request, told[pull_request.number], situation, cases)
            for pull_request in snapshot.pull_requests
        ),
        edges=tuple(edges),
        waves=order_waves(ours, edges, rank),
        warnings=(*_warnings(situation, needs), *groups.warnings),
    )


def _situation(snapshot: Snapshot, base: BaseFacts) -> Situation:
    open_ = {
        pull_request.number: pull_request
        for pull_request in snapshot.pull_requests
        if pull_request.status is PullRequestStatus.OPEN
    }
    facts = {number: read_pull_request(pull_request, base) for number, pull_request in open_.items()}
    return Situation(base=base, serving=Serving(snapshot, base), open=open_, facts=facts)


def _warnings(situation: Situation, needs: Mapping[int, Needs]) -> tuple[str, ...]:
    found = [warning for each in needs.values() for warning in each.warnings]
    for find in (find_bad_steps, find_uncertain_removals, find_skew_warnings):
        found += [warning for facts in situation.ours() for warning in find(facts, situation)]
    unread = [
        unread_part(Evidence(path, part.line, part.text), part.why)
        for path, parts in situation.base.unread.items()
        for part in parts
    ]
    found += [base_unread_warning(unread)] if unread else []
    return tuple(dict.fromkeys(found))


def _new_pairs(found: Iterable[Edge], edges: Iterable[Edge], situation: Situation) -> list[Edge]:
    """Those of Renovate's pull requests that no edge orders yet, in either direction."""
    ordered = {frozenset((edge.from_, edge.to)) for edge in edges}
    new: list[Edge] = []
    for edge in found:
        pair = frozenset((edge.from_, edge.to))
        if situation.open[edge.from_].by_renovate and pair not in ordered:
            ordered.add(pair)
            new.append(edge)
    return new


def _overlaps(situation: Situation, edges: list[Edge], rank: Mapping[int, int]) -> list[Edge]:
    """File edges for the pairs that no other edge orders already, in the order that hard edges and ranks give."""
    ordered = {frozenset((edge.from_, edge.to)) for edge in edges}
    special = {number for number, facts in situation.facts.items() if facts.changes or facts.requires}
    special |= {edge.from_ for edge in edges if edge.strength is Strength.HARD}
    waves = order_waves(situation.open, edges, rank)
    place = {number: (index,) for index, wave in enumerate(waves) for number in wave}
    ours = [pull_request for pull_request in situation.open.values() if pull_request.by_renovate]
    found = find_overlaps(ours, special=special.intersection(p.number for p in ours), rank=place)
    return [edge for edge in found if frozenset((edge.from_, edge.to)) not in ordered]


def _cases(
    situation: Situation, told: Mapping[int, Classification], needs: Mapping[int, Needs], edges: list[Edge]
) -> dict[int, Case]:
    by_start: dict[int, list[Edge]] = defaultdict(list)
    freed: dict[int, list[int]] = defaultdict(list)
    for edge in edges:
        by_start[edge.from_].append(edge)
        if edge.to is not None and edge.strength is Strength.HARD and edge.from_ not in freed[edge.to]:
            freed[edge.to].append(edge.from_)
    cycles = Graph(edge for edge in edges if edge.strength is Strength.HARD).ways_round()
    bridges = _bridges(cycles, situation)
    return {
        number: Case(
            pull_request=pull_request,
            classification=told[number],
            edges=tuple(by_start[number]),
            needs=needs.get(number, Needs()),
            changes=situation.facts[number].changes,
            unknown=_unknown(situation.facts[number], situation),
            cycle=cycles.get(number),
            bridge=bridges.get(number, ""),
            freed_by_it=tuple(freed[number]),
        )
        for number, pull_request in situation.open.items()
    }


def _bridges(cycles: Mapping[int, tuple[int, ...]], situation: Situation) -> dict[int, str]:
    """For each pull request on a cycle the version in between that opens it, in words; not where none does."""
    own = {
        number: words
        for number in cycles
        if situation.facts[number].changes
        and (found := find_bridges(situation.facts[number], situation))
        and (words := bridge_words(found, situation))
    }
    return {
        number: next(own[member] for member in cycle if member in own)
        for number, cycle in cycles.items()
        if not own.keys().isdisjoint(cycle)
    }


def _unknown(facts: PullRequestFacts, situation: Situation) -> tuple[str, ...]:
    unread = [unread_reason(facts.unread)] if facts.unread else []
    if facts.unread_parts:
        unread.append(unread_part_reason([unread_part(line, why) for line, why in facts.unread_parts]))
    return (*unread, *unknown_pairs(facts, situation))


def _planned(
    pull_request: PullRequest, told: Classification, situation: Situation, cases: Mapping[int, Case]
) -> PlannedPullRequest:
    facts = situation.facts.get(pull_request.number, PullRequestFacts(pull_request.number))
    case = cases.get(pull_request.number)
    state, reason = verdict(case, situation) if case else settled_verdict(pull_request.status)
    return PlannedPullRequest(
        number=pull_request.number,
        title=pull_request.title,
        by_renovate=pull_request.by_renovate,
        classification=told,
        state=state,
        reason=reason,
        unblocked=case is not None and is_unblocked(case, state),
        requires=facts.requires,
        provides=tuple(
            Capability(
                provider=change.provider,
                scope=change.scope,
                from_=change.before.shown if change.before else None,
                to=change.after.shown,
                source=change.source,
            )
            for change in facts.changes
        ),
    )


def _clusters(base: BaseFacts, serving: Serving) -> tuple[Cluster, ...]:
    clusters = []
    for name in base.scopes.clusters:
        standing = serving.standing(FLUX, name)
        declared = standing.declared
        flux = None
        if declared is not None and declared.declaration.live:
            stated = declared.declaration
            flux = Declaration(stated.provider, name, declared.shown, stated.source, stated.form, stated.live)
        clusters.append(Cluster(name, flux, standing.observation))
    return tuple(clusters)
