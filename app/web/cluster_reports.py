"""The door for a cluster that reports itself, by the CronJob of `deploy/kubernetes/report/` or by hand."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.services.cluster_reports import UnreadableReport, read_reports, take_in_report
from app.services.clusters import UnknownCluster, flux_token
from app.web.api.clusters import ClusterName
from app.web.bodies import BodyTooLarge, read_body
from app.web.dependencies import Context

router = APIRouter(prefix="/api/v1/clusters", tags=["clusters"])
LIMIT = 4_000_000
"""A FluxReport is some kilobytes; `managedFields` may make an object larger."""

_bearer = HTTPBearer(auto_error=False, description="the cluster's token, or the admin token")


@router.post(
    "/{cluster}/report",
    status_code=202,
    summary="Take in the report of a cluster",
    responses={
        202: {"description": "Stored, nothing new, or older than what is known: `message` says which"},
        400: {"description": "The body is no FluxReport, FluxInstance or List of them; nothing is stored"},
        401: {"description": "Neither this cluster's token nor the admin token; nothing is stored"},
        404: {"description": "No such cluster is registered; nothing is stored"},
        413: {"description": "The body is too large; nothing is stored"},
    },
)
async def receive_report(
    request: Request,
    context: Context,
    cluster: ClusterName,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> JSONResponse:
    """Takes a `FluxReport` or a `FluxInstance` of `fluxcd.controlplane.io/v1`, or a `List` of both, as `kubectl get
    --output=json` writes it. The bearer token is that of the cluster, which registering it shows."""
    given = (credentials.credentials if credentials else "").encode("utf-8", "surrogateescape")
    own = hmac.compare_digest(given, flux_token(context.settings, cluster).encode())
    admins = hmac.compare_digest(given, context.settings.admin_token.get_secret_value().encode())
    if not (own or admins):
        message = "Send this cluster's token as `Authorization: Bearer …`; registering the cluster shows it."
        headers = {"WWW-Authenticate": 'Bearer realm="fluxmig"'}
        return JSONResponse({"message": message}, status_code=401, headers=headers)
    try:
        body = await read_body(request, LIMIT)
    except BodyTooLarge:
        return JSONResponse({"message": f"The body is larger than {LIMIT} bytes."}, status_code=413)
    try:
        instance, report = read_reports(body)
    except UnreadableReport as fault:
        return JSONResponse({"message": f"The body is no report of Flux Operator: {fault}"}, status_code=400)
    try:
        taken = await take_in_report(context, cluster, instance, report)
    except UnknownCluster:
        message = "This cluster is not registered: PUT /api/v1/repositories/{owner}/{name}/clusters/{cluster}"
        return JSONResponse({"message": message}, status_code=404)
    return JSONResponse({"message": taken.value}, status_code=202)
