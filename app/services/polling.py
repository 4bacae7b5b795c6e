"""Without a public address: ask each repository now and then what is new, and treat the answer like a delivery.

Three conditional calls a poll, one more for a dashboard. They cost nothing of the hourly limit while nothing happens.
What is new is marked to be read again, or stored as a person's command; the look at the repository does the rest, as
for a webhook. A comment that a webhook brings as well is still one command.
"""

from datetime import timedelta

import structlog
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import Poll, PullRequest, Repository
from app.db.pull_requests import get_by_numbers, mark_pull_request_stale
from app.db.repositories import key_of, mark_stale
from app.db.words import get_dashboard
from app.db.work import want
from app.domain.events import CommentPosted
from app.github.errors import NotFound
from app.github.facts import CommentFacts, PullRequestFacts
from app.github.polls import PAGE, News, Seen, ask_for_news
from app.services.context import AppContext
from app.services.dashboard_ticks import find_edit, take_in
from app.services.handlers import handle_comment_posted

log = structlog.get_logger()

_EARLY = timedelta(seconds=10)
"""A clock that ticks every minute is never late by exactly nothing."""


async def ask_for_polls(context: AppContext) -> None:
    """Have every repository polled whose time has come; none where polling is off."""
    if context.settings.poll_seconds is None:
        return
    before = context.clock() - timedelta(seconds=context.settings.poll_seconds) + _EARLY
    async with context.database.transaction() as session:
        ids = await session.scalars(
            select(Repository.id)
            .outerjoin(Poll, Poll.repository_id == Repository.id)
            .where(Repository.removed_at.is_(None), or_(Poll.polled_at.is_(None), Poll.polled_at <= before))
        )
        keys = [f"poll:{repository_id}" for repository_id in ids]
        for key in keys:
            await want(session, key)
    for key in keys:
        context.wake(key)


async def poll_repository(context: AppContext, repository_id: int) -> None:
    """One poll. Raises the errors of GitHub; the caller puts the poll off."""
    now = context.clock()
    async with context.database.transaction() as session:
        repository = await session.get(Repository, repository_id)
        last = await session.get(Poll, repository_id)
        dashboard = await get_dashboard(session, repository_id)
    if repository is None or repository.removed_at is not None:
        return
    seen = (
        Seen(last.pulls_etag, last.base_etag, last.comments_etag, last.comments_since)
        if last
        else Seen("", "", "", repository.synced_at or now)
    )
    api = context.installation_api(repository.installation_id)
    try:
        news = await ask_for_news(api, repository.owner, repository.name, repository.default_branch, seen)
    except NotFound as fault:
        log.info("repository not found where it was", repository=repository_id, why=str(fault))
        await _look_for_it(context, repository)
        return
    edit, etag = None, last.dashboard_etag if last else ""
    if dashboard is not None:
        gateway = context.gateway(repository.installation_id, repository.owner, repository.name)
        edit, etag = await find_edit(context, gateway, dashboard, etag=etag)
    async with context.database.transaction() as session:
        poll = await session.get(Poll, repository_id) or Poll(repository_id=repository_id, newest_comment=0)
        is_new = await _note(session, repository, poll, news, seen)
        if edit is not None:
            await take_in(session, repository_id, edit, now)
            is_new = True
        poll.polled_at, poll.comments_since = now, news.seen.comments_since
        poll.pulls_etag, poll.base_etag = news.seen.pulls_etag, news.seen.base_etag
        poll.comments_etag, poll.dashboard_etag = news.seen.comments_etag, etag
        session.add(poll)
        if is_new:
            await want(session, key_of(repository_id))
    if is_new:
        context.wake(key_of(repository_id))


async def _look_for_it(context: AppContext, repository: Repository) -> None:
    """It was renamed, or moved, or its default branch was, or we may not see it any more: ask its installation."""
    keys = [f"installation:{repository.installation_id}", key_of(repository.id)]
    async with context.database.transaction() as session:
        await mark_stale(session, repository.id, base=True, pull_requests=True)
        for key in keys:
            await want(session, key)
    for key in keys:
        context.wake(key)


async def _note(session: AsyncSession, repository: Repository, poll: Poll, news: News, seen: Seen) -> bool:
    """Mark what is to be read again and store commands. Returns whether there is anything."""
    is_new = await _note_pulls(session, repository, news.pulls or [])
    if news.base_sha is not None and news.base_sha != repository.base_sha:
        await mark_stale(session, repository.id, base=True, hint=news.base_sha)
        is_new = True
    for comment in news.comments or []:
        is_new |= await _note_comment(session, repository, comment, poll, seen)
    poll.newest_comment = max([poll.newest_comment, *(comment.id for comment in news.comments or [])])
    return is_new


async def _note_pulls(session: AsyncSession, repository: Repository, pulls: list[PullRequestFacts]) -> bool:
    rows = await get_by_numbers(session, repository.id, [found.number for found in pulls])
    changed = [found for found in pulls if _is_news(found, rows.get(found.number))]
    for found in changed:
        await mark_pull_request_stale(session, repository.id, found.number, found.updated_at)
    if len(changed) == PAGE:  # there may be more behind this page
        await mark_stale(session, repository.id, pull_requests=True)
    return bool(changed)


def _is_news(found: PullRequestFacts, row: PullRequest | None) -> bool:
    """Closed ones that we never knew are none: the list goes back to the first pull request of all."""
    if row is None:
        return found.state == "open"
    return row.updated_at != found.updated_at or row.head_sha != found.head.sha


async def _note_comment(
    session: AsyncSession, repository: Repository, comment: CommentFacts, poll: Poll, seen: Seen
) -> bool:
    """A person's new comment on a pull request, as its delivery would tell it. One that was only edited never acts."""
    is_old = comment.created_at is None or comment.created_at < seen.comments_since or comment.id <= poll.newest_comment
    if is_old or "/pull/" not in comment.html_url or comment.user is None or comment.user.type == "Bot":
        return False
    number = comment.issue_url.rpartition("/")[2]
    if not number.isdecimal():
        return False
    event = CommentPosted(int(number), comment.id, comment.user.login, comment.body or "", comment.created_at)
    return not await handle_comment_posted(session, repository, event)
