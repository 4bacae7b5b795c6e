"""Read models -> JSON."""

from collections import Counter
from datetime import datetime

from app.domain.cluster_state import source_phrase
from app.domain.health import Health
from app.domain.incidents import Incident
from app.domain.messages.incidents import incident_sentence
from app.domain.model import Capability, Classification, Edge, Evidence, Observation, Requirement, Rollout, State
from app.domain.rollback import Rollback
from app.domain.rollback_text import sentences, shell_lines
from app.services.advice import what_would_change
from app.services.headline import Headline
from app.services.queries.cluster_state import ClusterState
from app.services.queries.items import (
    AuditItem,
    ClusterItem,
    DeliveryItem,
    Explanation,
    HistoryItem,
    PullRequestItem,
    RebaseItem,
    RegisteredCluster,
    RepositoryItem,
)
from app.web.api import schemas
from app.web.links import RepositoryLinks


def repository_out(
    repository: RepositoryItem, headline: Headline, pulls: tuple[PullRequestItem, ...]
) -> schemas.RepositoryOut:
    return schemas.RepositoryOut(
        id=repository.id,
        owner=repository.owner,
        name=repository.name,
        default_branch=repository.default_branch,
        base_sha=repository.base_sha,
        synced_at=repository.synced_at,
        headline=headline_out(headline),
        counts=count_states(pulls),
    )


def headline_out(headline: Headline) -> schemas.HeadlineOut:
    return schemas.HeadlineOut(title=headline.title, detail=headline.detail, tone=headline.tone)


def count_states(pulls: tuple[PullRequestItem, ...]) -> dict[State, int]:
    return dict(Counter(pull.state for pull in pulls if pull.by_renovate and pull.status.value == "open"))


def pull_request_out(pull: PullRequestItem, links: RepositoryLinks) -> schemas.PullRequestOut:
    return schemas.PullRequestOut(
        number=pull.number,
        title=pull.title,
        url=links.pull_request(pull.number),
        branch=pull.branch,
        head_sha=pull.head_sha,
        author=pull.author,
        status=pull.status,
        draft=pull.draft,
        by_renovate=pull.by_renovate,
        labels=list(pull.labels),
        classification=classification_out(pull.classification),
        state=pull.state,
        reason=pull.reason,
        state_since=pull.state_since,
        opened_at=pull.opened_at,
        merged_at=pull.merged_at,
        hold=None if pull.hold is None else schemas.HoldOut(by=pull.hold.by, reason=pull.hold.reason),
        approved_by=pull.approved_by,
    )


def classification_out(classification: Classification) -> schemas.ClassificationOut:
    return schemas.ClassificationOut(
        update_type=classification.update_type,
        component=classification.component,
        component_class=classification.component_class,
        grouped=classification.grouped,
        updates=[
            schemas.UpdateOut(
                name=update.name,
                from_=update.from_,
                to=update.to,
                manager=update.manager,
                datasource=update.datasource,
                file=update.file,
            )
            for update in classification.updates
        ],
        confidence=classification.confidence,
        reasons=list(classification.reasons),
        rules=[evidence_out(line) for line in classification.rules],
        also_changes=[evidence_out(line) for line in classification.also_changes],
    )


def evidence_out(evidence: Evidence) -> schemas.EvidenceOut:
    return schemas.EvidenceOut(file=evidence.file, line=evidence.line, text=evidence.text)


def requirement_out(requirement: Requirement) -> schemas.RequirementOut:
    return schemas.RequirementOut(
        group=requirement.gvk.group,
        kind=requirement.gvk.kind,
        version=requirement.gvk.version,
        scope=requirement.scope,
        evidence=[evidence_out(evidence) for evidence in requirement.evidence],
        field=requirement.field.path if requirement.field else None,
        field_value=requirement.field.value if requirement.field else None,
    )


def capability_out(capability: Capability) -> schemas.CapabilityOut:
    return schemas.CapabilityOut(
        provider=capability.provider,
        scope=capability.scope,
        from_=capability.from_,
        to=capability.to,
        source=evidence_out(capability.source),
    )


def edge_out(edge: Edge) -> schemas.EdgeOut:
    return schemas.EdgeOut(
        from_=edge.from_,
        to=edge.to,
        kind=edge.kind,
        strength=edge.strength,
        condition=edge.condition,
        merged=edge.merged,
        reason=edge.reason,
        evidence=[evidence_out(evidence) for evidence in edge.evidence],
        alternatives=list(edge.alternatives),
    )


def observation_out(observation: Observation) -> schemas.ObservationOut:
    return schemas.ObservationOut(
        provider=observation.provider,
        version=observation.version,
        at=observation.at,
        source=observation.source,
    )


def health_out(cluster: str, health: Health, now: datetime) -> schemas.ClusterHealthOut:
    return schemas.ClusterHealthOut(
        cluster=cluster,
        healthy=health.answer,
        signals=[
            schemas.SignalOut(
                about=signal.about,
                answer=signal.answer,
                text=signal.text,
                source=source_phrase(signal.source),
                at=signal.at,
                age_seconds=max(0, int((now - signal.at).total_seconds())),
                counts=signal.counts,
            )
            for signal in health.signals
        ],
    )


