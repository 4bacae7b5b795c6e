"""What changed between two looks at a milestone, and the text of its issue."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter

from app.domain.messages import milestone as messages
from app.domain.milestone import Milestone, MilestonePlan
from app.domain.render_milestone import milestone_to_markdown


@dataclass(frozen=True, slots=True)
class IssueText:
    title: str
    body: str
    digest: str
    closed: bool


def marker_of(number: int) -> str:
    """Hidden at the top of the issue, so that it is found again."""
    return f"<!-- fluxmig:v1 milestone={number} -->"


def issue_text(number: int, title: str, now: Milestone, *, page: str, closed: bool) -> IssueText:
    body = f"{marker_of(number)}\n\n{messages.ISSUE_INTRO}\n\n" + milestone_to_markdown(
        title, now, page=page, heading=False
    )
    told = " ".join(title.split())[:200] or messages.default_title("")
    return IssueText(told, body, digest_of(body, closed=closed), closed)


def digest_of(body: str, *, closed: bool) -> str:
    """Of what stands there as GitHub gives it back: it may change the line ends."""
    return hashlib.sha256(f"{closed} {body.replace(chr(13) + chr(10), chr(10)).strip()}".encode()).hexdigest()


def find_transitions(before: Milestone | None, now: Milestone) -> Iterator[str]:
    """A sentence for each criterion that is another one than before."""
    old = {(one.phase, one.text): one.state for one in before.criteria} if before else {}
    for one in now.criteria:
        if before is not None and old.get((one.phase, one.text)) is not one.state:
            yield messages.criterion_turned(one.text, one.state.value, one.evidence)


@cache
def plan_form() -> TypeAdapter[MilestonePlan]:
    """How a plan is kept as JSON."""
    return TypeAdapter(MilestonePlan)


@cache
def state_form() -> TypeAdapter[Milestone]:
    """How the state is kept as JSON."""
    return TypeAdapter(Milestone)
