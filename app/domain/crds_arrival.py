"""Whether the CRDs of a provider come to a cluster with the pull request that raises its chart.

A new version of a chart is not yet a new API: CRDs in the `crds/` folder stay as they are on an upgrade unless the
HelmRelease says otherwise, those among the templates can be switched off, and some operators write theirs when they
start. How each chart does it is in the catalogue.
"""

from dataclasses import dataclass

from app.domain.base_facts import BaseFacts
from app.domain.catalogue import Arrival
from app.domain.declarations import VersionChange
from app.domain.helm_releases import blanket_upgrade, find_release
from app.domain.model import Evidence
from app.domain.version_marks import MarkKind
from app.domain.versions import Version


@dataclass(frozen=True, slots=True)
class CrdsCome:
    """`stay` is the line because of which the CRDs stay as they are; None where they come, or nothing is known.

    `at_runtime`: the operator writes them itself when it starts.
    """

    stay: Evidence | None = None
    at_runtime: bool = False


def crds_come(change: VersionChange, base: BaseFacts) -> CrdsCome:
    """How the CRDs come with a change. What cannot be read counts as coming: it holds nothing."""
    mark, provider = change.after.mark, base.catalogue.providers.get(change.provider)
    if mark is None or mark.kind is not MarkKind.CHART or provider is None:
        return CrdsCome()
    arrival = provider.arrival_of(mark.subject, Version.parse(mark.version or ""))
    if arrival is None:
        return CrdsCome()
    if arrival.how is Arrival.RUNTIME:
        return CrdsCome(at_runtime=True)
    if arrival.how is Arrival.SEPARATE:
        return CrdsCome(Evidence(arrival.source, 0, f"the CRDs of {mark.subject} are the chart {arrival.of}"))
    release = find_release(base.tree, base.scopes, mark.subject, change.scope)
    if release is None or release.off is not None or arrival.how is Arrival.TEMPLATES:
        return CrdsCome(release.off if release else None)
    if release.upgrade == "CreateReplace" or blanket_upgrade(base.tree, base.scopes, change.scope):
        return CrdsCome()
    return CrdsCome(release.source)
