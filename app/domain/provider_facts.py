"""What is known of one provider: which of its releases serves which API, what changes that, and how sure we are.

A provider is what brings an API to a cluster: Flux, Flux Operator, External Secrets, Kubernetes itself. Everything is
keyed by group, kind and version, because kinds of one group graduate at different times: `source.toolkit.fluxcd.io/v1`
has a HelmRepository since Flux 2.3, and an OCIRepository only since 2.6.
"""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import Enum

from app.domain.model import Answer, Gvk
from app.domain.versions import Version

Minor = tuple[int, int]

ANY_KIND = "*"
"""The kind of facts that hold for every kind of a group, and say nothing of versions that they do not name."""


def minor_of(version: Version) -> Minor:
    return version.major, version.minor


_API_VERSION = re.compile(r"v(\d+)(?:(alpha|beta)(\d+))?$")


def version_rank(version: str) -> tuple[int, int, int, str]:
    """The order of a kind's versions: alpha before beta before stable, each by number; others before them all.
    https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/"""
    match = _API_VERSION.match(version)
    if match is None:
        return 0, 0, 0, version
    stage = {"alpha": 1, "beta": 2, None: 3}[match.group(2)]
    return stage, int(match.group(1)), int(match.group(3) or 0), version


class Confidence(Enum):
    """Where a fact comes from. Only the first two can say no.

    An observation shows that an API was there: in a running cluster, or in a list of schemas. It never shows from which
    release on, or that another release lacks it. So an observed fact answers yes, and unknown where it would say no:
    a pull request is never held because of a thing that nobody saw.
    """

    DERIVED = "derived"
    """Read from the CustomResourceDefinitions in upstream's release tags."""
    DOCUMENTED = "documented"
    """Upstream's release notes or documentation say so."""
    OBSERVED = "observed"
    """Seen somewhere: the output of a cluster, a list of schemas, an issue."""


class Arrival(Enum):
    """How the CRDs of a provider come to the cluster when its chart is upgraded."""

    TEMPLATES = "templates"
    """Among the chart's templates: an upgrade of the HelmRelease upgrades them."""
    CRDS_FOLDER = "crds-folder"
    """In the chart's `crds/`: helm-controller leaves them as they are on an upgrade, unless the HelmRelease says
    `upgrade.crds: Create` or `CreateReplace` (the default is Skip), so that a bump brings the controller only.
    https://fluxcd.io/flux/components/helm/helmreleases/#upgrade-configuration"""
    RUNTIME = "runtime"
    """The operator writes them itself when it starts: they change with its rollout, not with the apply."""
    SEPARATE = "separate"
    """Another chart brings them, named by `of`."""


@dataclass(frozen=True, slots=True)
class CrdsArrival:
    """How one chart brings CRDs. `value` is the key of its values that switches them on, where there is one.

    `of` is the other chart of the two where the CRDs are a chart of their own: for SEPARATE the chart that has them,
    for a chart that exists for the CRDs alone the chart of the controller. From release `since` of the chart, where it
    was otherwise before.
    """

    chart: str
    how: Arrival
    source: str
    value: str | None = None
    of: str | None = None
    since: Version | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """A value of a chart that makes it serve APIs which its release does not serve by itself.

    `value` is its dotted path in the chart's values, and true switches it on, in the provider's releases from `since`.
    """

    chart: str
    value: str
    since: Version
    serves: frozenset[Gvk]
    source: str

    def serves_with(self, switched: Set[str], version: Version, gvk: Gvk) -> bool:
        return self.value in switched and gvk in self.serves and version >= self.since


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """Fields of one version of a kind that were not there from its first release.

    Paths are dotted, `[]` marks a list: `spec.dependsOn[].readyExpr`. `added`: path -> first release of the provider
    that has it; `values`: path -> allowed value (of an enum) -> first release that allows it. `lost`: version this one
    follows -> the fields of that version that it no longer has.
    """

    added: Mapping[str, Version] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Version]] = field(default_factory=dict)
    lost: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.added or self.values or self.lost)


NO_FIELDS = FieldFacts()


@dataclass(frozen=True, slots=True)
class Lifetime:
    """From when to when one version of a kind is served. `removed` is the first release that does not serve it.

    `since_or_before` means that `since` is the oldest release looked at and served it already; `removed_or_before`
    that `removed` is the first release looked at that did not. `since` is None where no release is known to serve it.
    `last` is the newest minor known to serve it, where that is not the provider's own `last`. `replaced_by` is the
    apiVersion under which the same kind lives on. `channels`: where the channels of a provider differ, the lifetime in
    each that has it; this one then spans them all.
    """

    since: Version | None
    since_or_before: bool = False
    deprecated: Version | None = None
    removed: Version | None = None
    removed_or_before: bool = False
    last: Minor | None = None
    replaced_by: str | None = None
    source: str = ""
    confidence: Confidence = Confidence.DOCUMENTED
    fields: FieldFacts = NO_FIELDS
    channels: Mapping[str, "Lifetime"] = field(default_factory=dict)

    def served(self, version: Version, last: Minor) -> Answer:
        """Whether `version` of the provider serves it; `last` is the last minor of the provider that was looked at."""
        answer = self._answer(version, self.last or last)
        return Answer.UNKNOWN if answer is Answer.NO and self.confidence is Confidence.OBSERVED else answer

    def _answer(self, version: Version, last: Minor) -> Answer:
        # A release candidate of the very release that changes something may already have the change, or not yet.
        if version.prerelease and _same_release(version, self.since, self.removed):
            return Answer.UNKNOWN
        if self.removed is not None and version >= self.removed:
            return Answer.NO
        if self.since is None or version < self.since:
            return Answer.UNKNOWN if self.since is None or self.since_or_before else Answer.NO
        if self.removed is not None:
            return Answer.UNKNOWN if self.removed_or_before else Answer.YES
        return Answer.YES if minor_of(version) <= last else Answer.UNKNOWN


