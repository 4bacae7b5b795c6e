"""Versions that a rollback would leave side by side though they do not fit: the `pair` demands of what stays, and of
what comes back."""

from collections.abc import Iterator
from dataclasses import replace

from app.domain.backward import Backward, Break, Doubt
from app.domain.declarations import Declared, VersionChange
from app.domain.messages import pair_unknown_reason
from app.domain.messages import rollback as words
from app.domain.pairs import Demand, hard_demands, refuses
from app.domain.versions import Version


def find_unfit(backward: Backward) -> Iterator[Break | Doubt]:
    """The demands of each version on another, where one of the two goes back; one at most for each two."""
    live = (declared for declared in backward.after.declarations.values() if declared.declaration.live)
    for declared in live:
        told: set[str] = set()
        for demand in hard_demands(declared, backward.situation):
            if demand.provider not in told and (found := _look_at(declared, demand, backward)) is not None:
                told.add(demand.provider)
                yield found


def _look_at(declared: Declared, demand: Demand, backward: Backward) -> Break | Doubt | None:
    of, facts = declared.declaration, backward.facts
    own, other = facts.change_of(of.provider, of.scope), facts.change_of(demand.provider, of.scope)
    runs = other.after.releases if other is not None else backward.runs(demand.provider, of.scope)
    if (own is None and other is None) or runs.low is None:
        return None
    fits = demand.fits(runs.low)
    if fits is None:
        beside = _named(demand.provider, runs.low, backward)
        return Doubt(pair_unknown_reason(other=beside, what=_what(declared, backward)))
    if fits or _is_unfit_already(declared, demand, backward):
        return None
    return _unfit(declared, demand, runs.low, own, other, backward)


def _unfit(
    declared: Declared,
    demand: Demand,
    beside: Version,
    own: VersionChange | None,
    other: VersionChange | None,
    backward: Backward,
) -> Break:
    of = declared.declaration

    def is_content(version: Version) -> bool:
        earlier = replace(declared, releases=declared.releases.at(version))
        return not refuses(earlier, demand.provider, beside, backward.situation)

    by = backward.turned(of.provider, of.scope, is_content) if own is None else ()
    by += backward.turned(demand.provider, of.scope, demand.fits) if other is None else ()
    why = words.unfit_reason(
        what=_what(declared, backward),
        where=of.source,
        comes_back=own is not None,
        needs=demand.needs,
        other=_named(demand.provider, beside, backward),
        goes_back=other is not None,
        by=by,
    )
    return Break(why, by)


def _is_unfit_already(declared: Declared, demand: Demand, backward: Backward) -> bool:
    """Whether the two do not fit today: then one of the lines is not what runs, and nothing follows from them."""
    of = declared.declaration
    before = backward.base.declarations.get((of.provider, of.scope))
    runs = backward.runs(demand.provider, of.scope).low
    if before is None or not before.declaration.live or runs is None:
        return False
    return refuses(before, demand.provider, runs, backward.situation)


def _what(declared: Declared, backward: Backward) -> str:
    return f"{backward.catalogue.name_of(declared.declaration.provider)} {declared.shown}"


def _named(provider: str, version: Version, backward: Backward) -> str:
    return f"{backward.catalogue.name_of(provider)} {str(version).removeprefix('v')}"
