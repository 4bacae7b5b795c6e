"""Which version of each provider Git declares for each cluster: what the marks of single files mean together.

A version can be exact, or a range that a pinned manifests artifact or the operator's image makes exact, or a range that
floats: then only the lowest and the highest release it can mean are known.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from app.domain.catalogue import FLUX, FLUX_INSTANCE_CHART, FLUX_OPERATOR, Catalogue, minor_of
from app.domain.mark_patches import patched
from app.domain.marks import MarkKind, VersionMark
from app.domain.model import Answer, Declaration, Evidence, Gvk
from app.domain.templates import is_templated
from app.domain.versions import Range, Version, is_exact

ScopesOf = Callable[[str], Iterable[str]]
IsPatch = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases that a declaration can mean, from `low` to `high`. Both are None when that is not known.

    `channel` and `switched` are what else decides on the APIs that they serve, see `Provider.served`.
    """

    low: Version | None = None
    high: Version | None = None
    channel: str | None = None
    switched: frozenset[str] = frozenset()

    @property
    def exact(self) -> Version | None:
        return self.low if self.low is not None and self.low == self.high else None

    def at(self, version: Version | None) -> "Releases":
        """One release, with what Git says beside the version of the APIs that it serves."""
        return replace(self, low=version, high=version)

    def serve(self, catalogue: Catalogue, provider: str, gvk: Gvk) -> Answer:
        """Yes or no only where every release between the two says so: an API is served from one release to another."""
        if self.low is None or self.high is None:
            return Answer.UNKNOWN
        answers = {
            catalogue.served(provider, version, gvk, channel=self.channel, switched=self.switched)
            for version in (self.low, self.high)
        }
        since = catalogue.since(gvk)
        if answers == {Answer.NO} and since is not None and self.low < since <= self.high:
            # Not yet at the one end, no longer at the other, and served in between.
            return Answer.UNKNOWN
        return answers.pop() if len(answers) == 1 else Answer.UNKNOWN


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration with what it means. `how` says where the releases come from when the text alone does not tell."""

    declaration: Declaration
    releases: Releases
    how: str = ""
    mark: VersionMark | None = None
    without: frozenset[str] = frozenset()
    """Names of the CustomResourceDefinitions that patches take out of it."""

    @property
    def shown(self) -> str:
        """The version as people should see it: 2.5.1, or `2.x` where it floats."""
        exact = self.releases.exact
        return str(exact).removeprefix("v") if exact else self.declaration.version


Declarations = Mapping[tuple[str, str], Declared]
"""(provider, scope) -> the live declaration that counts; of several the one that means the lowest release."""


def declare(
    marks: Iterable[VersionMark], scopes_of: ScopesOf, catalogue: Catalogue, *, is_patch: IsPatch = lambda _: False
) -> Declarations:
    """Settle the marks of a whole tree. What kustomize patches in (`is_patch` of its path) beats what it patches."""
    by_scope: dict[str, list[VersionMark]] = defaultdict(list)
    for mark in marks:
        for scope in scopes_of(mark.source.file):
            by_scope[scope].append(mark)
    chosen: dict[tuple[str, str], Declared] = {}
    for scope, all_of in by_scope.items():
        for declared in _ScopeReader(scope, [_marked(mark, is_patch) for mark in all_of], catalogue).read():
            key = declared.declaration.provider, scope
            if key not in chosen or _counts_before(declared, chosen[key]):
                chosen[key] = declared
    return chosen


def _marked(mark: VersionMark, is_patch: IsPatch) -> VersionMark:
    return replace(mark, patch=True) if is_patch(mark.source.file) else mark


def _counts_before(one: Declared, other: Declared) -> bool:
    """Live ones first, then patches, then what rolls out by itself, then the lowest: what is merged must fit all.

    A machine configuration beside an upgrade controller's object is applied by people, when they find the time.
    """
    if one.declaration.live != other.declaration.live:
        return one.declaration.live
    patches, is_patched = (declared.mark is not None and declared.mark.patch for declared in (one, other))
    if patches != is_patched:
        return patches
    carried, is_carried = (declared.mark is not None and declared.mark.carried for declared in (one, other))
    if carried != is_carried:
        return carried
    if one.releases.low is None or other.releases.low is None:
        return other.releases.low is None and one.releases.low is not None
    return one.releases.low < other.releases.low


class _ScopeReader:
    """The marks of one cluster."""

    def __init__(self, scope: str, marks: list[VersionMark], catalogue: Catalogue) -> None:
        self._scope = scope
        self._marks = patched(marks)
        self._without = frozenset(mark.subject for mark in marks if mark.kind is MarkKind.NO_CRD)
        self._catalogue = catalogue
        self._operator = self._find_operator()

    def read(self) -> list[Declared]:
        read = [self._declared(mark) for mark in self._marks if mark.subject != FLUX_INSTANCE_CHART]
        found = [declared for declared in read if declared is not None]
        if not any(d.declaration.provider == FLUX and d.declaration.live for d in found):
            found.extend(self._chart_default())
        live_flux = [
            d for d in found if d.declaration.provider == FLUX and d.declaration.form != "kustomize remote base"
        ]
        if any(declared.declaration.live for declared in live_flux):
            # A remote base is how the cluster was once installed; a live form beside it is what upgrades it.
            found = [_rebuild_only(d) if d.declaration.form == "kustomize remote base" else d for d in found]
        return found

    def _declared(self, mark: VersionMark) -> Declared | None:
        if mark.kind is MarkKind.DISTRIBUTION:
            return self._distribution(mark)
        if mark.version is None or mark.kind is MarkKind.SWITCH:
            return None
        if mark.kind is MarkKind.PROVIDER:
            return self._make(mark, mark.subject, mark.version, *self._release(mark.subject, mark.version))
        provider = self._catalogue.provider_of_chart(mark.subject)
        if provider is None:
            return None
        chart = Version.parse(mark.version) if is_exact(mark.version) else None
        if chart is None and mark.subject in self._catalogue.charts:
            of_chart = self._catalogue.charts[mark.subject][1]
            return self._make(mark, provider, mark.version, *_between(mark.version, of_chart))
        version = self._catalogue.version_of_chart(mark.subject, chart) if chart else None
        how = f"chart {mark.subject} {mark.version}" if version != chart else ""
        return self._make(mark, provider, mark.version, Releases(version, version), how)

    def _release(self, provider: str, written: str) -> tuple[Releases, str]:
        if is_exact(written):
            version = Version.parse(written)
            return Releases(version, version), ""
        if provider == FLUX:
            return _between(written, {flux: flux for flux in self._catalogue.operator.embeds})
        return Releases(), ""

    def _distribution(self, mark: VersionMark) -> Declared:
        facts = self._catalogue.operator
        written = mark.version or facts.default_version
        if is_exact(written):
            version = Version.parse(written)
            return self._make(mark, FLUX, written, Releases(version, version))
        if is_templated(written):
            return self._make(mark, FLUX, written, Releases(), "a template decides it")
        artifact = mark.artifact or (facts.default_artifact if mark.chart_defaults else None)
        releases, how = self._resolve(written, artifact)
        return self._make(mark, FLUX, written, releases, how)

    def _resolve(self, written: str, artifact: str | None) -> tuple[Releases, str]:
        """What a range means. The operator takes the newest release that fits of what it finds in the artifact, or in
        its own image where there is none (internal/builder/semver.go MatchVersion)."""
        facts, operator = self._catalogue.operator, self._operator
        try:
            wanted = Range.parse(written)
        except ValueError:
            return Releases(), f"{written} is no version range"
        if artifact is not None and _is_unknown(artifact):
            return Releases(), f"what is in {artifact} is not known"
        tag = _tag_of(artifact) if artifact else None
        pinned = Version.parse(tag) if tag and is_exact(tag) else None
        if pinned is not None:
            version = facts.newest_embedded(pinned, wanted)
            return Releases(version, version), f"{written} of the manifests {tag}"
        if operator is None:
            releases, _ = _between(written, {flux: flux for flux in facts.embeds})
            return releases, "the operator's version is not in Git"
        low = facts.newest_embedded(operator, wanted)
        if artifact is None:
            return Releases(low, low), f"{written} in the image of Flux Operator {operator}"
        high = facts.newest_release(wanted)
        if high is not None and self._limits_minors(operator):
            fitting = (
                flux for flux in facts.embeds if wanted.allows(flux) and facts.embeds_minor(operator, minor_of(flux))
            )
            high = max(fitting, default=None)
        return Releases(low, high), f"{written} floats"

    def _limits_minors(self, operator: Version) -> bool:
        return any(
            constraint.needs == "embedded-minor" and constraint.operator_from and operator >= constraint.operator_from
            for constraint in self._catalogue.operator.constraints
        )

    def _chart_default(self) -> list[Declared]:
        """The flux-instance chart without any `distribution`: its own default range."""
        return [
            self._distribution(replace(mark, version=None, chart_defaults=True, form="flux-instance chart, default"))
            for mark in self._marks
            if mark.subject == FLUX_INSTANCE_CHART and mark.live
        ]

    def _find_operator(self) -> Version | None:
        versions = [
            version
            for mark in self._marks
            if mark.subject == FLUX_OPERATOR and mark.live and mark.version and is_exact(mark.version)
            if (version := Version.parse(mark.version))
        ]
        return min(versions, default=None)

    def _make(self, mark: VersionMark, provider: str, written: str, releases: Releases, how: str = "") -> Declared:
        mine = [one for one in self._marks if one.subject == provider]
        # Files of two channels together are neither.
        channels = {one.channel for one in mine if one.kind is MarkKind.PROVIDER}
        switched = frozenset(one.version for one in mine if one.kind is MarkKind.SWITCH and one.version)
        if len(channels) == 1 or switched:
            channel = channels.pop() if len(channels) == 1 else None
            releases = replace(releases, channel=channel, switched=switched)
        declaration = Declaration(provider, self._scope, written, mark.source, mark.form, mark.live)
        return Declared(declaration, releases, how, mark, self._without)


def _between(written: str, releases: Mapping[Version, Version]) -> tuple[Releases, str]:
    """The lowest and the highest that a range can mean of what is known; `releases`: what is compared -> what runs."""
    if is_templated(written):
        return Releases(), "a template decides it"
    try:
        wanted = Range.parse(written)
    except ValueError:
        return Releases(), f"{written} is no version range"
    fitting = [running for compared, running in releases.items() if wanted.allows(compared)]
    return Releases(min(fitting, default=None), max(fitting, default=None)), f"{written} floats"


def _is_unknown(artifact: str) -> bool:
    """A digest alone says which content it is, and not which releases are in it; neither does an artifact of one's
    own."""
    name, _, digest = artifact.partition("@")
    tag = _tag_of(artifact)
    own = name.rpartition("/")[2].partition(":")[0] != _MANIFESTS
    return own or is_templated(artifact) or bool(digest and not (tag and is_exact(tag)))


_MANIFESTS = "flux-operator-manifests"


def _rebuild_only(declared: Declared) -> Declared:
    return replace(declared, declaration=replace(declared.declaration, live=False))


def _tag_of(artifact: str) -> str | None:
    """`v0.58.1` of `oci://ghcr.io/…/flux-operator-manifests:v0.58.1@sha256:…`."""
    name = artifact.partition("@")[0].rpartition("/")[2]
    return name.partition(":")[2] or None


@dataclass(frozen=True, slots=True)
class VersionChange:
    """A pull request changes what Git declares of a provider for a scope. `before` is None when it is new there."""

    provider: str
    scope: str
    before: Declared | None
    after: Declared

    @property
    def source(self) -> Evidence:
        return self.after.declaration.source


def version_changes(before: Declarations, after: Declarations) -> tuple[VersionChange, ...]:
    """The live declarations that come to mean something else."""
    changes = []
    for (provider, scope), new in after.items():
        old = before.get((provider, scope))
        if old is not None and not old.declaration.live:
            old = None
        same = old is not None and old.releases == new.releases and old.declaration.version == new.declaration.version
        if new.declaration.live and not same:
            changes.append(VersionChange(provider, scope, old, new))
    return tuple(changes)
