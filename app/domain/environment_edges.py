"""The `environment` edge: of one step in two environments the one is taken first on which less depends.

Soft, from each environment to the nearest one before it. Where names give no order there is no edge.
"""

from collections.abc import Iterator

from app.domain import messages
from app.domain.environments import Step
from app.domain.model import Condition, Edge, EdgeKind, Strength
from app.domain.pull_request_facts import PullRequestFacts
from app.domain.situation import Situation


def find_environment_edges(facts: PullRequestFacts, situation: Situation) -> Iterator[Edge]:
    """One edge at most to each other pull request. What a pull request takes to both environments itself has none."""
    found: dict[int, list[tuple[Step, Step]]] = {}
    for upgrade in facts.upgrades:
        here = situation.environment_of(facts.number, upgrade)
        before = situation.steps.before(upgrade, here) if here else None
        if here is not None and before is not None and before.number != facts.number:
            found.setdefault(before.number, []).append((Step(facts.number, upgrade, here), before))
    for number, steps in sorted(found.items()):
        yield _edge(number, steps)


def _edge(number: int, steps: list[tuple[Step, Step]]) -> Edge:
    mine, theirs = steps[0]
    what = list(dict.fromkeys(f"{step.upgrade.name} {step.upgrade.after}" for step, _ in steps))
    evidence = dict.fromkeys(step.upgrade.source for pair in steps[:2] for step in pair)
    return Edge(
        from_=mine.number,
        to=number,
        kind=EdgeKind.ENVIRONMENT,
        strength=Strength.SOFT,
        condition=Condition.ROLLED_OUT,
        reason=messages.environment_reason(
            provider=number,
            what=messages.listed(what),
            before=theirs.environment.name,
            after=mine.environment.name,
        ),
        evidence=tuple(evidence),
    )
