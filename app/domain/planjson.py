"""The plan as JSON values, the same for the command, the REST API and the database."""

from typing import Any

from app.domain.model import (
    Capability,
    Classification,
    Cluster,
    ConfigInUse,
    Edge,
    Evidence,
    Plan,
    PlannedPullRequest,
    Requirement,
)


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """`from` of an edge waits for its `to`, which is null where no open pull request would satisfy it."""
    return {
        "base": plan.base,
        "clusters": [_cluster(cluster) for cluster in plan.clusters],
        "pull_requests": [_pull_request(planned) for planned in plan.pull_requests],
        "edges": [_edge(edge) for edge in plan.edges],
        "waves": [list(wave) for wave in plan.waves],
        "warnings": list(plan.warnings),
        "config": _config(plan.config),
        "mode": plan.mode.value if plan.mode else None,
    }


def classification_to_json(classification: Classification) -> dict[str, Any]:
    return {
        "update_type": classification.update_type.value if classification.update_type else None,
        "component": classification.component.value,
        "component_class": classification.component_class.value,
        "grouped": classification.grouped,
        "updates": [
            {
                "name": update.name,
                "from": update.from_,
                "to": update.to,
                "manager": update.manager,
                "datasource": update.datasource,
                "file": update.file,
            }
            for update in classification.updates
        ],
        "confidence": classification.confidence,
        "reasons": list(classification.reasons),
        "rules": [evidence_to_json(line) for line in classification.rules],
        "also_changes": [evidence_to_json(line) for line in classification.also_changes],
    }


def evidence_to_json(evidence: Evidence) -> dict[str, Any]:
    return {"file": evidence.file, "line": evidence.line, "text": evidence.text}


def _config(config: ConfigInUse | None) -> dict[str, Any] | None:
    if config is None:
        return None
    problems = [evidence_to_json(problem) for problem in config.problems]
    return {"file": config.file, "blob": config.blob_id, "problems": problems}


def _cluster(cluster: Cluster) -> dict[str, Any]:
    flux, seen = cluster.flux, cluster.observed_flux
    return {
        "name": cluster.name,
        "flux": None
        if flux is None
        else {"version": flux.version, "source": {"file": flux.source.file, "line": flux.source.line}},
        "observed_flux": None
        if seen is None
        else {"version": seen.version, "at": seen.at.isoformat(), "source": seen.source},
    }


def _pull_request(planned: PlannedPullRequest) -> dict[str, Any]:
    return {
        "number": planned.number,
        "title": planned.title,
        "by_renovate": planned.by_renovate,
        "classification": classification_to_json(planned.classification),
        "state": planned.state.value,
        "reason": planned.reason,
        "requires": [_requirement(requirement) for requirement in planned.requires],
        "provides": [_capability(capability) for capability in planned.provides],
    }


def _requirement(requirement: Requirement) -> dict[str, Any]:
    gvk = requirement.gvk
    return {
        "group": gvk.group,
        "kind": gvk.kind,
        "version": gvk.version,
        "scope": requirement.scope,
        "evidence": [evidence_to_json(line) for line in requirement.evidence],
        "field": requirement.field.path if requirement.field else None,
        "field_value": requirement.field.value if requirement.field else None,
    }


def _capability(capability: Capability) -> dict[str, Any]:
    return {
        "provider": capability.provider,
        "scope": capability.scope,
        "from": capability.from_,
        "to": capability.to,
        "source": evidence_to_json(capability.source),
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "from": edge.from_,
        "to": edge.to,
        "kind": edge.kind.value,
        "strength": edge.strength.value,
        "condition": edge.condition.value,
        "reason": edge.reason,
        "evidence": [evidence_to_json(line) for line in edge.evidence],
        "merged": edge.merged,
        "alternatives": list(edge.alternatives),
    }
