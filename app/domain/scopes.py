"""Which cluster a file belongs to, and which Flux Kustomization carries it.

A repository can hold many clusters. Each starts at a root: the folder that a FluxInstance or Flux's bootstrap syncs, or
a Flux Kustomization that no other one reads. From there `spec.path` and the paths in kustomization files lead to every
file; a base that several clusters read belongs to all of them.
"""

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from types import MappingProxyType

from app.domain.layout import FluxKustomization
from app.domain.liveness import is_live, is_rebuild_only
from app.domain.manifests import Unread
from app.domain.model import Tree
from app.domain.walk import Walk

MAIN = "main"
REPO = "repo"
"""The scope of what belongs to no cluster of a repository with several."""

_GENERIC = frozenset(
    {"", ".", "kubernetes", "k8s", "cluster", "clusters", "flux", "flux-system", "config", "bootstrap", "apps", "app"}
    | {"infrastructure", "infra", "base", "core", "gitops", "deploy", "manifests", "kustomizations", "kustomization"}
    | {"repositories", "vars", "sync", "meta", "src", "environments", "envs", "overlays", "ks", "components", "charts"}
)


def cluster_name(path: str) -> str | None:
    """The name that a path gives to its cluster; None where it has only generic words: `kubernetes/flux/cluster`."""
    parts = path.split("/")
    for index, part in enumerate(parts[:-1]):
        if part == "clusters" and parts[index + 1] not in _GENERIC:
            return parts[index + 1]
    return next((part for part in parts if part not in _GENERIC), None)


class Scopes:
    """The clusters of a tree. Paths that the tree does not have get the scope of the nearest folder that has one."""

    def __init__(
        self,
        clusters: Iterable[str],
        scopes: Mapping[str, frozenset[str]],
        carriers: Mapping[str, tuple[FluxKustomization, ...]],
        patches: frozenset[str],
        unread: Mapping[str, tuple[Unread, ...]] = MappingProxyType({}),
    ) -> None:
        self.clusters = tuple(sorted(clusters)) or (MAIN,)
        self._scopes = scopes
        self._carriers = carriers
        self._patches = patches
        self.unread = unread
        self._folders = _scopes_of_folders(scopes)
        self._carriers_by_folder: dict[str, set[FluxKustomization]] = defaultdict(set)
        for path, all_of in carriers.items():
            self._carriers_by_folder[posixpath.dirname(path)].update(all_of)
        self._default = frozenset({self.clusters[0] if len(self.clusters) == 1 else REPO})

    def of(self, path: str) -> frozenset[str]:
        """The clusters that read a file, never empty."""
        known = self._scopes.get(path)
        if known:
            return known
        if len(self.clusters) == 1:
            return self._default
        named = frozenset(self.clusters).intersection(path.split("/"))
        if len(named) == 1:
            return named
        folder = posixpath.dirname(path)
        while folder:
            if folder in self._folders:
                return self._folders[folder]
            folder = posixpath.dirname(folder)
        return self._default

    @cached_property
    def kustomizations(self) -> frozenset[FluxKustomization]:
        """Every Flux Kustomization that applies something of this repository."""
        return frozenset(ks for all_of in self._carriers.values() for ks in all_of)

    def kustomizations_of(self, path: str) -> tuple[FluxKustomization, ...]:
        """The Flux Kustomizations that apply a file, the nearest first."""
        known = self._carriers.get(path)
        if known is not None:
            return known
        folder = posixpath.dirname(path)
        while folder:
            if folder in self._carriers_by_folder:
                return tuple(sorted(self._carriers_by_folder[folder], key=_nearest_first))
            folder = posixpath.dirname(folder)
        return ()

    def kustomization_of(self, path: str) -> FluxKustomization | None:
        """The nearest of them."""
        return next(iter(self.kustomizations_of(path)), None)

    def carries(self, path: str) -> bool:
        """Whether some Flux Kustomization applies a file."""
        return path in self._carriers

    def is_live(self, path: str) -> bool:
        """Whether a cluster may read a file: by the names of its folders, or because a live file leads to it. A file
        that is new in such a folder counts like those beside it."""
        return is_live(path) or path in self._carriers or posixpath.dirname(path) in self._carriers_by_folder

    def is_applied(self, path: str) -> bool:
        """Whether what stands in a file is asked of a running cluster, and not only of one that is installed anew."""
        if not self.is_live(path):
            return False
        # Where no Flux Kustomization is to be seen, nothing tells what Flux applies.
        return not (self._carriers and is_rebuild_only(path)) or posixpath.dirname(path) in self._carriers_by_folder

    def is_patch(self, path: str) -> bool:
        """Whether kustomize only patches other objects with this file."""
        return path in self._patches


