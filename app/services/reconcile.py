"""The heart: bring what GitHub shows of a repository to what the plan says. Every path ends here.

Lock, handle what came in, read what is stale, run commands, plan, store, execute: checks first. A lost, doubled or
reordered delivery costs a delay, never a mistake, because nothing here depends on which event woke it; a second run on
the same facts writes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.actions import NewAction, get_check_runs, list_planned, plan_actions, settle_action
from app.db.branches import list_branches
from app.db.locks import WorkLock
from app.db.models import PullRequest, Repository, StatusComment
from app.db.plans import get_document, list_waiting_softly, save_plan, save_withheld
from app.db.pull_requests import add_history, list_pull_requests
from app.db.words import get_config_checks, get_status_comments
from app.domain.configured_plan import plan_configured
from app.domain.desired import (
    LABELS as STATE_LABELS,
)
from app.domain.desired import (
    Actual,
    AskRebase,
    ChangeLabels,
    Wishes,
    Write,
    WriteCheck,
    WriteComment,
    WriteConfigCheck,
    may_be_rebased,
    missing_writes,
    withheld_words,
)
from app.domain.evidence_links import links_of
from app.domain.freeze import next_change
from app.domain.messages.modes import withheld_rebase
from app.domain.milestone import Sync
from app.domain.model import Plan, PullRequestStatus, State
from app.domain.modes import Mode
from app.domain.notices import notices_of_plan
from app.domain.planjson import plan_to_json
from app.domain.policy import Policy
from app.domain.setbacks import Setback, find_setbacks, hold_later_waves
from app.domain.status_comment import KnownComment
from app.github.api import segment
from app.services.branches import JudgedBranches, find_branches, gate_branches, note_verdicts, refresh_branches
from app.services.cluster_facts import with_cluster_facts
from app.services.cluster_talk import ClusterTalk, gather_talk, learn_ancestries
from app.services.commands import MadePlan, run_asking_commands, run_marking_commands
from app.services.commit_statuses import read_commit_statuses
from app.services.context import AppContext
from app.services.dashboard_ticks import refresh_dashboard
from app.services.execute import ANSWER, REBASE, RECHECK, VERDICTS, execute_actions
from app.services.expiry import end_marks
from app.services.facts import RETRY_AFTER, Look, ask_once_more, refresh_facts
from app.services.failing import read_ranges
from app.services.inbox import work_through_inbox
from app.services.incident_comments import missing_incident_comments
from app.services.incidents import settle_incidents
from app.services.letting_go import let_go
from app.services.merge_groups import MERGE_GROUP
from app.services.milestone_sync import read_syncs
from app.services.milestones import refresh_issues, track_milestones
from app.services.notices import tell
from app.services.policy import (
    OWNERS_REPOSITORY,
    get_policy_in_use,
    mode_of,
    under_policy,
    wake_those_judged_by,
)
from app.services.rebase import follow_rebases
from app.services.rollouts import list_observations, open_rollouts_of_merges, open_rollouts_of_pushes, settle_rollouts
from app.services.snapshot import gather_snapshot, with_branches
from app.services.together import CHECK, LABELS
from app.services.words import (
    COMMENT,
    config_action,
    judge_configurations,
    missing_dashboard,
    without_given_up,
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """When something that waits for time should be looked at, if anything does."""

    next_look: datetime | None


async def reconcile_repository(
    context: AppContext, lock: WorkLock, repository_id: int, *, accept_stale: bool = False
) -> Outcome:
    """One look at one repository. Raises StaleRead and the errors of GitHub; the caller puts the look off. Raises
    GiveWay, and is to be called again at once."""
    await work_through_inbox(context, lock, repository_id)
    look = await _look(context, lock, repository_id, accept_stale=accept_stale)
    if look is None:
        await let_go(context, repository_id)
        return Outcome(None)
    branches = await refresh_facts(look)
    if await _is_gone(look):
        await let_go(context, repository_id)
        return Outcome(None)
    look = await under_policy(look)
    if look.repository.list_stale:  # as it was when the look began: this is a full one
        await find_branches(look, branches)
        await refresh_dashboard(look)
        await read_commit_statuses(look)
        await refresh_issues(look)
    await refresh_branches(look)
    if await run_marking_commands(look):
        look = await _read_again(look)
    planned_at = context.clock()
    made, soak_ends = await _plan_and_store(look)
    await execute_actions(look, made.plan, only=VERDICTS)
    if made.branches is not None:
        await note_verdicts(look, made.branches)
    if made.branches is not None and look.mode is not Mode.OBSERVE:
        await gate_branches(look, made.branches)
    commands_wait = await run_asking_commands(look, made)
    put_off = await execute_actions(look, made.plan)
    rebase_ends = await follow_rebases(look)
    read_again = context.clock() + RETRY_AFTER if look.unread else None
    second_look = await ask_once_more(look)
    changes = next_change(look.policy.freezes, planned_at)
    ends = (soak_ends, put_off, commands_wait, rebase_ends, read_again, second_look, changes)
    return Outcome(min((at for at in ends if at is not None), default=None))


async def _look(context: AppContext, lock: WorkLock, repository_id: int, *, accept_stale: bool) -> Look | None:
    async with context.database.transaction() as session:
        repository = await session.get(Repository, repository_id)
    if repository is None or repository.removed_at is not None:
        return None
    gateway = context.gateway(repository.installation_id, repository.owner, repository.name)
    return Look(context, lock, repository, gateway, accept_stale=accept_stale)


async def _read_again(look: Look) -> Look:
    """A person asked for it: what is marked by now is read, and judged by the policy that is read."""
    async with look.context.database.transaction() as session:
        look = replace(look, repository=await session.get_one(Repository, look.repository.id))
    await refresh_facts(look)
    return await under_policy(look)


async def _is_gone(look: Look) -> bool:
    """Whether the look found out that the repository is none of ours any more."""
    async with look.context.database.transaction() as session:
        return (await session.get_one(Repository, look.repository.id)).removed_at is not None


async def _plan_and_store(look: Look) -> tuple[MadePlan, datetime | None]:
    """Plan on the facts in the database, and store plan, verdicts and missing writes in one transaction."""
    context = look.context
    ranges = await read_ranges(look)
    async with context.database.transaction() as session:
        repository = await session.get_one(Repository, look.repository.id)
        rows = await list_pull_requests(session, repository.id)
        before = await get_document(session, repository.id)
        scopes = tuple(cluster["name"] for cluster in (before or {}).get("clusters", ()))
        marks_end = end_marks(session, rows, context.clock())
        await open_rollouts_of_merges(session, repository.id, rows)
        now, policy = context.clock(), look.policy.rollout
        observations = await list_observations(session, repository.id, scopes)
        talk = await gather_talk(session, repository.id, rows, scopes, policy, observations, now=now)
        await settle_incidents(look, session, repository, rows, scopes, ranges)
        made = await _plan(look, session, repository, rows, talk, before)
        began = await open_rollouts_of_pushes(session, repository.id, made.plan, before, now=now)
        base, soak = context.planners.base_of(repository.id), context.settings.rollout_soak
        settled = await settle_rollouts(session, repository.id, talk, base, policy, soak=soak, now=now)
        await tell(context, session, repository.id, settled.notices)
        if began or settled.changed:
            made = await _plan(look, session, repository, rows, talk, before)
        syncs = await read_syncs(session, repository.id, rows, base, talk.ancestry, now=now)
        if not talk.ancestry.wanted:
            await _store(context, session, repository, made, rows, syncs)
            if repository.name.lower() == OWNERS_REPOSITORY and repository.base_sha != look.repository.base_sha:
                await wake_those_judged_by(context, session, repository)
    if talk.ancestry.wanted and await learn_ancestries(look, talk.ancestry.wanted):
        return await _plan_and_store(look)
    return made, min((at for at in (settled.next_look, marks_end) if at is not None), default=None)


async def _plan(
    look: Look,
    session: AsyncSession,
    repository: Repository,
    rows: Sequence[PullRequest],
    talk: ClusterTalk,
    before: Mapping[str, Any] | None,
) -> MadePlan:
    context = look.context
    snapshot = await gather_snapshot(context, session, repository, rows, talk.observations)
    snapshot = await with_cluster_facts(context, session, repository.id, snapshot, before, look.policy.rollout)
    in_use = await get_policy_in_use(session, repository, context.catalogue, before)
    plan = plan_configured(snapshot, in_use, make=partial(context.planners.plan, repository.id))
    base = context.planners.base_of(repository.id)
    setbacks: tuple[Setback, ...] = ()
    if base is not None:
        setbacks = find_setbacks(talk.landed, base, talk.words, talk.ancestry, snapshot.incidents)
        plan = hold_later_waves(plan, snapshot, base, setbacks)
    plan = replace(plan, mode=mode_of(context, in_use.policy))
    page = f"{context.settings.github_web_url}/{segment(repository.owner)}/{segment(repository.name)}"
    rows_beside = [row for row in await list_branches(session, repository.id) if not row.stale]
    branches = None
    if rows_beside:
        judged = await with_branches(session, snapshot, rows_beside)
        names = {-row.id: row.name for row in rows_beside}
        beside = plan_configured(judged, in_use)
        if base is not None:
            beside = hold_later_waves(beside, judged, base, setbacks)
        branches = JudgedBranches(beside, links_of(judged, page), names)
    configs = await judge_configurations(session, repository.id, snapshot, context.catalogue)
    return MadePlan(plan, links_of(snapshot, page), branches, in_use.policy, configs, snapshot)


async def _store(
    context: AppContext,
    session: AsyncSession,
    repository: Repository,
    made: MadePlan,
    rows: Sequence[PullRequest],
    syncs: Mapping[int, Sync],
) -> None:
    plan, repository_id = made.plan, repository.id
    by_number = {row.number: row for row in rows}
    actual = await _actual(session, by_number.values())
    merged = {row.number for row in rows if row.status == PullRequestStatus.MERGED}
    landed = {number: to for number, to in await list_waiting_softly(session, repository_id) if to in merged}
    mode = plan.mode or context.settings.default_mode
    wishes = Wishes(
        labels=_labels_of(context, made.policy),
        comment=made.policy.comment,
        buttons=context.settings.poll_seconds is None,
        configs=made.configs,
    )
    missing = missing_writes(plan, actual, wishes=wishes, landed=landed, mode=mode, links=made.links)
    now = context.clock()
    for number, why in missing.due.items():
        by_number[number].rebase_due = why
    _close_settled(rows, plan, now)
    document = plan_to_json(plan)
    before = await get_document(session, repository_id) or {}
    transitions = await save_plan(session, repository_id, plan, rows=by_number, document=document, at=now)
    await save_withheld(session, repository_id, _withheld(missing.withheld))
    for write in missing.withheld:
        if isinstance(write, AskRebase):
            text = withheld_rebase(mode, write.why)
            add_history(session, repository_id, write.number, at=now, actor="fluxmig", kind="withheld", text=text)
    changed = [(row.number, row.head_sha) for row, _ in transitions]
    notices = notices_of_plan(plan, changed, document=document, before=before, at=now)
    await tell(context, session, repository_id, notices)
    for row, old in transitions:
        add_history(
            session, repository_id, row.number,
            at=now, actor="fluxmig", kind="state", text=f"{_words(old)} → {_words(row.state)}: {row.reason}",
        )  # fmt: skip
    actions = [_action(write, by_number) for write in missing.writes]
    page = f"{context.settings.public_url}/r/{repository.owner}/{repository.name}"
    actions += await missing_dashboard(session, repository_id, plan, made.policy, page=page)
    actions += await missing_incident_comments(session, repository, mode, page=page)
    actions += await track_milestones(context, session, repository, plan, made.snapshot, rows, syncs)
    actions = await without_given_up(session, repository_id, actions, now)
    await _drop_unwanted(session, repository_id, actions, plan, now)
    await plan_actions(session, repository_id, actions)


async def _drop_unwanted(
    session: AsyncSession, repository_id: int, wanted: Iterable[NewAction], plan: Plan, now: datetime
) -> None:
    """What an older plan wanted and could not do yet is dropped where this plan does not want it any more."""
    keys = {action.effect_key for action in wanted}
    acts = plan.mode is Mode.ACT
    ready = {planned.number for planned in plan.pull_requests if acts and may_be_rebased(planned)}
    for action in await list_planned(session, repository_id):
        if action.kind in (ANSWER, RECHECK, MERGE_GROUP):
            continue  # not the plan's: somebody asked
        still_wanted = action.number in ready if action.kind == REBASE else action.effect_key in keys
        if not still_wanted:
            await settle_action(session, action.id, state="dropped", at=now)


def _withheld(writes: Iterable[Write]) -> list[dict[str, Any]]:
    """What would be written until it is; a rebase is wanted only at the moment of its cause, so the history has it."""
    return [
        {"number": write.number, "what": withheld_words(write)} for write in writes if not isinstance(write, AskRebase)
    ]


def _close_settled(rows: Iterable[PullRequest], plan: Plan, now: datetime) -> None:
    """Pull requests that left the plan keep their end as state: merged or closed."""
    planned = {planned.number for planned in plan.pull_requests}
    for row in rows:
        if row.number not in planned and row.status != PullRequestStatus.OPEN and row.state != row.status:
            row.state, row.state_since = row.status, now
            row.reason = "Merged." if row.status == PullRequestStatus.MERGED else "Closed without a merge."


def _words(state: str) -> str:
    return state.replace("-", " ")


async def _actual(session: AsyncSession, rows: Iterable[PullRequest]) -> dict[int, Actual]:
    open_rows = [row for row in rows if row.status == PullRequestStatus.OPEN]
    ids = [row.id for row in open_rows]
    checks = await get_check_runs(session, ids)
    comments, configs = await get_status_comments(session, ids), await get_config_checks(session, ids)
    actual = {}
    for row in open_rows:
        check = checks.get((row.id, row.head_sha))
        actual[row.number] = Actual(
            head_sha=row.head_sha,
            labels=frozenset(row.labels),
            check_digest=check.digest if check else "",
            previous_state=State(row.state),
            rebase_due=row.rebase_due,
            has_check=check is not None,
            our_labels=frozenset(row.our_labels),
            comment=_known_comment(comments.get(row.id)),
            config_digest=configs.get((row.id, row.head_sha), ""),
        )
    return actual


def _labels_of(context: AppContext, policy: Policy) -> Mapping[State, str] | None:
    """The repository's own choice, or that of the service, which leaves alone what stands."""
    if policy.labels is None:
        return STATE_LABELS if context.settings.labels else None
    return {} if policy.no_labels else policy.labels


