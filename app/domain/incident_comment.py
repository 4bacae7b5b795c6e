"""The one comment on the pull request that broke a cluster, edited while its incidents last and when they are over."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.checks import sentence_markdown
from app.domain.incidents import Incident
from app.domain.messages.incidents import (
    COMMENT_BROKEN,
    COMMENT_HELP,
    COMMENT_OVER,
    also_sentence,
    ending_sentence,
    incident_sentence,
)

MOST_TOLD = 10


@dataclass(frozen=True, slots=True)
class IncidentComment:
    """`digest` stands for the words: equal digests mean that nothing has to be written."""

    body: str
    digest: str


def marker_of(incident_id: int) -> str:
    """How our own comment is found again; it names the first incident that it tells of."""
    return f"<!-- fluxmig:incident:{incident_id} -->"


def incident_comment(incidents: Sequence[Incident], *, page: str) -> IncidentComment:
    """`incidents` have one culprit; the first gives the marker. Those that stand come first."""
    standing = [one for one in incidents if one.closed_at is None]
    over = [one for one in incidents if one.closed_at is not None]
    told = [incident_sentence(one) for one in standing[:1]] + [also_sentence(one) for one in standing[1:]]
    told += [f"Over: {ending_sentence(one)}" for one in over]
    lines = [marker_of(incidents[0].id), COMMENT_BROKEN if standing else COMMENT_OVER, ""]
    lines += [f"- {sentence_markdown(sentence)}" for sentence in told[:MOST_TOLD]]
    lines += [f"- and {len(told) - MOST_TOLD} more"] if len(told) > MOST_TOLD else []
    lines += ["", COMMENT_HELP] if standing else []
    body = "\n".join([*lines, "", f"[The whole story]({page})"])
    return IncidentComment(body, hashlib.sha256(body.encode()).hexdigest())
