"""Every form in which a repository writes down what its cluster runs, and what writes down nothing."""

import pytest

from app.catalogue import load_catalogue
from app.domain.declarations import Declared, declare
from app.domain.model import SourceFile
from app.domain.version_marks import read_marks
from tests.support.flux_repository import chart, instance, operator
from tests.support.story_repository import source_file

HELM_RELEASE = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: {name}
spec:
  chart:
    spec:
      chart: {chart}
      version: {version}
"""
INLINE = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: flux-instance
spec:
  chartRef: {kind: OCIRepository, name: flux-instance}
  values:
    instance:
      distribution:
        version: 2.9.4
"""
MANIFESTS = """apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: flux-manifests
spec:
  url: oci://ghcr.io/fluxcd/flux-manifests
  ref:
    tag: v2.8.8 # renovate
"""


def declared(files: dict[str, str], provider: str = "flux") -> Declared | None:
    catalogue = load_catalogue()
    sources: list[SourceFile] = [source_file(path, text) for path, text in files.items()]
    marks = [mark for file in sources for mark in read_marks(file, catalogue)]
    return declare(marks, lambda _: ["main"], catalogue).get((provider, "main"))


@pytest.mark.parametrize(
    ("path", "text", "version", "line"),
    [
        ("apps/flux.yaml", instance("2.9.4"), "2.9.4", 8),
        ("apps/flux.yaml.j2", instance('"2.9.4"').replace("name: flux", "name: '#{ x }#'"), "2.9.4", 8),
        ("apps/values.yaml", "---\ninstance:\n  distribution:\n    version: 2.5.1\n", "2.5.1", 4),
        ("apps/flux.yaml", INLINE, "2.9.4", 10),
        (
            "clusters/a/gotk-components.yaml",
            "---\n# This manifest\n# Flux Version: v2.4.0\n# Components: a,b\n",
            "2.4.0",
            3,
        ),
        ("apps/flux.yaml", MANIFESTS, "2.8.8", 8),
        ("apps/flux.yaml", HELM_RELEASE.format(name="flux", chart="flux2", version="2.16.0"), "2.6.1", 9),
        ("apps/flux.yaml", chart("flux2", "2.15.0"), "2.5.1", 8),
        (
            "bootstrap.tf",
            'resource "flux_bootstrap_git" "this" {\n  path    = "clusters/a"\n  version = "v2.7.0"\n}\n',
            "2.7.0",
            3,
        ),
        (
            "flux.tf",
            'resource "helm_release" "x" {\n  chart = "flux2"\n  version = "2.16.4"\n}\n',
            "2.6.4",
            3,
        ),
        (
            "apps/kustomization.yaml",
            "resources:\n  - github.com/fluxcd/flux2/manifests/install?ref=v2.6.4\n",
            "2.6.4",
            2,
        ),
    ],
)
def test_forms_that_declare_flux(path: str, text: str, version: str, line: int) -> None:
    found = declared({path: text})
    assert found is not None
    assert (found.shown, found.declaration.source.line, found.declaration.live) == (version, line, True)
    assert version in found.declaration.source.text or found.how


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".mise.toml", '[tools]\n"aqua:fluxcd/flux2" = "2.6.1"\n'),
        (".github/workflows/e2e.yaml", "      - uses: fluxcd/flux2/action@v2.6.1\n"),
        ("Taskfile.yaml", "  FLUX_VERSION: 2.6.1 # fluxcd/flux2\n"),
        ("apps/job.yaml", "apiVersion: v1\nkind: Pod\nspec:\n  image: ghcr.io/fluxcd/flux-cli:v2.6.1\n"),
        ("apps/notes.yaml", "# see https://github.com/fluxcd/flux2/releases/tag/v2.6.1\n"),
    ],
)
def test_a_tool_declares_nothing(path: str, text: str) -> None:
    assert declared({path: text}) is None


