"""Releases that belong together: pull requests that move one part, and parts that stay behind."""

from inline_snapshot import snapshot

from app.domain.model import EdgeKind, State, Strength
from tests.support.flux_repository import FluxRepository, chart

KUBE = "talos/machine.yaml"
GPU, DEVICES = "apps/a/gpu.yaml", "apps/a/devices.yaml"


def kube(apiserver: str, kubelet: str) -> str:
    return (
        f"cluster:\n  apiServer:\n    image: registry.example/kube-apiserver:{apiserver}\n"
        f"machine:\n  kubelet:\n    image: ghcr.io/example/kubelet:{kubelet}\n"
    )


def test_a_part_that_nobody_moves_is_warned_of_and_blocks_nothing() -> None:
    repository = FluxRepository({KUBE: kube("v1.36.3", "v1.36.3")})
    repository.opens(1, {KUBE: kube("v1.36.4", "v1.36.3")})
    plan = repository.plans()
    (warning,) = plan.warnings
    assert warning == snapshot(
        "#1 raises kube-apiserver from 1.36.3 to 1.36.4 and leaves kubelet (talos/machine.yaml:6) at 1.36.3, "
        "which is released together with it; no open pull request moves that."
    )
    assert (plan.edges, plan.of(1).state) == ((), State.READY)


def test_all_parts_together_are_no_news() -> None:
    repository = FluxRepository({KUBE: kube("v1.36.3", "v1.36.3")})
    repository.opens(1, {KUBE: kube("v1.36.4", "v1.36.4")})
    assert repository.plans().warnings == ()


def test_a_part_at_another_version_was_apart_before() -> None:
    repository = FluxRepository({KUBE: kube("v1.36.3", "v1.36.1")})
    repository.opens(1, {KUBE: kube("v1.36.4", "v1.36.1")})
    assert repository.plans().warnings == ()


def operator_and_operand() -> FluxRepository:
    repository = FluxRepository(
        {
            GPU: chart("intel-device-plugins-gpu", "0.27.1"),
            DEVICES: chart("intel-device-plugins-operator", "0.27.1"),
        }
    )
    repository.opens(1, {GPU: chart("intel-device-plugins-gpu", "0.28.0")})
    return repository


def test_two_pull_requests_with_one_release_are_a_pair_and_the_operator_goes_first() -> None:
    repository = operator_and_operand()
    repository.opens(2, {DEVICES: chart("intel-device-plugins-operator", "0.28.0")})
    plan = repository.plans()
    (edge,) = plan.edges
    assert (edge.from_, edge.to, edge.kind, edge.strength) == (1, 2, EdgeKind.PAIR, Strength.SOFT)
    assert edge.reason == snapshot(
        "Merge together with #2, which comes first: intel-device-plugins-operator and intel-device-plugins-gpu are "
        "released as one, and go from 0.27.1 to 0.28.0."
    )
    assert (plan.warnings, plan.of(1).state) == ((), State.READY)


def test_another_version_is_no_pair() -> None:
    repository = operator_and_operand()
    repository.opens(2, {DEVICES: chart("intel-device-plugins-operator", "0.29.0")})
    assert repository.plans().edges == ()


def test_the_other_copy_of_a_version_is_seen_but_not_in_archives() -> None:
    repository = FluxRepository(
        {
            "apps/a/cilium.yaml": chart("cilium", "1.13.3"),
            ".archive/cilium.yaml": chart("cilium", "1.13.3"),
            "bootstrap/cilium.yaml": chart("cilium", "1.13.3"),
        }
    )
    repository.opens(1, {"apps/a/cilium.yaml": chart("cilium", "1.13.4")})
    (warning,) = repository.plans().warnings
    assert "leaves cilium (bootstrap/cilium.yaml:8) at 1.13.3" in warning
