"""The plan as Markdown for GitHub. Titles are text of others and are made harmless."""

from app.domain.checks import escape_markdown, sentence_markdown
from app.domain.model import Edge, Plan, PlannedPullRequest


def plan_to_markdown(plan: Plan) -> str:
    """Clusters, waves, every verdict with its reason, and what waits for what."""
    parts = [f"# Plan on {escape_markdown(plan.base)}", _clusters(plan)]
    for number, wave in enumerate(plan.waves, 1):
        parts.append(f"## Wave {number}\n\n" + "\n".join(_row(plan.of(member)) for member in wave))
    in_waves = {number for wave in plan.waves for number in wave}
    if others := [planned for planned in plan.pull_requests if planned.number not in in_waves]:
        parts.append("## Not in a wave\n\n" + "\n".join(map(_row, others)))
    if plan.edges:
        parts.append("## What waits for what\n\n" + "\n".join(map(_edge, plan.edges)))
    if plan.warnings:
        parts.append("## Warnings\n\n" + "\n".join(f"- {escape_markdown(warning)}" for warning in plan.warnings))
    return "\n\n".join(parts) + "\n"


def _clusters(plan: Plan) -> str:
    rows = []
    for cluster in plan.clusters:
        declared = "Git declares no Flux version"
        if cluster.flux is not None:
            source = cluster.flux.source
            declared = f"Git declares Flux {cluster.flux.version} (`{source.file}:{source.line}`)"
        if cluster.observed_flux is not None:
            declared += f", and it runs {cluster.observed_flux.version} ({cluster.observed_flux.source})"
        rows.append(f"- **{escape_markdown(cluster.name)}**: {declared}")
    return "\n".join(rows)


def _row(planned: PlannedPullRequest) -> str:
    title, why = escape_markdown(planned.title), sentence_markdown(planned.reason)
    return f"- #{planned.number} {title}: **{planned.state}**. {why}"


def _edge(edge: Edge) -> str:
    target = f"#{edge.to}" if edge.to is not None else "nothing open"
    condition = edge.condition.replace("_", " ")
    why = sentence_markdown(edge.reason)
    return f"- #{edge.from_} waits for {target} ({edge.kind}, {edge.strength}, {condition}): {why}"
