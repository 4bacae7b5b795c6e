"""The words of the check run: title with the cause, summary with the proof.

"Blocked" is a completed `action_required`: a run in progress goes stale after 14 days, `failure` makes Renovate call
people, and `neutral` or `skipped` pass a required check
(https://docs.github.com/en/rest/checks/runs, Renovate's lib/modules/platform/github/index.ts `getBranchStatus`).
"""

import hashlib
import re
from dataclasses import dataclass

from app.domain.messages import at
from app.domain.model import Edge, Evidence, Plan, PlannedPullRequest, State, Strength

TITLE_LIMIT = 140
SUMMARY_LIMIT = 60_000
_EVIDENCE_LINES = 6

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
_REMEDIES = {
    State.BLOCKED: "Merge what is named above and let the cluster take it over; this check follows by itself.",
    State.WAITING_ROLLOUT: (
        "As soon as the cluster reports that it runs the new version, this check turns green and Renovate is asked to "
        "rebase. If the cluster cannot report, look at it yourself and say `/fluxmig confirm`."
    ),
    State.HELD: "Say `/fluxmig unhold` when it may go on.",
    State.NEEDS_REVIEW: "Read the release notes, then say `/fluxmig approve`; the approval counts for this head.",
    State.UNKNOWN: "fluxmig neither holds nor frees this pull request. Decide yourself.",
}


_REMEDY_OF_OTHER_CHANGES = (
    "Look at the lines above. If they are meant, say `/fluxmig approve`; the approval counts for this head. If not, "
    "undo them on the branch."
)


_REMEDY_OF_A_FREEZE = (
    'The freeze ends by itself, and this check follows. If it cannot wait, say `/fluxmig unblock --reason "…" for 2h`.'
)


@dataclass(frozen=True, slots=True)
class CheckText:
    conclusion: str
    title: str
    summary: str

    @property
    def digest(self) -> str:
        """Equal digests mean equal words, so nothing has to be written."""
        text = "\0".join((self.conclusion, self.title, self.summary))
        return hashlib.sha256(text.encode()).hexdigest()


def check_text(plan: Plan, planned: PlannedPullRequest) -> CheckText:
    """What the check run of an open pull request says. Raises KeyError for merged and closed ones."""
    return CheckText(
        conclusion=_CONCLUSIONS[planned.state], title=_title(plan, planned), summary=_summary(plan, planned)
    )


def _title(plan: Plan, planned: PlannedPullRequest) -> str:
    hard = [edge for edge in plan.edges_of(planned.number) if edge.strength is Strength.HARD]
    cause = _TITLES[planned.state]
    match planned.state:
        case State.BLOCKED if hard and hard[0].to is not None:
            cause = f"Blocked by #{hard[0].to}, which must be merged and rolled out first"
        case State.BLOCKED if hard:
            cause = "Blocked, and no open pull request would free it"
        case State.WAITING_ROLLOUT if hard and hard[0].to is not None:
            cause = f"#{hard[0].to} is merged, not yet rolled out"
        case State.NEEDS_REVIEW if planned.classification.also_changes:
            cause = f"Needs a person's review: it also changes {at(planned.classification.also_changes[0])}"
        case State.READY | State.HELD | State.UNKNOWN:
            cause = planned.reason
    more = f" ({len(hard) - 1} more)" if len(hard) > 1 else ""
    return _shorten(cause, TITLE_LIMIT - len(more)) + more


def _summary(plan: Plan, planned: PlannedPullRequest) -> str:
    parts = [sentence_markdown(planned.reason)]
    edges = plan.edges_of(planned.number)
    if edges:
        rows = "\n".join(_row(edge) for edge in edges)
        parts.append(f"| | Waits for | Why |\n|---|---|---|\n{rows}")
    parts += [_proof(edge) for edge in edges if edge.evidence]
    told = planned.classification
    if told.also_changes:
        lines = "\n".join(_line(line) for line in told.also_changes)
        parts.append(f"What its updates do not explain, the first lines:\n\n{lines}")
    if planned.frozen:
        parts.append(f"**What would change it.** {_REMEDY_OF_A_FREEZE}")
    elif planned.state is State.NEEDS_REVIEW and told.also_changes:
        parts.append(f"**What would change it.** {_REMEDY_OF_OTHER_CHANGES}")
    elif planned.state in _REMEDIES:
        parts.append(f"**What would change it.** {_REMEDIES[planned.state]}")
    parts.append(
        f"Classified as **{told.component_class}**"
        + (f", {told.update_type} update" if told.update_type else "")
        + (f": {'; '.join(escape_markdown(reason) for reason in told.reasons[:3])}." if told.reasons else ".")
    )
    return _shorten("\n\n".join(parts), SUMMARY_LIMIT)


def _row(edge: Edge) -> str:
    mark = "⏳" if edge.merged else "✗" if edge.strength is Strength.HARD else "·"
    target = f"#{edge.to}" if edge.to is not None else "nothing open"
    strength = "must" if edge.strength is Strength.HARD else "better"
    return f"| {mark} | {target} ({strength}, {edge.condition.replace('_', ' ')}) | {sentence_markdown(edge.reason)} |"


def _proof(edge: Edge) -> str:
    shown = [_line(line) for line in edge.evidence[:_EVIDENCE_LINES]]
    rest = len(edge.evidence) - len(shown)
    return "\n".join(["Evidence:", "", *shown, *([f"- and {rest} more"] if rest else [])])


def _line(line: Evidence) -> str:
    where = f"{line.file}:{line.line}" if line.line else line.file
    return f"- `{_code(where)}` `{_code(line.text)}`"


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


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
