"""Whether a repository is set up so that a held pull request really waits."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.domain.doctor import Health
from app.services.doctor import examine
from app.web.api.found import Name, Owner, find_repository
from app.web.dependencies import Context
from app.web.problems import problems

router = APIRouter(tags=["repositories"])


class FindingOut(BaseModel):
    """One thing that was looked at."""

    name: str = Field(description="what was looked at", examples=["required"])
    health: Health = Field(description="`unknown` where GitHub does not tell", examples=["ok"])
    sentence: str = Field(
        examples=["`main` requires the check `fluxmig` from this App (a ruleset of octocat/homelab)."]
    )
    mend: str = Field(description="what to do; empty where nothing is to be mended", examples=[""])


class DoctorOut(BaseModel):
    """The findings, problems among them where something is to be mended."""

    repository: str = Field(examples=["octocat/homelab"])
    examined_at: datetime
    findings: list[FindingOut]


@router.get(
    "/repositories/{owner}/{name}/doctor",
    summary="Examine a repository",
    description=(
        "Asks GitHub whether the check is required, permissions and events suffice, clocks agree, and "
        "what Renovate's configuration says; each finding is `ok`, `problem` or `unknown`. Writes nothing."
    ),
    responses=problems(404),
)
async def get_doctor(context: Context, owner: Owner, name: Name) -> DoctorOut:
    # A transaction of its own: none is held while GitHub is asked.
    async with context.database.transaction() as session:
        repository = await find_repository(session, owner, name)
    diagnosis = await examine(context, repository.id)
    return DoctorOut(
        repository=repository.full_name,
        examined_at=diagnosis.examined_at,
        findings=[
            FindingOut(name=found.name, health=found.health, sentence=found.sentence, mend=found.mend)
            for found in diagnosis.findings
        ],
    )
