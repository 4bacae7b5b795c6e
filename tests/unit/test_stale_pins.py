"""Two lines of the base that contradict each other: one of them is stale, and nothing follows from the pair."""

import pytest

from app.domain.model import Component, EdgeKind, State
from tests.support.flux_repository import TALOS, FluxRepository, talos


@pytest.mark.parametrize(
    ("base", "after", "held"),
    [
        pytest.param(("v1.9.5", "v1.34.3"), ("v1.9.5", "v1.34.4"), False, id="a patch of what the pin cannot run"),
        pytest.param(("v1.9.5", "v1.34.3"), ("v1.9.5", "v1.35.0"), False, id="a minor of it: the pin says nothing"),
        pytest.param(("v1.9.5", "v1.26.3"), ("v1.9.6", "v1.26.3"), False, id="a Talos that is too new already"),
        pytest.param(("v1.9.5", "v1.32.3"), ("v1.9.5", "v1.33.0"), True, id="the two fitted until now"),
    ],
)
def test_a_stale_pin_holds_nobody(base: tuple[str, str], after: tuple[str, str], held: bool) -> None:
    repository = FluxRepository({TALOS: talos(*base)})
    repository.opens(1, {TALOS: talos(*after)}, component=Component.INFRASTRUCTURE)
    plan = repository.plans()
    assert [edge.to for edge in plan.edges if edge.kind is EdgeKind.PAIR] == ([None] if held else [])
    assert plan.of(1).state is (State.BLOCKED if held else State.UNKNOWN)


def test_the_contradiction_is_told_with_both_lines() -> None:
    repository = FluxRepository({TALOS: talos("v1.9.5", "v1.34.3")})
    repository.opens(1, {TALOS: talos("v1.9.5", "v1.34.4")}, component=Component.INFRASTRUCTURE)
    assert repository.plans().of(1).reason == (
        "Unknown: the base declares Kubernetes 1.34.3 in talos/talenv.yaml:2, and the base declares Talos 1.9.5 in "
        "talos/talenv.yaml:1; these do not go together, so one of the two is not what runs. "
        "Correct the line that is stale."
    )


def test_who_raises_both_is_free() -> None:
    repository = FluxRepository({TALOS: talos("v1.9.5", "v1.34.3")})
    repository.opens(1, {TALOS: talos("v1.12.0", "v1.34.4")}, component=Component.INFRASTRUCTURE)
    assert repository.plans().of(1).state is State.READY