def cluster_state_out(state: ClusterState, now: datetime) -> schemas.ClusterStateOut:
    return schemas.ClusterStateOut(
        cluster=state.cluster.name,
        repository=state.cluster.repository,
        scope=state.cluster.scope,
        health=health_out(state.cluster.name, state.health, now),
        runs=[observation_out(seen) for seen in state.runs],
        served=[
            schemas.ServedApiOut(
                api_version=api.gvk.api_version,
                kind=api.gvk.kind,
                served=api.served,
                since=api.since,
                source=source_phrase(api.source),
                age_seconds=max(0, int((now - api.looked_at).total_seconds())),
            )
            for api in state.served
        ],
        stored=[
            schemas.StoredVersionsOut(crd=crd.name, stored=list(crd.stored), storage=crd.storage)
            for crd in state.stored
        ],
        unread=dict(state.unread),
    )


def cluster_out(cluster: ClusterItem, now: datetime) -> schemas.ClusterOut:
    return schemas.ClusterOut(
        name=cluster.name,
        declared=cluster.declared,
        file=cluster.file,
        line=cluster.line,
        observed=[observation_out(observation) for observation in cluster.observed],
        registered=list(cluster.registered),
        health=[health_out(name, health, now) for name, health in cluster.health],
    )


def rollout_out(rollout: Rollout) -> schemas.RolloutOut:
    return schemas.RolloutOut(
        provider=rollout.provider,
        scope=rollout.scope,
        from_=rollout.from_,
        to=rollout.to,
        pull_request=rollout.pull_request,
        merged_at=rollout.merged_at,
        state=rollout.state,
        health=rollout.health,
        note=rollout.note,
    )


def history_out(entry: HistoryItem) -> schemas.HistoryOut:
    return schemas.HistoryOut(at=entry.at, number=entry.number, actor=entry.actor, kind=entry.kind, text=entry.text)


def rebase_out(rebase: RebaseItem) -> schemas.RebaseOut:
    return schemas.RebaseOut(
        head_sha=rebase.head_sha,
        driver=rebase.driver,
        state=rebase.state,
        note=rebase.note,
        requested_at=rebase.requested_at,
        settled_at=rebase.settled_at,
        settled_sha=rebase.settled_sha,
    )


def audit_out(entry: AuditItem) -> schemas.AuditOut:
    return schemas.AuditOut(
        at=entry.at,
        number=entry.number,
        actor=entry.actor,
        kind=entry.kind,
        place=entry.place,
        said=entry.said,
        result=entry.result,
        answer=entry.answer,
    )


def explanation_out(explanation: Explanation, links: RepositoryLinks) -> schemas.ExplanationOut:
    return schemas.ExplanationOut(
        pull_request=pull_request_out(explanation.pull_request, links),
        base=explanation.base,
        what_would_change=list(what_would_change(explanation)),
        would_write=list(explanation.would_write),
        requires=[requirement_out(requirement) for requirement in explanation.requires],
        provides=[capability_out(capability) for capability in explanation.provides],
        waits_for=[edge_out(found.edge) for found in explanation.waits_for],
        waited_for_by=[edge_out(found.edge) for found in explanation.waited_for_by],
        history=[history_out(entry) for entry in explanation.history],
        rebase_requests=[rebase_out(rebase) for rebase in explanation.rebases],
        decisions=[
            schemas.DecisionOut(
                head_sha=decision.head_sha,
                base_sha=decision.base_sha,
                state=decision.state,
                reason=decision.reason,
                made_at=decision.made_at,
            )
            for decision in explanation.decisions
        ],
        commands=[
            schemas.CommandOut(
                author=command.author,
                text=command.text,
                state=command.state,
                answer=command.answer,
                created_at=command.created_at,
            )
            for command in explanation.commands
        ],
        incidents=[incident_out(one) for one in explanation.incidents],
        rollback=rollback_out(explanation.rollback) if explanation.rollback else None,
    )


def incident_out(incident: Incident) -> schemas.IncidentOut:
    trouble = incident.trouble
    return schemas.IncidentOut(
        id=incident.id,
        cluster=trouble.cluster,
        object=str(trouble.object),
        reason=trouble.reason,
        message=trouble.message,
        revision=trouble.revision,
        good_revision=trouble.good_revision,
        culprit=incident.culprit,
        candidates=[schemas.CandidateOut(number=one.number, reasons=list(one.reasons)) for one in incident.candidates],
        opened_at=incident.opened_at,
        closed_at=incident.closed_at,
        ending=incident.ending,
        sentence=incident_sentence(incident),
    )


def rollback_out(rollback: Rollback) -> schemas.RollbackOut:
    return schemas.RollbackOut(
        is_undone=rollback.is_undone,
        is_possible=rollback.is_possible,
        reverts=[
            schemas.RevertOut(number=one.number, merge_sha=one.merge_sha, why=one.why) for one in rollback.reverts
        ],
        stays=[
            schemas.StaysOut(number=one.number, why=one.why, instead=list(one.instead), way=one.way)
            for one in rollback.refusals
        ],
        obstacles=list(sentences(rollback)),
        doubts=list(rollback.doubts),
        commands=list(shell_lines(rollback)),
    )


def delivery_out(delivery: DeliveryItem) -> schemas.DeliveryOut:
    return schemas.DeliveryOut(
        guid=delivery.guid,
        event=delivery.event,
        action=delivery.action,
        repository_id=delivery.repository_id,
        state=delivery.state,
        note=delivery.note,
        received_at=delivery.received_at,
        finished_at=delivery.finished_at,
    )


def registration_out(cluster: RegisteredCluster, public_url: str) -> schemas.ClusterRegistrationOut:
    path = webhook_path(cluster.name)
    return schemas.ClusterRegistrationOut(
        name=cluster.name,
        repository=cluster.repository,
        scope=cluster.scope,
        webhook_path=path,
        webhook_url=public_url + path,
        created_at=cluster.created_at,
    )


def webhook_path(cluster: str) -> str:
    return f"/webhooks/flux/{cluster}"
