"""`/fluxmig rollback`: say how a merge is taken back, and open the pull request that does it.

One pull request with one commit reverts all of it: Flux then sees the dependants and what they used change at once,
and nobody can merge half. Its branch is ours, `fluxmig/revert-34`; the commit is made by `createCommitOnBranch`, which
GitHub signs and which does nothing where the branch is not where we left it. What an earlier try left is found again,
so a second command, or one that is repeated after a fault, opens no second pull request.
"""

import asyncio
from dataclasses import replace

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.dependencies import list_dependencies
from app.db.incidents import incident_of, list_open_incidents
from app.db.models import Command, PullRequest, Repository
from app.db.pull_requests import add_history, get_pull_request, list_pull_requests
from app.db.repositories import get_base_files, get_blobs
from app.domain.backward import read_present
from app.domain.configured_plan import without_ignored
from app.domain.culprits import Ground
from app.domain.incidents import Incident
from app.domain.kustomization_order import KustomizationOrder
from app.domain.messages import rollback as words
from app.domain.model import PullRequestStatus, SourceFile
from app.domain.modes import Mode
from app.domain.policy import is_ignored
from app.domain.renovate_config import CONFIG_FILES
from app.domain.rollback import Rollback, plan_rollback
from app.domain.rollback_text import revert_body, revert_branch, rollback_answer
from app.domain.scopes import read_scopes
from app.github.errors import Forbidden, NotFound, Refused
from app.services.command_answer import Answer, done, refused
from app.services.context import AppContext
from app.services.facts import Look
from app.services.known import gather_known
from app.services.merges import list_merges, newest_merged
from app.services.queries.items import Explanation

log = structlog.get_logger()

_TRAILER = "Fluxmig-Reverts: #{number}"


async def get_rollback(context: AppContext, session: AsyncSession, repository_id: int, number: int) -> Rollback | None:
    """None where the merge is not known: it is open, or was merged before we were here, or long ago. All of it is told
    by the database."""
    rows = await list_pull_requests(session, repository_id)
    merges = await list_merges(session, newest_merged(rows))
    if not any(merge.number == number and merge.changes for merge in merges):
        return None
    files = await get_base_files(session, repository_id)
    known = context.planners.texts_of(repository_id)
    texts = {**known, **await get_blobs(session, set(files.values()) - known.keys())}
    tree = {path: SourceFile(path, blob, texts[blob]) for path, blob in files.items() if blob in texts}
    depends = [(one.number, one.to_number) for one in await list_dependencies(session, repository_id)]
    snapshot, in_use = await gather_known(context, session, repository_id)

    def plan() -> Rollback:
        scopes = read_scopes(tree)
        ground = Ground(scopes, KustomizationOrder(tree, scopes), in_use.catalogue, {})
        present = read_present(without_ignored(snapshot, in_use.policy), in_use.catalogue, ignores)
        return plan_rollback(number, merges, {path: file.text for path, file in tree.items()}, ground, present, depends)

    def ignores(path: str) -> bool:
        return path in CONFIG_FILES or is_ignored(in_use.policy, path)

    # A thread of its own: a large tree takes long enough to be felt by others.
    return await asyncio.to_thread(plan)


async def with_rollback(context: AppContext, session: AsyncSession, explanation: Explanation) -> Explanation:
    """The explanation of a merged pull request with how it is taken back."""
    pull = explanation.pull_request
    if pull.status is not PullRequestStatus.MERGED:
        return explanation
    return replace(explanation, rollback=await get_rollback(context, session, explanation.repository.id, pull.number))


async def roll_back(look: Look, command: Command) -> Answer:
    number = command.number
    async with look.context.database.transaction() as session:
        row = await get_pull_request(session, look.repository.id, number)
        if row is None or row.status != PullRequestStatus.MERGED:
            return refused(words.NOT_MERGED)
        repository = await session.get_one(Repository, look.repository.id)
        rollback = await get_rollback(look.context, session, look.repository.id, number)
        titles = {one.number: one.title for one in await list_pull_requests(session, look.repository.id)}
        incidents = await _incidents_of(session, look.repository.id, row)
    if rollback is None:
        return refused(words.UNKNOWN)
    if rollback.is_undone:
        return done(words.UNDONE)
    if command.argument.strip().lower() != "--yes":
        return done(rollback_answer(rollback, titles, confirm=look.mode is Mode.ACT))
    by_hand = rollback_answer(rollback, titles, confirm=False)
    if not rollback.is_possible:
        return refused(by_hand)
    if look.mode is not Mode.ACT:
        return refused(f"{words.NOT_IN_MODE.format(mode=look.mode)}\n\n{by_hand}")
    page = f"{look.context.settings.public_url}/r/{repository.owner}/{repository.name}/pull/{number}"
    body = revert_body(rollback, titles, incidents, by=command.author, page=page)
    title = words.revert_title(number, titles.get(number, ""))
    try:
        return await _open(look, repository, rollback, title=title, body=body)
    except Forbidden as fault:
        log.info("no pull request opened", repository=look.repository.id, pull_request=number, why=str(fault))
        return refused(f"{words.NO_GRANT}\n\n{by_hand}")
    except (Refused, NotFound) as fault:
        log.warning("no pull request opened", repository=look.repository.id, pull_request=number, why=str(fault))
        return refused(f"{words.REFUSED_BY_GITHUB.format(why=f'`{fault}`')}\n\n{by_hand}")


async def _incidents_of(session: AsyncSession, repository_id: int, row: PullRequest) -> list[Incident]:
    rows = await list_open_incidents(session, repository_id)
    return [incident_of(one, row) for one in rows if one.number == row.number]


async def _open(look: Look, repository: Repository, rollback: Rollback, *, title: str, body: str) -> Answer:
    branch, base = revert_branch(rollback.number), repository.base_sha or ""
    standing = [one for one in await look.gateway.list_pull_requests_from(branch) if one.state == "open"]
    if standing:
        return done(words.revert_exists(standing[0].number))
    head = (await look.gateway.list_branches(branch)).get(branch)
    trailer = _TRAILER.format(number=rollback.number)
    if head is None:
        await look.gateway.create_branch(branch, base)
        head = base
    if head == base:
        said = f"{', '.join(f'#{one.number}' for one in rollback.reverts)} in this order.\n\n{trailer}"
        await look.gateway.commit_on_branch(branch, expected=base, headline=title, body=said, files=rollback.files)
    elif not await _is_ours(look, base, head, trailer):
        return refused(words.branch_taken(branch))
    made = await look.gateway.create_pull_request(branch=branch, base=repository.default_branch, title=title, body=body)
    reverts = [one.number for one in rollback.reverts]
    told = words.revert_history(made.number, reverts)
    async with look.context.database.transaction() as session:
        for number in reverts:
            at = look.context.clock()
            add_history(session, repository.id, number, at=at, actor="fluxmig", kind="revert", text=told)
    return done(words.revert_opened(made.number))


async def _is_ours(look: Look, base: str, head: str, trailer: str) -> bool:
    """Whether the branch holds our commit and nothing else, so that only the pull request is missing."""
    compared = await look.gateway.compare(base, head)
    return compared.ahead_by == 1 and bool(compared.commits) and trailer in compared.commits[0].commit.message
