"""A provider is rolled out, and its CRDs may be the old ones all the same: its chart leaves them as they are.

The controller of the new version runs then, and the API that came with it does not exist. So what only the new version
serves is not taken for served because the release is ready; a person applies the CRDs and says so, or Git holds them.
"""

from app.domain import messages
from app.domain.declarations import Releases
from app.domain.messages.rollouts import crds_stay_reason
from app.domain.model import Answer, Condition, Edge, EdgeKind, Evidence, Requirement, Strength
from app.domain.requirements import meets
from app.domain.rollout_terms import Proof
from app.domain.serving import ServedNow
from app.domain.situation import Situation
from app.domain.version_marks import MarkKind
from app.domain.versions import Version

Left = tuple[Requirement, ServedNow, Evidence]
"""What is needed, how it stands, and the line because of which the CRDs stay as they are."""


def crds_left(requirement: Requirement, served: ServedNow, situation: Situation) -> Evidence | None:
    """The line, where an API counts as served only for a rollout that did not bring it. None where it is served."""
    standing, done = served.standing, served.standing.done
    if served.in_use is not None or done is None or done.proof in (None, Proof.CONFIRM) or standing.declared is None:
        return None
    mark = standing.declared.mark
    if mark is None or mark.kind is not MarkKind.CHART:
        return None
    if requirement.gvk in situation.base.crds.get(requirement.scope, frozenset()):
        return None
    if situation.base.uses_in(requirement.scope, requirement.gvk) and requirement.field is None:
        return None
    come = situation.crds_come(standing.provider, requirement.scope, standing.declared)
    stay = None if come.elsewhere else come.stay
    if stay is None or _was_there(requirement, done.from_, served, situation):
        return None
    return stay


def _was_there(requirement: Requirement, before: str | None, served: ServedNow, situation: Situation) -> bool:
    """Whether the version before the rollout served it too, so that its CRDs are there already. A provider that is new
    installs them: the `crds/` folder is left alone on upgrades only."""
    if before is None:
        return True
    version = Version.parse(before)
    if version is None:
        return False
    releases = Releases(version, version)
    return meets(releases, served.standing.provider, requirement, situation.catalogue) is Answer.YES


def left_edge(number: int, unmet: list[Left], situation: Situation) -> Edge:
    first, served, stay = unmet[0]
    standing, done = served.standing, served.standing.done
    assert done is not None
    reason = crds_stay_reason(
        number=number,
        api=messages.needed([requirement for requirement, _, _ in unmet]),
        name=situation.catalogue.name_of(standing.provider),
        version=done.to,
        merged=done.pull_request,
        scope=first.scope,
        source=done.source,
        stay=stay,
    )
    lines = tuple(dict.fromkeys(line for requirement, _, _ in unmet for line in requirement.evidence))
    return Edge(
        from_=number,
        to=done.pull_request,
        kind=EdgeKind.NEEDS,
        strength=Strength.HARD,
        condition=Condition.ROLLED_OUT,
        reason=reason,
        evidence=(*lines[:5], stay),
        merged=True,
    )
