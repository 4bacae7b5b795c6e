"""Bring the facts of a repository up to what GitHub shows: only what is marked stale is read.

GitHub sometimes answers with an older state right after a delivery. A read that is older than what the delivery
knew is refused, and the look is repeated a little later. A pull request that GitHub does not show us (its diff is too
large, say), or on which we fail ourselves, holds up nobody else: it stays marked, and is tried again a minute later.
"""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psycopg
import structlog
from sqlalchemy.exc import DataError, SQLAlchemyError

from app.db import pull_requests as pull_request_rows
from app.db.locks import WorkLock
from app.db.models import PullRequest, Repository
from app.db.pull_requests import add_history, last_said, mark_pull_request_stale
from app.db.repositories import mark_base_read, mark_stale
from app.domain.messages.unread import not_read_note
from app.domain.model import PullRequestStatus
from app.domain.modes import Mode
from app.domain.policy import DEFAULT_POLICY, Policy
from app.domain.renovate import is_renovate_pull_request
from app.github.errors import Forbidden, GitHubError, HeldBack, NotFound, RateLimited, Refused, Unavailable
from app.github.facts import PullRequestFacts
from app.github.gateway import RepositoryGateway
from app.github.listing import Listing
from app.services.base import read_base
from app.services.changes import read_changes
from app.services.context import AppContext

log = structlog.get_logger()


RETRY_AFTER = timedelta(minutes=1)
"""When what GitHub did not show is asked for again."""
SECOND_LOOK = timedelta(seconds=30)
"""After an old answer was taken for want of a newer one."""


class StaleRead(Exception):
    """GitHub answered with an older state than a delivery told of; worth asking again in a moment."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a repository: where it is, and whether an old answer has to do by now."""

    context: AppContext
    lock: WorkLock
    repository: Repository
    gateway: RepositoryGateway
    accept_stale: bool = False
    unread: dict[int, Exception] = field(default_factory=dict)
    """The pull requests that could not be read, and why."""
    taken_old: set[int | None] = field(default_factory=set)
    """Pull requests of which an old answer was taken; None for the base branch."""
    permissions: dict[str, str | GitHubError] = field(default_factory=dict)
    """What people have on the repository, or why GitHub did not tell: `app.services.permissions`."""
    policy: Policy = DEFAULT_POLICY
    mode: Mode = Mode.OBSERVE
    """`policy` and `mode` as the base branch has them, once it is read: `app.services.policy.under_policy`."""


async def refresh_facts(look: Look) -> Mapping[str, str] | None:
    """Read the list, the stale pull requests and the base branch, as far as they are marked. Raises StaleRead.

    Returns the heads of Renovate's branches, where the list told of them too. The base comes last, because a merge that
    is found on the way makes it stale; only at first it is needed before anything else.
    """
    if look.repository.base_sha is None:
        await _refresh_base(look)
    branches = await _refresh_list(look) if look.repository.list_stale else None
    await _refresh_pull_requests(look)
    await _refresh_base(look)
    return branches


async def _refresh_list(look: Look) -> Mapping[str, str] | None:
    listing = await _read_listing(look)
    if listing.archived:
        await _leave_archived(look)
        return None
    async with look.context.database.transaction() as session:
        repository = await session.get_one(Repository, look.repository.id)
        repository.owner, repository.name = listing.owner, listing.name
        if repository.default_branch != listing.default_branch:
            repository.default_branch, repository.base_stale = listing.default_branch, True
        elif listing.base_sha and listing.base_sha == repository.base_sha and repository.base_hint is None:
            await mark_base_read(session, repository.id)
        rows = {row.number: row for row in await pull_request_rows.list_pull_requests(session, look.repository.id)}
        open_numbers = {found.number for found in listing.pull_requests}
        for found in listing.pull_requests:
            row = rows.get(found.number)
            if row is None:
                row = PullRequest(repository_id=look.repository.id, number=found.number)
                session.add(row)
            row.stale = row.stale or row.head_sha != found.head.sha or row.updated_at != found.updated_at
        for row in rows.values():
            if row.status == PullRequestStatus.OPEN and row.number not in open_numbers:
                row.stale = True
        repository.list_stale, repository.synced_at = False, look.context.clock()
        # A list that is older than a delivery does not settle the row: it stays stale, and is read by itself.
        current = {
            found.number: found
            for found in listing.pull_requests
            if found.number not in rows or not _is_older(found, rows[found.number].hinted_at)
        }
    await _save_all(look, current)
    return listing.branches


