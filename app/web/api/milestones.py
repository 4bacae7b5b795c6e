"""Migrations as people plan them."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from app.domain.messages.milestone import nothing_open
from app.domain.milestone import Level, Phase, Weight
from app.domain.model import Answer, PullRequestStatus, State
from app.domain.render_milestone import milestone_to_json, milestone_to_markdown
from app.domain.served_versions import BadTarget
from app.services.milestones import LONGEST_GOAL, LONGEST_TITLE, NothingOpen, Wish, close_milestone, create_milestone
from app.services.queries.items import RepositoryItem
from app.services.queries.milestones import MilestoneItem
from app.services.queries.milestones import get_milestone as get_item
from app.services.queries.milestones import list_milestones as list_items
from app.web.api.found import Found, Name, Owner, find_repository
from app.web.dependencies import Context, Session
from app.web.links import RepositoryLinks
from app.web.problems import ProblemDetail, problems
from app.web.security import AN_ADMIN

router = APIRouter(tags=["milestones"])

MilestoneNumber = Annotated[int, Path(ge=1, lt=2**31, description="number of the milestone", examples=[1])]


class MilestoneIn(BaseModel):
    """What to plan. Without a goal it is all that Renovate has open."""

    model_config = ConfigDict(extra="forbid")

    goal: str = Field(
        default="", max_length=LONGEST_GOAL, description="a provider and a version", examples=["Flux 2.6.1"]
    )
    title: str = Field(default="", max_length=LONGEST_TITLE, examples=["Flux API migration"])
    issue: bool = Field(default=False, description="keep it as a GitHub issue too, where the mode is `act`")


class MilestoneMemberOut(BaseModel):
    """A pull request of the plan."""

    number: int = Field(examples=[34])
    title: str = Field(examples=["fix(deps): update dependency ocirepository"])
    change: str = Field(examples=["OCIRepository source.toolkit.fluxcd.io/v1beta2 → source.toolkit.fluxcd.io/v1"])
    status: PullRequestStatus = Field(examples=["open"])
    state: State = Field(examples=["blocked"])
    note: str = Field(examples=["after the rollout of #30"])


class MilestonePhaseOut(BaseModel):
    """A phase with its pull requests, in their order."""

    phase: Phase = Field(examples=["critical"])
    heading: str = Field(examples=["Phase 2: critical updates"])
    pull_requests: list[MilestoneMemberOut]


class CriterionOut(BaseModel):
    """`phase` is null for one of the whole; `must` has to hold for the end, `health` must not be violated."""

    phase: Phase | None = Field(examples=["critical"])
    text: str = Field(examples=["Flux 2.6.1 runs"])
    state: Answer = Field(examples=["no"])
    evidence: str = Field(examples=["#30 brings it and is not merged."])
    weight: Weight = Field(examples=["must"])


class RiskOut(BaseModel):
    """What the facts show may go wrong; `over` when its pull requests are resolved."""

    level: Level = Field(examples=["high"])
    title: str = Field(examples=["#37 is a major update"])
    why: str = Field(examples=["kube-prometheus-stack 72.9.1 → 73.2.3 may break what uses it."])
    mitigation: str = Field(examples=["Read the release notes, then say `/fluxmig approve`."])
    rollback: str = Field(examples=["Revert #37 and pin the version before."])
    pull_requests: list[int] = Field(examples=[[37]])
    over: bool = Field(examples=[False])


class MilestoneMetricOut(BaseModel):
    """`known` is false where no signal tells it."""

    name: str = Field(examples=["Rebases"])
    value: str = Field(examples=["3 asked: 3 done"])
    known: bool = Field(examples=[True])


class LessonsOut(BaseModel):
    """What was learned of one kind."""

    heading: str = Field(examples=["What went well"])
    sentences: list[str] = Field(examples=[["18 pull requests merged."]])


class TransitionOut(BaseModel):
    """What changed, and when."""

    at: datetime = Field(examples=["2025-06-11T18:28:00Z"])
    text: str = Field(examples=["Made by wcygan."])


class MilestoneHeadOut(BaseModel):
    """A milestone in a list."""

    number: int = Field(examples=[1])
    title: str = Field(examples=["Flux API migration"])
    goal: str = Field(examples=["Flux 2.6.1"])
    resolved: int = Field(examples=[8])
    total: int = Field(examples=[18])
    created_at: datetime = Field(examples=["2025-06-11T18:28:00Z"])
    created_by: str = Field(examples=["wcygan"])
    closed_at: datetime | None = Field(examples=[None])
    closed_why: str = Field(examples=[""])
    issue: int | None = Field(description="number of its issue on GitHub", examples=[40])
    page: str = Field(examples=["http://127.0.0.1:8080/r/wcygan/homelab/milestones/1"])


class MilestoneOut(MilestoneHeadOut):
    """A milestone with all that it says. Lessons are filled in at the end."""

    reached: bool = Field(examples=[False])
    phases: list[MilestonePhaseOut]
    criteria: list[CriterionOut]
    risks: list[RiskOut]
    metrics: list[MilestoneMetricOut]
    lessons: list[LessonsOut]
    transitions: list[TransitionOut]


class MilestonesOut(BaseModel):
    """All of a repository, the newest first."""

    items: list[MilestoneHeadOut]


@router.get(
    "/repositories/{owner}/{name}/milestones",
    summary="List milestones",
    description="The milestones of a repository, the newest first.",
    responses=problems(404),
)
async def list_milestones(context: Context, session: Session, repository: Found) -> MilestonesOut:
    url = context.settings.public_url
    items = await list_items(session, repository.id)
    return MilestonesOut(items=[MilestoneHeadOut.model_validate(_head(url, repository, one)) for one in items])


@router.post(
    "/repositories/{owner}/{name}/milestones",
    status_code=201,
    summary="Make a milestone",
    description=(
        "Plans all that Renovate has open, or the way to a version: phases, criteria that tick themselves, risks. It "
        "is made of the facts as they were read last, and follows them from then on. With `issue` it is kept as an "
        "issue on GitHub as well. A goal that every cluster has reached already is refused."
    ),
    responses=problems(404, 409, 422),
)
async def make_milestone(context: Context, owner: Owner, name: Name, wanted: MilestoneIn) -> MilestoneOut:
    async with context.database.transaction() as session:
        repository = await find_repository(session, owner, name)
    wish = Wish(wanted.goal, wanted.title, wanted.issue, by=AN_ADMIN)
    try:
        number = await create_milestone(context, repository.id, wish)
    except BadTarget as fault:
        raise ProblemDetail(422, str(fault)) from None
    except NothingOpen:
        raise ProblemDetail(409, nothing_open(repository.full_name)) from None
    async with context.database.transaction() as session:
        return await _show(context, session, repository, number)


@router.get(
    "/repositories/{owner}/{name}/milestones/{number}",
    summary="Get a milestone",
    description="Phases with their pull requests, criteria with their evidence, risks, metrics, and what changed when.",
    responses=problems(404),
)
async def get_milestone(context: Context, session: Session, repository: Found, number: MilestoneNumber) -> MilestoneOut:
    return await _show(context, session, repository, number)


@router.get(
    "/repositories/{owner}/{name}/milestones/{number}/markdown",
    summary="Export a milestone",
    description="The same as Markdown, as it stands in its issue.",
    response_class=Response,
    responses={
        **problems(404),
        200: {"description": "Markdown", "content": {"text/markdown": {"schema": {"type": "string"}}}},
    },
)
async def export_milestone(
    context: Context, session: Session, repository: Found, number: MilestoneNumber
) -> PlainTextResponse:
    item = await _find(session, repository, number)
    page = _page_of(context.settings.public_url, repository, number)
    text = milestone_to_markdown(item.title, item.now, page=page)
    return PlainTextResponse(text, media_type="text/markdown")


@router.post(
    "/repositories/{owner}/{name}/milestones/{number}/close",
    summary="Close a milestone",
    description="Ends it before it is reached, and its issue with it. One that has ended stays as it ended.",
    responses=problems(404),
)
async def end_milestone(context: Context, owner: Owner, name: Name, number: MilestoneNumber) -> MilestoneOut:
    async with context.database.transaction() as session:
        repository = await find_repository(session, owner, name)
    await close_milestone(context, repository.id, number, by=AN_ADMIN)
    async with context.database.transaction() as session:
        return await _show(context, session, repository, number)


async def _show(context: Context, session: Session, repository: RepositoryItem, number: int) -> MilestoneOut:
    item = await _find(session, repository, number)
    told: dict[str, Any] = {
        **milestone_to_json(item.title, item.now),
        **_head(context.settings.public_url, repository, item),
        "transitions": [{"at": one.at, "text": one.text} for one in item.transitions],
    }
    return MilestoneOut.model_validate(told)


async def _find(session: Session, repository: RepositoryItem, number: int) -> MilestoneItem:
    item = await get_item(session, repository.id, number)
    if item is None:
        raise ProblemDetail(404, f"{repository.full_name} has no milestone {number}.")
    return item


def _head(public_url: str, repository: RepositoryItem, item: MilestoneItem) -> dict[str, Any]:
    return {
        "number": item.number,
        "title": item.title,
        "goal": item.goal,
        "resolved": item.now.resolved,
        "total": item.now.total,
        "created_at": item.created_at,
        "created_by": item.created_by,
        "closed_at": item.closed_at,
        "closed_why": item.closed_why,
        "issue": item.issue_number,
        "page": _page_of(public_url, repository, item.number),
    }


def _page_of(public_url: str, repository: RepositoryItem, number: int) -> str:
    return f"{public_url}{RepositoryLinks.page_of(repository.owner, repository.name)}/milestones/{number}"
