"""Which release of which provider serves which Kubernetes API: the facts, and three-valued answers from them.

A provider is what brings an API to a cluster: Flux, Flux Operator, External Secrets, Kubernetes itself. Everything is
keyed by group, kind and version, because kinds of one group graduate at different times: `source.toolkit.fluxcd.io/v1`
has a HelmRepository since Flux 2.3, and an OCIRepository only since 2.6.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.model import Answer, Gvk
from app.domain.versions import Range, Version

Minor = tuple[int, int]

FLUX = "flux"
FLUX_OPERATOR = "flux-operator"
FLUX_INSTANCE_CHART = "flux-instance"
KUBERNETES = "kubernetes"
TALOS = "talos"


def minor_of(version: Version) -> Minor:
    return version.major, version.minor


@dataclass(frozen=True, slots=True)
class Lifetime:
    """From when to when one version of a kind is served. `removed` is the first release that does not serve it.

    `since_or_before` means that `since` is the oldest release looked at and served it already.
    """

    since: Version
    since_or_before: bool = False
    deprecated: Version | None = None
    removed: Version | None = None


@dataclass(frozen=True, slots=True)
class KindFacts:
    versions: Mapping[str, Lifetime]
    component: str | None = None
    """The controller whose CRD it is, where a provider can be installed without it."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider. `first` and `last` are the minors that were looked at; past them little is known.

    `complete` says that each kind lists every version it was ever served in. `charts` are names of Helm charts whose
    version is the provider's version, `remotes` GitHub repositories whose release tags are.
    """

    id: str
    name: str
    source: str
    first: Minor
    last: Minor
    newest: Version
    kinds: Mapping[tuple[str, str], KindFacts]
    complete: bool = True
    charts: frozenset[str] = frozenset()
    remotes: frozenset[str] = frozenset()
    components: Mapping[Minor, Mapping[str, Version]] = field(default_factory=dict)
    """Version of each controller in the first release of a minor."""
    min_kubernetes: Mapping[Minor, Minor] = field(default_factory=dict)

    def lifetime(self, gvk: Gvk) -> Lifetime | None:
        facts = self.kinds.get((gvk.group, gvk.kind))
        return facts.versions.get(gvk.version) if facts else None

    def served(self, version: Version, gvk: Gvk) -> Answer:
        """Whether `version` serves `gvk`."""
        facts = self.kinds.get((gvk.group, gvk.kind))
        if facts is None:
            return Answer.UNKNOWN
        lifetime = facts.versions.get(gvk.version)
        if lifetime is None:
            known = self.complete and self.first <= minor_of(version) <= self.last
            return Answer.NO if known else Answer.UNKNOWN
        return self._served_within(lifetime, version)

    def _served_within(self, lifetime: Lifetime, version: Version) -> Answer:
        # A release candidate of the very release that changes something may already have the change, or not yet.
        if version.prerelease and _same_release(version, lifetime.since, lifetime.removed):
            return Answer.UNKNOWN
        if version < lifetime.since:
            return Answer.UNKNOWN if lifetime.since_or_before else Answer.NO
        if lifetime.removed is not None:
            return Answer.YES if version < lifetime.removed else Answer.NO
        return Answer.YES if minor_of(version) <= self.last else Answer.UNKNOWN


def _same_release(version: Version, *others: Version | None) -> bool:
    return any(
        other is not None and (version.major, version.minor, version.patch) == (other.major, other.minor, other.patch)
        for other in others
    )


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a FluxInstance asks of its operator; breaking it means that Flux is not built or not applied at all.

    `applies`: with-artifact, without-artifact, sync-oci, or "" for every FluxInstance.
    `needs`: embedded-release, embedded-minor (of Flux, in the operator's image), or operator (at least `operator`).
    """

    id: str
    needs: str
    source: str
    applies: str = ""
    flux_from: Minor | None = None
    operator_from: Version | None = None
    operator: Version | None = None


