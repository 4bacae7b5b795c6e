"""What the base branch says: its clusters, the versions it declares, the APIs it uses and the CRDs it holds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from app.domain.catalogue import Catalogue
from app.domain.crds import served_by_crds
from app.domain.declarations import Declarations, declare
from app.domain.field_uses import FieldUse, read_field_uses
from app.domain.file_index import FileIndex
from app.domain.helm_releases import read_helm_names
from app.domain.layout import read_layout
from app.domain.manifests import Unread, Use, read_manifests
from app.domain.model import Evidence, Field, Gvk, SourceFile, Tree
from app.domain.pins import Pin, read_pins
from app.domain.scopes import Scopes, read_scopes
from app.domain.version_marks import BOOTSTRAP_HELMFILE, MarkKind, Marks, VersionMark, read_marks


@dataclass(frozen=True, slots=True)
class BaseFacts:
    """`uses` are the applied documents of known providers, `crds` the APIs that CRDs in Git serve, by scope.

    `unread` is what live files say that could not be read, by path. The indexes of `fields` (that came later than their
    API), `pins`, `mentions` and `helm_names` are of all files, and are filled when somebody asks.
    """

    scopes: Scopes
    catalogue: Catalogue
    marks: Mapping[str, Marks]
    declarations: Declarations
    uses: Mapping[Gvk, tuple[Evidence, ...]]
    crds: Mapping[str, frozenset[Gvk]]
    unread: Mapping[str, tuple[Unread, ...]]
    fields: FileIndex[tuple[FieldUse, ...]]
    pins: FileIndex[tuple[Pin, ...]]
    mentions: FileIndex[tuple[Use, ...]]
    """Uses of known APIs that no cluster applies as they stand: in values, references and templates."""
    helm_names: FileIndex[frozenset[str]]
    tree: Tree = field(default_factory=dict, repr=False)
    """What all of it was read from, for what is looked up rarely: the HelmRelease of one chart."""

    def uses_in(self, scope: str, gvk: Gvk) -> tuple[Evidence, ...]:
        return tuple(use for use in self.uses.get(gvk, ()) if scope in self.scopes.of(use.file))

    def field_uses_in(self, scope: str, gvk: Gvk, used: Field) -> Iterator[Evidence]:
        """The lines that use a field already."""
        for path, uses in self.fields.items():
            if scope in self.scopes.of(path) and self.scopes.is_applied(path) and not self.scopes.is_patch(path):
                for use in uses:
                    if (use.gvk, use.field) == (gvk, used):
                        yield Evidence(path, use.line, use.text)

    def first_field_use(self, scope: str, gvk: Gvk, used: Field) -> Evidence | None:
        return next(self.field_uses_in(scope, gvk, used), None)

    def declarations_with(self, changed: Mapping[str, SourceFile | None]) -> Declarations:
        """The declarations if these files were as given, and absent where None is given."""
        marks = self.marks_with(changed)
        return _declare(marks, self.scopes, self.catalogue)

    def marks_with(self, changed: Mapping[str, SourceFile | None]) -> dict[str, Marks]:
        kept = {path: marks for path, marks in self.marks.items() if path not in changed}
        return kept | self.marks_of(changed)

    def marks_of(self, files: Mapping[str, SourceFile | None]) -> dict[str, Marks]:
        """The marks of these files alone."""
        return {
            path: read
            for path, file in files.items()
            if file is not None and self.scopes.is_live(path) and (read := read_marks(file, self.catalogue))
        }


def read_base(tree: Tree, catalogue: Catalogue) -> BaseFacts:
    """Every fact of a tree that a plan asks for; each file is read once in the life of the process."""
    scopes = read_scopes(tree)
    live = [tree[path] for path in sorted(tree) if scopes.is_live(path)]
    marks = {file.path: read for file in live if (read := read_marks(file, catalogue))}
    return BaseFacts(
        scopes=scopes,
        catalogue=catalogue,
        marks=marks,
        declarations=_declare(marks, scopes, catalogue),
        uses=_sorted_uses(use for file in live for use in _known_uses(file, scopes, catalogue)),
        crds=_crds(live, scopes),
        unread={file.path: parts for file in live if (parts := _unread_of(file, scopes, marks))},
        fields=FileIndex(tree, lambda file: read_field_uses(file, catalogue)),
        pins=FileIndex(tree, _pins_of),
        mentions=FileIndex(tree, lambda file: _mentions_of(file, catalogue)),
        helm_names=FileIndex(tree, read_helm_names),
        tree=tree,
    )


def update_base(before: BaseFacts, new: Tree) -> BaseFacts:
    """The same as `read_base` of the new tree, from the facts before; what has not changed is the same object.

    Where files come, go or change the layout, everything is read again.
    """
    old = before.tree
    changed = {path: file for path, file in new.items() if path not in old or old[path].blob_id != file.blob_id}
    if not changed and len(old) == len(new):
        return before
    if len(old) != len(new) or not changed.keys() <= old.keys():
        return read_base(new, before.catalogue)
    pairs = [(old[path], file) for path, file in changed.items()]
    if any(read_layout(file) != read_layout(was) for was, file in pairs):
        return read_base(new, before.catalogue)
    scopes, catalogue = before.scopes, before.catalogue
    pairs = [(was, file) for was, file in pairs if scopes.is_live(file.path)]
    marks, declarations, uses, crds = before.marks, before.declarations, before.uses, before.crds
    unread = before.unread
    if any(read_marks(file, catalogue) != read_marks(was, catalogue) for was, file in pairs):
        unsorted = before.marks_with(changed)
        marks = {path: unsorted[path] for path in sorted(unsorted)}
        declarations = _declare(marks, scopes, catalogue)
    replaced = [
        file.path
        for was, file in pairs
        if [*_known_uses(file, scopes, catalogue)] != [*_known_uses(was, scopes, catalogue)]
    ]
    if replaced:
        kept = ((gvk, use) for gvk, all_of in uses.items() for use in all_of if use.file not in replaced)
        added = (use for path in replaced for use in _known_uses(new[path], scopes, catalogue))
        uses = _sorted_uses((*kept, *added), before=uses)
    if any(served_by_crds(file) != served_by_crds(was) for was, file in pairs):
        crds = _crds([file for path, file in new.items() if scopes.is_live(path)], scopes)
    parts = {file.path: _unread_of(file, scopes, marks) for _, file in pairs}
    if any(unread.get(path, ()) != found for path, found in parts.items()):
        every = {**unread, **parts}
        unread = {path: every[path] for path in sorted(every) if every[path]}
    return replace(
        before,
        marks=marks,
        declarations=declarations,
        uses=uses,
        crds=crds,
        unread=unread,
        fields=before.fields.turned_to(new),
        pins=before.pins.turned_to(new),
        mentions=before.mentions.turned_to(new),
        helm_names=before.helm_names.turned_to(new),
        tree=new,
    )


def _known_uses(file: SourceFile, scopes: Scopes, catalogue: Catalogue) -> Iterator[tuple[Gvk, Evidence]]:
    for use in applied_uses(file, scopes):
        if catalogue.provider_of(use.gvk) is not None:
            yield use.gvk, Evidence(file.path, use.line, use.text)


def _pins_of(file: SourceFile) -> tuple[Pin, ...]:
    return read_pins(file) if file.path.removesuffix(".j2").endswith((".yaml", ".yml")) else ()


def _mentions_of(file: SourceFile, catalogue: Catalogue) -> tuple[Use, ...]:
    uses = read_manifests(file).uses
    return tuple(use for use in uses if not use.applied and catalogue.provider_of(use.gvk) is not None)


def _sorted_uses(
    found: Iterable[tuple[Gvk, Evidence]], *, before: Mapping[Gvk, tuple[Evidence, ...]] = MappingProxyType({})
) -> dict[Gvk, tuple[Evidence, ...]]:
    """By API, and for each by path; of a file in its own order. What equals the one `before` is that object."""
    uses: dict[Gvk, list[Evidence]] = defaultdict(list)
    for gvk, use in found:
        uses[gvk].append(use)
    ordered = {gvk: tuple(sorted(uses[gvk], key=lambda use: use.file)) for gvk in sorted(uses)}
    return {gvk: before[gvk] if before.get(gvk) == lines else lines for gvk, lines in ordered.items()}


def _crds(files: Iterable[SourceFile], scopes: Scopes) -> dict[str, frozenset[Gvk]]:
    crds: dict[str, set[Gvk]] = defaultdict(set)
    for file in files:
        if served := served_by_crds(file):
            for scope in scopes.of(file.path):
                crds[scope] |= served
    return {scope: frozenset(gvks) for scope, gvks in crds.items()}


def _declare(marks: Mapping[str, Marks], scopes: Scopes, catalogue: Catalogue) -> Declarations:
    every = (_applied(mark, scopes) for all_of in marks.values() for mark in all_of)
    return declare(every, scopes.of, catalogue, is_patch=scopes.is_patch)


def _applied(mark: VersionMark, scopes: Scopes) -> VersionMark:
    """A folder called bootstrap is live where a Flux Kustomization applies it; what Helmfile installs never is."""
    if not scopes.carries(mark.source.file):
        return mark
    return replace(mark, carried=True, live=mark.live or mark.form != BOOTSTRAP_HELMFILE)


def _unread_of(file: SourceFile, scopes: Scopes, marks: Mapping[str, Marks]) -> tuple[Unread, ...]:
    found = (mark for mark in marks.get(file.path, ()) if mark.kind is MarkKind.UNREAD)
    of_marks = [Unread(mark.source.line, mark.source.text, mark.form) for mark in found]
    return (*unread_parts(file, scopes), *of_marks)


def applied_uses(file: SourceFile, scopes: Scopes) -> Iterator[Use]:
    """The uses of a file that a cluster must serve: kustomize's patches are no objects of their own."""
    if scopes.is_patch(file.path) or not scopes.is_applied(file.path):
        return iter(())
    return read_manifests(file).applied


def assumed_uses(file: SourceFile, scopes: Scopes) -> Iterator[Use]:
    """Those that hold only while nobody sets the variable of a template."""
    if scopes.is_patch(file.path) or not scopes.is_applied(file.path):
        return iter(())
    return read_manifests(file).assumed


def field_uses(file: SourceFile, base: BaseFacts) -> tuple[FieldUse, ...]:
    """The uses of a file of fields that came later than their API, in what a cluster applies and what patches it."""
    return read_field_uses(file, base.catalogue) if base.scopes.is_applied(file.path) else ()


def unread_parts(file: SourceFile, scopes: Scopes) -> tuple[Unread, ...]:
    """What of a file could not be read, and matters to a cluster."""
    parts = (*read_manifests(file).unread, *scopes.unread.get(file.path, ()))
    if not parts or scopes.is_patch(file.path) or not scopes.is_applied(file.path):
        return ()
    return parts


def lines_of(uses: Iterable[Evidence], *, limit: int = 5) -> tuple[Evidence, ...]:
    """The first few lines, enough to look up."""
    return tuple(uses)[:limit]
