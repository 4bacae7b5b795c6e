"""Two lines of the base that contradict each other: one of them is stale, and nothing follows from the pair."""

import pytest

from app.domain.model import Component, EdgeKind, State, Strength
from tests.support.flux_repository import TALOS, FluxRepository, talos
from tests.support.layouts import flux_kustomization, talos_configuration, upgrades


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


def upgrades_beside(folder: str, *, talos_version: str, kubernetes_version: str) -> FluxRepository:
    """tuppr's objects, which a Flux Kustomization applies, and a machine configuration that people apply."""
    files = upgrades("v1.9.5", "v1.32.4", "apps/upgrades")
    files["clusters/home/apps.yaml"] = flux_kustomization("apps", "./apps")
    files[f"{folder}/talconfig.yaml"] = talos_configuration(talos_version, kubernetes_version)
    return FluxRepository(files)


@pytest.mark.parametrize("folder", ["talos", "bootstrap/talos", "setup"])
def test_what_rolls_out_by_itself_says_what_runs(folder: str) -> None:
    repository = upgrades_beside(folder, talos_version="v1.7.6", kubernetes_version="v1.30.1")
    kubernetes = upgrades("v1.9.5", "v1.33.0", "apps/upgrades")["apps/upgrades/kubernetes.yaml"]
    talos_ = upgrades("v1.10.0", "v1.32.4", "apps/upgrades")["apps/upgrades/talos.yaml"]
    repository.opens(1, {"apps/upgrades/kubernetes.yaml": kubernetes}, component=Component.INFRASTRUCTURE)
    assert [(edge.from_, edge.to) for edge in repository.plans().edges] == [(1, None)]
    repository.opens(2, {"apps/upgrades/talos.yaml": talos_}, component=Component.INFRASTRUCTURE)
    assert [(edge.from_, edge.to) for edge in repository.plans().edges] == [(1, 2)]


def test_without_an_upgrade_controller_the_lowest_counts() -> None:
    repository = FluxRepository(
        {
            "talos/a.yaml": talos_configuration("v1.9.5", "v1.32.4"),
            "talos/b.yaml": talos_configuration("v1.10.0", "v1.32.4"),
        }
    )
    both: dict[str, str | None] = {f"talos/{name}.yaml": talos_configuration("v1.10.0", "v1.33.0") for name in "ab"}
    repository.opens(1, {"talos/b.yaml": talos_configuration("v1.11.0", "v1.32.4")}, component=Component.INFRASTRUCTURE)
    repository.opens(2, both, component=Component.INFRASTRUCTURE)
    assert [edge for edge in repository.plans().edges if edge.strength is Strength.HARD] == []
