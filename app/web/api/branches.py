"""Renovate's branches without a pull request."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.domain.model import State
from app.services.queries.branches import list_branches
from app.web.api.found import Found
from app.web.api.schemas import Reason
from app.web.dependencies import Session
from app.web.problems import problems

router = APIRouter(tags=["pull requests"])


class BranchOut(BaseModel):
    """A branch that Renovate may merge by itself; `conclusion` is that of our check on its head, empty without one."""

    name: str = Field(examples=["renovate/spegel-0.x"])
    title: str = Field(examples=["fix(helm): update spegel ( 0.2.0 → 0.3.0 )"])
    head_sha: str = Field(examples=["0a3d5b1f8c2e4a6b9d7f1e3c5a7b9d1f3e5c7a9b"])
    state: State = Field(examples=["blocked"])
    reason: Reason
    conclusion: str = Field(examples=["action_required"])


@router.get(
    "/repositories/{owner}/{name}/branches",
    summary="List branches without a pull request",
    description="With `automergeType: branch` Renovate merges branches that have no pull request; those are gated too.",
    responses=problems(404),
)
async def get_branches(session: Session, repository: Found) -> list[BranchOut]:
    return [
        BranchOut(
            name=branch.name,
            title=branch.title,
            head_sha=branch.head_sha,
            state=branch.state,
            reason=branch.reason,
            conclusion=branch.conclusion,
        )
        for branch in await list_branches(session, repository.id)
    ]
