"""Ask Renovate to rebase, and see it through: requested -> confirmed | refused | stale.

Anything that we push to Renovate's branch makes Renovate stop maintaining the pull request, so we ask Renovate and let
it work (https://docs.renovatebot.com/updating-rebasing/). Only facts confirm: a new head, made by Renovate, that is not
behind its base. A box proves nothing, since Renovate also unticks it when it rewrites the body.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.models import PullRequest, RebaseRequest
from app.db.pull_requests import add_history, get_pull_request
from app.db.rebases import deadline_of, get_asked, get_last, list_in_flight, list_tried
from app.domain.messages.modes import not_in_this_mode
from app.domain.messages.notices import renovate_silent_notice
from app.domain.model import PullRequestStatus
from app.domain.modes import Mode
from app.domain.notices import Notice, NoticeKind
from app.domain.rebase import Asked, Driver, not_before, restless_reason, ways_left
from app.domain.renovate import CommitPeople, RebaseBox, is_edited, read_body
from app.github.errors import Forbidden, GitHubError, NotFound, RateLimited, Refused
from app.github.facts import PullRequestFacts
from app.services.facts import Look
from app.services.notices import tell
from app.services.rebase_drivers import WORDS, find_usable, make
from app.services.renovate_facts import RenovateFacts, read_renovate_facts
from app.services.renovate_runs import start_run

log = structlog.get_logger()

ASKING = "being asked"
"""Note of a request whose write is not known to have reached GitHub yet."""
_AGAIN = timedelta(minutes=1)
_LATER = timedelta(hours=1)
"""When to try again what passes: a label, the daily cap, a branch that somebody else works on."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why Renovate is not asked; the text is for people. `passes`: it may be asked later on."""

    why: str
    passes: bool = False


class NotYet(Exception):
    """The request is wanted and has to wait until `at`; the text says why."""

    def __init__(self, at: datetime, why: str) -> None:
        super().__init__(why)
        self.at = at


async def request_rebase(
    look: Look, number: int, *, by_person: bool = False, even_edited: bool = False
) -> Refusal | None:
    """Ask Renovate to rebase `number`, unless that would do harm. A request that is under way is not repeated.

    What a person orders does not wait for budget and pauses; the daily cap holds for it too. `even_edited`: the person
    said twice that commits of people on the branch may be lost. Raises NotYet.
    """
    context = look.context
    if look.mode is not Mode.ACT:
        return Refusal(not_in_this_mode(look.mode))
    async with context.database.transaction() as session:
        row = await _row(session, look, number)
        in_flight = {pull.number: request for request, pull in await list_in_flight(session, look.repository.id)}
        asked = await get_asked(session, row, context.clock())
        tried = await list_tried(session, row.id, row.head_sha)
    by = await read_renovate_facts(look)
    if number in in_flight:
        await _ask_again(look, in_flight[number], row, by)
        if row.rebase_due and not by_person:
            await _wait_for_the_last(look, in_flight[number], row)
        return None
    refusal = _refusal(row, asked, by, cap=context.settings.rebase_daily_cap)
    if refusal is None and not by_person and (restless := restless_reason(asked, context.clock())):
        refusal = Refusal(restless, passes=True)
    if refusal is None and not by_person:
        _wait_for_turn(look, asked)
    if refusal is None and not even_edited and await _is_edited(look, row, by):
        refusal = Refusal("a person changed the branch, and Renovate would throw those commits away")
    if refusal is None and not by_person and await _has_all_of_its_base(look, row):
        refusal = Refusal(f"the branch has all of `{row.base_branch}` already")
    if refusal is None:
        # A person may ask once more by what was tried; by itself each way is tried once for a head.
        refusal = await _ask(look, row, by, tried=[] if by_person else tried, even_edited=even_edited)
    if refusal is not None:
        await _settle_refused(look, row, refusal)
        if refusal.passes and not by_person:
            raise NotYet(context.clock() + _LATER, refusal.why)
    return refusal


async def _wait_for_the_last(look: Look, request: RebaseRequest, row: PullRequest) -> None:
    """The base has moved on since a request that is under way: another one may be needed once that is settled."""
    if request.base_sha != _base_of(look, row):
        raise NotYet(deadline_of(request, look.context.settings.rebase_timeout), "the last request is under way")
    async with look.context.database.transaction() as session:
        (await session.get_one(PullRequest, row.id)).rebase_due = ""


