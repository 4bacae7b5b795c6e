"""The pages. They only read; who can reach the address can see them (it is 127.0.0.1 unless you change it)."""

from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, PlainTextResponse

from app import __version__
from app.domain.doctor import Health
from app.domain.render_milestone import milestone_to_markdown
from app.domain.served_versions import BadTarget
from app.services.context import AppContext
from app.services.doctor import get_diagnosis
from app.services.outlook import look_ahead_for
from app.services.queries.items import HistoryItem, RepositoryItem
from app.services.queries.milestones import get_milestone, list_milestones
from app.services.queries.overview import get_overview
from app.services.queries.pull_requests import explain_pull_request
from app.services.queries.repositories import get_repository, list_repositories, summarize_repositories
from app.services.rollback import with_rollback
from app.web.api.found import PullNumber
from app.web.dependencies import Context, Session
from app.web.explain import explanation_view
from app.web.graph_view import graph_of
from app.web.links import RepositoryLinks
from app.web.milestone_view import milestone_card, milestone_view
from app.web.rendering import day, prose, render
from app.web.views import ActivityDay, card_of, view_of
from app.web.words import BADGES, STEP_BADGES

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

PAGE_SIZE = 50


class PageMissing(Exception):
    """There is no such page; the text says why, to the person who followed the link."""


@router.get("/")
async def home(
    request: Request, context: Context, session: Session, after: Annotated[int, Query(ge=0, lt=2**63)] = 0
) -> HTMLResponse:
    found = await list_repositories(session, after=after, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    cards = [
        card_of(summary, _links(context, summary.repository))
        for summary in await summarize_repositories(session, shown)
    ]
    return _page(
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
    repository = await _find(session, owner, name)
    links = _links(context, repository)
    overview = await get_overview(session, repository, now=context.clock(), poll=context.settings.kubernetes_poll)
    view = view_of(overview, links)
    known = {pull.number for pull in overview.pull_requests}
    known |= {entry.number for entry in overview.history if entry.number is not None}
    known |= {one.number for incident in overview.incidents for one in incident.candidates}
    return _page(
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
        repository = await _find(session, owner, name)
    diagnosis = await get_diagnosis(context, repository.id)
    by_health = {health: [found for found in diagnosis.findings if found.health is health] for health in Health}
    links = _links(context, repository)
    return _page(
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
        repository = await _find(session, owner, name)
    outlook, fault = None, ""
    if to.strip():
        try:
            outlook = await look_ahead_for(context, repository.id, to)
        except BadTarget as bad:
            fault = str(bad)
    links = _links(context, repository)
    steps = [step for cluster in (outlook.clusters if outlook else ()) for hop in cluster.hops for step in hop.steps]
    known = {number for step in steps for number in step.pull_requests}
    return _page(
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


@router.get("/r/{owner}/{name}/milestones/{number}.md", response_class=PlainTextResponse)
async def milestone_text(
    context: Context, session: Session, owner: str, name: str, number: PullNumber
) -> PlainTextResponse:
    """What its issue says, to keep it as a file."""
    repository = await _find(session, owner, name)
    item = await get_milestone(session, repository.id, number)
    if item is None:
        raise PageMissing(f"{repository.full_name} has no milestone {number}.")
    page = f"{context.settings.public_url}{_links(context, repository).milestone(number)}"
    return PlainTextResponse(milestone_to_markdown(item.title, item.now, page=page), media_type="text/markdown")


@router.get("/r/{owner}/{name}/milestones/{number}")
async def milestone_page(
    request: Request, context: Context, session: Session, owner: str, name: str, number: PullNumber
) -> HTMLResponse:
    repository = await _find(session, owner, name)
    links = _links(context, repository)
    item = await get_milestone(session, repository.id, number)
    if item is None:
        raise PageMissing(f"{repository.full_name} has no milestone {number}.")
    known = {member.number for phase in item.now.phases for member in phase.members}
    return _page(
        "milestone.html",
        context,
        request,
        repository=repository,
        links=links,
        item=item,
        view=milestone_view(item),
        prose=prose(links.explain, known),
    )


@router.get("/r/{owner}/{name}/pull/{number}")
async def pull_request_page(
    request: Request, context: Context, session: Session, owner: str, name: str, number: PullNumber
) -> HTMLResponse:
    repository = await _find(session, owner, name)
    links = _links(context, repository)
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
        known |= {other for one in explanation.rollback.refusals for other in one.instead}
    return _page(
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


async def _find(session: Session, owner: str, name: str) -> RepositoryItem:
    repository = None if "\0" in owner + name else await get_repository(session, owner, name)
    if repository is None:
        raise PageMissing(f"fluxmig has not seen the repository {owner}/{name}. Is the App installed on it?")
    return repository


def _links(context: AppContext, repository: RepositoryItem) -> RepositoryLinks:
    return RepositoryLinks(context.settings, repository.owner, repository.name)


def _page(template: str, context: AppContext, request: Request, **values: Any) -> HTMLResponse:
    return HTMLResponse(render(template, {**frame(context, request), **values}))


def frame(context: AppContext, request: Request) -> dict[str, Any]:
    """What every page needs around its own content."""
    paused = request.query_params.get("refresh") == "off"
    return {
        "banner": context.banner,
        "refresh": context.refresh_seconds,
        "paused": paused,
        "path": request.url.path,
        "now": context.clock(),
        "version": __version__,
    }


def _by_day(history: tuple[HistoryItem, ...]) -> list[ActivityDay]:
    return [ActivityDay(date, tuple(entries)) for date, entries in groupby(history, lambda entry: day(entry.at))]
