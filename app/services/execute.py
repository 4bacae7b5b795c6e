"""Carry out what the outbox holds: each action in its own short step, marked done or put off with the reason.

A check that gates comes before labels, and both before what only helps. A write whose outcome is in doubt (5xx, no
answer) is read back before it is written again, and the same check, label or tick twice changes nothing.
"""

from datetime import datetime, timedelta

import structlog

from app.db.actions import (
    get_check_runs,
    list_due,
    list_planned,
    postpone_action,
    save_check_run,
    settle_action,
)
from app.db.models import Action, PullRequest
from app.db.pull_requests import get_pull_request
from app.domain.model import PullRequestStatus
from app.github.errors import GitHubError, NotFound, RateLimited, Refused
from app.github.gateway import CheckReport
from app.services.facts import Look
from app.services.rebase import request_rebase

log = structlog.get_logger()

CHECK, LABELS, REBASE = "check", "labels", "rebase"
_ORDER = {CHECK: 0, LABELS: 1, REBASE: 2}
_MAX_ATTEMPTS = 8


async def execute_actions(look: Look) -> datetime | None:
    """Do what is due. Returns when the next put-off action may be tried. Raises RateLimited: then nothing more goes."""
    async with look.context.database.transaction() as session:
        due = await list_due(session, look.repository.id, look.context.clock())
    for action in sorted(due, key=lambda action: (_ORDER[action.kind], action.id)):
        await _execute(look, action)
    async with look.context.database.transaction() as session:
        left = await list_planned(session, look.repository.id)
    return min((action.run_after for action in left if action.run_after), default=None)


async def _execute(look: Look, action: Action) -> None:
    try:
        state = await _carry_out(look, action)
    except RateLimited as limit:
        await _put_off(look, action, look.context.clock() + limit.pause, str(limit))
        raise
    except (NotFound, Refused) as fault:
        await _settle(look, action, "failed", str(fault))
    except GitHubError as fault:
        if action.attempts + 1 >= _MAX_ATTEMPTS:
            await _settle(look, action, "failed", str(fault))
            return
        pause = timedelta(seconds=min(300, 2**action.attempts))
        await _put_off(look, action, look.context.clock() + pause, str(fault))
    else:
        await _settle(look, action, state, "")


async def _carry_out(look: Look, action: Action) -> str:
    if action.number is None:
        raise LookupError(f"action {action.id} names no pull request")
    async with look.context.database.transaction() as session:
        row = await get_pull_request(session, look.repository.id, action.number)
    if row is None or row.status != PullRequestStatus.OPEN:
        return "dropped"
    match action.kind:
        case "check":
            return await _write_check(look, action, row)
        case "labels":
            return await _change_labels(look, action, row)
        case "rebase":
            return "dropped" if await request_rebase(look, row.number) else "done"
        case _:
            raise LookupError(f"no such kind of action: {action.kind}")


async def _write_check(look: Look, action: Action, row: PullRequest) -> str:
    payload = action.payload
    if payload["head_sha"] != row.head_sha:
        return "dropped"  # a new head has its own check
    report = CheckReport(
        head_sha=row.head_sha,
        conclusion=payload["conclusion"],
        title=payload["title"],
        summary=payload["summary"],
        details_url=_details_url(look, row.number),
    )
    async with look.context.database.transaction() as session:
        known = (await get_check_runs(session, [row.id])).get((row.id, row.head_sha))
    check_run_id = known.check_run_id if known else None
    if check_run_id is None and action.attempts:
        found = await look.gateway.find_check_run(row.head_sha, look.context.settings.github_app_id)
        check_run_id = found.id if found else None
    if check_run_id is None:
        written = await look.gateway.create_check_run(report)
    else:
        written = await look.gateway.update_check_run(check_run_id, report)
    async with look.context.database.transaction() as session:
        await save_check_run(
            session,
            row.id,
            row.head_sha,
            check_run_id=written.id,
            conclusion=report.conclusion,
            digest=payload["digest"],
        )
    return "done"


def _details_url(look: Look, number: int) -> str:
    repository = look.repository
    return f"{look.context.settings.public_url}/r/{repository.owner}/{repository.name}/pull/{number}"


async def _change_labels(look: Look, action: Action, row: PullRequest) -> str:
    add = [label for label in action.payload["add"] if label not in row.labels]
    remove = [label for label in action.payload["remove"] if label in row.labels]
    for label in remove:
        try:
            await look.gateway.remove_label(row.number, label)
        except NotFound:
            log.info("label was gone already", repository=look.repository.id, pull_request=row.number, label=label)
    if add:
        await look.gateway.add_labels(row.number, add)
    async with look.context.database.transaction() as session:
        kept = await session.get_one(PullRequest, row.id)
        kept.labels = sorted({*kept.labels, *add} - set(remove))
    return "done"


async def _settle(look: Look, action: Action, state: str, error: str) -> None:
    async with look.context.database.transaction() as session:
        await settle_action(session, action.id, state=state, error=error, at=look.context.clock())
    if state == "failed":
        log.error(
            "action failed", repository=look.repository.id, pull_request=action.number, kind=action.kind, why=error
        )


async def _put_off(look: Look, action: Action, until: datetime, error: str) -> None:
    async with look.context.database.transaction() as session:
        await postpone_action(session, action.id, until=until, error=error)
    log.warning(
        "action put off", repository=look.repository.id, pull_request=action.number, kind=action.kind, why=error
    )
