"""A milestone as its page shows it: every word and badge already chosen."""

from dataclasses import dataclass

from app.domain.messages import milestone as messages
from app.domain.milestone import Criterion, MemberNow, Milestone, Phase, RiskNow
from app.domain.model import PullRequestStatus
from app.services.queries.milestones import MilestoneItem
from app.web.words import BADGES, CRITERION_BADGES, ENDED_BADGES, RISK_BADGES, RISK_OVER, Badge


@dataclass(frozen=True, slots=True)
class LineView:
    """A badge, a sentence, and what is to be known beside it. With a `number` the text names that pull request."""

    badge: Badge
    text: str
    beside: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class GroupView:
    """Lines below a heading; `key` is for its address."""

    key: str
    heading: str
    intro: str
    lines: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class MilestoneView:
    tone: str
    lead: str
    done: int
    total: int
    phases: tuple[GroupView, ...]
    criteria: tuple[GroupView, ...]
    risks: tuple[tuple[LineView, str, str], ...]
    """Each with what is done about it, and the way back."""


def milestone_view(item: MilestoneItem) -> MilestoneView:
    now = item.now
    return MilestoneView(
        tone="quiet" if not item.is_open else "act",
        lead=f"{messages.goal_words(now.goal)} {_standing(item)}",
        done=now.resolved,
        total=now.total,
        phases=tuple(
            GroupView(phase.phase.value, phase.heading, phase.intro, tuple(map(_member, phase.members)))
            for phase in now.phases
        ),
        criteria=tuple(_criteria(now, is_open=item.is_open)),
        risks=tuple((_risk(one), one.risk.mitigation, one.risk.rollback) for one in now.risks),
    )


def _standing(item: MilestoneItem) -> str:
    return item.closed_why or messages.standing(item.now.resolved, item.now.total)


def _member(member: MemberNow) -> LineView:
    badge = BADGES[member.state]
    beside = member.note if member.status is PullRequestStatus.OPEN else ""
    return LineView(badge, f"#{member.number} {member.change}", beside, member.number)


def _criteria(now: Milestone, *, is_open: bool) -> list[GroupView]:
    groups = []
    for phase in (*Phase, None):
        found = tuple(_criterion(one, is_open=is_open) for one in now.criteria if one.phase is phase)
        if found:
            heading = messages.HEADINGS[phase][0] if phase is not None else messages.SECTION_WHOLE
            groups.append(GroupView(phase.value if phase else "whole", heading, "", found))
    return groups


def _criterion(one: Criterion, *, is_open: bool) -> LineView:
    badge = CRITERION_BADGES[one.state] if is_open else ENDED_BADGES[one.state]
    return LineView(badge, f"{one.text}.", one.evidence)


def _risk(now: RiskNow) -> LineView:
    badge = RISK_OVER if now.over else RISK_BADGES[now.risk.level]
    return LineView(badge, f"{now.risk.title}.", now.risk.why)


@dataclass(frozen=True, slots=True)
class MilestoneCard:
    """A milestone in the list of its repository."""

    title: str
    url: str
    badge: Badge
    words: str


def milestone_card(item: MilestoneItem, url: str) -> MilestoneCard:
    badge = Badge("Under way", "hourglass", "act") if item.is_open else Badge("Ended", "check", "quiet")
    return MilestoneCard(item.title, url, badge, _standing(item))
