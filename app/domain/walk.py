"""The files of a tree as Flux and kustomize find them: which files each Flux Kustomization builds."""

import posixpath
from collections import defaultdict
from collections.abc import Iterable

from app.domain.layout import EMPTY, KUSTOMIZE_FILES, FluxKustomization, FluxSource, Layout, read_layout
from app.domain.liveness import NOT_LIVE, is_live
from app.domain.manifests import Unread
from app.domain.model import Tree
from app.domain.own_source import own_kustomizations


class Walk:
    """`reached`: each Flux Kustomization of this repository with the files that it builds.

    Archives, templates and tests are left out where a folder is taken as a whole, and taken where a file names them:
    `../../templates/volsync` is a part of the cluster that lists it.
    """

    def __init__(self, tree: Tree) -> None:
        self.reached: dict[FluxKustomization, frozenset[str]] = {}
        self.by_file: dict[str, list[FluxKustomization]] = {}
        self.patches: set[str] = set()
        self.unread: dict[str, tuple[Unread, ...]] = {}
        self._tree = tree
        self._edges: dict[str, tuple[str, ...]] = {}
        self._files: dict[str, list[str]] = defaultdict(list)
        self._folders: dict[str, set[str]] = defaultdict(set)
        self._read: set[str] = set()
        found: list[FluxKustomization] = []
        sources: list[FluxSource] = []
        for path in sorted(tree):
            self._add_folders(path)
            if is_live(path):
                layout = self._read_file(path)
                found.extend(layout.kustomizations)
                sources.extend(layout.sources)
        self._reach_all(found, sources)

    def _reach_all(self, found: list[FluxKustomization], sources: list[FluxSource]) -> None:
        """Follow every Kustomization of this repository that no patch merely changes; what is found on the way may
        hold further ones.

        A patch is the place of a path where the Kustomization that it changes leaves it to a template: one base with
        `./clusters/${CLUSTER}`, patched by each cluster.
        """
        readable = {(ks.namespace, ks.name) for ks in found if ks.file not in self.patches}
        waiting = [ks for ks in found if ks.file not in self.patches or (ks.namespace, ks.name) not in readable]
        own = own_kustomizations(waiting, sources, lambda path: path in self._folders or path in self._files)
        for ks in own:
            self.by_file.setdefault(ks.file, []).append(ks)
        while own:
            ks = own.pop(0)
            self.reached[ks] = self._reach(ks.path)
            for path in sorted(self.reached[ks] - self._read):
                hidden = self._read_file(path).kustomizations
                self.by_file.setdefault(path, []).extend(hidden)
                own.extend(hidden)

    def _read_file(self, path: str) -> Layout:
        self._read.add(path)
        layout = read_layout(self._tree[path])
        if layout is EMPTY:
            return layout
        folder = posixpath.dirname(path)
        if layout.edges:
            self._edges[path] = tuple(_join(folder, edge) for edge in layout.edges if "://" not in edge)
        if layout.patches:
            self.patches.update(_join(folder, patch) for patch in layout.patches)
        if layout.unread:
            self.unread[path] = layout.unread
        return layout

    def _add_folders(self, path: str) -> None:
        folder = posixpath.dirname(path)
        self._files[folder].append(path)
        while folder:
            parent = posixpath.dirname(folder)
            if folder in self._folders[parent]:
                break
            self._folders[parent].add(folder)
            folder = parent

    def _reach(self, folder: str) -> frozenset[str]:
        """Every file that a Flux Kustomization with this path builds."""
        reached: set[str] = set()
        entered: set[str] = set()
        queue = [folder]
        while queue:
            at = queue.pop()
            if at in self._tree:
                reached.add(at)
            elif at not in entered:
                entered.add(at)
                queue.extend(self._read_folder(at, reached))
        return frozenset(reached)

    def _read_folder(self, folder: str, reached: set[str]) -> Iterable[str]:
        """What a folder leads to. A kustomization file decides; without one Flux takes every manifest below."""
        files = self._files.get(folder, ())
        own = next((path for path in files if posixpath.basename(path).removesuffix(".j2") in KUSTOMIZE_FILES), None)
        if own is not None:
            reached.add(own)
            if own not in self._read:
                self._read_file(own)
            return self._edges.get(own, ())
        manifests = [path for path in files if path.endswith((".yaml", ".yml", ".j2"))]
        below = self._folders.get(folder, ())
        return [
            *manifests,
            *(path for path in below if is_live(f"{path}/") or posixpath.basename(path) not in NOT_LIVE),
        ]


def _join(folder: str, edge: str) -> str:
    joined = posixpath.normpath(posixpath.join(folder, edge))
    return "" if joined == "." else joined
