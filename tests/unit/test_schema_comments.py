"""Schema comments in every shape that the usual hosts have."""

import pytest

from app.domain.manifests import parse_manifests
from app.domain.model import Gvk
from app.domain.schema_comments import comments_of_documents, list_schema_comments

OCI = Gvk("source.toolkit.fluxcd.io", "OCIRepository", "v1beta2")
RELEASE = Gvk("helm.toolkit.fluxcd.io", "HelmRelease", "v2beta2")
SECRET = Gvk("external-secrets.io", "ExternalSecret", "v1beta1")
KUSTOMIZATION = Gvk("kustomize.toolkit.fluxcd.io", "Kustomization", "v1")
MAP = Gvk("", "ConfigMap", "v1")
BY_GROUP = "source.toolkit.fluxcd.io/ocirepository_"
FLUX2 = "https://raw.githubusercontent.com/fluxcd-community/flux2-schemas/main/"


@pytest.mark.parametrize(
    ("before", "gvk", "after"),
    [
        (f"https://k8s-schemas.home-operations.com/{BY_GROUP}v1beta2.json", OCI, "v1"),
        (f"https://kubernetes-schemas.pages.dev/{BY_GROUP}v1beta2.json", OCI, "v1"),
        (f"https://datreeio.github.io/CRDs-catalog/{BY_GROUP}v1beta2.json", OCI, "v1"),
        (f"https://raw.githubusercontent.com/datreeio/CRDs-catalog/main/{BY_GROUP}v1beta2.json", OCI, "v1"),
        (f"https://raw.githubusercontent.com/datreeio/CRDs-catalog/refs/heads/main/{BY_GROUP}v1beta2.json", OCI, "v1"),
        (f"https://github.com/datreeio/CRDs-catalog/raw/main/{BY_GROUP}v1beta2.json", OCI, "v1"),
        (f"https://k8s-schemas.bjw-s.dev/{BY_GROUP}v1beta2.json", OCI, "v1"),
        (f"https://kube-schemas.pages.dev/{BY_GROUP}v1beta2.json", OCI, "v1"),
        (f"https://crds.jank.ing/{BY_GROUP}v1beta2.json", OCI, "v1"),
        (f"https://kubernetes-schemas.devbu.io/{BY_GROUP}v1beta2.json", OCI, "v1"),
        (f"https://k8s-schemas.m00nlit.dev/{BY_GROUP}v1beta2.json", OCI, "v1"),
        (f"https://schemas.fluxoperator.dev/catalog/{BY_GROUP}v1beta2.json", OCI, "v1"),
        (f"https://schemas.fluxoperator.dev/catalog/versions/flux/v2.8/{BY_GROUP}v1beta2.json", OCI, "v1"),
        (f"{FLUX2}ocirepository-source-v1beta2.json", OCI, "v1"),
        ("https://flux.jank.ing/ocirepository-source-v1beta2.json?test", OCI, "v1"),
        (f"{FLUX2}helmrelease-helm-v2beta2.json", RELEASE, "v2"),
        (
            (
                "https://raw.githubusercontent.com/bjw-s/helm-charts/main/charts/other/app-template/schemas/"
                "helmrelease-helm-v2beta2.schema.json"
            ),
            RELEASE,
            "v2",
        ),
        (
            (
                "https://raw.githubusercontent.com/bjw-s-labs/helm-charts/app-template-4.6.2/charts/other/app-template/"
                "schemas/helmrelease-helm-v2beta2.schema.json"
            ),
            RELEASE,
            "v2",
        ),
        ("https://kubernetes-schemas.pages.dev/external-secrets.io/externalsecret_v1beta1.json", SECRET, "v1"),
        ("../../.schemas/external-secrets.io/externalsecret_v1beta1.json", SECRET, "v1"),
        ("https://k8s-schemas.home-operations.com/core/configmap_v1.json", MAP, "v2"),
        (
            (
                "https://raw.githubusercontent.com/yannh/kubernetes-json-schema/master/v1.31.0-standalone-strict/"
                "configmap-v1.json"
            ),
            MAP,
            "v2",
        ),
    ],
)
@pytest.mark.parametrize(
    "comment", ["# yaml-language-server: $schema=", "#yaml-language-server: $schema=", "  # $schema: ", "# $schema="]
)
@pytest.mark.parametrize("end", ["", "\r", "  "])
def test_the_version_of_every_shape_is_found_and_nothing_else_is_touched(
    before: str, gvk: Gvk, after: str, comment: str, end: str
) -> None:
    line = f"{comment}{before}{end}"
    (found,) = list_schema_comments(f"{line}\n", 7)
    assert (found.line, found.version, found.is_for(gvk)) == (7, gvk.version, True)
    head, _, tail = line.rpartition(gvk.version)
    assert found.moved(line, after) == f"{head}{after}{tail}"
    assert line[found.column - 1 :].startswith(gvk.version)


