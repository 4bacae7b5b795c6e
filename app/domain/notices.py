"""What people are told of outside GitHub: transitions that need a person, each once.

A notice is made when something *becomes* so, not while it is so; its key is what makes the same one told once. All
notices of a repository that wait at the same time go out as one message.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.messages.notices import config_broken_notice
from app.domain.model import Plan, PlannedPullRequest, State, Strength


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
    plan: Plan, transitions: Iterable[tuple[int, str]], *, config_was_broken: bool
) -> tuple[Notice, ...]:
    """`transitions` are the pull requests whose state changed: number and head commit."""
    found: list[Notice] = []
    for number, head_sha in transitions:
        planned = plan.of(number)
        kind = _kind_of(plan, planned)
        if kind is not None:
            found.append(Notice(kind, f"{kind}:{number}:{head_sha}", number, f"#{number}: {planned.reason}"))
    problems = plan.config.problems if plan.config else ()
    if problems and not config_was_broken:
        key = f"{NoticeKind.CONFIG}:{plan.base}"
        found.append(Notice(NoticeKind.CONFIG, key, None, config_broken_notice(problems[0])))
    return tuple(found)


def _kind_of(plan: Plan, planned: PlannedPullRequest) -> NoticeKind | None:
    if not planned.by_renovate:
        return None
    if planned.state is State.NEEDS_REVIEW:
        return NoticeKind.REVIEW
    hard = [edge for edge in plan.edges_of(planned.number) if edge.strength is Strength.HARD]
    if planned.state is State.BLOCKED and any(edge.to is None for edge in hard):
        return NoticeKind.DEAD_END
    return None
