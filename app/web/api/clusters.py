"""Clusters that may post Flux events (https://fluxcd.io/flux/components/notification/providers/#generic-hmac-webhook)."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from app.services.admin import ClusterTaken
from app.services.admin import register_cluster as register
from app.services.admin import remove_cluster as remove
from app.services.clusters import flux_token
from app.services.queries.clusters import get_registered_cluster, list_registered_clusters
from app.web.api import schemas
from app.web.api.convert import registration_out
from app.web.api.found import Found
from app.web.dependencies import Context, Session
from app.web.problems import ProblemDetail, problems

router = APIRouter(prefix="/repositories/{owner}/{name}/clusters", tags=["clusters"])

ClusterName = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$",
        description="your name for the cluster: letters a-z, digits, `-` and `.`; one for the whole installation",
        examples=["home"],
    ),
]


@router.get(
    "",
    summary="List registered clusters",
    description="The clusters that may post Flux events for this repository. Tokens are not shown.",
    responses=problems(404),
)
async def list_clusters(context: Context, session: Session, repository: Found) -> list[schemas.ClusterRegistrationOut]:
    found = await list_registered_clusters(session, repository.id)
    return [registration_out(cluster, context.settings.public_url) for cluster in found]


@router.get(
    "/{cluster}",
    summary="Get a registered cluster",
    description="One registration, with the address that Flux's Provider posts to. The token is not shown.",
    responses=problems(404),
)
async def get_cluster(
    context: Context, session: Session, repository: Found, cluster: ClusterName
) -> schemas.ClusterRegistrationOut:
    found = await get_registered_cluster(session, repository.id, cluster)
    if found is None:
        raise _unknown(repository.full_name, cluster)
    return registration_out(found, context.settings.public_url)


@router.put(
    "/{cluster}",
    summary="Register a cluster",
    description=(
        "Lets a cluster post Flux events for this repository, and answers with the address and the token for Flux's "
        "Provider of type `generic-hmac`. The same request again changes nothing and shows the same token."
    ),
    responses=problems(404, 409),
)
async def put_cluster(
    context: Context, repository: Found, cluster: ClusterName, registration: schemas.ClusterRegistrationIn
) -> schemas.ClusterTokenOut:
    try:
        registered = await register(context, repository, cluster, registration.scope)
    except ClusterTaken:
        raise ProblemDetail(
            409, f"Another repository has registered a cluster {cluster}. Choose another name."
        ) from None
    head = registration_out(registered, context.settings.public_url)
    return schemas.ClusterTokenOut(**dict(head), token=flux_token(context.settings, cluster))


@router.delete(
    "/{cluster}",
    status_code=204,
    response_class=Response,
    summary="Remove a cluster",
    description="Forgets the registration and what the cluster said. Its events are refused from then on.",
    responses=problems(404),
)
async def delete_cluster(context: Context, repository: Found, cluster: ClusterName) -> None:
    if not await remove(context, repository, cluster):
        raise _unknown(repository.full_name, cluster)


def _unknown(repository: str, cluster: str) -> ProblemDetail:
    return ProblemDetail(404, f"{repository} has no registered cluster {cluster}. PUT to this address registers it.")
