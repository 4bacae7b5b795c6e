"""The plan as a table for a terminal. Control characters of other people's titles do not reach it."""

from app.domain.model import Plan, PlannedPullRequest

TITLE_WIDTH = 60


def plan_to_table(plan: Plan) -> str:
    """One row for each pull request, wave by wave, with the reason below it."""
    lines: list[str] = []
    for cluster in plan.clusters:
        flux = cluster.flux
        declared = f"Flux {flux.version}, {flux.source.file}:{flux.source.line}" if flux else "no Flux version in Git"
        lines.append(f"cluster {_plain(cluster.name)}: {declared}")
    lines.append("")
    in_waves = {number for wave in plan.waves for number in wave}
    for index, wave in enumerate(plan.waves, 1):
        lines += [f"wave {index}", *(line for number in wave for line in _rows(plan, plan.of(number)))]
    others = [planned for planned in plan.pull_requests if planned.number not in in_waves]
    if others:
        lines += ["in no wave", *(line for planned in others for line in _rows(plan, planned))]
    lines += [f"warning: {_plain(warning)}" for warning in plan.warnings]
    return "\n".join(lines) + "\n"


def _rows(plan: Plan, planned: PlannedPullRequest) -> list[str]:
    told = planned.classification
    title = _plain(planned.title)
    title = title if len(title) <= TITLE_WIDTH else title[: TITLE_WIDTH - 1] + "…"
    rows = [
        f"  #{planned.number:<5} {planned.state:<16} {told.component_class:<14} {title}",
        f"         {planned.reason}",
    ]
    places = [f"{rule.file}:{rule.line}" for rule in told.rules]
    rows += [f"         {_plain(reason)}" for reason in told.reasons if any(place in reason for place in places)]
    for edge in plan.edges_of(planned.number):
        if edge.reason not in planned.reason:
            target = f"#{edge.to}" if edge.to is not None else "nothing open"
            rows.append(f"         waits for {target} ({edge.kind}, {edge.strength}): {edge.reason}")
    return rows


def _plain(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
