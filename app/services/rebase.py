"""Ask Renovate to rebase, and see it through: requested -> confirmed | refused | stale.

Anything that we push to Renovate's branch makes Renovate stop maintaining the pull request, so we tick its checkbox
and let it work (https://docs.renovatebot.com/updating-rebasing/). Only facts confirm: a new head, made by Renovate,
that is not behind its base. The box proves nothing, since Renovate also unticks it when it rewrites the body.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import PullRequest, RebaseRequest
from app.db.pull_requests import add_history, get_pull_request
from app.db.rebases import count_since, list_in_flight
from app.domain.messages.modes import not_in_this_mode
from app.domain.model import PullRequestStatus
from app.domain.modes import Mode
from app.domain.renovate import BOT_EMAILS, CommitPeople, RebaseBox, is_edited, read_body, tick_rebase_box
from app.github.errors import Forbidden, NotFound, Refused
from app.github.facts import PullRequestFacts
from app.services.facts import Look

log = structlog.get_logger()

REBASE_LABEL = "rebase"
"""Renovate's default `rebaseLabel`."""
ASKING = "being asked"
"""Note of a request whose tick or label is not known to stand on GitHub yet."""
STOP_LABEL = "renovate/stop-updating"
"""Renovate's default `stopUpdatingLabel`; the checkbox would override it, so we respect it ourselves."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why Renovate is not asked; the text is for people."""

    why: str


async def request_rebase(look: Look, number: int, *, even_edited: bool = False) -> Refusal | None:
    """Ask Renovate to rebase `number`, unless that would do harm. A request that is under way is not repeated.

    `even_edited`: a person said twice that commits of people on the branch may be lost.
    """
    context = look.context
    if look.mode is not Mode.ACT:
        return Refusal(not_in_this_mode(look.mode))
    async with context.database.transaction() as session:
        row = await _row(session, look, number)
        in_flight = {pull.number: request for request, pull in await list_in_flight(session, look.repository.id)}
        asked = await count_since(session, row.id, context.clock() - timedelta(days=1))
    if number in in_flight:
        await _ask_again(look, in_flight[number], row)
        return None
    refusal = _refusal(row, asked, cap=context.settings.rebase_daily_cap)
    if refusal is None and not even_edited and await _is_edited(look, row):
        refusal = Refusal("a person changed the branch, and Renovate would throw those commits away")
    if refusal is not None:
        await _settle_refused(look, row, refusal)
        return refusal
    await _ask(look, row)
    return None


def _refusal(row: PullRequest, asked: int, *, cap: int) -> Refusal | None:
    if row.status != PullRequestStatus.OPEN:
        return Refusal("it is not open any more")
    if not row.by_renovate:
        return Refusal("it is not Renovate's pull request")
    if row.hold_by is not None:
        return Refusal(f"{row.hold_by} holds it")
    if STOP_LABEL in row.labels:
        return Refusal(f"it carries the label `{STOP_LABEL}`")
    if asked >= cap:
        return Refusal(f"Renovate was asked {asked} times in the last 24 hours already")
    return None


async def _is_edited(look: Look, row: PullRequest) -> bool:
    """Whether Renovate would call the branch edited. A bot that opened the pull request commits as itself."""
    commits = await look.gateway.list_commits(row.number)
    emails = BOT_EMAILS | look.context.settings.renovate_emails
    if row.author.endswith("[bot]"):
        emails |= {rf"/^\d+\+{re.escape(row.author)}@users\.noreply\./"}
    people = [
        CommitPeople(
            author_email=found.commit.author.email if found.commit.author else "",
            committer_email=found.commit.committer.email if found.commit.committer else "",
        )
        for found in commits
    ]
    return is_edited(people, emails)


CHECKBOX, LABEL = "checkbox", "label"
_WORDS = {CHECKBOX: "by ticking its checkbox", LABEL: f"by the label `{REBASE_LABEL}`"}


async def _ask(look: Look, row: PullRequest) -> None:
    """Tick the box of the body as it stands now; without a clear box, set the label."""
    facts = await look.gateway.get_pull_request(row.number)
    is_clear = read_body(facts.body or "").rebase_box in (RebaseBox.UNTICKED, RebaseBox.TICKED)
    await _ask_by(look, row, CHECKBOX if is_clear else LABEL, facts)


async def _ask_by(look: Look, row: PullRequest, driver: str, facts: PullRequestFacts | None) -> None:
    """Record the request, then make it: when the write ends in doubt, the row tells the next look what to find out."""
    async with look.context.database.transaction() as session:
        request = RebaseRequest(
            pull_request_id=row.id,
            head_sha=row.head_sha,
            driver=driver,
            note=ASKING,
            requested_at=look.context.clock(),
        )
        session.add(request)
    await _make(look, request, row, facts)


async def _ask_again(look: Look, request: RebaseRequest, row: PullRequest) -> None:
    """Nothing for a request that is under way; one whose write ended in doubt is made, unless it stands already."""
    if request.note != ASKING:
        return
    facts = await look.gateway.get_pull_request(row.number)
    if facts.head.sha != request.head_sha:
        await _note_asked(look, request, row)  # Renovate was faster than we
        return
    await _make(look, request, row, facts)


