"""The REST API under `/api/v1`: what the pages show, as JSON, and what an operator may ask for."""

from fastapi import APIRouter

from app.web.api import (
    branches,
    cluster_state,
    clusters,
    deliveries,
    doctor,
    incidents,
    milestones,
    outlook,
    pull_requests,
    repositories,
)
from app.web.security import Admin

router = APIRouter(prefix="/api/v1", dependencies=[Admin])
router.include_router(repositories.router)
router.include_router(doctor.router)
router.include_router(outlook.router)
router.include_router(milestones.router)
router.include_router(pull_requests.router)
router.include_router(branches.router)
router.include_router(incidents.router)
router.include_router(clusters.router)
router.include_router(cluster_state.router)
router.include_router(deliveries.router)
