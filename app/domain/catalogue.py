"""The catalogue: every provider, what Flux Operator can install, what Talos runs, and three-valued answers from it."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from app.domain.model import Answer, Gvk
from app.domain.provider_facts import (
    ANY_KIND,
    NO_FIELDS,
    Arrival,
    Confidence,
    CrdsArrival,
    FieldFacts,
    KindFacts,
    Lifetime,
    Minor,
    Provider,
    Switch,
    minor_of,
    version_rank,
)
from app.domain.relations import Relations
from app.domain.versions import Range, Version

__all__ = [
    "ANY_KIND",
    "FLUX",
    "FLUX_INSTANCE_CHART",
    "FLUX_OPERATOR",
    "KUBERNETES",
    "NO_FIELDS",
    "TALOS",
    "Arrival",
    "Catalogue",
    "Confidence",
    "Constraint",
    "CrdsArrival",
    "Fact",
    "FieldFacts",
    "KindFacts",
    "Lifetime",
    "Minor",
    "OperatorFacts",
    "PlatformMinor",
    "Provider",
    "Switch",
    "minor_of",
    "version_rank",
]

FLUX = "flux"
FLUX_OPERATOR = "flux-operator"
FLUX_INSTANCE_CHART = "flux-instance"
KUBERNETES = "kubernetes"
TALOS = "talos"


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


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the catalogue, to be shown as evidence. `provider` is its id, `name` what people call it."""

    gvk: Gvk
    provider: str
    name: str
    lifetime: Lifetime

    @property
    def source(self) -> str:
        return self.lifetime.source

    @property
    def confidence(self) -> Confidence:
        return self.lifetime.confidence


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Every fact there is. Compared and hashed by identity, so that what was read with it can be remembered."""

    providers: Mapping[str, Provider]
    operator: OperatorFacts
    charts: Mapping[str, tuple[str, Mapping[Version, Version]]]
    """Chart with a version of its own -> (provider, chart version -> provider version)."""
    talos: Mapping[Minor, PlatformMinor]
    relations: Relations = field(default_factory=Relations)
    _by_kind: Mapping[tuple[str, str], str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_kind = {kind: provider.id for provider in self.providers.values() for kind in provider.kinds}
        object.__setattr__(self, "_by_kind", by_kind)

    def provider_of(self, gvk: Gvk) -> str | None:
        """Who serves `gvk`; None when the catalogue does not know this API."""
        provider = self._by_kind.get((gvk.group, gvk.kind)) or self._by_kind.get((gvk.group, ANY_KIND))
        if provider is None:
            return None
        return provider if self.providers[provider].knows(gvk) else None

    def served(
        self,
        provider: str,
        version: Version,
        gvk: Gvk,
        *,
        channel: str | None = None,
        switched: Set[str] = frozenset(),
    ) -> Answer:
        """Whether this version of the provider serves the API; see `Provider.served`."""
        facts = self.providers.get(provider)
        return facts.served(version, gvk, channel, switched) if facts else Answer.UNKNOWN

    def fact_of(self, gvk: Gvk) -> Fact | None:
        """What is known of `gvk`, with its source; None when the catalogue lists no such version."""
        provider, lifetime = self.provider_of(gvk), self._lifetime(gvk)
        if provider is None or lifetime is None:
            return None
        return Fact(gvk, provider, self.name_of(provider), lifetime)

    def fields_of(self, gvk: Gvk) -> FieldFacts:
        """Which fields and enum values of `gvk` came later than itself; nothing where that is not known."""
        lifetime = self._lifetime(gvk)
        return lifetime.fields if lifetime else NO_FIELDS

    def lost_fields(self, gvk: Gvk, to: str) -> tuple[str, ...]:
        """The fields of `gvk` that version `to` of the kind no longer has, as far as is known.

        Versions in between count too: from v2beta1 to v2 all is lost that v2beta2 or v2 dropped.
        """
        versions = self.versions_of(gvk.group, gvk.kind)
        if gvk.version not in versions or to not in versions:
            return ()
        passed = versions[versions.index(gvk.version) : versions.index(to) + 1]
        lost = (
            path
            for version in passed
            for before, paths in self.fields_of(Gvk(gvk.group, gvk.kind, version)).lost.items()
            if before in passed
            for path in paths
        )
        return tuple(dict.fromkeys(lost))

    def versions_of(self, group: str, kind: str) -> tuple[str, ...]:
        """The versions of a kind that the catalogue lists, alpha before beta before stable."""
        provider = self._by_kind.get((group, kind)) or self._by_kind.get((group, ANY_KIND))
        facts = self.providers[provider].kind(group, kind) if provider else None
        return tuple(facts.versions) if facts else ()

    def arrivals_of(self, chart: str) -> tuple[tuple[str, CrdsArrival], ...]:
        """(provider, how) for each provider whose CRDs a chart of this name brings, or leaves to another chart."""
        return tuple(
            (provider.id, one)
            for provider in self.providers.values()
            for one in provider.crds_arrive
            if one.chart == chart
        )

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
        if provider is None or lifetime is None or lifetime.since is None or lifetime.since_or_before:
            return None
        facts = self.providers[provider]
        kind = facts.kind(gvk.group, gvk.kind)
        component = kind.component if kind else None
        version = facts.components.get(minor_of(lifetime.since), {}).get(component or "")
        return (component, version) if component and version else None

    def name_of(self, provider: str) -> str:
        """What people call it."""
        if provider == TALOS:
            return "Talos"
        facts = self.providers.get(provider)
        return facts.name if facts else provider

    def find_provider(self, words: str) -> Provider | None:
        """The provider that people mean: by its id or by what they call it, in letters of any case."""
        said = words.casefold()
        by_id = {provider.id.casefold(): provider for provider in self.providers.values()}
        by_name = {provider.name.casefold(): provider for provider in self.providers.values()}
        return by_id.get(said) or by_name.get(said)

    def newest_of(self, provider: str, minor: Minor) -> Version | None:
        """The newest release of a minor that is known; None where none of it is."""
        newest = self.providers[provider].newest
        known = [newest] if minor_of(newest) == minor else []
        if provider == FLUX:
            known += [release for release in self.operator.embeds if minor_of(release) == minor]
        return max(known, default=None)

    def newest_before(self, provider: str, asked: Version) -> Version | None:
        """The newest known release of the minor, where a later one is asked for: it may exist, as catalogues age."""
        newest = self.newest_of(provider, minor_of(asked))
        return newest if newest is not None and newest < asked else None

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
