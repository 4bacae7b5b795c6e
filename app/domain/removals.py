"""The `removal` edge: a version that stops to serve an API waits until the base branch no longer uses that API.

Where no single step is safe, because the running version does not serve the newer API yet and the new one no longer
serves the older, the way over a version in between is told, and waited for where a pull request brings it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.domain import messages
from app.domain.base_facts import lines_of
from app.domain.bridges import Bridge, common_bridge, find_bridge, newest_between
from app.domain.declarations import VersionChange
from app.domain.model import Answer, Condition, Edge, EdgeKind, Evidence, Gvk, Strength
from app.domain.pull_request_facts import PullRequestFacts, withdraws
from app.domain.situation import Situation


@dataclass(slots=True)
class RemovedUses:
    """What one version of a provider takes away, in every cluster that gets it. `by_remover`: who moves which uses."""

    change: VersionChange
    scopes: list[str] = field(default_factory=list)
    by_remover: dict[int | None, dict[Gvk, list[Evidence]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )


def find_removals(facts: PullRequestFacts, situation: Situation) -> Iterator[Edge]:
    """An edge to each pull request that moves some of the uses, one without target for what nobody moves, and one to
    the pull request that brings a version in between."""
    for uses in removed_uses(facts, situation):
        ways = _bridges(uses, situation)
        for remover, of_remover in uses.by_remover.items():
            yield _edge(facts.number, uses, remover, [ways[gvk] for gvk in of_remover if gvk in ways], situation)
        if crossing := [bridge for bridge in ways.values() if not bridge.crossed]:
            yield from _over_bridge(facts.number, uses, crossing, situation)


def find_bridges(facts: PullRequestFacts, situation: Situation) -> list[Bridge]:
    """The versions in between over which the uses must be carried that the pull request would break."""
    found = (bridge for uses in removed_uses(facts, situation) for bridge in _bridges(uses, situation).values())
    return [bridge for bridge in dict.fromkeys(found) if not bridge.crossed]


def _bridges(uses: RemovedUses, situation: Situation) -> dict[Gvk, Bridge]:
    """The way of each API that is taken away, looked up once however many move its uses."""
    gvks = dict.fromkeys(gvk for of_remover in uses.by_remover.values() for gvk in of_remover)
    return {gvk: bridge for gvk in gvks if (bridge := find_bridge(situation.catalogue, uses.change, gvk))}


def find_uncertain_removals(facts: PullRequestFacts, situation: Situation) -> Iterator[str]:
    """Warnings of what may be taken away: by a version that floats, or from what is not applied as it stands."""
    for change in facts.changes:
        mentioned = [gvk for gvk in _known_to_change(change, situation) if withdraws(change, gvk, situation.base)]
        if lines := _mentions(set(mentioned), change.scope, situation):
            yield messages.removal_mentions_warning(
                number=facts.number, what=_shown(change, situation), api=messages.apis(sorted(lines)),
                files=[messages.at(line) for all_of in lines.values() for line in all_of],
            )  # fmt: skip
        for gvk in _known_to_change(change, situation):
            if _floats_away(change, gvk, situation) and (found := situation.base.uses_in(change.scope, gvk)):
                high = change.after.releases.high
                yield messages.removal_floats_warning(
                    number=facts.number, what=_shown(change, situation), release=str(high).removeprefix("v"),
                    api=messages.apis([gvk]), count=len(found), files=[messages.at(line) for line in found],
                )  # fmt: skip


def removed_uses(facts: PullRequestFacts, situation: Situation) -> list[RemovedUses]:
    """The uses that each version takes away; one for all clusters that get the same version."""
    found: dict[tuple[str, str], RemovedUses] = {}
    for change in facts.changes:
        uses = found.setdefault((change.provider, change.after.shown), RemovedUses(change))
        seen: set[tuple[Gvk, Evidence]] = {
            (gvk, line)
            for of_remover in uses.by_remover.values()
            for gvk, lines in of_remover.items()
            for line in lines
        }
        for gvk in situation.base.uses:
            if situation.catalogue.provider_of(gvk) == change.provider and withdraws(change, gvk, situation.base):
                for use in situation.base.uses_in(change.scope, gvk):
                    if (gvk, use.file) in facts.stops:
                        continue
                    if change.scope not in uses.scopes:
                        uses.scopes.append(change.scope)
                    if (gvk, use) not in seen:
                        remover = situation.stopping(gvk, use.file, besides=facts.number)
                        uses.by_remover[remover][gvk].append(use)
    return [uses for uses in found.values() if uses.by_remover]


def _edge(number: int, uses: RemovedUses, remover: int | None, bridges: list[Bridge], situation: Situation) -> Edge:
    change, found = uses.change, uses.by_remover[remover]
    lines = [line for all_of in found.values() for line in all_of]
    reason = messages.removal_reason(
        number=number,
        name=situation.catalogue.name_of(change.provider),
        version=change.after.shown,
        api=messages.apis(list(found)),
        count=len(lines),
        files=[messages.at(line) for line in lines],
        remover=remover,
        clusters=situation.clusters(uses.scopes),
        way=_way(uses, bridges, remover, situation),
    )
    evidence = (*lines_of(lines), change.source, *_facts(list(found), bridges, situation))
    return Edge(number, remover, EdgeKind.REMOVAL, Strength.HARD, Condition.MERGED, reason, evidence)


def _way(uses: RemovedUses, bridges: list[Bridge], remover: int | None, situation: Situation) -> str:
    """How the uses get to the newer API: over a version in between, or at once where that is news."""
    name = situation.catalogue.name_of(uses.change.provider)
    crossing = [bridge for bridge in bridges if not bridge.crossed]
    if crossing:
        return bridge_words(crossing, situation)
    if remover is None and bridges and uses.change.before is not None:
        news = messages.apis([bridge.new for bridge in bridges])
        return messages.crossed_phrase(name=name, version=uses.change.before.shown, api=news)
    return ""


def bridge_words(bridges: list[Bridge], situation: Situation) -> str:
    """The version in between, in words; "" where no release serves all of them."""
    between = common_bridge(bridges)
    if between is None:
        return ""
    return messages.bridge_phrase(
        name=situation.catalogue.name_of(bridges[0].provider),
        version=newest_between(*between),
        old=messages.apis([bridge.old for bridge in bridges]),
        new=messages.apis([bridge.new for bridge in bridges]),
    )


def _over_bridge(number: int, uses: RemovedUses, bridges: list[Bridge], situation: Situation) -> Iterator[Edge]:
    """To the pull request that brings a version in between, where one is open."""
    change = uses.change
    found = situation.bringing(
        change.provider,
        change.scope,
        lambda other: all(bridge.holds(other.after.releases) for bridge in bridges),
        besides=number,
    )
    if found:
        to, other = found[-1]
        name = situation.catalogue.name_of(change.provider)
        reason = messages.bridge_reason(
            number=number,
            provider=to,
            what=f"{name} {other.after.shown}",
            old=messages.apis([bridge.old for bridge in bridges]),
            new=messages.apis([bridge.new for bridge in bridges]),
        )
        evidence = (change.source, other.source, *_facts([], bridges, situation))
        others = tuple(number for number, _ in reversed(found[:-1]))
        yield Edge(
            number, to, EdgeKind.REMOVAL, Strength.HARD, Condition.ROLLED_OUT, reason, evidence, alternatives=others
        )


def _facts(gvks: list[Gvk], bridges: list[Bridge], situation: Situation) -> Iterator[Evidence]:
    """Where the catalogue has it from: until when the old one is served, and from when the new one."""
    for gvk in dict.fromkeys([*gvks, *(bridge.old for bridge in bridges)]):
        fact = situation.catalogue.fact_of(gvk)
        if fact is not None and fact.lifetime.removed is not None:
            yield Evidence(fact.source, 0, f"{gvk} is not served from {fact.name} {fact.lifetime.removed}")
    for bridge in bridges:
        fact = situation.catalogue.fact_of(bridge.new)
        if fact is not None and fact.lifetime.since is not None:
            yield Evidence(fact.source, 0, f"{bridge.new} is served from {fact.name} {fact.lifetime.since}")


def _shown(change: VersionChange, situation: Situation) -> str:
    return f"{situation.catalogue.name_of(change.provider)} {change.after.shown}"


def _known_to_change(change: VersionChange, situation: Situation) -> Iterator[Gvk]:
    """Every API of the provider that some release no longer serves."""
    provider = situation.catalogue.providers.get(change.provider)
    for (group, kind), facts in provider.kinds.items() if provider else ():
        for version, lifetime in facts.versions.items():
            if lifetime.removed is not None:
                yield Gvk(group, kind, version)


def _floats_away(change: VersionChange, gvk: Gvk, situation: Situation) -> bool:
    """Whether some but not all of the releases that the change can mean lack the API, and none before it did."""
    low, high = change.after.releases.low, change.after.releases.high
    if change.before is None or low is None or high is None or low == high:
        return False
    catalogue, provider = situation.catalogue, change.provider
    ends = catalogue.served(provider, low, gvk), catalogue.served(provider, high, gvk)
    return ends == (Answer.YES, Answer.NO) and change.before.releases.serve(catalogue, provider, gvk) is Answer.YES


def _mentions(gvks: set[Gvk], scope: str, situation: Situation) -> dict[Gvk, list[Evidence]]:
    """Where values, references and templates name one of these APIs: no cluster applies them as they stand."""
    found: dict[Gvk, list[Evidence]] = defaultdict(list)
    for path, uses in situation.base.mentions.items() if gvks else ():
        for use in uses:
            if use.gvk in gvks and situation.base.scopes.is_live(path) and scope in situation.base.scopes.of(path):
                found[use.gvk].append(Evidence(path, use.line, use.text))
    return found
