"""An outlook as text for a terminal, as Markdown, and as JSON."""

from collections.abc import Iterator
from typing import Any

from app.domain.checks import sentence_markdown
from app.domain.outlook import ClusterOutlook, Hop, Outlook
from app.domain.outlook_step import Step, StepState
from app.domain.planjson import evidence_to_json

_MARKS = {StepState.TODO: "[ ]", StepState.OPEN: "[#]", StepState.UNKNOWN: "[?]", StepState.NOTE: " ! "}


def title_of(outlook: Outlook) -> str:
    return f"What {outlook.name} {outlook.version} takes"


def outlook_to_text(outlook: Outlook) -> str:
    """One line a step: `[ ]` is to do, `[#]` has a pull request, `[?]` is not known, `!` is to be kept in mind."""
    told = [title_of(outlook), *([f"\n{outlook.warning}"] if outlook.warning else [])]
    return "\n".join([*told, *(line for one in outlook.clusters for line in _cluster_lines(one))]) + "\n"


def _cluster_lines(cluster: ClusterOutlook) -> Iterator[str]:
    yield f"\nCluster {cluster.scope}: {cluster.standing}."
    if cluster.note:
        yield f"  {cluster.note}"
    for hop in cluster.hops:
        yield f"\n  {hop_title(hop)}"
        if hop.why:
            yield f"  {hop.why}"
        for number, step in enumerate(hop.steps, 1):
            yield f"  {number:>3}. {_MARKS[step.state]} {step.text}"


def hop_title(hop: Hop) -> str:
    return f"{hop.before} → {hop.after}"


def outlook_to_markdown(outlook: Outlook) -> str:
    """A list that can be ticked off in an issue."""
    parts = [f"# {title_of(outlook)}"]
    parts += [sentence_markdown(outlook.warning)] if outlook.warning else []
    for cluster in outlook.clusters:
        parts.append(f"## Cluster {sentence_markdown(cluster.scope)}\n\nNow {sentence_markdown(cluster.standing)}.")
        parts += [sentence_markdown(cluster.note)] if cluster.note else []
        for hop in cluster.hops:
            parts.append(f"### {hop_title(hop)}")
            parts += [sentence_markdown(hop.why)] if hop.why else []
            parts.append("\n".join(_item(step) for step in hop.steps))
    return "\n\n".join(parts) + "\n"


def _item(step: Step) -> str:
    box = "" if step.state is StepState.NOTE else "[ ] "
    return f"- {box}{sentence_markdown(step.text)}"


def outlook_to_json(outlook: Outlook) -> dict[str, Any]:
    return {
        "provider": outlook.provider,
        "name": outlook.name,
        "version": outlook.version,
        "warning": outlook.warning,
        "clusters": [
            {
                "name": cluster.scope,
                "standing": cluster.standing,
                "note": cluster.note,
                "hops": [
                    {
                        "from": hop.before,
                        "to": hop.after,
                        "why": hop.why,
                        "steps": [_step_to_json(step) for step in hop.steps],
                    }
                    for hop in cluster.hops
                ],
            }
            for cluster in outlook.clusters
        ],
    }


def _step_to_json(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind.value,
        "state": step.state.value,
        "text": step.text,
        "pull_requests": list(step.pull_requests),
        "evidence": [evidence_to_json(line) for line in step.evidence],
    }
