"""What HelmReleases say of the CRDs of their charts: whether an upgrade brings them, or they are switched off.

helm-controller leaves the `crds/` folder of a chart alone on an upgrade unless `upgrade.crds` says otherwise
(https://fluxcd.io/flux/components/helm/helmreleases/#upgrade-configuration), and many charts have a value that leaves
CRDs among their templates out.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.liveness import is_live
from app.domain.manifests import read_manifests
from app.domain.memo import BlobMemo
from app.domain.model import Evidence, SourceFile, Tree
from app.domain.scopes import Scopes
from app.domain.yamltree import UnreadableYaml, YamlDocument, load_documents


@dataclass(frozen=True, slots=True)
class HelmRelease:
    """`chart` is the name of the chart where it is written here, `chart_ref` the name of the OCIRepository or HelmChart
    that has it elsewhere. `upgrade` is the policy `upgrade.crds` (None where it is left out, which means Skip) and
    `skips` the line that says Skip. `off` is the line of a value that switches the chart's own CRDs off."""

    name: str
    chart: str | None
    chart_ref: str | None
    upgrade: str | None
    source: Evidence
    skips: Evidence | None = None
    off: Evidence | None = None


_SWITCHES = (
    ("installCRDs",),
    ("installCRD",),
    ("createCRDs",),
    *((name, key) for name in ("crds", "crd") for key in ("enabled", "enable", "install", "create", "installCRDs")),
)
_FALSE = frozenset({"false", "False", "no", "off"})
_BLANKET = re.compile(
    r"^(?P<indent>\s*)upgrade:\s*\n(?:(?P=indent)\s+\S.*\n)*?(?P=indent)\s+crds:\s*CreateReplace\b", re.MULTILINE
)


def find_release(tree: Tree, scopes: Scopes, chart: str, scope: str) -> HelmRelease | None:
    """The HelmRelease of a chart (last segment of its name, lower case) in a cluster, with what its values file says.

    None where there is none, or more than one: then it is not known which is meant.
    """
    refs = _references(tree, chart)
    found = [
        (path, release)
        for path in sorted(tree)
        if "HelmRelease" in tree[path].text and _mentions(tree[path].text, chart, refs)
        for release in read_releases(tree[path])
        if is_live(path) and scope in scopes.of(path) and not scopes.is_patch(path)
        if release.chart == chart or (release.chart_ref is not None and release.chart_ref in refs)
    ]
    if len(found) != 1:
        return None
    path, release = found[0]
    return _with_values(release, path, tree)


def blanket_upgrade(tree: Tree, scopes: Scopes, scope: str) -> Evidence | None:
    """A patch that gives HelmReleases of a cluster `upgrade.crds: CreateReplace`, as in the Flux Kustomization at its
    root. Whom it reaches exactly is not worked out: it may reach any."""
    for path in sorted(tree):
        text = tree[path].text
        if "CreateReplace" not in text or "HelmRelease" not in text or not is_live(path):
            continue
        documents = read_manifests(tree[path]).documents
        is_release = any(document.gvk is not None and document.gvk.kind == "HelmRelease" for document in documents)
        if is_release and not scopes.is_patch(path):
            continue
        if scope in scopes.of(path) and (match := _BLANKET.search(text)):
            line = text.count("\n", 0, match.end()) + 1
            return Evidence(path, line, "crds: CreateReplace")
    return None


def _references(tree: Tree, chart: str) -> frozenset[str]:
    """Names of OCIRepository and HelmChart objects that hold the chart."""
    found: set[str] = set()
    for file in tree.values():
        if "OCIRepository" in file.text or "HelmChart" in file.text:
            found.update(name for name, holds in read_sources(file) if holds == chart)
    return frozenset(found)


def _mentions(text: str, chart: str, refs: frozenset[str]) -> bool:
    return chart in text.casefold() or any(ref in text for ref in refs)


