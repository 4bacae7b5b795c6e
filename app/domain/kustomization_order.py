"""What the Flux Kustomizations of a tree wait for (`dependsOn`), and which of them lie behind one that fails."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from app.domain.layout import FluxKustomization, read_layout
from app.domain.manifests import read_manifests
from app.domain.model import Tree
from app.domain.scopes import Scopes
from app.domain.templates import load_templated
from app.domain.yamltree import UnreadableYaml

_GROUP = "kustomize.toolkit.fluxcd.io"
Key = tuple[str, str]
"""Namespace ("" where Git leaves it to the folder above) and name."""


class KustomizationOrder:
    """The Kustomizations of a tree with their prerequisites. A namespace that is left open fits every other."""

    def __init__(self, tree: Tree, scopes: Scopes) -> None:
        self._scopes = scopes
        self.all: list[FluxKustomization] = []
        waits: dict[Key, list[Key]] = defaultdict(list)
        for path in sorted(tree):
            layout = read_layout(tree[path])
            self.all += layout.kustomizations
            if layout.kustomizations and "dependsOn" in tree[path].text:
                for key, needed in _depends_on(tree, path):
                    waits[key].append(needed)
        self._waits: Mapping[Key, list[Key]] = waits

    def find(self, namespace: str, name: str, scope: str) -> list[FluxKustomization]:
        """Those of a cluster that may be meant by a name."""
        return [
            ks
            for ks in self.all
            if ks.name == name and _fits(ks.namespace, namespace) and scope in self._scopes.of(ks.file)
        ]

    def waits_for(self, ks: FluxKustomization) -> list[FluxKustomization]:
        """Its direct prerequisites, in the same clusters."""
        own = self._scopes.of(ks.file)
        return [
            other
            for namespace, name in self._waits.get((ks.namespace, ks.name), ())
            for other in self.all
            if other.name == name and _fits(other.namespace, namespace) and own & self._scopes.of(other.file)
        ]

    def behind(self, failing: Iterable[FluxKustomization]) -> frozenset[FluxKustomization]:
        """The failing ones, those that they apply, and those that wait for any of these."""
        found = set(failing)
        while True:
            more = {
                ks
                for ks in self.all
                if ks not in found
                and (found & set(self._scopes.kustomizations_of(ks.file)) or found & set(self.waits_for(ks)))
            }
            if not more:
                return frozenset(found)
            found |= more

    def in_order(self, some: Iterable[FluxKustomization]) -> list[FluxKustomization]:
        """Each after what it waits for, and else by name."""
        left, placed = sorted(set(some), key=lambda ks: (str(ks), ks.file)), list[FluxKustomization]()
        while left:
            free = [ks for ks in left if not set(self.waits_for(ks)) & (set(left) - {ks})] or left[:1]
            placed += free
            left = [ks for ks in left if ks not in free]
        return placed


def _fits(one: str, other: str) -> bool:
    return not one or not other or one == other


def _depends_on(tree: Tree, path: str) -> Iterable[tuple[Key, Key]]:
    for document in read_manifests(tree[path]).documents:
        if document.gvk is None or (document.gvk.group, document.gvk.kind) != (_GROUP, "Kustomization"):
            continue
        try:
            parsed = load_templated(document.text, first_line=document.line)
        except UnreadableYaml:
            continue
        for one in parsed:
            namespace, name = one.text("metadata", "namespace") or "", one.text("metadata", "name") or ""
            for index in range(one.length("spec", "dependsOn")):
                needed = one.text("spec", "dependsOn", index, "name")
                if needed:
                    yield (namespace, name), (one.text("spec", "dependsOn", index, "namespace") or namespace, needed)
