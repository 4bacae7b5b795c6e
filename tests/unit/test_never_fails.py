"""Whatever stands in a file, reading it comes to an end and to no exception."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue import load_catalogue
from app.domain.crds import served_by_crds
from app.domain.diff import git_blob_id
from app.domain.field_uses import read_field_uses
from app.domain.layout import read_layout
from app.domain.manifests import read_manifests
from app.domain.model import SourceFile
from app.domain.scopes import read_scopes
from app.domain.version_marks import read_marks

_WORDS = """apiVersion kind metadata name : --- { } [ | *x # source.toolkit.fluxcd.io/v1 OCIRepository FluxInstance
    instance distribution version 2.x " kustomize.toolkit.fluxcd.io/v1 Kustomization spec path ./a ${X} {{ resources
    sync waitStrategy {% %} #% %# << >> ${V:=v1} patches patch |- $patch delete helmCharts GitRepository url List items
    ConfigMap data ENC[ json talosVersion v1.10.3 CustomResourceDefinition versions é"""
_PIECES = st.sampled_from([*_WORDS.split(), " ", "  ", "\n", "- ", "&x ", "\t", "\r\n", "\0", "\x85"])
_PATHS = st.sampled_from(
    [
        "a/b.yaml",
        "a/kustomization.yaml",
        "clusters/x/gotk-components.yaml",
        "x.tf",
        "talos/a.env",
        "a/c.json",
        "a/Kustomization",
        "bootstrap/helmfile.yaml.gotmpl",
        "a.yaml.j2",
    ]
)


@given(st.lists(_PIECES, max_size=60).map("".join) | st.text(max_size=200), _PATHS)
def test_any_text_is_read(text: str, path: str) -> None:
    file = SourceFile(path, git_blob_id(text), text)
    read_manifests(file)
    read_marks(file, load_catalogue())
    served_by_crds(file)
    read_field_uses(file, load_catalogue())
    read_layout(file)
    read_scopes({path: file})


_CHART = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec:\n  url: x/flux2\n---\n"


@pytest.mark.parametrize(
    ("path", "text", "uses", "marks"),
    [
        ("a/kustomization.yaml", "resources:\n  - fluxcd/flux2/" + "fluxcd/flux2/" * 40_000, 0, 0),
        ("a.tf", 'resource "helm_release" "flux2" {\n' * 15_000, 0, 0),
        ("a.yaml", "a: &a v1\n" + "x:\n  - apiVersion: *a\n    kind: Pod\n" * 15_000, 15_000, 0),
        ("a.yaml", _CHART * 4_000, 4_000, 4_000),
        ("a.yaml", "".join(" " * depth + "a:\n" for depth in range(900)) + " " * 900 + "- apiVersion: v1\n", 0, 0),
        ("a.yaml", "distribution:\n" + "[" * 100_000, 0, 0),
    ],
)
def test_hostile_text_is_read_to_its_end(path: str, text: str, uses: int, marks: int) -> None:
    """Each of these would take a reader of quadratic time minutes, and show as a test that hangs."""
    file = SourceFile(path, git_blob_id(text), text)
    read_layout(file)
    assert len(read_manifests(file).uses) == uses
    assert len(read_marks(file, load_catalogue())) == marks


def test_a_long_chain_of_kustomizations_needs_no_recursion() -> None:
    files = {f"f{n}/kustomization.yaml": f"resources:\n  - ../f{n + 1}\n" for n in range(3_000)}
    files["clusters/x/ks.yaml"] = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec:\n  path: ./f0\n"
    )
    scopes = read_scopes({path: SourceFile(path, git_blob_id(text), text) for path, text in files.items()})
    assert scopes.of("f2999/kustomization.yaml") == {"x"}
    assert str(scopes.kustomization_of("f2999/kustomization.yaml")) == "a"