def _known_comment(row: StatusComment | None) -> KnownComment | None:
    return None if row is None else KnownComment(row.comment_id, row.digest, State(row.state))


def _action(write: Write, rows: dict[int, PullRequest]) -> NewAction:
    row_id = rows[write.number].id
    match write:
        case WriteCheck(number=number, head_sha=head_sha, text=text):
            payload = {
                "head_sha": head_sha,
                "conclusion": text.conclusion,
                "title": text.title,
                "summary": text.summary,
                "digest": text.digest,
                "actions": [
                    {"label": button.label, "description": button.description, "identifier": button.verb.value}
                    for button in text.buttons
                ],
            }
            return NewAction(CHECK, number, f"check:{row_id}:{head_sha}", payload)
        case ChangeLabels(number=number, add=add, remove=remove):
            return NewAction(LABELS, number, f"labels:{row_id}", {"add": sorted(add), "remove": sorted(remove)})
        case WriteConfigCheck(number=number, head_sha=head_sha, text=config):
            return config_action(row_id, number, head_sha, config)
        case WriteComment(number=number, text=comment, state=state):
            told = {"body": comment.body, "digest": comment.digest, "state": state.value}
            return NewAction(COMMENT, number, f"{COMMENT}:{row_id}", told)
        case AskRebase(number=number, why=why):
            return NewAction(REBASE, number, f"rebase:{row_id}", {"why": why})
