"""The catalogue as text and as JSON: what `fluxmig catalogue list` and `show` write."""

from collections.abc import Iterable, Iterator

from app.domain.catalogue import Catalogue, CrdsArrival, FieldFacts, Lifetime, Minor, Provider
from app.domain.kind_lookup import FoundKind
from app.domain.messages.catalogue import (
    arrival_phrase,
    chart_line,
    kind_heading,
    lifetime_phrase,
    platform_line,
    switch_phrase,
)
from app.domain.versions import Version


def list_to_text(catalogue: Catalogue) -> str:
    """One line a provider: id, name, the minors that were looked at, how many kinds and versions, how sure."""
    rows = [("PROVIDER", "NAME", "RELEASES", "KINDS", "VERSIONS", "CONFIDENCE")]
    for provider in sorted(catalogue.providers.values(), key=lambda one: one.id):
        listed = sum(len(facts.versions) for facts in provider.kinds.values())
        releases = f"{_minor(provider.first)} to {_minor(provider.last)}"
        rows.append(
            (
                provider.id,
                provider.name,
                releases,
                str(len(provider.kinds)),
                str(listed),
                " and ".join(_confidences(provider)),
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.append("")
    for chart, (installs, versions) in sorted(catalogue.charts.items()):
        lines.append(chart_line(chart=chart, name=catalogue.name_of(installs), number=len(versions)))
    if catalogue.talos:
        lines.append(platform_line(name="Talos", first=_minor(min(catalogue.talos)), last=_minor(max(catalogue.talos))))
    return "\n".join(lines) + "\n"


def _confidences(provider: Provider) -> tuple[str, ...]:
    """Those of its facts, the provider's own first."""
    others = sorted({one.confidence.value for facts in provider.kinds.values() for one in facts.versions.values()})
    own = [provider.confidence.value] if provider.confidence.value in others else []
    return tuple(dict.fromkeys([*own, *others])) or (provider.confidence.value,)


def kinds_to_text(found: Iterable[FoundKind]) -> str:
    return "\n".join("\n".join(_kind_lines(one)) + "\n" for one in found)


def _kind_lines(found: FoundKind) -> Iterator[str]:
    yield kind_heading(
        kind=found.kind, group=found.group, name=found.provider.name, component=found.facts.component or ""
    )
    width = max(len(version) for version, _ in found.versions)
    for version, lifetime in found.versions:
        for channel, one in (lifetime.channels or {"": lifetime}).items():
            where = f" ({channel} channel)" if channel else ""
            yield f"  {version.ljust(width)}  {lifetime_phrase(one)}{where}"
        for line in _field_lines(version, lifetime.fields):
            yield f"  {' ' * width}    {line}"
    for source, versions in _sources(found.versions).items():
        of = "" if len(versions) == len(found.versions) else f" of {', '.join(versions)}"
        yield f"  source{of}: {source}"
    for switch in found.provider.switches:
        if any(gvk.group == found.group and gvk.kind == found.kind for gvk in switch.serves):
            yield f"  {switch_phrase(switch)}"
    for arrival in found.provider.crds_arrive:
        yield f"  {arrival_phrase(arrival)}"


def _sources(versions: Iterable[tuple[str, Lifetime]]) -> dict[str, list[str]]:
    sources: dict[str, list[str]] = {}
    for version, lifetime in versions:
        sources.setdefault(f"{lifetime.source} ({lifetime.confidence.value})", []).append(version)
    return sources


def _field_lines(version: str, fields: FieldFacts) -> Iterator[str]:
    for path, since in fields.added.items():
        yield f"{path} since {since}"
    for path, values in fields.values.items():
        for value, since in values.items():
            yield f"{path}: {value} since {since}"
    for before, paths in fields.lost.items():
        yield f"{before} to {version} loses {', '.join(paths)}"


def _minor(minor: Minor) -> str:
    return f"{minor[0]}.{minor[1]}"


# --- JSON ---


def list_to_json(catalogue: Catalogue) -> list[dict[str, object]]:
    """Every provider with its kinds and versions, in the order of ids."""
    return [
        {
            "id": provider.id,
            "name": provider.name,
            "source": provider.source,
            "confidence": provider.confidence.value,
            "first": _minor(provider.first),
            "last": _minor(provider.last),
            "newest": str(provider.newest),
            "complete": provider.complete,
            "charts": sorted(provider.charts),
            "remotes": sorted(provider.remotes),
            "channels": list(provider.channels),
            "crds_arrive": [_arrival_to_json(one) for one in provider.crds_arrive],
            "kinds": {
                f"{group}/{kind}": {version: lifetime_to_json(one) for version, one in facts.versions.items()}
                for (group, kind), facts in sorted(provider.kinds.items())
            },
            "notes": dict(provider.notes),
        }
        for provider in sorted(catalogue.providers.values(), key=lambda one: one.id)
    ]


def kinds_to_json(found: Iterable[FoundKind]) -> list[dict[str, object]]:
    return [
        {
            "provider": one.provider.id,
            "name": one.provider.name,
            "group": one.group,
            "kind": one.kind,
            "component": one.facts.component,
            "crds_arrive": [_arrival_to_json(arrival) for arrival in one.provider.crds_arrive],
            "versions": {version: lifetime_to_json(lifetime) for version, lifetime in one.versions},
        }
        for one in found
    ]


def _arrival_to_json(arrival: CrdsArrival) -> dict[str, object]:
    return {
        "chart": arrival.chart,
        "how": arrival.how.value,
        "value": arrival.value,
        "of": arrival.of,
        "since": _text(arrival.since),
        "source": arrival.source,
    }


def lifetime_to_json(lifetime: Lifetime) -> dict[str, object]:
    """`since` and `removed` are releases, with `<=` before one that is only the first that was looked at."""
    told: dict[str, object] = {
        "since": _text(lifetime.since, or_before=lifetime.since_or_before),
        "deprecated": _text(lifetime.deprecated),
        "removed": _text(lifetime.removed, or_before=lifetime.removed_or_before),
        "replaced_by": lifetime.replaced_by,
        "source": lifetime.source,
        "confidence": lifetime.confidence.value,
        "fields": {path: str(since) for path, since in lifetime.fields.added.items()},
        "values": {
            path: {value: str(since) for value, since in values.items()}
            for path, values in lifetime.fields.values.items()
        },
        "lost": {before: list(paths) for before, paths in lifetime.fields.lost.items()},
    }
    if lifetime.channels:
        told["channels"] = {name: lifetime_to_json(one) for name, one in lifetime.channels.items()}
    return told


def _text(version: Version | None, *, or_before: bool = False) -> str | None:
    return f"{'<=' if or_before else ''}{version}" if version else None
