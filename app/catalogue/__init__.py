"""The product's own catalogue: YAML files beside this module, read and checked into a `Catalogue`.

Every file says by its top keys what it is: `provider` (releases and the APIs they serve; the one with `operator` also
says which Flux releases it can install), `chart` (a Helm chart whose versions are not its provider's), `platform`
(which Kubernetes minors it runs) or `relations` (what is upgraded before what). A provider is added by adding a file;
users add theirs in the same form, see `extend_catalogue`. docs/reference/catalogue.md describes each key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources

from app.catalogue.entries import read_operator, read_platform, read_provider
from app.catalogue.reader import CatalogueError, Table, as_table, read_table
from app.catalogue.relations import read_relations
from app.domain.catalogue import Catalogue, Minor, OperatorFacts, PlatformMinor, Provider
from app.domain.relations import Relation, Relations
from app.domain.versions import Version

__all__ = ["CatalogueError", "build_catalogue", "extend_catalogue", "load_catalogue"]


@cache
def load_catalogue() -> Catalogue:
    """The catalogue that ships with this version. Raises CatalogueError naming file and key."""
    folder = resources.files(__package__)
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda entry: entry.name)
    return build_catalogue({entry.name: entry.read_text("utf-8") for entry in files})


def build_catalogue(files: Mapping[str, str]) -> Catalogue:
    """Read catalogue files, name -> text. Raises CatalogueError naming file and key."""
    parts = _Parts()
    for name, text in files.items():
        parts.add(read_table(name, text))
    return parts.catalogue()


def extend_catalogue(
    catalogue: Catalogue, providers: Sequence[object], *, file: str, at: tuple[str, ...] = ("providers",)
) -> Catalogue:
    """A catalogue with a user's entries; `providers` is the list below the key `at` of `file`, as YAML reads it.

    Each entry has the form of one of our own files. One with an id that the catalogue has **extends** that provider:
    what it leaves out stays as it is, what it says replaces ours, kinds and their versions one by one (a version that
    it names is replaced whole), and lists (charts, remotes, crds_arrive, …) are added to. Any other id is a **new**
    provider and needs every required key; it must not claim a kind of another one. Raises CatalogueError naming `file`
    and the path of keys, such as `providers.0.kinds.example.com/Widget.versions.v1.since`. Equal entries give the same
    object again.
    """
    return _extend(catalogue, _Entries(repr(providers), providers), file, at) if providers else catalogue


@dataclass(frozen=True, slots=True)
class _Entries:
    """What a user wrote, known by its text: equal entries extend a catalogue to one and the same object, so that what
    was read with it is still known at the next look."""

    text: str
    values: Sequence[object] = field(compare=False)


@lru_cache(maxsize=256)
def _extend(catalogue: Catalogue, entries: _Entries, file: str, at: tuple[str, ...]) -> Catalogue:
    parts = _Parts(
        dict(catalogue.providers),
        dict(catalogue.charts),
        dict(catalogue.talos),
        catalogue.operator,
        catalogue.relations.every,
    )
    for index, entry in enumerate(entries.values):
        parts.add(as_table(file, (*at, str(index)), entry), extends=True)
    return parts.catalogue()


@dataclass(slots=True)
class _Parts:
    """A catalogue that is being put together."""

    providers: dict[str, Provider] = field(default_factory=dict)
    charts: dict[str, tuple[str, Mapping[Version, Version]]] = field(default_factory=dict)
    talos: dict[Minor, PlatformMinor] = field(default_factory=dict)
    operator: OperatorFacts | None = None
    relations: tuple[Relation, ...] = ()
    _chart_tables: list[Table] = field(default_factory=list)

    def add(self, table: Table, *, extends: bool = False) -> None:
        if table.has("provider"):
            self._add_provider(table, extends=extends)
        elif table.has("chart"):
            table.allow(("chart", "installs", "source", "versions"))
            chart, installs = table.text("chart"), table.text("installs")
            known = self.charts[chart][1] if chart in self.charts and self.charts[chart][0] == installs else {}
            self.charts[chart] = installs, {**known, **table.version_map("versions")}
            self._chart_tables.append(table)
        elif table.has("platform"):
            self.talos |= read_platform(table)
        elif table.has("relations"):
            self.relations += read_relations(table)
        else:
            raise table.error("", "says neither `provider` nor `chart`, `platform` nor `relations`")

    def _add_provider(self, table: Table, *, extends: bool) -> None:
        known = self.providers.get(table.text("provider"))
        if known is not None and not extends:
            raise table.error("provider", f"is {known.id}, which has a file already")
        provider = read_provider(table, known)
        self._check_kinds(table, provider)
        self.providers[provider.id] = provider
        if table.has("operator"):
            self.operator = read_operator(table.table("operator"), self.operator)

    def _check_kinds(self, table: Table, provider: Provider) -> None:
        """One API has one provider, or the answers would depend on the order of the files."""
        for other in self.providers.values():
            for kind in other.kinds.keys() & provider.kinds.keys() if other.id != provider.id else ():
                raise table.error(f"kinds.{'/'.join(kind)}", f"is a kind of {other.id} already")

    def catalogue(self) -> Catalogue:
        if self.operator is None:
            raise CatalogueError("catalogue", "no file has an `operator` table")
        for table in self._chart_tables:
            if (installed := table.text("installs")) not in self.providers:
                raise table.error("installs", f"is {installed}, and there is no such provider")
        return Catalogue(
            providers=self.providers,
            operator=self.operator,
            charts=self.charts,
            talos=self.talos,
            relations=Relations(self.relations),
        )
