"""What the owner decides about edges and approvals, beside the rules of classification."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.domain.model import ComponentClass, Edge, EdgeKind, Evidence, Strength


class EdgeChoice(StrEnum):
    """What becomes of the edges of one kind."""

    ON = "on"
    """As fluxmig finds them."""
    OFF = "off"
    SOFT = "soft"
    """Told as the better order, and holding nothing."""
    HARD = "hard"
    """Each holds its pull request, where it leads to another one."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """`edges`: kind -> the choice and the line of the configuration that has it. `majors` and `other_changes` say
    whether major updates, and bumps that change something else too, wait for `/fluxmig approve`; `classes` wait in any
    case, with the line that says so.
    """

    edges: Mapping[EdgeKind, tuple[EdgeChoice, Evidence]] = field(default_factory=dict, hash=False)
    majors: bool = True
    other_changes: bool = True
    classes: frozenset[ComponentClass] = frozenset()
    classes_at: Evidence | None = None


DEFAULT_RULING = Ruling()


def apply_ruling(edges: Iterable[Edge], ruling: Ruling) -> list[Edge]:
    """The edges as the owner wants them. What a person said by hand is never touched."""
    kept = []
    for edge in edges:
        choice, line = ruling.edges.get(edge.kind, (EdgeChoice.ON, None))
        strength = {EdgeChoice.SOFT: Strength.SOFT, EdgeChoice.HARD: Strength.HARD}.get(choice, edge.strength)
        is_told = choice is not EdgeChoice.OFF and (edge.to is not None or strength is Strength.HARD)
        if edge.kind is EdgeKind.EXPLICIT or (strength is edge.strength and choice is not EdgeChoice.OFF):
            kept.append(edge)
        elif is_told and not (edge.to is None and strength is not edge.strength):
            assert line is not None
            kept.append(replace(edge, strength=strength, evidence=(*edge.evidence, line)))
    return kept
