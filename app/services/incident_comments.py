"""The comment on the pull request that broke a cluster: one, that tells of all which fails since, and is kept true."""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.actions import NewAction
from app.db.incidents import incident_of, list_comments_due, list_told_in
from app.db.models import Action, Incident, Repository
from app.db.pull_requests import get_by_numbers
from app.domain.incident_comment import incident_comment, marker_of
from app.domain.modes import Mode
from app.github.errors import NotFound
from app.services.facts import Look
from app.services.own_comments import find_own_comment

log = structlog.get_logger()

INCIDENT = "incident"
"""The kind of the write to GitHub."""


async def missing_incident_comments(
    session: AsyncSession, repository: Repository, mode: Mode, *, page: str
) -> list[NewAction]:
    """The comments that do not say yet what is so. None outside mode `act`."""
    if mode is not Mode.ACT:
        return []
    due = await list_comments_due(session, repository.id)
    members: dict[int, list[Incident]] = {}
    for row in await list_told_in(session, [one.id for one in due]):
        members.setdefault(row.told_in or 0, []).append(row)
    rows = await get_by_numbers(session, repository.id, [one.number for one in due if one.number is not None])
    actions = []
    for first in due:
        told = members.get(first.id, [])
        if first.number is None or (first.comment_id is None and all(one.closed_at for one in told)):
            continue
        facts = [incident_of(one, rows.get(first.number)) for one in told]
        text = incident_comment(facts, page=f"{page}/pull/{first.number}")
        if text.digest != first.comment_digest:
            payload = {"incident": first.id, "body": text.body, "digest": text.digest}
            actions.append(NewAction(INCIDENT, first.number, f"{INCIDENT}:{first.id}", payload))
    return actions


async def write_incident_comment(look: Look, action: Action, number: int) -> str:
    told = action.payload
    async with look.context.database.transaction() as session:
        row = await session.get(Incident, told["incident"])
    if row is None:
        return "dropped"
    comment_id = row.comment_id
    if comment_id is None and action.attempts:
        comment_id = await find_own_comment(look, number, marker_of(row.id))
    if comment_id is None:
        comment_id = (await look.gateway.create_comment(number, told["body"])).id
    else:
        try:
            await look.gateway.edit_comment(comment_id, told["body"])
        except NotFound:  # a person deleted it: it was read, and once is enough
            log.info("comment is gone", repository=look.repository.id, pull_request=number)
    async with look.context.database.transaction() as session:
        kept = await session.get_one(Incident, row.id)
        kept.comment_id, kept.comment_digest, kept.comment_stale = comment_id, told["digest"], False
    return "done"
