"""Where a file writes down a version that a cluster runs: of Flux, of a chart that brings APIs, of Talos or Kubernetes.

A mark is what one file says by itself. What it means for a cluster takes other files too (a chart's version here, its
values there), and is settled in `declarations`. Pins of command line tools are no marks: they upgrade no cluster.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from app.domain.catalogue import FLUX, FLUX_INSTANCE_CHART, Catalogue
from app.domain.distribution_marks import (
    INLINE_VALUES,
    OBJECT,
    VALUES,
    distribution_marks,
    patched_distribution,
    says_distribution,
)
from app.domain.inline_patches import deleted_crds, inline_patches
from app.domain.layout import address_of
from app.domain.liveness import is_rebuild_only
from app.domain.manifests import Document, read_manifests
from app.domain.marks import GOTK_COMPONENTS, MarkKind, Marks, VersionMark, evidence
from app.domain.memo import BlobMemo, suffix_of
from app.domain.model import Evidence, SourceFile
from app.domain.node_lines import WORDS
from app.domain.node_marks import NODES, UPGRADE_KINDS, node_marks, upgrade_marks
from app.domain.prefilter import AnyOf
from app.domain.templates import load_templated
from app.domain.terraform_marks import terraform_marks
from app.domain.yamltree import Path, UnreadableYaml, YamlDocument

__all__ = ["BOOTSTRAP_HELMFILE", "GOTK_COMPONENTS", "MarkKind", "Marks", "VersionMark", "read_marks"]

BOOTSTRAP_HELMFILE = "bootstrap helmfile"
"""The form of what Helmfile installs: Flux never reads it."""

_INTERESTING = (
    *("distribution:", "distribution/", "FluxInstance", "flux-manifests", "fluxcd/flux2", "# Flux Version:"),
    *("flux_bootstrap_git", "source-controller", "$patch", "part-of: flux", "helmCharts:"),
    *("TalosUpgrade", "KubernetesUpgrade", "upgrade.cattle.io", *WORDS),
)
# What stands before a key is looked at last, since a search for a letter is fast and one for a border is not.
_CHART_KEY = r"(?:chart(?<!\wchart)|url(?<!\wurl))[\"']?[ \t]*[:=][ \t]*(?:&\S+[ \t]+)?[\"']?(?:[^\s\"'#]*/)?"
_LONGEST_URL = 1_000


def read_marks(file: SourceFile, catalogue: Catalogue) -> Marks:
    """Every mark of a file, remembered by its blob id. Never fails."""
    marks = _memo(catalogue)(file)
    if not marks:
        return marks
    rebuild_only = is_rebuild_only(file.path)
    # Node versions are never reconciled, so a folder that only sets a cluster up can be their one place.
    return tuple(
        replace(
            mark,
            source=replace(mark.source, file=file.path),
            live=mark.live and (not rebuild_only or mark.form == NODES),
        )
        for mark in marks
    )


@lru_cache(maxsize=64)  # repositories with `providers:` have a catalogue each
def _memo(catalogue: Catalogue) -> BlobMemo[Marks]:
    reader = _Reader(catalogue)
    return BlobMemo(lambda file: tuple(reader.read(file)))


class _Reader:
    def __init__(self, catalogue: Catalogue) -> None:
        self._charts = {FLUX_INSTANCE_CHART, *catalogue.charts}
        self._remotes = {"fluxcd/flux2": FLUX}
        self._providers = catalogue.providers
        self._switches = [
            (provider.id, switch) for provider in catalogue.providers.values() for switch in provider.switches
        ]
        for provider in catalogue.providers.values():
            self._charts |= provider.charts
            self._remotes |= dict.fromkeys(provider.remotes, provider.id)
        remotes = "|".join(re.escape(remote) for remote in self._remotes)
        charts = "|".join(re.escape(chart) for chart in self._charts)
        keys = (switch.value.rpartition(".")[2] + ":" for _, switch in self._switches)
        self._words = AnyOf([*_INTERESTING, *keys, *self._remotes])
        # A chart's name alone is in many files that say no version of it: in groups of APIs, annotations, labels.
        self._chart_line = re.compile(rf"{_CHART_KEY}(?:{charts})(?=[\"'\s,}}/]|$)")
        self._remote = re.compile(
            rf"(?P<remote>{remotes})(?:\.git)?/(?:[^\s\"']*[?&]ref=|releases/download/|raw/|archive/|blob/|refs/tags/)?"
            r"(?:[^\s\"']*[?&]ref=)?(?P<version>v?\d+\.\d+\.\d+[\w.-]*?)(?=[/\s\"'&]|$|\.tar|\.zip)"
        )

    def is_interesting(self, text: str) -> bool:
        """Whether there may be a mark in a text."""
        return self._words.found_in(text) or self._chart_line.search(text) is not None

    def read(self, file: SourceFile) -> Iterator[VersionMark]:
        text = file.text
        if not self.is_interesting(text):
            return
        suffix = suffix_of(file.path)
        if suffix == ".tf":
            yield from terraform_marks(text, self._charts)
            yield from node_marks(text)
        elif suffix in {".toml", ".tfvars", ".hcl"}:
            yield from node_marks(text)
        elif suffix.endswith((".yaml", ".yml", ".env")) or not suffix:
            if "# Flux Version:" in text or suffix.startswith("gotk-components."):
                yield from _gotk_components(text)
            elif suffix.startswith("kustomization."):
                yield from self._kustomization(text)
            elif suffix != ".env":
                for document in read_manifests(file).documents:
                    if self.is_interesting(document.text):
                        yield from self._document(text, document)
            yield from node_marks(text)

    def _document(self, text: str, document: Document) -> Iterator[VersionMark]:
        kind = document.gvk.kind if document.gvk else ""
        if document.gvk is not None and kind not in _KINDS:
            return
        try:
            trees = load_templated(document.text, first_line=document.line)
        except UnreadableYaml as error:
            if kind in {"FluxInstance", "HelmRelease"}:
                yield VersionMark(MarkKind.UNREAD, "", None, evidence(text, error.line), error.problem)
            return
        for tree in trees:
            if isinstance(tree.data, dict):
                yield from self._tree(text, tree, kind)

    def _tree(self, text: str, tree: YamlDocument, kind: str) -> Iterator[VersionMark]:
        match kind:
            case "FluxInstance":
                yield from distribution_marks(text, tree, OBJECT, "FluxInstance manifest")
                yield from self._patches(text, tree)
            case "Kustomization":
                yield from self._patches(text, tree)
            case "OCIRepository":
                yield from self._oci_repository(text, tree)
            case "GitRepository":
                yield from self._git_repository(text, tree)
            case "HelmRelease":
                yield from self._chart(text, tree, ("spec", "chart", "spec"))
                if says_distribution(tree, INLINE_VALUES):
                    yield from distribution_marks(text, tree, INLINE_VALUES, "flux-instance chart, inline values")
                yield from self._switched(text, tree, ("spec", "values"))
            case "HelmChart":
                yield from self._chart(text, tree, ("spec",))
            case "ConfigMap":
                yield from _config_map(text, tree)
            case _ if kind in UPGRADE_KINDS:
                yield from upgrade_marks(text, tree, kind)
            case _ if says_distribution(tree, VALUES):
                yield from distribution_marks(text, tree, VALUES, "flux-instance chart, values file")
            case _ if tree.length("releases"):
                yield from self._helmfile(text, tree)
            case _:
                yield from self._switched(text, tree, ())

    def _oci_repository(self, text: str, tree: YamlDocument) -> Iterator[VersionMark]:
        chart = (tree.text("spec", "url") or "").rstrip("/").rpartition("/")[2]
        version, source = _ref(text, tree)
        if chart == "flux-manifests":
            yield VersionMark(MarkKind.PROVIDER, FLUX, version, source, "flux-manifests OCI")
        elif chart in self._charts:
            yield VersionMark(MarkKind.CHART, chart, version, source, f"{chart} chart")

    def _git_repository(self, text: str, tree: YamlDocument) -> Iterator[VersionMark]:
        """A release that Flux applies from its repository. Flux itself nobody installs so: what reads fluxcd/flux2 in
        this way are its dashboards."""
        _, _, repository = address_of(tree.text("spec", "url") or "").partition("/")
        provider = self._remotes.get(repository)
        version, source = _ref(text, tree)
        if provider not in {None, FLUX} and version is not None:
            yield VersionMark(MarkKind.PROVIDER, str(provider), version, source, "GitRepository of the release")

    def _chart(self, text: str, tree: YamlDocument, at: Path, key: str = "chart") -> Marks:
        chart = (tree.text(*at, key) or "").rpartition("/")[2]
        if chart not in self._charts:
            return ()
        version, source = tree.text(*at, "version"), evidence(text, tree.line_of(*at, "version"))
        return (VersionMark(MarkKind.CHART, chart, version, source, f"{chart} chart"),)

    def _switched(self, text: str, tree: YamlDocument, at: tuple[str, ...]) -> Iterator[VersionMark]:
        """The values below `at` that make a chart serve more than its release does by itself."""
        for provider, switch in self._switches:
            path = (*at, *switch.value.split("."))
            if (tree.text(*path) or "").lower() == "true":
                source = evidence(text, tree.line_of(*path))
                yield VersionMark(MarkKind.SWITCH, provider, switch.value, source, f"{switch.chart} chart, values")

    def _helmfile(self, text: str, tree: YamlDocument) -> Iterator[VersionMark]:
        for index in range(tree.length("releases")):
            for mark in self._chart(text, tree, ("releases", index)):
                yield replace(mark, form=BOOTSTRAP_HELMFILE, live=False)

    def _kustomization(self, text: str) -> Iterator[VersionMark]:
        """Remote bases, charts that kustomize inflates, and patches."""
        yield from self._remote_bases(text)
        if "helmCharts" not in text and "patch" not in text:
            return
        try:
            trees = load_templated(text)
        except UnreadableYaml:
            return
        for tree in trees:
            for index in range(tree.length("helmCharts")):
                yield from self._chart(text, tree, ("helmCharts", index), key="name")
                values = ("helmCharts", index, "valuesInline", "instance")
                if says_distribution(tree, values):
                    yield from distribution_marks(text, tree, values, "flux-instance chart, helmCharts")
            yield from self._patches(text, tree)

    def _patches(self, text: str, tree: YamlDocument) -> Iterator[VersionMark]:
        for patch in inline_patches(tree):
            yield from patched_distribution(text, patch)
            for document in patch.documents:
                if document.text("kind") == "HelmRelease":
                    yield from (
                        replace(mark, patch=True) for mark in self._chart(text, document, ("spec", "chart", "spec"))
                    )
            for name, line in deleted_crds(patch):
                yield VersionMark(MarkKind.NO_CRD, name, None, evidence(text, line), "kustomize patch")

    def _remote_bases(self, text: str) -> Iterator[VersionMark]:
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > _LONGEST_URL or line.lstrip().startswith("#"):
                continue
            if match := self._remote.search(line.partition(" #")[0]):
                provider = self._remotes[match.group("remote")]
                yield VersionMark(
                    kind=MarkKind.PROVIDER,
                    subject=provider,
                    version=match.group("version"),
                    source=Evidence("", number, line.strip()),
                    form="kustomize remote base",
                    channel=self._providers[provider].channel_of(match.string),
                )


_KINDS = frozenset(
    {"FluxInstance", "Kustomization", "OCIRepository", "GitRepository", "HelmRelease", "HelmChart", "ConfigMap"}
    | UPGRADE_KINDS
)


def _ref(text: str, tree: YamlDocument) -> tuple[str | None, Evidence]:
    """Flux takes the digest or commit before the range, and the range before the tag; only a tag beside a digest says
    which version it is."""
    keys = ("tag", "semver") if tree.text("spec", "ref", "digest") else ("semver", "tag")
    key = next((key for key in keys if tree.text("spec", "ref", key)), "tag")
    return tree.text("spec", "ref", key), evidence(text, tree.line_of("spec", "ref", key))


def _config_map(text: str, tree: YamlDocument) -> Iterator[VersionMark]:
    """Values of the flux-instance chart that a HelmRelease takes from a ConfigMap."""
    data = tree.get("data")
    for key in data if isinstance(data, dict) else ():
        values = tree.text("data", key)
        if values is None or "instance:" not in values:
            continue
        try:
            inner = load_templated(values, first_line=tree.line_of("data", key) + 1)
        except UnreadableYaml:
            continue
        for each in inner:
            if says_distribution(each, VALUES):
                yield from distribution_marks(text, each, VALUES, "flux-instance chart, ConfigMap")


_GOTK_VERSION = re.compile(r"^# Flux Version: (v?[\w.+-]+)", re.MULTILINE)
_GOTK_LABEL = re.compile(
    r"""^[ \t]+app\.kubernetes\.io/part-of: flux[ \t\r]*\n[ \t]+app\.kubernetes\.io/version: ["']?(v?[\w.+-]+)""",
    re.MULTILINE,
)
_GOTK_COMPONENTS = re.compile(r"^# Components: (\S+)", re.MULTILINE)


def _gotk_components(text: str) -> Iterator[VersionMark]:
    """The header that `flux install --export` writes (fluxcd/flux2 pkg/manifestgen/install), or else its labels."""
    if match := _GOTK_VERSION.search(text) or _GOTK_LABEL.search(text):
        line = text.count("\n", 0, match.start(1)) + 1
        components = _GOTK_COMPONENTS.search(text)
        yield VersionMark(
            kind=MarkKind.PROVIDER,
            subject=FLUX,
            version=match.group(1),
            source=evidence(text, line),
            form=GOTK_COMPONENTS,
            components=tuple(components.group(1).split(",")) if components else None,
        )
