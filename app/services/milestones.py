"""Make milestones, judge them at each look, and keep the issue of those that want one.

A milestone's issue is ours by its stored number; without one it is found by the marker in what our own App wrote.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.db import work
from app.db.actions import NewAction
from app.db.clusters import list_clusters
from app.db.milestones import add_milestone, add_transition, get_milestone, list_open_milestones, save_issue
from app.db.models import Action, Milestone, PullRequest, Repository
from app.db.pull_requests import add_history, list_pull_requests
from app.db.repositories import key_of
from app.domain.ancestry import Ancestry
from app.domain.base_facts import BaseFacts, read_base
from app.domain.configured_plan import plan_configured
from app.domain.messages import milestone as messages
from app.domain.milestone import Milestone as MilestoneNow
from app.domain.milestone import MilestonePlan, Sync
from app.domain.milestone_plan import parse_goal, plan_milestone
from app.domain.milestone_state import judge_milestone, with_lessons
from app.domain.milestone_words import digest_of, find_transitions, issue_text, marker_of, plan_form, state_form
from app.domain.model import Plan, Snapshot
from app.domain.modes import Mode
from app.github.api import segment
from app.github.errors import NotFound
from app.services.context import AppContext
from app.services.facts import Look
from app.services.known import gather_known
from app.services.milestone_facts import gather_facts
from app.services.milestone_sync import read_syncs

MILESTONE = "milestone"
LONGEST_GOAL, LONGEST_TITLE = 120, 200


class NothingOpen(Exception):
    """There is no pull request by Renovate that a milestone could be made of."""


@dataclass(frozen=True, slots=True)
class Wish:
    """`goal` is as people write it; `wants_issue`: it is kept as an issue too, where the mode is `act`."""

    goal: str
    title: str
    wants_issue: bool
    by: str


async def create_milestone(context: AppContext, repository_id: int, wish: Wish) -> int:
    """Plan it on the facts in the database, and keep it. Returns its number. Raises BadTarget and NothingOpen."""
    async with context.database.transaction() as session:
        snapshot, in_use = await gather_known(context, session, repository_id)
        connected = bool(await list_clusters(session, repository_id))
    goal = parse_goal(_clean(wish.goal), in_use.catalogue)

    def make() -> tuple[MilestonePlan, BaseFacts]:
        plan = plan_configured(snapshot, in_use)
        made = plan_milestone(plan, snapshot, in_use.catalogue, goal, connected=connected)
        return made, read_base(snapshot.tree, in_use.catalogue)

    made, base = await asyncio.to_thread(make)
    if not made.members:
        raise NothingOpen
    now = context.clock()
    async with context.database.transaction() as session:
        await session.get_one(Repository, repository_id, with_for_update=True)
        row = await add_milestone(
            session,
            repository_id,
            title=_clean(wish.title) or messages.default_title(str(goal)),
            goal=str(goal),
            plan=plan_form().dump_python(made, mode="json"),
            document={},
            created_at=now,
            created_by=wish.by,
            wants_issue=wish.wants_issue,
        )
        rows = await list_pull_requests(session, repository_id)
        syncs = await read_syncs(session, repository_id, rows, base, Ancestry({}), now=now)
        await _judge(context, session, row, rows, snapshot, base, syncs.get(row.id))
        add_transition(session, row.id, messages.created_words(wish.by), now)
        made_words = messages.was_made(row.number, row.title)
        add_history(session, repository_id, None, at=now, actor=wish.by, kind="milestone", text=made_words)
        await work.want(session, key_of(repository_id))
        number = row.number
    context.wake(key_of(repository_id))
    return number


def _clean(text: str) -> str:
    """PostgreSQL has no text with a NUL in it."""
    return text.replace("\0", "").strip()


async def close_milestone(context: AppContext, repository_id: int, number: int, *, by: str) -> bool:
    """End it before it is reached. False where there is none of that number; one that has ended stays as it ended."""
    async with context.database.transaction() as session:
        row = await get_milestone(session, repository_id, number)
        if row is None:
            return False
        if row.closed_at is None:
            _close(session, row, messages.closed_words(by), context.clock())
            await work.want(session, key_of(repository_id))
    context.wake(key_of(repository_id))
    return True


# --- at each look ---


async def track_milestones(
    context: AppContext,
    session: AsyncSession,
    repository: Repository,
    plan: Plan,
    snapshot: Snapshot | None,
    rows: Sequence[PullRequest],
    syncs: Mapping[int, Sync],
) -> list[NewAction]:
    """Judge what is under way by the newest facts; the writes that issues lack."""
    actions: list[NewAction] = []
    base = context.planners.base_of(repository.id)
    for row in await list_open_milestones(session, repository.id):
        if row.closed_at is None and snapshot is not None and base is not None:
            await _judge(context, session, row, rows, snapshot, base, syncs.get(row.id))
        if plan.mode is Mode.ACT:
            actions += _missing_issue(context, repository, row)
    return actions


async def _judge(
    context: AppContext,
    session: AsyncSession,
    row: Milestone,
    rows: Sequence[PullRequest],
    snapshot: Snapshot,
    base: BaseFacts,
    synced: Sync | None,
) -> None:
    at = context.clock()
    plan = plan_form().validate_python(row.plan)
    facts = await gather_facts(
        session,
        row.repository_id,
        plan,
        rows,
        snapshot=snapshot,
        base=base,
        synced=synced,
        began=row.created_at,
        poll=context.settings.kubernetes_poll,
    )
    now = judge_milestone(plan, facts)
    before = state_form().validate_python(row.document) if row.document else None
    if now.reached:
        now = with_lessons(now, plan, facts)
    document = state_form().dump_python(now, mode="json")
    if document != row.document:
        row.document = document
        for text in find_transitions(before, now):
            add_transition(session, row.id, text, at)
    if now.reached:
        _close(session, row, messages.reached_words(now.resolved, now.total), at)


def _close(session: AsyncSession, row: Milestone, why: str, at: datetime) -> None:
    row.closed_at, row.closed_why = at, why
    add_transition(session, row.id, why, at)
    text = messages.ended(row.number, row.title, why)
    add_history(session, row.repository_id, None, at=at, actor="fluxmig", kind="milestone", text=text)


# --- the issue ---


def _missing_issue(context: AppContext, repository: Repository, row: Milestone) -> list[NewAction]:
    never_there = row.closed_at is not None and row.issue_number is None
    if not row.wants_issue or row.issue_closed or never_there:
        return []
    page = f"{context.settings.public_url}/r/{segment(repository.owner)}/{segment(repository.name)}"
    now: MilestoneNow = state_form().validate_python(row.document)
    closed = row.closed_at is not None
    text = issue_text(row.number, row.title, now, page=f"{page}/milestones/{row.number}", closed=closed)
    if text.digest == row.issue_digest:
        return []
    payload = {
        "milestone": row.number,
        "title": text.title,
        "body": text.body,
        "digest": text.digest,
        "closed": text.closed,
    }
    return [NewAction(MILESTONE, None, f"{MILESTONE}:{row.id}", payload)]


async def write_milestone_issue(look: Look, action: Action) -> str:
    told = action.payload
    async with look.context.database.transaction() as session:
        row = await get_milestone(session, look.repository.id, told["milestone"])
    if row is None or row.issue_closed:
        return "dropped"
    number = row.issue_number or await _find_issue(look, row.number)
    state = "closed" if told["closed"] else None
    if number is not None:
        try:
            await look.gateway.edit_issue(number, told["body"], state=state)
        except NotFound:  # a person deleted it: the next look makes a new one
            async with look.context.database.transaction() as session:
                await save_issue(session, row.id, number=None, digest="")
            return "done"
    else:
        number = (await look.gateway.create_issue(told["title"], told["body"])).number
    async with look.context.database.transaction() as session:
        await save_issue(session, row.id, number=number, digest=told["digest"])
    return "done"


async def _find_issue(look: Look, milestone: int) -> int | None:
    """After a write whose outcome is in doubt, and when the number was lost."""
    bot_login = await look.context.bot_login()
    marker = marker_of(milestone)
    for issue in await look.gateway.list_issues_of(bot_login):
        ours = issue.pull_request is None and issue.user is not None and issue.user.login == bot_login
        if ours and issue.state == "open" and (issue.body or "").startswith(marker):
            return issue.number
    return None


def note_touched(row: Milestone, *, closed: bool, deleted: bool) -> None:
    """Somebody else changed its issue: closed by a person it is left alone, else its text is written anew."""
    if deleted:
        row.issue_number, row.issue_digest = None, ""
        return
    ended = row.closed_at is not None
    row.issue_digest, row.issue_closed = "", closed or ended


async def refresh_issues(look: Look) -> None:
    """At a full look: whether a person closed or changed one while no delivery told of it. One call for each."""
    if look.mode is not Mode.ACT:
        return
    async with look.context.database.transaction() as session:
        known = [
            row
            for row in await list_open_milestones(session, look.repository.id)
            if row.wants_issue and row.issue_number is not None and row.issue_digest and row.closed_at is None
        ]
    for row in known:
        assert row.issue_number is not None
        try:
            issue = await look.gateway.get_issue(row.issue_number)
            closed, deleted = issue.state == "closed", False
            same = closed == row.issue_closed and digest_of(issue.body or "", closed=False) == row.issue_digest
        except NotFound:
            closed, deleted, same = False, True, False
        if not same:
            async with look.context.database.transaction() as session:
                note_touched(await session.get_one(Milestone, row.id), closed=closed, deleted=deleted)