@dataclass(frozen=True, slots=True)
class OperatorFacts:
    """What Flux Operator can install. `embeds`: Flux release -> the first operator release whose image carries it."""

    embeds: Mapping[Version, Version]
    default_version: str
    default_artifact: str
    constraints: tuple[Constraint, ...]

    def embeds_release(self, operator: Version, flux: Version) -> bool:
        first = self.embeds.get(flux)
        return first is not None and first <= operator

    def embeds_minor(self, operator: Version, minor: Minor) -> bool:
        return any(first <= operator for flux, first in self.embeds.items() if minor_of(flux) == minor)

    def first_with(self, flux: Version) -> Version | None:
        """The first operator release whose image carries `flux`."""
        return self.embeds.get(flux)

    def newest_embedded(self, operator: Version, wanted: Range) -> Version | None:
        """The newest Flux release that `wanted` allows in the image, and in the manifests artifact, of `operator`."""
        fitting = [flux for flux, first in self.embeds.items() if first <= operator and wanted.allows(flux)]
        return max(fitting, default=None)

    def newest_release(self, wanted: Range) -> Version | None:
        return max((flux for flux in self.embeds if wanted.allows(flux)), default=None)


@dataclass(frozen=True, slots=True)
class PlatformMinor:
    """`kubernetes` are the first and last minor it runs; `upgrade_from` the oldest release one may come from."""

    kubernetes: tuple[Minor, Minor]
    upgrade_from: Version


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Every fact there is. Compared and hashed by identity, so that what was read with it can be remembered."""

    providers: Mapping[str, Provider]
    operator: OperatorFacts
    charts: Mapping[str, tuple[str, Mapping[Version, Version]]]
    """Chart with a version of its own -> (provider, chart version -> provider version)."""
    talos: Mapping[Minor, PlatformMinor]
    _by_kind: Mapping[tuple[str, str], str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_kind = {kind: provider.id for provider in self.providers.values() for kind in provider.kinds}
        object.__setattr__(self, "_by_kind", by_kind)

    def provider_of(self, gvk: Gvk) -> str | None:
        """Who serves `gvk`; None when the catalogue does not know this API."""
        provider = self._by_kind.get((gvk.group, gvk.kind))
        if provider is None:
            return None
        facts = self.providers[provider]
        return provider if facts.complete or facts.lifetime(gvk) is not None else None

    def served(self, provider: str, version: Version, gvk: Gvk) -> Answer:
        """Whether this version of the provider serves the API."""
        facts = self.providers.get(provider)
        return facts.served(version, gvk) if facts else Answer.UNKNOWN

    def since(self, gvk: Gvk) -> Version | None:
        """The first release that serves it; None when no known release does."""
        lifetime = self._lifetime(gvk)
        return lifetime.since if lifetime else None

    def removed_in(self, gvk: Gvk) -> Version | None:
        """The first release that no longer serves it; None when every known release since `since` does."""
        lifetime = self._lifetime(gvk)
        return lifetime.removed if lifetime else None

    def component_of(self, gvk: Gvk) -> tuple[str, Version] | None:
        """The controller whose CRD first served it, and that controller's release: (source-controller, 1.6.0)."""
        provider, lifetime = self.provider_of(gvk), self._lifetime(gvk)
        if provider is None or lifetime is None or lifetime.since_or_before:
            return None
        facts = self.providers[provider]
        component = facts.kinds[gvk.group, gvk.kind].component
        version = facts.components.get(minor_of(lifetime.since), {}).get(component or "")
        return (component, version) if component and version else None

    def name_of(self, provider: str) -> str:
        """What people call it."""
        if provider == TALOS:
            return "Talos"
        facts = self.providers.get(provider)
        return facts.name if facts else provider

    def provider_of_chart(self, chart: str) -> str | None:
        """The provider whose version a Helm chart of this name decides; None for any other chart."""
        if chart in self.charts:
            return self.charts[chart][0]
        return next((provider.id for provider in self.providers.values() if chart in provider.charts), None)

    def version_of_chart(self, chart: str, version: Version) -> Version | None:
        """The provider's version that a chart's version installs."""
        if chart in self.charts:
            return self.charts[chart][1].get(version)
        return version

    def _lifetime(self, gvk: Gvk) -> Lifetime | None:
        provider = self.provider_of(gvk)
        return self.providers[provider].lifetime(gvk) if provider else None
