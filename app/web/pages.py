"""The pages of what is known; who can reach the address can see them (it is 127.0.0.1 unless you change it)."""

from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from app.domain.doctor import Health
from app.domain.served_versions import BadTarget
from app.services.doctor import get_diagnosis
from app.services.outlook import look_ahead_for
from app.services.queries.items import HistoryItem
from app.services.queries.milestones import list_milestones
from app.services.queries.overview import get_overview
from app.services.queries.pull_requests import explain_pull_request
from app.services.queries.repositories import list_repositories, summarize_repositories
from app.services.rollback import with_rollback
from app.web.api.found import PullNumber
from app.web.dependencies import Context, Session
from app.web.explain import explanation_view
from app.web.framing import PageMissing, find_repository, links_of, page
from app.web.graph_view import graph_of
from app.web.milestone_view import milestone_card
from app.web.rendering import day, prose
from app.web.views import ActivityDay, card_of, view_of
from app.web.words import BADGES, STEP_BADGES

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

PAGE_SIZE = 50


@router.get("/")
async def home(
    request: Request, context: Context, session: Session, after: Annotated[int, Query(ge=0, lt=2**63)] = 0
) -> HTMLResponse:
    found = await list_repositories(session, after=after, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    cards = [
        card_of(summary, links_of(context, summary.repository))
        for summary in await summarize_repositories(session, shown)
    ]
    return page(
        "home.html",
        context,
        request,
        cards=cards,
        first_page=after == 0,
        next_page=f"/?after={shown[-1].id}" if len(found) > PAGE_SIZE else None,
        public_url=context.settings.public_url,
        prose=prose(lambda _: "", ()),
    )


@router.get("/r/{owner}/{name}")
async def repository_page(request: Request, context: Context, session: Session, owner: str, name: str) -> HTMLResponse:
    repository = await find_repository(session, owner, name)
    links = links_of(context, repository)
    overview = await get_overview(session, repository, now=context.clock(), poll=context.settings.kubernetes_poll)
    view = view_of(overview, links)
    known = {pull.number for pull in overview.pull_requests}
    known |= {entry.number for entry in overview.history if entry.number is not None}
    known |= {one.number for incident in overview.incidents for one in incident.candidates}
    return page(
        "repository.html",
        context,
        request,
        repository=repository,
        overview=overview,
        view=view,
        badges=BADGES,
        milestones=[
            milestone_card(one, links.milestone(one.number)) for one in await list_milestones(session, repository.id)
        ],
        activity=_by_day(overview.history),
        graph=graph_of(overview, links),
        links=links,
        prose=prose(links.explain, known),
    )


@router.get("/r/{owner}/{name}/doctor")
async def doctor_page(request: Request, context: Context, owner: str, name: str) -> HTMLResponse:
    async with context.database.transaction() as session:  # of its own: none is held while GitHub is asked
        repository = await find_repository(session, owner, name)
    diagnosis = await get_diagnosis(context, repository.id)
    by_health = {health: [found for found in diagnosis.findings if found.health is health] for health in Health}
    links = links_of(context, repository)
    return page(
        "doctor.html",
        context,
        request,
        repository=repository,
        links=links,
        diagnosis=diagnosis,
        problems=by_health[Health.PROBLEM],
        unknown=by_health[Health.UNKNOWN],
        fine=by_health[Health.OK],
        prose=prose(links.explain, ()),
    )


@router.get("/r/{owner}/{name}/upgrade")
async def upgrade_page(
    request: Request,
    context: Context,
    owner: str,
    name: str,
    to: Annotated[str, Query(max_length=120)] = "",
) -> HTMLResponse:
    async with context.database.transaction() as session:
        repository = await find_repository(session, owner, name)
    outlook, fault = None, ""
    if to.strip():
        try:
            outlook = await look_ahead_for(context, repository.id, to)
        except BadTarget as bad:
            fault = str(bad)
    links = links_of(context, repository)
    steps = [step for cluster in (outlook.clusters if outlook else ()) for hop in cluster.hops for step in hop.steps]
    known = {number for step in steps for number in step.pull_requests}
    return page(
        "upgrade.html",
        context,
        request,
        repository=repository,
        links=links,
        to=to,
        outlook=outlook,
        fault=fault,
        badges=STEP_BADGES,
        prose=prose(links.explain, known),
    )


@router.get("/r/{owner}/{name}/pull/{number}")
async def pull_request_page(
    request: Request, context: Context, session: Session, owner: str, name: str, number: PullNumber
) -> HTMLResponse:
    repository = await find_repository(session, owner, name)
    links = links_of(context, repository)
    explanation = await explain_pull_request(session, repository, number)
    if explanation is None:
        raise PageMissing(f"fluxmig has not seen pull request #{number} of {repository.full_name}.")
    explanation = await with_rollback(context, session, explanation)
    known = {number, *explanation.provided_by_neighbours}
    known |= {
        found.pull_request.number
        for found in (*explanation.waits_for, *explanation.waited_for_by)
        if found.pull_request is not None
    }
    if explanation.rollback is not None:
        known |= {one.number for one in explanation.rollback.reverts}
        known |= {other for one in explanation.rollback.refusals for other in (one.number, *one.instead)}
    return page(
        "pull_request.html",
        context,
        request,
        repository=repository,
        pull=explanation.pull_request,
        explanation=explanation,
        view=explanation_view(explanation, links),
        activity=_by_day(explanation.history),
        links=links,
        prose=prose(links.explain, known),
    )


def _by_day(history: tuple[HistoryItem, ...]) -> list[ActivityDay]:
    return [ActivityDay(date, tuple(entries)) for date, entries in groupby(history, lambda entry: day(entry.at))]
