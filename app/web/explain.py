"""The page of one pull request: facts, rule and verdict, each fact with the line that shows it."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.messages import needed
from app.domain.messages.incidents import closed_history, incident_sentence
from app.domain.model import Capability, Evidence, Strength
from app.domain.rollback import Rollback
from app.domain.rollback_text import sentences, shell_lines
from app.services.advice import rule_of, what_would_change
from app.services.phrases import provider_name
from app.services.queries.items import DecisionItem, Explanation, Neighbour
from app.web.evidence import EvidenceView, evidence_view
from app.web.links import RepositoryLinks
from app.web.views import RowView, change_of, kind_of, row_of
from app.web.words import BADGES, Badge


@dataclass(frozen=True, slots=True)
class FactView:
    sentence: str
    evidence: tuple[EvidenceView, ...]


@dataclass(frozen=True, slots=True)
class NeighbourView:
    """An edge: `row` is the pull request at its other end, None where no open one would do."""

    row: RowView | None
    number: int | None
    hard: bool
    rule: str
    reason: str
    evidence: tuple[EvidenceView, ...]


@dataclass(frozen=True, slots=True)
class ExplanationView:
    title: str
    badge: Badge
    reason: str
    steps: tuple[str, ...]
    kind: str
    change: str
    confidence: str
    class_reasons: tuple[str, ...]
    rules: tuple[EvidenceView, ...]
    also_changes: tuple[EvidenceView, ...]
    facts: tuple[FactView, ...]
    waits_for: tuple[NeighbourView, ...]
    waited_for_by: tuple[NeighbourView, ...]
    decisions: tuple[tuple[DecisionItem, Badge], ...]
    incidents: tuple[str, ...]
    rollback: "RollbackView | None"


@dataclass(frozen=True, slots=True)
class RollbackView:
    """`reverts` has each pull request with why it goes, in order; `obstacles` what must stay or does not come back,
    `doubts` what is not known."""

    reverts: tuple[tuple[int, str], ...]
    obstacles: tuple[str, ...]
    doubts: tuple[str, ...]
    lines: tuple[str, ...]


def explanation_view(explanation: Explanation, links: RepositoryLinks) -> ExplanationView:
    pull = explanation.pull_request
    cite = _Citations(explanation, links)
    return ExplanationView(
        title=pull.title,
        badge=BADGES[pull.state],
        reason=pull.reason,
        steps=what_would_change(explanation),
        kind=kind_of(pull),
        change=change_of(pull),
        confidence=f"{round(pull.classification.confidence * 100)} %",
        class_reasons=pull.classification.reasons,
        rules=cite.of(pull.classification.rules),
        also_changes=cite.of(pull.classification.also_changes),
        facts=tuple(_facts(explanation, cite)),
        waits_for=tuple(_neighbour(found, found.edge.to, cite, links) for found in explanation.waits_for),
        waited_for_by=tuple(_neighbour(found, found.edge.from_, cite, links) for found in explanation.waited_for_by),
        decisions=tuple((decision, BADGES[decision.state]) for decision in explanation.decisions),
        incidents=tuple(
            incident_sentence(one) if one.closed_at is None else closed_history(one) for one in explanation.incidents
        ),
        rollback=_rollback(explanation.rollback),
    )


def _rollback(rollback: Rollback | None) -> RollbackView | None:
    if rollback is None:
        return None
    return RollbackView(
        reverts=tuple((one.number, one.why) for one in rollback.reverts),
        obstacles=sentences(rollback),
        doubts=rollback.doubts,
        lines=shell_lines(rollback),
    )


class _Citations:
    """Finds the commit at which a line can be read: the head of the pull request that brings it, else the base."""

    def __init__(self, explanation: Explanation, links: RepositoryLinks) -> None:
        self._links = links
        self._base = explanation.repository.base_sha or explanation.base
        pull = explanation.pull_request
        self._heads: dict[tuple[str, int, str], str] = {}
        for number, capabilities in explanation.provided_by_neighbours.items():
            head = next(
                (
                    found.pull_request.head_sha
                    for found in (*explanation.waits_for, *explanation.waited_for_by)
                    if found.pull_request is not None and found.pull_request.number == number
                ),
                pull.head_sha,
            )
            for capability in capabilities:
                self._heads[_key(capability.source)] = head
        for evidence in pull.classification.also_changes:
            self._heads[_key(evidence)] = pull.head_sha
        for requirement in explanation.requires:
            for evidence in requirement.evidence:
                self._heads[_key(evidence)] = pull.head_sha

    def of(self, evidence: Iterable[Evidence]) -> tuple[EvidenceView, ...]:
        return tuple(self._view(line) for line in evidence)

    def _view(self, evidence: Evidence) -> EvidenceView:
        commit = self._heads.get(_key(evidence), self._base)
        return evidence_view(evidence, commit, self._links)


def _key(evidence: Evidence) -> tuple[str, int, str]:
    return (evidence.file, evidence.line, evidence.text)


def _facts(explanation: Explanation, cite: _Citations) -> Iterable[FactView]:
    for requirement in explanation.requires:
        yield FactView(
            f"Uses {needed([requirement])} in cluster {requirement.scope}.",
            cite.of(requirement.evidence),
        )
    for capability in explanation.provides:
        yield FactView(_brings(capability), cite.of([capability.source]))
    if explanation.pull_request.hold is not None:
        hold = explanation.pull_request.hold
        yield FactView(f"{hold.by} holds it{f': {hold.reason}' if hold.reason else '.'}", ())


def _brings(capability: Capability) -> str:
    name = provider_name(capability.provider)
    if capability.from_ is None:
        return f"Brings {name} {capability.to} to cluster {capability.scope}."
    return f"Takes {name} from {capability.from_} to {capability.to} in cluster {capability.scope}."


def _neighbour(found: Neighbour, number: int | None, cite: _Citations, links: RepositoryLinks) -> NeighbourView:
    edge = found.edge
    return NeighbourView(
        row=None if found.pull_request is None else row_of(found.pull_request, (), None, links),
        number=number,
        hard=edge.strength is Strength.HARD,
        rule=rule_of(edge.kind),
        reason=edge.reason,
        evidence=cite.of(edge.evidence),
    )
