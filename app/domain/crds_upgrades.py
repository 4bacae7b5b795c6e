"""The `needs` edge to a pull request that raises CRDs kept apart from their chart: a bundle by URL, a chart of CRDs.

Where the chart's own CRDs are switched off, its version says nothing of what the cluster serves. The pull request that
raises the CRDs says it: from which release they come now, and from which they will.
"""

from dataclasses import dataclass

from app.domain import messages
from app.domain.base_facts import lines_of
from app.domain.declarations import Releases
from app.domain.model import Answer, Condition, Edge, EdgeKind, Evidence, Requirement, Strength
from app.domain.pull_request_facts import PullRequestFacts
from app.domain.relations import Relation, RelationKind, goes_first, places_of
from app.domain.requirements import meets, since_of
from app.domain.serving import ServedNow
from app.domain.situation import Situation
from app.domain.upgrades import Upgrade
from app.domain.versions import Version


@dataclass(frozen=True, slots=True)
class CrdsUpgrade:
    """What a pull request does with the CRDs; `relation` says that they are those of the chart."""

    number: int
    upgrade: Upgrade
    relation: Relation


def find_crds_upgrade(
    facts: PullRequestFacts, requirement: Requirement, served: ServedNow, situation: Situation
) -> CrdsUpgrade | None:
    """The pull request whose CRDs meet the requirement while those of the base do not: itself, or the best other."""
    declared = served.standing.declared
    chart = declared.mark.subject if declared and declared.mark else ""
    found: list[CrdsUpgrade] = []
    for relation in situation.catalogue.relations.of_chart(chart):
        if relation.kind is not RelationKind.CRDS or not relation.one_version:
            continue
        for short, kind in places_of(relation):
            for number, upgrade in situation.upgrading(short, kind, besides=0):
                if goes_first(relation, upgrade) and requirement.scope in upgrade.scopes:
                    found.append(CrdsUpgrade(number, upgrade, relation))
    fitting = [one for one in found if _meets(one.upgrade, requirement, served, situation)]
    return min(
        fitting,
        key=lambda one: (one.number != facts.number, not situation.open[one.number].by_renovate, one.number),
        default=None,
    )


def _meets(upgrade: Upgrade, requirement: Requirement, served: ServedNow, situation: Situation) -> bool:
    """From a release that does not meet it to one that does; the release of the CRDs is the provider's."""

    def answer(text: str) -> Answer:
        version = Version.parse(text)
        releases = Releases(version, version)
        return meets(releases, served.standing.provider, requirement, situation.catalogue)

    return (answer(upgrade.before), answer(upgrade.after)) == (Answer.NO, Answer.YES)


def crds_edge(
    number: int, requirement: Requirement, served: ServedNow, line: Evidence, found: CrdsUpgrade, situation: Situation
) -> Edge:
    """The edge to it. `line` is the one that leaves the CRDs to others."""
    name, upgrade = situation.catalogue.name_of(served.standing.provider), found.upgrade
    reason = messages.needs_crds_reason(
        number=number,
        api=messages.needed([requirement]),
        clusters=situation.clusters([requirement.scope]),
        name=name,
        since=str(since_of(requirement, situation.catalogue)),
        line=line,
        before=upgrade.before,
        provider=found.number,
        after=upgrade.after,
    )
    evidence = (
        *lines_of(requirement.evidence),
        line,
        upgrade.source,
        Evidence(found.relation.source, 0, f"{upgrade.short} {upgrade.after} has the CRDs of {name}"),
    )
    return Edge(number, found.number, EdgeKind.NEEDS, Strength.HARD, Condition.ROLLED_OUT, reason, evidence)
