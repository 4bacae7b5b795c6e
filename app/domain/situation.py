"""All that edges are found from, gathered once for a plan."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from app.domain.base_facts import BaseFacts
from app.domain.catalogue import Catalogue
from app.domain.crds_arrival import CrdsCome, crds_come
from app.domain.declarations import Declared, VersionChange
from app.domain.environments import EnvironmentSteps
from app.domain.messages import cluster_phrase, standing_phrase
from app.domain.model import Gvk, PullRequest, StoredVersions
from app.domain.pull_request_facts import PullRequestFacts
from app.domain.references import ReferenceKind
from app.domain.serving import Serving, Standing
from app.domain.upgrades import Upgrade
from app.domain.version_marks import VersionMark


@dataclass(frozen=True, slots=True)
class Situation:
    """`open` holds every open pull request, of Renovate and of people; `facts` what each of them does."""

    base: BaseFacts
    serving: Serving
    open: Mapping[int, PullRequest]
    facts: Mapping[int, PullRequestFacts]
    stored: Mapping[str, tuple[StoredVersions, ...]] = field(default_factory=dict)
    """By cluster: the CRDs whose stored versions were observed."""
    _bringing: Mapping[tuple[str, str], list[tuple[int, VersionChange]]] = field(init=False, repr=False)
    _stopping: Mapping[tuple[Gvk, str], list[int]] = field(init=False, repr=False)
    steps: EnvironmentSteps = field(init=False, repr=False)
    """What Renovate's pull requests upgrade in which environment."""
    _crds_come: dict[tuple[str, str, str, str], CrdsCome] = field(default_factory=dict, init=False, repr=False)
    _upgrading: Mapping[tuple[str, ReferenceKind], list[tuple[int, Upgrade]]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        bringing: dict[tuple[str, str], list[tuple[int, VersionChange]]] = defaultdict(list)
        stopping: dict[tuple[Gvk, str], list[int]] = defaultdict(list)
        upgrading: dict[tuple[str, ReferenceKind], list[tuple[int, Upgrade]]] = defaultdict(list)
        steps = EnvironmentSteps()
        for number, facts in self.facts.items():
            for change in facts.changes:
                bringing[change.provider, change.scope].append((number, change))
            for stop in facts.stops:
                stopping[stop].append(number)
            for upgrade in facts.upgrades:
                upgrading[upgrade.short, upgrade.kind].append((number, upgrade))
            if facts.steps and self.open[number].by_renovate:
                for step in facts.steps:
                    steps.add(step)
        object.__setattr__(self, "_bringing", bringing)
        object.__setattr__(self, "_stopping", stopping)
        object.__setattr__(self, "_upgrading", upgrading)
        object.__setattr__(self, "steps", steps)

    @property
    def catalogue(self) -> Catalogue:
        return self.base.catalogue

    def ours(self) -> Iterator[PullRequestFacts]:
        """The facts of Renovate's pull requests: those of people are left alone."""
        return (facts for number, facts in self.facts.items() if self.open[number].by_renovate)

    def bringing(
        self, provider: str, scope: str, fits: Callable[[VersionChange], bool], *, besides: int
    ) -> list[tuple[int, VersionChange]]:
        """The other open pull requests whose new version of a provider fits: the lowest version first."""
        all_of = self._bringing.get((provider, scope), [])
        found = [(number, change) for number, change in all_of if number != besides and fits(change)]
        return sorted(found, key=self._preference)

    def stopping(self, gvk: Gvk, file: str, *, besides: int) -> int | None:
        """The first other open pull request that no longer uses an API in a file."""
        all_of = self._stopping.get((gvk, file), [])
        return min((number for number in all_of if number != besides), default=None)

    def upgrading(self, short: str, kind: ReferenceKind, *, besides: int) -> Iterator[tuple[int, Upgrade]]:
        """What the other open pull requests do with things of this name (see `Upgrade.short`) and kind."""
        return ((number, upgrade) for number, upgrade in self._upgrading.get((short, kind), ()) if number != besides)

    def crds_come(self, provider: str, scope: str, declared: Declared | None) -> CrdsCome:
        """Whether the CRDs of a provider come with what declares its version."""
        return self.crds_come_with(provider, scope, declared.mark if declared else None)

    def crds_come_with(self, provider: str, scope: str, mark: VersionMark | None) -> CrdsCome:
        """The same for the mark alone; looked up once for each."""
        key = provider, scope, mark.subject if mark else "", mark.version or "" if mark else ""
        if key not in self._crds_come:
            self._crds_come[key] = crds_come(provider, scope, mark, self.base)
        return self._crds_come[key]

    def crds_with(self, change: VersionChange) -> CrdsCome:
        """Whether the CRDs of a provider come with a change of its version."""
        return self.crds_come(change.provider, change.scope, change.after)

    def _preference(self, candidate: tuple[int, VersionChange]) -> tuple[object, ...]:
        number, change = candidate
        high = change.after.releases.high
        return high is None, high.precedence if high else (), not self.open[number].by_renovate, number

    def standing(self, standing: Standing) -> str:
        """A phrase for what runs now, and how we know."""
        name, declared, seen = self.catalogue.name_of(standing.provider), standing.declared, standing.observation
        if seen is None and standing.pending:
            merged = standing.pending[0]
            who = f"#{merged.pull_request} with" if merged.pull_request is not None else ""
            running = f"may still run {name} {merged.from_}" if merged.from_ else f"may not run {name} yet"
            return f"cluster {standing.scope} {running} ({who} {merged.to} is merged, not yet rolled out)".replace(
                "( ", "("
            )
        version = seen.version if seen else declared.shown if declared else ""
        return standing_phrase(
            name=name,
            version=version.removeprefix("v"),
            declared_at=declared.declaration.source if declared else None,
            seen=seen,
        )

    def clusters(self, scopes: list[str]) -> str:
        """` for cluster staging`, and nothing where there is but one."""
        return cluster_phrase(scopes, only_one=len(self.base.scopes.clusters) == 1)


def brings(situation: Situation, change: VersionChange) -> str:
    """`Flux 2.6.1`."""
    return f"{situation.catalogue.name_of(change.provider)} {change.after.shown}"
