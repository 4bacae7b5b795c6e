"""What waits for what, as a Mermaid graph: of the whole plan, or of the neighbourhood of one pull request.

https://mermaid.js.org/syntax/flowchart.html: arrows go from what comes first to what waits for it.
"""

import re
from collections.abc import Iterable

from app.domain.model import Edge, Plan, PlannedPullRequest, State, Strength

NEIGHBOURS_SHOWN = 8
"""On each side; a provider that a hundred wait for would draw a wall."""


def plan_to_mermaid(plan: Plan) -> str:
    """All that waits or is waited for, coloured by state."""
    linked = {number for edge in plan.edges for number in (edge.from_, edge.to)}
    lines = [*_graph(plan, plan.edges)]
    lines += [
        f"  class {_id(planned.number)} {_class(planned.state)}"
        for planned in plan.pull_requests
        if planned.number in linked
    ]
    lines += [
        "  classDef ready stroke:#1a7f37,stroke-width:2px",
        "  classDef blocked stroke:#cf222e,stroke-width:2px",
        "  classDef waits stroke:#9a6700,stroke-width:2px",
    ]
    return "\n".join(lines) + "\n"


def neighbourhood_to_mermaid(plan: Plan, number: int) -> str:
    """What `number` waits for and what waits for it; empty where there is neither.

    One step for a better order, two where one must wait. States are left out: a check shows this graph, and a
    neighbour's new state, which changes nothing for this one, must not rewrite it.
    """
    before = _steps(plan, number, upstream=True)
    behind = _steps(plan, number, upstream=False)
    if not (before or behind):
        return ""
    lines = [*_graph(plan, [*before[:NEIGHBOURS_SHOWN], *behind[:NEIGHBOURS_SHOWN]], always=number)]
    if rest := len(before) - NEIGHBOURS_SHOWN:
        lines += [f'  more_before["{rest} more"] --> {_id(number)}'] if rest > 0 else []
    if rest := len(behind) - NEIGHBOURS_SHOWN:
        lines += [f'  {_id(number)} --> more_behind["{rest} more"]'] if rest > 0 else []
    lines += [f"  class {_id(number)} this", "  classDef this stroke-width:3px"]
    return "\n".join(lines) + "\n"


def _steps(plan: Plan, number: int, *, upstream: bool) -> list[Edge]:
    """The edges of the first step, then the hard ones of the second, each once."""

    def beside(numbers: Iterable[int | None]) -> list[Edge]:
        wanted = set(numbers)
        return [edge for edge in plan.edges if (edge.from_ if upstream else edge.to) in wanted]

    first = beside([number])
    hard = [edge for edge in first if edge.strength is Strength.HARD]
    second = beside({edge.to if upstream else edge.from_ for edge in hard} - {None, number})
    return list(dict.fromkeys([*first, *(edge for edge in second if edge.strength is Strength.HARD)]))


def _graph(plan: Plan, edges: Iterable[Edge], *, always: int | None = None) -> Iterable[str]:
    shown = list(dict.fromkeys(edges))
    linked = {number for edge in shown for number in (edge.from_, edge.to)} | {always}
    known = {planned.number for planned in plan.pull_requests}
    yield "flowchart LR"
    yield from (_node(planned) for planned in plan.pull_requests if planned.number in linked)
    missing = 0
    for edge in shown:
        arrow = "-->" if edge.strength is Strength.HARD else "-.->"
        if edge.to is None:
            missing += 1
            yield f'  none{missing}["nothing open"] {arrow}|{edge.kind}| {_id(edge.from_)}'
            continue
        if edge.to not in known:
            known.add(edge.to)
            yield f'  {_id(edge.to)}["#{edge.to}"]'
        yield f"  {_id(edge.to)} {arrow}|{edge.kind}| {_id(edge.from_)}"


def _node(planned: PlannedPullRequest) -> str:
    title = re.sub(r"[^\w .,:@/+→()-]", " ", planned.title)
    return f'  {_id(planned.number)}["#{planned.number} {title[:60].strip()}"]'


def _id(number: int) -> str:
    """Negative numbers are branches without a pull request; a minus would be part of an arrow."""
    return f"pr{number}" if number >= 0 else f"branch{-number}"


def _class(state: State) -> str:
    if state in {State.BLOCKED, State.HELD}:
        return "blocked"
    return "ready" if state in {State.READY, State.MERGED} else "waits"