@pytest.mark.parametrize(
    "url",
    [
        "https://json.schemastore.org/kustomization",
        "https://json.schemastore.org/kustomization.json",
        "https://taskfile.dev/schema.json",
        (
            "https://raw.githubusercontent.com/controlplaneio-fluxcd/flux-operator/main/config/crd/bases/"
            "fluxcd.controlplane.io_fluxinstances.yaml"
        ),
        "https://raw.githubusercontent.com/budimanjojo/talhelper/master/pkg/config/schemas/talconfig.json",
    ],
)
def test_a_schema_without_an_api_version_says_nothing(url: str) -> None:
    assert list(list_schema_comments(f"# yaml-language-server: $schema={url}\n")) == []


@pytest.mark.parametrize(
    ("url", "gvk"),
    [
        # Two APIs have a kind Kustomization, and many groups have a kind Cluster.
        ("https://x.dev/kustomize.config.k8s.io/kustomization_v1beta1.json", KUSTOMIZATION),
        (f"{FLUX2}kustomization-kustomize-v1beta2.json", Gvk("kustomize.config.k8s.io", "Component", "v1alpha1")),
        (f"https://x.dev/{BY_GROUP}v1beta2.json", RELEASE),
        ("https://x.dev/schemas/ocirepository_v1beta2.json", OCI),
        (f"{FLUX2}ocirepository-helm-v1beta2.json", OCI),
        ("https://x.dev/ocirepository-v1beta2.json", OCI),
    ],
)  # fmt: skip
def test_a_comment_of_another_kind_is_not_the_documents(url: str, gvk: Gvk) -> None:
    (found,) = list_schema_comments(f"# yaml-language-server: $schema={url}\n")
    assert not found.is_for(gvk)


def test_text_that_only_looks_like_a_comment_is_left() -> None:
    url = f"https://x.dev/{BY_GROUP}v1beta2.json"
    assert list(list_schema_comments(f"key: value # $schema={url}\n- $schema={url}\n")) == []


_COMMENT = f"# yaml-language-server: $schema=https://x.dev/{BY_GROUP}v1beta2.json\n"
_DOCUMENT = "apiVersion: source.toolkit.fluxcd.io/v1beta2\nkind: OCIRepository\n"
_OTHER = "apiVersion: v1\nkind: ConfigMap\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"---\n{_COMMENT}{_DOCUMENT}", [2]),
        (f"{_COMMENT}---\n{_DOCUMENT}", [1]),
        (f"# mine\n{_COMMENT}\n---\n{_DOCUMENT}", [2]),
        (f"{_DOCUMENT}{_COMMENT}", [3]),
        (f"{_OTHER}---\n{_COMMENT}{_DOCUMENT}---\n{_COMMENT}{_DOCUMENT}", [4, 8]),
        (f"{_COMMENT}{_OTHER}---\n{_DOCUMENT}", []),
        (f"{_COMMENT}values: 1\n---\n{_DOCUMENT}", []),
        (f"{_COMMENT}", []),
    ],
)
def test_a_comment_belongs_to_its_document(text: str, lines: list[int]) -> None:
    assert [comment.line for _, comment in comments_of_documents(parse_manifests(text))] == lines
