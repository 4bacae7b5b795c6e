"""Things that are upgraded in an order although their versions do not say so: CRDs before the chart, operator before
what it operates. Which ones is data (`app/catalogue/relations.yaml`); what a name of a pull request matches is here.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.references import ReferenceKind
from app.domain.upgrades import Upgrade

HELM_CRDS = "https://helm.sh/docs/chart_best_practices/custom_resource_definitions/"
"""Helm's own advice to put CRDs in a chart of their own."""


class RelationKind(StrEnum):
    CRDS = "crds"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Relation:
    """`first` goes before `then`: names of charts and images, either the last path segment (`traefik-crds`) or with as
    many segments before it as tell it from others (`envoyproxy/envoy`). `releases` are GitHub repositories whose
    manifests, read by URL, go first too.

    `one_version`: both carry the version of one release. `whole`: what goes first has every CRD of `then`, so that
    nothing is missing where the chart's own are switched off.
    """

    kind: RelationKind
    first: tuple[str, ...]
    then: tuple[str, ...]
    source: str
    releases: tuple[str, ...] = ()
    one_version: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Relations:
    """All of them, found by the last segment of a name of `then`."""

    every: tuple[Relation, ...] = ()
    _by_then: dict[str, list[Relation]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_then: dict[str, list[Relation]] = {}
        for relation in self.every:
            for name in relation.then:
                by_then.setdefault(_last(name), []).append(relation)
        object.__setattr__(self, "_by_then", by_then)

    def before(self, upgrade: Upgrade) -> list[Relation]:
        """Those by which other things go before this one, the convention `name-crds` last."""
        if upgrade.digest or upgrade.kind not in _INSTALLED:
            return []
        known = [
            relation
            for relation in self._by_then.get(upgrade.short, ())
            if any(is_named(name, upgrade) for name in relation.then)
        ]
        if any(relation.kind is RelationKind.CRDS for relation in known):
            return known
        return [*known, _by_convention(upgrade)]

    def of_chart(self, chart: str) -> list[Relation]:
        """Those by which other things go before a chart of this name."""
        return self._by_then.get(chart, [])


_INSTALLED = (ReferenceKind.CHART, ReferenceKind.IMAGE, ReferenceKind.VALUE)


def is_named(name: str, upgrade: Upgrade) -> bool:
    """Whether a name of a relation means the chart or image that is upgraded."""
    if upgrade.kind not in _INSTALLED:
        return False
    return f"/{upgrade.name.casefold()}".endswith(f"/{name}")


def goes_first(relation: Relation, upgrade: Upgrade) -> bool:
    """Whether an upgrade is of something that goes first in a relation."""
    if upgrade.digest:
        return False
    if upgrade.kind in {ReferenceKind.REPOSITORY, ReferenceKind.VALUE} and upgrade.name.casefold() in relation.releases:
        return True
    if relation.kind is RelationKind.CRDS and upgrade.kind is ReferenceKind.REPOSITORY and not relation.releases:
        # By convention again: manifests of the repository `owner/name`, where the address speaks of CRDs.
        return upgrade.short in {_last(name) for name in relation.then} and "crd" in upgrade.source.text.casefold()
    return any(is_named(name, upgrade) for name in relation.first)


def places_of(relation: Relation) -> list[tuple[str, ReferenceKind]]:
    """Every (last segment, kind) under which something that goes first can be upgraded."""
    places = [(_last(name), kind) for name in relation.first for kind in _INSTALLED]
    for name in relation.releases:
        places += [(_last(name), ReferenceKind.REPOSITORY), (_last(name), ReferenceKind.VALUE)]
    if not relation.releases and relation.kind is RelationKind.CRDS:
        places += [(_last(name), ReferenceKind.REPOSITORY) for name in relation.then]
    return list(dict.fromkeys(places))


def _by_convention(upgrade: Upgrade) -> Relation:
    return Relation(
        kind=RelationKind.CRDS,
        first=(f"{upgrade.short}-crds", f"{upgrade.short}-crd"),
        then=(upgrade.short,),
        source=HELM_CRDS,
        one_version=True,
        whole=True,
    )


def _last(name: str) -> str:
    return name.rpartition("/")[2]
