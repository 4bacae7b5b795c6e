"""The channel of a release and the values of a chart, read from the files that declare them."""

import pytest

from app.catalogue import load_catalogue
from app.domain.catalogue import Catalogue
from app.domain.declarations import Releases, declare
from app.domain.model import Answer, Gvk
from app.domain.version_marks import read_marks
from tests.support.story_repository import source_file

YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
TLS_ROUTE = Gvk("gateway.networking.k8s.io", "TLSRoute", "v1alpha2")
EXTERNAL_SECRET = Gvk("external-secrets.io", "ExternalSecret", "v1beta1")
RELEASES = "https://github.com/kubernetes-sigs/gateway-api/releases/download/v1.4.0"
RAW = "https://raw.githubusercontent.com/kubernetes-sigs/gateway-api/v1.4.0/config/crd"


def releases(files: dict[str, str], provider: str, catalogue: Catalogue) -> Releases:
    marks = [mark for path, text in files.items() for mark in read_marks(source_file(path, text), catalogue)]
    declared = declare(marks, lambda _: ["main"], catalogue)[provider, "main"]
    assert declared.declaration.version
    return declared.releases


def kustomization(*resources: str) -> str:
    listed = "".join(f"  - {one}\n" for one in resources)
    return f"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{listed}"


@pytest.mark.parametrize(
    ("resources", "answer"),
    [
        ([f"{RELEASES}/standard-install.yaml"], NO),
        ([f"{RELEASES}/experimental-install.yaml"], YES),
        (["github.com/kubernetes-sigs/gateway-api//config/crd?ref=v1.4.0"], NO),
        (["github.com/kubernetes-sigs/gateway-api/config/crd/experimental?ref=v1.4.0"], YES),
        ([f"{RAW}/standard/gateway.networking.k8s.io_gateways.yaml"], NO),
        # The usual way to have one experimental kind beside the standard set.
        (
            [f"{RELEASES}/standard-install.yaml", f"{RAW}/experimental/gateway.networking.k8s.io_tlsroutes.yaml"],
            UNKNOWN,
        ),
        (["github.com/kubernetes-sigs/gateway-api//somewhere?ref=v1.4.0"], UNKNOWN),
    ],
)
def test_the_url_tells_the_channel(resources: list[str], answer: Answer) -> None:
    catalogue = load_catalogue()
    read = releases({"apps/gateway/kustomization.yaml": kustomization(*resources)}, "gateway-api", catalogue)
    assert read.serve(catalogue, "gateway-api", TLS_ROUTE) is answer


CHART = """apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: external-secrets
spec:
  url: oci://ghcr.io/external-secrets/charts/external-secrets
  ref:
    tag: 2.0.0
"""
RELEASE = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: external-secrets
spec:
  chartRef: {kind: OCIRepository, name: external-secrets}
  values:
    crds:
      unsafeServeV1Beta1: %s
"""


@pytest.mark.parametrize(
    ("path", "text", "answer"),
    [
        ("apps/eso/helmrelease.yaml", RELEASE % "true", YES),
        ("apps/eso/helmrelease.yaml", RELEASE % "True # until August", YES),
        ("apps/eso/helmrelease.yaml", RELEASE % "false", NO),
        ("apps/eso/values.yaml", "crds:\n  unsafeServeV1Beta1: true\n", YES),
        ("apps/eso/values.yaml", "crds:\n  # unsafeServeV1Beta1: true\n", NO),
        ("apps/eso/values.yaml", "other:\n  unsafeServeV1Beta1: true\n", NO),
    ],
)
def test_a_value_of_the_chart_that_changes_what_is_served(path: str, text: str, answer: Answer) -> None:
    catalogue = load_catalogue()
    read = releases({"apps/eso/ocirepository.yaml": CHART, path: text}, "external-secrets", catalogue)
    assert read.serve(catalogue, "external-secrets", EXTERNAL_SECRET) is answer


@pytest.mark.parametrize(
    "line",
    [
        "chart: cert-manager",
        'chart: "cert-manager"',
        "chart: &chart cert-manager",
        "chart: cert-manager # renovate",
        "{chart: cert-manager, version: v1.18.2}",
    ],
)
def test_a_chart_is_found_however_its_name_is_written(line: str) -> None:
    inline = line.startswith("{")
    body = f"    spec: {line}\n" if inline else f"    spec:\n      {line}\n      version: v1.18.2\n"
    text = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: x\nspec:\n"
        f"  interval: 1h\n  chart:\n{body}"
    )
    (mark,) = read_marks(source_file("apps/x.yaml", text), load_catalogue())
    assert (mark.subject, mark.version) == ("cert-manager", "v1.18.2")
