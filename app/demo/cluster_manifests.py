"""What kustomize-controller would make of a tree: its Flux Kustomizations and the objects that each of them applies."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

KUSTOMIZE_FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object. `namespace` is "" for what has none."""

    api_version: str
    kind: str
    name: str
    namespace: str
    content: Mapping[str, Any]

    @property
    def address(self) -> str:
        """As kustomize-controller names an object: `OCIRepository/default/app-template`."""
        return "/".join(part for part in (self.kind, self.namespace, self.name) if part)


@dataclass(frozen=True, slots=True)
class FluxKustomization:
    name: str
    namespace: str
    path: str
    api_version: str
    interval: str
    target_namespace: str
    depends_on: tuple[tuple[str, str], ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.namespace, self.name


def read_documents(text: str) -> list[dict[str, Any]]:
    """Objects of a YAML file; [] for what is no YAML or holds none."""
    try:
        documents = list(yaml.safe_load_all(text))
    except yaml.YAMLError:
        return []
    return [one for one in documents if isinstance(one, dict) and "kind" in one and "apiVersion" in one]


def find_kustomizations(tree: Mapping[str, str]) -> list[FluxKustomization]:
    """All Flux Kustomizations of the tree, each after those that it depends on."""
    found: dict[tuple[str, str], FluxKustomization] = {}
    for path in sorted(tree):
        if not path.endswith((".yaml", ".yml")):
            continue
        for document in read_documents(tree[path]):
            if document["kind"] == "Kustomization" and document["apiVersion"].startswith(
                "kustomize.toolkit.fluxcd.io/"
            ):
                kustomization = _kustomization(document)
                found[kustomization.key] = kustomization
    ordered: dict[tuple[str, str], FluxKustomization] = {}
    for kustomization in found.values():
        _place(kustomization, found, ordered, ())
    return list(ordered.values())


def _place(
    one: FluxKustomization,
    known: Mapping[tuple[str, str], FluxKustomization],
    ordered: dict[tuple[str, str], FluxKustomization],
    above: tuple[tuple[str, str], ...],
) -> None:
    if one.key in ordered or one.key in above:
        return
    for key in one.depends_on:
        if key in known:
            _place(known[key], known, ordered, (*above, one.key))
    ordered[one.key] = one


def _kustomization(document: Mapping[str, Any]) -> FluxKustomization:
    metadata, spec = document["metadata"], document.get("spec", {})
    namespace = metadata.get("namespace", "flux-system")
    return FluxKustomization(
        name=metadata["name"],
        namespace=namespace,
        path=posixpath.normpath(spec.get("path", ".")),
        api_version=document["apiVersion"],
        interval=str(spec.get("interval", "1h")),
        target_namespace=spec.get("targetNamespace", ""),
        depends_on=tuple((one.get("namespace", namespace), one["name"]) for one in spec.get("dependsOn", ())),
    )


def build(tree: Mapping[str, str], kustomization: FluxKustomization) -> list[Manifest]:
    """The objects that the Kustomization applies, ConfigMaps of generators included."""
    return [
        Manifest(
            document["apiVersion"],
            document["kind"],
            document.get("metadata", {}).get("name", ""),
            kustomization.target_namespace or namespace,
            document,
        )
        for document, namespace in _build(tree, kustomization.path, "", frozenset())
    ]


def _build(
    tree: Mapping[str, str], folder: str, namespace: str, above: frozenset[str]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Documents below a folder with their namespaces; without a kustomization file, Flux generates one."""
    if folder in above:
        return
    file = next((name for name in KUSTOMIZE_FILES if posixpath.join(folder, name) in tree), None)
    if file is None:
        yield from _build_generated(tree, folder, namespace, above)
        return
    content = yaml.safe_load(tree[posixpath.join(folder, file)]) or {}
    inner = namespace or content.get("namespace", "")
    for entry in (*content.get("components", ()), *content.get("resources", ())):
        target = posixpath.normpath(posixpath.join(folder, entry))
        if target in tree:
            for document in read_documents(tree[target]):
                yield document, inner or document.get("metadata", {}).get("namespace", "")
        elif "://" not in entry:
            yield from _build(tree, target, inner, above | {folder})
    for generator in content.get("configMapGenerator", ()):
        yield _generated_config_map(tree, folder, generator), inner


def _build_generated(
    tree: Mapping[str, str], folder: str, namespace: str, above: frozenset[str]
) -> Iterator[tuple[dict[str, Any], str]]:
    prefix = "" if folder == "." else f"{folder}/"
    children: set[str] = set()
    for path in sorted(tree):
        if not path.startswith(prefix):
            continue
        name, slash, _ = path.removeprefix(prefix).partition("/")
        if slash:
            children.add(name)
        elif name.endswith((".yaml", ".yml")):
            for document in read_documents(tree[path]):
                yield document, namespace or document.get("metadata", {}).get("namespace", "")
    for name in sorted(children):
        yield from _build(tree, f"{prefix}{name}", namespace, above | {folder})


def _generated_config_map(tree: Mapping[str, str], folder: str, generator: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, str] = {}
    for entry in generator.get("files", ()):
        key, _, path = entry.rpartition("=")
        text = tree.get(posixpath.normpath(posixpath.join(folder, path)), "")
        data[key or posixpath.basename(path)] = text
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generator.get("name", "")}, "data": data}