def _base_of(look: Look, row: PullRequest) -> str:
    """The tip of the base of a pull request, as far as it is known; empty for a base that is not the default branch."""
    return (look.repository.base_sha or "") if row.base_branch == look.repository.default_branch else ""


def _wait_for_turn(look: Look, asked: Asked) -> None:
    settings = look.context.settings
    wait = not_before(asked, look.context.clock(), budget=look.policy.rebase.budget, timeout=settings.rebase_timeout)
    if wait is not None:
        raise NotYet(*wait)


def _refusal(row: PullRequest, asked: Asked, by: RenovateFacts, *, cap: int) -> Refusal | None:
    if row.status != PullRequestStatus.OPEN:
        return Refusal("it is not open any more")
    if not row.by_renovate:
        return Refusal("it is not Renovate's pull request")
    if row.hold_by is not None:
        return Refusal(f"{row.hold_by} holds it", passes=True)
    if by.stop_label in row.labels:
        return Refusal(f"it carries the label `{by.stop_label}`", passes=True)
    if row.stacked:
        return Refusal("it is one of GitHub's stacked pull requests, which GitHub rebases itself")
    if asked.today >= cap:
        return Refusal(f"Renovate was asked {asked.today} times in the last 24 hours already", passes=True)
    return None


async def _has_all_of_its_base(look: Look, row: PullRequest, base: str = "") -> bool:
    """Renovate keeps many branches up to date by itself, and a rebase of such a one is a build for nothing. `base` is a
    commit of the base branch, its tip where none is given."""
    return (await look.gateway.compare(base or row.base_branch, row.head_sha)).behind_by == 0


async def _is_edited(look: Look, row: PullRequest, by: RenovateFacts) -> bool:
    """Whether Renovate would call the branch edited. A bot that opened the pull request commits as itself."""
    debug = read_body(row.body).debug
    if debug is not None and debug.target_branch and debug.target_branch != row.base_branch:
        return True
    commits = await look.gateway.list_commits(row.number)
    emails = by.emails
    if row.author.endswith("[bot]"):
        emails |= {rf"/^\d+\+{re.escape(row.author)}@users\.noreply\./"}
    people = [
        CommitPeople(
            author_email=found.commit.author.email if found.commit.author else "",
            committer_email=found.commit.committer.email if found.commit.committer else "",
        )
        for found in commits
    ]
    host = urlsplit(look.context.settings.github_web_url).hostname or "github.com"
    return is_edited(people, emails, github_host=host)


async def _ask(
    look: Look, row: PullRequest, by: RenovateFacts, *, tried: list[str], even_edited: bool
) -> Refusal | None:
    """By the first way that can be used, on the pull request as it stands now. Only Renovate writes a branch anew:
    GitHub's own rebase would keep the commits of people."""
    never = [Driver.UPDATE_BRANCH] if even_edited else []
    order = ways_left(look.policy.rebase, [*tried, *never])
    facts = await look.gateway.get_pull_request(row.number)
    driver, hurdles = await find_usable(look, row, facts, order)
    if driver is None:
        none_named = "the configuration names no way to ask it"
        all_tried = "every way that the configuration names was tried for this head"
        return Refusal(hurdles or (all_tried if ways_left(look.policy.rebase, never) else none_named))
    await _ask_by(look, row, driver, facts, by, hurdles=hurdles)
    return None


async def _ask_by(
    look: Look, row: PullRequest, driver: Driver, facts: PullRequestFacts, by: RenovateFacts, *, hurdles: str = ""
) -> None:
    """Record the request, then make it: when the write ends in doubt, the row tells the next look what to find out."""
    async with look.context.database.transaction() as session:
        request = RebaseRequest(
            pull_request_id=row.id,
            head_sha=row.head_sha,
            base_sha=_base_of(look, row),
            driver=driver.value,
            note=ASKING,
            requested_at=look.context.clock(),
        )
        session.add(request)
        (await session.get_one(PullRequest, row.id)).rebase_due = ""
    await _make(look, request, row, facts, by, hurdles=hurdles)


async def _ask_again(look: Look, request: RebaseRequest, row: PullRequest, by: RenovateFacts) -> None:
    """Nothing for a request that is under way; one whose write ended in doubt is made, unless it stands already."""
    if request.note != ASKING:
        return
    facts = await look.gateway.get_pull_request(row.number)
    if facts.head.sha != request.head_sha:
        await _note_asked(look, request, row, by)  # Renovate was faster than we
        return
    await _make(look, request, row, facts, by)


