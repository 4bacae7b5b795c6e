"""Where a file writes down a version that a cluster runs: of Flux, of a chart that brings APIs, of Talos or Kubernetes.

A mark is what one file says by itself. What it means for a cluster takes other files too (a chart's version here, its
values there), and is settled in `declarations`. Pins of command line tools are no marks: they upgrade no cluster.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from app.domain.catalogue import FLUX, FLUX_INSTANCE_CHART, KUBERNETES, TALOS, Catalogue
from app.domain.manifests import Document, read_manifests
from app.domain.memo import BlobMemo, suffix_of
from app.domain.model import Evidence, SourceFile
from app.domain.node_lines import WORDS, read_node_lines
from app.domain.yamltree import UnreadableYaml, YamlDocument, load_documents


class MarkKind(Enum):
    PROVIDER = "provider"
    """`version` is the version of the provider `subject`."""
    CHART = "chart"
    """`version` is the version of the Helm chart `subject`."""
    DISTRIBUTION = "distribution"
    """`version` is a FluxInstance's `distribution.version`, a version or a range; None where it is left out."""
    SWITCH = "switch"
    """A chart's value that changes what the provider `subject` serves is true; `version` is its dotted path."""


@dataclass(frozen=True, slots=True)
class VersionMark:
    """One place where a version is written. `live` is False for what only installs a cluster anew.

    `artifact`, `components` and `sync_kind` are a FluxInstance's; `chart_defaults`: the flux-instance chart fills in
    what is left out. `channel` is the one of the provider's channels that the place names.
    """

    kind: MarkKind
    subject: str
    version: str | None
    source: Evidence
    form: str
    live: bool = True
    artifact: str | None = None
    components: tuple[str, ...] | None = None
    sync_kind: str | None = None
    chart_defaults: bool = False
    channel: str | None = None


Marks = tuple[VersionMark, ...]

_INTERESTING = (
    r"distribution:|FluxInstance|flux-manifests|fluxcd/flux2|# Flux Version:|flux_bootstrap_git"
    rf"|TalosUpgrade|KubernetesUpgrade|upgrade\.cattle\.io|{WORDS}"
)
_CHART_KEY = r"\b(?:chart|url)[\"']?[ \t]*[:=][ \t]*(?:&\S+[ \t]+)?[\"']?(?:[^\s\"'#]*/)?"
_LONGEST_URL = 1_000
NODES = "Talos configuration"
"""The form of what `node_lines` finds."""
_REBUILD_ONLY = frozenset({"bootstrap", "setup", ".bootstrap"})


def read_marks(file: SourceFile, catalogue: Catalogue) -> Marks:
    """Every mark of a file, remembered by its blob id. Never fails."""
    marks = _memo(catalogue)(file)
    if not marks:
        return marks
    rebuild_only = bool(_REBUILD_ONLY.intersection(file.path.split("/")[:-1]))
    # Node versions are never reconciled, so a folder that only sets a cluster up can be their one place.
    return tuple(
        replace(
            mark,
            source=replace(mark.source, file=file.path),
            live=mark.live and (not rebuild_only or mark.form == NODES),
        )
        for mark in marks
    )


