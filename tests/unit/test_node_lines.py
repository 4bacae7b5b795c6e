"""Where repositories write which Talos and which Kubernetes their nodes run, and where they do not."""

import pytest

from app.domain.files import is_readable
from app.domain.model import EdgeKind, Strength
from app.domain.node_lines import read_node_lines
from tests.support.flux_repository import FluxRepository

KUBELET, INSTALLER = "ghcr.io/siderolabs/kubelet", "ghcr.io/siderolabs/installer"
TUPPR = "tuppr.home-operations.com/v1alpha1"
SCHEMATIC = "factory.talos.dev/metal-installer/cc720ffb8efc8f12637b8660a86448a88b3f89f516995fb9c67bf80564e723b1"
PLAN = """apiVersion: upgrade.cattle.io/v1
kind: Plan
metadata:
  name: {name}
spec:
  version: {version}
  upgrade:
    image: {image}
    args: [{args}]
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("talosVersion: v1.10.3\nkubernetesVersion: v1.33.1\n", ["talos v1.10.3", "kubernetes v1.33.1"]),
        ("TALOS_VERSION=v1.9.1\nexport KUBERNETES_VERSION=v1.32.0\n", ["talos v1.9.1", "kubernetes v1.32.0"]),
        ('[env]\nTALOS_VERSION = "1.10.3"\nKUBERNETES_VERSION = "1.33.1" # x\n', ["talos 1.10.3", "kubernetes 1.33.1"]),
        ('  talos_version = "v1.11.5" # renovate: depName=siderolabs/talos\n', ["talos v1.11.5"]),
        ('  kubernetes_version = "1.35.0",\n', ["kubernetes 1.35.0"]),
        (f"machine:\n  install:\n    image: {SCHEMATIC}:v1.12.1\n", ["talos v1.12.1"]),
        ("    image: factory.talos.dev/metal-installer/{{ ENV.SCHEMATIC }}:v1.13.2\n", ["talos v1.13.2"]),
        ("    image: factory.talos.dev/installer/${SCHEMATIC}:v1.13.2\n", ["talos v1.13.2"]),
        ("    image: ghcr.io/siderolabs/kubelet:v1.36.3\n", ["kubernetes v1.36.3"]),
        ("machine:\n  install:\n    image: ghcr.io/example/installer:v1.7.0\n", ["talos v1.7.0"]),
        # A comment tells what the key does not.
        (f"# renovate: datasource=docker depName={KUBELET}\nKUBE_VERSION: v1.29.2\n", ["kubernetes v1.29.2"]),
        (f"# renovate: depName={INSTALLER} datasource=docker\nSYSTEM_VERSION: v1.6.4\n", ["talos v1.6.4"]),
        ("# renovate: depName=siderolabs/talos datasource=custom.talos-factory\nversion: v1.13.7\n", ["talos v1.13.7"]),
        ("# renovate: depName=kubernetes/kubernetes\nkubernetesVersion: 1.29.1\n", ["kubernetes 1.29.1"]),
        # Tools are no clusters.
        ('"aqua:siderolabs/talos" = "1.10.4"\ntalosctl = "1.13.6"\n', []),
        ('"aqua:kubernetes/kubernetes/kubectl" = "1.35.0"\n', []),
        ("# renovate: depName=ghcr.io/siderolabs/installer\nimage: ghcr.io/siderolabs/talosctl:v1.10.2\n", []),
        ("# renovate: depName=kubernetes/kubernetes\nKUBECTL_VERSION=v1.33.1\n", []),
        ('initial_talos_version = "1.12.2"\n# talosVersion: v1.2.3\n', []),
        ("image: example/installer:v1.2.3\n", []),
        ("version: ${TALOS_VERSION}\ntalosVersion: v1.10\n", []),
    ],
)  # fmt: skip
def test_lines(text: str, found: list[str]) -> None:
    assert [f"{line.provider} {line.version}" for line in read_node_lines(text)] == found


@pytest.mark.parametrize(
    ("path", "talos", "kubernetes"),
    [
        ("talos/talenv.yaml", "talosVersion: {}", "kubernetesVersion: {}"),
        ("kubernetes/bootstrap/talos/talconfig.yaml", "talosVersion: {}", "kubernetesVersion: {}"),
        ("setup/talos/talconfig.yaml.j2", "talosVersion: {}", "kubernetesVersion: {}"),
        ("kubernetes/bootstrap/.cluster.env", "TALOS_VERSION={}", "KUBERNETES_VERSION={}"),
        (".mise.toml", 'TALOS_VERSION = "{}"', 'KUBERNETES_VERSION = "{}"'),
        ("talos/main.tf", '  talos_version = "{}"', '  kubernetes_version = "{}"'),
        ("talos/machineconfig.yaml.j2", f"machine:\n  image: {SCHEMATIC}:{{}}", "  k: ghcr.io/siderolabs/kubelet:{}"),
        (
            "apps/a/upgrades.yaml",
            f"apiVersion: {TUPPR}\nkind: TalosUpgrade\nspec:\n  talos:\n    version: {{}}\n---",
            f"apiVersion: {TUPPR}\nkind: KubernetesUpgrade\nspec:\n  kubernetes:\n    version: {{}}",
        ),
        (
            "apps/a/plans.yaml",
            PLAN.format(name="a", version="{}", image="ghcr.io/siderolabs/talosctl:v1.9.0", args="upgrade") + "---",
            PLAN.format(name="b", version="{}", image="ghcr.io/siderolabs/talosctl:v1.9.0", args="upgrade-k8s"),
        ),
    ],
)  # fmt: skip
def test_kubernetes_waits_for_talos_in_every_shape(path: str, talos: str, kubernetes: str) -> None:
    def text(talos_version: str, kubernetes_version: str) -> str:
        return f"{talos.format(talos_version)}\n{kubernetes.format(kubernetes_version)}\n"

    assert is_readable(path)
    repository = FluxRepository({path: text("v1.10.3", "v1.33.1")})
    repository.opens(1, {path: text("v1.10.3", "v1.34.0")})
    repository.opens(2, {path: text("v1.11.0", "v1.33.1")})
    edges = [edge for edge in repository.plans().edges if edge.kind is EdgeKind.PAIR]
    assert [(edge.from_, edge.to, edge.strength) for edge in edges] == [(1, 2, Strength.HARD)]
    assert "needs Talos >= 1.11" in edges[0].reason


def test_k3s_is_upgraded_by_a_plan_too() -> None:
    def plan(version: str) -> str:
        return PLAN.format(name="server", version=version, image="rancher/k3s-upgrade", args="")

    repository = FluxRepository({"apps/a/plan.yaml": plan("v1.30.4+k3s1")})
    repository.opens(1, {"apps/a/plan.yaml": plan("v1.31.0+k3s1")})
    assert [(c.provider, c.to) for c in repository.plans().of(1).provides] == [("kubernetes", "1.31.0+k3s1")]


def test_a_plan_of_anything_else_says_nothing() -> None:
    text = PLAN.format(name="kernel", version="v1.2.3", image="example/kernel", args="")
    repository = FluxRepository({"apps/a/plan.yaml": text})
    repository.opens(1, {"apps/a/plan.yaml": text.replace("1.2.3", "1.3.0")})
    assert repository.plans().of(1).provides == ()
