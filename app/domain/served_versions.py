"""Which API versions every cluster that reads a file serves: by what Git declares, or by what somebody asks for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from app.domain.api_order import api_priority, is_newer_api
from app.domain.base_facts import BaseFacts
from app.domain.catalogue import FLUX, Catalogue, Provider, minor_of
from app.domain.crds import crd_name
from app.domain.declarations import Declared, Releases
from app.domain.messages import findings as finding_words
from app.domain.messages import migration as messages
from app.domain.messages.phrases import cluster_phrase
from app.domain.model import Answer, Gvk
from app.domain.serving import DEFAULT_COMPONENTS
from app.domain.version_marks import MarkKind
from app.domain.versions import Version

_LAST_PATCH = 999_999


class BadTarget(Exception):
    """What was asked for is no version that can be reached. The message is for the person who wrote it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A provider's version that manifests are to be written for, instead of the declared one."""

    provider: str
    version: str
    releases: Releases


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer about a provider in a cluster rests on. `known` is False where any release may run there."""

    provider: Provider
    scope: str
    releases: Releases
    declared: Declared | None
    target: Target | None
    known: bool

    @property
    def exact(self) -> Version | None:
        return self.releases.exact if self.known else None


def parse_target(text: str, catalogue: Catalogue, *, said: str = "--to ") -> Target:
    """`2.6`, `2.6.4` (of Flux), `external-secrets=0.16` or `External Secrets 0.16`. Raises BadTarget; `said` is how
    people were to write it."""
    words = " ".join(text.split())
    named, _, written = (part.strip() for part in words.rpartition("=" if "=" in text else " "))
    provider = catalogue.find_provider(named or FLUX)
    if provider is None:
        known = ", ".join(sorted(catalogue.providers))
        raise BadTarget(f"{said}{text}: the catalogue has no provider {named}; it has {known}")
    version = Version.parse(written)
    if version is None or len(version.release) < 2 or version.prerelease:
        example = "2.6" if provider.id == FLUX else f"{provider.id}={provider.last[0]}.{provider.last[1]}"
        raise BadTarget(
            f"{said}{text}: {written or 'nothing'} is no version; write a minor or a release, such as {example}"
        )
    if not provider.first <= minor_of(version) <= provider.last:
        first, last = (f"{major}.{minor}" for major, minor in (provider.first, provider.last))
        raise BadTarget(
            f"{said}{text}: the catalogue knows {provider.name} from {first} to {last}, and nothing of {written}"
        )
    if len(version.release) > 2:
        return Target(provider.id, written.removeprefix("v"), Releases(version, version))
    last_of_minor = Version(written, (version.major, version.minor, _LAST_PATCH))
    return Target(provider.id, written.removeprefix("v"), Releases(version, last_of_minor))


class ServedVersions:
    """The answers for one repository. `targets` take the place of what it declares."""

    def __init__(self, base: BaseFacts, targets: Iterable[Target] = ()) -> None:
        self._base = base
        self._targets: Mapping[str, Target] = {target.provider: target for target in targets}
        self._bases: dict[tuple[str, str], Basis] = {}

    def provider_of(self, gvk: Gvk) -> Provider | None:
        provider = self._base.catalogue.provider_of(gvk)
        return self._base.catalogue.providers[provider] if provider else None

    def bases(self, provider: Provider, path: str) -> list[Basis]:
        """One for each cluster that reads the file."""
        return [self.basis(provider, scope) for scope in sorted(self._base.scopes.of(path))]

    def basis(self, provider: Provider, scope: str) -> Basis:
        key = provider.id, scope
        if key not in self._bases:
            self._bases[key] = self._read_basis(provider, scope)
        return self._bases[key]

    def answer(self, gvk: Gvk, basis: Basis) -> Answer:
        """Whether a cluster serves an API. CRDs in Git are better proof than a version, unless a target is set."""
        if basis.target is None and gvk in self._base.crds.get(basis.scope, frozenset()):
            return Answer.YES
        return basis.releases.serve(self._base.catalogue, basis.provider.id, gvk)

    def newer(self, gvk: Gvk) -> list[Gvk]:
        """Every newer version of the kind that the catalogue knows, the newest first."""
        versions = self._base.catalogue.versions_of(gvk.group, gvk.kind)
        newer = [version for version in versions if is_newer_api(version, gvk.version)]
        return [Gvk(gvk.group, gvk.kind, version) for version in sorted(newer, key=api_priority, reverse=True)]

    def served_newer(self, gvk: Gvk, path: str) -> list[Gvk]:
        """Those that are sure to be served in every cluster that reads the file, the newest first."""
        provider = self.provider_of(gvk)
        if provider is None:
            return []
        bases = self.bases(provider, path)
        return [newer for newer in self.newer(gvk) if all(self.answer(newer, basis) is Answer.YES for basis in bases)]

    # --- words ---

    def phrase(self, basis: Basis) -> str:
        """What runs there, and how we know."""
        declared, releases = basis.declared, basis.releases
        return messages.basis_phrase(
            name=basis.provider.name,
            asked=basis.target.version if basis.target else "",
            written=declared.declaration.version if declared else "",
            declared_at=declared.declaration.source if declared else None,
            low=_plain(releases.low) if basis.known else "",
            high=_plain(releases.high) if basis.known else "",
            how=declared.how if declared else "",
        )

    def stated(self, basis: Basis) -> str:
        """One line: the cluster, what runs there, and what follows where that is not sure."""
        oldest = f"{basis.provider.first[0]}.{basis.provider.first[1]}"
        every = "" if basis.known else f"{oldest} to {_plain(basis.provider.newest)}"
        return messages.basis_line(scope=basis.scope, basis=self.phrase(basis), every=every)

    def target_warnings(self, bases: Iterable[Basis]) -> Iterator[str]:
        """What to know where `--to` is not what the cluster runs."""
        for basis in bases:
            declared = basis.declared
            if basis.target is None or declared is None or declared.releases.low is None:
                continue
            asked, runs = basis.releases, self.phrase(replace(basis, target=None, releases=declared.releases))
            clusters, name = self.clusters([basis]), basis.provider.name
            if asked.low is not None and declared.releases.high is not None and asked.low > declared.releases.high:
                yield messages.raised_target_warning(
                    name=name, asked=basis.target.version, basis=runs, clusters=clusters
                )
            elif asked.high is not None and asked.high < declared.releases.low:
                yield messages.lowered_target_warning(
                    name=name, asked=basis.target.version, basis=runs, clusters=clusters
                )

    def clusters(self, bases: Iterable[Basis]) -> str:
        """` for cluster staging`, and nothing where there is but one."""
        return cluster_phrase([one.scope for one in bases], only_one=len(self._base.scopes.clusters) == 1)

    def unserved(self, gvk: Gvk, refusing: list[Basis], advice: str = "", *, named: bool = False) -> str:
        """Why clusters do not serve an API, and what to do: `advice`, or what helps where no newer one is served."""
        why, usual = self._why_unserved(gvk, refusing[0])
        return finding_words.unserved_message(
            gvk=gvk,
            named=named,
            basis=self.phrase(refusing[0]),
            clusters=self.clusters(refusing),
            why=why,
            advice=advice or usual,
        )

    def _why_unserved(self, gvk: Gvk, basis: Basis) -> tuple[str, str]:
        name, lifetime, low = basis.provider.name, basis.provider.lifetime(gvk), basis.releases.low
        if lifetime is None or lifetime.since is None:
            return finding_words.serves_never(name), finding_words.correct_advice()
        if lifetime.replaced_by is not None:
            return finding_words.lives_on_as(lifetime.replaced_by), finding_words.another_object_advice()
        if lifetime.removed is not None and low is not None and low >= lifetime.removed:
            return finding_words.serves_until(name, _plain(lifetime.removed)), finding_words.replace_advice()
        return finding_words.serves_from(name, _plain(lifetime.since)), finding_words.raise_advice(name)

    def version_unknown_reason(self, new: Gvk, unsure: list[Basis]) -> str:
        lifetime = unsure[0].provider.lifetime(new)
        return messages.version_unknown_reason(
            new=new,
            since=_plain(lifetime.since) if lifetime else "",
            name=unsure[0].provider.name,
            basis=self.phrase(unsure[0]),
            clusters=self.clusters(unsure),
        )

    def missing_component(self, gvk: Gvk, basis: Basis) -> str | None:
        """The controller that brings the kind, where Git lists the installed ones without it. The CRD itself, where a
        patch takes that out."""
        if basis.declared is not None and crd_name(gvk) in basis.declared.without:
            return f"the CRD of {gvk.kind}"
        facts = basis.provider.kind(gvk.group, gvk.kind)
        mark = basis.declared.mark if basis.declared else None
        if facts is None or facts.component is None or mark is None:
            return None
        installed = mark.components
        if installed is None and mark.kind is MarkKind.DISTRIBUTION:
            installed = DEFAULT_COMPONENTS
        return facts.component if installed is not None and facts.component not in installed else None

    def _read_basis(self, provider: Provider, scope: str) -> Basis:
        declared = self._base.declarations.get((provider.id, scope))
        if declared is not None and not declared.declaration.live:
            declared = None
        target = self._targets.get(provider.id)
        if target is not None:
            low, high = target.releases.low, target.releases.high
            asked = replace(declared.releases, low=low, high=high) if declared else target.releases
            return Basis(provider, scope, asked, declared, target, known=True)
        if declared is not None and declared.releases.low is not None and declared.releases.high is not None:
            return Basis(provider, scope, declared.releases, declared, None, known=True)
        major, minor = provider.first
        oldest = Version(f"{major}.{minor}.0", (major, minor, 0))
        # Channel and switches may be known where the version is not.
        every = replace(declared.releases if declared else Releases(), low=oldest, high=provider.newest)
        return Basis(provider, scope, every, declared, None, known=False)


def _plain(version: Version | None) -> str:
    return str(version).removeprefix("v") if version else ""
