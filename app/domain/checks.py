"""The words of the check run: title with the cause, summary with the proof.

"Blocked" is a completed `action_required`: a run in progress goes stale after 14 days, `failure` makes Renovate call
people, and `neutral` or `skipped` pass a required check
(https://docs.github.com/en/rest/checks/runs, Renovate's lib/modules/platform/github/index.ts `getBranchStatus`).
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.buttons import Button, buttons_of
from app.domain.evidence_links import Links
from app.domain.messages import at
from app.domain.messages.remedies import BRANCH_REVIEW, remedies
from app.domain.model import (
    ComponentClass,
    Condition,
    Edge,
    EdgeKind,
    Evidence,
    Plan,
    PlannedPullRequest,
    State,
    Strength,
)
from app.domain.render_mermaid import neighbourhood_to_mermaid

TITLE_LIMIT = 140
SUMMARY_LIMIT = 60_000
EVIDENCE_SHOWN = 12
STEPS_SHOWN = 5
LINE_SHOWN = 300
EDGES_SHOWN = 50

_CONCLUSIONS = {
    State.READY: "success",
    State.BLOCKED: "action_required",
    State.WAITING_ROLLOUT: "action_required",
    State.HELD: "action_required",
    State.NEEDS_REVIEW: "action_required",
    # Unknown never blocks: what is not known is said, and a person decides.
    State.UNKNOWN: "neutral",
}
_TITLES = {
    State.READY: "Ready",
    State.BLOCKED: "Blocked",
    State.WAITING_ROLLOUT: "Merged, not yet rolled out",
    State.HELD: "Held",
    State.NEEDS_REVIEW: "Needs a person's review",
    State.UNKNOWN: "Unknown",
}


@dataclass(frozen=True, slots=True)
class CheckText:
    """`digest` stands for the words: equal digests mean that nothing has to be written."""

    conclusion: str
    title: str
    summary: str
    buttons: tuple[Button, ...]
    digest: str


def check_text(
    plan: Plan, planned: PlannedPullRequest, links: Links | None = None, *, with_buttons: bool = True
) -> CheckText:
    """What the check run of an open pull request says. Raises KeyError for merged and closed ones."""
    conclusion, title = _CONCLUSIONS[planned.state], _title(plan, planned)
    summary = _summary(plan, planned, links)
    # A branch without a pull request has a negative number, and nobody to press for it.
    has_none = planned.frozen or planned.number < 0 or not with_buttons
    buttons = () if has_none else buttons_of(planned.state)
    words = (
        conclusion,
        title,
        links.without_commits(summary) if links else summary,
        *(text for button in buttons for text in (button.verb, button.label, button.description)),
    )
    return CheckText(conclusion, title, summary, buttons, hashlib.sha256("\0".join(words).encode()).hexdigest())


def _title(plan: Plan, planned: PlannedPullRequest) -> str:
    hard = [edge for edge in plan.edges_of(planned.number) if edge.strength is Strength.HARD]
    more = f" ({len(hard) - 1} more)" if len(hard) > 1 else ""
    cause = "".join(letter if letter.isprintable() else " " for letter in _cause(planned, hard))
    return shorten(cause, TITLE_LIMIT - len(more)) + more


def _cause(planned: PlannedPullRequest, hard: Sequence[Edge]) -> str:
    told = planned.classification
    match planned.state:
        case State.BLOCKED if hard and hard[0].to is not None:
            and_applied = " and rolled out" if hard[0].condition is Condition.ROLLED_OUT else ""
            return f"Blocked by #{hard[0].to}, which must be merged{and_applied} first"
        case State.BLOCKED if hard and hard[0].kind is EdgeKind.STORED:
            return "Blocked until objects that the cluster stores at an old version are migrated"
        case State.BLOCKED if hard:
            return "Blocked, and no open pull request would free it"
        case State.WAITING_ROLLOUT if hard and hard[0].to is not None:
            return f"#{hard[0].to} is merged, not yet rolled out"
        case State.WAITING_ROLLOUT if not hard:
            return planned.reason
        case State.NEEDS_REVIEW if told.also_changes:
            return f"Needs a person's review: it also changes {at(told.also_changes[0])}"
        case State.NEEDS_REVIEW if told.updates and told.component_class is ComponentClass.MAJOR:
            update = told.updates[0]
            return f"Needs a person's review: major update of {update.name} to {update.to or 'nothing'}"
        case State.READY | State.HELD | State.UNKNOWN:
            return planned.reason
        case _:
            return _TITLES[planned.state]


def _summary(plan: Plan, planned: PlannedPullRequest, links: Links | None) -> str:
    edges, told = plan.edges_of(planned.number), planned.classification
    parts = [sentence_markdown(planned.reason), _remedy(planned, edges)]
    if edges:
        rows = [_row(edge) for edge in edges[:EDGES_SHOWN]]
        rest = [f"| | | and {len(edges) - EDGES_SHOWN} more |"] if len(edges) > EDGES_SHOWN else []
        parts.append("\n".join(("| | Waits for | Why |", "|---|---|---|", *rows, *rest)))
    graph = neighbourhood_to_mermaid(plan, planned.number)
    parts.append(f"```mermaid\n{graph}```" if graph else "")
    for edge in edges[:EDGES_SHOWN]:
        numbers = (planned.number, *([edge.to] if edge.to is not None else []))
        parts.append(_proof("Evidence", edge.evidence, numbers, links) if edge.evidence else "")
    if told.also_changes:
        heading = "What its updates do not explain, the first lines"
        parts.append(_proof(heading, told.also_changes, (planned.number,), links))
    parts.append(
        f"Classified as **{told.component_class}**"
        + (f", {told.update_type} update" if told.update_type else "")
        + (f": {'; '.join(escape_markdown(reason) for reason in told.reasons[:3])}." if told.reasons else ".")
    )
    return _joined([part for part in parts if part])


def _joined(parts: Sequence[str]) -> str:
    """As many whole parts as there is room for: half a table, graph or link would show as rubbish."""
    room, kept = SUMMARY_LIMIT, []
    for part in parts:
        if len(part) + 2 > room:
            kept.append('The rest is too long for a check; the page behind "Details" has it.')
            break
        kept.append(part)
        room -= len(part) + 2
    return "\n\n".join(kept)


def _remedy(planned: PlannedPullRequest, edges: Sequence[Edge]) -> str:
    if planned.state is State.READY:
        return ""
    steps = remedies(
        planned.state,
        edges,
        changes_more=bool(planned.classification.also_changes),
        frozen=planned.frozen,
        by_incident=planned.by_incident,
    )
    if planned.number < 0 and planned.state is State.NEEDS_REVIEW:
        steps = (BRANCH_REVIEW,)
    shown = [*steps[:STEPS_SHOWN], *([f"And {len(steps) - STEPS_SHOWN} more."] if len(steps) > STEPS_SHOWN else [])]
    if len(shown) == 1:
        return f"**What would change it.** {sentence_markdown(shown[0])}"
    return "**What would change it.**\n\n" + "\n".join(f"- {sentence_markdown(step)}" for step in shown)


def _row(edge: Edge) -> str:
    mark = "⏳" if edge.merged else "✗" if edge.strength is Strength.HARD else "·"
    target = f"#{edge.to}" if edge.to is not None else "nothing open"
    strength = "must" if edge.strength is Strength.HARD else "better"
    return f"| {mark} | {target} ({strength}, {edge.condition.replace('_', ' ')}) | {sentence_markdown(edge.reason)} |"


def _proof(heading: str, lines: Sequence[Evidence], numbers: tuple[int, ...], links: Links | None) -> str:
    shown = [_line(line, links.address_of(line, *numbers) if links else None) for line in lines[:EVIDENCE_SHOWN]]
    rest = len(lines) - len(shown)
    return "\n".join([f"{heading}:", "", *shown, *([f"- and {rest} more"] if rest else [])])


def _line(line: Evidence, address: str | None) -> str:
    where = f"`{_code(at(line))}`"
    return f"- {f'[{where}]({address})' if address else where} `{shorten(_code(line.text), LINE_SHOWN)}`"


def escape_markdown(text: str) -> str:
    """Words that came from outside, so that they read as words: no link, mention, table or HTML of theirs works."""
    escaped = re.sub(r"([\\`*_{}\[\]()<>#|~!])", r"\\\1", text.replace("\r", " ").replace("\n", " "))
    return escaped.replace("@", "@\u200b")


def sentence_markdown(sentence: str) -> str:
    """A sentence of ours as Markdown: `#30` and what stands between backticks keep their effect, nothing else has one.

    Sentences name packages, versions and files, and those come from outside.
    """
    pieces = sentence.replace("\r", " ").replace("\n", " ").split("`")
    return "`".join(piece if index % 2 else _plain(piece) for index, piece in enumerate(pieces))


def _plain(text: str) -> str:
    return re.sub(r"([\\*_\[\]<>|~!])", r"\\\1", text).replace("@", "@\u200b")


def _code(text: str) -> str:
    return re.sub(r"[`\r\n|]", " ", text).strip() or " "


def shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
