"""The `removal` edge: a version that stops to serve an API waits until the base branch no longer uses that API."""

from collections import defaultdict
from collections.abc import Iterator

from app.domain import messages
from app.domain.base_facts import lines_of
from app.domain.declarations import VersionChange
from app.domain.model import Condition, Edge, EdgeKind, Evidence, Gvk, Strength
from app.domain.pull_request_facts import PullRequestFacts, withdraws
from app.domain.situation import Situation


def find_removals(facts: PullRequestFacts, situation: Situation) -> Iterator[Edge]:
    """An edge to each pull request that moves some of the uses, and one without target for what nobody moves."""
    for change in facts.changes:
        found: dict[int | None, dict[Gvk, list[Evidence]]] = defaultdict(lambda: defaultdict(list))
        for gvk in situation.base.uses:
            if situation.catalogue.provider_of(gvk) == change.provider and withdraws(change, gvk, situation.base):
                for use in situation.base.uses_in(change.scope, gvk):
                    if (gvk, use.file) not in facts.stops:
                        found[situation.stopping(gvk, use.file, besides=facts.number)][gvk].append(use)
        for remover, uses in found.items():
            yield _edge(facts.number, change, remover, uses, situation)


def _edge(
    number: int, change: VersionChange, remover: int | None, uses: dict[Gvk, list[Evidence]], situation: Situation
) -> Edge:
    lines = [line for all_of in uses.values() for line in all_of]
    reason = messages.removal_reason(
        number=number,
        name=situation.catalogue.name_of(change.provider),
        version=change.after.shown,
        api=messages.apis(list(uses)),
        count=len(lines),
        files=[messages.at(line) for line in lines],
        remover=remover,
    )
    evidence = (*lines_of(lines), change.source)
    return Edge(number, remover, EdgeKind.REMOVAL, Strength.HARD, Condition.MERGED, reason, evidence)
