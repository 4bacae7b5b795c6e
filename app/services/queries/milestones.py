"""Milestones as pages, the REST API and the command line show them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.db import milestones as rows
from app.db import models
from app.domain.milestone import Milestone
from app.domain.milestone_words import state_form

TRANSITIONS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Transition:
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class MilestoneItem:
    """`now` is how it stood when something changed last; `transitions` are the newest first."""

    number: int
    title: str
    goal: str
    created_at: datetime
    created_by: str
    closed_at: datetime | None
    closed_why: str
    wants_issue: bool
    issue_number: int | None
    now: Milestone
    transitions: tuple[Transition, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


async def list_milestones(session: AsyncSession, repository_id: int) -> tuple[MilestoneItem, ...]:
    """The newest first."""
    return tuple(_item(row) for row in await rows.list_milestones(session, repository_id))


async def get_milestone(session: AsyncSession, repository_id: int, number: int) -> MilestoneItem | None:
    row = await rows.get_milestone(session, repository_id, number)
    if row is None:
        return None
    return _item(row, await rows.list_transitions(session, row.id, limit=TRANSITIONS_SHOWN))


def _item(row: models.Milestone, transitions: list[models.MilestoneTransition] | None = None) -> MilestoneItem:
    return MilestoneItem(
        number=row.number,
        title=row.title,
        goal=row.goal,
        created_at=row.created_at,
        created_by=row.created_by,
        closed_at=row.closed_at,
        closed_why=row.closed_why,
        wants_issue=row.wants_issue,
        issue_number=row.issue_number,
        now=state_form().validate_python(row.document),
        transitions=tuple(Transition(one.at, one.text) for one in transitions or ()),
    )