def _read_sources(file: SourceFile) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for tree in _documents(file, {"OCIRepository", "HelmChart"}):
        holds = tree.text("spec", "chart") or tree.text("spec", "url") or ""
        if (name := tree.text("metadata", "name")) and holds:
            found.append((name, holds.rstrip("/").rpartition("/")[2].casefold()))
    return tuple(found)


read_sources = BlobMemo(_read_sources)
"""(name, chart) of each OCIRepository and HelmChart of a file, remembered by its blob id."""


def _read_releases(file: SourceFile) -> tuple[HelmRelease, ...]:
    return tuple(_release(file, tree) for tree in _documents(file, {"HelmRelease"}))


read_releases = BlobMemo(_read_releases)
"""The HelmReleases of a file, remembered by its blob id; the paths of their lines are empty."""


def _documents(file: SourceFile, kinds: set[str]) -> Iterator[YamlDocument]:
    for document in read_manifests(file).documents:
        if document.gvk is not None and document.gvk.kind in kinds:
            try:
                trees = load_documents(document.text, first_line=document.line)
            except UnreadableYaml:
                continue
            yield from (tree for tree in trees if isinstance(tree.data, dict))


def _release(file: SourceFile, tree: YamlDocument) -> HelmRelease:
    lines = file.text.splitlines()
    chart = tree.text("spec", "chart", "spec", "chart")
    install, upgrade = tree.text("spec", "install", "crds"), tree.text("spec", "upgrade", "crds")
    skips = None
    if upgrade == "Skip":
        skips = _line(lines, tree.line_of("spec", "upgrade", "crds"))
    elif install == "Skip" and upgrade is None:
        skips = _line(lines, tree.line_of("spec", "install", "crds"))
    return HelmRelease(
        name=tree.text("metadata", "name") or "",
        chart=chart.rpartition("/")[2].casefold() if chart else None,
        chart_ref=tree.text("spec", "chartRef", "name"),
        upgrade=upgrade,
        source=_line(lines, tree.line_of("spec", "upgrade", "crds") if upgrade else tree.line_of("kind")),
        skips=skips,
        off=_switched_off(lines, tree, ("spec", "values")),
    )


def _switched_off(lines: list[str], tree: YamlDocument, at: tuple[str, ...]) -> Evidence | None:
    for switch in _SWITCHES:
        if tree.text(*at, *switch) in _FALSE:
            return _line(lines, tree.line_of(*at, *switch))
    return None


def _line(lines: list[str], number: int) -> Evidence:
    return Evidence("", number, lines[number - 1].strip() if 0 < number <= len(lines) else "")


def _with_values(release: HelmRelease, path: str, tree: Tree) -> HelmRelease:
    """With its paths, and with the values that a generator reads from a file beside it or in `helm/` below it."""
    off = _placed(release.off, path)
    folder = posixpath.dirname(path)
    for name in ("values.yaml", "helm-values.yaml", "helm/values.yaml", "resources/values.yaml"):
        values = posixpath.join(folder, name)
        if off is None and values in tree and (line := read_values(tree[values])):
            off = _placed(line, values)
    source = Evidence(path, release.source.line, release.source.text)
    return HelmRelease(
        release.name, release.chart, release.chart_ref, release.upgrade, source, _placed(release.skips, path), off
    )


def _read_values(file: SourceFile) -> Evidence | None:
    lines = file.text.splitlines()
    try:
        trees = load_documents(file.text)
    except UnreadableYaml:
        return None
    return next((off for tree in trees if (off := _switched_off(lines, tree, ()))), None)


_values = BlobMemo(lambda file: (_read_values(file),))


def read_values(file: SourceFile) -> Evidence | None:
    """The line of a values file that switches the CRDs of its chart off, remembered by its blob id."""
    return _values(file)[0]


def _placed(line: Evidence | None, path: str) -> Evidence | None:
    return Evidence(path, line.line, line.text) if line else None
