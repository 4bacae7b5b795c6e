"""Carry out what the outbox holds: each action in its own short step, marked done or put off with the reason.

A check that gates comes before labels, and both before what only helps. A write whose outcome is in doubt (5xx, no
answer, a crash) is read back before it is made again, so there is one check on a head and one answer to a command. A
passing fault is tried again for as long as the action is wanted.
"""

from collections.abc import Set
from datetime import datetime, timedelta

import structlog

from app.db.actions import (
    begin_action,
    get_check_runs,
    list_due,
    list_effects,
    list_planned,
    postpone_action,
    record_effect,
    save_check_run,
    settle_action,
)
from app.db.models import Action, PullRequest, Repository
from app.db.pull_requests import get_pull_request
from app.domain.messages.outdated import outdated_summary, outdated_title
from app.domain.model import Plan, PullRequestStatus
from app.github.errors import Forbidden, GitHubError, NotFound, RateLimited, Refused
from app.github.facts import CheckRunFacts
from app.github.gateway import CheckReport
from app.services.facts import Look, is_of_one
from app.services.giving_way import give_way
from app.services.incident_comments import INCIDENT, write_incident_comment
from app.services.merge_groups import MERGE_GROUP, answer_merge_group
from app.services.milestones import MILESTONE, write_milestone_issue
from app.services.rebase import NotYet, request_rebase
from app.services.together import CHECK, LABELS, check_report, execute_together, read_target_now, refuse_what_moved
from app.services.words import (
    COMMENT,
    CONFIG_CHECK,
    DASHBOARD,
    write_comment,
    write_config_check,
    write_dashboard,
)

log = structlog.get_logger()

ANSWER, REBASE, RECHECK = "answer", "rebase", "recheck"
SUCCESS = "success"
_KINDS = (CHECK, RECHECK, CONFIG_CHECK, LABELS, ANSWER, REBASE, INCIDENT, COMMENT, DASHBOARD, MILESTONE)
VERDICTS = frozenset({MERGE_GROUP, CHECK, RECHECK, CONFIG_CHECK, LABELS})
"""What shows a verdict; the rest is talk."""
ALL = frozenset({MERGE_GROUP, *_KINDS})
_ORDER = {kind: place for place, kind in enumerate(_KINDS)}
_ISSUES = {DASHBOARD: write_dashboard, MILESTONE: write_milestone_issue}
_MAX_ATTEMPTS = 8


async def execute_actions(look: Look, plan: Plan, *, only: Set[str] = ALL) -> datetime | None:
    """Do what is due of these kinds. Returns when the next put-off action may be tried.

    Raises GiveWay, and RateLimited: then nothing more goes.
    """
    async with look.context.database.transaction() as session:
        due = [one for one in await list_due(session, look.repository.id, look.context.clock()) if one.kind in only]
    for action in (action for action in due if action.kind == MERGE_GROUP):
        await _execute(look, action, plan)  # a queue waits, and the rest may be many
    alone = await execute_together(look, [action for action in due if action.kind != MERGE_GROUP])
    for action in sorted(alone, key=lambda action: (_ORDER[action.kind], action.id)):
        if action.kind != CHECK:
            await give_way(look)
        await _execute(look, action, plan)
    async with look.context.database.transaction() as session:
        left = await list_planned(session, look.repository.id)
    return min((action.run_after for action in left if action.run_after), default=None)


async def _execute(look: Look, action: Action, plan: Plan) -> None:
    async with look.context.database.transaction() as session:
        await begin_action(session, action.id)
    try:
        state = await _carry_out(look, action, plan)
    except RateLimited as limit:
        await _put_off(look, action, look.context.clock() + limit.pause, str(limit))
        raise
    except NotYet as wait:
        await _put_off(look, action, wait.at, str(wait))
    except (NotFound, Refused, Forbidden) as fault:
        gone = action.kind in (RECHECK, MERGE_GROUP) and not isinstance(fault, Forbidden)
        if action.kind == ANSWER or gone:
            # The comment or the commit is gone, or the conversation is locked: there is nobody to answer.
            await _settle(look, action, "dropped", str(fault))
            return
        if not isinstance(fault, Forbidden) or action.attempts + 1 >= _MAX_ATTEMPTS:
            await _settle(look, action, "failed", str(fault))
            return
        await _put_off(look, action, look.context.clock() + _pause(action), str(fault))
    except GitHubError as fault:
        await _put_off(look, action, look.context.clock() + _pause(action), str(fault))
    except Exception as fault:
        if not is_of_one(fault):
            raise
        # A mistake of ours that one pull request brings out: nothing else of the repository may wait for it.
        log.exception("action met what it was not made for", repository=look.repository.id, kind=action.kind)
        await _put_off(look, action, look.context.clock() + _pause(action), f"{type(fault).__name__}: {fault}")
    else:
        await _settle(look, action, state, "")


def _pause(action: Action) -> timedelta:
    return timedelta(seconds=min(300, 2 ** min(action.attempts, 10)))


