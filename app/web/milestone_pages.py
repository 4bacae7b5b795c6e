"""The pages of a milestone: to read one, to make one and to end one."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse

from app.domain.messages import milestone as messages
from app.domain.render_milestone import milestone_to_markdown
from app.domain.served_versions import BadTarget
from app.services.context import AppContext
from app.services.milestones import (
    LONGEST_GOAL,
    LONGEST_TITLE,
    NothingOpen,
    Wish,
    close_milestone,
    create_milestone,
)
from app.services.queries.items import RepositoryItem
from app.services.queries.milestones import MilestoneItem, get_milestone
from app.web.api.found import PullNumber
from app.web.dependencies import Context, Session
from app.web.forms import read_form
from app.web.framing import PageMissing, find_repository, links_of, page
from app.web.milestone_view import milestone_view
from app.web.rendering import prose
from app.web.security import AN_ADMIN, NOT_ADMIN, is_admin

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person typed, to be shown again beside what is wrong with it. The token is never among it."""

    goal: str = ""
    title: str = ""
    issue: bool = False


@router.get("/r/{owner}/{name}/milestones/new")
async def new_milestone_page(
    request: Request,
    context: Context,
    session: Session,
    owner: str,
    name: str,
    goal: Annotated[str, Query(max_length=LONGEST_GOAL)] = "",
) -> HTMLResponse:
    repository = await find_repository(session, owner, name)
    return _ask(request, context, repository, Asked(goal))


@router.post("/r/{owner}/{name}/milestones/new")
async def make_milestone(request: Request, context: Context, owner: str, name: str) -> Response:
    async with context.database.transaction() as session:
        repository = await find_repository(session, owner, name)
    form = await read_form(request)
    asked = Asked(form.get("goal", ""), form.get("title", ""), "issue" in form)
    if faults := _faults(context, asked, form.get("token", "").strip()):
        return _ask(request, context, repository, asked, status=403 if "token" in faults else 422, **faults)
    try:
        wish = Wish(asked.goal, asked.title, asked.issue, by=AN_ADMIN)
        number = await create_milestone(context, repository.id, wish)
    except BadTarget as bad:
        return _ask(request, context, repository, asked, status=422, goal=str(bad))
    except NothingOpen:
        return _ask(request, context, repository, asked, status=409, form=messages.nothing_open(repository.full_name))
    return RedirectResponse(links_of(context, repository).milestone(number), 303)


def _faults(context: AppContext, asked: Asked, token: str) -> dict[str, str]:
    found = {}
    if len(asked.goal) > LONGEST_GOAL:
        found["goal"] = messages.too_long(LONGEST_GOAL)
    if len(asked.title) > LONGEST_TITLE:
        found["title"] = messages.too_long(LONGEST_TITLE)
    if not is_admin(context, token):
        found["token"] = NOT_ADMIN
    return found


def _ask(
    request: Request, context: AppContext, repository: RepositoryItem, asked: Asked, *, status: int = 200, **faults: str
) -> HTMLResponse:
    """The form, with what is wrong beside its fields."""
    return page(
        "milestone_new.html",
        context,
        request,
        status=status,
        refresh=None,  # what is being typed must not go away
        repository=repository,
        links=links_of(context, repository),
        asked=asked,
        faults=faults,
        limits={"goal": LONGEST_GOAL, "title": LONGEST_TITLE},
    )


@router.get("/r/{owner}/{name}/milestones/{number}.md", response_class=PlainTextResponse)
async def milestone_text(
    context: Context, session: Session, owner: str, name: str, number: PullNumber
) -> PlainTextResponse:
    """What its issue says, to keep it as a file."""
    repository = await find_repository(session, owner, name)
    item = await _find(session, repository, number)
    address = f"{context.settings.public_url}{links_of(context, repository).milestone(number)}"
    return PlainTextResponse(milestone_to_markdown(item.title, item.now, page=address), media_type="text/markdown")


@router.get("/r/{owner}/{name}/milestones/{number}")
async def milestone_page(
    request: Request, context: Context, session: Session, owner: str, name: str, number: PullNumber
) -> HTMLResponse:
    repository = await find_repository(session, owner, name)
    links = links_of(context, repository)
    item = await _find(session, repository, number)
    known = {member.number for phase in item.now.phases for member in phase.members}
    return page(
        "milestone.html",
        context,
        request,
        repository=repository,
        links=links,
        item=item,
        view=milestone_view(item),
        prose=prose(links.explain, known),
    )


@router.get("/r/{owner}/{name}/milestones/{number}/close")
async def close_milestone_page(
    request: Request, context: Context, session: Session, owner: str, name: str, number: PullNumber
) -> HTMLResponse:
    repository = await find_repository(session, owner, name)
    return _ask_to_close(request, context, repository, await _find(session, repository, number))


@router.post("/r/{owner}/{name}/milestones/{number}/close")
async def end_milestone(request: Request, context: Context, owner: str, name: str, number: PullNumber) -> Response:
    async with context.database.transaction() as session:
        repository = await find_repository(session, owner, name)
        item = await _find(session, repository, number)
    form = await read_form(request)
    if not is_admin(context, form.get("token", "").strip()):
        return _ask_to_close(request, context, repository, item, status=403, token=NOT_ADMIN)
    await close_milestone(context, repository.id, number, by=AN_ADMIN)
    return RedirectResponse(links_of(context, repository).milestone(number), 303)


def _ask_to_close(
    request: Request,
    context: AppContext,
    repository: RepositoryItem,
    item: MilestoneItem,
    *,
    status: int = 200,
    **faults: str,
) -> HTMLResponse:
    links = links_of(context, repository)
    return page(
        "milestone_close.html",
        context,
        request,
        status=status,
        refresh=None,
        repository=repository,
        links=links,
        item=item,
        faults=faults,
    )


async def _find(session: Session, repository: RepositoryItem, number: int) -> MilestoneItem:
    item = await get_milestone(session, repository.id, number)
    if item is None:
        raise PageMissing(f"{repository.full_name} has no milestone {number}.")
    return item