async def _make(
    look: Look,
    request: RebaseRequest,
    row: PullRequest,
    facts: PullRequestFacts,
    by: RenovateFacts,
    *,
    hurdles: str = "",
) -> None:
    body = await make(look, request, row, facts, by)
    await _note_asked(look, request, row, by, body=body, hurdles=hurdles)


async def _note_asked(
    look: Look,
    request: RebaseRequest,
    row: PullRequest,
    by: RenovateFacts,
    *,
    body: str | None = None,
    hurdles: str = "",
) -> None:
    """Keep what our write changed: GitHub's delivery of it is ours and is not read."""
    driver = Driver(request.driver)
    why = f" ({hurdles})" if hurdles else ""
    async with look.context.database.transaction() as session:
        (await session.get_one(RebaseRequest, request.id)).note = ""
        kept = await session.get_one(PullRequest, row.id)
        kept.body = body or kept.body
        if driver is Driver.LABEL:
            kept.labels = sorted({*kept.labels, by.rebase_label})
        add_history(
            session, look.repository.id, row.number, at=look.context.clock(), actor="fluxmig",
            kind="rebase", text=f"Asked Renovate to rebase, {WORDS[driver]}{why}.",
        )  # fmt: skip


async def follow_rebases(look: Look) -> datetime | None:
    """Settle the requests under way. Returns when the next one runs out of time."""
    async with look.context.database.transaction() as session:
        in_flight = await list_in_flight(session, look.repository.id)
    if not in_flight:
        return None
    by = await read_renovate_facts(look)
    ends: list[datetime] = []
    for request, row in in_flight:
        try:
            end = await _follow(look, request, row, by)
        except (NotFound, Refused, Forbidden) as fault:
            # A branch that is gone, or that we may not read, must not stop the look at everything else.
            await _settle(look, request, row, state="stale", note=f"GitHub did not show the branch: {fault}")
            continue
        ends += [end] if end is not None else []
    return min(ends, default=None)


async def _follow(look: Look, request: RebaseRequest, row: PullRequest, by: RenovateFacts) -> datetime | None:
    """Settle one request, or say when its time runs out."""
    timeout = look.context.settings.rebase_timeout
    deadline = deadline_of(request, timeout)
    if row.status != PullRequestStatus.OPEN:
        await _settle(look, request, row, state="stale", note=f"the pull request is {row.status}")
    elif request.note != ASKING and await _is_done(look, request, row, by):
        own = request.driver == Driver.UPDATE_BRANCH
        await _settle(look, request, row, state="confirmed", note=f"{'GitHub' if own else 'Renovate'} rebased it")
    elif look.context.clock() < deadline:
        return deadline if request.note != ASKING else await _make_after_all(look, request, row, by)
    elif request.kicked_at is None and (started := await _start_run(look, request, row)):
        return started + timeout
    else:
        return await _try_next_driver(look, request, row, by)
    return None


async def _make_after_all(look: Look, request: RebaseRequest, row: PullRequest, by: RenovateFacts) -> datetime:
    """A request whose write ended in doubt: made now, unless it stands already. Returns when to look at it next."""
    if look.mode is Mode.ACT:
        try:
            await _ask_again(look, request, row, by)
        except RateLimited:
            raise
        except GitHubError as fault:
            log.info("rebase not asked yet", repository=look.repository.id, pull_request=row.number, why=str(fault))
            return look.context.clock() + _AGAIN
    return deadline_of(request, look.context.settings.rebase_timeout)


async def _is_done(look: Look, request: RebaseRequest, row: PullRequest, by: RenovateFacts) -> bool:
    moved, driver = row.head_sha != request.head_sha, Driver(request.driver)
    taken_up = (
        read_body(row.body).rebase_box is RebaseBox.UNTICKED
        if driver is Driver.CHECKBOX
        else driver is Driver.LABEL and by.rebase_label not in row.labels
    )
    if not (moved or taken_up):
        return False
    if not await _has_all_of_its_base(look, row, request.base_sha):
        return False
    return driver is Driver.UPDATE_BRANCH or not await _is_edited(look, row, by)


