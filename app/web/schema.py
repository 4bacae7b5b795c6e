"""The JSON Schema of `.github/fluxmig.yaml`, for editors: its address goes into the first line of the file."""

import hashlib
from functools import lru_cache

from fastapi import APIRouter, Request, Response

from app.domain.modeline import SCHEMA_PATH
from app.domain.policy_form import policy_schema_text

router = APIRouter(include_in_schema=False)

_HEADERS = {
    # Editors in a browser fetch it from pages of their own; there is nothing secret in it.
    "access-control-allow-origin": "*",
    "cache-control": "public, max-age=3600",
}


@lru_cache(maxsize=1)
def _schema() -> tuple[str, str]:
    text = policy_schema_text()
    return text, f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


@router.get(SCHEMA_PATH)
async def get_schema(request: Request) -> Response:
    text, etag = _schema()
    headers = _HEADERS | {"etag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="application/schema+json", headers=headers)
