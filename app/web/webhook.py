"""GitHub's door. The one hot path: raw body, size, signature, one statement, 202. No call to GitHub, no full model."""

import re
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import JSONResponse

from app.github.webhooks import UnreadablePayload, read_envelope, verify_signature
from app.services.context import AppContext
from app.services.intake import take_in
from app.web.bodies import BodyTooLarge, read_body

router = APIRouter(tags=["webhooks"])
_GUID = re.compile(r"^[0-9A-Za-z-]{8,64}$")


def _refuse(status: int, message: str) -> JSONResponse:
    return JSONResponse({"message": message}, status_code=status)


@router.post(
    "/webhooks/github",
    status_code=202,
    summary="Take in a delivery of GitHub",
    responses={
        202: {"description": "Stored, or known already"},
        400: {"description": "The headers or the body are not those of a delivery; nothing is stored"},
        401: {"description": "The signature does not fit; nothing is stored"},
        413: {"description": "The body is larger than GitHub sends; nothing is stored"},
    },
)
async def receive_delivery(
    request: Request,
    x_github_event: Annotated[str, Header()] = "",
    x_github_delivery: Annotated[str, Header()] = "",
    x_hub_signature_256: Annotated[str, Header()] = "",
) -> JSONResponse:
    """The delivery is stored once by its GUID before the answer goes out, and worked on afterwards."""
    context: AppContext = request.app.state.context
    limit = context.settings.max_payload_bytes
    try:
        body = await read_body(request, limit)
    except BodyTooLarge:
        return _refuse(413, f"The body is larger than {limit} bytes.")
    if not x_hub_signature_256:
        return _refuse(401, "X-Hub-Signature-256 is missing. Set the same webhook secret at GitHub and here.")
    if not verify_signature(context.settings.github_webhook_secret.get_secret_value(), body, x_hub_signature_256):
        return _refuse(401, "The signature does not fit the body. Is the webhook secret the same at GitHub and here?")
    if not x_github_event or not _GUID.match(x_github_delivery):
        return _refuse(400, "X-GitHub-Event or X-GitHub-Delivery is missing or malformed.")
    try:
        envelope = read_envelope(body)
    except UnreadablePayload as fault:
        return _refuse(
            400, f"The body is not JSON of a delivery ({fault}). The webhook's content type must be application/json."
        )
    is_new = await take_in(context, guid=x_github_delivery, event=x_github_event, envelope=envelope, body=body)
    return JSONResponse({"message": "stored" if is_new else "known already"}, status_code=202)
