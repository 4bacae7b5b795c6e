"""What the check of a branch without a pull request says: the words of a pull request, with the branch's name for the
number that it does not have."""

import re
from collections.abc import Mapping

from app.domain.checks import TITLE_LIMIT, CheckText, check_text, shorten
from app.domain.evidence_links import Links
from app.domain.model import Plan

_NUMBER = re.compile(r"#-(\d+)\b")


def branch_check_text(plan: Plan, number: int, names: Mapping[int, str], links: Links) -> CheckText:
    """`number` is negative; `names` has the branches by those numbers. GitHub allows backticks in names, we do not."""

    text = check_text(plan, plan.of(number), links)
    before, graph, after = _parts(text.summary)
    summary = _named(before, names, "`") + _named(graph, names) + _named(after, names, "`")
    title = shorten(_named(text.title, names), TITLE_LIMIT)
    return CheckText(text.conclusion, title, summary, text.buttons, text.digest)


def branch_reason(plan: Plan, number: int, names: Mapping[int, str]) -> str:
    """The one sentence of the verdict."""
    return _named(plan.of(number).reason, names, "`")


def _named(text: str, names: Mapping[int, str], quotes: str = "") -> str:
    return _NUMBER.sub(lambda match: f"{quotes}{_plain(names.get(-int(match[1]), 'a branch'))}{quotes}", text)


def _plain(name: str) -> str:
    return re.sub(r"[^\w./@+-]", " ", name)


def _parts(summary: str) -> tuple[str, str, str]:
    """What stands before the graph, the graph, and what comes after it: a backtick would mean something else in it."""
    before, fence, rest = summary.partition("```mermaid\n")
    graph, end, after = rest.partition("```")
    return before, fence + graph + end, after
