"""Pull requests of a repository, and one of them explained."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.domain.model import State
from app.services.queries.pull_requests import explain_pull_request as explain
from app.services.queries.pull_requests import list_pull_requests as list_items
from app.services.rollback import with_rollback
from app.web.api import schemas
from app.web.api.convert import explanation_out, pull_request_out
from app.web.api.cursors import Cursor, Limit, Page, read_number_cursor, write_cursor
from app.web.api.found import Found, PullNumber
from app.web.dependencies import Context, Session
from app.web.links import RepositoryLinks
from app.web.problems import ProblemDetail, problems

router = APIRouter(tags=["pull requests"])

StateFilter = Annotated[
    State | None, Query(description="only those in this state; without it, all open ones", examples=["blocked"])
]


@router.get(
    "/repositories/{owner}/{name}/pulls",
    summary="List pull requests",
    description="The open pull requests of a repository by number, or those in one state, with verdict and reason.",
    responses=problems(400, 404),
)
async def list_pull_requests(
    context: Context,
    session: Session,
    repository: Found,
    state: StateFilter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[schemas.PullRequestOut]:
    after = min(read_number_cursor(cursor), 2**31 - 1)
    found = await list_items(session, repository.id, state=state, after=after, limit=limit + 1)
    links = RepositoryLinks(context.settings, repository.owner, repository.name)
    shown = found[:limit]
    return Page(
        items=[pull_request_out(pull, links) for pull in shown],
        next=write_cursor(shown[-1].number) if len(found) > limit else None,
    )


@router.get(
    "/repositories/{owner}/{name}/pulls/{number}",
    summary="Explain a pull request",
    description=(
        "The verdict on a pull request and all that it rests on: classification, what it requires and provides, the "
        "edges in both directions with their evidence, its history, rebase requests, earlier verdicts and commands; of "
        "a merged one what it broke, and how it is taken back."
    ),
    responses=problems(404),
)
async def explain_pull_request(
    context: Context, session: Session, repository: Found, number: PullNumber
) -> schemas.ExplanationOut:
    explanation = await explain(session, repository, number)
    if explanation is None:
        raise ProblemDetail(404, f"fluxmig has not seen pull request #{number} of {repository.full_name}.")
    explanation = await with_rollback(context, session, explanation)
    return explanation_out(explanation, RepositoryLinks(context.settings, repository.owner, repository.name))