@lru_cache(maxsize=4)
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
        keys = "".join(rf"|{re.escape(switch.value.rpartition('.')[2])}:" for _, switch in self._switches)
        # A chart's name alone is in many files that say no version of it: in groups of APIs, annotations, labels.
        self._interesting = re.compile(rf"{_INTERESTING}{keys}|{remotes}|{_CHART_KEY}(?:{charts})(?=[\"'\s,}}/]|$)")
        self._remote = re.compile(
            rf"(?P<remote>{remotes})(?:\.git)?/(?:[^\s\"']*[?&]ref=|releases/download/|raw/|archive/|blob/|refs/tags/)?"
            r"(?:[^\s\"']*[?&]ref=)?(?P<version>v?\d+\.\d+\.\d+[\w.-]*?)(?=[/\s\"'&]|$|\.tar|\.zip)"
        )

    def read(self, file: SourceFile) -> Iterator[VersionMark]:
        if not self._interesting.search(file.text):
            return
        suffix = suffix_of(file.path)
        if suffix == ".tf":
            yield from self._terraform(file)
            yield from _nodes(file)
        elif suffix in {".toml", ".tfvars", ".hcl"}:
            yield from _nodes(file)
        elif suffix.startswith("gotk-components."):
            yield from _gotk_components(file)
        elif suffix.endswith((".yaml", ".yml", ".env")) or not suffix:
            if suffix.startswith("kustomization."):
                yield from self._remote_bases(file)
            elif suffix != ".env":
                for document in read_manifests(file).documents:
                    if self._interesting.search(document.text):
                        yield from self._document(file, document)
            yield from _nodes(file)

    def _document(self, file: SourceFile, document: Document) -> Iterator[VersionMark]:
        kind = document.gvk.kind if document.gvk else ""
        if document.gvk is not None and kind not in _MARKED_KINDS:
            return
        for tree in _load(document):
            if kind == "FluxInstance":
                yield from _distribution(file, tree, ("spec",), "FluxInstance manifest")
            elif kind == "OCIRepository":
                yield from self._oci_repository(file, tree)
            elif kind == "HelmRelease":
                yield from self._helm_release(file, tree)
            elif kind in _UPGRADES:
                yield from _upgrade(file, tree, kind)
            elif kind == "Plan":
                yield from _upgrade_plan(file, tree)
            elif tree.get("instance", "distribution") is not None:
                yield from _distribution(file, tree, ("instance",), "flux-instance chart, values file")
            elif tree.length("releases"):
                yield from self._helmfile(file, tree)
            else:
                yield from self._switched(file, tree, ())

    def _oci_repository(self, file: SourceFile, tree: YamlDocument) -> Iterator[VersionMark]:
        chart = (tree.text("spec", "url") or "").rstrip("/").rpartition("/")[2]
        key = next((key for key in ("tag", "semver") if tree.text("spec", "ref", key)), "tag")
        version = tree.text("spec", "ref", key)
        source = evidence(file, tree.line_of("spec", "ref", key))
        if chart == "flux-manifests":
            yield VersionMark(MarkKind.PROVIDER, FLUX, version, source, "flux-manifests OCI")
        elif chart in self._charts:
            yield VersionMark(MarkKind.CHART, chart, version, source, f"{chart} chart")

    def _helm_release(self, file: SourceFile, tree: YamlDocument) -> Iterator[VersionMark]:
        at = ("spec", "chart", "spec")
        chart = (tree.text(*at, "chart") or "").rpartition("/")[2]
        if chart in self._charts:
            version, source = tree.text(*at, "version"), evidence(file, tree.line_of(*at, "version"))
            yield VersionMark(MarkKind.CHART, chart, version, source, f"{chart} chart")
        if tree.get("spec", "values", "instance", "distribution") is not None:
            yield from _distribution(file, tree, ("spec", "values", "instance"), "flux-instance chart, inline values")
        yield from self._switched(file, tree, ("spec", "values"))

    def _switched(self, file: SourceFile, tree: YamlDocument, at: tuple[str, ...]) -> Iterator[VersionMark]:
        """The values below `at` that make a chart serve more than its release does by itself."""
        for provider, switch in self._switches:
            path = (*at, *switch.value.split("."))
            if (tree.text(*path) or "").lower() == "true":
                source = evidence(file, tree.line_of(*path))
                yield VersionMark(MarkKind.SWITCH, provider, switch.value, source, f"{switch.chart} chart, values")

    def _helmfile(self, file: SourceFile, tree: YamlDocument) -> Iterator[VersionMark]:
        for index in range(tree.length("releases")):
            chart = (tree.text("releases", index, "chart") or "").rpartition("/")[2]
            if chart in self._charts:
                source = evidence(file, tree.line_of("releases", index, "version"))
                version = tree.text("releases", index, "version")
                yield VersionMark(MarkKind.CHART, chart, version, source, "bootstrap helmfile", live=False)

    def _remote_bases(self, file: SourceFile) -> Iterator[VersionMark]:
        for number, line in enumerate(file.text.splitlines(), 1):
            if len(line) <= _LONGEST_URL and (match := self._remote.search(line.partition(" #")[0])):
                provider = self._remotes[match.group("remote")]
                yield VersionMark(
                    kind=MarkKind.PROVIDER,
                    subject=provider,
                    version=match.group("version"),
                    source=Evidence("", number, line.strip()),
                    form="kustomize remote base",
                    channel=self._providers[provider].channel_of(match.string),
                )

    def _terraform(self, file: SourceFile) -> Iterator[VersionMark]:
        for block in _TERRAFORM_BLOCK.finditer(file.text):
            version = _TERRAFORM_VERSION.search(block.group("body"))
            if version is None:
                continue
            line = file.text.count("\n", 0, block.start("body") + version.start(1)) + 1
            source = evidence(file, line)
            if block.group("type") == "flux_bootstrap_git":
                yield VersionMark(MarkKind.PROVIDER, FLUX, version.group(1), source, "terraform")
                continue
            chart = _TERRAFORM_CHART.search(block.group("body"))
            name = chart.group(1).rpartition("/")[2] if chart else ""
            if name in self._charts:
                yield VersionMark(MarkKind.CHART, name, version.group(1), source, "terraform")


