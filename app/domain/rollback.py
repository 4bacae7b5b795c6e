"""How to take a merged pull request back: what has to go before it, what may not go at all, and who must stand still.

Dependants go first: what uses an API goes before the version that brought it. A version that cannot be taken back
(Flux Operator refuses to go back a minor; an API server refuses a CRD that no longer lists a stored version) stays,
and its users go instead. What the base branch becomes is judged by the rules of the plan (`going_back`): what it would
break takes the merges that made it so along. Where they must stay, or where there are none, nothing goes back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.backward import Break, Present
from app.domain.catalogue import FLUX, KUBERNETES, Catalogue, minor_of
from app.domain.culprits import Ground, Merge
from app.domain.going_back import find_breaks
from app.domain.graph import Graph
from app.domain.layout import FluxKustomization
from app.domain.messages import rollback as words
from app.domain.model import Answer, Capability, Edge, EdgeKind, Gvk, Strength
from app.domain.model import Condition as EdgeCondition
from app.domain.restoring import Conflict, restore
from app.domain.versions import Version

_NO_MINOR_BACK = frozenset({FLUX, KUBERNETES})


@dataclass(frozen=True, slots=True)
class Revert:
    """One pull request to revert; `why` is empty for the one that was asked for."""

    number: int
    merge_sha: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """`number` must stay; `instead` are those that use what it brought, to be reverted in its place. `way` says what
    else can be done, where that is known."""

    number: int
    why: str
    instead: tuple[int, ...] = ()
    way: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """A Kustomization that stands still meanwhile. `namespace` is "" where Git leaves it to the folder above."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Rollback:
    """`reverts` in order, the one that was asked for last; none where it is undone already or refused.

    `suspend` in order, dependants first; they are resumed the other way round. `files` is what the base branch becomes:
    path -> text, None for a file that goes. `doubts` say what is not known of it.
    """

    number: int
    reverts: tuple[Revert, ...]
    refusals: tuple[Refusal, ...]
    conflicts: tuple[Conflict, ...]
    suspend: tuple[Stop, ...]
    files: Mapping[str, str | None]
    is_undone: bool = False
    doubts: tuple[str, ...] = ()

    @property
    def is_possible(self) -> bool:
        return bool(self.reverts) and not self.refusals and not self.conflicts

    @property
    def resume(self) -> tuple[Stop, ...]:
        return tuple(reversed(self.suspend))


def plan_rollback(
    number: int,
    merges: Sequence[Merge],
    tree: Mapping[str, str],
    ground: Ground,
    present: Present,
    depends: Iterable[tuple[int, int]] = (),
) -> Rollback:
    """`merges` are the merged pull requests that are known; `tree` is path -> text of the base branch, all of it;
    `depends` who was said to depend on whom. Raises KeyError where `number` is none of them."""
    by_number = {merge.number: merge for merge in merges}
    if number not in by_number:
        raise KeyError(number)
    undone = {merge.number for merge in merges if _is_undone(merge, tree)}
    if number in undone:
        return Rollback(number, (), (), (), (), {}, is_undone=True)
    standing = {merge.number: merge for merge in merges if merge.number not in undone}
    users = _uses(list(standing.values()), ground.catalogue, depends)
    taken_along: dict[int, Break] = {}
    while True:
        graph = _graph(users)
        order = _order(number, graph, standing)
        refusals = _refusals(order, graph, standing, ground.catalogue)
        if refusals:
            return _refused(number, order, refusals, taken_along)
        reverted = [standing[one.number] for one in order]
        restored = restore(tree, reverted, standing.values())
        going = {one.number for one in order}
        others = [merge for merge in standing.values() if merge.number not in going]
        breaks = find_breaks(number, restored.files, others, present)
        more = {by: found for found in reversed(breaks.found) for by in found.by}
        if not more:
            break
        taken_along |= more
        users |= {(by, one): found.why for by, found in more.items() for one in going}
    # Where a version does not come back by itself, what needs it may only seem to break.
    sure = not any(standing[one.number].provides for one in restored.conflicts)
    if breaks.found and sure:
        left = [Refusal(number, found.why, way=found.way) for found in breaks.found]
        return Rollback(number, (), tuple(left), (), (), {}, doubts=breaks.doubts)
    return Rollback(
        number=number,
        reverts=tuple(order),
        refusals=(),
        conflicts=restored.conflicts,
        suspend=_stops(reverted, ground),
        files={} if restored.conflicts else restored.files,
        doubts=(*(words.may_break(found.why) for found in breaks.found), *breaks.doubts),
    )


def _order(number: int, graph: Graph, merges: Mapping[int, Merge]) -> list[Revert]:
    needed = {number, *graph.downstream_of(number)}
    why = {edge.from_: edge.reason for edge in graph.edges if edge.to in needed}
    order = _latest_first(sorted(needed), graph, merges)
    return [Revert(one, merges[one].merge_sha, "" if one == number else why.get(one, "")) for one in order]


def _graph(users: Mapping[tuple[int, int], str]) -> Graph:
    return Graph(
        Edge(user, used, EdgeKind.NEEDS, Strength.HARD, EdgeCondition.MERGED, why)
        for (user, used), why in users.items()
    )


