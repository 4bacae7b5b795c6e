"""Probes: `/livez` says that the process answers, `/readyz` and `/healthz` that it can do its work."""

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from app.services.readiness import find_fault
from app.web.dependencies import Context

router = APIRouter(include_in_schema=False)


@router.get("/livez", response_class=PlainTextResponse)
async def livez() -> str:
    return "alive\n"


@router.get("/readyz")
@router.get("/healthz")
async def readyz(context: Context) -> Response:
    fault = await find_fault(context.database)
    if fault is None:
        return PlainTextResponse("ready\n")
    return PlainTextResponse(f"not ready: {fault}\n", status_code=503, headers={"Retry-After": "5"})
