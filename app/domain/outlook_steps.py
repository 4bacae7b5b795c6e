"""The steps of one version change of a provider in one cluster, for `outlook`."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from app.domain.base_facts import BaseFacts, lines_of
from app.domain.catalogue import FLUX, Catalogue, minor_of
from app.domain.declarations import Releases, VersionChange
from app.domain.messages import outlook as messages
from app.domain.messages.phrases import apis
from app.domain.migration import COMMENT, Migration, Moved, Wish
from app.domain.migration_plan import plan_migration
from app.domain.model import Answer, Evidence, Gvk
from app.domain.outlook_platform import Done, Platform
from app.domain.outlook_step import THE_UPGRADE, Step, StepKind, StepState
from app.domain.pull_request_facts import PullRequestFacts
from app.domain.removals import find_uncertain_removals, removed_uses
from app.domain.requirements import meets
from app.domain.served_versions import Target
from app.domain.serving import DEFAULT_COMPONENTS
from app.domain.situation import Situation
from app.domain.steps import find_bad_steps
from app.domain.version_marks import GOTK_COMPONENTS, MarkKind


def migrate_for(
    base: BaseFacts, scope: str, provider: str, releases: Releases, kinds: frozenset[str] = frozenset()
) -> Migration:
    """What `fluxmig migrate` would do to one cluster's manifests of a provider, if these releases ran."""
    own = kinds or frozenset(f"{group}/{kind}" for group, kind in base.catalogue.providers[provider].kinds)

    def holds(path: str) -> bool:
        return scope in base.scopes.of(path)

    return plan_migration(base.tree, base, Wish(holds=holds, kinds=own, targets=(Target(provider, "", releases),)))


