"""Make the plan of a milestone from the plan of a repository: once, at its creation.

Flux itself and what is bound to it come first, or with a goal the provider that was named; what no cluster reads may go
at any time; what a person must read is put aside. Risks are those that the facts show, none is told by rote.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.domain.base_facts import BaseFacts, read_base
from app.domain.catalogue import FLUX, FLUX_OPERATOR, Catalogue, minor_of
from app.domain.file_roles import is_bootstrap, is_prose, is_tooling_path
from app.domain.marks import MarkKind
from app.domain.messages import milestone as messages
from app.domain.messages.outlook import beyond_known, there_already
from app.domain.messages.phrases import apis
from app.domain.milestone import Goal, Level, Member, MilestonePlan, Phase, Risk, WantedApi, WantedVersion
from app.domain.model import (
    Capability,
    Classification,
    Component,
    Edge,
    EdgeKind,
    Plan,
    PlannedPullRequest,
    PullRequest,
    PullRequestStatus,
    Requirement,
    Snapshot,
    State,
    Strength,
    UpdateType,
)
from app.domain.scopes import shared_kustomization
from app.domain.served_versions import BadTarget, parse_target
from app.domain.serving import Serving
from app.domain.versions import Version

EVERYTHING = Goal()
_BOUND = (EdgeKind.NEEDS, EdgeKind.REMOVAL, EdgeKind.PAIR)
"""Edges that bind a pull request to the provider; the others only order rebases."""


def parse_goal(text: str, catalogue: Catalogue) -> Goal:
    """`Flux 2.6.1` or `external-secrets 0.16`; nothing means all that is open. Raises BadTarget."""
    if not text.strip():
        return EVERYTHING
    target = parse_target(text, catalogue, said="")
    return Goal(target.provider, catalogue.name_of(target.provider), target.version)


def plan_milestone(
    plan: Plan, snapshot: Snapshot, catalogue: Catalogue, goal: Goal = EVERYTHING, *, connected: bool = False
) -> MilestonePlan:
    """`plan` is that of `snapshot`; `connected`: some cluster tells what it runs. Raises BadTarget where every cluster
    has reached the goal."""
    maker = _Maker(plan, snapshot, catalogue, goal, connected=connected)
    if maker.is_there():
        raise BadTarget(there_already(goal.name, goal.version))
    return maker.make()


@dataclass
class _Maker:
    plan: Plan
    snapshot: Snapshot
    catalogue: Catalogue
    goal: Goal
    connected: bool

    def __post_init__(self) -> None:
        self.open: Mapping[int, PullRequest] = {
            one.number: one for one in self.snapshot.pull_requests if one.status is PullRequestStatus.OPEN
        }
        self.planned = {
            one.number: one for one in self.plan.pull_requests if one.by_renovate and one.number in self.open
        }
        self.base: BaseFacts = read_base(self.snapshot.tree, self.catalogue)
        self.critical = self._find_critical()

    def is_there(self) -> bool:
        """Whether every cluster that is known to run the provider runs the goal's version or a newer one."""
        wanted, serving = Version.parse(self.goal.version), Serving(self.snapshot, self.base)
        found = [serving.standing(self.goal.provider, scope) for scope in self.base.scopes.clusters]
        known = [one for one in found if one.is_known]
        return wanted is not None and bool(known) and all(one.has(wanted) for one in known)

    def make(self) -> MilestonePlan:
        return MilestonePlan(
            goal=self.goal,
            members=tuple(self._member(self.planned[number]) for number in self._ordered()),
            versions=tuple(self._versions()),
            apis=tuple(self._apis()),
            risks=tuple(self._risks()),
            several=len(self.plan.clusters) > 1,
            passing=sum(one.state is State.READY for one in self.planned.values()),
            open=len(self.planned),
        )

    def _ordered(self) -> list[int]:
        waves = [number for wave in self.plan.waves for number in wave if number in self.planned]
        return list(dict.fromkeys([*waves, *sorted(self.planned)]))

    # --- phases ---

    def _find_critical(self) -> frozenset[int]:
        found = {number for number, one in self.planned.items() if self._is_seed(one)}
        bound = [edge for edge in self.plan.edges if edge.kind in _BOUND and edge.to is not None]
        while True:
            more = {edge.to for edge in bound if edge.from_ in found and edge.to in self.planned}
            hard = [edge for edge in bound if edge.strength is Strength.HARD]
            more |= {edge.from_ for edge in hard if edge.to in found and edge.from_ in self.planned}
            grown = found | {number for number in more if number is not None}
            if grown == found:
                return frozenset(found)
            found = grown

    def _is_seed(self, planned: PlannedPullRequest) -> bool:
        if self.goal.version:
            return any(one.provider == self.goal.provider for one in planned.provides)
        return planned.classification.component is Component.FLUX_CORE

    def _phase(self, planned: PlannedPullRequest) -> Phase:
        told = planned.classification
        if planned.number in self.critical:
            return Phase.CRITICAL
        if told.also_changes or planned.state is State.NEEDS_REVIEW:
            return Phase.REVIEW
        if told.component is Component.TOOLING or self._changes_no_cluster(planned.number):
            return Phase.PREPARE
        return Phase.REVIEW if told.update_type is UpdateType.MAJOR else Phase.DOWNSTREAM

    def _changes_no_cluster(self, number: int) -> bool:
        paths = [change.path for change in self.open[number].changes]
        return bool(paths) and all(is_tooling_path(path) or is_bootstrap(path) or is_prose(path) for path in paths)

    def _member(self, planned: PlannedPullRequest) -> Member:
        hard = [edge for edge in self.plan.edges_of(planned.number) if edge.strength is Strength.HARD]
        after = tuple(dict.fromkeys(edge.to for edge in hard if edge.to is not None))
        why = hard[0].reason if hard else ""
        change = change_words(planned.title, planned.classification)
        return Member(planned.number, planned.title, change, self._phase(planned), after, why)

    # --- what shall be true ---

    def _versions(self) -> Iterator[WantedVersion]:
        brought = [(number, one) for number in sorted(self.critical) for one in self.planned[number].provides]
        if self.goal.version:
            for scope in self.base.scopes.clusters:
                yield self._goal_version(scope, brought)
            brought = [(number, one) for number, one in brought if one.provider != self.goal.provider]
        for number, one in sorted(brought, key=lambda pair: self._ordered().index(pair[0])):
            name = self.catalogue.name_of(one.provider)
            yield WantedVersion(one.provider, name, one.scope, one.to.removeprefix("v"), number)

    def _goal_version(self, scope: str, brought: Iterable[tuple[int, Capability]]) -> WantedVersion:
        goal, wanted = self.goal, Version.parse(self.goal.version)
        by = next(
            (
                number
                for number, one in brought
                if (one.provider, one.scope) == (goal.provider, scope) and reaches(one.to, wanted)
            ),
            None,
        )
        return WantedVersion(goal.provider, goal.name, scope, goal.version, by, is_goal=True)

    def _apis(self) -> Iterator[WantedApi]:
        for edge, requirement in self._needs():
            yield WantedApi(requirement.gvk, requirement.scope, edge.from_, edge.to, self._shared(edge, requirement))

    def _needs(self) -> Iterator[tuple[Edge, Requirement]]:
        """The APIs, each once, that members wait for."""
        told: set[tuple[int, object, str]] = set()
        for edge in self.plan.edges:
            if edge.kind is not EdgeKind.NEEDS or edge.strength is not Strength.HARD or edge.from_ not in self.critical:
                continue
            for requirement in self.planned[edge.from_].requires:
                key = (edge.from_, requirement.gvk, requirement.scope)
                if key not in told and self._is_for(edge, requirement):
                    told.add(key)
                    yield edge, requirement

    def _is_for(self, edge: Edge, requirement: Requirement) -> bool:
        provider = self.catalogue.provider_of(requirement.gvk)
        if edge.to is None or edge.to not in self.planned:
            return True
        return any(
            one.provider == provider and one.scope == requirement.scope for one in self.planned[edge.to].provides
        )

    def _shared(self, edge: Edge, requirement: Requirement) -> str:
        """The Flux Kustomization that consumer and provider both change."""
        if edge.to is None or edge.to not in self.planned:
            return ""
        files = [line.file for line in requirement.evidence]
        for one in self.planned[edge.to].provides:
            if one.scope == requirement.scope:
                found = shared_kustomization(self.base.scopes, files, one.source.file)
                if found is not None:
                    return str(found)
        return ""

    # --- risks ---

    def _risks(self) -> Iterator[Risk]:
        yield from self._risks_of_goal()
        yield from self._risks_of_needs()
        for edge in self.plan.edges:
            if edge.kind is EdgeKind.REMOVAL and edge.from_ in self.planned:
                yield Risk(Level.HIGH, *messages.removal_risk(edge.from_, edge.reason), numbers=(edge.from_,))
        yield from self._risks_of_minors()
        for number in self._ordered():
            yield from self._risks_of_member(self.planned[number])
        for cluster in self.plan.clusters:
            if cluster.flux is not None and _is_floating(cluster.flux.version):
                source = cluster.flux.source
                where = f"{source.file}:{source.line}" if source.line else source.file
                yield Risk(Level.MEDIUM, *messages.floating_risk(cluster.name, cluster.flux.version, where))
        if not self.connected and self.critical:
            yield Risk(Level.MEDIUM, *messages.silent_risk())
        meet = [edge for edge in self.plan.edges if edge.kind is EdgeKind.FILE]
        ends = {number for edge in meet for number in (edge.from_, edge.to) if number in self.planned}
        numbers = tuple(sorted(number for number in ends if number is not None))
        if numbers:
            yield Risk(Level.MEDIUM, *messages.overlap_risk(numbers), numbers=numbers)

    def _risks_of_goal(self) -> Iterator[Risk]:
        wanted = Version.parse(self.goal.version)
        newest = self.catalogue.newest_before(self.goal.provider, wanted) if wanted is not None else None
        if newest is not None:
            why = beyond_known(self.goal.name, self.goal.version, str(newest).removeprefix("v"))
            yield Risk(Level.MEDIUM, *messages.unreleased_risk(str(self.goal), why))

    def _risks_of_needs(self) -> Iterator[Risk]:
        told: set[tuple[int, int | None]] = set()
        for edge, requirement in self._needs():
            if (edge.from_, edge.to) in told:
                continue
            told.add((edge.from_, edge.to))
            api = apis([requirement.gvk])
            if edge.to is None:
                yield Risk(Level.HIGH, *messages.wanting_risk(edge.from_, edge.reason), numbers=(edge.from_,))
            elif shared := self._shared(edge, requirement):
                words = messages.deadlock_risk(edge.from_, edge.to, api, shared)
                yield Risk(Level.HIGH, *words, numbers=(edge.from_,))
            else:
                yield Risk(Level.HIGH, *messages.unserved_risk(edge.from_, edge.to, api), numbers=(edge.from_,))

    def _risks_of_minors(self) -> Iterator[Risk]:
        """An operator refuses to go back by a minor of Flux; without one the API server may."""
        for number in sorted(self.critical):
            for one in self.planned[number].provides:
                before, after = Version.parse(one.from_ or ""), Version.parse(one.to)
                raised = before is not None and after is not None and minor_of(before) < minor_of(after)
                if one.provider == FLUX and raised:
                    name = self.catalogue.name_of(one.provider)
                    operator = self._has_operator(one.scope)
                    words = messages.downgrade_risk(number, name, one.from_ or "", one.to, operator=operator)
                    yield Risk(Level.HIGH, *words, numbers=(number,))
                    break

    def _has_operator(self, scope: str) -> bool:
        """Whether Flux is installed by its operator there: as Git says, or a cluster."""
        seen = any((one.provider, one.scope) == (FLUX_OPERATOR, scope) for one in self.snapshot.observations)
        flux = self.base.declarations.get((FLUX, scope))
        by_instance = flux is not None and flux.mark is not None and flux.mark.kind is MarkKind.DISTRIBUTION
        return seen or by_instance or (FLUX_OPERATOR, scope) in self.base.declarations

    def _risks_of_member(self, planned: PlannedPullRequest) -> Iterator[Risk]:
        told, number = planned.classification, planned.number
        name = told.updates[0].name if told.updates else planned.title
        if told.update_type is UpdateType.MAJOR and told.component is not Component.TOOLING:
            yield Risk(Level.HIGH, *messages.major_risk(number, name), numbers=(number,))
        if told.also_changes:
            yield Risk(Level.MEDIUM, *messages.impure_risk(number, told.also_changes), numbers=(number,))


def reaches(version: str, wanted: Version | None) -> bool:
    """Whether that version is the wanted one or newer. What is no version reaches nothing."""
    found = Version.parse(version)
    return found is not None and wanted is not None and found >= wanted


def _is_floating(version: str) -> bool:
    found = Version.parse(version)
    return found is None or len(found.release) < 3


def change_words(title: str, told: Classification) -> str:
    """`kube-prometheus-stack 72.9.1 → 73.2.3`; a group by its first one."""
    if not told.updates:
        return title
    first = told.updates[0]
    versions = " → ".join(part for part in (first.from_, first.to) if part)
    return f"{first.name} {versions}".strip()
