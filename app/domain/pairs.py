"""The `pair` edge: versions of two things that have to fit each other.

Flux and its operator, Kubernetes and Talos, Flux and Kubernetes. The other half is judged as it runs now, and may be
raised by another pull request, by the same one, or by one that is merged and not rolled out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.domain import messages
from app.domain.catalogue import FLUX, FLUX_OPERATOR, KUBERNETES, TALOS, Constraint, Minor, minor_of
from app.domain.declarations import Declared, VersionChange
from app.domain.model import Condition, Edge, EdgeKind, Evidence, Rollout, Strength
from app.domain.pull_request_facts import PullRequestFacts
from app.domain.serving import Standing
from app.domain.situation import Situation, brings
from app.domain.version_marks import MarkKind
from app.domain.versions import Version

Fits = Callable[[Version], bool | None]
"""Whether a version of the other half fits; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a new version asks of `provider`. `needs` names it in words: "Flux Operator >= 0.30.0"; `least` is that
    version, where one is named.

    `fact` is where it is written. A soft demand makes an edge only where an open pull request meets it.
    """

    provider: str
    needs: str
    fits: Fits
    strength: Strength
    fact: Evidence
    least: Version | None = None

    def is_met_by(self, change: VersionChange) -> bool:
        low = change.after.releases.low
        return low is not None and self.fits(low) is True


def find_pairs(facts: PullRequestFacts, situation: Situation) -> Iterator[Edge]:
    """One edge at most for each version that the pull request changes and thing that it asks something of."""
    for change in facts.changes:
        asked: set[str] = set()
        for demand in demands(change, situation):
            if demand.provider not in asked and (edge := _edge(facts, change, demand, situation)):
                asked.add(demand.provider)
                yield edge


def unknown_pairs(facts: PullRequestFacts, situation: Situation) -> Iterator[str]:
    """Sentences for the demands of which it is not known whether they are met."""
    for change in facts.changes:
        for demand in demands(change, situation):
            standing = situation.serving.standing(demand.provider, change.scope)
            running = standing.running.exact
            raised = facts.change_of(demand.provider, change.scope)
            if demand.strength is not Strength.HARD or running is None or (raised and demand.is_met_by(raised)):
                continue
            if demand.fits(running) is None:
                name = situation.catalogue.name_of(demand.provider)
                other = f"{name} {str(running).removeprefix('v')}"
                yield messages.pair_unknown_reason(other=other, what=brings(situation, change))
            elif _is_broken_already(change, demand, running, situation):
                own = situation.serving.standing(change.provider, change.scope)
                yield messages.pair_contradiction_reason(
                    standing=situation.standing(own), other=situation.standing(standing)
                )


def _edge(facts: PullRequestFacts, change: VersionChange, demand: Demand, situation: Situation) -> Edge | None:
    standing = situation.serving.standing(demand.provider, change.scope)
    running = standing.running.low
    own = facts.change_of(demand.provider, change.scope)
    if running is None or standing.declared is None or demand.fits(running) is not False:
        return None
    if own is not None and demand.is_met_by(own):
        return None
    if demand.strength is Strength.HARD and _is_broken_already(change, demand, running, situation):
        return None
    for rollout in standing.pending:
        version = Version.parse(rollout.to)
        if version is not None and demand.fits(version) and demand.strength is Strength.HARD:
            return _merged_edge(facts.number, change, demand, rollout, situation)
    found = situation.bringing(demand.provider, change.scope, demand.is_met_by, besides=facts.number)
    if not found and demand.strength is Strength.SOFT:
        return None
    return _open_edge(facts.number, change, demand, standing, found, situation)


def _is_broken_already(change: VersionChange, demand: Demand, running: Version, situation: Situation) -> bool:
    """Whether the version before asked for more than what runs, too: then these two lines of the base do not both say
    what runs, and nothing follows from them."""
    if change.before is None or demand.fits(running) is not False:
        return False
    return refuses(change.before, demand.provider, running, situation)


def _open_edge(
    number: int,
    change: VersionChange,
    demand: Demand,
    standing: Standing,
    found: list[tuple[int, VersionChange]],
    situation: Situation,
) -> Edge:
    to, other = found[0] if found else (None, None)
    what, stands = brings(situation, change), situation.standing(standing)
    if demand.strength is Strength.HARD:
        reason = messages.pair_hard_reason(
            number=number, what=what, needs=demand.needs, standing=stands, provider=to,
            brings=brings(situation, other) if other else "",
        )  # fmt: skip
    else:
        assert to is not None
        assert other is not None
        reason = (
            messages.pair_soft_reason(
                number=number, what=what, standing=stands, provider=to, brings=brings(situation, other)
            )
            if demand.provider == FLUX_OPERATOR
            else messages.minimum_soft_reason(
                what=what, needs=demand.needs, standing=stands, provider=to, brings=brings(situation, other)
            )
        )
    declared = standing.declared
    evidence = [change.source, *([declared.declaration.source] if declared else []), *([other.source] if other else [])]
    return Edge(
        from_=number,
        to=to,
        kind=EdgeKind.PAIR,
        strength=demand.strength,
        condition=Condition.ROLLED_OUT,
        reason=reason,
        evidence=(*evidence, demand.fact),
        alternatives=tuple(other for other, _ in found[1:]),
    )


def _merged_edge(number: int, change: VersionChange, demand: Demand, rollout: Rollout, situation: Situation) -> Edge:
    merged = rollout.pull_request
    reason = messages.pair_waiting_reason(
        number=number,
        what=brings(situation, change),
        needs=demand.needs,
        merged=merged,
        brings=f"{situation.catalogue.name_of(demand.provider)} {rollout.to}",
        scope=change.scope,
        note=rollout.note,
    )
    evidence = (change.source, demand.fact)
    return Edge(number, merged, EdgeKind.PAIR, Strength.HARD, Condition.ROLLED_OUT, reason, evidence, merged=True)


def refuses(declared: Declared, provider: str, version: Version, situation: Situation) -> bool:
    """Whether a version does not work with this one of `provider`."""
    asked = (one for one in hard_demands(declared, situation) if one.provider == provider)
    return any(one.fits(version) is False for one in asked)


def hard_demands(declared: Declared, situation: Situation) -> Iterator[Demand]:
    """What a version that is declared asks of others and cannot do without."""
    of = declared.declaration
    asked = demands(VersionChange(of.provider, of.scope, None, declared), situation)
    return (demand for demand in asked if demand.strength is Strength.HARD)


def demands(change: VersionChange, situation: Situation) -> Iterator[Demand]:
    """What the new version asks of others, met or not."""
    version = change.after.releases.high
    if version is None:
        return
    match change.provider:
        case "flux":
            yield from _flux_of_operator(change, version, situation)
            yield from _flux_of_kubernetes(version, situation)
        case "kubernetes":
            yield from _kubernetes_of_talos(version, situation)
        case "talos":
            yield from _talos_of_kubernetes(version, situation)


def _flux_of_operator(change: VersionChange, flux: Version, situation: Situation) -> Iterator[Demand]:
    """Only a FluxInstance is built by the operator, and only some broken rules mean that it is not built at all."""
    mark, facts = change.after.mark, situation.catalogue.operator
    if mark is None or mark.kind is not MarkKind.DISTRIBUTION:
        return
    source = situation.catalogue.providers[FLUX_OPERATOR].source
    for constraint in facts.constraints:
        fact = Evidence(source, 0, f"{constraint.id}: {constraint.source}")
        if (demand := _constraint(constraint, flux, change, situation, fact)) is not None:
            yield demand
    first = facts.first_with(flux)
    if first is not None:
        fact = Evidence(source, 0, f"Flux {flux} is first in the image of Flux Operator {first}")
        yield _operator(first, Strength.SOFT, fact)


def _operator(least: Version, strength: Strength, fact: Evidence) -> Demand:
    words = f"Flux Operator >= {least}"
    return Demand(FLUX_OPERATOR, words, lambda operator: operator >= least, strength, fact, least)


def _constraint(
    constraint: Constraint, flux: Version, change: VersionChange, situation: Situation, fact: Evidence
) -> Demand | None:
    """What the rule asks; None where it does not apply to this FluxInstance."""
    mark, facts = change.after.mark, situation.catalogue.operator
    has_artifact = mark is not None and (mark.artifact is not None or mark.chart_defaults)
    applies = {
        "": True,
        "with-artifact": has_artifact,
        "without-artifact": not has_artifact,
        "sync-oci": mark is not None and mark.sync_kind == "OCIRepository",
    }[constraint.applies]
    if not applies or (constraint.flux_from is not None and minor_of(flux) < constraint.flux_from):
        return None
    first, minor = facts.first_with(flux), minor_of(flux)
    if constraint.needs == "operator":
        return None if constraint.operator is None else _operator(constraint.operator, Strength.HARD, fact)
    if constraint.needs == "embedded-release":
        if first is not None:
            return _operator(first, Strength.HARD, fact)
        words = f"an operator that carries Flux {flux}"
        return Demand(FLUX_OPERATOR, words, lambda _: None, Strength.HARD, fact)
    known = any(minor_of(release) == minor for release in facts.embeds)
    limited_from = constraint.operator_from

    def carries_minor(operator: Version) -> bool | None:
        if limited_from is not None and operator < limited_from:
            return True
        return facts.embeds_minor(operator, minor) if known else None

    words = f"an operator that carries Flux {minor[0]}.{minor[1]}"
    return Demand(FLUX_OPERATOR, words, carries_minor, Strength.HARD, fact)


def _flux_of_kubernetes(flux: Version, situation: Situation) -> Iterator[Demand]:
    provider = situation.catalogue.providers[FLUX]
    least = provider.min_kubernetes.get(minor_of(flux))
    if least is not None:
        words = f"Kubernetes >= {least[0]}.{least[1]}"
        fact = Evidence(provider.source, 0, f"`flux check --pre` of Flux {flux} asks for {words}")
        yield _kubernetes(least, Strength.SOFT, fact)


def _kubernetes_of_talos(kubernetes: Version, situation: Situation) -> Iterator[Demand]:
    """A Talos minor runs a window of Kubernetes minors, and refuses the others."""
    table = situation.catalogue.talos
    able = [minor for minor, facts in table.items() if minor_of(kubernetes) <= facts.kubernetes[1]]
    least = _first_of(min(able)) if able else None
    words = f"Talos >= {least}" if least is not None else "a newer Talos"

    def runs_it(talos: Version) -> bool | None:
        facts = table.get(minor_of(talos))
        return None if facts is None else minor_of(kubernetes) <= facts.kubernetes[1]

    yield Demand(TALOS, words, runs_it, Strength.HARD, _talos_fact(f"Kubernetes {kubernetes} needs {words}"), least)


def _talos_of_kubernetes(talos: Version, situation: Situation) -> Iterator[Demand]:
    facts = situation.catalogue.talos.get(minor_of(talos))
    if facts is not None:
        first = facts.kubernetes[0]
        words = f"Kubernetes >= {first[0]}.{first[1]}"
        yield _kubernetes(first, Strength.HARD, _talos_fact(f"Talos {talos} needs {words}"))


def _kubernetes(least: Minor, strength: Strength, fact: Evidence) -> Demand:
    words = f"Kubernetes >= {least[0]}.{least[1]}"
    return Demand(KUBERNETES, words, lambda running: minor_of(running) >= least, strength, fact, _first_of(least))


def _first_of(minor: Minor) -> Version:
    return Version(f"{minor[0]}.{minor[1]}", minor)


def _talos_fact(text: str) -> Evidence:
    return Evidence("https://github.com/siderolabs/talos/tree/main/pkg/machinery/compatibility", 0, text)
