"""What each event does to the facts: it marks what is to be read again, or stores a person's command. No calls."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.config import Settings
from app.db.actions import NewAction, find_checked, forget_check_text, list_checked, plan_actions
from app.db.branches import forget_branch, forget_branch_text, has_open_pull_request, mark_branch_stale
from app.db.commands import NewCommand, record_command
from app.db.milestones import find_of_issue
from app.db.models import Delivery, Repository
from app.db.pull_requests import get_pull_request, list_with_head, mark_pull_request_stale
from app.db.repositories import mark_stale
from app.db.words import forget_config_check, forget_dashboard, get_dashboard, mark_dashboard
from app.domain.commands import Command, CommandError, parse_comment
from app.domain.events import (
    BranchPushed,
    ButtonPressed,
    CheckRerequested,
    CommentPosted,
    Event,
    Ignored,
    InstallationChanged,
    IssueTouched,
    MergeGroupChanged,
    PullRequestTouched,
    RepositoryChanged,
    StatusSet,
)
from app.services.commit_statuses import record_status
from app.services.dashboard_ticks import press_boxes
from app.services.execute import RECHECK, is_gated
from app.services.merge_groups import record_merge_group, repeat_merge_group
from app.services.milestones import note_touched
from app.services.policy import get_rollout_policy


async def handle_event(
    session: AsyncSession,
    repository: Repository,
    event: Event,
    delivery: Delivery,
    *,
    bot_login: str,
    settings: Settings,
) -> str:
    """Bring the facts of `repository` up to what `event` tells. Returns a note; an empty one means it was of use."""
    match event:
        case PullRequestTouched():
            return await handle_pull_request_touched(session, repository, event, bot_login)
        case BranchPushed():
            return await handle_branch_pushed(session, repository, event, prefix=settings.renovate_branch_prefix)
        case CommentPosted():
            return await handle_comment_posted(session, repository, event)
        case IssueTouched():
            return await handle_issue_touched(session, repository, event, delivery, bot_login)
        case ButtonPressed():
            return await handle_button_pressed(session, repository, event, delivery)
        case CheckRerequested(head_sha=head_sha):
            return await handle_check_rerequested(session, repository, head_sha)
        case MergeGroupChanged():
            await record_merge_group(session, repository.id, event)
            return ""
        case StatusSet(status=status):
            return await record_status(session, repository, status, await get_rollout_policy(session, repository))
        case RepositoryChanged():
            return await handle_repository_changed(session, repository, event, delivery)
        case InstallationChanged():
            return "handled with its installation"
        case Ignored(reason=reason):
            return reason


async def handle_branch_pushed(
    session: AsyncSession, repository: Repository, event: BranchPushed, *, prefix: str
) -> str:
    """`prefix` is that of Renovate's branches."""
    if event.branch == repository.default_branch:
        await mark_stale(session, repository.id, base=True, hint=event.sha)
        return ""
    if event.branch.startswith(prefix):
        return await handle_branch_of_renovate(session, repository, event.branch, event.sha)
    return f"a push to {event.branch}, not to the base branch"


async def handle_repository_changed(
    session: AsyncSession, repository: Repository, event: RepositoryChanged, delivery: Delivery
) -> str:
    """What the archive took from us, the read of the repository itself says; what comes back, its installation."""
    repository.owner, repository.name = event.owner or repository.owner, event.name
    if event.removed:
        repository.removed_at = repository.removed_at or delivery.received_at
    await mark_stale(session, repository.id, base=True, pull_requests=True)
    return ""


async def handle_branch_of_renovate(session: AsyncSession, repository: Repository, branch: str, sha: str | None) -> str:
    """With `automergeType: branch` Renovate merges branches that have no pull request; those are gated too."""
    if sha is None:
        await forget_branch(session, repository.id, branch)
        return ""
    if await has_open_pull_request(session, repository.id, branch):
        return f"a push to {branch}, which its pull request tells of"
    await mark_branch_stale(session, repository.id, branch)
    return ""


