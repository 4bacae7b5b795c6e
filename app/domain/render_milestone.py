"""A milestone as Markdown, for its issue and for export, and as JSON. Titles are text of others: made harmless."""

from collections.abc import Iterator
from typing import Any

from app.domain.checks import escape_markdown, sentence_markdown
from app.domain.messages import milestone as messages
from app.domain.milestone import Criterion, Level, MemberNow, Milestone, Phase, RiskNow
from app.domain.model import Answer, PullRequestStatus, State

_LONGEST = 60_000
"""GitHub takes 65,536 characters in an issue."""


def milestone_to_markdown(title: str, now: Milestone, *, page: str = "", heading: bool = True) -> str:
    """`page` is the address of its page. An issue has its title elsewhere, and no heading here."""
    parts = [f"# {escape_markdown(title)}"] if heading else []
    parts.append(f"{messages.goal_words(sentence_markdown(now.goal))} **{now.resolved} of {now.total} resolved.**")
    parts += list(_phases(now))
    parts.append(f"## {messages.SECTION_CRITERIA}\n\n" + "\n\n".join(_criteria(now)))
    if now.risks:
        parts.append(f"## {messages.SECTION_RISKS}\n\n" + "\n".join(_risk(one) for one in now.risks))
    rows = "\n".join(f"| {sentence_markdown(one.name)} | {sentence_markdown(one.value)} |" for one in now.metrics)
    parts.append(f"## {messages.SECTION_METRICS}\n\n| | |\n|---|---|\n{rows}")
    parts.append(f"## {messages.SECTION_LESSONS}\n\n" + ("\n\n".join(_lessons(now)) or messages.LESSONS_LATER))
    if page:
        parts.append(f"[All of it, with the evidence]({page})")
    return _joined(parts)


def _phases(now: Milestone) -> Iterator[str]:
    for phase in now.phases:
        rows = "\n".join(_member(member) for member in phase.members)
        yield f"## {phase.heading}\n\n{phase.intro}\n\n{rows}"


def _member(member: MemberNow) -> str:
    mark = " " if member.status is PullRequestStatus.OPEN else "x"
    return f"- [{mark}] #{member.number} {escape_markdown(member.title)}{_tail(member)}"


def _tail(member: MemberNow) -> str:
    words = member_words(member)
    return f": {sentence_markdown(words)}" if words else ""


def member_words(member: MemberNow) -> str:
    """`merged`; of an open one what is to be known beside its title."""
    if member.status is not PullRequestStatus.OPEN:
        return member.note
    said = "" if member.state in (State.READY, State.UNKNOWN) else member.state.value.replace("-", " ")
    return "; ".join(part for part in (said, member.note) if part)


def _criteria(now: Milestone) -> Iterator[str]:
    for phase in (*Phase, None):
        found = [one for one in now.criteria if one.phase is phase]
        if found:
            heading = messages.HEADINGS[phase][0] if phase is not None else messages.SECTION_WHOLE
            yield f"### {heading}\n\n" + "\n".join(_criterion(one) for one in found)


def _criterion(one: Criterion) -> str:
    mark = "x" if one.state is Answer.YES else " "
    unknown = " *Unknown.*" if one.state is Answer.UNKNOWN else ""
    return f"- [{mark}] {sentence_markdown(one.text)}.{unknown} {sentence_markdown(one.evidence)}"


def _risk(now: RiskNow) -> str:
    risk = now.risk
    level = "High" if risk.level is Level.HIGH else "Medium"
    lines = [
        f"- **{level}: {sentence_markdown(risk.title)}.**{' Over.' if now.over else ''} {sentence_markdown(risk.why)}"
    ]
    lines.append(f"  - {messages.MITIGATION}: {sentence_markdown(risk.mitigation)}")
    if risk.rollback:
        lines.append(f"  - {messages.ROLLBACK}: {sentence_markdown(risk.rollback)}")
    return "\n".join(lines)


def _lessons(now: Milestone) -> Iterator[str]:
    for heading, sentences in now.lessons:
        yield f"### {heading}\n\n" + "\n".join(f"- {sentence_markdown(sentence)}" for sentence in sentences)


def _joined(parts: list[str]) -> str:
    room, kept = _LONGEST, []
    for part in parts:
        if len(part) + 2 > room:
            kept.append(messages.CUT_SHORT)
            break
        kept.append(part)
        room -= len(part) + 2
    return "\n\n".join(kept) + "\n"


def milestone_to_json(title: str, now: Milestone) -> dict[str, Any]:
    return {
        "title": title,
        "goal": now.goal,
        "resolved": now.resolved,
        "total": now.total,
        "reached": now.reached,
        "phases": [
            {
                "phase": phase.phase.value,
                "heading": phase.heading,
                "pull_requests": [_member_json(member) for member in phase.members],
            }
            for phase in now.phases
        ],
        "criteria": [
            {
                "phase": one.phase.value if one.phase else None,
                "text": one.text,
                "state": one.state.value,
                "evidence": one.evidence,
                "weight": one.weight.value,
            }
            for one in now.criteria
        ],
        "risks": [
            {
                "level": one.risk.level.value,
                "title": one.risk.title,
                "why": one.risk.why,
                "mitigation": one.risk.mitigation,
                "rollback": one.risk.rollback,
                "pull_requests": list(one.risk.numbers),
                "over": one.over,
            }
            for one in now.risks
        ],
        "metrics": [{"name": one.name, "value": one.value, "known": one.known} for one in now.metrics],
        "lessons": [{"heading": heading, "sentences": list(sentences)} for heading, sentences in now.lessons],
    }


def _member_json(member: MemberNow) -> dict[str, Any]:
    return {
        "number": member.number,
        "title": member.title,
        "change": member.change,
        "status": member.status.value,
        "state": member.state.value,
        "note": member.note,
    }
