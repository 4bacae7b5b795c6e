"""The inbox of GitHub's webhooks."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.services.admin import replay
from app.services.queries.deliveries import list_deliveries as list_items
from app.web.api import schemas
from app.web.api.convert import delivery_out
from app.web.api.cursors import REFUSED_CURSOR, Cursor, Limit, Page, read_cursor, write_cursor
from app.web.dependencies import Context, Session
from app.web.problems import ProblemDetail, problems

router = APIRouter(prefix="/deliveries", tags=["deliveries"])


class DeliveryState(StrEnum):
    RECEIVED = "received"
    DONE = "done"
    IGNORED = "ignored"
    FAILED = "failed"


StateFilter = Annotated[DeliveryState | None, Query(description="only those in this state", examples=["failed"])]
Guid = Annotated[
    str,
    Path(
        pattern=r"^[A-Za-z0-9-]{1,100}$",
        description="GitHub's X-GitHub-Delivery",
        examples=["72d3162e-cc78-11e3-81ab-4c9367dc0958"],
    ),
]


@router.get(
    "",
    summary="List deliveries",
    description="The webhooks that GitHub delivered, newest first, with what became of each. Bodies are not shown.",
    responses=problems(400),
)
async def list_deliveries(
    session: Session, state: StateFilter = None, limit: Limit = 50, cursor: Cursor = None
) -> Page[schemas.DeliveryOut]:
    found = await list_items(session, state=state, before=_before(cursor), limit=limit + 1)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return Page(
        items=[delivery_out(delivery) for delivery in shown],
        next=write_cursor(last.received_at.isoformat(), last.position) if last else None,
    )


@router.post(
    "/{guid}/replay",
    status_code=202,
    summary="Replay a delivery",
    description="Puts a delivery back into the inbox, to be read as if it came now. Replaying twice does no harm.",
    responses=problems(404),
)
async def replay_delivery(context: Context, guid: Guid) -> schemas.DeliveryOut:
    delivery = await replay(context, guid)
    if delivery is None:
        raise ProblemDetail(404, f"There is no delivery {guid}. fluxmig keeps what GitHub sent, under GitHub's own id.")
    return delivery_out(delivery)


def _before(cursor: str | None) -> tuple[datetime, int] | None:
    parts = read_cursor(cursor, str, int)
    if parts is None:
        return None
    try:
        at, position = datetime.fromisoformat(str(parts[0])), int(parts[1])
    except ValueError:
        raise ProblemDetail(400, REFUSED_CURSOR) from None
    if at.tzinfo is None or not 0 <= position < 2**63:
        raise ProblemDetail(400, REFUSED_CURSOR)
    return at, position
