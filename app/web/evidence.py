"""A line that shows a fact, with the page where one can look it up."""

from dataclasses import dataclass

from app.domain.model import Evidence
from app.web.links import RepositoryLinks


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """`where` is `path:line`; `url` is empty where there is no page of it."""

    where: str
    text: str
    url: str


def evidence_view(evidence: Evidence, commit: str, links: RepositoryLinks) -> EvidenceView:
    """The line as it is at `commit`; an `https://` source links to itself."""
    where = f"{evidence.file}:{evidence.line}" if evidence.line else evidence.file
    if evidence.file.startswith("https://"):
        return EvidenceView(where, evidence.text, evidence.file)
    return EvidenceView(where, evidence.text, links.line(evidence, commit) or "")
