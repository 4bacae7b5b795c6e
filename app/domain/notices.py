"""What people are told of outside GitHub: transitions that need a person, each once.

A notice is made when something *becomes* so, not while it is so; its key is what makes the same one told once. All
notices of a repository that wait at the same time go out as one message.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.domain.messages.notices import config_broken_notice
from app.domain.model import Plan, PlannedPullRequest, State, Strength

Document = Mapping[str, Any]
"""A plan as `app.domain.planjson` writes it; empty where there was none."""


class NoticeKind(StrEnum):
    """The names are those of the setting that chooses among them."""

    REVIEW = "review"
    """A pull request waits for a person's approval."""
    DEAD_END = "dead-end"
    """A pull request is blocked, and nothing that is open would free it."""
    CONFIG = "config"
    """The repository's configuration cannot be read."""
    RENOVATE = "renovate"
    """Renovate did not react to a request."""
    ROLLOUT = "rollout"
    """A merged version was not taken over in time."""
    INCIDENT = "incident"
    """A cluster fails since a merge, or does no longer."""


@dataclass(frozen=True, slots=True)
class Notice:
    """`text` is one sentence for people; `number` the pull request that it is about, if it is about one."""

    kind: NoticeKind
    key: str
    number: int | None
    text: str


def notices_of_plan(
    plan: Plan, transitions: Iterable[tuple[int, str]], *, document: Document, before: Document, at: datetime
) -> tuple[Notice, ...]:
    """`transitions` are the pull requests whose state changed: number and head commit. `document` is the plan as it is
    stored, `before` the one that was stored until now, and `at` the time."""
    found = []
    for number, head_sha in transitions:
        planned = plan.of(number)
        if planned.by_renovate and planned.state is State.NEEDS_REVIEW:
            found.append(_notice(NoticeKind.REVIEW, planned, head_sha))
    # Most become one without a change of state: what would have freed them was closed. Told by the time, as the same
    # head may be freed and come to a dead end again.
    new = sorted(_dead_ends(document) - _dead_ends(before))
    found += [_notice(NoticeKind.DEAD_END, plan.of(number), at.isoformat()) for number in new]
    problems = plan.config.problems if plan.config else ()
    if problems and not (before.get("config") or {}).get("problems"):
        key = f"{NoticeKind.CONFIG}:{plan.base}"
        found.append(Notice(NoticeKind.CONFIG, key, None, config_broken_notice(problems[0])))
    return tuple(found)


def _notice(kind: NoticeKind, planned: PlannedPullRequest, which: str) -> Notice:
    return Notice(kind, f"{kind}:{planned.number}:{which}", planned.number, f"#{planned.number}: {planned.reason}")


def _dead_ends(document: Document) -> frozenset[int]:
    """What a plan blocks for something that nothing open brings."""
    wanting = {
        edge["from"] for edge in document.get("edges", ()) if edge["strength"] == Strength.HARD and edge["to"] is None
    }
    return frozenset(
        told["number"]
        for told in document.get("pull_requests", ())
        if told["by_renovate"] and told["state"] == State.BLOCKED and told["number"] in wanting
    )
