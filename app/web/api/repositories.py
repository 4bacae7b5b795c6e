"""Repositories, their graph, and the request to read one anew."""

from fastapi import APIRouter
from pydantic import ValidationError

from app.services.admin import request_sync
from app.services.headline import Situation, get_headline
from app.services.queries.audit import list_audit as list_audit_items
from app.services.queries.items import PlanItem
from app.services.queries.overview import get_overview, get_plan
from app.services.queries.repositories import list_repositories as list_repository_items
from app.services.queries.repositories import summarize_repositories
from app.web.api import schemas
from app.web.api.convert import audit_out, cluster_out, incident_out, repository_out, rollout_out
from app.web.api.cursors import Cursor, Limit, Page, read_number_cursor, write_cursor
from app.web.api.found import Found
from app.web.api.graph import GraphOut
from app.web.dependencies import Context, Session
from app.web.problems import ProblemDetail, problems

router = APIRouter(tags=["repositories"])


@router.get(
    "/repositories",
    summary="List repositories",
    description="The repositories that the App is installed on, by GitHub's id, each with its one sentence.",
    responses=problems(400),
)
async def list_repositories(session: Session, limit: Limit = 50, cursor: Cursor = None) -> Page[schemas.RepositoryOut]:
    found = await list_repository_items(session, after=read_number_cursor(cursor), limit=limit + 1)
    shown = found[:limit]
    items = [
        repository_out(
            summary.repository,
            get_headline(
                Situation.of(
                    planned=summary.planned,
                    pull_requests=summary.pull_requests,
                    edges=summary.edges,
                    rollouts=summary.rollouts,
                    incidents=summary.incidents,
                )
            ),
            summary.pull_requests,
        )
        for summary in await summarize_repositories(session, shown)
    ]
    return Page(items=items, next=write_cursor(shown[-1].id) if len(found) > limit else None)


@router.get(
    "/repositories/{owner}/{name}",
    summary="Get a repository",
    description=(
        "One repository with its sentence, clusters, rollouts under way, the warnings of its plan, its configuration, "
        "its mode, and what that mode keeps from being written to GitHub."
    ),
    responses=problems(404),
)
async def get_repository(context: Context, session: Session, repository: Found) -> schemas.RepositoryDetailOut:
    overview = await get_overview(session, repository, now=context.clock(), poll=context.settings.kubernetes_poll)
    headline = get_headline(
        Situation.of(
            planned=overview.plan is not None,
            pull_requests=overview.pull_requests,
            edges=overview.edges,
            rollouts=overview.rollouts,
            incidents=overview.incidents,
        )
    )
    head = repository_out(repository, headline, overview.pull_requests)
    return schemas.RepositoryDetailOut(
        **dict(head),
        planned_at=overview.plan.made_at if overview.plan else None,
        clusters=[cluster_out(cluster, context.clock()) for cluster in overview.clusters],
        rollouts=[rollout_out(rollout) for rollout in overview.rollouts],
        incidents=[incident_out(one) for one in overview.incidents],
        warnings=list(overview.plan.warnings) if overview.plan else [],
        mode=overview.plan.mode if overview.plan else None,
        config=_config(overview.plan),
        would_write=[
            schemas.WouldWriteOut(number=found.number, what=found.what)
            for found in (overview.plan.would_write if overview.plan else ())
        ],
    )


@router.get(
    "/repositories/{owner}/{name}/graph",
    summary="Get the graph",
    description=(
        "The last plan: pull requests, the edges between them with evidence, the waves in which to merge, and the "
        "clusters. It is what `fluxmig plan --format json` prints."
    ),
    responses=problems(404, 409),
)
async def get_graph(session: Session, repository: Found) -> GraphOut:
    plan = await get_plan(session, repository.id)
    if plan is None:
        raise ProblemDetail(404, f"{repository.full_name} has no plan yet: it is being read for the first time.")
    try:
        return GraphOut.model_validate({**plan.document, "made_at": plan.made_at})
    except ValidationError:
        raise ProblemDetail(
            409, "The last plan was made by another version of fluxmig. POST to …/sync; the next plan replaces it."
        ) from None


@router.get(
    "/repositories/{owner}/{name}/audit",
    summary="Read the audit log",
    description=(
        "Who did what, newest first: every command and button with its result, and every hold or unblocking that ended "
        "by itself. Nothing is taken out of it."
    ),
    responses=problems(400, 404),
)
async def list_audit(
    session: Session, repository: Found, limit: Limit = 50, cursor: Cursor = None
) -> Page[schemas.AuditOut]:
    before = read_number_cursor(cursor) if cursor is not None else None
    found = await list_audit_items(session, repository.id, before=before, limit=limit + 1)
    shown = found[:limit]
    items = [audit_out(entry) for entry in shown]
    return Page(items=items, next=write_cursor(shown[-1].id) if len(found) > limit else None)


@router.post(
    "/repositories/{owner}/{name}/sync",
    status_code=202,
    summary="Read a repository anew",
    description=(
        "Asks for the base branch and every open pull request to be read from GitHub again, whatever webhooks said. "
        "Asking twice does no harm."
    ),
    responses=problems(404),
)
async def sync_repository(context: Context, repository: Found) -> schemas.SyncOut:
    await request_sync(context, repository.id)
    return schemas.SyncOut(repository=repository.full_name, accepted=True)


def _config(plan: PlanItem | None) -> schemas.PlannedConfig | None:
    return schemas.PlannedConfig.model_validate(plan.config) if plan and plan.config else None
