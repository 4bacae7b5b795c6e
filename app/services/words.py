"""Write what stands beside the check: the comment of a pull request, the dashboard issue, the check of a configuration.

Ours is found again by its id; without one, by a marker in what our own App wrote, since anybody can write a marker.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.catalogue.configured import read_configuration
from app.db.actions import NewAction, list_given_up
from app.db.models import Action, PullRequest
from app.db.words import (
    forget_dashboard,
    get_dashboard,
    get_status_comments,
    save_config_check,
    save_dashboard,
    save_status_comment,
)
from app.domain.catalogue import Catalogue
from app.domain.config_check import CONFIG_CHECK_NAME, ConfigCheckText, config_check_text, config_gone_text
from app.domain.dashboard import DASHBOARD_MARKER, dashboard_text, ended_text
from app.domain.messages.words import DASHBOARD_ENDED, DASHBOARD_TITLE
from app.domain.model import ChangeStatus, FileChange, Plan, PullRequestStatus, Snapshot, State
from app.domain.modes import Mode
from app.domain.policy import POLICY_FILES, Policy, PolicyFiles, UnreadFile, find_policy_file
from app.domain.status_comment import COMMENT_MARKER, COMMENTED
from app.github.errors import NotFound
from app.github.facts import CheckRunFacts, IssueFacts
from app.github.gateway import CheckReport
from app.services.facts import Look
from app.services.incident_comments import INCIDENT
from app.services.milestones import MILESTONE
from app.services.own_comments import find_own_comment
from app.services.policy import get_policy_files

CONFIG_CHECK, COMMENT, DASHBOARD = "config-check", "comment", "dashboard"
_CAN_WAIT = (COMMENT, DASHBOARD, INCIDENT, MILESTONE)
"""What people may read elsewhere too, so that it may wait where GitHub declines it."""
_PATIENCE = timedelta(days=1)
_POLICY_PATHS = frozenset(POLICY_FILES)


# --- the check of a configuration ---


async def judge_configurations(
    session: AsyncSession, repository_id: int, snapshot: Snapshot, catalogue: Catalogue
) -> dict[int, ConfigCheckText]:
    """What the check says on each open pull request that changes the file, people's too."""
    touching = {
        pull.number: changes
        for pull in snapshot.pull_requests
        if pull.status is PullRequestStatus.OPEN
        if (changes := [one for one in pull.changes if _POLICY_PATHS & {one.path, one.previous_path}])
    }
    on_base = await get_policy_files(session, repository_id) if touching else {}
    return {number: _judge(changes, on_base, catalogue) for number, changes in touching.items()}


def _judge(touching: Iterable[FileChange], on_base: PolicyFiles, catalogue: Catalogue) -> ConfigCheckText:
    """By the file that judges once these changes are merged."""
    merged = dict(on_base)
    for change in touching:
        if change.status is ChangeStatus.REMOVED:
            merged.pop(change.path, None)
            continue
        if change.status is ChangeStatus.RENAMED and change.previous_path:
            merged.pop(change.previous_path, None)
        if change.path in _POLICY_PATHS:
            merged[change.path] = change.after or UnreadFile(change.path, "")
    file = find_policy_file(merged)
    if file is None:
        return config_gone_text()
    read = read_configuration(file, catalogue)
    return config_check_text(file.path, read.policy, read.problems)


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
        comment_id = comment_id or await find_own_comment(look, row.number, COMMENT_MARKER)
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


# --- the dashboard ---


async def missing_dashboard(
    session: AsyncSession, repository_id: int, plan: Plan, policy: Policy, *, page: str
) -> list[NewAction]:
    """The write that the dashboard lacks, if any."""
    if plan.mode is not Mode.ACT:
        return []
    known = await get_dashboard(session, repository_id)
    if known is None and not policy.dashboard:
        return []
    wanted = dashboard_text(plan, page=page) if policy.dashboard else ended_text(page)
    if known is not None and (known.closed or known.digest == wanted.digest):
        return []
    payload = {"body": wanted.body, "digest": wanted.digest, "is_last": not policy.dashboard}
    return [NewAction(DASHBOARD, None, f"{DASHBOARD}:{repository_id}", payload)]


async def write_dashboard(look: Look, action: Action) -> str:
    told, repository_id = action.payload, look.repository.id
    async with look.context.database.transaction() as session:
        known = await get_dashboard(session, repository_id)
    found = None if known else await _find_dashboard(look)
    if found is not None and found.state == "closed":  # by a person, who wants it left alone
        async with look.context.database.transaction() as session:
            await save_dashboard(session, repository_id, number=found.number, digest="", closed=True)
        return "dropped"
    there = known or found
    is_over = bool(told["is_last"])
    if there is None:
        number = (await look.gateway.create_issue(DASHBOARD_TITLE, told["body"])).number
    else:
        number = there.number
        try:
            await look.gateway.edit_issue(number, told["body"])
        except NotFound:
            is_over = True  # deleted: the next look makes a new one
    async with look.context.database.transaction() as session:
        if is_over:
            await forget_dashboard(session, repository_id)
        else:
            await save_dashboard(session, repository_id, number=number, digest=told["digest"])
    return "done"


async def _find_dashboard(look: Look) -> IssueFacts | None:
    """Ours, an open one first. A closed one with its last words is over: it was not closed to be left alone."""
    bot_login = await look.context.bot_login()
    ours = [
        issue
        for issue in await look.gateway.list_issues_of(bot_login)
        if issue.pull_request is None and issue.user is not None and issue.user.login == bot_login
        if (issue.body or "").startswith(DASHBOARD_MARKER)
        if issue.state == "open" or DASHBOARD_ENDED not in (issue.body or "")
    ]
    return min(ours, key=lambda issue: (issue.state != "open", -issue.number), default=None)


# --- all of them ---


async def without_given_up(
    session: AsyncSession, repository_id: int, actions: Sequence[NewAction], now: datetime
) -> list[NewAction]:
    """What GitHub declined (a locked conversation, no issues here) is asked of it again after a day, not at each look.
    Checks are not among it: they gate."""
    keys = {action.effect_key for action in actions if action.kind in _CAN_WAIT}
    given_up = await list_given_up(session, repository_id, keys, since=now - _PATIENCE) if keys else set()
    return [action for action in actions if action.effect_key not in given_up]


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
