"""What an upgrade would take, before anybody opens it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.domain.outlook_step import StepKind, StepState
from app.domain.render_outlook import outlook_to_json
from app.domain.served_versions import BadTarget
from app.services.outlook import look_ahead_for
from app.web.api.found import Name, Owner, find_repository
from app.web.api.schemas import EvidenceOut
from app.web.dependencies import Context
from app.web.problems import ProblemDetail, problems

router = APIRouter(tags=["repositories"])


class StepOut(BaseModel):
    """One thing to do, or to know; `pull_requests` are the open ones that do it or part of it."""

    kind: StepKind = Field(examples=["upgrade"])
    state: StepState = Field(examples=["open"])
    text: str = Field(examples=["Raise Flux from 2.5.1 to 2.6.4 in clusters/main/values.yaml:5. #30 brings 2.6.1."])
    pull_requests: list[int] = Field(examples=[[30]])
    evidence: list[EvidenceOut]


class HopOut(BaseModel):
    """One version change; `why` says why the way goes over it, and is empty for the last one."""

    from_: str = Field(alias="from", examples=["2.5.1"])
    to: str = Field(examples=["2.6.4"])
    why: str = Field(examples=[""])
    steps: list[StepOut]


class ClusterOutlookOut(BaseModel):
    """The way of one cluster; without hops `note` says why there is none."""

    name: str = Field(examples=["main"])
    standing: str = Field(examples=["the base declares Flux 2.5.1 in clusters/main/values.yaml:5"])
    note: str = Field(examples=[""])
    hops: list[HopOut]


class OutlookOut(BaseModel):
    """What the upgrade takes in each cluster."""

    provider: str = Field(examples=["flux"])
    name: str = Field(examples=["Flux"])
    version: str = Field(description="as it was asked for", examples=["2.6"])
    warning: str = Field(description="where no such release is known here; else empty", examples=[""])
    clusters: list[ClusterOutlookOut]


@router.get(
    "/repositories/{owner}/{name}/outlook",
    summary="Look ahead at an upgrade",
    description=(
        "What must change before, in which order, which open pull requests do it, which versions lie in between, and "
        "what follows: judged by the rules of the plan on the facts that it was made on. Asks GitHub nothing."
    ),
    responses=problems(404, 422),
)
async def get_outlook(
    context: Context,
    owner: Owner,
    name: Name,
    version: Annotated[str, Query(max_length=60, description="a minor or a release", examples=["2.6"])],
    provider: Annotated[
        str, Query(max_length=60, description="an id or a name of the catalogue", examples=["flux"])
    ] = "flux",
) -> OutlookOut:
    async with context.database.transaction() as session:
        repository = await find_repository(session, owner, name)
    try:
        found: dict[str, Any] = outlook_to_json(await look_ahead_for(context, repository.id, f"{provider} {version}"))
    except BadTarget as fault:
        raise ProblemDetail(422, str(fault)) from None
    return OutlookOut.model_validate(found)
