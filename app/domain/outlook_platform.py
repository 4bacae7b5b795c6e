"""What a version asks of others on its way: its operator, Kubernetes, Talos. One step for each of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from app.domain.declarations import VersionChange
from app.domain.messages import outlook as messages
from app.domain.model import Strength
from app.domain.outlook_step import THE_UPGRADE, Step, StepKind, StepState
from app.domain.pairs import Demand, demands
from app.domain.situation import Situation
from app.domain.versions import Version


@dataclass(frozen=True, slots=True)
class Done:
    """What earlier hops of the same way have named: the demands in words, and the least version that runs then of what
    they raised."""

    demands: frozenset[str] = frozenset()
    least: Mapping[str, Version] = field(default_factory=dict)

    def with_steps(self, steps: Iterable[Step]) -> "Done":
        least = dict(self.least)
        for step in steps:
            if step.raised is not None:
                provider, version = step.raised
                least[provider] = max(version, least.get(provider, version))
        return Done(self.demands | {demand for step in steps for demand in step.demands}, least)


@dataclass(frozen=True, slots=True)
class Platform:
    situation: Situation
    change: VersionChange
    done: Done

    def steps(self) -> Iterator[Step]:
        unmet: dict[str, list[Demand]] = defaultdict(list)
        for demand in demands(self.change, self.situation):
            if demand.needs not in self.done.demands and self._is_met(demand) is not True:
                unmet[demand.provider].append(demand)
        for provider, asked in unmet.items():
            yield self._step(provider, _strongest(asked))

    def _is_met(self, demand: Demand) -> bool | None:
        running, least = self._running(demand.provider), self.done.least.get(demand.provider)
        if running is None:  # what was raised may be newer than was asked
            return True if least is not None and demand.fits(least) is True else None
        return demand.fits(max(running, least or running))

    def _running(self, provider: str) -> Version | None:
        """The lowest release that may run, where anything at all is known of it."""
        standing = self.situation.serving.standing(provider, self.change.scope)
        return standing.running.low if standing.is_known else None

    def _step(self, provider: str, asked: list[Demand]) -> Step:
        hard = [demand for demand in asked if demand.strength is Strength.HARD]
        brought = self._bringing(provider, asked)
        in_full = bool(brought)
        brought = brought or self._bringing(provider, hard or asked)
        numbers = tuple(number for number, _ in brought)
        is_unknown = all(self._is_met(demand) is None for demand in asked)
        text = messages.platform(
            name=self.situation.catalogue.name_of(self.change.provider),
            version=self.change.after.shown,
            needs=[demand.needs for demand in hard],
            better=[demand.needs for demand in asked if demand.strength is Strength.SOFT],
            standing=self._standing(provider),
            unknown=is_unknown,
            pull_requests=numbers,
            in_full=in_full,
        )
        state = StepState.OPEN if numbers else StepState.UNKNOWN if is_unknown else StepState.TODO
        lows = [version for _, version in brought] or [demand.least for demand in asked if demand.least is not None]
        least = (min(lows) if brought else max(lows)) if lows else None
        return Step(
            StepKind.PLATFORM,
            state,
            text,
            numbers,
            tuple(demand.fact for demand in asked),
            demands=tuple(demand.needs for demand in asked),
            raised=(provider, least) if least is not None else None,
        )

    def _standing(self, provider: str) -> str:
        running, least = self._running(provider), self.done.least.get(provider)
        if running is None:
            return ""
        if least is not None and least > running:
            return messages.raised_before(self.situation.catalogue.name_of(provider), str(least).removeprefix("v"))
        return self.situation.standing(self.situation.serving.standing(provider, self.change.scope))

    def _bringing(self, provider: str, asked: list[Demand]) -> list[tuple[int, Version]]:
        """The open pull requests that meet all of it, each with its version."""

        def meets_all(other: VersionChange) -> bool:
            return all(demand.is_met_by(other) for demand in asked)

        found = self.situation.bringing(provider, self.change.scope, meets_all, besides=THE_UPGRADE)
        return [(number, low) for number, other in found if (low := other.after.releases.low) is not None]


def _strongest(asked: list[Demand]) -> list[Demand]:
    """Without those that another one implies: one for a higher version, as strong."""
    kept: list[Demand] = []
    highest = sorted(asked, key=lambda one: one.least.precedence if one.least else (), reverse=True)
    for one in sorted(highest, key=lambda one: one.strength is Strength.SOFT):
        if not any(one.needs == other.needs or _reaches(other, one) for other in kept):
            kept.append(one)
    return kept


def _reaches(other: Demand, one: Demand) -> bool:
    return one.least is not None and other.least is not None and other.least >= one.least
