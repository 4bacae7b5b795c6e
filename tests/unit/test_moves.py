"""What moves in a diff, and by which name: one row for each way in which manifests write it."""

import pytest

from app.domain.diff import parse_patch
from app.domain.moves import Move, read_moves
from app.domain.references import ReferenceKind

SHA1, SHA2 = "8e5e7e5ab8b370d6c329ec480221332ada57f0ab", "704facf57e6136b1bc63b828d79edcd491f0ee84"


def moves_of(lines: str, path: str = "kubernetes/apps/default/x/app/helmrelease.yaml") -> tuple[Move, ...]:
    """The moves of a hunk written as it stands in a diff."""
    body = lines.strip("\n").split("\n")
    old = sum(not line.startswith("+") for line in body)
    new = sum(not line.startswith("-") for line in body)
    text = "\n".join(body)
    return read_moves(
        parse_patch(f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@\n{text}")
    )


@pytest.mark.parametrize(
    ("lines", "name", "from_", "to", "datasource"),
    [
        (
            "   image:\n     repository: ghcr.io/x/y\n-    tag: 1.0.0\n+    tag: 1.1.0\n     pullPolicy: Always",
            "ghcr.io/x/y",
            "1.0.0",
            "1.1.0",
            "docker",
        ),
        (
            "   ref:\n-    tag: v2.1.0\n+    tag: v2.1.1\n   url: oci://ghcr.io/fluxcd/flux-manifests",
            "ghcr.io/fluxcd/flux-manifests",
            "v2.1.0",
            "v2.1.1",
            "docker",
        ),
        (
            "       chart: cilium\n-      version: 1.17.3\n+      version: 1.17.4\n       sourceRef:",
            "cilium",
            "1.17.3",
            "1.17.4",
            "helm",
        ),
        (
            "   - name: a\n     chart: oci://ghcr.io/x/a\n-    version: 1.0.0\n+    version: 1.1.0\n   - name: b",
            "ghcr.io/x/a",
            "1.0.0",
            "1.1.0",
            "docker",
        ),
        ("-        image: busybox:1.37.0\n+        image: busybox:1.38.0", "busybox", "1.37.0", "1.38.0", "docker"),
        (
            f"-      - uses: a/b@{SHA1} # v3.4.0\n+      - uses: a/b@{SHA2} # v3.5.0",
            "a/b",
            "v3.4.0",
            "v3.5.0",
            "github-tags",
        ),
        (
            f"-      - uses: a/b/sub@{SHA1} # main\n+      - uses: a/b/sub@{SHA2} # main",
            "a/b",
            "8e5e7e5",
            "704facf",
            "github-tags",
        ),
        (
            f"-      - uses: a/b@{SHA1} # renovate: tag=v1.1\n+      - uses: a/b@{SHA2} # renovate: tag=v1.2",
            "a/b",
            "v1.1",
            "v1.2",
            "github-tags",
        ),
        (f"-      - uses: a/b@v3\n+      - uses: a/b@{SHA2} # v3", "a/b", None, "704facf", "github-tags"),
        (f"-      - uses: a/b@{SHA1}\n+      - uses: a/b@{SHA2} # v3", "a/b", "8e5e7e5", "704facf", "github-tags"),
        (
            "-      - uses: docker://ghcr.io/a/b:v1\n+      - uses: docker://ghcr.io/a/b:v2",
            "ghcr.io/a/b",
            "v1",
            "v2",
            "docker",
        ),
        (
            "   repository: ghcr.io/x/y\n-  tag: rolling@sha256:1111111aaa\n+  tag: rolling@sha256:2222222bbb",
            "ghcr.io/x/y",
            "1111111",
            "2222222",
            "docker",
        ),
        (
            "   repository: ghcr.io/x/y\n-  tag: 0.38.0\n+  tag: 0.38.0@sha256:346b56d63f87",
            "ghcr.io/x/y",
            None,
            "346b56d",
            "docker",
        ),
        (
            "   repository: ghcr.io/x/y\n-  tag: 1.0@sha256:1111111aaa\n+  tag: 1.1@sha256:2222222bbb",
            "ghcr.io/x/y",
            "1.0",
            "1.1",
            "docker",
        ),
        (
            "-apiVersion: helm.toolkit.fluxcd.io/v2beta2\n+apiVersion: helm.toolkit.fluxcd.io/v2\n kind: HelmRelease",
            "HelmRelease",
            "helm.toolkit.fluxcd.io/v2beta2",
            "helm.toolkit.fluxcd.io/v2",
            "kubernetes-api",
        ),
        (
            "-- https://raw.githubusercontent.com/a/b/v0.12.0/x\n+- https://raw.githubusercontent.com/a/b/v0.13.0/x",
            "a/b",
            "v0.12.0",
            "v0.13.0",
            "github-releases",
        ),
        (
            "-  - github.com/fluxcd/flux2/install?ref=v2.1.0\n+  - github.com/fluxcd/flux2/install?ref=v2.1.1",
            "fluxcd/flux2",
            "v2.1.0",
            "v2.1.1",
            "github-releases",
        ),
        (
            "   # renovate: datasource=docker depName=ghcr.io/a/kubelet\n-kubernetes: v1.33.0\n+kubernetes: v1.33.1",
            "ghcr.io/a/kubelet",
            "v1.33.0",
            "v1.33.1",
            "docker",
        ),
        (
            '   # renovate: depName="Node Exporter Full"\n   gnetId: 1860\n-  revision: 40\n+  revision: 41',
            "Node Exporter Full",
            "40",
            "41",
            "custom.grafana-dashboards",
        ),
        (
            "-url: https://grafana.com/api/dashboards/24457/revisions/1\n+url: https://grafana.com/api/dashboards/24457/revisions/2",
            "24457",
            "1",
            "2",
            "custom.grafana-dashboards",
        ),
        ('-"aqua:fluxcd/flux2" = "2.5.1"\n+"aqua:fluxcd/flux2" = "2.6.1"', "aqua:fluxcd/flux2", "2.5.1", "2.6.1", None),
        (
            " - repo: https://github.com/a/b\n-  rev: v0.6.2\n+  rev: v0.6.3\n   hooks:",
            "a/b",
            "v0.6.2",
            "v0.6.3",
            "github-tags",
        ),
        (
            '     cloudflare = {\n       source = "a/cloudflare"\n-      version = "4.1.0"\n+      version = "4.2.0"',
            "a/cloudflare",
            "4.1.0",
            "4.2.0",
            None,
        ),
        (
            "   - name: community.general\n-    version: 10.1.0\n+    version: 10.2.0",
            "community.general",
            "10.1.0",
            "10.2.0",
            None,
        ),
        (
            "-  image: {repository: ghcr.io/x/y, tag: 1.0.0}\n+  image: {repository: ghcr.io/x/y, tag: 1.1.0}",
            "ghcr.io/x/y",
            "1.0.0",
            "1.1.0",
            "docker",
        ),
        (
            '-  "packageManager": "pnpm@9.1.0",\n+  "packageManager": "pnpm@9.2.0",',
            "pnpm",
            "9.1.0",
            "9.2.0",
            "github-releases",
        ),
        (
            "   - name: cilium\n     repo: https://helm.cilium.io\n-    version: 1.15.2\n+    version: 1.15.3",
            "cilium",
            "1.15.2",
            "1.15.3",
            "helm",
        ),
        (
            "-FROM docker.io/alpine:3.21\n+FROM docker.io/alpine:3.22",
            "docker.io/alpine",
            "3.21",
            "3.22",
            "docker",
        ),
        ("-  tag: 2.1.1\n+  tag: 922742a2-ls4", None, "2.1.1", "922742a2-ls4", None),
    ],
)
def test_a_move(lines: str, name: str | None, from_: str | None, to: str, datasource: str | None) -> None:
    (move,) = moves_of(lines)
    assert (move.name, move.from_, move.to, move.datasource) == (name, from_, to, datasource)


def test_a_replacement_remembers_the_old_name() -> None:
    (move,) = moves_of("-  image: k8s.gcr.io/a/b:v1@sha256:1111111\n+  image: registry.k8s.io/a/b:v1@sha256:1111111")
    assert (move.replaces, move.name, move.from_, move.to) == ("k8s.gcr.io/a/b", "registry.k8s.io/a/b", "v1", "v1")


def test_a_move_knows_its_line() -> None:
    (move,) = moves_of(" a: 1\n image:\n   repository: x/y\n-  tag: 1.0\n+  tag: 1.1")
    assert (move.line, move.kind) == (4, ReferenceKind.IMAGE)


def test_lines_that_change_otherwise_are_no_moves() -> None:
    assert moves_of("-  replicas: {{ a }}\n+  replicas: {{ b }}") == ()
    assert moves_of('-checksum = "sha256:aaaaaaa"\n+checksum = "sha256:bbbbbbb"', "mise.lock") == ()


def test_unequal_blocks_are_paired_by_what_stays() -> None:
    (move,) = moves_of("-  old: true\n-  tag: 1.0.0\n+  tag: 1.1.0\n   repository: x/y")
    assert (move.from_, move.to) == ("1.0.0", "1.1.0")


def test_a_generated_file_does_not_drown_the_rest() -> None:
    old = "\n".join(f'-    "version": "1.{number}.0"' for number in range(3000))
    new = "\n".join(f'+    "version": "1.{number}.1"' for number in range(3000))
    found = moves_of(f"{old}\n{new}", "package-lock.json")
    assert len(found) == 2000
    assert (found[0].from_, found[0].to) == ("1.0.0", "1.0.1")


@pytest.mark.parametrize(
    ("lines", "origin"),
    [
        (
            (
                "       chart: x\n-      version: 1.0.0\n+      version: 1.1.0\n       sourceRef:\n"
                "         kind: HelmRepository\n         name: jetstack"
            ),
            "jetstack",
        ),
        (
            (
                "       chart: x\n-      version: 1.0.0\n+      version: 1.1.0\n"
                "       sourceRef: {kind: HelmRepository, name: jetstack}"
            ),
            "jetstack",
        ),
        ("   - name: x\n     repo: https://charts.longhorn.io\n-    version: 1.0.0\n+    version: 1.1.0", "longhorn"),
        ("       chart: x\n-      version: 1.0.0\n+      version: 1.1.0\n   values:\n     name: y", None),
    ],
)
def test_the_helm_repository_beside_a_chart(lines: str, origin: str | None) -> None:
    (move,) = moves_of(lines)
    assert move.origin == origin
