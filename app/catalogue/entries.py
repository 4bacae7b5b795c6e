"""One entry of the catalogue, a provider, a chart or a platform, from a table to typed facts."""

from app.catalogue.reader import Table
from app.domain.catalogue import (
    Arrival,
    Confidence,
    Constraint,
    CrdsArrival,
    FieldFacts,
    KindFacts,
    Lifetime,
    Minor,
    OperatorFacts,
    PlatformMinor,
    Provider,
    Switch,
    version_rank,
)
from app.domain.model import Gvk
from app.domain.versions import Version

PROVIDER_KEYS = (
    "provider",
    "name",
    "source",
    "confidence",
    "first",
    "last",
    "newest",
    "complete",
    "charts",
    "remotes",
    "channels",
    "crds_arrive",
    "in_step",
    "switches",
    "components",
    "behaviour",
    "min_kubernetes",
    "notes",
    "kinds",
    "operator",
)
LIFETIME_KEYS = ("since", "deprecated", "removed", "last", "replaced_by", "source", "confidence")
VERSION_KEYS = (*LIFETIME_KEYS, "channels", "fields", "values", "lost")


_NOTHING = Provider(
    id="", name="", source="", first=(0, 0), last=(0, 0), newest=Version("0.0.0", (0, 0, 0)), kinds={}
)  # fmt: skip


def read_provider(table: Table, known: Provider | None = None) -> Provider:
    """A provider; what the table leaves out is taken from `known`. Kinds are joined version by version.

    Raises CatalogueError naming file and key, also for what is missing and not `known`.
    """
    table.allow(PROVIDER_KEYS)
    base = known or _NOTHING

    def says(key: str) -> bool:
        """Whether to read a required key: it is there, or there is nothing else to take."""
        return known is None or table.has(key)

    source = table.text("source") if says("source") else base.source
    confidence = table.choice("confidence", Confidence) if table.has("confidence") else base.confidence
    channels = {
        **base.channels,
        **{name: tuple(table.table("channels").texts(name)) for name in table.keys_of("channels")},
    }
    reader = _KindReader(source, confidence, frozenset(channels))
    kinds = dict(base.kinds)
    for key in table.keys_of("kinds"):
        name, facts = reader.read(table.table("kinds"), key)
        kinds[name] = _joined(kinds.get(name), facts)
    provider = Provider(
        id=table.text("provider"),
        name=table.text("name") if says("name") else base.name,
        source=source,
        first=table.minor("first") if says("first") else base.first,
        last=table.minor("last") if says("last") else base.last,
        newest=table.version("newest") if says("newest") else base.newest,
        complete=table.flag("complete") if says("complete") else base.complete,
        confidence=confidence,
        charts=base.charts | frozenset(table.texts("charts")),
        remotes=base.remotes | frozenset(table.texts("remotes")),
        channels=channels,
        crds_arrive=(*base.crds_arrive, *_read_arrivals(table, source)),
        in_step=(*base.in_step, *_read_steps(table)),
        switches=(*base.switches, *_read_switches(table, source)),
        min_kubernetes={**base.min_kubernetes, **_read_min_kubernetes(table)},
        behaviour={**base.behaviour, **_read_behaviour(table)},
        components={**base.components, **_read_components(table)},
        notes={**base.notes, **{name: table.table("notes").text(name) for name in table.keys_of("notes")}},
        kinds=kinds,
    )
    if provider.last < provider.first:
        raise table.error("last", "is before `first`")
    return provider


def _joined(known: KindFacts | None, facts: KindFacts) -> KindFacts:
    if known is None:
        return facts
    versions = {**known.versions, **facts.versions}
    ordered = {name: versions[name] for name in sorted(versions, key=version_rank)}
    return KindFacts(ordered, facts.component or known.component)


def _read_min_kubernetes(table: Table) -> dict[Minor, Minor]:
    keys = table.keys_of("min_kubernetes")
    return {table.table("min_kubernetes").parse_minor(key): table.table("min_kubernetes").minor(key) for key in keys}


