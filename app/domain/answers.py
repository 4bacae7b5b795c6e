"""What fluxmig answers to `/fluxmig why` and `/fluxmig plan`: the plan's own sentences, as Markdown."""

from collections.abc import Iterable

from app.domain.checks import check_text, escape_markdown, sentence_markdown
from app.domain.evidence_links import Links
from app.domain.model import Plan, PlannedPullRequest, State

_MARKS = {
    State.READY: "✔ ready",
    State.BLOCKED: "⛔ blocked",
    State.WAITING_ROLLOUT: "⏳ waiting for the rollout",
    State.HELD: "✋ held",
    State.NEEDS_REVIEW: "👀 needs review",
    State.UNKNOWN: "❔ unknown",
    State.MERGED: "merged",
    State.CLOSED: "closed",
}


def why_answer(plan: Plan, number: int, links: Links | None = None) -> str:
    """Raises KeyError when `number` is not in the plan."""
    planned = plan.of(number)
    if planned.state in (State.MERGED, State.CLOSED) or not planned.by_renovate:
        return f"**{_MARKS[planned.state]}**: {sentence_markdown(planned.reason)}"
    return check_text(plan, planned, links).summary


def plan_answer(plan: Plan) -> str:
    """The waves, each with its pull requests and their reasons."""
    if not plan.waves:
        return "No pull request by Renovate is open."
    parts = []
    for position, wave in enumerate(plan.waves, start=1):
        parts.append(f"**Wave {position}**\n\n" + "\n".join(_lines(plan.of(number) for number in wave)))
    return "\n\n".join(parts)


def _lines(wave: Iterable[PlannedPullRequest]) -> Iterable[str]:
    for planned in wave:
        title, why = escape_markdown(planned.title), sentence_markdown(planned.reason)
        yield f"- #{planned.number} {title}: **{_MARKS[planned.state]}**. {why}"


def refused_rebase_answer(planned: PlannedPullRequest) -> str:
    return f"I did not ask Renovate to rebase this: it is {_MARKS[planned.state]}. {sentence_markdown(planned.reason)}"
