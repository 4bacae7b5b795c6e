"""The `needs` edge: an API, or a field of it, that a pull request starts to use and its cluster does not serve yet.

It waits until the version that serves it runs. Merged is not enough: Flux dry-runs a whole Kustomization, and one API
that the cluster does not know aborts all of it, the upgrade that would bring the API included
(https://github.com/fluxcd/flux2/issues/2645).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from app.domain import messages
from app.domain.base_facts import lines_of
from app.domain.crds_left import Left, crds_left, left_edge
from app.domain.crds_upgrades import crds_edge, find_crds_upgrade
from app.domain.declarations import VersionChange
from app.domain.model import Condition, Edge, EdgeKind, Evidence, Requirement, Strength
from app.domain.pull_request_facts import PullRequestFacts
from app.domain.requirements import brings, since_of
from app.domain.scopes import shared_kustomization
from app.domain.serving import Served, ServedNow
from app.domain.situation import Situation
from app.domain.situation import brings as version_brought
from app.domain.version_marks import GOTK_COMPONENTS
from app.domain.versions import Version


@dataclass(slots=True)
class Needs:
    """What the requirements of one pull request come to. `served` are those that the cluster has met already, `unmet`
    those that what is merged does not meet, and `unsure` those of which that is not known, or not rolled out."""

    edges: list[Edge] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    served: list[tuple[Requirement, ServedNow]] = field(default_factory=list)
    unmet: list[tuple[Requirement, ServedNow]] = field(default_factory=list)
    unsure: list[tuple[Requirement, ServedNow]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


_Unmet = tuple[Requirement, ServedNow]


def find_needs(facts: PullRequestFacts, situation: Situation) -> Needs:
    """Look at every requirement of a pull request. Several that wait for the same thing become one edge."""
    needs = Needs()
    waiting: dict[tuple[str, int | None, bool], list[_Unmet]] = defaultdict(list)
    wanting: dict[tuple[str, tuple[int, ...], bool], list[_Unmet]] = defaultdict(list)
    left: dict[tuple[str, bool], list[Left]] = defaultdict(list)
    for requirement in facts.requires:
        served = situation.serving.answer(requirement)
        is_field = requirement.field is not None
        provider = served.standing.provider
        own = facts.change_of(provider, requirement.scope)
        if served.answer is Served.YES and (stay := crds_left(requirement, served, situation)) is not None:
            left[provider, is_field].append((requirement, served, stay))
        elif served.answer is Served.YES:
            needs.served.append((requirement, served))
        elif not is_field and (requirement.scope, requirement.gvk) in facts.crds:
            # Flux applies the CRDs of a Kustomization before what uses them.
            continue
        elif served.answer is Served.MERGED:
            merged = served.rollout.pull_request if served.rollout else None
            waiting[provider, merged, is_field].append((requirement, served))
        elif served.answer is Served.UNKNOWN:
            needs.unsure.append((requirement, served))
            needs.unknown.append(_unknown(facts.number, requirement, served, situation))
        elif own is not None and _brings(own, requirement, situation):
            _look_at_own(needs, facts, requirement, served, own, situation)
        elif (line := _elsewhere(requirement, served, situation)) is not None:
            _look_at_crds(needs, facts, requirement, served, line, situation)
        else:
            candidates = _candidates(facts.number, requirement, provider, situation)
            wanting[provider, candidates, is_field].append((requirement, served))
    for requirement in facts.assumed:
        served = situation.serving.answer(requirement)
        if served.answer is not Served.YES and (requirement.scope, requirement.gvk) not in facts.crds:
            needs.unknown.append(_assumed(facts.number, requirement, served, situation))
    needs.unmet += [one for unmet in wanting.values() for one in unmet]
    needs.unsure += [one for unmet in waiting.values() for one in unmet]
    needs.edges += [left_edge(facts.number, unmet, situation) for unmet in left.values()]
    needs.edges += [_waiting_edge(facts.number, merged, unmet, situation) for (_, merged, _), unmet in waiting.items()]
    needs.edges += [_wanting_edge(facts.number, found, unmet, situation) for (_, found, _), unmet in wanting.items()]
    return needs


def _elsewhere(requirement: Requirement, served: ServedNow, situation: Situation) -> Evidence | None:
    """Why the version that is declared says nothing of the CRDs: the line that leaves them to others."""
    standing = served.standing
    if standing.observation is not None:
        return None
    come = situation.crds_come(standing.provider, requirement.scope, standing.declared)
    return come.stay if come.elsewhere else None


def _look_at_crds(
    needs: Needs,
    facts: PullRequestFacts,
    requirement: Requirement,
    served: ServedNow,
    line: Evidence,
    situation: Situation,
) -> None:
    """Its CRDs are kept apart from the chart: what the base uses is served, and a pull request may tell the rest."""
    found = find_crds_upgrade(facts, requirement, served, situation)
    if in_use := situation.base.uses_in(requirement.scope, requirement.gvk):
        needs.served.append((requirement, replace(served, answer=Served.YES, in_use=in_use[0])))
    elif found is None:
        needs.unsure.append((requirement, served))
        needs.unknown.append(_unknown_crds(facts.number, requirement, served, line, situation))
    elif found.number != facts.number:
        needs.edges.append(crds_edge(facts.number, requirement, served, line, found, situation))


def _unknown_crds(
    number: int, requirement: Requirement, served: ServedNow, line: Evidence, situation: Situation
) -> str:
    name = situation.catalogue.name_of(served.standing.provider)
    return messages.served_unknown_reason(
        number=number,
        api=messages.needed([requirement]),
        why=messages.crds_elsewhere_phrase(name=name, line=line),
        scope=requirement.scope,
    )


def _candidates(number: int, requirement: Requirement, provider: str, situation: Situation) -> tuple[int, ...]:
    found = situation.bringing(
        provider,
        requirement.scope,
        lambda change: _brings(change, requirement, situation),
        besides=number,
    )
    return tuple(candidate for candidate, _ in found)


def _brings(change: VersionChange, requirement: Requirement, situation: Situation) -> bool:
    """Whether a version that meets it brings its CRDs along."""
    return brings(change, requirement, situation.catalogue) and situation.crds_with(change).stay is None


def _without_crds(number: int, requirement: Requirement, served: ServedNow, situation: Situation) -> str:
    """The pull request whose version would serve the API, but which leaves the CRDs as they are, in words."""
    found = situation.bringing(
        served.standing.provider,
        requirement.scope,
        lambda change: brings(change, requirement, situation.catalogue),
        besides=0,
    )
    for candidate, change in found:
        if (stay := situation.crds_with(change).stay) is not None:
            return messages.crds_stay_phrase(
                provider=candidate, own=candidate == number, brings=version_brought(situation, change), stay=stay
            )
    return ""


def _wanting_edge(number: int, candidates: tuple[int, ...], unmet: list[_Unmet], situation: Situation) -> Edge:
    first, served = unmet[0]
    standing, clusters = served.standing, situation.clusters(_scopes(unmet))
    name, since = situation.catalogue.name_of(standing.provider), _since(unmet, situation)
    api, stands = messages.needed(_requirements(unmet)), _stands(served, situation)
    to = candidates[0] if candidates else None
    change = situation.facts[to].change_of(standing.provider, first.scope) if to is not None else None
    if to is not None and change is not None:
        shared = shared_kustomization(situation.base.scopes, _files(unmet), change.source.file)
        reason = messages.needs_provider_reason(
            number=number, api=api, since=str(since), name=name, standing=stands, provider=to,
            brings=change.after.shown, shared=str(shared or ""), clusters=clusters,
            serves=messages.serves(_requirements(unmet)), at_runtime=situation.crds_with(change).at_runtime,
            others=_others(candidates[1:], first, served, situation),
        )  # fmt: skip
    else:
        reason = _nobody_reason(number, unmet, name, stands, clusters, situation)
        if without := _without_crds(number, first, served, situation):
            reason = f"{reason} {without}"
    return Edge(
        from_=number,
        to=to,
        kind=EdgeKind.NEEDS,
        strength=Strength.HARD,
        condition=Condition.ROLLED_OUT,
        reason=reason,
        evidence=(*_evidence(unmet, change, situation), *_places(candidates[1:], first, served, situation)),
        alternatives=candidates[1:],
    )


def _stands(served: ServedNow, situation: Situation) -> str:
    """What runs now, in words, and that the API server does not list the API where that was seen."""
    stands = situation.standing(served.standing)
    if served.seen is None:
        return stands
    return f"{stands} ({messages.unlisted_phrase(scope=served.standing.scope, source=served.seen.source)})"


def _others(candidates: tuple[int, ...], first: Requirement, served: ServedNow, situation: Situation) -> list[str]:
    """`#31 (2.7.0)` for each other pull request that would do, best first."""
    provider = served.standing.provider
    found = ((number, situation.facts[number].change_of(provider, first.scope)) for number in candidates)
    return [f"#{number} ({change.after.shown})" for number, change in found if change is not None]


def _places(candidates: tuple[int, ...], first: Requirement, served: ServedNow, situation: Situation) -> list[Evidence]:
    """Where the next best of them say so."""
    found = [situation.facts[number].change_of(served.standing.provider, first.scope) for number in candidates[:2]]
    return [change.source for change in found if change is not None]


def _nobody_reason(
    number: int, unmet: list[_Unmet], name: str, stands: str, clusters: str, situation: Situation
) -> str:
    (first, served), api = unmet[0], messages.needed(_requirements(unmet))
    since, removed = _since(unmet, situation), situation.catalogue.removed_in(first.gvk)
    running = served.standing.running.low
    if served.seen is not None and _is_promised(first, since, served, situation):
        return messages.unlisted_reason(
            number=number, api=api, name=name, since=str(since or ""), scope=first.scope, source=served.seen.source,
            missing=served.missing or "",
        )  # fmt: skip
    if since is None:
        return messages.api_never_served_reason(number=number, api=api, name=name, standing=stands, clusters=clusters)
    if removed is not None and running is not None and running >= removed:
        return messages.api_removed_reason(
            number=number, api=api, removed=str(removed), name=name, standing=stands, clusters=clusters
        )
    return messages.needs_nobody_reason(
        number=number, api=api, since=str(since), name=name, standing=stands, clusters=clusters
    )


def _is_promised(first: Requirement, since: Version | None, served: ServedNow, situation: Situation) -> bool:
    """Whether the version that runs should serve it, so that raising it would bring nothing: then a part is missing."""
    running, removed = served.standing.running.low, situation.catalogue.removed_in(first.gvk)
    if running is None or since is None:
        return running is None
    return running >= since and (removed is None or running < removed)


def _waiting_edge(number: int, merged: int | None, unmet: list[_Unmet], situation: Situation) -> Edge:
    first, served = unmet[0]
    standing = served.standing
    version = served.rollout.to if served.rollout else standing.declared.shown if standing.declared else ""
    return Edge(
        from_=number,
        to=merged,
        kind=EdgeKind.NEEDS,
        strength=Strength.HARD,
        condition=Condition.ROLLED_OUT,
        reason=messages.waiting_rollout_reason(
            number=number,
            api=messages.needed(_requirements(unmet)),
            name=situation.catalogue.name_of(standing.provider),
            version=version,
            merged=merged,
            scope=first.scope,
            seen=standing.observation,
            note=served.rollout.note if served.rollout else "",
        )
        if served.rollout is not None or served.seen is None
        else messages.unlisted_reason(
            number=number,
            api=messages.needed(_requirements(unmet)),
            name=situation.catalogue.name_of(standing.provider),
            since=str(_since(unmet, situation) or ""),
            scope=first.scope,
            source=served.seen.source,
            missing="",
        ),
        evidence=_evidence(unmet, None, situation),
        merged=True,
    )


def _look_at_own(
    needs: Needs,
    facts: PullRequestFacts,
    requirement: Requirement,
    served: ServedNow,
    own: VersionChange,
    situation: Situation,
) -> None:
    """It brings the version itself. In another Kustomization Flux tries again until it works; in the same one never.

    gotk-components.yaml holds the CRDs themselves, which Flux applies first.
    """
    files = [line.file for line in requirement.evidence]
    shared = shared_kustomization(situation.base.scopes, files, own.source.file)
    if shared is None or own.after.declaration.form == GOTK_COMPONENTS:
        return
    reason = messages.self_contained_reason(
        number=facts.number,
        api=messages.needed([requirement]),
        name=situation.catalogue.name_of(own.provider),
        version=own.after.shown,
        shared=str(shared),
        serves=messages.serves([requirement]),
    )
    needs.unmet.append((requirement, served))
    needs.warnings.append(reason.removeprefix("Blocked: "))
    evidence = (*lines_of(requirement.evidence), own.source)
    needs.edges.append(Edge(facts.number, None, EdgeKind.NEEDS, Strength.HARD, Condition.ROLLED_OUT, reason, evidence))


def _unknown(number: int, requirement: Requirement, served: ServedNow, situation: Situation) -> str:
    standing = served.standing
    name, declared = situation.catalogue.name_of(standing.provider), standing.declared
    if served.missing is not None and declared is not None:
        why = f"{messages.at(declared.declaration.source)} installs {name} without {served.missing}"
    elif standing.observation is not None:
        why = f"nothing is known of {name} {standing.observation.version}"
    elif declared is None:
        why = f"Git does not say which version of {name} runs there, and the cluster has not said so"
    else:
        where = messages.at(declared.declaration.source)
        why = f"the base declares {declared.declaration.version} in {where}" + (
            f", {declared.how}" if declared.how else ""
        )
    return messages.served_unknown_reason(
        number=number,
        api=messages.needed([requirement]),
        why=why,
        scope=requirement.scope,
        serves=messages.serves([requirement]),
    )


def _assumed(number: int, requirement: Requirement, served: ServedNow, situation: Situation) -> str:
    return messages.assumed_reason(
        number=number,
        api=messages.apis([requirement.gvk]),
        use=requirement.evidence[0],
        why=situation.standing(served.standing),
        scope=requirement.scope,
    )


def _evidence(unmet: list[_Unmet], change: VersionChange | None, situation: Situation) -> tuple[Evidence, ...]:
    """The first lines that use it, what is declared, what would be declared, and the fact of the catalogue."""
    first, served = unmet[0]
    catalogue, standing = situation.catalogue, served.standing
    uses = _distinct(line for requirement, _ in unmet for line in requirement.evidence)
    shown = list(lines_of(uses))
    if len(uses) > len(shown):
        shown.append(Evidence(uses[len(shown)].file, 0, f"and {len(uses) - len(shown)} more such lines"))
    if standing.declared is not None:
        shown.append(standing.declared.declaration.source)
    if change is not None:
        shown.append(change.source)
    if (since := since_of(first, catalogue)) is not None:
        name, component = catalogue.name_of(standing.provider), catalogue.component_of(first.gvk)
        by = f" ({component[0]} {component[1]})" if component and first.field is None else ""
        fact = catalogue.fact_of(first.gvk)
        source = fact.source if fact else catalogue.providers[standing.provider].source
        what = f"{first.gvk} is served" if first.field is None else f"{first.field} of {first.gvk} is known"
        shown.append(Evidence(source, 0, f"{what} from {name} {since}{by}"))
    return tuple(shown)


def _distinct(lines: Iterable[Evidence]) -> list[Evidence]:
    return list(dict.fromkeys(lines))


def _requirements(unmet: list[_Unmet]) -> list[Requirement]:
    return [requirement for requirement, _ in unmet]


def _since(unmet: list[_Unmet], situation: Situation) -> Version | None:
    """The first release that meets all of them; None where the first of them is met by none."""
    found = [since_of(requirement, situation.catalogue) for requirement, _ in unmet]
    return max((since for since in found if since is not None), default=None) if found[0] is not None else None


def _scopes(unmet: list[_Unmet]) -> list[str]:
    return list(dict.fromkeys(requirement.scope for requirement, _ in unmet))


def _files(unmet: list[_Unmet]) -> list[str]:
    return [line.file for requirement, _ in unmet for line in requirement.evidence]
