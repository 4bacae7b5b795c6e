"""The `pair` edges of things that are related by what they are, not by what their versions ask for: CRDs before the
chart that uses them, an operator before what it operates (see `relations`).

Soft, with one exception: a chart whose own CRDs are switched off gets them from nowhere else, so it waits for the pull
request that brings them. A patch release is no such case, since it changes no CRD that it needs; nor is a minor of a
chart whose CRDs have versions of their own: real histories land those before and after their CRDs without trouble.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain import messages
from app.domain.helm_releases import find_release
from app.domain.model import Condition, Edge, EdgeKind, Evidence, Strength
from app.domain.pull_request_facts import PullRequestFacts
from app.domain.relations import Relation, RelationKind, goes_first, places_of
from app.domain.situation import Situation
from app.domain.upgrades import Upgrade
from app.domain.versions import Version


@dataclass(frozen=True, slots=True)
class _Before:
    """Another pull request, and what it upgrades that goes first."""

    number: int
    upgrade: Upgrade


def find_related(facts: PullRequestFacts, situation: Situation) -> Iterator[Edge]:
    """At most one edge for each thing that the pull request upgrades and relation in which something goes first."""
    asked: set[tuple[str, Relation]] = set()
    for upgrade in facts.upgrades:
        for relation in situation.catalogue.relations.before(upgrade):
            if (upgrade.short, relation) in asked or _brings_both(facts, relation, upgrade):
                continue
            if found := _before(facts.number, relation, upgrade, situation):
                asked.add((upgrade.short, relation))
                yield _edge(facts.number, relation, upgrade, found, situation)


def _brings_both(facts: PullRequestFacts, relation: Relation, upgrade: Upgrade) -> bool:
    return any(
        own is not upgrade and goes_first(relation, own) and own.scopes & upgrade.scopes for own in facts.upgrades
    )


def _before(number: int, relation: Relation, upgrade: Upgrade, situation: Situation) -> list[_Before]:
    """The best first: the same version where both carry one, then Renovate's before people's, the lower number."""
    found = {
        other: _Before(other, theirs)
        for short, kind in places_of(relation)
        for other, theirs in situation.upgrading(short, kind, besides=number)
        if goes_first(relation, theirs) and theirs.scopes & upgrade.scopes and _fits(relation, upgrade, theirs)
    }
    return sorted(
        found.values(),
        key=lambda one: (
            one.upgrade.after != upgrade.after,
            not situation.open[one.number].by_renovate,
            one.number,
        ),
    )


def _fits(relation: Relation, upgrade: Upgrade, theirs: Upgrade) -> bool:
    """Whether the order matters: not between two patch releases of different versions, and for an operator that is
    released with what it operates at the same version only."""
    if theirs.after == upgrade.after:
        return True
    if relation.kind is RelationKind.OPERATOR and relation.one_version:
        return False
    return not (_is_patch(upgrade) and _is_patch(theirs))


def _edge(number: int, relation: Relation, upgrade: Upgrade, found: list[_Before], situation: Situation) -> Edge:
    best = found[0]
    skipped = _skipped(relation, upgrade, best.upgrade, situation)
    evidence = [upgrade.source, best.upgrade.source, *([skipped] if skipped else [])]
    evidence.append(Evidence(relation.source, 0, _fact(relation, upgrade, best.upgrade)))
    if skipped is not None:
        reason = messages.crds_hard_reason(
            number=number, provider=best.number, crds=best.upgrade.short, chart=upgrade.short,
            version=upgrade.after, crds_version=best.upgrade.after, skipped=skipped,
        )  # fmt: skip
    elif relation.kind is RelationKind.CRDS:
        reason = messages.crds_soft_reason(
            provider=best.number, crds=best.upgrade.short, chart=upgrade.short, version=best.upgrade.after
        )
    else:
        reason = messages.operator_reason(
            provider=best.number, operator=best.upgrade.short, version=best.upgrade.after, operand=upgrade.short
        )
    return Edge(
        from_=number,
        to=best.number,
        kind=EdgeKind.PAIR,
        strength=Strength.HARD if skipped else Strength.SOFT,
        condition=Condition.MERGED,
        reason=reason,
        evidence=tuple(evidence),
        alternatives=tuple(one.number for one in found[1:]),
    )


def _skipped(relation: Relation, upgrade: Upgrade, crds: Upgrade, situation: Situation) -> Evidence | None:
    """The line that switches the chart's own CRDs off, where the other pull request brings them all instead."""
    if relation.kind is not RelationKind.CRDS or not relation.whole or _is_patch(upgrade):
        return None
    one_release = _same(upgrade.after, crds.after)
    if not one_release and (relation.one_version or not _is_breaking(upgrade)):
        return None
    for scope in sorted(upgrade.scopes & crds.scopes):
        release = find_release(situation.base.tree, situation.base.scopes, upgrade.short, scope)
        if release is not None and (line := release.off or release.skips):
            return line
    return None


def _is_patch(upgrade: Upgrade) -> bool:
    before, after = Version.parse(upgrade.before), Version.parse(upgrade.after)
    return before is not None and after is not None and (before.major, before.minor) == (after.major, after.minor)


def _same(one: str, other: str) -> bool:
    return one.removeprefix("v") == other.removeprefix("v")


def _is_breaking(upgrade: Upgrade) -> bool:
    before, after = Version.parse(upgrade.before), Version.parse(upgrade.after)
    if before is None or after is None:
        return False
    return before.major != after.major or (after.major == 0 and before.minor != after.minor)


def _fact(relation: Relation, upgrade: Upgrade, first: Upgrade) -> str:
    if relation.kind is RelationKind.CRDS:
        return f"{first.short} has the CRDs of {upgrade.short}"
    return f"{first.short} operates {upgrade.short}"
