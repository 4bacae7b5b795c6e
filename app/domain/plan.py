"""The pure function at the heart: a snapshot of a repository in, a plan with its reasons out.

A `Planner` makes one plan after the other, and takes from the one before what would come out the same. What it plans is
what `plan_repository`, which remembers nothing, would plan.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from app.domain.base_facts import BaseFacts, read_base, update_base
from app.domain.catalogue import FLUX, Catalogue
from app.domain.explicit import find_explicit
from app.domain.graph import Graph, without_contrary
from app.domain.messages import base_unread_warning, unread_part
from app.domain.messages.conduct import hardened_circle_warning
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
    StoredVersions,
    Strength,
    Tree,
)
from app.domain.orders import find_ordered
from app.domain.overlaps import SharedFiles, Touched, find_overlaps, read_touched
from app.domain.partial_groups import Moves, find_family_moves, find_partial_groups
from app.domain.pull_request_facts import PullRequestFacts, read_pull_request
from app.domain.pull_request_findings import Findings, find_all
from app.domain.remembered import Remembered
from app.domain.removals import bridge_words, find_bridges
from app.domain.ruling import DEFAULT_RULING, Ruling, Sides, apply_ruling, read_sides
from app.domain.serving import Serving
from app.domain.situation import Situation
from app.domain.verdicts import Case, is_unblocked, settled_verdict, verdict
from app.domain.waves import find_places, order_waves, rank_of

Classify = Callable[[PullRequest], Classification]


def plan_repository(
    snapshot: Snapshot, catalogue: Catalogue, classify: Classify, ruling: Ruling = DEFAULT_RULING
) -> Plan:
    """Decide on every pull request of the snapshot."""
    return Planner(catalogue, classify, ruling).plan(snapshot)


class Planner:
    """Plans of one repository. Holds the last snapshot and its results; for one thread at a time."""

    def __init__(self, catalogue: Catalogue, classify: Classify, ruling: Ruling = DEFAULT_RULING) -> None:
        self._catalogue, self._classify, self._ruling = catalogue, classify, ruling
        self._base: BaseFacts | None = None
        self._pull_requests: dict[int, PullRequest] = {}
        self._told: Remembered[PullRequest, None, _Told] = Remembered(lambda one, _: _tell(one, classify, ruling))
        self._facts = Remembered(_read)
        self._findings = Remembered(find_all)
        self._planned = Remembered(partial(_planned, ruling))
        self._files = SharedFiles()

    def is_for(self, catalogue: Catalogue, classify: Classify, ruling: Ruling = DEFAULT_RULING) -> bool:
        """Whether it plans by this catalogue, these classifications and this ruling."""
        return self._catalogue is catalogue and self._classify is classify and self._ruling is ruling

    @property
    def base(self) -> BaseFacts | None:
        """The facts of the base branch of the last plan."""
        return self._base

    @property
    def made(self) -> int:
        """How many results of single pull requests the last plan had to make; all others it knew."""
        stages = (self._told, self._facts, self._findings, self._planned)
        return sum(stage.made for stage in stages)

    def texts(self) -> dict[str, str]:
        """Blob id -> text of every file of the last snapshot."""
        files = list(self._base.tree.values()) if self._base else []
        for pull_request in self._pull_requests.values():
            for change in pull_request.changes:
                files += [file for file in (change.before, change.after) if file is not None]
        return {file.blob_id: file.text for file in files}

    def plan(self, snapshot: Snapshot) -> Plan:
        """Decide on every pull request of the snapshot."""
        base = self._read_base(snapshot.tree)
        self._pull_requests = every = self._known(snapshot.pull_requests)
        told = self._told.run(every, None)
        open_ = {number: one for number, one in every.items() if one.status is PullRequestStatus.OPEN}
        ours = {number: one for number, one in open_.items() if one.by_renovate}
        read = self._facts.run(open_, base)
        facts = {number: facts for number, (facts, _) in read.items()}
        situation = Situation(
            base=base, serving=Serving(snapshot, base), open=open_, facts=facts, stored=_stored(snapshot)
        )
        findings = self._findings.run({number: facts[number] for number in ours}, situation)
        edges = find_explicit(snapshot, situation)
        edges += [edge for found in findings.values() if found.edges for edge in found.edges]
        moves = {number: moves for number, (_, moves) in read.items() if moves}
        groups = find_partial_groups(moves, base.pins, base.scopes)
        related = [edge for found in findings.values() for edge in found.related]
        environment = [edge for found in findings.values() for edge in found.environment]
        for new in (groups.edges, related, environment):
            edges += _new_pairs(new, edges, situation)
        rank = {number: told[number].rank for number in open_}
        special = {number for number in ours if facts[number].changes or facts[number].requires}
        sides = {number: one.sides for number, one in told.items()}
        ruled = apply_ruling(without_contrary(edges), self._ruling, sides)
        ordered = find_ordered(self._ruling, sides, every, ruled.edges, situation)
        edges = without_contrary([*ruled.edges, *ordered.edges])
        self._files.update({number: told[number].touched for number in ours})
        overlaps = _overlaps(self._files, special, edges, rank)
        files = apply_ruling(overlaps, self._ruling, sides, beside=edges)
        edges = sorted(without_contrary([*edges, *files.edges]), key=_edge_order)
        waived = _by_start(ruled.waived)
        given = _what_bears_on(every, told, facts, findings, edges, waived, situation)
        planned = self._planned.run(given, situation)
        return Plan(
            base=snapshot.base,
            clusters=_clusters(base, situation.serving),
            pull_requests=tuple(planned[pull_request.number] for pull_request in snapshot.pull_requests),
            edges=tuple(edges),
            waves=order_waves(ours, edges, rank),
            warnings=(
                *_warnings(findings.values(), base),
                *groups.warnings,
                *ordered.warnings,
                *_left_soft([*ruled.left, *files.left]),
            ),
        )

    def _read_base(self, tree: Tree) -> BaseFacts:
        self._base = update_base(self._base, tree) if self._base else read_base(tree, self._catalogue)
        return self._base

    def _known(self, pull_requests: Iterable[PullRequest]) -> dict[int, PullRequest]:
        """By number, and the same objects as before where they are equal: that is seen at once from here on."""
        known: dict[int, PullRequest] = {}
        for pull_request in pull_requests:
            before = self._pull_requests.get(pull_request.number)
            same = before is not None and (before is pull_request or before == pull_request)
            known[pull_request.number] = before if same and before is not None else pull_request
        return known


@dataclass(frozen=True, slots=True)
class _Told:
    """What a pull request says by itself, whatever the base branch is."""

    classification: Classification
    rank: int
    touched: Touched
    sides: Sides


def _stored(snapshot: Snapshot) -> dict[str, tuple[StoredVersions, ...]]:
    by_scope: dict[str, tuple[StoredVersions, ...]] = defaultdict(tuple)
    for one in snapshot.stored:
        by_scope[one.scope] += (one,)
    return dict(by_scope)


def _tell(pull_request: PullRequest, classify: Classify, ruling: Ruling) -> _Told:
    told = classify(pull_request)
    return _Told(told, rank_of(told), read_touched(pull_request), read_sides(pull_request, told, ruling))


def _read(pull_request: PullRequest, base: BaseFacts) -> tuple[PullRequestFacts, Moves]:
    return read_pull_request(pull_request, base), find_family_moves(pull_request, base.scopes)


def _overlaps(files: SharedFiles, special: set[int], edges: list[Edge], rank: Mapping[int, int]) -> list[Edge]:
    """File edges for the pairs that no other edge orders already, in the order that hard edges and ranks give."""
    ordered = {frozenset((edge.from_, edge.to)) for edge in edges}
    special = special | {edge.from_ for edge in edges if edge.strength is Strength.HARD}
    found = find_overlaps(files, special=special, rank=find_places(edges, rank))
    return [edge for edge in found if frozenset((edge.from_, edge.to)) not in ordered]


def _edge_order(edge: Edge) -> tuple[object, ...]:
    return edge.from_, edge.strength is not Strength.HARD, edge.merged, edge.to or 0, edge.kind


def _warnings(findings: Iterable[Findings], base: BaseFacts) -> tuple[str, ...]:
    every = list(findings)
    found = [warning for each in every for warning in each.needs.warnings]
    for of_kind in zip(*(each.warnings for each in every), strict=True):
        found += [warning for warnings in of_kind for warning in warnings]
    unread = [
        unread_part(Evidence(path, part.line, part.text), part.why)
        for path, parts in base.unread.items()
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


_Bearing = tuple[
    PullRequest,
    Classification,
    PullRequestFacts | None,
    Findings | None,
    Sequence[Edge],
    Sequence[Edge],
    tuple[int, ...] | None,
    str,
    Sequence[int],
]
"""A pull request, what it is, its facts if it is open, what was found, its edges, those that are turned off, its cycle,
what opens it, and whom it frees."""


def _by_start(edges: Iterable[Edge]) -> dict[int, list[Edge]]:
    by_start: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        by_start[edge.from_].append(edge)
    return by_start


def _left_soft(edges: Iterable[Edge]) -> Iterable[str]:
    """Why an edge that the owner wants hard is not."""
    for edge in edges:
        assert edge.to is not None
        yield hardened_circle_warning(number=edge.from_, on=edge.to, place=edge.evidence[-1])


def _what_bears_on(
    every: Mapping[int, PullRequest],
    told: Mapping[int, _Told],
    facts: Mapping[int, PullRequestFacts],
    findings: Mapping[int, Findings],
    edges: list[Edge],
    waived: Mapping[int, list[Edge]],
    situation: Situation,
) -> dict[int, _Bearing]:
    by_start = _by_start(edges)
    freed: dict[int, list[int]] = defaultdict(list)
    for edge in edges:
        if edge.to is not None and edge.strength is Strength.HARD and edge.from_ not in freed[edge.to]:
            freed[edge.to].append(edge.from_)
    cycles = Graph(edge for edge in edges if edge.strength is Strength.HARD).ways_round()
    bridges = _bridges(cycles, situation)
    return {
        number: (
            pull_request,
            told[number].classification,
            facts.get(number),
            findings.get(number),
            by_start.get(number, ()),
            waived.get(number, ()),
            cycles.get(number),
            bridges.get(number, ""),
            freed.get(number, ()),
        )
        for number, pull_request in every.items()
    }


def _planned(ruling: Ruling, bearing: _Bearing, situation: Situation) -> PlannedPullRequest:
    pull_request, told, known, found, edges, waived, cycle, bridge, freed = bearing
    facts = known or PullRequestFacts(pull_request.number)
    found = found or Findings()
    case = Case(
        pull_request=pull_request,
        classification=told,
        edges=tuple(edges),
        waived=tuple(waived),
        needs=found.needs,
        changes=facts.changes,
        unknown=found.unknown,
        cycle=cycle,
        bridge=bridge,
        freed_by_it=tuple(freed),
        ruling=ruling,
    )
    state, reason = verdict(case, situation) if known is not None else settled_verdict(pull_request.status)
    return PlannedPullRequest(
        number=pull_request.number,
        title=pull_request.title,
        by_renovate=pull_request.by_renovate,
        classification=told,
        state=state,
        reason=reason,
        unblocked=known is not None and is_unblocked(case, state),
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
