"""Steps that must be taken one after the other, and kubelet beside kube-apiserver."""

import pytest
from inline_snapshot import snapshot

from app.domain.model import Component, EdgeKind, Plan, State
from tests.support.flux_repository import TALOS, FluxRepository, talos

NODES = "talos/machine.yaml"


def images(apiserver: str, kubelet: str) -> str:
    return (
        f"cluster:\n  apiServer:\n    image: registry.k8s.io/kube-apiserver:{apiserver}\n"
        f"machine:\n  kubelet:\n    image: ghcr.io/siderolabs/kubelet:{kubelet}\n"
    )


def opened(base: str, path: str, *texts: str) -> Plan:
    repository = FluxRepository({path: base})
    for number, text in enumerate(texts, 1):
        repository.opens(number, {path: text}, component=Component.INFRASTRUCTURE)
    return repository.plans()


def pairs(plan: Plan) -> list[tuple[int, int | None, str]]:
    return [(edge.from_, edge.to, edge.strength.value) for edge in plan.edges if edge.kind is EdgeKind.PAIR]


@pytest.mark.parametrize(
    ("base", "steps", "found"),
    [
        # Kubernetes one minor at a time: each waits for the one before it.
        (("v1.14.0", "v1.33.1"), [("v1.14.0", "v1.35.0"), ("v1.14.0", "v1.34.2")], [(1, 2, "hard")]),
        (
            ("v1.14.0", "v1.33.1"),
            [("v1.14.0", "v1.36.0"), ("v1.14.0", "v1.34.2"), ("v1.14.0", "v1.35.0")],
            [(1, 3, "hard"), (3, 2, "hard")],
        ),
        (("v1.14.0", "v1.33.1"), [("v1.14.0", "v1.35.0"), ("v1.14.0", "v1.33.9")], []),
        (("v1.14.0", "v1.33.1"), [("v1.14.0", "v1.34.0"), ("v1.14.0", "v1.33.9")], []),
        # Talos 1.13 can be reached from 1.11 on.
        (("v1.10.3", "v1.33.1"), [("v1.13.0", "v1.33.1"), ("v1.12.1", "v1.33.1")], [(1, 2, "hard")]),
        (("v1.10.3", "v1.33.1"), [("v1.13.0", "v1.33.1"), ("v1.10.9", "v1.33.1")], []),
        (("v1.11.3", "v1.33.1"), [("v1.13.0", "v1.33.1"), ("v1.12.1", "v1.33.1")], []),
    ],
)
def test_steps_in_between_go_first(
    base: tuple[str, str], steps: list[tuple[str, str]], found: list[tuple[int, int, str]]
) -> None:
    assert pairs(opened(talos(*base), TALOS, *(talos(*step) for step in steps))) == found


@pytest.mark.parametrize(
    ("base", "steps", "found", "warned"),
    [
        # The kubelet is never newer.
        (("v1.33.1", "v1.33.1"), [("v1.33.1", "v1.34.0"), ("v1.34.0", "v1.33.1")], [(1, 2, "hard")], 0),
        (("v1.33.1", "v1.33.1"), [("v1.33.1", "v1.34.0")], [], 1),
        (("v1.34.0", "v1.33.1"), [("v1.34.0", "v1.34.0")], [], 0),
        (("v1.33.1", "v1.33.1"), [("v1.34.0", "v1.34.0")], [], 0),
        # A newer patch is no skew.
        (("v1.33.1", "v1.33.0"), [("v1.33.1", "v1.33.4")], [], 0),
        # And at most three minors older.
        (("v1.33.1", "v1.31.1"), [("v1.34.0", "v1.31.1")], [], 0),
        (("v1.34.1", "v1.31.1"), [("v1.35.0", "v1.31.1"), ("v1.34.1", "v1.34.0")], [(1, 2, "hard")], 0),
        (("v1.34.1", "v1.31.1"), [("v1.35.0", "v1.31.1")], [], 1),
    ],
)
def test_kubelet_beside_kube_apiserver(
    base: tuple[str, str], steps: list[tuple[str, str]], found: list[tuple[int, int, str]], warned: int
) -> None:
    plan = opened(images(*base), NODES, *(images(*step) for step in steps))
    assert pairs(plan) == found
    assert (
        len([warning for warning in plan.warnings if "no open pull request brings them together" in warning]) == warned
    )


def test_the_sentences() -> None:
    steps = opened(talos("v1.14.0", "v1.33.1"), TALOS, talos("v1.14.0", "v1.35.0"), talos("v1.14.0", "v1.34.2"))
    assert steps.of(1).reason == snapshot(
        "#1 brings Kubernetes 1.35.0; control planes go up one minor at a time, and #2 brings "
        "Kubernetes 1.34.2: roll that out first."
    )
    assert steps.of(1).state is State.BLOCKED
    reach = opened(talos("v1.10.3", "v1.33.1"), TALOS, talos("v1.13.0", "v1.33.1"), talos("v1.12.1", "v1.33.1"))
    assert reach.of(1).reason == snapshot(
        "#1 brings Talos 1.13.0; Talos 1.13 can only be reached from 1.11.0 or newer, and #2 brings "
        "Talos 1.12.1: roll that out first."
    )
    both = opened(images("v1.33.1", "v1.33.1"), NODES, images("v1.33.1", "v1.34.0"), images("v1.34.0", "v1.33.1"))
    assert both.of(1).reason == snapshot(
        "#1 brings kubelet 1.34.0 beside kube-apiserver 1.33.1, and a kubelet must not be newer than "
        "the kube-apiserver: #2, which brings kube-apiserver 1.34.0, must be merged first."
    )
    alone = opened(images("v1.34.1", "v1.31.1"), NODES, images("v1.35.0", "v1.31.1"))
    assert list(alone.warnings) == snapshot(
        [
            (
                "#1 moves kube-apiserver to 1.35.0 beside kubelet 1.31.1 (talos/machine.yaml:6), and a kubelet "
                "may be at most 3 minors older than the kube-apiserver; no open pull request brings them "
                "together."
            )
        ]
    )


def test_one_version_for_both_has_no_skew() -> None:
    hint = "# renovate: datasource=docker depName=ghcr.io/siderolabs/kubelet\n"
    base = f"talosVersion: v1.14.0\n{hint}kubernetesVersion: v1.33.1\n"
    assert opened(base, TALOS, base.replace("v1.33.1", "v1.34.0")).warnings == ()
