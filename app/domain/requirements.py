"""Whether a version meets a requirement: it serves the API, and knows the field of it."""

from app.domain.catalogue import Catalogue
from app.domain.declarations import Releases, VersionChange
from app.domain.field_uses import field_since
from app.domain.model import Answer, Requirement
from app.domain.versions import Version


def since_of(requirement: Requirement, catalogue: Catalogue) -> Version | None:
    """The first release that meets it; None where no known release does."""
    if requirement.field is None:
        return catalogue.since(requirement.gvk)
    return field_since(catalogue, requirement.gvk, requirement.field)


def meets(releases: Releases, provider: str, requirement: Requirement, catalogue: Catalogue) -> Answer:
    """Whether every release that may run meets it, or none does. Fields stay once they are there."""
    if requirement.field is None:
        return releases.serve(catalogue, provider, requirement.gvk)
    since = field_since(catalogue, requirement.gvk, requirement.field)
    if since is None or releases.low is None or releases.high is None:
        return Answer.UNKNOWN
    ends = releases.low, releases.high
    if any(end.prerelease and end.release[:3] == since.release[:3] for end in ends):
        # A release candidate of the very release may have the field already, or not yet.
        return Answer.UNKNOWN
    if releases.low >= since:
        return Answer.YES
    return Answer.NO if releases.high < since else Answer.UNKNOWN


def brings(change: VersionChange, requirement: Requirement, catalogue: Catalogue) -> bool:
    """Whether every release that a version change can mean meets it."""
    return meets(change.after.releases, change.provider, requirement, catalogue) is Answer.YES