async def _read_listing(look: Look) -> Listing:
    """By GraphQL; where that does not answer, by REST, which takes a few calls more."""
    try:
        return await look.gateway.read_listing(look.context.settings.renovate_branch_prefix)
    except RateLimited:
        raise
    except GitHubError as fault:
        log.info("no answer by GraphQL, asking REST", repository=look.repository.id, why=str(fault))
    facts = await look.gateway.get_repository()
    pulls = [] if facts.archived else await look.gateway.list_open_pull_requests()
    return Listing(facts.owner.login, facts.name, facts.archived, facts.default_branch, "", tuple(pulls), None)


def _is_older(facts: PullRequestFacts, hinted_at: datetime | None) -> bool:
    return hinted_at is not None and facts.updated_at < hinted_at


async def _leave_archived(look: Look) -> None:
    """An archived repository is read-only: it is left alone until the installation shows it again."""
    async with look.context.database.transaction() as session:
        repository = await session.get_one(Repository, look.repository.id)
        repository.removed_at, repository.list_stale = look.context.clock(), True


async def _refresh_pull_requests(look: Look) -> None:
    async with look.context.database.transaction() as session:
        rows = await pull_request_rows.list_pull_requests(session, look.repository.id)
    for row in rows:
        if row.stale and row.number not in look.unread:
            await _refresh_pull_request(look, row)


async def _refresh_pull_request(look: Look, row: PullRequest) -> None:
    try:
        facts = await look.gateway.get_pull_request(row.number)
    except NotFound:
        if row.hinted_at is not None and not look.accept_stale:
            raise StaleRead(f"#{row.number} is not there yet, a delivery told of it") from None
        await _drop(look, row)
        if row.hinted_at is not None:
            look.taken_old.add(row.number)
        return
    except (Refused, Forbidden, Unavailable) as fault:
        await _leave_unread(look, row.number, fault)
        return
    if _is_older(facts, row.hinted_at):
        if not look.accept_stale:
            raise StaleRead(f"#{row.number} still shows {facts.updated_at:%H:%M:%S}, a delivery told of a later change")
        look.taken_old.add(row.number)
    await _save_all(look, {row.number: facts})


async def _leave_unread(look: Look, number: int, fault: Exception) -> None:
    """Go on without one pull request, and say so in its history. Raises the fault when it is the second such: then it
    is GitHub, not the pull request, that is not well."""
    if isinstance(fault, Unavailable) and any(isinstance(other, Unavailable) for other in look.unread.values()):
        raise fault
    look.unread[number] = fault
    expected = isinstance(fault, GitHubError)
    where = {"repository": look.repository.id, "pull_request": number, "why": str(fault)}
    if expected:
        log.warning("pull request not read", **where)
    else:  # ours to mend
        log.error("pull request not read", **where, trace="".join(traceback.format_exception(fault)))
    note = not_read_note(str(fault) if expected else type(fault).__name__)
    async with look.context.database.transaction() as session:
        if await last_said(session, look.repository.id, number) != note:
            add_history(
                session, look.repository.id, number,
                at=look.context.clock(), actor="fluxmig", kind="unread", text=note,
            )  # fmt: skip


async def _drop(look: Look, row: PullRequest) -> None:
    """A number that is no pull request, or a repository that we see no more."""
    async with look.context.database.transaction() as session:
        await session.delete(await session.get_one(PullRequest, row.id))


async def _save_all(look: Look, found: Mapping[int, PullRequestFacts]) -> None:
    """Save facts of pull requests, reading the files of those whose head moved."""
    async with look.context.database.transaction() as session:
        rows = await pull_request_rows.get_by_numbers(session, look.repository.id, list(found))
    for number, facts in found.items():
        if not rows[number].stale:
            continue
        try:
            await _save(look, rows[number], facts)
        except Exception as fault:
            if not is_of_one(fault):
                raise
            await _leave_unread(look, number, fault)


