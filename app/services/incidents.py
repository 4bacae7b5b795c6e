"""Open and close incidents by what the clusters said last, and name the pull request that is to blame.

Nothing here depends on which event woke the look: the newest word on each object counts, so what comes twice, late or
out of order opens nothing twice. Flux may be faster than GitHub: an incident that names nobody is judged again as soon
as more is known than when it was judged last.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.audit import record_audit
from app.db.clusters import list_clusters
from app.db.incidents import Standing, incident_of, list_open_incidents, list_standings
from app.db.models import Incident, PullRequest, Repository
from app.db.pull_requests import add_history
from app.db.repositories import get_base_files, get_blobs, key_of
from app.db.work import want
from app.domain.culprits import Ground, Merge, name_culprit
from app.domain.incident_holds import files_of
from app.domain.incidents import CLOCKS_DIFFER, ObjectName, Trouble, is_undone
from app.domain.incidents import Incident as IncidentFact
from app.domain.kustomization_order import KustomizationOrder
from app.domain.messages import incidents as words
from app.domain.model import SourceFile, Tree
from app.domain.notices import Notice, NoticeKind
from app.domain.revision_range import RevisionRange
from app.domain.scopes import read_scopes
from app.services.cluster_talk import scope_of
from app.services.context import AppContext
from app.services.facts import Look
from app.services.failing import Failing, Pair, keep_range, kept_range, list_failing
from app.services.merges import list_merges, newest_merged
from app.services.notices import tell

log = structlog.get_logger()


@dataclass
class _Book:
    """What one settling needs; what few need is read when somebody asks."""

    context: AppContext
    session: AsyncSession
    repository: Repository
    rows: Mapping[int, PullRequest]
    ranges: Mapping[Pair, RevisionRange | None]
    notices: list[Notice] = field(default_factory=list)
    _files: Mapping[str, str] | None = None
    _ground: tuple[Tree, Ground] | None = None
    _merges: dict[int, Merge] = field(default_factory=dict)

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

    async def merges(self, rows: Sequence[PullRequest]) -> tuple[Merge, ...]:
        unread = [row for row in rows if row.number not in self._merges]
        if unread:
            self._merges |= {one.number: one for one in await list_merges(self.session, unread)}
        return tuple(self._merges[row.number] for row in rows)


async def settle_incidents(
    look: Look,
    session: AsyncSession,
    repository: Repository,
    rows: Sequence[PullRequest],
    scopes: tuple[str, ...],
    ranges: Mapping[Pair, RevisionRange | None],
) -> None:
    """Close what is over, open what began, and name who was not known. `scopes` are the clusters of the last plan."""
    book = _Book(look.context, session, repository, {row.number: row for row in rows}, ranges)
    registered = await list_clusters(session, repository.id)
    clusters = {one.name: scope_of(one, scopes, look.policy.rollout) for one in registered}
    standings = {
        (one.failure.cluster, one.failure.object): one for one in await list_standings(session, list(clusters))
    }
    for row in await list_open_incidents(session, repository.id):
        await _close_if_over(book, row, standings.get((row.cluster, row.object)), registered=row.cluster in clusters)
    failing = await list_failing(session, repository, clusters, standings.values())
    for one in await _widest_first(book, failing):
        if one.row is None:
            await _open(book, one)
        else:
            await _learn(book, one, one.row)
    if book.notices:
        await tell(look.context, session, repository.id, book.notices)


async def _close_if_over(book: _Book, row: Incident, standing: Standing | None, *, registered: bool) -> None:
    if not registered:
        await close_incident(book, row, ending=words.gone_ending(), at=book.now)
    elif standing is not None and not standing.fails and standing.end is not None:
        success = standing.success
        ending = words.succeeded_ending(success.revision) if success else words.deleted_ending()
        await close_incident(book, row, ending=ending, at=standing.end.observed_at)
    elif row.number is not None and row.number in book.rows:
        culprit = book.rows[row.number]
        changes = [(one["path"], one["before"], one["after"]) for one in culprit.changes]
        if is_undone(changes, await book.files()):
            ending = words.undone_ending(row.number, book.repository.base_sha or "")
            await close_incident(book, row, ending=ending, at=book.now, undone=True)


async def _widest_first(book: _Book, failing: list[Failing]) -> list[Failing]:
    """Of those that failed at the same time the one with most behind it, which is told of in full."""
    unnamed = [one for one in failing if one.row is None or one.row.number is None]
    if len(unnamed) < 2:
        return failing
    weights: dict[str, int] = {}
    for one in unnamed:
        name = one.trouble.object
        order = (await book.ground_for(name)).order
        behind = order.behind(ks for ks in order.all if (ks.namespace, ks.name) == (name.namespace, name.name))
        weights[one.object] = len(behind)
    return sorted(failing, key=lambda one: (one.trouble.since, -weights.get(one.object, 0), one.object))


async def _open(book: _Book, failing: Failing) -> None:
    """The one place where an incident opens: row, history, notice; the comment follows from the row."""
    row = Incident(repository_id=book.repository.id, cluster=failing.trouble.cluster, object=failing.object)
    _take(row, failing.trouble)
    book.session.add(row)
    await _judge(book, failing, row)
    await _tell_of(book, row, "opened")
    log.warning(
        "incident opened", repository=row.repository_id, cluster=row.cluster, object=row.object, culprit=row.number
    )


async def _learn(book: _Book, failing: Failing, row: Incident) -> None:
    """More may be known of it than when it opened. Who is named stays named, with the words that named him; but it may
    have failed earlier, where his merge was there already."""
    if row.number is None:
        _take(row, failing.trouble)
        await _judge(book, failing, row)
        if row.number is not None:
            await _tell_of(book, row, "named")
            log.warning("culprit named", repository=row.repository_id, object=row.object, culprit=row.number)
        return
    culprit = book.rows.get(row.number)
    row.scope = failing.trouble.scope
    if culprit is not None and culprit.merged_at and culprit.merged_at <= failing.trouble.since + CLOCKS_DIFFER:
        row.opened_at = failing.trouble.since


def _take(row: Incident, trouble: Trouble) -> None:
    row.scope, row.opened_at = trouble.scope, trouble.since
    row.reason, row.message, row.revision = trouble.reason, trouble.message, trouble.revision
    row.good_revision, row.good_at = trouble.good_revision, trouble.good_at


async def _judge(book: _Book, failing: Failing, row: Incident) -> None:
    """Name who is to blame, if one can be named. Nothing is read where it was judged by the same facts before."""
    trouble, pair = failing.trouble, failing.pair
    if pair in book.ranges:
        row.between = keep_range(pair, book.ranges[pair], asked_at=book.now)
    between = kept_range(row, pair)
    merged = newest_merged(book.rows.values(), until=trouble.since + CLOCKS_DIFFER)
    digest = _digest(trouble, between, merged)
    if row.judged == digest:
        return
    naming = name_culprit(trouble, await book.merges(merged), between, await book.ground_for(trouble.object))
    row.judged, row.number, row.beside = digest, naming.culprit, naming.beside
    row.candidates = [
        {"number": one.number, "weight": one.weight, "reasons": list(one.reasons), "sufficient": one.sufficient}
        for one in naming.candidates
    ]
    await book.session.flush()
    if naming.culprit is not None:
        open_rows = await list_open_incidents(book.session, book.repository.id)
        same = (one.told_in for one in open_rows if one.number == naming.culprit and one.told_in is not None)
        row.told_in = next(same, row.id)
        await book.session.flush()


def _digest(trouble: Trouble, between: RevisionRange | None, merged: Sequence[PullRequest]) -> str:
    """The base branch is left out: where the files lie later says nothing of what broke."""
    commits = (sorted(between.commits), between.whole) if between is not None else None
    merges = [(row.number, row.merge_sha, [change["path"] for change in row.changes]) for row in merged]
    return hashlib.sha256(msgspec.json.encode((trouble, commits, merges))).hexdigest()


async def _tell_of(book: _Book, row: Incident, what: str) -> None:
    """In the history, and to people: what fails by the same merge is one piece of news."""
    incident, is_first = _fact(book, row), row.told_in in (None, row.id)
    _note(book, row, "incident", words.opened_history(incident, is_first=is_first))
    if is_first:
        key = f"{NoticeKind.INCIDENT}:{row.id}:{what}"
        book.notices.append(Notice(NoticeKind.INCIDENT, key, row.number, words.opened_notice(incident)))


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


async def end_incident(context: AppContext, repository_id: int, incident_id: int, *, by: str) -> bool:
    """The same for one incident, whoever is named in it. False where there is none; one that has ended stays as it
    ended."""
    async with context.database.transaction() as session:
        repository = await session.get_one(Repository, repository_id)
        row = await session.get(Incident, incident_id, with_for_update=True)
        if row is None or row.repository_id != repository_id:
            return False
        if row.closed_at is None:
            book = _Book(context, session, repository, {}, {})
            await close_incident(book, row, ending=words.confirmed_ending(by), at=book.now, undone=True)
            record_audit(
                session, repository_id, row.number, at=book.now, actor=by, kind="incident-ended", place="REST",
                said=f"incident {row.id}: {row.object} in {row.cluster}", result="done",
            )  # fmt: skip
            await tell(context, session, repository_id, book.notices)
            await want(session, key_of(repository_id))
    context.wake(key_of(repository_id))
    return True


def _fact(book: _Book, row: Incident) -> IncidentFact:
    return incident_of(row, book.rows.get(row.number) if row.number is not None else None)


def _note(book: _Book, row: Incident, kind: str, text: str) -> None:
    add_history(book.session, row.repository_id, row.number, at=book.now, actor="fluxmig", kind=kind, text=text)
