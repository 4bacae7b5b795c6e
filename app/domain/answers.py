"""What fluxmig answers to commands; to `why` and `plan` by the plan's own sentences, as Markdown."""

from collections.abc import Iterable

from app.domain.checks import check_text, escape_markdown, sentence_markdown
from app.domain.commands import short_code
from app.domain.evidence_links import Links
from app.domain.messages.commands import TOO_LONG
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
_LONGEST = 60_000
"""GitHub takes 65,536 characters."""


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


def joined_answer(said: Iterable[tuple[str, str]]) -> str:
    """What is told of the commands of one comment, each with its answer: the same words once, and no more than GitHub
    takes."""
    told: dict[str, str] = {}
    for text, answer in said:
        if answer:
            told.setdefault(answer, text)
    parts = [answer if len(told) == 1 else f"`{short_code(text)}`\n\n{answer}" for answer, text in told.items()]
    words = "\n\n".join(parts)
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}\n\n{TOO_LONG}"


def refused_rebase_answer(planned: PlannedPullRequest) -> str:
    return f"I did not ask Renovate to rebase this: it is {_MARKS[planned.state]}. {sentence_markdown(planned.reason)}"
