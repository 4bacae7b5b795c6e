"""Write what stands beside the check: the comment of a pull request, the dashboard issue, the check of a configuration.

Ours is found again by its id; without one, by a marker in what our own App wrote, since anybody can write a marker.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalogue.configured import read_configuration
from app.db.actions import NewAction
from app.db.models import Action, PullRequest
from app.db.words import (
    forget_dashboard,
    get_dashboard,
    get_status_comments,
    mark_dashboard,
    save_config_check,
    save_dashboard,
    save_status_comment,
)
from app.domain.catalogue import Catalogue
from app.domain.config_check import CONFIG_CHECK_NAME, ConfigCheckText, config_check_text, config_gone_text
from app.domain.dashboard import DASHBOARD_MARKER, dashboard_text, digest_of
from app.domain.messages.words import DASHBOARD_TITLE
from app.domain.model import ChangeStatus, Plan, PullRequestStatus, Snapshot, SourceFile, State
from app.domain.modes import Mode
from app.domain.policy import POLICY_FILES, Policy
from app.domain.status_comment import COMMENT_MARKER, COMMENTED
from app.github.errors import NotFound
from app.github.facts import CheckRunFacts
from app.github.gateway import CheckReport
from app.services.facts import Look

CONFIG_CHECK, COMMENT, DASHBOARD = "config-check", "comment", "dashboard"


# --- the check of a configuration ---


def judge_configurations(snapshot: Snapshot, catalogue: Catalogue) -> dict[int, ConfigCheckText]:
    """What the check says on each open pull request that changes the file, people's too."""
    return {
        pull.number: text
        for pull in snapshot.pull_requests
        if pull.status is PullRequestStatus.OPEN
        for change in pull.changes
        if change.path in POLICY_FILES and (text := _judge(change.path, change.status, change.after, catalogue))
    }


def _judge(path: str, status: ChangeStatus, after: SourceFile | None, catalogue: Catalogue) -> ConfigCheckText | None:
    if status is ChangeStatus.REMOVED:
        return config_gone_text()
    if after is None:
        return None
    read = read_configuration(after, catalogue)
    return config_check_text(path, read.policy, read.problems)


async def write_config_check(look: Look, action: Action, row: PullRequest) -> str:
    """A new run each time: annotations are added to those of a run that is written on."""
    told = action.payload
    if told["head_sha"] != row.head_sha:
        return "dropped"
    found = None
    if action.attempts:
        app_id = look.context.settings.github_app_id
        found = await look.gateway.find_check_run(row.head_sha, app_id, CONFIG_CHECK_NAME)
    if found is None or not _says(found, told):
        await look.gateway.create_check_run(
            CheckReport(
                head_sha=row.head_sha,
                conclusion=told["conclusion"],
                title=told["title"],
                summary=told["summary"],
                details_url=f"{look.context.settings.public_url}/r/{look.repository.owner}/{look.repository.name}",
                name=CONFIG_CHECK_NAME,
                annotations=told["annotations"],
            )
        )
    async with look.context.database.transaction() as session:
        await save_config_check(session, row.id, row.head_sha, digest=told["digest"])
    return "done"


def _says(run: CheckRunFacts, told: Mapping[str, Any]) -> bool:
    """Whether the run is the one that was to be written, and not an older one of this commit."""
    summary = (run.output.summary or "").replace("\r\n", "\n").strip()
    return (run.conclusion, run.output.title, summary) == (told["conclusion"], told["title"], told["summary"].strip())


# --- the comment ---


async def write_comment(look: Look, action: Action, row: PullRequest) -> str:
    told = action.payload
    async with look.context.database.transaction() as session:
        known = (await get_status_comments(session, [row.id])).get(row.id)
    comment_id = known.comment_id if known else None
    if known is None or action.attempts:
        comment_id = comment_id or await _find_comment(look, row.number)
    if comment_id is not None:
        try:
            await look.gateway.edit_comment(comment_id, told["body"])
        except NotFound:  # a person deleted it: it comes back with another verdict that asks for something
            is_news = State(told["state"]) in COMMENTED and (known is None or told["state"] != known.state)
            made = await look.gateway.create_comment(row.number, told["body"]) if is_news else None
            comment_id = made.id if made else None
    else:
        comment_id = (await look.gateway.create_comment(row.number, told["body"])).id
    async with look.context.database.transaction() as session:
        values = {"digest": told["digest"], "state": told["state"]}
        await save_status_comment(session, row.id, comment_id=comment_id, **values)
    return "done"


