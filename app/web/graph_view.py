"""The drawn graph with the words in its boxes."""

from dataclasses import dataclass

from app.domain.model import Strength
from app.services.queries.items import Overview
from app.web.drawing import BOX_HEIGHT, BOX_WIDTH, Arrow, Curve, draw
from app.web.links import RepositoryLinks
from app.web.views import change_of
from app.web.words import BADGES, Badge, class_word

_LETTERS = 30
"""So many fit into a box."""


@dataclass(frozen=True, slots=True)
class Node:
    x: float
    y: float
    badge: Badge
    head: str
    tail: str
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class GraphView:
    width: float
    height: float
    box_width: int
    box_height: int
    nodes: tuple[Node, ...]
    curves: tuple[Curve, ...]


def graph_of(overview: Overview, links: RepositoryLinks) -> GraphView | None:
    """None where nothing waits for anything."""
    pulls = {pull.number: pull for pull in overview.pull_requests}
    drawing = draw(
        Arrow(first=edge.to, then=edge.from_, hard=edge.strength is Strength.HARD)
        for edge in overview.edges
        if edge.to in pulls and edge.from_ in pulls
    )
    if drawing is None:
        return None
    nodes = []
    for box in drawing.boxes:
        pull = pulls[box.number]
        badge = BADGES[pull.state]
        change = change_of(pull)
        words = f"{class_word(pull.component_class)} · {change}" if change else class_word(pull.component_class)
        nodes.append(
            Node(
                x=box.x,
                y=box.y,
                badge=badge,
                head=f"#{pull.number} {badge.word}",
                tail=words if len(words) <= _LETTERS else f"{words[: _LETTERS - 1]}…",
                title=pull.title,
                url=links.explain(pull.number),
            )
        )
    return GraphView(drawing.width, drawing.height, BOX_WIDTH, BOX_HEIGHT, tuple(nodes), drawing.curves)