async def _start_run(look: Look, request: RebaseRequest, row: PullRequest) -> datetime | None:
    """Where Renovate runs by the clock: have it run now, once for a request. Returns when that was."""
    if look.mode is not Mode.ACT or request.driver == Driver.UPDATE_BRANCH:
        return None
    how = await start_run(look, request)
    if how is None:
        return None
    async with look.context.database.transaction() as session:
        kicked = (await session.get_one(RebaseRequest, request.id)).kicked_at
        add_history(
            session, look.repository.id, row.number, at=look.context.clock(), actor="fluxmig",
            kind="rebase", text=f"Renovate has not taken up the request; {how}.",
        )  # fmt: skip
    return kicked


async def _try_next_driver(look: Look, request: RebaseRequest, row: PullRequest, by: RenovateFacts) -> datetime | None:
    """Renovate did not react in time: the next way is tried, and after the last one a person is told. Returns when to
    look at it next."""
    if look.mode is not Mode.ACT:
        await _settle(look, request, row, state="stale", note=not_in_this_mode(look.mode))
        return None
    async with look.context.database.transaction() as session:
        tried = await list_tried(session, row.id, request.head_sha)
    order = ways_left(look.policy.rebase, tried)
    is_same = row.head_sha == request.head_sha
    if order and is_same and not await _is_edited(look, row, by):
        facts = await look.gateway.get_pull_request(row.number)
        driver, _ = await find_usable(look, row, facts, order)
        if driver is not None:
            note = f"no rebase after it was asked {WORDS[Driver(request.driver)]}; the next way is tried"
            await _settle(look, request, row, state="stale", note=note)
            return await _ask_next(look, row, driver, facts, by)
    note = "Renovate did not react; is it running? A person has to look"
    await _settle(look, request, row, state="stale", note=note, silent=True)
    log.warning("renovate did not react", repository=look.repository.id, pull_request=row.number)
    async with look.context.database.transaction() as session:
        said = renovate_silent_notice(number=row.number)
        notice = Notice(NoticeKind.RENOVATE, f"{NoticeKind.RENOVATE}:{request.id}", row.number, said)
        await tell(look.context, session, look.repository.id, [notice])
    return None


async def _ask_next(
    look: Look, row: PullRequest, driver: Driver, facts: PullRequestFacts, by: RenovateFacts
) -> datetime:
    """Returns when to look at it next. A write that fails here has no action that repeats it: the next look finds the
    request and makes it."""
    try:
        await _ask_by(look, row, driver, facts, by)
    except RateLimited:
        raise
    except GitHubError as fault:
        log.info("rebase not asked yet", repository=look.repository.id, pull_request=row.number, why=str(fault))
        return look.context.clock() + _AGAIN
    return look.context.clock() + look.context.settings.rebase_timeout


async def _settle_refused(look: Look, row: PullRequest, refusal: Refusal) -> None:
    """Kept once for a reason that lasts from one try to the next."""
    at = look.context.clock()
    async with look.context.database.transaction() as session:
        if not refusal.passes:
            (await session.get_one(PullRequest, row.id)).rebase_due = ""
        last = await get_last(session, row.id)
        if refusal.passes and last is not None and (last.state, last.note) == ("refused", refusal.why):
            return
        session.add(
            RebaseRequest(
                pull_request_id=row.id,
                head_sha=row.head_sha,
                driver="",
                state="refused",
                note=refusal.why,
                requested_at=at,
                settled_at=at,
                settled_sha=row.head_sha,
            )
        )
        add_history(
            session, look.repository.id, row.number,
            at=at, actor="fluxmig", kind="rebase-refused", text=f"Did not ask Renovate to rebase: {refusal.why}.",
        )  # fmt: skip


async def _settle(
    look: Look, request: RebaseRequest, row: PullRequest, *, state: str, note: str, silent: bool = False
) -> None:
    at = look.context.clock()
    async with look.context.database.transaction() as session:
        kept = await session.get_one(RebaseRequest, request.id)
        kept.state, kept.note, kept.settled_at, kept.settled_sha = state, note, at, row.head_sha
        kept.silent = silent
        add_history(
            session, look.repository.id, row.number, at=at, actor="Renovate" if state == "confirmed" else "fluxmig",
            kind=f"rebase-{state}", text=f"{note[0].upper()}{note[1:]}.",
        )  # fmt: skip


async def _row(session: AsyncSession, look: Look, number: int) -> PullRequest:
    row = await get_pull_request(session, look.repository.id, number)
    if row is None:
        raise LookupError(f"#{number} is not known")
    return row
