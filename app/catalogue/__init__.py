"""The product's own catalogue: YAML files beside this module, read and checked into a `Catalogue`.

Every file says by its top keys what it is: `provider` (releases and the APIs they serve; the one with `operator` also
says which Flux releases it can install), `chart` (a Helm chart whose versions are not its provider's) or `platform`
(which Kubernetes minors it runs). A provider is added by adding a file.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

from app.catalogue.reader import CatalogueError, Table, read_table
from app.domain.catalogue import (
    Catalogue,
    Constraint,
    KindFacts,
    Lifetime,
    Minor,
    OperatorFacts,
    PlatformMinor,
    Provider,
)
from app.domain.versions import Version

__all__ = ["CatalogueError", "build_catalogue", "load_catalogue"]


@cache
def load_catalogue() -> Catalogue:
    """The catalogue that ships with this version. Raises CatalogueError naming file and key."""
    folder = resources.files(__package__)
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".yaml")), key=lambda entry: entry.name)
    return build_catalogue({entry.name: entry.read_text("utf-8") for entry in files})


def build_catalogue(files: Mapping[str, str]) -> Catalogue:
    """Read catalogue files, name -> text. Raises CatalogueError naming file and key."""
    providers: dict[str, Provider] = {}
    charts: dict[str, tuple[str, Mapping[Version, Version]]] = {}
    talos: dict[Minor, PlatformMinor] = {}
    operator: OperatorFacts | None = None
    for name, text in files.items():
        table = read_table(name, text)
        if table.has("provider"):
            provider = _read_provider(table)
            if provider.id in providers:
                raise table.error("provider", f"{provider.id} has two files")
            providers[provider.id] = provider
            operator = _read_operator(table.table("operator")) if table.has("operator") else operator
        elif table.has("chart"):
            charts[table.text("chart")] = table.text("installs"), table.version_map("versions")
        elif table.has("platform"):
            talos |= _read_platform(table)
        else:
            raise table.error("", "says neither `provider` nor `chart` nor `platform`")
    _check_kinds(providers.values())
    if operator is None:
        raise CatalogueError("no catalogue file has an `operator` table")
    for chart, (installed, _) in charts.items():
        if installed not in providers:
            raise CatalogueError(f"chart {chart}: there is no provider {installed}")
    return Catalogue(providers=providers, operator=operator, charts=charts, talos=talos)


def _check_kinds(providers: Iterable[Provider]) -> None:
    """One API has one provider, or the answers would depend on the order of the files."""
    owners: dict[tuple[str, str], str] = {}
    for provider in providers:
        for kind in provider.kinds:
            owner = owners.setdefault(kind, provider.id)
            if owner != provider.id:
                raise CatalogueError(f"{'/'.join(kind)} is listed by {owner} and by {provider.id}")


def _read_provider(table: Table) -> Provider:
    return Provider(
        id=table.text("provider"),
        name=table.text("name"),
        source=table.text("source"),
        first=table.minor("first"),
        last=table.minor("last"),
        newest=table.version("newest"),
        complete=table.flag("complete"),
        charts=frozenset(table.texts("charts")),
        remotes=frozenset(table.texts("remotes")),
        min_kubernetes={
            table.parse_minor(minor): table.table("min_kubernetes").minor(minor)
            for minor in table.keys_of("min_kubernetes")
        },
        components={
            table.parse_minor(minor): {
                component: table.table("components").table(minor).version(component)
                for component in table.table("components").keys_of(minor)
            }
            for minor in table.keys_of("components")
        },
        kinds=dict(_read_kind(table.table("kinds"), key) for key in table.keys_of("kinds")),
    )


def _read_kind(kinds: Table, key: str) -> tuple[tuple[str, str], KindFacts]:
    group, _, kind = key.rpartition("/")
    if not group or not kind:
        raise kinds.error(key, "is not group/Kind")
    entry = kinds.table(key)
    versions = entry.table("versions")
    return (group, kind), KindFacts(
        versions={version: _read_lifetime(versions.table(version)) for version in entry.keys_of("versions")},
        component=entry.text("component") if entry.has("component") else None,
    )


def _read_lifetime(table: Table) -> Lifetime:
    since = table.text("since")
    lifetime = Lifetime(
        since=table.parse_version("since", since.removeprefix("<=")),
        since_or_before=since.startswith("<="),
        deprecated=table.version("deprecated") if table.has("deprecated") else None,
        removed=table.version("removed") if table.has("removed") else None,
    )
    if lifetime.removed is not None and lifetime.removed <= lifetime.since:
        raise table.error("removed", "is not later than `since`")
    return lifetime


def _read_operator(table: Table) -> OperatorFacts:
    return OperatorFacts(
        embeds=table.version_map("embeds"),
        default_version=table.text("chart_default_version"),
        default_artifact=table.text("chart_default_artifact"),
        constraints=tuple(_read_constraint(entry) for entry in table.tables("constraints")),
    )


def _read_constraint(table: Table) -> Constraint:
    needs = table.text("needs")
    if needs not in {"embedded-release", "embedded-minor", "operator"}:
        raise table.error("needs", f"must not be {needs}")
    return Constraint(
        id=table.text("id"),
        needs=needs,
        source=table.text("source"),
        applies=table.text("applies") if table.has("applies") else "",
        flux_from=table.minor("flux_from") if table.has("flux_from") else None,
        operator_from=table.version("operator_from") if table.has("operator_from") else None,
        operator=table.version("operator") if needs == "operator" else None,
    )


def _read_platform(table: Table) -> dict[Minor, PlatformMinor]:
    minors = table.table("minors")
    read: dict[Minor, PlatformMinor] = {}
    for key in table.keys_of("minors"):
        entry = minors.table(key)
        runs = [entry.parse_minor(text) for text in entry.texts("kubernetes")]
        if len(runs) != 2 or runs[0] > runs[1]:
            raise entry.error("kubernetes", "is not [first minor, last minor]")
        read[minors.parse_minor(key)] = PlatformMinor((runs[0], runs[1]), entry.version("upgrade_from"))
    return read
