"""From rows to what a milestone is judged by."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.db.clusters import list_clusters, list_rollouts, rollout_of
from app.db.incidents import incident_of
from app.db.milestones import count_rebases, list_decisions, list_incidents_since
from app.db.models import Decision, PullRequest
from app.domain.base_facts import BaseFacts
from app.domain.cluster_state import source_phrase
from app.domain.commit_status import is_sender
from app.domain.health import Health
from app.domain.messages.milestone import controllers_words
from app.domain.milestone import MemberFacts, MilestoneFacts, MilestonePlan, Rolled, Signal, Sync, Wait, WaitEnd
from app.domain.milestone_conflicts import Changed, find_conflicts, find_outdated
from app.domain.milestone_plan import change_words
from app.domain.milestone_served import find_served
from app.domain.model import Answer, Observation, PullRequestStatus, Snapshot, State
from app.domain.versions import Version
from app.services.queries.cluster_health import CONTROLLERS, list_health
from app.services.queries.decode import read_classification

_WAITING = (State.BLOCKED, State.WAITING_ROLLOUT)
_ENDS = {PullRequestStatus.MERGED: WaitEnd.MERGED, PullRequestStatus.CLOSED: WaitEnd.CLOSED}


async def gather_facts(
    session: AsyncSession,
    repository_id: int,
    plan: MilestonePlan,
    rows: Sequence[PullRequest],
    *,
    snapshot: Snapshot,
    base: BaseFacts,
    synced: Sync | None,
    began: datetime,
    poll: timedelta,
) -> MilestoneFacts:
    """`rows` are all pull requests of the repository, with the verdicts of the newest plan: that of `snapshot`. `base`
    is what its tree says."""
    numbers = {member.number for member in plan.members}
    members = [row for row in rows if row.number in numbers]
    ids = [row.id for row in members]
    clusters = [cluster.name for cluster in await list_clusters(session, repository_id)]
    registered = [name for name in clusters if not is_sender(name)]  # statuses tell nothing of controllers
    open_ = [row for row in rows if row.status == PullRequestStatus.OPEN and row.by_renovate]
    conflicts = find_conflicts(
        [_changed(row) for row in members if row.status == PullRequestStatus.OPEN],
        [_changed(row) for row in rows if row.status == PullRequestStatus.MERGED],
    )
    rollouts = await list_rollouts(session, repository_id)
    return MilestoneFacts(
        members={row.number: _member(row, conflicts.get(row.number, ())) for row in members},
        connected=bool(clusters),
        rollouts=tuple(Rolled(rollout_of(row), row.rolled_out_at) for row in rollouts),
        running=_running(snapshot.observations),
        served=find_served(plan.apis, snapshot, base),
        synced=synced,
        incidents=tuple(incident_of(row, None) for row in await list_incidents_since(session, repository_id, began)),
        outdated=find_outdated(snapshot.tree, (api.gvk for api in plan.apis)),
        waits=tuple(_waits(await list_decisions(session, ids, began), members)),
        rebases=await count_rebases(session, ids, began),
        passing=sum(row.state == State.READY for row in open_),
        open=len(open_),
        controllers=_controllers(await list_health(session, registered, now=snapshot.now, poll=poll)),
    )


def _running(observations: Iterable[Observation]) -> dict[tuple[str, str], Observation]:
    """What all clusters of a scope run: the lowest of their versions, and none where one of them has not told."""
    seen: dict[tuple[str, str], list[tuple[Version | None, Observation]]] = {}
    for one in observations:
        seen.setdefault((one.provider, one.scope), []).append((Version.parse(one.version), one))
    running = {}
    for place, told in seen.items():
        known = [(version, one) for version, one in told if version is not None]
        if len(known) == len(told):
            running[place] = min(known, key=lambda item: item[0])[1]
    return running


def _controllers(health: Mapping[str, Health]) -> Signal | None:
    """Of all clusters: one that is not well makes the answer no, and one that says nothing makes it unknown."""
    told = {name: [one for one in whole.signals if one.about == CONTROLLERS] for name, whole in sorted(health.items())}
    if not any(told.values()):
        return None
    answers = {one.answer for signals in told.values() for one in signals}
    silent = not all(told.values())
    if Answer.NO in answers:
        answer = Answer.NO
    else:
        answer = Answer.YES if answers == {Answer.YES} and not silent else Answer.UNKNOWN
    words = [
        controllers_words(name, one.text, source_phrase(one.source), counts=one.counts)
        for name, signals in told.items()
        for one in signals
    ]
    return Signal(answer, " ".join(words))


def _member(row: PullRequest, conflicts: tuple[int, ...]) -> MemberFacts:
    status = PullRequestStatus(row.status)
    settled_at = row.merged_at if status is PullRequestStatus.MERGED else row.state_since
    return MemberFacts(
        status=status,
        state=State(row.state),
        reason=row.reason,
        settled_at=None if status is PullRequestStatus.OPEN else settled_at,
        approved_by=row.approved_by if row.approved_sha == row.head_sha else None,
        conflicts_with=conflicts,
        title=row.title,
        change=change_words(row.title, read_classification(row.classification)),
    )


def _changed(row: PullRequest) -> Changed:
    """Since when its head stands is known where the head was seen to come; else it stands since it was opened."""
    heads = [datetime.fromisoformat(at) for at in row.head_times]
    at = row.merged_at if row.status == PullRequestStatus.MERGED else max(heads, default=row.opened_at)
    return Changed(row.number, {change["path"]: change["patch"] for change in row.changes if change["patch"]}, at)


def _waits(decisions: Iterable[Decision], members: Iterable[PullRequest]) -> list[Wait]:
    """Each time that a member was blocked, or waited for a rollout, as one. That it was merged or closed is no verdict
    that sets it free."""
    rows = {row.id: row for row in members}
    begun: dict[int, Decision] = {}
    found: list[Wait] = []
    for decision in sorted(decisions, key=lambda one: one.id):
        key = decision.pull_request_id
        if decision.state in _WAITING:
            begun.setdefault(key, decision)
        elif decision.state not in _ENDS and (start := begun.pop(key, None)):
            found.append(Wait(rows[key].number, start.made_at, decision.made_at, start.reason, WaitEnd.FREED))
    for key, start in begun.items():
        row, member = rows[key], _member(rows[key], ())
        found.append(Wait(row.number, start.made_at, member.settled_at, start.reason, _ENDS.get(member.status)))
    return sorted(found, key=lambda wait: (wait.since, wait.number))
