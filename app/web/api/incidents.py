"""Incidents of a repository: what fails in its clusters, since when, and which merge is to blame."""

from typing import Annotated

from fastapi import APIRouter, Path

from app.services.incidents import end_incident
from app.services.queries.incidents import list_newest
from app.web.api import schemas
from app.web.api.convert import incident_out
from app.web.api.cursors import Cursor, Limit, Page, read_number_cursor, write_cursor
from app.web.api.found import Found, Name, Owner, find_repository
from app.web.dependencies import Context, Session
from app.web.problems import ProblemDetail, problems
from app.web.security import AN_ADMIN

router = APIRouter(tags=["repositories"])


@router.get(
    "/repositories/{owner}/{name}/incidents",
    summary="List incidents",
    description=(
        "What fails or failed in the clusters of a repository, newest first: the object, Flux's own words, the merge "
        "that broke it with the signs for it, and how it ended."
    ),
    responses=problems(400, 404),
)
async def list_incidents(
    session: Session, repository: Found, limit: Limit = 50, cursor: Cursor = None
) -> Page[schemas.IncidentOut]:
    before = read_number_cursor(cursor) if cursor is not None else None
    found = await list_newest(session, repository.id, before=before, limit=limit + 1)
    shown = found[:limit]
    return Page(
        items=[incident_out(one) for one in shown], next=write_cursor(shown[-1].id) if len(found) > limit else None
    )


@router.post(
    "/repositories/{owner}/{name}/incidents/{incident}/close",
    status_code=204,
    summary="End an incident",
    description=(
        "A person has looked: it is over, whether or not a pull request is named. What still fails opens a new one "
        "with the next word of the cluster. One that has ended stays as it ended. The audit log keeps it."
    ),
    responses=problems(404),
)
async def close_incident(
    context: Context,
    owner: Owner,
    name: Name,
    incident: Annotated[int, Path(ge=1, lt=2**63, description="id of the incident", examples=[7])],
) -> None:
    async with context.database.transaction() as session:
        repository = await find_repository(session, owner, name)
    if not await end_incident(context, repository.id, incident, by=AN_ADMIN):
        raise ProblemDetail(404, f"{repository.full_name} has no incident {incident}.")
