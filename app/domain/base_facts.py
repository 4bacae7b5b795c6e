"""What the base branch says: its clusters, the versions it declares, the APIs it uses and the CRDs it holds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from app.domain.catalogue import Catalogue
from app.domain.crds import served_by_crds
from app.domain.declarations import Declarations, declare
from app.domain.field_uses import FieldUse, read_field_uses
from app.domain.manifests import Unread, Use, read_manifests
from app.domain.model import Evidence, Gvk, Requirement, SourceFile, Tree
from app.domain.scopes import Scopes, read_scopes
from app.domain.version_marks import BOOTSTRAP_HELMFILE, MarkKind, Marks, VersionMark, read_marks


@dataclass(frozen=True, slots=True)
class BaseFacts:
    """`uses` are the applied documents of known providers, `crds` the APIs that CRDs in Git serve, by scope.

    `unread` is what live files say that could not be read, by path.
    """

    scopes: Scopes
    catalogue: Catalogue
    marks: Mapping[str, Marks]
    declarations: Declarations
    uses: Mapping[Gvk, tuple[Evidence, ...]]
    crds: Mapping[str, frozenset[Gvk]]
    unread: Mapping[str, tuple[Unread, ...]]
    tree: Tree = field(default_factory=dict, repr=False)
    """What all of it was read from, for what is looked up rarely."""

    def uses_in(self, scope: str, gvk: Gvk) -> tuple[Evidence, ...]:
        return tuple(use for use in self.uses.get(gvk, ()) if scope in self.scopes.of(use.file))

    def field_uses_in(self, requirement: Requirement) -> Iterator[Evidence]:
        """The lines that use a field already; looked for only when somebody asks, and read once."""
        for path, file in self.tree.items():
            if requirement.scope not in self.scopes.of(path) or not self.scopes.is_live(path):
                continue
            for use in field_uses(file, self):
                if (use.gvk, use.field) == (requirement.gvk, requirement.field):
                    yield Evidence(path, use.line, use.text)

    def declarations_with(self, changed: Mapping[str, SourceFile | None]) -> Declarations:
        """The declarations if these files were as given, and absent where None is given."""
        marks = self.marks_with(changed)
        return _declare(marks, self.scopes, self.catalogue)

    def marks_with(self, changed: Mapping[str, SourceFile | None]) -> dict[str, Marks]:
        marks = dict(self.marks)
        for path, file in changed.items():
            marks.pop(path, None)
            if file is not None and self.scopes.is_live(path) and (read := read_marks(file, self.catalogue)):
                marks[path] = read
        return marks


def read_base(tree: Tree, catalogue: Catalogue) -> BaseFacts:
    """Every fact of a tree that a plan asks for; each file is read once in the life of the process."""
    scopes = read_scopes(tree)
    uses: dict[Gvk, list[Evidence]] = defaultdict(list)
    crds: dict[str, set[Gvk]] = defaultdict(set)
    marks: dict[str, tuple[VersionMark, ...]] = {}
    unread: dict[str, tuple[Unread, ...]] = {}
    for path in sorted(tree):
        if not scopes.is_live(path):
            continue
        file = tree[path]
        if missed := unread_parts(file, scopes):
            unread[path] = missed
        if read := read_marks(file, catalogue):
            marks[path] = read
            unread.update(_unread_marks(path, read, unread))
        for use in applied_uses(file, scopes):
            if catalogue.provider_of(use.gvk) is not None:
                uses[use.gvk].append(Evidence(path, use.line, use.text))
        for gvk in served_by_crds(file):
            for scope in scopes.of(path):
                crds[scope].add(gvk)
    return BaseFacts(
        scopes=scopes,
        catalogue=catalogue,
        marks=marks,
        declarations=_declare(marks, scopes, catalogue),
        uses={gvk: tuple(lines) for gvk, lines in uses.items()},
        crds={scope: frozenset(gvks) for scope, gvks in crds.items()},
        unread=unread,
        tree=tree,
    )


def _declare(marks: Mapping[str, Marks], scopes: Scopes, catalogue: Catalogue) -> Declarations:
    every = (_applied(mark, scopes) for all_of in marks.values() for mark in all_of)
    return declare(every, scopes.of, catalogue, is_patch=scopes.is_patch)


def _applied(mark: VersionMark, scopes: Scopes) -> VersionMark:
    """A folder called bootstrap is live where a Flux Kustomization applies it; what Helmfile installs never is."""
    if mark.live or mark.form == BOOTSTRAP_HELMFILE or not scopes.carries(mark.source.file):
        return mark
    return replace(mark, live=True)


def _unread_marks(path: str, marks: Marks, unread: Mapping[str, tuple[Unread, ...]]) -> dict[str, tuple[Unread, ...]]:
    found = tuple(
        Unread(mark.source.line, mark.source.text, mark.form) for mark in marks if mark.kind is MarkKind.UNREAD
    )
    return {path: (*unread.get(path, ()), *found)} if found else {}


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
