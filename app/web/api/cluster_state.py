"""What is known of one cluster, over all repositories: names of clusters are unique in an installation."""

from fastapi import APIRouter

from app.domain.catalogue import KUBERNETES
from app.domain.model import Gvk
from app.services.queries.cluster_state import get_cluster_state as read_state
from app.web.api import schemas
from app.web.api.clusters import ClusterName
from app.web.api.convert import cluster_state_out
from app.web.dependencies import Context, Session
from app.web.problems import ProblemDetail, problems

router = APIRouter(prefix="/clusters", tags=["clusters"])


@router.get(
    "/{cluster}",
    summary="Get the state of a cluster",
    description=(
        "Whether a registered cluster is well (yes, no or unknown) from every source that tells of it, each with its "
        "age; what it runs, which APIs it was seen to serve, at which versions its CRDs may store objects, and what "
        "could not be read."
    ),
    responses=problems(404),
)
async def get_cluster_state(context: Context, session: Session, cluster: ClusterName) -> schemas.ClusterStateOut:
    def of_a_provider(gvk: Gvk) -> bool:
        return context.catalogue.provider_of(gvk) not in (None, KUBERNETES)

    now = context.clock()
    state = await read_state(
        session, cluster, now=now, poll=context.settings.kubernetes_poll, of_a_provider=of_a_provider
    )
    if state is None:
        raise ProblemDetail(404, f"No repository has registered a cluster {cluster}.")
    return cluster_state_out(state, now)
