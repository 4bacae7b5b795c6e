"""Every form in which a repository writes down what its cluster runs, and what writes down nothing."""

import pytest

from app.catalogue import load_catalogue
from app.domain.declarations import Declared, declare
from app.domain.model import SourceFile, State
from app.domain.version_marks import read_marks
from tests.support.flux_repository import FluxRepository, chart, instance, manifest, operator
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


GOTK_LABELS = """---
apiVersion: v1
kind: Namespace
metadata:
  labels:
    app.kubernetes.io/part-of: flux
    app.kubernetes.io/version: v2.3.0
"""
CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata:
  name: flux-values
data:
  values.yaml: |
    instance:
      distribution:
        version: 2.7.1
"""
HELM_CHARTS = """helmCharts:
  - name: flux2
    repo: https://fluxcd-community.github.io/helm-charts
    version: 2.16.0
"""
HELM_CHART = """apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata:
  name: flux
spec:
  chart: flux2
  version: 2.16.0
"""
GIT_REPOSITORY = """apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux2
spec:
  url: https://github.com/{}.git
  ref:
    tag: v2.6.4
"""
TERRAFORM_INSTANCE = """resource "helm_release" "flux" {
  chart = "oci://x/charts/flux-instance"
  values = [yamlencode({
    instance = {
      distribution = {
        registry = "ghcr.io/fluxcd"
        version = "2.6.1"
      }
    }
  })]
}
"""
TERRAFORM_SET = """resource "helm_release" "flux" {
  chart   = "flux-instance"
  version = "0.22.0"
  set {
    name  = "instance.distribution.version"
    value = "2.6.1"
  }
}
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
        (
            "apps/kustomization.yaml",
            (
                "resources:\n# - github.com/fluxcd/flux2/manifests/install?ref=v2.5.0\n"
                "  - https://github.com/fluxcd/flux2/releases/download/v2.6.4/install.yaml\n"
            ),
            "2.6.4",
            3,
        ),
        # The enterprise distribution has upstream's numbers.
        (
            "apps/flux.yaml",
            instance("2.6.4").replace("    version", "    registry: ghcr.io/controlplaneio-fluxcd/alpine\n    version"),
            "2.6.4",
            9,
        ),
        # Any name, as long as the header is there; and without one the labels tell.
        ("clusters/a/flux.yaml", "---\n# Flux Version: v2.4.0\n# Components: a\n---\nkind: X\n", "2.4.0", 2),
        ("clusters/a/gotk-components.yml", GOTK_LABELS, "2.3.0", 7),
        ("clusters/a/gotk-components.yaml", GOTK_LABELS.replace("\n", "\r\n"), "2.3.0", 7),
        ("apps/flux/values.yaml", CONFIG_MAP, "2.7.1", 9),
        ("apps/flux/kustomization.yaml", HELM_CHARTS, "2.6.1", 4),
        ("apps/flux/chart.yaml", HELM_CHART, "2.6.1", 7),
        ("flux.tf", TERRAFORM_INSTANCE, "2.6.1", 7),
        ("flux.tf", TERRAFORM_SET, "2.6.1", 6),
        ("apps/flux.yaml.j2", "#% if flux %#\n" + instance("2.9.4") + "#% endif %#\n", "2.9.4", 9),
        ("apps/flux.yaml", "{{- if .x }}\n" + instance("2.9.4") + "{{- end }}\n", "2.9.4", 9),
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
        ("apps/dashboards.yaml", GIT_REPOSITORY.format("fluxcd/flux2")),
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
        # No operator in Git: any release that the range allows may run, so only what all of them serve is known.
        ({"a.yaml": instance("2.x")}, "2.x", "2.2.3", "2.9.4"),
        ({"a.yaml": instance('"2.6.x"')}, "2.6.x", "2.6.0", "2.6.4"),
        # Masterminds: comma and space are AND, || is OR, ~ and ^ and hyphens as there.
        ({"a.yaml": instance('">=2.5, <2.7"'), "b.yaml": operator("0.30.0")}, "2.6.4", "2.6.4", "2.6.4"),
        ({"a.yaml": instance('">=2.5 <2.7"'), "b.yaml": operator("0.22.0")}, "2.6.1", "2.6.1", "2.6.1"),
        ({"a.yaml": instance('"~2.5.0 || ~2.6.0"'), "b.yaml": operator("0.22.0")}, "2.6.1", "2.6.1", "2.6.1"),
        ({"a.yaml": instance('"^2.6"'), "b.yaml": operator("0.22.0")}, "2.6.1", "2.6.1", "2.6.1"),
        ({"a.yaml": instance('"2.4 - 2.5"'), "b.yaml": operator("0.30.0")}, "2.5.1", "2.5.1", "2.5.1"),
        ({"a.yaml": instance('"*"'), "b.yaml": operator("0.16.0")}, "2.5.1", "2.5.1", "2.5.1"),
        # A range beside a pinned artifact, whatever its spelling; a tag counts beside its digest.
        (
            {"a.yaml": instance('"2.*"', artifact="oci://x/flux-operator-manifests:v0.58.1@sha256:00")},
            "2.9.4",
            "2.9.4",
            "2.9.4",
        ),
        # Content of which nobody knows what it is.
        ({"a.yaml": instance("2.x", artifact="oci://x/flux-operator-manifests@sha256:00")}, "2.x", None, None),
        ({"a.yaml": instance("2.x", artifact="oci://x/flux-operator-manifests:latest@sha256:00")}, "2.x", None, None),
        ({"a.yaml": instance("2.x", artifact="oci://x/our-flux:v1.0.0")}, "2.x", None, None),
        # A template decides.
        ({"a.yaml": instance("${FLUX_VERSION}")}, "${FLUX_VERSION}", None, None),
        ({"a.yaml": instance("${FLUX_VERSION:=2.6.1}")}, "${FLUX_VERSION:=2.6.1}", None, None),
        ({"a.yaml.j2": instance("#{ flux_version }#")}, "#{ flux_version }#", None, None),
        ({"a.yaml": instance("{{ .version }}")}, "(template)", None, None),
        # Ranges of other forms: between the lowest and the highest release that is known.
        ({"a.yaml": MANIFESTS.replace("tag: v2.8.8", 'semver: "2.8.x"')}, "2.8.x", "2.8.0", "2.8.8"),
        ({"a.yaml": chart("flux2", "2.16.x").replace("tag:", "semver:")}, "2.16.x", "2.6.1", "2.6.4"),
        ({"a.yaml": MANIFESTS.replace("tag: v2.8.8", "digest: sha256:00")}, "", None, None),
    ],
)
def test_ranges_mean_what_can_be_known(files: dict[str, str], shown: str, low: str | None, high: str | None) -> None:
    found = declared(files)
    if not shown:
        assert found is None
        return
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
        ("apps/gw.yaml", GIT_REPOSITORY.format("kubernetes-sigs/gateway-api"), "gateway-api", "2.6.4"),
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


