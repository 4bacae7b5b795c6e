"""Whether a cluster serves an API now: what it said itself, what Git declares, and what is merged but not rolled out.

A merged version is not a running one. While a rollout is pending the cluster may still run the version before it; an
observation beats both, but one from before the merge only says what ran then. What the API server was seen to list, or
not to list, beats them all.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from app.domain.base_facts import BaseFacts
from app.domain.crds import crd_name
from app.domain.declarations import Declared, Releases
from app.domain.model import Answer, Evidence, Field, Gvk, Observation, Requirement, Rollout, RolloutState, Snapshot
from app.domain.observed_apis import ObservedApis, Seen
from app.domain.requirements import meets
from app.domain.rollouts import reached
from app.domain.version_marks import MarkKind
from app.domain.versions import Version

DEFAULT_COMPONENTS = ("source-controller", "kustomize-controller", "helm-controller", "notification-controller")
"""Those of a FluxInstance that lists none (https://fluxoperator.dev/docs/crd/fluxinstance/)."""


class Served(Enum):
    YES = "yes"
    NO = "no"
    MERGED = "merged"
    """A merged version serves it, which the cluster has not taken over yet."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a provider stands in a scope. `running` are the releases that may be running, `pending` the open rollouts.

    `observation` is None where it is older than a rollout that is known to be done.
    """

    provider: str
    scope: str
    running: Releases
    declared: Declared | None = None
    observation: Observation | None = None
    pending: tuple[Rollout, ...] = ()
    done: Rollout | None = None
    absent: bool = False
    """It is new in this scope and not rolled out: nothing of it runs yet."""

    @property
    def is_known(self) -> bool:
        """Whether Git or the cluster says anything of it."""
        return self.declared is not None or self.observation is not None

    def has(self, version: Version) -> bool:
        """Whether it is sure that this version or a newer one runs."""
        return self.running.low is not None and self.running.low >= version


@dataclass(frozen=True, slots=True)
class ServedNow:
    """`rollout` is the one that is waited for; None where the version came to the base branch unseen.
    `in_use` is a line of the base branch that uses the API already."""

    answer: Served
    standing: Standing
    rollout: Rollout | None = None
    in_use: Evidence | None = None
    missing: str | None = None
    """The controller that would serve it, where Git lists the installed ones without it."""
    seen: Seen | None = None
    """What decided, where the cluster was seen to serve it or not to."""

    @property
    def unlisted(self) -> bool:
        """Whether the API server was seen not to list it."""
        return self.seen is not None and self.answer is not Served.YES


class Serving:
    """What runs where, for one snapshot."""

    def __init__(self, snapshot: Snapshot, base: BaseFacts) -> None:
        self._base = base
        self._observations: dict[tuple[str, str], dict[str, Observation]] = defaultdict(dict)
        """For each provider in a scope the newest of each cluster that stands for it."""
        for observation in sorted(snapshot.observations, key=lambda observation: observation.at):
            self._observations[observation.provider, observation.scope][observation.cluster] = observation
        self._rollouts: dict[tuple[str, str], list[Rollout]] = defaultdict(list)
        for rollout in sorted(snapshot.rollouts, key=lambda rollout: rollout.merged_at):
            self._rollouts[rollout.provider, rollout.scope].append(rollout)
        self._apis = ObservedApis(snapshot.served)
        self._standings: dict[tuple[str, str], Standing] = {}
        self._met: dict[tuple[str, Gvk, Field | None], ServedNow] = {}

    def standing(self, provider: str, scope: str) -> Standing:
        key = provider, scope
        if key not in self._standings:
            self._standings[key] = self._read_standing(provider, scope)
        return self._standings[key]

    def answer(self, requirement: Requirement) -> ServedNow:
        """Whether the cluster meets a requirement, of whose API the catalogue must know the provider."""
        return self.met(requirement.scope, requirement.gvk, requirement.field)

    def met(self, scope: str, gvk: Gvk, field: Field | None) -> ServedNow:
        """The same for every requirement of one API, or of one field of it: found once."""
        key = scope, gvk, field
        if key not in self._met:
            requirement = Requirement(gvk, scope, (), field)
            believed = self._find_answer(requirement)
            self._met[key] = believed if field is not None else self._as_seen(believed, requirement)
        return self._met[key]

    def _as_seen(self, believed: ServedNow, requirement: Requirement) -> ServedNow:
        """What was seen decides. An API that versions promise and the API server does not list is still to come; but
        not where the cluster has told of the version since."""
        seen = self._apis.answer(requirement.scope, requirement.gvk)
        if seen is None:
            return believed
        if seen.answer is Answer.YES:
            return ServedNow(Served.YES, believed.standing, seen=seen)
        told = believed.standing.observation
        if believed.answer is Served.YES and told is not None and seen.at is not None and told.at > seen.at:
            return believed
        promised = believed.answer in (Served.YES, Served.MERGED)
        rollout = believed.rollout or next(reversed(believed.standing.pending), None)
        return ServedNow(
            Served.MERGED if promised else Served.NO,
            believed.standing,
            rollout if promised else None,
            missing=believed.missing,
            seen=seen,
        )

    def _find_answer(self, requirement: Requirement) -> ServedNow:
        provider = self._base.catalogue.provider_of(requirement.gvk)
        assert provider is not None
        standing = self.standing(provider, requirement.scope)
        if requirement.field is not None:
            return self._answer(standing, requirement)
        scope, gvk = requirement.scope, requirement.gvk
        heard = standing.observation is not None or standing.pending
        if gvk in self._base.crds.get(scope, frozenset()) and not heard and not _taken_out(standing, gvk):
            return ServedNow(Served.YES, standing)
        now = self._answer(standing, requirement)
        if now.answer is Served.YES and now.in_use is None:
            missing = self._missing_component(standing, gvk)
            if missing is not None and not self._base.uses_in(scope, gvk):
                return ServedNow(Served.UNKNOWN, standing, missing=missing)
        return now

    def _answer(self, standing: Standing, requirement: Requirement) -> ServedNow:
        """By the releases that run, that are merged, and that are declared."""
        catalogue, provider = self._base.catalogue, standing.provider
        now = Answer.NO if standing.absent else meets(standing.running, provider, requirement, catalogue)
        declared, pending = standing.declared, standing.pending
        if pending and meets(_exactly(pending[-1].to, declared), provider, requirement, catalogue) is Answer.NO:
            # Whatever runs today, what is merged last takes it away.
            return ServedNow(Served.NO, standing)
        if now is Answer.YES and not self._is_taken_away(standing, requirement):
            return ServedNow(Served.YES, standing)
        for rollout in reversed(pending):
            if meets(_exactly(rollout.to, declared), provider, requirement, catalogue) is Answer.YES:
                return ServedNow(Served.MERGED, standing, rollout)
        if now is Answer.NO:
            merged = declared is not None and meets(declared.releases, provider, requirement, catalogue) is Answer.YES
            return ServedNow(Served.MERGED if merged else Served.NO, standing)
        in_use = None if standing.pending else next(iter(self._in_use(requirement)), None)
        if in_use is not None:
            # Whatever version it is that runs there, it takes this today.
            return ServedNow(Served.YES, standing, in_use=in_use)
        return ServedNow(Served.UNKNOWN, standing)

    def _is_taken_away(self, standing: Standing, requirement: Requirement) -> bool:
        """Whether a version on the way to the last one does not meet it, so that what ran before does not tell."""
        catalogue, declared = self._base.catalogue, standing.declared
        return any(
            meets(_exactly(rollout.to, declared), standing.provider, requirement, catalogue) is Answer.NO
            for rollout in standing.pending
        )

    def _in_use(self, requirement: Requirement) -> Iterable[Evidence]:
        if requirement.field is None:
            return self._base.uses_in(requirement.scope, requirement.gvk)
        found = self._base.first_field_use(requirement.scope, requirement.gvk, requirement.field)
        return () if found is None else (found,)

    def _missing_component(self, standing: Standing, gvk: Gvk) -> str | None:
        """All CRDs of a controller come and go with it: no image automation, no ImagePolicy."""
        if _taken_out(standing, gvk):
            return f"the CRD of {gvk.kind}"
        kind = self._base.catalogue.providers[standing.provider].kind(gvk.group, gvk.kind)
        component = kind.component if kind else None
        mark = standing.declared.mark if standing.declared else None
        if component is None or mark is None:
            return None
        installed = mark.components
        if installed is None and mark.kind is MarkKind.DISTRIBUTION:
            installed = DEFAULT_COMPONENTS
        return component if installed is not None and component not in installed else None

    def _read_standing(self, provider: str, scope: str) -> Standing:
        """Where one of several clusters has not told, what the others say may hold, and frees nothing."""
        seen = self._observations.get((provider, scope), {}).values()
        told = [one for one in seen if one.version]
        if len(told) == len(seen):
            return self._stand(provider, scope, told)
        believed, heard = self._stand(provider, scope, ()), self._stand(provider, scope, told)
        low, known = heard.running.low, believed.running.low
        return heard if heard.observation and low is not None and (known is None or low < known) else believed

    def _stand(self, provider: str, scope: str, seen: Sequence[Observation]) -> Standing:
        declared = self._base.declarations.get((provider, scope))
        rollouts = self._rollouts.get((provider, scope), [])
        done = next((r for r in reversed(rollouts) if r.state is RolloutState.ROLLED_OUT), None)
        if done is not None and any(_is_outdated(one, done) for one in seen):
            seen = ()
        pending = tuple(
            rollout
            for rollout in rollouts
            if rollout.state is RolloutState.PENDING
            and not (seen and all(reached(rollout, one.version, one.at, rollouts) for one in seen))
            and not (done is not None and done.merged_at > rollout.merged_at)
        )
        absent = not seen and bool(pending) and pending[0].from_ is None and done is None
        return Standing(
            provider=provider,
            scope=scope,
            running=self._running(provider, declared, seen, pending, done),
            declared=declared,
            observation=min(seen, key=_version_of, default=None),
            pending=pending,
            done=done,
            absent=absent,
        )

    def _running(
        self,
        provider: str,
        declared: Declared | None,
        seen: Sequence[Observation],
        pending: tuple[Rollout, ...],
        done: Rollout | None,
    ) -> Releases:
        if seen:
            low, high = min(seen, key=_version_of), max(seen, key=_version_of)
            return replace(_exactly(low.version, declared), high=Version.parse(high.version))
        if pending:
            before = pending[0].from_ or (done.to if done else None)
            return _exactly(before, declared) if before else Releases()
        if declared is not None and declared.declaration.live:
            return declared.releases
        facts = self._base.catalogue.providers.get(provider)
        if facts is None:
            return Releases()
        # Nothing is known but that it runs some release: what all of them serve, it serves.
        major, minor = facts.first
        return Releases(Version(f"{major}.{minor}.0", (major, minor, 0)), facts.newest)


def _version_of(seen: Observation) -> tuple[bool, Version]:
    """What cannot be read counts as the lowest, so that it hides behind no other."""
    version = Version.parse(seen.version)
    return version is not None, version or Version("0.0.0", (0, 0, 0))


def _taken_out(standing: Standing, gvk: Gvk) -> bool:
    """Whether a patch in Git takes the CRD of a kind out of what is installed."""
    without = standing.declared.without if standing.declared else frozenset()
    return bool(without) and crd_name(gvk) in without


def _exactly(version: str, declared: Declared | None) -> Releases:
    return (declared.releases if declared else Releases()).at(Version.parse(version))


def _is_outdated(observation: Observation, done: Rollout) -> bool:
    """Whether it tells what ran before a rollout that is known to be done."""
    if _is_below(observation.version, done.to):
        return True
    return observation.at < (done.rolled_out_at or done.merged_at) and _is_below(done.to, observation.version)


def _is_below(version: str, other: str) -> bool:
    """What cannot be compared counts as below, so that a rollout is not taken for done without a sign."""
    one, two = Version.parse(version), Version.parse(other)
    return one is None or two is None or one < two
