"""Every place of a file that names a Kubernetes API, and what rewriting its version there would touch.

A document is applied as it stands. A patch without `target` is matched by group, kind *and* version, so it moves with
what it patches; with a `target` kustomize gives it the version of what it patches
(kustomize api/resmap/reswrangler.go, ApplySmPatch). What Flux reads by reference is asked for at that very version.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

from app.domain.manifests import Document, Use, UseForm, read_manifests
from app.domain.model import Gvk, SourceFile
from app.domain.nested import list_mentions
from app.domain.object_text import column_of, object_around


class Role(Enum):
    """What an API version stands there for."""

    OBJECT = "object"
    """Applied: a document, an item of a List, a resource of a ResourceSet."""
    FREE_PATCH = "free patch"
    """The text of a patch whose `target` says what it patches."""
    PATCH = "patch"
    """A patch that finds what it patches by its own group, kind, version and name."""
    SELECTOR = "selector"
    """The `target` of a patch, with `group` and `version` apart."""
    RENDERED = "rendered"
    """A patch of what a chart renders."""
    REFERENCE = "reference"
    """Read by one of Flux's controllers, or by Kubernetes, at this version."""
    FOREIGN = "foreign"
    """A reference whose reader is not known."""
    SPLIT = "split"
    """`group`, `version` and `kind` apart, outside of a patch's target."""
    VALUES = "values"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class Place:
    """`index` is the line's index in the file, `lines` the object's first line and the one after its last."""

    path: str
    gvk: Gvk
    role: Role
    index: int
    lines: tuple[int, int]
    name: str
    namespace: str
    owner: str
    """The kind of the document around it; "" where it is no Kubernetes object."""
    text: str
    """The line, without what is around it."""
    sealed: bool
    """SOPS has signed the whole document, what is not encrypted included."""
    assumed: bool
    """Only the default of a template's variable says so."""
    inline: bool
    """Between others on its line, as items of a list in JSON are."""

    @property
    def line(self) -> int:
        return self.index + 1


_FLUX_GROUPS = ("toolkit.fluxcd.io", "extensions.fluxcd.io", "fluxcd.controlplane.io")
_FLUX_REFERENCES = frozenset({"healthChecks", "healthCheckExprs", "dependsOn", "chartRef", "sourceRef", "resources"})
_SPLIT_KEY = re.compile(r"""^[ \t]*(?:-[ \t]+)*["']?version["']?[ \t]*:""")
_SEALED = re.compile(r"^sops:[ \t]*\r?$", re.MULTILINE)
_PATCH_BODIES = frozenset({"patch", "patchesStrategicMerge"})
_PATCH_KEYS = frozenset({"patch", "patches", "patchesStrategicMerge", "patchesJson6902"})


def list_places(file: SourceFile, lines: list[str], *, is_patch: bool) -> Iterator[Place]:
    """In the order of the file's documents. `is_patch`: kustomize only patches other objects with this file."""
    manifests = read_manifests(file)
    starts = [document.line for document in manifests.documents]
    # Items of a list in JSON are found twice where each has lines of its own.
    once: dict[tuple[int, Gvk], Use] = {}
    for use in manifests.uses:
        once.setdefault((use.line, use.gvk), use)
    for at, uses in groupby(once.values(), key=lambda use: bisect_right(starts, use.line) - 1):
        document = manifests.documents[at]
        nested = list(uses)
        place = _Placer(file, document)
        if document.gvk is not None:
            # The first use of an object is its own apiVersion, the others are somewhere inside of it.
            yield place(nested.pop(0), Role.PATCH if is_patch else Role.OBJECT, _lines_of(document))
        mentions = {one.line: one for one in list_mentions(document.text, document.line)} if nested else {}
        for use in nested:
            if use.line in mentions:
                role = _role_of(use, document, mentions[use.line].path, lines, is_patch=is_patch)
                yield place(use, role, object_around(lines, use.line - 1))
            else:
                yield place(use, Role.OBJECT, _lines_of(document), inline=True)


class _Placer:
    """Makes the places of one document."""

    def __init__(self, file: SourceFile, document: Document) -> None:
        self._path = file.path
        self._owner = document.gvk.kind if document.gvk else ""
        self._sealed = _SEALED.search(document.text) is not None

    def __call__(self, use: Use, role: Role, lines: tuple[int, int], *, inline: bool = False) -> Place:
        return Place(
            path=self._path,
            gvk=use.gvk,
            role=role,
            index=use.line - 1,
            lines=lines,
            name=use.name,
            namespace=use.namespace,
            text=use.text,
            owner=self._owner,
            sealed=self._sealed,
            assumed=use.assumed,
            inline=inline,
        )


def _lines_of(document: Document) -> tuple[int, int]:
    """A document that follows a `---` starts with what is left of that line, which is nothing."""
    lines = document.text.split("\n")
    first = document.line - 1
    return first + (not lines[0]), first + len(lines) - (not lines[-1])


def _role_of(use: Use, document: Document, path: tuple[str, ...], lines: list[str], *, is_patch: bool) -> Role:
    if use.applied and not is_patch:
        return Role.OBJECT
    if "postRenderers" in path:
        return Role.RENDERED
    if "values" in path:
        return Role.VALUES
    split = _SPLIT_KEY.match(lines[use.line - 1]) is not None
    if path and path[-1] == "target" and _PATCH_KEYS.intersection(path):
        return Role.SELECTOR if split else Role.FOREIGN
    if split:
        return Role.SPLIT
    if path and path[-1] in _PATCH_BODIES:
        return Role.FREE_PATCH if _has_target(lines, use.line - 1) else Role.PATCH
    return _role_of_reference(use, document, path)


def _role_of_reference(use: Use, document: Document, path: tuple[str, ...]) -> Role:
    owner = document.gvk.group if document.gvk else ""
    last = path[-1] if path else ""
    if use.form is UseForm.VALUES:
        return Role.VALUES
    if last == "scaleTargetRef" or (owner.endswith(_FLUX_GROUPS) and last in _FLUX_REFERENCES):
        return Role.REFERENCE
    return Role.TEMPLATE if use.form is UseForm.TEMPLATE else Role.FOREIGN


def _has_target(lines: list[str], index: int) -> bool:
    """Whether the patch with this line inside has a `target` beside its `patch` key."""
    column = column_of(lines[index])
    above = index
    while above >= 0 and not (lines[above].strip() and column_of(lines[above]) < column):
        above -= 1
    if above < 0:
        return False
    key_column = column_of(lines[above])
    first, last = object_around(lines, above)
    return any(column_of(line) == key_column and line[key_column:].startswith("target:") for line in lines[first:last])
