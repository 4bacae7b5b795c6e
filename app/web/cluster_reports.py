"""The door for a cluster that reports itself, by the CronJob of `deploy/kubernetes/report/` or by hand."""

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.services.cluster_reports import UnreadableReport, read_reports, take_in_report
from app.services.clusters import UnknownCluster, flux_token
from app.web.api import schemas
from app.web.api.clusters import ClusterName
from app.web.bodies import BodyTooLarge, read_body
from app.web.dependencies import Context
from app.web.problems import ProblemDetail, problems
from app.web.security import is_admin

router = APIRouter(prefix="/api/v1/clusters", tags=["clusters"])
LIMIT = 4_000_000
"""A FluxReport is some kilobytes; `managedFields` may make an object larger."""

_bearer = HTTPBearer(auto_error=False, description="the cluster's token, or the admin token")


@router.post(
    "/{cluster}/report",
    status_code=202,
    summary="Take in the report of a cluster",
    description=(
        "Takes a `FluxReport` or a `FluxInstance` of `fluxcd.controlplane.io/v1`, or a `List` of both, as `kubectl get "
        "--output=json` writes it. The bearer token is that of the cluster, which registering it shows, or the admin "
        "token. A report that comes twice or late is answered so, and changes nothing."
    ),
    responses=problems(400, 404, 413),
)
async def receive_report(
    request: Request,
    context: Context,
    cluster: ClusterName,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> schemas.ReportTakenOut:
    given = credentials.credentials if credentials else ""
    clusters = flux_token(context.settings, cluster).encode()
    own = hmac.compare_digest(given.encode("utf-8", "surrogateescape"), clusters)
    if not (own or is_admin(context, given)):
        raise ProblemDetail(
            401,
            "Send this cluster's token as `Authorization: Bearer …`; registering the cluster shows it.",
            headers={"WWW-Authenticate": 'Bearer realm="fluxmig"'},
        )
    try:
        instance, report = read_reports(await read_body(request, LIMIT))
        taken = await take_in_report(context, cluster, instance, report)
    except BodyTooLarge:
        raise ProblemDetail(413, f"The body is larger than {LIMIT} bytes.") from None
    except UnreadableReport as fault:
        raise ProblemDetail(400, f"The body is no report of Flux Operator: {fault}") from None
    except UnknownCluster:
        raise ProblemDetail(
            404, "This cluster is not registered: PUT /api/v1/repositories/{owner}/{name}/clusters/{cluster}"
        ) from None
    return schemas.ReportTakenOut(message=taken.value)