BASE_INSTANCE = "clusters/base/flux.yaml"
OVERLAY = "clusters/a/kustomization.yaml"


@pytest.mark.parametrize(
    ("patch", "version", "line"),
    [
        # Strategic merge, inside of the kustomization file.
        (
            (
                "patches:\n  - patch: |-\n      apiVersion: fluxcd.controlplane.io/v1\n      kind: FluxInstance\n"
                "      metadata:\n        name: flux\n      spec:\n        distribution:\n          version: 2.6.1\n"
            ),
            "2.6.1",
            9,
        ),
        # JSON 6902.
        (
            (
                "patches:\n  - target:\n      kind: FluxInstance\n    patch: |\n      - op: replace\n"
                "        path: /spec/distribution/version\n        value: 2.6.1\n"
            ),
            "2.6.1",
            7,
        ),
        # It changes something else.
        (
            (
                "patches:\n  - patch: |-\n      apiVersion: fluxcd.controlplane.io/v1\n      kind: FluxInstance\n"
                "      metadata: {name: flux}\n      spec:\n        sync: {path: x}\n"
            ),
            "2.5.1",
            8,
        ),
    ],
)
def test_a_patch_of_a_flux_instance_decides(patch: str, version: str, line: int) -> None:
    found = declared({BASE_INSTANCE: instance("2.5.1"), OVERLAY: "resources:\n  - ../base\n" + patch})
    assert found is not None
    line += 2 if version == "2.6.1" else 0
    assert (found.shown, found.declaration.source.line) == (version, line)