def _read_behaviour(table: Table) -> dict[Minor, tuple[str, ...]]:
    keys = table.keys_of("behaviour")
    return {table.table("behaviour").parse_minor(key): tuple(table.table("behaviour").texts(key)) for key in keys}


def _read_components(table: Table) -> dict[Minor, dict[str, Version]]:
    keys = table.keys_of("components")
    return {table.table("components").parse_minor(key): table.table("components").versions(key) for key in keys}


def _read_arrivals(table: Table, source: str) -> tuple[CrdsArrival, ...]:
    read = []
    for entry in table.tables("crds_arrive"):
        entry.allow(("chart", "how", "value", "of", "since", "source"))
        how = entry.choice("how", Arrival)
        if how is Arrival.SEPARATE and not entry.has("of"):
            raise entry.error("of", "is missing: `separate` names the chart that has the CRDs")
        read.append(
            CrdsArrival(
                chart=entry.text("chart"),
                how=how,
                source=entry.optional("source") or source,
                value=entry.optional("value"),
                of=entry.optional("of"),
                since=entry.version("since") if entry.has("since") else None,
            )
        )
    return tuple(read)


def _read_steps(table: Table) -> tuple[tuple[str, ...], ...]:
    read = []
    for entry in table.tables("in_step"):
        entry.allow(("charts",))
        if len(charts := entry.texts("charts")) < 2:
            raise entry.error("charts", "names fewer than two charts")
        read.append(tuple(charts))
    return tuple(read)


def _read_switches(table: Table, source: str) -> tuple[Switch, ...]:
    read = []
    for entry in table.tables("switches"):
        entry.allow(("chart", "value", "since", "serves", "source"))
        read.append(
            Switch(
                chart=entry.text("chart"),
                value=entry.text("value"),
                since=entry.version("since"),
                serves=frozenset(_parse_api(entry, text) for text in entry.texts("serves")),
                source=entry.optional("source") or source,
            )
        )
    return tuple(read)


def _parse_api(table: Table, text: str) -> Gvk:
    """`external-secrets.io/v1beta1/ExternalSecret`."""
    parts = text.split("/")
    if len(parts) != 3 or not all(parts):
        raise table.error("serves", f"has {text!r}, which is not group/version/Kind")
    return Gvk(parts[0], parts[2], parts[1])


class _KindReader:
    """The kinds of one provider, whose source and confidence hold where a kind or version says no other."""

    def __init__(self, source: str, confidence: Confidence, channels: frozenset[str]) -> None:
        self._source = source
        self._confidence = confidence
        self._channels = channels

    def read(self, kinds: Table, key: str) -> tuple[tuple[str, str], KindFacts]:
        group, _, kind = key.rpartition("/")
        if not group or not kind:
            raise kinds.error(key, "is not group/Kind")
        entry = kinds.table(key)
        entry.allow(("component", "versions", "source", "confidence"))
        versions = entry.table("versions")
        read = {name: self._version(versions.table(name), entry) for name in sorted(versions, key=version_rank)}
        return (group, kind), KindFacts(read, entry.optional("component"))

    def _version(self, table: Table, kind: Table) -> Lifetime:
        table.allow(VERSION_KEYS)
        fields = _read_fields(table)
        if not table.has("channels"):
            return self._lifetime(table, (table, kind), fields)
        entries = table.table("channels")
        entries.allow(self._channels)
        channels = {}
        for name in entries:
            entries.table(name).allow(LIFETIME_KEYS)
            channels[name] = self._lifetime(entries.table(name), (entries.table(name), table, kind), fields)
        if not channels:
            raise table.error("channels", "names no channel")
        return _span(channels, fields)

    def _lifetime(self, table: Table, outwards: tuple[Table, ...], fields: FieldFacts) -> Lifetime:
        removed = table.optional("removed")
        since = table.text("since") if removed is None else table.optional("since")
        since = None if since == "unknown" else since
        lifetime = Lifetime(
            since=table.parse_version("since", since.removeprefix("<=")) if since else None,
            since_or_before=since is not None and since.startswith("<="),
            deprecated=table.version("deprecated") if table.has("deprecated") else None,
            removed=table.parse_version("removed", removed.removeprefix("<=")) if removed else None,
            removed_or_before=removed is not None and removed.startswith("<="),
            last=table.minor("last") if table.has("last") else None,
            replaced_by=table.optional("replaced_by"),
            source=next((one.text("source") for one in outwards if one.has("source")), self._source),
            confidence=next(
                (one.choice("confidence", Confidence) for one in outwards if one.has("confidence")), self._confidence
            ),
            fields=fields,
        )
        if lifetime.removed is not None and lifetime.since is not None and lifetime.removed <= lifetime.since:
            raise table.error("removed", "is not later than `since`")
        return lifetime


