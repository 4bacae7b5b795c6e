"""Flux's door: notification-controller posts the events of a cluster here (Provider `generic-hmac`)."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse

from app.services.clusters import (
    UnknownCluster,
    UnreadableEvent,
    read_flux_event,
    take_in_flux_event,
    verify_flux_signature,
)
from app.services.context import AppContext
from app.web.bodies import BodyTooLarge, read_body

router = APIRouter(tags=["webhooks"])
LIMIT = 1_000_000
"""Flux cuts messages at 39,000 characters, so an event is far smaller."""


@router.post(
    "/webhooks/flux/{cluster}",
    status_code=202,
    summary="Take in an event of a Flux cluster",
    responses={
        202: {"description": "Stored, or known already"},
        400: {"description": "The body is no event of Flux; nothing is stored"},
        401: {"description": "The signature does not fit; nothing is stored"},
        404: {"description": "No such cluster is registered; nothing is stored"},
        413: {"description": "The body is larger than Flux sends; nothing is stored"},
    },
)
async def receive_flux_event(
    request: Request, cluster: str, x_signature: Annotated[str, Header()] = ""
) -> JSONResponse:
    """Signed with the cluster's token, so that no cluster can speak for another one."""
    context: AppContext = request.app.state.context
    try:
        body = await read_body(request, LIMIT)
    except BodyTooLarge:
        return JSONResponse({"message": f"The body is larger than {LIMIT} bytes."}, status_code=413)
    if not verify_flux_signature(context.settings, cluster, body, x_signature):
        message = "X-Signature does not fit the body and this cluster's token. Is the Provider of type generic-hmac?"
        return JSONResponse({"message": message}, status_code=401)
    try:
        event = read_flux_event(body)
    except UnreadableEvent as fault:
        return JSONResponse({"message": f"The body is no event of Flux: {fault}"}, status_code=400)
    try:
        is_new = await take_in_flux_event(context, cluster, event)
    except UnknownCluster:
        message = "This cluster is not registered: PUT /api/v1/repositories/{owner}/{name}/clusters/{cluster}"
        return JSONResponse({"message": message}, status_code=404)
    return JSONResponse({"message": "stored" if is_new else "known already"}, status_code=202)
