"""Patches that are written inside of the file that applies them: by kustomize, by Flux, by Flux Operator."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.templates import load_templated
from app.domain.yamltree import Path, UnreadableYaml, YamlDocument

_PLACES: tuple[Path, ...] = (("patches",), ("patchesJson6902",), ("spec", "patches"), ("spec", "kustomize", "patches"))


@dataclass(frozen=True, slots=True)
class InlinePatch:
    """`documents` have the lines of the file. The target is what the patch's own entry says, "" where it does not."""

    documents: tuple[YamlDocument, ...]
    target_kind: str
    target_name: str


def inline_patches(tree: YamlDocument) -> Iterator[InlinePatch]:
    """Of a kustomization file, a Flux Kustomization or a FluxInstance. What is no YAML is left out."""
    for at in _PLACES:
        for index in range(tree.length(*at)):
            target = [tree.text(*at, index, "target", key) or "" for key in ("kind", "name")]
            yield from _read(tree, (*at, index, "patch"), *target)
    for index in range(tree.length("patchesStrategicMerge")):
        yield from _read(tree, ("patchesStrategicMerge", index), "", "")


def _read(tree: YamlDocument, at: Path, kind: str, name: str) -> Iterator[InlinePatch]:
    text = tree.text(*at)
    if text is None or ":" not in text:
        return
    # The text of a block scalar starts on the line below its key.
    line = tree.line_of(*at) + (1 if "\n" in text else 0)
    try:
        yield InlinePatch(tuple(load_templated(text, first_line=line)), kind, name)
    except UnreadableYaml:
        return


def deleted_crds(patch: InlinePatch) -> Iterator[tuple[str, int]]:
    """The CustomResourceDefinitions that a `$patch: delete` takes away, each with its line. A deleted Deployment takes
    no API away."""
    for tree in patch.documents:
        kind, name = tree.text("kind") or patch.target_kind, patch.target_name or tree.text("metadata", "name")
        if tree.text("$patch") == "delete" and kind == "CustomResourceDefinition" and name:
            yield name, tree.line_of("$patch")