def read_scopes(tree: Tree) -> Scopes:
    """Follow the tree from its roots."""
    walk = Walk(tree)
    reached = walk.reached
    carriers: dict[str, list[FluxKustomization]] = defaultdict(list)
    for ks, paths in reached.items():
        for path in paths or _itself(ks):
            carriers[path].append(ks)
    roots = _name_roots(reached, carriers)
    scopes: dict[str, set[str]] = defaultdict(set)
    for root, cluster in roots.items():
        for ks in _descendants(root, reached, walk.by_file):
            scopes[ks.file].add(cluster)
            for path in reached[ks] or _itself(ks):
                scopes[path].add(cluster)
    return Scopes(
        clusters=set(roots.values()),
        scopes={path: frozenset(clusters) for path, clusters in scopes.items()},
        carriers={path: tuple(sorted(all_of, key=_nearest_first)) for path, all_of in carriers.items()},
        patches=frozenset(walk.patches),
        unread=walk.unread,
    )


def _itself(ks: FluxKustomization) -> tuple[str, ...]:
    """A path that stands for a folder which is still empty, so that the first file of it finds its cluster."""
    return (f"{ks.path}/",) if ks.path else ()


def _nearest_first(ks: FluxKustomization) -> tuple[int, str, str]:
    return -len(ks.path), str(ks), ks.file


def _scopes_of_folders(scopes: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    folders: dict[str, set[str]] = defaultdict(set)
    for path, clusters in scopes.items():
        folder = posixpath.dirname(path)
        while folder and not clusters <= folders[folder]:
            folders[folder] |= clusters
            folder = posixpath.dirname(folder)
    return {folder: frozenset(clusters) for folder, clusters in folders.items() if clusters}


def _descendants(
    root: FluxKustomization,
    reached: Mapping[FluxKustomization, frozenset[str]],
    by_file: Mapping[str, list[FluxKustomization]],
) -> set[FluxKustomization]:
    seen, queue = {root}, [root]
    while queue:
        for path in reached[queue.pop()]:
            for child in by_file.get(path, ()):
                # What a FluxInstance makes is a root of its own, even where another cluster's folder holds it.
                if child not in seen and not child.generated:
                    seen.add(child)
                    queue.append(child)
    return seen


def _name_roots(
    kustomizations: Iterable[FluxKustomization], carriers: Mapping[str, list[FluxKustomization]]
) -> dict[FluxKustomization, str]:
    """Each root with the name of its cluster.

    A FluxInstance's sync and a Kustomization that reads itself (Flux's bootstrap) are sure. One that merely nobody
    reads may have a reader that we cannot see; then it makes no cluster of its own if there are others.
    """
    sure: dict[FluxKustomization, str] = {}
    unsure: list[FluxKustomization] = []
    for ks in kustomizations:
        readers = carriers.get(ks.file, [])
        if ks.generated or readers == [ks] or (not readers and _is_cluster_folder(ks.file)):
            # A FluxInstance is written among the applications, whose folders name no cluster.
            sure[ks] = cluster_name(ks.path if ks.generated else posixpath.dirname(ks.file)) or MAIN
        elif not readers:
            unsure.append(ks)
    names = set(sure.values())
    for ks in unsure:
        named = names.intersection(ks.file.split("/"))
        if len(named) == 1:
            sure[ks] = next(iter(named))
        elif len(names) == 1:
            sure[ks] = next(iter(names))
        elif not names:
            sure[ks] = MAIN
    return sure


def _is_cluster_folder(path: str) -> bool:
    folders = path.split("/")[:-1]
    return "clusters" in folders or "flux" in folders


def shared_kustomization(scopes: Scopes, paths: Iterable[str], other: str) -> FluxKustomization | None:
    """The nearest Flux Kustomization that applies `other` and any of `paths`; None where there is none."""
    carriers = scopes.kustomizations_of(other)
    touched = {ks for path in paths for ks in scopes.kustomizations_of(path)}
    return next((ks for ks in carriers if ks in touched), None)
