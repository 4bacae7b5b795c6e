"""Incidents of a repository: what fails in its clusters, since when, and which merge is to blame."""

from fastapi import APIRouter

from app.services.queries.incidents import list_newest
from app.web.api import schemas
from app.web.api.convert import incident_out
from app.web.api.cursors import Cursor, Limit, Page, read_number_cursor, write_cursor
from app.web.api.found import Found
from app.web.dependencies import Session
from app.web.problems import problems

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
