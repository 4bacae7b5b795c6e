"""Gate Renovate's branches that have no pull request: with `automergeType: branch` Renovate merges them by itself, when
all checks on the head are green (https://docs.renovatebot.com/configuration-options/#automergetype).

A branch whose pull request is open is left to that. A push tells of a branch; each full look lists them all and reads
those without a pull request again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from app.db.actions import get_check_runs, save_check_run
from app.db.branches import forget_branch, list_branches, list_heads, mark_branch_stale
from app.db.models import Branch, Repository
from app.db.pull_requests import list_open
from app.db.repositories import mark_stale
from app.domain.branch_words import branch_check_text, branch_reason
from app.domain.checks import CheckText
from app.domain.evidence_links import Links
from app.domain.model import Plan
from app.github.errors import Forbidden, NotFound, Refused, Unavailable
from app.github.gateway import CheckReport
from app.services.changes import read_changes
from app.services.facts import Look, StaleRead, is_of_one

log = structlog.get_logger()

SUCCESS = "success"


@dataclass(frozen=True, slots=True)
class JudgedBranches:
    """A plan that has the branches as pull requests with negative numbers; `names` has them by those."""

    plan: Plan
    links: Links
    names: Mapping[int, str]


async def find_branches(look: Look, listed: Mapping[str, str] | None) -> None:
    """Mark the branches that no push told of, as a full look finds them: new ones, those with another head, those that
    are gone, and all of them once the base has moved, since they may be merged. One call where `listed` is None."""
    found = listed
    if found is None:
        found = await look.gateway.list_branches(look.context.settings.renovate_branch_prefix)
    async with look.context.database.transaction() as session:
        base = (await session.get_one(Repository, look.repository.id)).base_sha or ""
        with_pull_request = {row.branch for row in await list_open(session, look.repository.id) if row.by_renovate}
        heads = await list_heads(session, look.repository.id)
        known = {row.name: row for row in await list_branches(session, look.repository.id)}
        for name, sha in found.items():
            row = known.get(name)
            if row is not None and (row.head_sha, row.base_sha) == (sha, base):
                continue
            if name not in with_pull_request and (name, sha) not in heads and name != look.repository.default_branch:
                await mark_branch_stale(session, look.repository.id, name)
        for name in known.keys() - found.keys():
            await mark_branch_stale(session, look.repository.id, name)


async def refresh_branches(look: Look) -> None:
    """Read the branches that are marked, and forget those that are gone, merged, or have a pull request now."""
    async with look.context.database.transaction() as session:
        rows = await list_branches(session, look.repository.id)
        if not rows:
            return
        heads = {row.branch: row for row in await list_open(session, look.repository.id) if row.by_renovate}
        checks = await get_check_runs(session, [row.id for row in heads.values()])
        for branch in rows:
            pull = heads.get(branch.name)
            if pull is None:
                continue
            if branch.check_run_id and (pull.id, branch.check_sha) not in checks:
                # The run that stands on the head already is written on, and not a second one beside it.
                await save_check_run(
                    session, pull.id, branch.check_sha,
                    check_run_id=branch.check_run_id, conclusion=branch.conclusion, digest="",
                )  # fmt: skip
            await forget_branch(session, look.repository.id, branch.name)
    for branch in rows:
        if branch.stale and branch.name not in heads:
            await _refresh(look, branch)


async def _refresh(look: Look, branch: Branch) -> None:
    try:
        facts = await look.gateway.get_branch(branch.name)
        compared = await look.gateway.compare(look.repository.default_branch, facts.commit.sha)
        changes = await read_changes(look.context, look.gateway, look.repository.id, compared.files)
    except NotFound:
        await _forget(look, branch)
        return
    except Exception as fault:
        if isinstance(fault, Unavailable) or not is_of_one(fault):
            raise
        log.warning("branch not read", repository=look.repository.id, branch=branch.name, why=repr(fault))
        return
    async with look.context.database.transaction() as session:
        is_left_over = (branch.name, facts.commit.sha) in await list_heads(session, look.repository.id)
    if not compared.ahead_by or is_left_over:
        await _forget(look, branch)  # merged or closed, and not deleted
        return
    async with look.context.database.transaction() as session:
        kept = await session.get_one(Branch, branch.id)
        kept.head_sha, kept.stale = facts.commit.sha, False
        kept.base_sha = (await session.get_one(Repository, look.repository.id)).base_sha or ""
        # Renovate's commit message is what the title of its pull request would be.
        kept.title = facts.commit.commit.message.split("\n")[0]
        kept.changes = changes


async def _forget(look: Look, branch: Branch) -> None:
    async with look.context.database.transaction() as session:
        await forget_branch(session, look.repository.id, branch.name)


async def note_verdicts(look: Look, judged: JudgedBranches) -> None:
    """Keep what was decided on each, for those who read the page; in every mode."""
    async with look.context.database.transaction() as session:
        for row in await list_branches(session, look.repository.id):
            if -row.id in judged.names:
                row.state = judged.plan.of(-row.id).state.value
                row.reason = branch_reason(judged.plan, -row.id, judged.names)


async def gate_branches(look: Look, judged: JudgedBranches) -> None:
    """Write the checks whose words are not those that stand there. Raises StaleRead and RateLimited."""
    async with look.context.database.transaction() as session:
        rows = await list_branches(session, look.repository.id)
    for branch in rows:
        if -branch.id not in judged.names:
            continue
        text = branch_check_text(judged.plan, -branch.id, judged.names, judged.links)
        if (branch.check_sha, branch.digest) == (branch.head_sha, text.digest):
            continue
        try:
            await _write(look, branch, text)
        except (NotFound, Refused, Forbidden) as fault:
            log.warning("branch not gated", repository=look.repository.id, branch=branch.name, why=str(fault))
            async with look.context.database.transaction() as session:
                await mark_branch_stale(session, look.repository.id, branch.name)


async def _write(look: Look, branch: Branch, text: CheckText) -> None:
    if text.conclusion == SUCCESS:
        await _refuse_what_moved(look, branch)
    repository = look.repository
    report = CheckReport(
        head_sha=branch.head_sha,
        conclusion=text.conclusion,
        title=text.title,
        summary=text.summary,
        details_url=f"{look.context.settings.public_url}/r/{repository.owner}/{repository.name}",
    )
    known = branch.check_run_id if branch.check_sha == branch.head_sha else None
    if known is None:
        # A write before this one may have ended in doubt, or a pull request that is closed now had this head.
        found = await look.gateway.find_check_run(branch.head_sha, look.context.settings.github_app_id)
        known = found.id if found else None
    if known is None:
        written = await look.gateway.create_check_run(report)
    else:
        written = await look.gateway.update_check_run(known, report)
    async with look.context.database.transaction() as session:
        kept = await session.get_one(Branch, branch.id)
        kept.check_run_id, kept.check_sha = written.id, branch.head_sha
        kept.conclusion, kept.digest = text.conclusion, text.digest


async def _refuse_what_moved(look: Look, branch: Branch) -> None:
    """Before a branch may go: GitHub's own heads, of the branch and of the base, as for a pull request."""
    head = (await look.gateway.get_branch(branch.name)).commit.sha
    tip = (await look.gateway.get_branch(look.repository.default_branch)).commit.sha
    async with look.context.database.transaction() as session:
        base = (await session.get_one(Repository, look.repository.id)).base_sha
        if head != branch.head_sha:
            await mark_branch_stale(session, look.repository.id, branch.name)
        if tip != base:
            await mark_stale(session, look.repository.id, base=True)
    if head != branch.head_sha or tip != base:
        raise StaleRead(f"{branch.name} or its base is at another commit than the plan is about")