def _same_release(version: Version, *others: Version | None) -> bool:
    return any(
        other is not None and (version.major, version.minor, version.patch) == (other.major, other.minor, other.patch)
        for other in others
    )


@dataclass(frozen=True, slots=True)
class KindFacts:
    """The versions of a kind in Kubernetes' order: alpha before beta before stable, each by number."""

    versions: Mapping[str, Lifetime]
    component: str | None = None
    """The controller whose CRD it is, where a provider can be installed without it."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider. `first` and `last` are the minors that were looked at; past them little is known.

    `complete` says that each kind lists every version it was ever served in. `charts` are names of Helm charts whose
    version is the provider's version, `remotes` GitHub repositories whose release tags are. `channels`: name of a set
    of CRDs that a release publishes beside others -> pieces of a URL that tell it. `in_step` are charts that must have
    one version, the one to go first first.
    """

    id: str
    name: str
    source: str
    first: Minor
    last: Minor
    newest: Version
    kinds: Mapping[tuple[str, str], KindFacts]
    complete: bool = True
    confidence: Confidence = Confidence.DOCUMENTED
    charts: frozenset[str] = frozenset()
    remotes: frozenset[str] = frozenset()
    channels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    crds_arrive: tuple[CrdsArrival, ...] = ()
    in_step: tuple[tuple[str, ...], ...] = ()
    switches: tuple[Switch, ...] = ()
    components: Mapping[Minor, Mapping[str, Version]] = field(default_factory=dict)
    """Version of each controller in the first release of a minor."""
    min_kubernetes: Mapping[Minor, Minor] = field(default_factory=dict)
    behaviour: Mapping[Minor, tuple[str, ...]] = field(default_factory=dict)
    """What a minor does otherwise than the one before it, besides its APIs."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """What a person should know and no rule here says: id -> sentence."""

    def kind(self, group: str, kind: str) -> KindFacts | None:
        """The facts of a kind, or those of every kind of its group."""
        return self.kinds.get((group, kind)) or self.kinds.get((group, ANY_KIND))

    def lifetime(self, gvk: Gvk) -> Lifetime | None:
        facts = self.kind(gvk.group, gvk.kind)
        return facts.versions.get(gvk.version) if facts else None

    def knows(self, gvk: Gvk) -> bool:
        """Whether it can say anything of `gvk`: a version that it lists, or that a complete list leaves out."""
        return self.lifetime(gvk) is not None or (self.complete and (gvk.group, gvk.kind) in self.kinds)

    def served(
        self, version: Version, gvk: Gvk, channel: str | None = None, switched: Set[str] = frozenset()
    ) -> Answer:
        """Whether `version` serves `gvk`. `channel` is the one installed; where it is not known, only what all
        channels agree on is answered. `switched` are the values (of `switches`) that are known to be on."""
        if switched and any(one.serves_with(switched, version, gvk) for one in self.switches):
            return Answer.YES
        lifetime = self.lifetime(gvk)
        if lifetime is None:
            listed = (gvk.group, gvk.kind) in self.kinds and self.complete
            known = listed and self.first <= minor_of(version) <= self.last
            return Answer.NO if known and self.confidence is not Confidence.OBSERVED else Answer.UNKNOWN
        if not lifetime.channels:
            return lifetime.served(version, self.last)
        answers = {
            lifetime.channels[one].served(version, self.last) if one in lifetime.channels else Answer.NO
            for one in ([channel] if channel and channel in self.channels else self.channels)
        }
        return answers.pop() if len(answers) == 1 else Answer.UNKNOWN

    def component_since(self, component: str) -> Minor | None:
        """The minor that first had a controller; None where the first minor that was looked at had it, or none has."""
        having = [minor for minor, components in self.components.items() if component in components]
        return min(having) if having and min(having) > self.first else None

    def channel_of(self, text: str) -> str | None:
        """The channel that a URL or path names; None when it names none."""
        return next((name for name, words in self.channels.items() if any(word in text for word in words)), None)

    def arrival_of(self, chart: str, version: Version | None = None) -> CrdsArrival | None:
        """How release `version` of a chart brings the CRDs; the newest way known when it is None."""
        fitting = [
            one
            for one in self.crds_arrive
            if one.chart == chart and (one.since is None or version is None or one.since <= version)
        ]
        return fitting[-1] if fitting else None
