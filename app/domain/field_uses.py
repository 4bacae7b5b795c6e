"""Which fields and enum values a file uses that came later than the API version that they belong to.

Flux applies on the server's side, and that refuses what the cluster's CustomResourceDefinition does not declare
("field not declared in schema"): so a field is needed like an API, and it does not matter whether the object sets it
or a patch that is merged into the object. Only fields of which the catalogue knows the first release are looked for,
and only in documents that are plain YAML: what a template makes of a document is not known.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from app.domain.catalogue import Catalogue
from app.domain.inline_patches import inline_patches
from app.domain.manifests import Document, UseForm, gvk_of, read_manifests
from app.domain.marks import evidence
from app.domain.memo import BlobMemo
from app.domain.model import Field, Gvk, SourceFile
from app.domain.versions import Version
from app.domain.yamltree import Path, UnreadableYaml, YamlDocument, load_documents


@dataclass(frozen=True, slots=True)
class FieldUse:
    """One place where a field is set. `line` and `text` are those of the field's key, or of its value."""

    gvk: Gvk
    field: Field
    line: int
    text: str
    name: str
    namespace: str


def field_since(catalogue: Catalogue, gvk: Gvk, field: Field) -> Version | None:
    """The first release of the API's provider that knows the field; None where the catalogue does not tell."""
    facts = catalogue.fields_of(gvk)
    if field.value is None:
        return facts.added.get(field.path)
    return facts.values.get(field.path, {}).get(field.value)


def read_field_uses(file: SourceFile, catalogue: Catalogue) -> tuple[FieldUse, ...]:
    """Every such use in the objects of a file, remembered by its blob id. Never fails."""
    return _memo(catalogue)(file)


@lru_cache(maxsize=64)  # repositories with `providers:` have a catalogue each
def _memo(catalogue: Catalogue) -> BlobMemo[tuple[FieldUse, ...]]:
    words = lru_cache(maxsize=None)(lambda gvk: _words_of(catalogue, gvk))

    def read(file: SourceFile) -> tuple[FieldUse, ...]:
        found: list[FieldUse] = []
        for document in read_manifests(file).documents:
            kinds = _kinds_in(file, document)
            if any((pattern := words(gvk)) and pattern.search(document.text) for gvk in kinds):
                found.extend(_uses(file, document, catalogue))
        return tuple(found)

    return BlobMemo(read)


def _words_of(catalogue: Catalogue, gvk: Gvk) -> re.Pattern[str] | None:
    """What stands in every document that uses one of the fields: the last key of its path, or the value."""
    facts = catalogue.fields_of(gvk)
    keys = {path.rpartition(".")[2].removesuffix("[]") for path in facts.added}
    values = {value for of_path in facts.values.values() for value in of_path}
    words = sorted(re.escape(word) for word in keys | values)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(words)})(?![\w-])") if words else None


def _kinds_in(file: SourceFile, document: Document) -> set[Gvk]:
    """The APIs of the document, and of the objects or patches inside of it."""
    kind = document.gvk.kind if document.gvk else ""
    own = {document.gvk} if document.gvk else set()
    if kind in {"", "Kustomization", "Component", "ResourceSet"} or kind.endswith("List"):
        uses = read_manifests(file).uses
        own |= {use.gvk for use in uses if use.line >= document.line and (use.applied or use.form is UseForm.PATCH)}
    return own


def _uses(file: SourceFile, document: Document, catalogue: Catalogue) -> Iterator[FieldUse]:
    if "#%" in document.text or "{%" in document.text:
        # Comments to YAML, and conditions to makejinja and Jinja: either branch may be left out.
        return
    try:
        trees = load_documents(document.text, first_line=document.line)
    except UnreadableYaml:
        return
    for tree in trees:
        for at in _objects(tree):
            yield from _uses_of(file, tree, at, catalogue)
        for patch in inline_patches(tree):
            for inner in patch.documents:
                yield from _uses_of(file, inner, (), catalogue)


def _objects(tree: YamlDocument) -> Iterator[Path]:
    """Where the objects of a document start: it itself, the items of a List, the resources of a ResourceSet."""
    kind = tree.text("kind") or ""
    yield ()
    for at in (("items",),) if kind.endswith("List") else (("spec", "resources"),) if kind == "ResourceSet" else ():
        for index in range(tree.length(*at)):
            yield (*at, index)


def _uses_of(file: SourceFile, tree: YamlDocument, at: Path, catalogue: Catalogue) -> Iterator[FieldUse]:
    gvk = gvk_of(tree.text(*at, "apiVersion") or "", tree.text(*at, "kind") or "")
    facts = catalogue.fields_of(gvk) if gvk is not None else None
    if gvk is None or not facts:
        return
    name, namespace = (tree.text(*at, "metadata", key) or "" for key in ("name", "namespace"))
    wanted = [Field(path) for path in facts.added]
    wanted += [Field(path, value) for path, values in facts.values.items() for value in values]
    for field in wanted:
        for place in _places(tree, at, field.path.split(".")):
            if field.value is None or tree.text(*place) == field.value:
                line = tree.line_of(*place)
                yield FieldUse(gvk, field, line, evidence(file.text, line).text, name, namespace)


def _places(tree: YamlDocument, at: Path, keys: list[str]) -> Iterator[Path]:
    """Where a field is set to something: a path with `[]` may be set in several items."""
    if not keys:
        if tree.get(*at) is not None:
            yield at
        return
    key = keys[0].removesuffix("[]")
    if not keys[0].endswith("[]"):
        yield from _places(tree, (*at, key), keys[1:])
        return
    for index in range(tree.length(*at, key)):
        yield from _places(tree, (*at, key, index), keys[1:])
