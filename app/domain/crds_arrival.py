"""Whether the CRDs of a provider come to a cluster with the pull request that raises its chart.

A new version of a chart is not yet a new API: CRDs in the `crds/` folder stay as they are on an upgrade unless the
HelmRelease says otherwise, those among the templates can be switched off, and some operators write theirs when they
start. How each chart does it is in the catalogue.
"""

from dataclasses import dataclass

from app.domain.base_facts import BaseFacts
from app.domain.catalogue import Arrival
from app.domain.helm_releases import blanket_upgrade, find_release
from app.domain.model import Evidence
from app.domain.version_marks import MarkKind, VersionMark
from app.domain.versions import Version


@dataclass(frozen=True, slots=True)
class CrdsCome:
    """`stay` is the line because of which the CRDs stay as they are; None where they come, or nothing is known.

    `elsewhere`: they are not this chart's at all, so that its version says nothing of what is served. `at_runtime`: the
    operator writes them itself when it starts.
    """

    stay: Evidence | None = None
    elsewhere: bool = False
    at_runtime: bool = False


def crds_come(provider: str, scope: str, mark: VersionMark | None, base: BaseFacts) -> CrdsCome:
    """How the CRDs of a provider come with what declares its version. What cannot be read counts as coming: it holds
    nothing."""
    facts = base.catalogue.providers.get(provider)
    if mark is None or mark.kind is not MarkKind.CHART or facts is None:
        return CrdsCome()
    arrival = facts.arrival_of(mark.subject, Version.parse(mark.version or ""))
    if arrival is None:
        return CrdsCome()
    if arrival.how is Arrival.RUNTIME:
        return CrdsCome(at_runtime=True)
    if arrival.how is Arrival.SEPARATE:
        line = Evidence(arrival.source, 0, f"the CRDs of {mark.subject} are the chart {arrival.of}")
        return CrdsCome(line, elsewhere=True)
    release = find_release(base.tree, base.scopes, mark.subject, scope)
    if release is None:
        return CrdsCome()
    if release.off is not None:
        return CrdsCome(release.off, elsewhere=True)
    if arrival.how is Arrival.TEMPLATES or release.upgrade == "CreateReplace":
        return CrdsCome()
    return CrdsCome() if blanket_upgrade(base.tree, base.scopes, scope) else CrdsCome(release.source)