async def _save(look: Look, row: PullRequest, facts: PullRequestFacts) -> None:
    on_base = facts.base.ref == look.repository.default_branch
    changes = None
    if facts.state == "open" and row.changes_sha != facts.head.sha and on_base:
        files = await look.gateway.list_files(row.number)
        changes = await read_changes(look.context, look.gateway, look.repository.id, files)
    async with look.context.database.transaction() as session:
        kept = await session.get_one(PullRequest, row.id)
        merged_now = kept.status == PullRequestStatus.OPEN and facts.merged_at is not None
        if kept.head_sha and kept.head_sha != facts.head.sha:
            kept.head_times = [*kept.head_times[-9:], look.context.clock().isoformat()]
        _apply(kept, facts, prefix=look.context.settings.renovate_branch_prefix)
        if changes is not None:
            kept.changes, kept.changes_sha = changes, facts.head.sha
        if merged_now and on_base:
            await mark_stale(session, look.repository.id, base=True, hint=facts.merge_commit_sha)
            add_history(
                session, look.repository.id, row.number,
                at=facts.merged_at or look.context.clock(), actor="GitHub", kind="merged", text="Merged.",
            )  # fmt: skip


def is_of_one(fault: Exception) -> bool:
    """Whether what one pull request holds may be the cause. A limit, an old answer, and a database or a network that is
    away are of the whole look."""
    if isinstance(fault, SQLAlchemyError):
        return isinstance(fault, DataError)
    return not isinstance(fault, RateLimited | HeldBack | StaleRead | psycopg.Error | OSError | MemoryError)


def _apply(row: PullRequest, facts: PullRequestFacts, *, prefix: str) -> None:
    author = facts.user.login if facts.user else ""
    if facts.merged_at is not None:
        row.status = PullRequestStatus.MERGED
    else:
        row.status = PullRequestStatus.OPEN if facts.state == "open" else PullRequestStatus.CLOSED
    row.title, row.body = facts.title, facts.body or ""
    row.branch, row.base_branch, row.head_sha = facts.head.ref, facts.base.ref, facts.head.sha
    row.author, row.draft = author, facts.draft
    if facts.tells_of_stacks:
        row.stacked = facts.stack is not None
    row.labels = [label.name for label in facts.labels]
    row.merged_at = facts.merged_at
    row.merge_sha = facts.merge_commit_sha if facts.merged_at else None
    row.opened_at, row.updated_at = facts.created_at, facts.updated_at
    # Anybody can open a pull request from a fork with Renovate's branch name and body.
    row.by_renovate = facts.same_repository and is_renovate_pull_request(
        facts.head.ref, facts.body, author, prefix=prefix
    )
    row.stale = False


async def _refresh_base(look: Look) -> None:
    async with look.context.database.transaction() as session:
        repository = await session.get_one(Repository, look.repository.id)
    if not repository.base_stale:
        return
    branch = await look.gateway.get_branch(repository.default_branch)
    sha, hint = branch.commit.sha, repository.base_hint
    if hint is not None and not await _contains(look.gateway, sha, hint):
        if not look.accept_stale:
            raise StaleRead(f"{repository.default_branch} still shows {sha[:8]}, a delivery told of a newer commit")
        look.taken_old.add(None)
    if sha == repository.base_sha:
        async with look.context.database.transaction() as session:
            await mark_base_read(session, repository.id)
        return
    await read_base(look.context, look.gateway, repository.id, sha=sha, tree_sha=branch.commit.commit.tree.sha)


async def ask_once_more(look: Look) -> datetime | None:
    """What was read of old is read once more. Returns when; None where all of it was new."""
    if not look.taken_old:
        return None
    async with look.context.database.transaction() as session:
        for number in look.taken_old:
            if number is None:
                await mark_stale(session, look.repository.id, base=True)
            else:
                await mark_pull_request_stale(session, look.repository.id, number, None)
    return look.context.clock() + SECOND_LOOK


async def _contains(gateway: RepositoryGateway, sha: str, commit: str) -> bool:
    if sha == commit:
        return True
    try:
        return (await gateway.compare(commit, sha)).behind_by == 0
    except NotFound:
        return False