@pytest.mark.parametrize(
    ("files", "shown", "low", "high"),
    [
        # Range and pinned artifact.
        ({"a.yaml": instance("2.x", artifact="oci://x/flux-operator-manifests:v0.58.1")}, "2.9.4", "2.9.4", "2.9.4"),
        # Range in the operator's image.
        ({"a.yaml": instance("2.6.x"), "b.yaml": operator("0.22.0")}, "2.6.1", "2.6.1", "2.6.1"),
        # Floating.
        (
            {
                "a.yaml": instance("2.x", artifact="oci://x/flux-operator-manifests:latest"),
                "b.yaml": operator("0.20.0"),
            },
            "2.x",
            "2.5.1",
            "2.9.4",
        ),
        # From operator 0.54.0 on only the minors in its image, so it cannot float past them.
        ({"a.yaml": instance("2.x"), "b.yaml": operator("0.54.0")}, "2.9.1", "2.9.1", "2.9.1"),
        # Nothing but charts: the default range of the flux-instance chart.
        ({"a.yaml": chart("flux-instance", "0.30.0"), "b.yaml": operator("0.30.0")}, "2.x", "2.7.0", "2.9.4"),
        # No operator, no knowledge.
        ({"a.yaml": instance("2.x")}, "2.x", None, None),
    ],
)
def test_ranges_mean_what_can_be_known(files: dict[str, str], shown: str, low: str | None, high: str | None) -> None:
    found = declared(files)
    assert found is not None
    releases = tuple(
        release and str(release).removeprefix("v") for release in (found.releases.low, found.releases.high)
    )
    assert (found.shown, *releases) == (shown, low, high)


def test_a_helmfile_only_installs_anew() -> None:
    helmfile = "releases:\n  - name: flux-operator\n    chart: oci://x/charts/flux-operator\n    version: 0.22.0\n"
    alone = declared({"bootstrap/helmfile.yaml": helmfile}, "flux-operator")
    assert alone is not None
    assert not alone.declaration.live
    both = declared({"bootstrap/helmfile.yaml": helmfile, "apps/b.yaml": operator("0.20.0")}, "flux-operator")
    assert both is not None
    assert (both.shown, both.declaration.live) == ("0.20.0", True)


def test_a_remote_base_beside_a_live_form_is_history() -> None:
    base = "resources:\n  - github.com/fluxcd/flux2/manifests/install?ref=v2.6.4\n"
    found = declared({"a/kustomization.yaml": base, "b.yaml": MANIFESTS})
    assert found is not None
    assert found.shown == "2.8.8"


def test_of_two_live_ones_the_lowest_counts() -> None:
    found = declared({"a.yaml": instance("2.6.1"), "b.yaml": MANIFESTS})
    assert found is not None
    assert found.shown == "2.6.1"


@pytest.mark.parametrize(
    ("path", "text", "provider", "version"),
    [
        ("talos/talenv.yaml", "talosVersion: v1.10.3\n", "talos", "1.10.3"),
        ("talos/talconfig.yaml", 'kubernetesVersion: "v1.33.1"\n', "kubernetes", "1.33.1"),
        ("talos/talos.env", "KUBERNETES_VERSION=v1.33.1\n", "kubernetes", "1.33.1"),
        ("talos/machine.yaml.j2", "    image: factory.talos.dev/installer/4a0d65c6:v1.11.0\n", "talos", "1.11.0"),
        ("talos/machine.yaml", "    image: ghcr.io/siderolabs/kubelet:v1.34.0\n", "kubernetes", "1.34.0"),
        (
            "apps/tuppr.yaml",
            "apiVersion: tuppr.home-operations.com/v1\nkind: TalosUpgrade\nspec:\n  talos:\n    version: v1.11.1\n",
            "talos",
            "1.11.1",
        ),
        ("apps/eso.yaml", chart("external-secrets", "0.16.2"), "external-secrets", "0.16.2"),
        (
            "apps/gw/kustomization.yaml",
            "resources:\n  - https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.3.0/install.yaml\n",
            "gateway-api",
            "1.3.0",
        ),
    ],
)
def test_other_providers(path: str, text: str, provider: str, version: str) -> None:
    found = declared({path: text}, provider)
    assert found is not None
    assert found.shown == version