def _span(channels: dict[str, Lifetime], fields: FieldFacts) -> Lifetime:
    """One lifetime over those of all channels: from the first that has it to the last that loses it."""
    every = list(channels.values())
    dated = [(one.since, one) for one in every if one.since is not None]
    first = min(dated, key=lambda pair: pair[0])[1] if dated else every[0]
    removed = [one.removed for one in every if one.removed is not None]
    return Lifetime(
        since=first.since,
        since_or_before=first.since_or_before,
        removed=max(removed) if len(removed) == len(every) else None,
        source=first.source,
        confidence=first.confidence,
        fields=fields,
        channels=channels,
    )


def _read_fields(table: Table) -> FieldFacts:
    return FieldFacts(
        added=table.versions("fields"),
        values={path: table.table("values").versions(path) for path in table.keys_of("values")},
        lost={before: tuple(table.table("lost").texts(before)) for before in table.keys_of("lost")},
    )


def read_operator(table: Table, known: OperatorFacts | None = None) -> OperatorFacts:
    """The table `operator` of Flux Operator; embedded releases are added to the `known` ones, constraints by id."""
    table.allow(("embeds", "chart_default_version", "chart_default_artifact", "constraints"))
    constraints = {one.id: one for one in (known.constraints if known else ())}
    constraints |= {one.id: one for one in map(_read_constraint, table.tables("constraints"))}
    version, artifact = "chart_default_version", "chart_default_artifact"
    return OperatorFacts(
        embeds={**(known.embeds if known else {}), **(table.version_map("embeds") if table.has("embeds") else {})},
        default_version=known.default_version if known and not table.has(version) else table.text(version),
        default_artifact=known.default_artifact if known and not table.has(artifact) else table.text(artifact),
        constraints=tuple(constraints.values()),
    )


_NEEDS = ("embedded-release", "embedded-minor", "operator")
_APPLIES = ("with-artifact", "without-artifact", "sync-oci")


def _read_constraint(table: Table) -> Constraint:
    table.allow(("id", "needs", "source", "applies", "flux_from", "operator_from", "operator"))
    needs, applies = table.text("needs"), table.optional("applies") or ""
    if needs not in _NEEDS:
        raise table.error("needs", f"is {needs}, not one of {', '.join(_NEEDS)}")
    if applies and applies not in _APPLIES:
        raise table.error("applies", f"is {applies}, not one of {', '.join(_APPLIES)}")
    return Constraint(
        id=table.text("id"),
        needs=needs,
        source=table.text("source"),
        applies=applies,
        flux_from=table.minor("flux_from") if table.has("flux_from") else None,
        operator_from=table.version("operator_from") if table.has("operator_from") else None,
        operator=table.version("operator") if needs == "operator" else None,
    )


def read_platform(table: Table) -> dict[Minor, PlatformMinor]:
    table.allow(("platform", "name", "runs", "source", "minors"))
    if table.text("platform") != "talos":
        raise table.error("platform", "is not talos, the only one that is known")
    minors = table.table("minors")
    read: dict[Minor, PlatformMinor] = {}
    for key in minors:
        entry = minors.table(key)
        entry.allow(("kubernetes", "upgrade_from"))
        runs = [entry.parse_minor(text, "kubernetes") for text in entry.texts("kubernetes")]
        if len(runs) != 2 or runs[0] > runs[1]:
            raise entry.error("kubernetes", "is not [first minor, last minor]")
        read[minors.parse_minor(key)] = PlatformMinor((runs[0], runs[1]), entry.version("upgrade_from"))
    return read
