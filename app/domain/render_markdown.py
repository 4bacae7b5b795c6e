"""The plan as Markdown for GitHub, and as a Mermaid graph. Titles are text of others and are made harmless."""

import re

from app.domain.checks import escape_markdown, sentence_markdown
from app.domain.model import Edge, Plan, PlannedPullRequest, State, Strength


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


def plan_to_mermaid(plan: Plan) -> str:
    """https://mermaid.js.org/syntax/flowchart.html: arrows go from what comes first to what waits for it."""
    linked = {number for edge in plan.edges for number in (edge.from_, edge.to)}
    lines = ["flowchart LR"]
    lines += [_node(planned) for planned in plan.pull_requests if planned.number in linked]
    missing = 0
    for edge in plan.edges:
        arrow = "-->" if edge.strength is Strength.HARD else "-.->"
        if edge.to is None:
            missing += 1
            lines.append(f'  none{missing}["nothing open"] {arrow}|{edge.kind}| pr{edge.from_}')
        else:
            if edge.to not in {planned.number for planned in plan.pull_requests}:
                lines.append(f'  pr{edge.to}["#{edge.to}"]')
            lines.append(f"  pr{edge.to} {arrow}|{edge.kind}| pr{edge.from_}")
    lines += [
        f"  class pr{planned.number} {_class(planned.state)}"
        for planned in plan.pull_requests
        if planned.number in linked
    ]
    lines += [
        "  classDef ready stroke:#1a7f37,stroke-width:2px",
        "  classDef blocked stroke:#cf222e,stroke-width:2px",
        "  classDef waits stroke:#9a6700,stroke-width:2px",
    ]
    return "\n".join(lines) + "\n"


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


def _node(planned: PlannedPullRequest) -> str:
    title = re.sub(r"[^\w .,:@/+→()-]", " ", planned.title)
    return f'  pr{planned.number}["#{planned.number} {title[:60].strip()}"]'


def _class(state: State) -> str:
    if state in {State.BLOCKED, State.HELD}:
        return "blocked"
    return "ready" if state in {State.READY, State.MERGED} else "waits"