def _refusals(
    order: Sequence[Revert], graph: Graph, merges: Mapping[int, Merge], catalogue: Catalogue
) -> list[Refusal]:
    found = (_refusal(merges[one.number], graph, merges, catalogue) for one in order)
    return [refusal for refusal in found if refusal is not None]


def _refused(
    number: int, order: Sequence[Revert], refusals: list[Refusal], taken_along: Mapping[int, Break]
) -> Rollback:
    """What must stay keeps in place what would have to follow it."""
    first = refusals[0].number
    if number not in {one.number for one in refusals}:
        why = next(one.why for one in order if one.number == first)
        way = taken_along[first].way if first in taken_along else ""
        refusals = [*refusals, Refusal(number, words.goes_first_reason(first, why), way=way)]
    return Rollback(number, (), tuple(refusals), (), (), {})


def _is_undone(merge: Merge, tree: Mapping[str, str]) -> bool:
    restored = restore(tree, [merge], ())
    return bool(merge.changes) and not restored.files and not restored.conflicts


def _uses(
    merges: Sequence[Merge], catalogue: Catalogue, depends: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], str]:
    """(who uses, what is used) -> why, for merged pull requests that stand."""
    found: dict[tuple[int, int], str] = {}
    for used in merges:
        for brought in used.provides:
            for user in merges:
                if user is used:
                    continue
                api = next(
                    (one.gvk for one in user.requires if _came_with(one.gvk, one.scope, brought, catalogue)), None
                )
                if api is not None:
                    name = catalogue.name_of(brought.provider)
                    found[user.number, used.number] = words.uses_reason(
                        user=user.number, used=used.number, api=api, name=name, version=brought.to
                    )
    known = {merge.number for merge in merges}
    for user_number, used_number in depends:
        if {user_number, used_number} <= known:
            found.setdefault((user_number, used_number), words.depends_reason(user_number, used_number))
    return found


def _came_with(api: Gvk, scope: str, brought: Capability, catalogue: Catalogue) -> bool:
    """Whether an API came with this version, and not before it."""
    if brought.scope != scope or catalogue.provider_of(api) != brought.provider:
        return False
    before, after = Version.parse(brought.from_ or ""), Version.parse(brought.to)
    if after is None or catalogue.served(brought.provider, after, api) is not Answer.YES:
        return False
    return before is None or catalogue.served(brought.provider, before, api) is Answer.NO


def _latest_first(order: Sequence[int], graph: Graph, merges: Mapping[int, Merge]) -> list[int]:
    """Each after all that use it; among those that are free, the latest merge first, as Git likes it."""
    left, placed = list(order), list[int]()
    while left:
        free = [one for one in left if not set(graph.downstream_of(one)) & set(left)] or left
        first = max(free, key=lambda one: (merges[one].merged_at, one))
        placed.append(first)
        left.remove(first)
    return placed


def _refusal(merge: Merge, graph: Graph, merges: Mapping[int, Merge], catalogue: Catalogue) -> Refusal | None:
    instead = tuple(one for one in graph.downstream_of(merge.number) if one in merges)
    for brought in merge.provides:
        before, after = Version.parse(brought.from_ or ""), Version.parse(brought.to)
        if before is None or after is None or before >= after:
            continue
        name = catalogue.name_of(brought.provider)
        if brought.provider in _NO_MINOR_BACK and minor_of(before) != minor_of(after):
            say = words.flux_minor_reason if brought.provider == FLUX else words.kubernetes_minor_reason
            return Refusal(merge.number, say(name=name, before=brought.from_ or "", after=brought.to), instead)
        moved = _moved_storage(brought.provider, before, after, catalogue)
        if moved is not None:
            why = words.storage_reason(name=name, before=brought.from_ or "", after=brought.to, api=moved)
            return Refusal(merge.number, why, instead)
    return None


def _moved_storage(provider: str, before: Version, after: Version, catalogue: Catalogue) -> Gvk | None:
    """An API version that only the later release serves, of a kind that the earlier one has as well: objects may be
    stored in it by now, and the CRD of the earlier release does not list it."""
    for (group, kind), facts in catalogue.providers[provider].kinds.items() if provider in catalogue.providers else ():
        versions = [Gvk(group, kind, version) for version in facts.versions]
        was = [gvk for gvk in versions if catalogue.served(provider, before, gvk) is Answer.YES]
        new = [
            gvk
            for gvk in versions
            if catalogue.served(provider, before, gvk) is Answer.NO
            and catalogue.served(provider, after, gvk) is Answer.YES
        ]
        if was and new:
            return new[-1]
    return None


def _stops(merges: Sequence[Merge], ground: Ground) -> tuple[Stop, ...]:
    touched: set[FluxKustomization] = set()
    for merge in merges:
        for path in merge.paths:
            nearest = ground.scopes.kustomization_of(path)
            if nearest is not None and not nearest.generated:
                touched.add(nearest)
    ordered = [Stop(ks.namespace, ks.name) for ks in reversed(ground.order.in_order(touched))]
    return tuple(dict.fromkeys(ordered))
