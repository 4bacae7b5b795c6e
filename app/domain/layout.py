"""How one file takes part in the layout of a Flux repository: what it makes Flux and kustomize read next."""

import posixpath
import re
from dataclasses import dataclass

from app.domain.manifests import read_manifests
from app.domain.memo import BlobMemo, suffix_of
from app.domain.model import SourceFile
from app.domain.yamltree import UnreadableYaml, YamlDocument, load_documents

KUSTOMIZE_FILES = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})


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

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True)
class Layout:
    """`edges` are what a kustomization file reads, `patches` those of them that only change other objects."""

    kustomizations: tuple[FluxKustomization, ...] = ()
    edges: tuple[str, ...] = ()
    patches: tuple[str, ...] = ()


EMPTY = Layout()

_LISTS = ("resources", "components", "bases", "crds", "configurations", "generators", "transformers", "validators")
_GENERATORS = ("configMapGenerator", "secretGenerator")
_LIST_LINE = re.compile(r"""^\s*-\s+["']?(\.{0,2}/?[\w./-]+?)/?["']?\s*(?:#.*)?$""", re.MULTILINE)
_FLUX_KUSTOMIZATION = "kustomize.toolkit.fluxcd.io"
_FLUX_INSTANCE = "fluxcd.controlplane.io"


def normal_path(path: str) -> str:
    """`./kubernetes/apps/` -> `kubernetes/apps`; "" for the root of the repository."""
    normal = posixpath.normpath(path.strip().lstrip("/") or ".")
    return "" if normal == "." else normal


def _parse_layout(file: SourceFile) -> Layout:
    text, suffix = file.text, suffix_of(file.path)
    if suffix.startswith("kustomization."):
        return _parse_kustomization(text)
    if not suffix.endswith((".yaml", ".yml")):
        return EMPTY
    found: list[FluxKustomization] = []
    if _FLUX_KUSTOMIZATION in text or _FLUX_INSTANCE in text:
        for document in read_manifests(file).documents:
            group = document.gvk.group if document.gvk else ""
            kind = document.gvk.kind if document.gvk else ""
            if (group, kind) == (_FLUX_KUSTOMIZATION, "Kustomization"):
                found.extend(_flux_kustomization(document.text, document.line))
            elif (group, kind) == (_FLUX_INSTANCE, "FluxInstance"):
                found.extend(_synced(document.text, document.line, ("spec", "sync", "path")))
    if not found and "distribution:" in text and "instance:" in text:
        found.extend(_synced(text, 1, ("instance", "sync", "path")))
        found.extend(_synced(text, 1, ("spec", "values", "instance", "sync", "path")))
    return Layout(kustomizations=tuple(found)) if found else EMPTY


def _documents(text: str, line: int) -> list[YamlDocument]:
    try:
        return load_documents(text, first_line=line)
    except UnreadableYaml:
        return []


def _flux_kustomization(text: str, line: int) -> list[FluxKustomization]:
    found: list[FluxKustomization] = []
    for document in _documents(text, line):
        name, path = document.text("metadata", "name"), document.text("spec", "path")
        source = document.text("spec", "sourceRef", "kind") or "GitRepository"
        # What comes from an artifact of somebody else has its files elsewhere.
        if name and path is not None and "$" not in path and source == "GitRepository":
            at = document.line_of("metadata", "name")
            namespace = document.text("metadata", "namespace") or ""
            found.append(FluxKustomization(namespace, name, normal_path(path), "", at))
    return found


def _synced(text: str, line: int, key: tuple[str, ...]) -> list[FluxKustomization]:
    """Flux Operator names the Kustomization of a FluxInstance after its namespace, which is flux-system."""
    return [
        FluxKustomization("flux-system", "flux-system", normal_path(path), "", document.line_of(*key), generated=True)
        for document in _documents(text, line)
        if (path := document.text(*key)) and "$" not in path
    ]


def _parse_kustomization(text: str) -> Layout:
    try:
        documents = load_documents(text)
    except UnreadableYaml:
        # A template, most likely. Its list items that are paths are what it reads.
        return Layout(edges=tuple(match.group(1) for match in _LIST_LINE.finditer(text)))
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
    placed = (
        FluxKustomization(ks.namespace, ks.name, ks.path, file.path, ks.line, ks.generated)
        for ks in layout.kustomizations
    )
    return Layout(tuple(placed), layout.edges, layout.patches)
