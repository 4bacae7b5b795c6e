"""How one file takes part in the layout of a Flux repository: what it makes Flux and kustomize read next."""

import posixpath
import re
from dataclasses import dataclass, field, replace

from app.domain.manifests import Document, Unread, read_manifests
from app.domain.memo import BlobMemo, suffix_of
from app.domain.model import SourceFile
from app.domain.templates import is_templated, load_templated
from app.domain.yamltree import UnreadableYaml, YamlDocument

KUSTOMIZE_FILES = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})


@dataclass(frozen=True, slots=True)
class SourceName:
    """Which source object a Flux Kustomization reads. `namespace` is that of the Kustomization where none is named."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class FluxKustomization:
    """A Flux Kustomization. `path` is the folder it applies, relative to the repository, "" for its root.

    `file` is where it is written; for the one that a FluxInstance makes out of `sync.path`, where that is said.
    """

    namespace: str
    name: str
    path: str
    file: str
    line: int
    generated: bool = False
    source: SourceName = field(default=SourceName("GitRepository", "", ""), compare=False)
    waits: bool = False
    """It is Ready only when all that it applied is."""
    checks: frozenset[str] = frozenset()
    """Names of the HelmReleases that it waits for: its `healthChecks`."""

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class FluxSource:
    """A source object: `address` is the URL without what spellings differ in, "" where a template decides it."""

    name: SourceName
    address: str


@dataclass(frozen=True, slots=True)
class Layout:
    """`edges` are what a kustomization file reads, `patches` those of them that only change other objects."""

    kustomizations: tuple[FluxKustomization, ...] = ()
    edges: tuple[str, ...] = ()
    patches: tuple[str, ...] = ()
    sources: tuple[FluxSource, ...] = ()
    unread: tuple[Unread, ...] = ()


EMPTY = Layout()

_LISTS = ("resources", "components", "bases", "crds", "configurations", "generators", "transformers", "validators")
_GENERATORS = ("configMapGenerator", "secretGenerator")
_LIST_LINE = re.compile(r"""^\s*-\s+["']?(\.{0,2}/?[\w./-]+?)/?["']?\s*(?:#.*)?$""", re.MULTILINE)
_FLUX_KUSTOMIZATION = "kustomize.toolkit.fluxcd.io"
_FLUX_INSTANCE = "fluxcd.controlplane.io"
_FLUX_SOURCE = "source.toolkit.fluxcd.io"
_SOURCE_KINDS = frozenset({"GitRepository", "OCIRepository", "Bucket"})


def normal_path(path: str) -> str:
    """`./kubernetes/apps/` -> `kubernetes/apps`; "" for the root of the repository."""
    normal = posixpath.normpath(path.strip().lstrip("/") or ".")
    return "" if normal == "." else normal


def _parse_layout(file: SourceFile) -> Layout:
    text, suffix = file.text, suffix_of(file.path)
    if suffix.startswith("kustomization."):
        return _parse_kustomization(text) if _FLUX_KUSTOMIZATION not in text else _parse_objects(file)
    return _parse_objects(file) if suffix.endswith((".yaml", ".yml")) else EMPTY


def _parse_objects(file: SourceFile) -> Layout:
    """Flux's own objects, and the values of the chart that makes a FluxInstance.

    In a file called kustomization.yaml there may stand a Flux Kustomization: the two share their kind.
    """
    text = file.text
    found: list[FluxKustomization] = []
    sources: list[FluxSource] = []
    unread: list[Unread] = []
    plain: list[Layout] = []
    if _FLUX_KUSTOMIZATION in text or _FLUX_INSTANCE in text or _FLUX_SOURCE in text:
        for document in read_manifests(file).documents:
            group = document.gvk.group if document.gvk else ""
            kind = document.gvk.kind if document.gvk else ""
            if (group, kind) == (_FLUX_KUSTOMIZATION, "Kustomization"):
                found.extend(_flux_kustomization(document, unread))
            elif (group, kind) == (_FLUX_INSTANCE, "FluxInstance"):
                found.extend(_synced(document.text, document.line, ("spec", "sync"), unread))
            elif group == _FLUX_SOURCE and kind in _SOURCE_KINDS:
                sources.extend(_flux_source(document, unread))
            elif suffix_of(file.path).startswith("kustomization."):
                plain.append(_parse_kustomization(document.text))
    if not found and "distribution:" in text and "instance:" in text:
        found.extend(_synced(text, 1, ("instance", "sync"), unread))
        found.extend(_synced(text, 1, ("spec", "values", "instance", "sync"), unread))
    if not (found or sources or unread or plain):
        return EMPTY
    return Layout(
        kustomizations=tuple(found),
        edges=tuple(edge for part in plain for edge in part.edges),
        patches=tuple(patch for part in plain for patch in part.patches),
        sources=tuple(sources),
        unread=tuple(dict.fromkeys(unread)),
    )


def _documents(text: str, line: int, unread: list[Unread]) -> list[YamlDocument]:
    try:
        return load_templated(text, first_line=line)
    except UnreadableYaml as error:
        unread.append(Unread(error.line, "", error.problem))
        return []


def _flux_kustomization(document: Document, unread: list[Unread]) -> list[FluxKustomization]:
    found: list[FluxKustomization] = []
    for tree in _documents(document.text, document.line, unread):
        name = tree.text("metadata", "name")
        # Without a path Flux takes the root of the source.
        path = tree.text("spec", "path") or ""
        namespace = tree.text("metadata", "namespace") or ""
        source = SourceName(
            kind=tree.text("spec", "sourceRef", "kind") or "GitRepository",
            namespace=tree.text("spec", "sourceRef", "namespace") or namespace,
            name=tree.text("spec", "sourceRef", "name") or "",
        )
        if not name or (tree.get("spec", "path") is None and not source.name):
            # No Kustomization of its own, but a patch of one.
            continue
        if is_templated(path):
            unread.append(Unread(tree.line_of("spec", "path"), path, "a template decides the path"))
            continue
        at = tree.line_of("metadata", "name")
        found.append(
            FluxKustomization(
                namespace, name, normal_path(path), "", at,
                source=source, waits=tree.text("spec", "wait") == "true", checks=_checked_releases(tree),
            )
        )  # fmt: skip
    return found


def _checked_releases(tree: YamlDocument) -> frozenset[str]:
    at = ("spec", "healthChecks")
    return frozenset(
        name
        for index in range(tree.length(*at))
        if tree.text(*at, index, "kind") == "HelmRelease" and (name := tree.text(*at, index, "name"))
    )


def _flux_source(document: Document, unread: list[Unread]) -> list[FluxSource]:
    kind = document.gvk.kind if document.gvk else ""
    name = SourceName(kind, document.namespace, document.name)
    if kind != "GitRepository":
        # There is one in each folder of a chart, and its address is not asked for.
        return [FluxSource(name, "")]
    trees = _documents(document.text, document.line, unread)
    return [FluxSource(name, address_of(tree.text("spec", "url") or "")) for tree in trees]


def address_of(url: str) -> str:
    """`github.com/a/b` of `ssh://git@github.com/a/b.git`, `git@github.com:a/b` and `https://github.com/a/b`."""
    if not url or is_templated(url):
        return ""
    bare = re.sub(r"^[a-z+]+://", "", url.strip().lower())
    bare = re.sub(r"^[^/@]*@", "", bare)
    bare = re.sub(r"^([^/:]+):(?:\d+/)?", r"\1/", bare)
    return bare.rstrip("/").removesuffix(".git")


def _synced(text: str, line: int, at: tuple[str, ...], unread: list[Unread]) -> list[FluxKustomization]:
    """Flux Operator names the Kustomization and the source of a FluxInstance after its `sync.name`, or its namespace,
    which is flux-system."""
    return [
        FluxKustomization(
            namespace="flux-system",
            name=tree.text(*at, "name") or "flux-system",
            path=normal_path(path),
            file="",
            line=tree.line_of(*at, "path"),
            generated=True,
            source=SourceName(
                tree.text(*at, "kind") or "GitRepository", "flux-system", tree.text(*at, "name") or "flux-system"
            ),
        )
        for tree in _documents(text, line, unread)
        if (path := tree.text(*at, "path")) and not is_templated(path)
    ]


def _parse_kustomization(text: str) -> Layout:
    try:
        documents = load_templated(text)
    except UnreadableYaml as error:
        # A template, most likely. Its list items that are paths are what it reads.
        listed = tuple(match.group(1) for match in _LIST_LINE.finditer(text))
        return Layout(edges=listed, unread=(Unread(error.line, "", error.problem),))
    edges: list[str] = []
    patches: list[str] = []
    for document in documents:
        for key in _LISTS:
            edges.extend(item for item, _ in document.texts(key))
        for key in _GENERATORS:
            edges.extend(_generator_files(document, key))
        patches.extend(item for item, _ in document.texts("patchesStrategicMerge") if "\n" not in item)
        for key in ("patches", "patchesJson6902", "replacements", "helmCharts"):
            for index in range(document.length(key)):
                found = (document.text(key, index, name) for name in ("path", "valuesFile"))
                patches.extend(path for path in found if path)
                patches.extend(item for item, _ in document.texts(key, index, "additionalValuesFiles"))
    return Layout(edges=(*edges, *patches), patches=tuple(patches))


def _generator_files(document: YamlDocument, key: str) -> list[str]:
    found: list[str] = []
    for index in range(document.length(key)):
        for name in ("files", "envs"):
            found.extend(item.rpartition("=")[2] for item, _ in document.texts(key, index, name))
        if env := document.text(key, index, "env"):
            found.append(env)
    return found


_layouts = BlobMemo(_parse_layout)


def read_layout(file: SourceFile) -> Layout:
    """The part that a file plays, remembered by its blob id. Never fails."""
    layout = _layouts(file)
    if not layout.kustomizations:
        return layout
    return replace(layout, kustomizations=tuple(replace(ks, file=file.path) for ks in layout.kustomizations))
