"""Open and close incidents by what the clusters said last, and write the comment on the pull request that is to blame.

Nothing here depends on which event woke the look: the newest word on each object counts, so what comes twice, late or
out of order opens nothing twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.actions import NewAction
from app.db.clusters import list_clusters
from app.db.incidents import (
    Standing,
    get_first_failure,
    get_last_undone,
    incident_of,
    list_comments_due,
    list_open_incidents,
    list_standings,
    list_told_in,
)
from app.db.models import Action, Capability, ClusterObservation, Incident, PullRequest, Repository, Requirement
from app.db.pull_requests import add_history, get_by_numbers
from app.db.repositories import get_base_files, get_blobs
from app.domain.culprits import Ground, Merge, Naming, name_culprit
from app.domain.incident_comment import incident_comment, marker_of
from app.domain.incident_holds import files_of
from app.domain.incidents import Incident as IncidentFact
from app.domain.incidents import ObjectName, Trouble, commit_of, is_undone
from app.domain.kustomization_order import KustomizationOrder
from app.domain.messages import incidents as words
from app.domain.model import PullRequestStatus, SourceFile, Tree
from app.domain.modes import Mode
from app.domain.notices import Notice, NoticeKind
from app.domain.revision_range import RevisionRange
from app.domain.scopes import read_scopes
from app.github.errors import NotFound, Refused
from app.services.cluster_talk import scope_of
from app.services.context import AppContext
from app.services.facts import Look
from app.services.notices import tell
from app.services.queries.rows import capability_item, requirement_item
from app.services.snapshot import changes_of

log = structlog.get_logger()

INCIDENT = "incident"
"""The kind of the write to GitHub."""

_MOST_RANGES = 10
_MOST_MERGES = 60

Pair = tuple[str, str]
"""The last good commit, and the one at which it fails."""


# --- before the plan: what only GitHub knows ---


async def read_ranges(look: Look) -> Mapping[Pair, RevisionRange]:
    """The commits between good and bad, for each object that began to fail: one call a pair, when it begins."""
    async with look.context.database.transaction() as session:
        wanted: set[Pair] = set()
        for standing in await _list_new(session, look.repository.id):
            first = await get_first_failure(session, standing)
            good = commit_of(standing.success.revision) if standing.success else None
            failing = commit_of(first.revision)
            if good and failing:
                wanted.add((good, failing))
    ranges: dict[Pair, RevisionRange] = {}
    for good, failing in sorted(wanted)[:_MOST_RANGES]:
        if good == failing:
            ranges[good, failing] = RevisionRange(frozenset())
            continue
        try:
            compared = await look.gateway.compare(good, failing)
        except (NotFound, Refused) as fault:
            log.info("commits not compared", repository=look.repository.id, why=str(fault))
            continue
        commits = frozenset(commit.sha for commit in compared.commits)
        ranges[good, failing] = RevisionRange(commits, whole=len(commits) >= compared.ahead_by)
    return ranges


async def _list_new(session: AsyncSession, repository_id: int) -> list[Standing]:
    """What fails and is no incident yet."""
    clusters = [cluster.name for cluster in await list_clusters(session, repository_id)]
    known = {(row.cluster, row.object) for row in await list_open_incidents(session, repository_id)}
    return [
        one
        for one in await list_standings(session, clusters)
        if one.fails and (one.failure.cluster, one.failure.object) not in known
    ]


# --- with the plan ---


@dataclass
class _Book:
    """What one settling needs; what few need is read when somebody asks."""

    context: AppContext
    session: AsyncSession
    repository: Repository
    rows: Mapping[int, PullRequest]
    ranges: Mapping[Pair, RevisionRange]
    notices: list[Notice] = field(default_factory=list)
    _files: Mapping[str, str] | None = None
    _ground: tuple[Tree, Ground] | None = None
    _merges: tuple[Merge, ...] | None = None

    @property
    def now(self) -> datetime:
        return self.context.clock()

    async def files(self) -> Mapping[str, str]:
        if self._files is None:
            self._files = await get_base_files(self.session, self.repository.id)
        return self._files

    async def ground_for(self, failing: ObjectName) -> Ground:
        if self._ground is None:
            files = await self.files()
            known = self.context.planners.texts_of(self.repository.id)
            texts = {**known, **await get_blobs(self.session, set(files.values()) - known.keys())}
            tree: Tree = {path: SourceFile(path, blob, texts[blob]) for path, blob in files.items() if blob in texts}
            scopes = read_scopes(tree)
            self._ground = tree, Ground(scopes, KustomizationOrder(tree, scopes), self.context.catalogue, {})
        written_in, ground = self._ground
        written = {} if failing.kind == "Kustomization" else {failing: tuple(files_of(failing, written_in))}
        return Ground(ground.scopes, ground.order, ground.catalogue, written)

    async def merges(self) -> tuple[Merge, ...]:
        if self._merges is None:
            self._merges = await list_merges(self.session, self.rows.values())
        return self._merges


async def settle_incidents(
    look: Look,
    session: AsyncSession,
    repository: Repository,
    rows: Sequence[PullRequest],
    scopes: tuple[str, ...],
    ranges: Mapping[Pair, RevisionRange],
) -> None:
    """Close what is over, and open what began. `scopes` are the clusters of the last plan."""
    book = _Book(look.context, session, repository, {row.number: row for row in rows}, ranges)
    known_clusters = await list_clusters(session, repository.id)
    clusters = {one.name: scope_of(one, scopes, look.policy.rollout) for one in known_clusters}
    standings = {
        (one.failure.cluster, one.failure.object): one for one in await list_standings(session, list(clusters))
    }
    standing_rows = await list_open_incidents(session, repository.id)
    for row in standing_rows:
        row.scope = clusters.get(row.cluster, row.scope)
        await _close_if_over(book, row, standings.get((row.cluster, row.object)), registered=row.cluster in clusters)
    known = {(row.cluster, row.object) for row in standing_rows}
    began = [
        (standing, first)
        for key, standing in standings.items()
        if standing.fails and key not in known and (first := await _first_new(book, standing)) is not None
    ]
    for standing, first in await _widest_first(book, began):
        await _open(book, standing, first, clusters[first.cluster])
    if book.notices:
        await tell(look.context, session, repository.id, book.notices)


async def _close_if_over(book: _Book, row: Incident, standing: Standing | None, *, registered: bool) -> None:
    if not registered:
        await close_incident(book, row, ending=words.gone_ending(), at=book.now)
    elif standing is not None and not standing.fails and standing.success is not None:
        ending = words.succeeded_ending(standing.success.revision)
        await close_incident(book, row, ending=ending, at=standing.success.observed_at)
    elif row.number is not None and row.number in book.rows:
        culprit = book.rows[row.number]
        changes = [(one["path"], one["before"], one["after"]) for one in culprit.changes]
        if is_undone(changes, await book.files()):
            ending = words.undone_ending(row.number, book.repository.base_sha or "")
            await close_incident(book, row, ending=ending, at=book.now, undone=True)


Began = tuple[Standing, ClusterObservation]
"""What fails, and the first that was said of it."""


async def _widest_first(book: _Book, began: list[Began]) -> list[Began]:
    """Of those that failed at the same time the one with most behind it, which is told of in full."""
    if len(began) < 2:
        return began
    weights: dict[str, int] = {}
    for _, first in began:
        name = ObjectName.parse(first.object)
        order = (await book.ground_for(name)).order
        behind = order.behind(ks for ks in order.all if (ks.namespace, ks.name) == (name.namespace, name.name))
        weights[first.object] = len(behind)
    return sorted(began, key=lambda one: (one[1].observed_at, -weights[one[1].object], one[1].object))


async def _first_new(book: _Book, standing: Standing) -> ClusterObservation | None:
    """None where Flux still speaks of what was undone in Git."""
    failure, success = standing.failure, standing.success
    undone = await get_last_undone(book.session, book.repository.id, failure.cluster, failure.object)
    after = undone.closed_at if undone is not None else None
    if success is not None and after is not None and success.observed_at > after:
        after = None  # it has succeeded since: what fails now is another story
    if after is not None:
        commit = commit_of(failure.revision)
        if failure.observed_at <= after or commit not in (None, book.repository.base_sha):
            return None
    return await get_first_failure(book.session, standing, after=after)


async def _open(book: _Book, standing: Standing, first: ClusterObservation, scope: str) -> None:
    failure, success = standing.failure, standing.success
    trouble = Trouble(
        cluster=failure.cluster,
        scope=scope,
        object=ObjectName.parse(failure.object),
        reason=first.reason,
        message=first.message,
        revision=first.revision,
        since=first.observed_at,
        good_revision=success.revision if success else "",
        good_at=success.observed_at if success else None,
    )
    pair = commit_of(trouble.good_revision) or "", commit_of(trouble.revision) or ""
    ground = await book.ground_for(trouble.object)
    naming = name_culprit(trouble, await book.merges(), book.ranges.get(pair), ground)
    await open_incident(book, first, trouble, naming)


async def open_incident(book: _Book, first: ClusterObservation, trouble: Trouble, naming: Naming) -> None:
    """The one place where an incident opens: row, history, notice; the comment follows from the row."""
    row = Incident(
        repository_id=book.repository.id,
        cluster=trouble.cluster,
        scope=trouble.scope,
        object=first.object,
        reason=trouble.reason,
        message=trouble.message,
        revision=trouble.revision,
        good_revision=trouble.good_revision,
        number=naming.culprit,
        candidates=[
            {"number": one.number, "weight": one.weight, "reasons": list(one.reasons), "sufficient": one.sufficient}
            for one in naming.candidates
        ],
        beside=naming.beside,
        opened_at=trouble.since,
    )
    book.session.add(row)
    await book.session.flush()
    if naming.culprit is not None:
        open_rows = await list_open_incidents(book.session, book.repository.id)
        same = (one.told_in for one in open_rows if one.number == naming.culprit and one.told_in is not None)
        row.told_in = next(same, row.id)
        await book.session.flush()
    incident, is_first = _fact(book, row), row.told_in in (None, row.id)
    _note(book, row, "incident", words.opened_history(incident, is_first=is_first))
    if is_first:  # what fails by the same merge is one piece of news
        key = f"{NoticeKind.INCIDENT}:{row.id}:opened"
        book.notices.append(Notice(NoticeKind.INCIDENT, key, row.number, words.opened_notice(incident)))
    log.warning(
        "incident opened", repository=row.repository_id, cluster=row.cluster, object=row.object, culprit=row.number
    )


async def close_incident(book: _Book, row: Incident, *, ending: str, at: datetime, undone: bool = False) -> None:
    """The one place where an incident closes."""
    row.closed_at, row.ending, row.undone = max(at, row.opened_at), ending, undone
    if row.told_in is not None:
        (await book.session.get_one(Incident, row.told_in)).comment_stale = True
    incident = _fact(book, row)
    _note(book, row, "incident-over", words.closed_history(incident))
    await book.session.flush()
    left = [one for one in await list_open_incidents(book.session, row.repository_id) if one.told_in == row.told_in]
    if row.told_in is None or not left:
        key = f"{NoticeKind.INCIDENT}:{row.told_in or row.id}:closed"
        book.notices.append(Notice(NoticeKind.INCIDENT, key, row.number, words.closed_notice(incident)))
    log.info("incident closed", repository=row.repository_id, cluster=row.cluster, object=row.object)


async def confirm_over(look: Look, session: AsyncSession, row: PullRequest, *, by: str) -> bool:
    """A person has looked: the incidents of this pull request are over. What still fails opens one anew with the next
    word of the cluster. False where there was none."""
    repository = await session.get_one(Repository, look.repository.id)
    book = _Book(look.context, session, repository, {row.number: row}, {})
    mine = [one for one in await list_open_incidents(session, repository.id) if one.number == row.number]
    for one in mine:
        await close_incident(book, one, ending=words.confirmed_ending(by), at=book.now, undone=True)
    await tell(look.context, session, repository.id, book.notices)
    return bool(mine)


def _fact(book: _Book, row: Incident) -> IncidentFact:
    return incident_of(row, book.rows.get(row.number) if row.number is not None else None)


def _note(book: _Book, row: Incident, kind: str, text: str) -> None:
    add_history(book.session, row.repository_id, row.number, at=book.now, actor="fluxmig", kind=kind, text=text)


async def list_merges(session: AsyncSession, rows: Iterable[PullRequest]) -> tuple[Merge, ...]:
    """The newest merged pull requests, with what they did and the text of what they wrote."""
    merged = [row for row in rows if row.status == PullRequestStatus.MERGED and row.merged_at and row.merge_sha]
    merged = sorted(merged, key=lambda row: (row.merged_at is not None, row.merged_at), reverse=True)[:_MOST_MERGES]
    ids = [row.id for row in merged]
    requires = list(await session.scalars(select(Requirement).where(Requirement.pull_request_id.in_(ids))))
    provides = list(await session.scalars(select(Capability).where(Capability.pull_request_id.in_(ids))))
    blobs = {change[side] for row in merged for change in row.changes for side in ("before", "after") if change[side]}
    texts = await get_blobs(session, blobs)
    return tuple(
        Merge(
            number=row.number,
            merge_sha=row.merge_sha or "",
            merged_at=row.merged_at,
            changes=changes_of(row, texts),
            requires=tuple(requirement_item(one) for one in requires if one.pull_request_id == row.id),
            provides=tuple(capability_item(one) for one in provides if one.pull_request_id == row.id),
        )
        for row in merged
        if row.merged_at is not None
    )


# --- the comment ---


async def missing_incident_comments(
    session: AsyncSession, repository: Repository, mode: Mode, *, page: str
) -> list[NewAction]:
    """The comments that do not say yet what is so. None outside mode `act`."""
    if mode is not Mode.ACT:
        return []
    due = await list_comments_due(session, repository.id)
    members: dict[int, list[Incident]] = {}
    for row in await list_told_in(session, [one.id for one in due]):
        members.setdefault(row.told_in or 0, []).append(row)
    rows = await get_by_numbers(session, repository.id, [one.number for one in due if one.number is not None])
    actions = []
    for first in due:
        told = members.get(first.id, [])
        if first.number is None or (first.comment_id is None and all(one.closed_at for one in told)):
            continue
        facts = [incident_of(one, rows.get(first.number)) for one in told]
        text = incident_comment(facts, page=f"{page}/pull/{first.number}")
        if text.digest != first.comment_digest:
            payload = {"incident": first.id, "body": text.body, "digest": text.digest}
            actions.append(NewAction(INCIDENT, first.number, f"{INCIDENT}:{first.id}", payload))
    return actions


async def write_incident_comment(look: Look, action: Action, number: int) -> str:
    told = action.payload
    async with look.context.database.transaction() as session:
        row = await session.get(Incident, told["incident"])
    if row is None:
        return "dropped"
    comment_id = row.comment_id
    if comment_id is None and action.attempts:
        comment_id = await _find_comment(look, number, marker_of(row.id))
    if comment_id is None:
        comment_id = (await look.gateway.create_comment(number, told["body"])).id
    else:
        try:
            await look.gateway.edit_comment(comment_id, told["body"])
        except NotFound:  # a person deleted it: it was read, and once is enough
            log.info("comment is gone", repository=look.repository.id, pull_request=number)
    async with look.context.database.transaction() as session:
        kept = await session.get_one(Incident, row.id)
        kept.comment_id, kept.comment_digest, kept.comment_stale = comment_id, told["digest"], False
    return "done"


async def _find_comment(look: Look, number: int, marker: str) -> int | None:
    bot_login = await look.context.bot_login()
    for comment in await look.gateway.list_comments(number):
        ours = comment.user is not None and comment.user.login == bot_login
        if ours and (comment.body or "").startswith(marker):
            return comment.id
    return None