async def _carry_out(look: Look, action: Action, plan: Plan) -> str:
    if action.kind == MERGE_GROUP:
        return await answer_merge_group(look, action, plan)
    if write := _ISSUES.get(action.kind):
        return await write(look, action)
    if action.number is None:
        raise LookupError(f"action {action.id} names no pull request")
    async with look.context.database.transaction() as session:
        row = await get_pull_request(session, look.repository.id, action.number)
    talk = {ANSWER: _answer, INCIDENT: write_incident_comment}.get(action.kind)
    if talk is not None:
        return await talk(look, action, action.number)
    if action.kind == RECHECK and row is not None:
        return await _repeat_check(look, action, row)
    if row is None or row.status != PullRequestStatus.OPEN:
        return "dropped"
    match action.kind:
        case "check":
            return await _write_check(look, action, row)
        case "config-check":
            return await write_config_check(look, action, row)
        case "comment":
            return await write_comment(look, action, row)
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
    if payload["conclusion"] == SUCCESS:
        # GitHub answers stale reads right after a webhook, and a merge may have come in between: look once more.
        targets = await read_target_now(look, row)
        await refuse_what_moved(look, {row.number: row}, targets)
    report = check_report(look, payload, row)
    async with look.context.database.transaction() as session:
        known = (await get_check_runs(session, [row.id])).get((row.id, row.head_sha))
    check_run_id = known.check_run_id or None if known else None
    if check_run_id is None and (known or action.attempts):
        found = await look.gateway.find_check_run(row.head_sha, look.context.settings.github_app_id)
        check_run_id = found.id if found else None
    if check_run_id is None:
        written = await look.gateway.create_check_run(report)
    else:
        written = await _update_check(look, action, check_run_id, report)
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


def is_gated(row: PullRequest, repository: Repository, head_sha: str) -> bool:
    """Whether the check on this commit is the one that holds the pull request or lets it go."""
    on_base = row.base_branch == repository.default_branch
    return row.status == PullRequestStatus.OPEN and row.by_renovate and on_base and row.head_sha == head_sha


async def _repeat_check(look: Look, action: Action, row: PullRequest) -> str:
    """Say once more what was said, on a commit that is gated no more. Its conclusion frees and blocks what it did."""
    head_sha, status = action.payload["head_sha"], PullRequestStatus(row.status)
    async with look.context.database.transaction() as session:
        known = (await get_check_runs(session, [row.id])).get((row.id, head_sha))
    if known is None or is_gated(row, look.repository, head_sha):
        return "dropped"  # the look itself writes it
    payload = {
        "conclusion": known.conclusion,
        "title": outdated_title(row.number, status),
        "summary": outdated_summary(row.number, status),
    }
    written = await _update_check(look, action, known.check_run_id, check_report(look, payload, row, head_sha=head_sha))
    async with look.context.database.transaction() as session:
        # Without a digest: should the commit become the head again, its verdict is written in full.
        await save_check_run(session, row.id, head_sha, check_run_id=written.id, conclusion=known.conclusion, digest="")
    return "done"


async def _update_check(look: Look, action: Action, check_run_id: int, report: CheckReport) -> CheckRunFacts:
    try:
        return await look.gateway.update_check_run(check_run_id, report)
    except NotFound:
        # GitHub deletes the oldest of more than a thousand runs of one name.
        app_id = look.context.settings.github_app_id
        found = await look.gateway.find_check_run(report.head_sha, app_id) if action.attempts else None
        if found is None:
            return await look.gateway.create_check_run(report)
        return await look.gateway.update_check_run(found.id, report)


async def _answer(look: Look, action: Action, number: int) -> str:
    """React to a person's comment, and answer it where there are words. A button has no comment to react to."""
    payload = action.payload
    if payload["comment_id"] is not None:
        await look.gateway.react(payload["comment_id"], payload["reaction"])
    if not payload["comment"]:
        return "done"
    made = await _find_answer(look, action, number) if action.attempts else None
    if made is None:
        made = (await look.gateway.create_comment(number, payload["comment"])).id
    async with look.context.database.transaction() as session:
        await record_effect(session, action.id, made)
    return "done"


async def _find_answer(look: Look, action: Action, number: int) -> int | None:
    """Our own comment with these words, younger than what it answers and no answer to something else."""
    bot_login = await look.context.bot_login()
    async with look.context.database.transaction() as session:
        taken = await list_effects(session, look.repository.id, ANSWER)
    wanted, after = action.payload["comment"].strip(), action.payload["comment_id"] or 0
    for comment in await look.gateway.list_comments(number):
        ours = comment.user is not None and comment.user.login == bot_login
        same = (comment.body or "").replace("\r\n", "\n").strip() == wanted
        if ours and same and comment.id > after and comment.id not in taken:
            return comment.id
    return None


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
        kept.our_labels = sorted({*kept.our_labels, *add} - set(remove))
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