async def handle_pull_request_touched(
    session: AsyncSession, repository: Repository, event: PullRequestTouched, bot_login: str
) -> str:
    if event.by == bot_login and event.action in ("labeled", "unlabeled", "edited"):
        return "our own write"
    await mark_pull_request_stale(session, repository.id, event.number, event.updated_at)
    return ""


async def handle_check_rerequested(session: AsyncSession, repository: Repository, head_sha: str) -> str:
    """GitHub waits for an answer of ours: the verdict is made anew, or on a commit that is gated no more, repeated."""
    checked = await list_checked(session, repository.id, head_sha)
    for row in checked:
        if is_gated(row, repository, head_sha):
            await forget_check_text(session, [row.id], head_sha)
            await mark_pull_request_stale(session, repository.id, row.number, None)
        else:
            again = NewAction(RECHECK, row.number, f"{RECHECK}:{row.id}:{head_sha}", {"head_sha": head_sha})
            await plan_actions(session, repository.id, [again])
    on_head = await list_with_head(session, repository.id, head_sha)
    of_config = await forget_config_check(session, head_sha, [row.id for row in on_head])
    of_branch = await forget_branch_text(session, repository.id, head_sha)
    if checked or of_branch or of_config or await repeat_merge_group(session, repository.id, head_sha):
        return ""
    return "a commit on which fluxmig wrote no check"


async def handle_button_pressed(
    session: AsyncSession, repository: Repository, event: ButtonPressed, delivery: Delivery
) -> str:
    number = await find_checked(session, repository.id, event.head_sha, event.check_run_id)
    if number is None:
        return "a button below a check that is on no pull request"
    press = NewCommand(
        number,
        author=event.by,
        text=f"Button: {event.button.label}",
        verb=event.button.verb.value,
        head_sha=event.head_sha,
        said_at=None,
        delivery=delivery.guid,
    )
    await record_command(session, repository.id, press)
    await mark_pull_request_stale(session, repository.id, number, None)
    return ""


async def handle_issue_touched(
    session: AsyncSession, repository: Repository, event: IssueTouched, delivery: Delivery, bot_login: str
) -> str:
    """Only our own issues are of interest: a tick in the dashboard is a person's command, and after any edit the text
    is written anew."""
    milestone = await find_of_issue(session, repository.id, event.number)
    if milestone is not None:
        if event.by == bot_login:
            return "our own write"
        note_touched(milestone, closed=event.is_closed, deleted=event.is_deleted)
        return ""
    dashboard = await get_dashboard(session, repository.id)
    if dashboard is None or dashboard.number != event.number:
        return "an issue that is not fluxmig's"
    if event.by == bot_login:
        return "our own write"
    if event.is_deleted:
        await forget_dashboard(session, repository.id)
        return ""
    await mark_dashboard(session, repository.id, closed=event.is_closed)
    if event.by_bot:
        return ""  # bots give no commands
    await press_boxes(session, repository.id, event.ticked, by=event.by, at=event.at, key=delivery.guid)
    return ""


async def handle_comment_posted(session: AsyncSession, repository: Repository, event: CommentPosted) -> str:
    parsed = parse_comment(event.text)
    if not parsed:
        return "a comment without a command"
    pull = await get_pull_request(session, repository.id, event.number)
    for position, command in enumerate(parsed):
        match command:
            case CommandError(message=message):
                verb, argument = "", message
            case Command(row=row, argument=argument):
                verb = row.verb.value
        new = NewCommand(
            event.number,
            author=event.author,
            text=command.text,
            verb=verb,
            head_sha=pull.head_sha if pull else "",
            said_at=event.at,
            argument=argument,
            comment_id=event.comment_id,
            position=position,
        )
        await record_command(session, repository.id, new)
    await mark_pull_request_stale(session, repository.id, event.number, None)
    return ""