@dataclass(frozen=True, slots=True)
class HopSteps:
    """`done` is what the earlier hops of the same way have asked for."""

    situation: Situation
    change: VersionChange
    done: Done = field(default_factory=Done)

    def find(self) -> tuple[Step, ...]:
        rollout = messages.rollout(self._name, self.change.after.shown, self.change.scope)
        return (
            *self._manifests(),
            *Platform(self.situation, self.change, self.done).steps(),
            *self._storage(),
            self._upgrade(),
            Step(StepKind.ROLLOUT, StepState.TODO, rollout),
            *self._unlocked(),
            *self._notes(),
        )

    @property
    def _name(self) -> str:
        return self._catalogue.name_of(self.change.provider)

    @property
    def _catalogue(self) -> Catalogue:
        return self.situation.catalogue

    @property
    def _facts(self) -> PullRequestFacts:
        return PullRequestFacts(THE_UPGRADE, changes=(self.change,))

    @property
    def _before(self) -> Releases:
        assert self.change.before is not None
        return self.change.before.releases

    def _migration(self, releases: Releases, kinds: frozenset[str] = frozenset()) -> Migration:
        return migrate_for(self.situation.base, self.change.scope, self.change.provider, releases, kinds)

    # --- before ---

    def _manifests(self) -> Iterator[Step]:
        for uses in removed_uses(self._facts, self.situation):
            for gvk, by_remover in _by_api(uses.by_remover).items():
                yield self._move(gvk, by_remover)
        for warning in find_uncertain_removals(self._facts, self.situation):
            yield Step(StepKind.MANIFESTS, StepState.UNKNOWN, self._named(warning))

    def _move(self, gvk: Gvk, by_remover: Mapping[int | None, list[Evidence]]) -> Step:
        lines = [line for found in by_remover.values() for line in found]
        numbers = tuple(sorted(number for number in by_remover if number is not None))
        migration = self._migration(self._before, frozenset({f"{gvk.group}/{gvk.kind}"}))
        moved = [one for one in migration.moved if one.old == gvk and one.what != COMMENT]
        fact = self._catalogue.fact_of(gvk)
        text = messages.move(
            api=apis([gvk]),
            name=self._name,
            version=self.change.after.shown,
            removed=str(fact.lifetime.removed or "") if fact else "",
            to=apis(sorted({one.new for one in moved})) if moved else "",
            lines=lines,
            by_hand=max(0, len(lines) - len(moved)),
            pull_requests=numbers,
            rest=len(by_remover.get(None, ())),
        )
        state = StepState.OPEN if None not in by_remover else StepState.TODO
        return Step(StepKind.MANIFESTS, state, text, numbers, lines_of(lines))

    def _storage(self) -> Iterator[Step]:
        """Where the API server would refuse the new CRDs, since an old version may stand in `status.storedVersions`."""
        gone = [gvk for gvk in self._own_apis() if self._is_taken_away(gvk)]
        if not gone:
            return
        mark, is_flux = self.change.after.mark, self.change.provider == FLUX
        by_operator = is_flux and mark is not None and mark.kind is MarkKind.DISTRIBUTION
        text = messages.storage(
            name=self._name, version=self.change.after.shown, api=apis(gone), flux=is_flux, by_operator=by_operator
        )
        yield Step(StepKind.STORAGE, StepState.NOTE if by_operator else StepState.TODO, text)

    def _own_apis(self) -> Iterator[Gvk]:
        for (group, kind), facts in self._catalogue.providers[self.change.provider].kinds.items():
            for version in facts.versions:
                yield Gvk(group, kind, version)

    def _is_taken_away(self, gvk: Gvk) -> bool:
        before, after = (
            releases.serve(self._catalogue, self.change.provider, gvk)
            for releases in (self._before, self.change.after.releases)
        )
        return before is Answer.YES and after is Answer.NO

    # --- the step itself, and after it ---

    def _upgrade(self) -> Step:
        assert self.change.before is not None
        goal, own = self.change.after.releases.low, self._before.high
        assert goal is not None

        def reaches(other: VersionChange) -> bool:
            low, high = other.after.releases.low, other.after.releases.high
            return low is not None and high is not None and minor_of(low) == minor_of(high) == minor_of(goal)

        def goes_part_of_the_way(other: VersionChange) -> bool:
            low = other.after.releases.low
            return low is not None and own is not None and own < low < goal and not reaches(other)

        found = self._bringing(reaches)
        numbers = tuple(number for number, _ in found)
        text = messages.upgrade(
            name=self._name,
            before=self.change.before.shown,
            after=self.change.after.shown,
            how=self._by_hand(),
            brought=[(number, other.after.shown) for number, other in found],
            on_the_way=[number for number, _ in self._bringing(goes_part_of_the_way)],
        )
        return Step(StepKind.UPGRADE, StepState.OPEN if found else StepState.TODO, text, numbers, (self.change.source,))

    def _by_hand(self) -> str:
        source, before = self.change.source, self.change.before
        if before is None or before.declaration.form != GOTK_COMPONENTS:
            return messages.change_the_line(source)
        installed = (before.mark.components if before.mark else None) or ()
        others = () if set(installed) == set(DEFAULT_COMPONENTS) else installed
        return messages.generate_anew(source.file, self.change.after.shown, others)

    def _bringing(self, fits: Callable[[VersionChange], bool]) -> list[tuple[int, VersionChange]]:
        return self.situation.bringing(self.change.provider, self.change.scope, fits, besides=THE_UPGRADE)

    def _unlocked(self) -> Iterator[Step]:
        freed: dict[int, set[Gvk]] = defaultdict(set)
        for number, facts in self.situation.facts.items():
            for requirement in facts.requires:
                own = self._catalogue.provider_of(requirement.gvk) == self.change.provider
                if not own or requirement.scope != self.change.scope:
                    continue
                now = meets(self._before, self.change.provider, requirement, self._catalogue)
                then = meets(self.change.after.releases, self.change.provider, requirement, self._catalogue)
                if now is not Answer.YES and then is Answer.YES:
                    freed[number].add(requirement.gvk)
        for number, gvks in sorted(freed.items()):
            text = messages.unlocked(number=number, api=apis(sorted(gvks)))
            yield Step(StepKind.UNLOCKED, StepState.OPEN, text, (number,))
        before = {(one.file, one.line) for one in self._migration(self._before).moved}
        newly = [
            one
            for one in self._migration(self.change.after.releases).moved
            if one.what != COMMENT and (one.file, one.line) not in before and not self._is_moved_by_one(one)
        ]
        if newly:
            text = messages.can_move(
                count=len(newly),
                api=apis(sorted({one.new for one in newly})),
                provider=self.change.provider,
                version=self.change.after.shown,
            )
            yield Step(StepKind.UNLOCKED, StepState.TODO, text)

    def _is_moved_by_one(self, moved: Moved) -> bool:
        """Whether an open pull request does it."""
        return self.situation.stopping(moved.old, moved.file, besides=THE_UPGRADE) is not None

    def _notes(self) -> Iterator[Step]:
        for warning in find_bad_steps(self._facts, self.situation):
            yield Step(StepKind.NOTE, StepState.NOTE, self._named(warning))
        low, high = self._before.high, self.change.after.releases.low
        assert low is not None
        assert high is not None
        provider = self._catalogue.providers[self.change.provider]
        for minor, notes in sorted(provider.behaviour.items()):
            if minor_of(low) < minor <= minor_of(high):
                for note in notes:
                    text = messages.behaviour(self._name, f"{minor[0]}.{minor[1]}", note)
                    yield Step(StepKind.NOTE, StepState.NOTE, text, evidence=(Evidence(provider.source, 0, note),))

    def _named(self, sentence: str) -> str:
        """A sentence of the plan, with the upgrade's name in place of the number that it does not have."""
        return sentence.replace(f"#{THE_UPGRADE} ", f"{self._name} {self.change.after.shown} ")


def _by_api(
    by_remover: Mapping[int | None, Mapping[Gvk, list[Evidence]]],
) -> dict[Gvk, dict[int | None, list[Evidence]]]:
    found: dict[Gvk, dict[int | None, list[Evidence]]] = defaultdict(dict)
    for remover, of_remover in by_remover.items():
        for gvk, lines in of_remover.items():
            found[gvk][remover] = lines
    return {gvk: found[gvk] for gvk in sorted(found)}
