"""Reading of `relations.yaml`: what goes before what, typed and checked. docs/reference/relations.md describes it."""

from app.catalogue.reader import Table
from app.domain.relations import Relation, RelationKind

_KEYS = ("kind", "first", "then", "releases", "one_version", "whole", "source")


def read_relations(table: Table) -> tuple[Relation, ...]:
    """The entries below `relations`. Raises CatalogueError naming file and key."""
    table.allow(("relations",))
    return tuple(_read_relation(entry) for entry in table.tables("relations"))


def _read_relation(entry: Table) -> Relation:
    entry.allow(_KEYS)
    relation = Relation(
        kind=entry.choice("kind", RelationKind),
        first=_names(entry, "first"),
        then=_names(entry, "then"),
        releases=_names(entry, "releases"),
        one_version=entry.has("one_version") and entry.flag("one_version"),
        whole=entry.has("whole") and entry.flag("whole"),
        source=entry.text("source"),
    )
    if not relation.then:
        raise entry.error("then", "names nothing")
    if not relation.first and not relation.releases:
        raise entry.error("first", "names nothing, and there are no `releases`")
    if both := set(relation.first) & set(relation.then):
        raise entry.error("then", f"names {min(both)}, which `first` names too")
    if relation.kind is RelationKind.OPERATOR and (relation.releases or relation.whole):
        raise entry.error("kind", "is operator, and only CRDs come from `releases` or are `whole`")
    if not relation.source.startswith("https://"):
        raise entry.error("source", "is no https:// address")
    return relation


def _names(entry: Table, key: str) -> tuple[str, ...]:
    names = entry.texts(key)
    for name in names:
        if name != name.casefold() or name.startswith("/") or name.endswith("/") or ":" in name:
            raise entry.error(key, f"has {name!r}; names are lower case path segments such as `owner/name`")
        if key == "releases" and name.count("/") != 1:
            raise entry.error(key, f"has {name!r}, which is no owner/repository")
    return tuple(names)