_TERRAFORM_BLOCK = re.compile(
    r'^resource\s+"(?P<type>flux_bootstrap_git|helm_release)"\s+"[^"]*"\s*\{(?P<body>(?:(?!^resource\s).)*?)^\}',
    re.MULTILINE | re.DOTALL,
)
_TERRAFORM_VERSION = re.compile(r'^\s*version\s*=\s*"([^"]+)"', re.MULTILINE)
_TERRAFORM_CHART = re.compile(r'^\s*chart\s*=\s*"([^"]+)"', re.MULTILINE)


def evidence(file: SourceFile, line: int) -> Evidence:
    """The line as it stands in the file; its path is filled in by `read_marks`, since blobs have none."""
    lines = _lines_of(file.text)
    return Evidence("", line, lines[line - 1].strip() if 0 < line <= len(lines) else "")


@lru_cache(maxsize=4)
def _lines_of(text: str) -> list[str]:
    return text.splitlines()


def _load(document: Document) -> list[YamlDocument]:
    try:
        return [tree for tree in load_documents(document.text, first_line=document.line) if isinstance(tree.data, dict)]
    except UnreadableYaml:
        return []


def _distribution(file: SourceFile, tree: YamlDocument, at: tuple[str, ...], form: str) -> Iterator[VersionMark]:
    version, artifact = tree.text(*at, "distribution", "version"), tree.text(*at, "distribution", "artifact")
    # A range says little; the pinned artifact beside it says which release it means.
    pinned = artifact is not None and version is not None and "x" in version
    line = tree.line_of(*at, "distribution", "artifact" if pinned or version is None else "version")
    components = tuple(item for item, _ in tree.texts(*at, "components"))
    yield VersionMark(
        kind=MarkKind.DISTRIBUTION,
        subject=FLUX,
        version=version,
        source=evidence(file, line),
        form=form,
        artifact=artifact,
        components=components or None,
        sync_kind=tree.text(*at, "sync", "kind"),
        chart_defaults=at != ("spec",),
    )


_GOTK_VERSION = re.compile(r"^# Flux Version: (v?[\w.+-]+)", re.MULTILINE)
_GOTK_COMPONENTS = re.compile(r"^# Components: (\S+)", re.MULTILINE)


def _gotk_components(file: SourceFile) -> Iterator[VersionMark]:
    """The header that `flux install --export` writes (fluxcd/flux2 pkg/manifestgen/install)."""
    if match := _GOTK_VERSION.search(file.text):
        line = file.text.count("\n", 0, match.start()) + 1
        components = _GOTK_COMPONENTS.search(file.text)
        yield VersionMark(
            kind=MarkKind.PROVIDER,
            subject=FLUX,
            version=match.group(1),
            source=evidence(file, line),
            form="gotk-components.yaml",
            components=tuple(components.group(1).split(",")) if components else None,
        )


# tuppr's custom resources (https://github.com/home-operations/tuppr).
_UPGRADES = {"TalosUpgrade": (TALOS, "talos"), "KubernetesUpgrade": (KUBERNETES, "kubernetes")}
_MARKED_KINDS = frozenset({"FluxInstance", "OCIRepository", "HelmRelease", "Plan", *_UPGRADES})


def _upgrade(file: SourceFile, tree: YamlDocument, kind: str) -> Iterator[VersionMark]:
    provider, key = _UPGRADES[kind]
    if version := tree.text("spec", key, "version"):
        source = evidence(file, tree.line_of("spec", key, "version"))
        yield VersionMark(MarkKind.PROVIDER, provider, version, source, kind)


def _upgrade_plan(file: SourceFile, tree: YamlDocument) -> Iterator[VersionMark]:
    """A Plan of the system-upgrade-controller: its image and arguments tell what it upgrades, not its version."""
    version, image = tree.text("spec", "version"), tree.text("spec", "upgrade", "image") or ""
    if version is None or not tree.text("apiVersion") or not str(tree.text("apiVersion")).startswith("upgrade.cattle."):
        return
    words = [word for key in ("args", "command") for word, _ in tree.texts("spec", "upgrade", key)]
    if "k3s-upgrade" in image or "rke2-upgrade" in image or any("upgrade-k8s" in word for word in words):
        provider = KUBERNETES
    elif "talosctl" in image or "installer" in image or any(word == "upgrade" for word in words):
        provider = TALOS
    else:
        return
    yield VersionMark(MarkKind.PROVIDER, provider, version, evidence(file, tree.line_of("spec", "version")), "Plan")


def _nodes(file: SourceFile) -> Iterator[VersionMark]:
    for found in read_node_lines(file.text):
        source = Evidence("", found.line, found.text)
        yield VersionMark(MarkKind.PROVIDER, found.provider, found.version, source, NODES)