async def _make(look: Look, request: RebaseRequest, row: PullRequest, facts: PullRequestFacts | None) -> None:
    """Write the tick or the label, and keep what that changed: GitHub's delivery of it is ours and is not read."""
    body = (facts.body or "") if facts else row.body
    if request.driver == LABEL:
        await look.gateway.add_labels(row.number, [REBASE_LABEL])
        await _note_asked(look, request, row, label=REBASE_LABEL)
        return
    ticked = tick_rebase_box(body)
    if ticked is not None:
        await look.gateway.edit_body(row.number, ticked)
    await _note_asked(look, request, row, body=ticked or body)


async def _note_asked(
    look: Look, request: RebaseRequest, row: PullRequest, *, body: str | None = None, label: str | None = None
) -> None:
    async with look.context.database.transaction() as session:
        (await session.get_one(RebaseRequest, request.id)).note = ""
        kept = await session.get_one(PullRequest, row.id)
        kept.body = body or kept.body
        kept.labels = sorted({*kept.labels, *([label] if label else [])})
        add_history(
            session, look.repository.id, row.number, at=look.context.clock(), actor="fluxmig",
            kind="rebase", text=f"Asked Renovate to rebase, {_WORDS[request.driver]}.",
        )  # fmt: skip


async def follow_rebases(look: Look) -> datetime | None:
    """Settle the requests under way. Returns when the next one runs out of time."""
    context = look.context
    async with context.database.transaction() as session:
        in_flight = await list_in_flight(session, look.repository.id)
    next_look: datetime | None = None
    for request, row in in_flight:
        try:
            ends = await _follow(look, request, row)
        except (NotFound, Refused, Forbidden) as fault:
            # A branch that is gone, or that we may not read, must not stop the look at everything else.
            await _settle(look, request, row, state="stale", note=f"GitHub did not show the branch: {fault}")
            continue
        if ends is not None:
            next_look = ends if next_look is None else min(next_look, ends)
    return next_look


async def _follow(look: Look, request: RebaseRequest, row: PullRequest) -> datetime | None:
    """Settle one request, or say when its time runs out."""
    deadline = request.requested_at + look.context.settings.rebase_timeout
    if row.status != PullRequestStatus.OPEN:
        await _settle(look, request, row, state="stale", note=f"the pull request is {row.status}")
    elif request.note != ASKING and await _is_done(look, request, row):
        await _settle(look, request, row, state="confirmed", note="Renovate rebased it")
    elif look.context.clock() >= deadline:
        await _try_next_driver(look, request, row)
    else:
        return deadline
    return None


async def _is_done(look: Look, request: RebaseRequest, row: PullRequest) -> bool:
    moved = row.head_sha != request.head_sha
    taken_up = (
        read_body(row.body).rebase_box is RebaseBox.UNTICKED
        if request.driver == CHECKBOX
        else REBASE_LABEL not in row.labels
    )
    if not (moved or taken_up):
        return False
    compared = await look.gateway.compare(row.base_branch, row.head_sha)
    return compared.behind_by == 0 and not await _is_edited(look, row)


async def _try_next_driver(look: Look, request: RebaseRequest, row: PullRequest) -> None:
    """Renovate did not react in time: after the box the label, after the label a person."""
    if look.mode is not Mode.ACT:
        await _settle(look, request, row, state="stale", note=not_in_this_mode(look.mode))
        return
    if request.driver == CHECKBOX and not await _is_edited(look, row):
        await _settle(look, request, row, state="stale", note="no rebase after ticking the box; the label is next")
        await _ask_by(look, row, LABEL, None)
        return
    await _settle(look, request, row, state="stale", note="Renovate did not react; is it running? A person has to look")
    log.warning("renovate did not react", repository=look.repository.id, pull_request=row.number)


async def _settle_refused(look: Look, row: PullRequest, refusal: Refusal) -> None:
    at = look.context.clock()
    async with look.context.database.transaction() as session:
        add_history(
            session, look.repository.id, row.number,
            at=at, actor="fluxmig", kind="rebase-refused", text=f"Did not ask Renovate to rebase: {refusal.why}.",
        )  # fmt: skip


async def _settle(look: Look, request: RebaseRequest, row: PullRequest, *, state: str, note: str) -> None:
    at = look.context.clock()
    async with look.context.database.transaction() as session:
        kept = await session.get_one(RebaseRequest, request.id)
        kept.state, kept.note, kept.settled_at, kept.settled_sha = state, note, at, row.head_sha
        add_history(
            session, look.repository.id, row.number, at=at, actor="Renovate" if state == "confirmed" else "fluxmig",
            kind=f"rebase-{state}", text=f"{note[0].upper()}{note[1:]}.",
        )  # fmt: skip


async def _row(session: AsyncSession, look: Look, number: int) -> PullRequest:
    row = await get_pull_request(session, look.repository.id, number)
    if row is None:
        raise LookupError(f"#{number} is not known")
    return row
