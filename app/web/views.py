"""What the templates show: plain values, with every decision about words already made."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.cluster_state import source_phrase
from app.domain.health import Health
from app.domain.messages.clusters import ago
from app.domain.messages.config import config_sentence
from app.domain.messages.incidents import candidate_line, incident_sentence
from app.domain.messages.modes import mode_sentence
from app.domain.model import (
    Capability,
    ComponentClass,
    Condition,
    Edge,
    EdgeKind,
    Evidence,
    Observation,
    Rollout,
    State,
    Strength,
)
from app.services.headline import Headline, Situation, get_headline
from app.services.phrases import count, listed, numbers, provider_name
from app.services.queries.items import ClusterItem, HistoryItem, Overview, PullRequestItem, WouldWrite
from app.services.queries.repositories import RepositorySummary
from app.web.evidence import EvidenceView, evidence_view
from app.web.links import RepositoryLinks
from app.web.words import BADGES, HEALTH, ORDER, Badge, class_word, update_words, wave_title


@dataclass(frozen=True, slots=True)
class Count:
    state: State
    badge: Badge
    number: int


@dataclass(frozen=True, slots=True)
class RowView:
    """A pull request in a list. `name` is what moves, or the title where that is not one thing.

    `change` is `2.5.1 → 2.6.1`; `order` and `rebase` are notes, often empty.
    """

    number: int
    name: str
    change: str
    kind: str
    badge: Badge
    reason: str
    order: str
    rebase: str
    rebase_failed: bool
    explain_url: str
    github_url: str


@dataclass(frozen=True, slots=True)
class GateView:
    """What has to come true before the wave below it. `number` is the pull request that brings it."""

    sentence: str
    status: Badge


@dataclass(frozen=True, slots=True)
class WaveView:
    position: int
    title: str
    size: str
    gates: tuple[GateView, ...]
    rows: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class ActivityDay:
    day: str
    entries: tuple[HistoryItem, ...]


@dataclass(frozen=True, slots=True)
class RepositoryCard:
    """A repository on the first page."""

    full_name: str
    url: str
    headline: Headline
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class ClusterView:
    name: str
    declared: str | None
    source: EvidenceView | None
    observed: tuple[Observation, ...]
    registered: tuple[str, ...]
    rollouts: tuple[Rollout, ...]
    health: tuple["HealthView", ...]


@dataclass(frozen=True, slots=True)
class SignalView:
    about: str
    text: str
    source: str
    at: datetime
    age: str
    counts: bool


@dataclass(frozen=True, slots=True)
class HealthView:
    """Whether a registered cluster is well, and the signals that say so."""

    cluster: str
    badge: Badge
    signals: tuple[SignalView, ...]


@dataclass(frozen=True, slots=True)
class RepositoryView:
    headline: Headline
    counts: tuple[Count, ...]
    total: int
    needs_you: tuple[RowView, ...]
    warnings: tuple[str, ...]
    mode: str
    config: str
    would_write: tuple[WouldWrite, ...]
    waves: tuple[WaveView, ...]
    unplanned: tuple[RowView, ...]
    by_people: tuple[RowView, ...]
    clusters: tuple[ClusterView, ...]
    incidents: "tuple[IncidentView, ...]"


@dataclass(frozen=True, slots=True)
class IncidentView:
    """`candidates` are the merges that fit, each with the signs for it."""

    sentence: str
    candidates: tuple[str, ...]


def card_of(summary: RepositorySummary, links: RepositoryLinks) -> RepositoryCard:
    situation = Situation.of(
        planned=summary.planned,
        pull_requests=summary.pull_requests,
        edges=summary.edges,
        rollouts=summary.rollouts,
        incidents=summary.incidents,
    )
    return RepositoryCard(
        full_name=summary.repository.full_name,
        url=links.own,
        headline=get_headline(situation),
        counts=counts_of(situation.pull_requests),
    )


def counts_of(pulls: Iterable[PullRequestItem]) -> tuple[Count, ...]:
    found = Counter(pull.state for pull in pulls)
    return tuple(Count(state, BADGES[state], found[state]) for state in ORDER if found[state])


def view_of(overview: Overview, links: RepositoryLinks) -> RepositoryView:
    situation = Situation.of(
        planned=overview.plan is not None,
        pull_requests=overview.pull_requests,
        edges=overview.edges,
        rollouts=overview.rollouts,
        incidents=overview.incidents,
    )
    rows = {
        pull.number: row_of(pull, overview.edges, overview.rebases.get(pull.number), links)
        for pull in overview.pull_requests
    }
    ours = {pull.number: pull for pull in situation.pull_requests}
    waves = _waves(overview, ours, rows)
    in_waves = {row.number for wave in waves for row in wave.rows}
    return RepositoryView(
        headline=get_headline(situation),
        counts=counts_of(situation.pull_requests),
        total=len(situation.pull_requests),
        needs_you=tuple(rows[pull.number] for pull in situation.pull_requests if _needs_you(pull, overview)),
        warnings=overview.plan.warnings if overview.plan else (),
        mode=mode_sentence(overview.plan.mode) if overview.plan and overview.plan.mode else "",
        config=config_sentence(overview.plan.config_file) if overview.plan else "",
        would_write=overview.plan.would_write if overview.plan else (),
        waves=waves,
        unplanned=tuple(rows[number] for number in ours if number not in in_waves),
        by_people=tuple(
            rows[pull.number] for pull in overview.pull_requests if not pull.by_renovate and pull.status.value == "open"
        ),
        clusters=tuple(_cluster(cluster, overview, links) for cluster in overview.clusters),
        incidents=tuple(
            IncidentView(incident_sentence(one), tuple(candidate_line(found) for found in one.candidates))
            for one in overview.incidents
        ),
    )


def _health(cluster: str, health: Health) -> HealthView:
    signals = tuple(
        SignalView(
            about=signal.about,
            text=signal.text or signal.answer.value,
            source=source_phrase(signal.source),
            at=signal.at,
            age=ago(health.at - signal.at),
            counts=signal.counts,
        )
        for signal in health.signals
    )
    return HealthView(cluster, HEALTH[health.answer], signals)


def _cluster(cluster: ClusterItem, overview: Overview, links: RepositoryLinks) -> ClusterView:
    source = None
    if cluster.file is not None:
        line = Evidence(file=cluster.file, line=cluster.line, text="")
        source = evidence_view(line, overview.repository.base_sha or "", links)
    rollouts = tuple(rollout for rollout in overview.rollouts if rollout.scope == cluster.name)
    health = tuple(_health(name, found) for name, found in cluster.health)
    return ClusterView(cluster.name, cluster.declared, source, cluster.observed, cluster.registered, rollouts, health)


def _needs_you(pull: PullRequestItem, overview: Overview) -> bool:
    if pull.state in (State.NEEDS_REVIEW, State.UNKNOWN):
        return True
    if pull.state is State.HELD and pull.hold is not None:
        return True  # a freeze ends by itself
    if _has_failed(overview.rebases.get(pull.number)):
        return True
    return any(
        edge.from_ == pull.number and edge.to is None and edge.strength is Strength.HARD for edge in overview.edges
    )


def row_of(pull: PullRequestItem, edges: Iterable[Edge], rebase: HistoryItem | None, links: RepositoryLinks) -> RowView:
    change = change_of(pull)
    return RowView(
        number=pull.number,
        name=name_of(pull) if change else pull.title,
        change=change,
        kind=kind_of(pull),
        badge=BADGES[pull.state],
        reason=pull.reason,
        order=_order_note(pull, edges),
        rebase=_rebase_note(rebase),
        rebase_failed=_has_failed(rebase),
        explain_url=links.explain(pull.number),
        github_url=links.pull_request(pull.number),
    )


def name_of(pull: PullRequestItem) -> str:
    """The one thing that moves, or the title."""
    names = {update.name for update in pull.classification.updates}
    return names.pop() if len(names) == 1 else pull.title


def kind_of(pull: PullRequestItem) -> str:
    """`Infrastructure, patch`; a major is its own class."""
    update = update_words(pull.classification.update_type)
    if pull.component_class is ComponentClass.MAJOR or not update:
        return class_word(pull.component_class)
    return f"{class_word(pull.component_class)}, {update}"


def change_of(pull: PullRequestItem) -> str:
    """`2.5.1 → 2.6.1` where one thing moves, in one or several places."""
    moves = {(update.from_, update.to) for update in pull.classification.updates if update.to}
    if len(moves) != 1 or len({update.name for update in pull.classification.updates}) != 1:
        return ""
    ((before, after),) = moves
    return f"{_short(before)} → {_short(after)}" if before else f"→ {_short(after)}"


def _short(version: str | None) -> str:
    text = version or ""
    return text if len(text) <= 40 else f"{text[:19]}…"


def _order_note(pull: PullRequestItem, edges: Iterable[Edge]) -> str:
    """The better order, where the reason does not tell it already."""
    after = sorted(
        {
            edge.to
            for edge in edges
            if edge.from_ == pull.number and edge.strength is Strength.SOFT and edge.to is not None and not edge.merged
        }
    )
    untold = [number for number in after if not re.search(rf"#{number}\b", pull.reason)]
    return f"Best merged after {numbers(untold)}." if untold else ""


_FAILED_REBASES = frozenset({"rebase-refused", "rebase-stale"})


def _has_failed(rebase: HistoryItem | None) -> bool:
    return rebase is not None and rebase.kind in _FAILED_REBASES


def _rebase_note(rebase: HistoryItem | None) -> str:
    """What last happened about a rebase; nothing where it came to a good end."""
    if rebase is None:
        return ""
    if rebase.kind in _FAILED_REBASES:
        return rebase.text
    return "Renovate has been asked to rebase it." if rebase.kind == "rebase" else ""


def _waves(
    overview: Overview, ours: Mapping[int, PullRequestItem], rows: Mapping[int, RowView]
) -> tuple[WaveView, ...]:
    waves: list[WaveView] = []
    shown: set[tuple[int | None, bool]] = set()
    for wave in overview.plan.waves if overview.plan else ():
        members = [number for number in wave if number in ours]
        if not members:
            continue
        gates: list[GateView] = []
        for edge in overview.edges:
            key = (edge.to, edge.merged)
            if edge.from_ in members and edge.strength is Strength.HARD and key not in shown:
                shown.add(key)
                gates.append(_gate(edge, overview))
        waves.append(
            WaveView(
                position=len(waves) + 1,
                title=wave_title(ours[number].component_class for number in members),
                size=count(len(members)),
                gates=tuple(gates),
                rows=tuple(rows[number] for number in members),
            )
        )
    return tuple(waves)


_NOT_YET = Badge("Not yet", "hourglass", "wait")
_NOT_MERGED = Badge("Not merged yet", "stop", "stop")
_NOBODY = Badge("No open pull request brings it", "stop", "stop")


def _gate(edge: Edge, overview: Overview) -> GateView:
    if edge.to is None:
        waiting = numbers([edge.from_])
        if edge.kind is EdgeKind.STORED:
            return GateView(f"Opens when the objects that {waiting} would strand are migrated.", _NOT_YET)
        return GateView(f"Opens when what {waiting} needs is merged and rolled out.", _NOBODY)
    brought = _versions(overview.capabilities.get(edge.to, ()))
    runs = f"the cluster runs {brought}" if brought else "the cluster has rolled it out"
    if edge.merged:
        return GateView(f"#{edge.to} is merged. Opens when {runs}.", _NOT_YET)
    match edge.condition:
        case Condition.ROLLED_OUT:
            return GateView(f"Opens when #{edge.to} is merged and {runs}.", _NOT_MERGED)
        case Condition.MERGED:
            return GateView(f"Opens when #{edge.to} is merged.", _NOT_MERGED)


def _versions(capabilities: Iterable[Capability]) -> str:
    return listed(list(dict.fromkeys(f"{provider_name(found.provider)} {found.to}" for found in capabilities)))
