"""Many checks and labels in a few calls, where a look has many to write: a merge may free a hundred pull requests.

Only first attempts go together. What fails, or ends in doubt, is left to the one-by-one path, which reads back before
it writes again. Reading all targets first also shows heads that have moved since the plan: what was decided about an
older head is not written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.actions import begin_action, postpone_action, save_check_run, settle_action
from app.db.models import Action, PullRequest, Repository
from app.db.pull_requests import get_by_numbers, mark_pull_request_stale
from app.db.repositories import mark_stale
from app.domain.model import PullRequestStatus
from app.github.batches import WRITTEN_AT_ONCE, Done, Mutation, Target, Targets, parts
from app.github.errors import GitHubError, RateLimited
from app.github.gateway import CHECK_NAME, CheckReport
from app.services.facts import Look, StaleRead
from app.services.giving_way import give_way

log = structlog.get_logger()

CHECK, LABELS = "check", "labels"
AT_LEAST = 5
"""Fewer are written one by one: reading the targets first would cost more calls than it saves."""
_RETRY_ALONE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class _Write:
    action: Action
    row: PullRequest
    mutation: Mutation


async def execute_together(look: Look, due: Sequence[Action]) -> list[Action]:
    """Write the checks and labels of `due` in batches. Returns the actions that are left to be done one by one.

    Raises RateLimited, GiveWay, and StaleRead when the plan is about what GitHub no longer has.
    """
    chosen = [action for action in due if action.kind in (CHECK, LABELS) and not action.attempts and action.number]
    if len(chosen) < AT_LEAST:
        return list(due)
    numbers = sorted({action.number for action in chosen if action.number is not None})
    labels = sorted({label for action in chosen if action.kind == LABELS for label in action.payload["add"]})
    try:
        targets = await look.gateway.read_targets(numbers, app_id=look.context.settings.github_app_id, labels=labels)
    except RateLimited:
        raise
    except GitHubError as fault:
        log.warning("not written together", repository=look.repository.id, why=str(fault))
        return list(due)
    async with look.context.database.transaction() as session:
        rows = await get_by_numbers(session, look.repository.id, numbers)
    await refuse_what_moved(look, rows, targets)
    writes = [write for action in chosen if (write := _prepare(look, action, rows, targets)) is not None]
    for some in parts([write for write in writes if write.action.kind == CHECK], WRITTEN_AT_ONCE):
        await _write(look, some)
    for some in parts([write for write in writes if write.action.kind != CHECK], WRITTEN_AT_ONCE):
        await give_way(look)
        await _write(look, some)
    taken = {write.action.id for write in writes}
    return [action for action in due if action.id not in taken]


async def refuse_what_moved(look: Look, rows: Mapping[int, PullRequest], targets: Targets) -> None:
    """Throw away a decision about an older head or base: what moved is marked, and StaleRead asks for a new look."""
    moved = [
        number
        for number, target in targets.pull_requests.items()
        if number in rows and target.is_open and target.head_sha != rows[number].head_sha
    ]
    async with look.context.database.transaction() as session:
        repository = await session.get_one(Repository, look.repository.id)
        base_moved = targets.base_sha not in ("", repository.base_sha)
        for number in moved:
            await mark_pull_request_stale(session, repository.id, number, None)
        if base_moved:
            await mark_stale(session, repository.id, base=True)
    if moved:
        raise StaleRead(f"#{moved[0]} has another head than the plan is about")
    if base_moved:
        raise StaleRead(f"the base is at {targets.base_sha[:8]}, and the plan is about another commit")


async def read_target_now(look: Look, row: PullRequest) -> Targets:
    """One pull request and the tip of the base as GitHub has them; by REST where GraphQL does not answer."""
    try:
        return await look.gateway.read_targets([row.number], app_id=look.context.settings.github_app_id, labels=())
    except RateLimited:
        raise
    except GitHubError as fault:
        log.info("no answer by GraphQL, asking REST", repository=look.repository.id, why=str(fault))
    facts = await look.gateway.get_pull_request(row.number)
    tip = (await look.gateway.get_branch(look.repository.default_branch)).commit.sha
    here = Target(row.number, "", facts.state == "open", facts.head.sha, {}, None)
    return Targets("", tip, {}, {row.number: here})


def _prepare(look: Look, action: Action, rows: Mapping[int, PullRequest], targets: Targets) -> _Write | None:
    """The write of an action; None where it cannot go together, or where nothing is to be written any more."""
    assert action.number is not None
    row, target = rows.get(action.number), targets.pull_requests.get(action.number)
    if row is None or row.status != PullRequestStatus.OPEN or target is None or not target.is_open:
        return None
    mutation = _check(look, action, row, target, targets) if action.kind == CHECK else _labels(action, target, targets)
    return None if mutation is None else _Write(action, row, mutation)


def _check(look: Look, action: Action, row: PullRequest, target: Target, targets: Targets) -> Mutation | None:
    if action.payload["head_sha"] != row.head_sha:
        return None
    report = check_report(look, action.payload, row)
    result = "checkRun { url }"
    if target.check_run is None:
        made = {"repositoryId": targets.repository, "name": CHECK_NAME, "headSha": row.head_sha, **report.graphql}
        return Mutation("createCheckRun", "CreateCheckRunInput", made, result)
    known = {"repositoryId": targets.repository, "checkRunId": target.check_run, **report.graphql}
    return Mutation("updateCheckRun", "UpdateCheckRunInput", known, result)


def check_report(
    look: Look, payload: Mapping[str, Any], row: PullRequest, *, head_sha: str | None = None
) -> CheckReport:
    """What the check run is to say, on the head where no other commit is named, with the page that explains it."""
    repository = look.repository
    return CheckReport(
        head_sha=head_sha or row.head_sha,
        conclusion=payload["conclusion"],
        title=payload["title"],
        summary=payload["summary"],
        actions=payload.get("actions", ()),
        details_url=f"{look.context.settings.public_url}/r/{repository.owner}/{repository.name}/pull/{row.number}",
    )


def _labels(action: Action, target: Target, targets: Targets) -> Mutation | None:
    """Where labels only come or only go; a label that the repository does not have yet, REST creates."""
    add = [label for label in action.payload["add"] if label not in target.labels]
    remove = [label for label in action.payload["remove"] if label in target.labels]
    if bool(add) == bool(remove) or any(label not in targets.labels for label in add):
        return None
    result = "clientMutationId"
    if add:
        ids = [targets.labels[label] for label in add]
        return Mutation(
            "addLabelsToLabelable", "AddLabelsToLabelableInput", {"labelableId": target.id, "labelIds": ids}, result
        )
    ids = [target.labels[label] for label in remove]
    return Mutation(
        "removeLabelsFromLabelable",
        "RemoveLabelsFromLabelableInput",
        {"labelableId": target.id, "labelIds": ids},
        result,
    )


async def _write(look: Look, writes: Sequence[_Write]) -> None:
    async with look.context.database.transaction() as session:
        for write in writes:
            await begin_action(session, write.action.id)
    try:
        outcomes = await look.gateway.write_together([write.mutation for write in writes])
    except GitHubError as fault:
        pause = fault.pause if isinstance(fault, RateLimited) else _RETRY_ALONE
        await _put_off(look, [(write, fault) for write in writes], pause)
        if isinstance(fault, RateLimited):
            raise
        return
    now = look.context.clock()
    async with look.context.database.transaction() as session:
        for write, outcome in zip(writes, outcomes, strict=True):
            if outcome.fault is None:
                await _record(session, write, outcome)
                await settle_action(session, write.action.id, state="done", at=now)
    failed = [(write, done.fault) for write, done in zip(writes, outcomes, strict=True) if done.fault is not None]
    await _put_off(look, failed, _RETRY_ALONE)


async def _record(session: AsyncSession, write: _Write, outcome: Done) -> None:
    payload = write.action.payload
    if write.action.kind == CHECK:
        await save_check_run(
            session,
            write.row.id,
            write.row.head_sha,
            check_run_id=_rest_id(outcome.result["checkRun"]["url"]),
            conclusion=payload["conclusion"],
            digest=payload["digest"],
        )
    else:
        kept = await session.get_one(PullRequest, write.row.id)
        kept.labels = sorted({*kept.labels, *payload["add"]} - set(payload["remove"]))
        kept.our_labels = sorted({*kept.our_labels, *payload["add"]} - set(payload["remove"]))


def _rest_id(url: str) -> int:
    """REST's id of a check run, which ends its address; 0 where it does not. GraphQL's own `databaseId` is an Int of 32
    bits, and ids of check runs are larger."""
    tail = url.rpartition("/")[2]
    return int(tail) if tail.isdecimal() else 0


async def _put_off(look: Look, failed: Sequence[tuple[_Write, GitHubError]], pause: timedelta) -> None:
    until = look.context.clock() + pause
    async with look.context.database.transaction() as session:
        for write, fault in failed:
            await postpone_action(session, write.action.id, until=until, error=str(fault))
    for write, fault in failed:
        log.warning(
            "action put off",
            repository=look.repository.id,
            pull_request=write.row.number,
            kind=write.action.kind,
            why=str(fault),
        )
