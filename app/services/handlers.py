"""What each event does to the facts: it marks what is to be read again, or stores a person's command. No calls."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.db import commands as command_rows
from app.db.actions import forget_check_text
from app.db.models import Delivery, Repository
from app.db.pull_requests import list_open, mark_pull_request_stale
from app.db.repositories import mark_stale
from app.domain.commands import Command, CommandError, parse_comment
from app.domain.desired import OUR_LABELS
from app.domain.events import (
    BranchPushed,
    CheckRerequested,
    CommentPosted,
    Event,
    Ignored,
    InstallationChanged,
    PullRequestTouched,
    RepositoryChanged,
)
from app.services.rebase import REBASE_LABEL


async def handle_event(
    session: AsyncSession, repository: Repository, event: Event, delivery: Delivery, *, bot_login: str
) -> str:
    """Bring the facts of `repository` up to what `event` tells. Returns a note; an empty one means it was of use."""
    match event:
        case PullRequestTouched():
            return await handle_pull_request_touched(session, repository, event, bot_login)
        case BranchPushed(branch=branch, sha=sha):
            if branch != repository.default_branch:
                return f"a push to {branch}, not to the base branch"
            await mark_stale(session, repository.id, base=True, hint=sha)
            return ""
        case CommentPosted():
            return await handle_comment_posted(session, repository, event)
        case CheckRerequested(head_sha=head_sha):
            numbers = [row.id for row in await list_open(session, repository.id)]
            await forget_check_text(session, numbers, head_sha)
            return ""
        case RepositoryChanged(owner=owner, name=name, removed=removed):
            repository.owner, repository.name = owner or repository.owner, name
            # What the archive took from us, the read of the repository itself says; what comes back, its installation.
            if removed:
                repository.removed_at = repository.removed_at or delivery.received_at
            await mark_stale(session, repository.id, base=True, pull_requests=True)
            return ""
        case InstallationChanged():
            return "handled with its installation"
        case Ignored(reason=reason):
            return reason


async def handle_pull_request_touched(
    session: AsyncSession, repository: Repository, event: PullRequestTouched, bot_login: str
) -> str:
    own_label = event.action in ("labeled", "unlabeled") and event.label in (*OUR_LABELS, REBASE_LABEL)
    if event.by == bot_login and (own_label or event.action == "edited"):
        return "our own write"
    await mark_pull_request_stale(session, repository.id, event.number, event.updated_at)
    return ""


async def handle_comment_posted(session: AsyncSession, repository: Repository, event: CommentPosted) -> str:
    parsed = parse_comment(event.text)
    if not parsed:
        return "a comment without a command"
    for position, command in enumerate(parsed):
        match command:
            case CommandError(message=message):
                verb, argument = "", message
            case Command(row=row, argument=argument):
                verb = row.verb.value
        await command_rows.record_command(
            session,
            repository.id,
            event.number,
            comment_id=event.comment_id,
            position=position,
            author=event.author,
            text=command.text,
            verb=verb,
            argument=argument,
        )
    await mark_pull_request_stale(session, repository.id, event.number, None)
    return ""