async def _find_comment(look: Look, number: int) -> int | None:
    bot_login = await look.context.bot_login()
    for comment in await look.gateway.list_comments(number):
        ours = comment.user is not None and comment.user.login == bot_login
        if ours and (comment.body or "").startswith(COMMENT_MARKER):
            return comment.id
    return None


# --- the dashboard ---


async def missing_dashboard(
    session: AsyncSession, repository_id: int, plan: Plan, policy: Policy, *, page: str
) -> list[NewAction]:
    """The write that the dashboard lacks, if any."""
    if not policy.dashboard or plan.mode is not Mode.ACT:
        return []
    known = await get_dashboard(session, repository_id)
    text = dashboard_text(plan, page=page)
    if known is not None and (known.closed or known.digest == text.digest):
        return []
    return [NewAction(DASHBOARD, None, f"{DASHBOARD}:{repository_id}", {"body": text.body, "digest": text.digest})]


async def write_dashboard(look: Look, action: Action) -> str:
    async with look.context.database.transaction() as session:
        known = await get_dashboard(session, look.repository.id)
    number = known.number if known else await _find_dashboard(look)
    if number is not None:
        try:
            await look.gateway.edit_issue(number, action.payload["body"])
        except NotFound:
            async with look.context.database.transaction() as session:
                await forget_dashboard(session, look.repository.id)
            return "done"  # deleted: the next look makes a new one
    else:
        number = (await look.gateway.create_issue(DASHBOARD_TITLE, action.payload["body"])).number
    async with look.context.database.transaction() as session:
        await save_dashboard(session, look.repository.id, number=number, digest=action.payload["digest"])
    return "done"


async def _find_dashboard(look: Look) -> int | None:
    bot_login = await look.context.bot_login()
    for issue in await look.gateway.list_issues_of(bot_login):
        ours = issue.pull_request is None and issue.user is not None and issue.user.login == bot_login
        if ours and issue.state == "open" and (issue.body or "").startswith(DASHBOARD_MARKER):
            return issue.number
    return None


async def refresh_dashboard(look: Look) -> None:
    """At a full look: whether a person closed it or changed it while no delivery told of it. One call where there is
    one. Who ticked a box is not known then, so a tick does nothing, and the box is emptied."""
    if not look.policy.dashboard or look.mode is not Mode.ACT:
        return
    async with look.context.database.transaction() as session:
        known = await get_dashboard(session, look.repository.id)
    if known is None:
        return
    try:
        issue = await look.gateway.get_issue(known.number)
    except NotFound:
        async with look.context.database.transaction() as session:
            await forget_dashboard(session, look.repository.id)
        return
    closed = issue.state == "closed"
    if closed != known.closed or (not closed and known.digest and digest_of(issue.body or "") != known.digest):
        async with look.context.database.transaction() as session:
            await mark_dashboard(session, look.repository.id, closed=closed)


def config_action(row_id: int, number: int, head_sha: str, text: ConfigCheckText) -> NewAction:
    payload: Mapping[str, object] = {
        "head_sha": head_sha,
        "conclusion": text.conclusion,
        "title": text.title,
        "summary": text.summary,
        "digest": text.digest,
        "annotations": [
            {
                "path": one.path,
                "start_line": one.line,
                "end_line": one.line,
                "start_column": one.column,
                "end_column": one.column,
                "annotation_level": "failure",
                "message": one.message,
            }
            for one in text.annotations
        ],
    }
    return NewAction(CONFIG_CHECK, number, f"{CONFIG_CHECK}:{row_id}:{head_sha}", dict(payload))
