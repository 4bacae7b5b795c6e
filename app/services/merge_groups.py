"""Answer a merge group within the look that its delivery asked for: a queue waits for every required check, and throws
out what is not answered (https://docs.github.com/en/actions/reference/events-that-trigger-workflows#merge_group).

The group is kept as an action of the outbox until its check stands.
"""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.actions import NewAction, drop_planned, find_latest, plan_actions
from app.db.models import Action
from app.db.pull_requests import get_by_numbers
from app.domain.events import MergeGroupChanged
from app.domain.merge_group import MergeGroup, group_text, members_of
from app.domain.model import Plan
from app.domain.modes import Mode
from app.github.batches import Target, Targets
from app.github.gateway import CheckReport
from app.github.merge_queue import MergeQueue
from app.services.facts import Look
from app.services.together import refuse_what_moved

log = structlog.get_logger()

MERGE_GROUP = "merge-group"


async def record_merge_group(session: AsyncSession, repository_id: int, event: MergeGroupChanged) -> None:
    """Ask for a group's check; a group that is gone needs none."""
    group = event.group
    if event.is_gone:
        await drop_planned(session, repository_id, _key(group.head_sha))
        return
    payload = {
        "head_sha": group.head_sha,
        "head_ref": group.head_ref,
        "base_sha": group.base_sha,
        "base_ref": group.base_ref,
    }
    await plan_actions(session, repository_id, [NewAction(MERGE_GROUP, None, _key(group.head_sha), payload)])


async def repeat_merge_group(session: AsyncSession, repository_id: int, head_sha: str) -> bool:
    """Somebody asked for the check of a group again. False where that commit is of no group."""
    before = await find_latest(session, repository_id, _key(head_sha))
    if before is None:
        return False
    again = NewAction(MERGE_GROUP, None, _key(head_sha), dict(before.payload) | {"again": True})
    await plan_actions(session, repository_id, [again])
    return True


def _key(head_sha: str) -> str:
    return f"{MERGE_GROUP}:{head_sha}"


async def answer_merge_group(look: Look, action: Action, plan: Plan) -> str:
    """Judge the members in their order, and write the check on the group's head; not in mode `observe`."""
    if look.mode is Mode.OBSERVE:
        return "dropped"
    told = action.payload
    group = MergeGroup(told["head_sha"], told["head_ref"], told["base_sha"], told["base_ref"])
    queue = await look.gateway.read_merge_queue(group.base_ref.removeprefix("refs/heads/"))
    members = members_of(group, queue.entries)
    await _refuse_what_moved(look, queue, (*members.before, *members.of_group))
    text = group_text(plan, members)
    repository = look.repository
    report = CheckReport(
        head_sha=group.head_sha,
        conclusion=text.conclusion,
        title=text.title,
        summary=text.summary,
        details_url=f"{look.context.settings.public_url}/r/{repository.owner}/{repository.name}",
    )
    known = None
    if action.attempts or told.get("again"):
        known = await look.gateway.find_check_run(group.head_sha, look.context.settings.github_app_id)
    if known is None:
        await look.gateway.create_check_run(report)
    else:
        await look.gateway.update_check_run(known.id, report)
    log.info("merge group answered", repository=repository.id, members=members.of_group, conclusion=text.conclusion)
    return "done"


async def _refuse_what_moved(look: Look, queue: MergeQueue, numbers: tuple[int, ...]) -> None:
    """A plan about older heads or an older base does not judge a group."""
    async with look.context.database.transaction() as session:
        rows = await get_by_numbers(session, look.repository.id, numbers)
    heads = {
        entry.number: Target(entry.number, "", True, entry.head_sha, {}, None)
        for entry in queue.entries
        if entry.number in numbers
    }
    await refuse_what_moved(look, rows, Targets("", queue.base_sha, {}, heads))