def test_a_patch_file_that_names_no_version_leaves_the_version_alone() -> None:
    """Taken for an instance of its own it would mean the operator's default range."""
    catalogue = load_catalogue()
    overlay = "clusters/a/patch.yaml"
    text = instance("2.5.1").replace("  distribution:\n    version: 2.5.1\n", "  components: [source-controller]\n")
    files = [source_file(BASE_INSTANCE, instance("2.5.1")), source_file(overlay, text)]
    marks = [mark for file in files for mark in read_marks(file, catalogue)]
    found = declare(marks, lambda _: ["a"], catalogue, is_patch=lambda path: path == overlay)["flux", "a"]
    assert (found.shown, found.mark and found.mark.components) == ("2.5.1", ("source-controller",))


def test_components_are_those_of_the_chart_values_that_name_no_version() -> None:
    values = "instance:\n  components:\n    - source-controller\n    - kustomize-controller\n"
    found = declared({"a.yaml": chart("flux-instance", "0.30.0"), "b.yaml": operator("0.30.0"), "values.yaml": values})
    assert found is not None
    assert found.mark is not None
    assert (found.shown, found.mark.components) == ("2.x", ("source-controller", "kustomize-controller"))


def test_a_patch_can_take_a_crd_away() -> None:
    patch = (
        "resources: [gotk-components.yaml]\npatches:\n  - patch: |\n      $patch: delete\n"
        "      apiVersion: apiextensions.k8s.io/v1\n      kind: CustomResourceDefinition\n"
        "      metadata:\n        name: imagepolicies.image.toolkit.fluxcd.io\n"
    )
    found = declared({"a/gotk-components.yaml": GOTK_LABELS, "a/kustomization.yaml": patch})
    assert found is not None
    assert found.without == {"imagepolicies.image.toolkit.fluxcd.io"}


def test_a_document_that_should_say_it_and_cannot_be_read_is_marked() -> None:
    marks = read_marks(source_file("a.yaml", instance("2.5.1") + "  x: [\n"), load_catalogue())
    assert [(mark.kind.value, mark.source.line) for mark in marks] == [("unread", 13)]


def test_an_api_whose_crd_is_patched_away_is_not_known_to_be_served() -> None:
    repo = FluxRepository(
        {
            "clusters/main/flux-system/gotk-components.yaml": "# Flux Version: v2.6.1\n",
            "clusters/main/flux-system/kustomization.yaml": (
                "resources: [gotk-components.yaml]\npatches:\n  - target:\n      kind: CustomResourceDefinition\n"
                "      name: imagepolicies.image.toolkit.fluxcd.io\n    patch: |\n      $patch: delete\n"
                "      kind: CustomResourceDefinition\n      metadata: {name: any}\n"
            ),
        }
    )
    repo.opens(5, {"apps/a/policy.yaml": manifest("image.toolkit.fluxcd.io/v1beta2", "ImagePolicy")})
    planned = repo.plans().of(5)
    assert (planned.state, planned.reason) == (
        State.UNKNOWN,
        (
            "Unknown: #5 needs ImagePolicy `image.toolkit.fluxcd.io/v1beta2`, and it is not known whether cluster main "
            "serves it: clusters/main/flux-system/gotk-components.yaml:1 installs Flux without the CRD of ImagePolicy."
        ),
    )


def test_values_and_chart_may_stand_in_different_files_and_namespaces() -> None:
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: flux, namespace: a}\nspec:\n"
        "  chartRef: {kind: OCIRepository, name: flux, namespace: b}\n"
    )
    found = declared({"a/release.yaml": release, "b/source.yaml": chart("flux2", "2.16.0")})
    assert found is not None
    assert (found.shown, found.declaration.source.file) == ("2.6.1", "b/source.yaml")
