"""Boxes of the dashboard that people tick: each is a command of theirs, as a press of a button is.

A delivery tells who ticked. Where none came, GitHub's own list of edits does, if one person alone edited the issue
since we wrote it; else the tick does nothing, its box is emptied, and the pull request's history says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.commands import NewCommand, record_command
from app.db.models import Dashboard
from app.db.pull_requests import add_history, get_by_numbers, mark_pull_request_stale
from app.db.words import forget_dashboard, get_dashboard, mark_dashboard
from app.domain.commands import Verb
from app.domain.dashboard import BOXES, digest_of, list_ticked
from app.domain.messages.words import unknown_tick_note
from app.domain.modes import Mode
from app.github.edits import LastEdit
from app.github.errors import NotFound
from app.github.gateway import RepositoryGateway
from app.services.context import AppContext
from app.services.facts import Look

Ticked = Sequence[tuple[Verb, int]]


@dataclass(frozen=True, slots=True)
class Edit:
    """What nobody told us of: the issue was closed, reopened, edited or deleted. `by` is None where it is not known."""

    number: int
    is_closed: bool = False
    is_deleted: bool = False
    ticked: Ticked = ()
    by: LastEdit | None = None


async def press_boxes(
    session: AsyncSession, repository_id: int, ticked: Ticked, *, by: str, at: datetime | None, key: str
) -> None:
    """Store each as a command by that person, once for a `key`."""
    known = await get_by_numbers(session, repository_id, [number for _, number in ticked])
    for position, (verb, number) in enumerate(ticked):
        if number in known:
            press = NewCommand(
                number,
                author=by,
                text=f"Box: {BOXES[verb].label}",
                verb=verb.value,
                head_sha=known[number].head_sha,
                said_at=at,
                delivery=f"{key}/{position}",
            )
            await record_command(session, repository_id, press)
            await mark_pull_request_stale(session, repository_id, number, None)


async def find_edit(
    context: AppContext, gateway: RepositoryGateway, known: Dashboard, *, etag: str = ""
) -> tuple[Edit | None, str]:
    """None where it is as we left it, or as the answer with that ETag; and the ETag of this answer. One call, and one
    more where a box is ticked."""
    try:
        issue, etag = await gateway.get_issue_if_changed(known.number, etag=etag)
    except NotFound:
        return Edit(known.number, is_deleted=True), ""
    if issue is None:
        return None, etag
    is_closed, body = issue.state == "closed", issue.body or ""
    is_changed = not is_closed and bool(known.digest) and digest_of(body) != known.digest
    if is_closed == known.closed and not is_changed:
        return None, etag
    ticked = list_ticked(body) if is_changed else ()
    by = await gateway.read_last_edit(known.number, bot_login=await context.bot_login()) if ticked else None
    return Edit(known.number, is_closed, ticked=ticked, by=by), etag


async def take_in(session: AsyncSession, repository_id: int, edit: Edit, now: datetime) -> None:
    """As its delivery would have been."""
    if edit.is_deleted:
        await forget_dashboard(session, repository_id)
        return
    await mark_dashboard(session, repository_id, closed=edit.is_closed)
    if edit.by is not None:
        key = f"edit:{edit.number}:{edit.by.at.isoformat()}"
        await press_boxes(session, repository_id, edit.ticked, by=edit.by.by, at=edit.by.at, key=key)
        return
    known = await get_by_numbers(session, repository_id, [number for _, number in edit.ticked])
    for verb, number in edit.ticked:
        if number in known:
            text = unknown_tick_note(BOXES[verb].label)
            add_history(session, repository_id, number, at=now, actor="fluxmig", kind="button", text=text)


async def refresh_dashboard(look: Look) -> None:
    """At a full look: whether a person did something to it while no delivery told of it."""
    if not look.policy.dashboard or look.mode is not Mode.ACT:
        return
    async with look.context.database.transaction() as session:
        known = await get_dashboard(session, look.repository.id)
    if known is None:
        return
    edit, _ = await find_edit(look.context, look.gateway, known)
    if edit is not None:
        async with look.context.database.transaction() as session:
            await take_in(session, look.repository.id, edit, look.context.clock())
