"""YAML as Flux's Go parsers take it, with lines."""

import pytest

from app.domain.crds import served_by_crds
from app.domain.model import Gvk, SourceFile
from app.domain.yamltree import UnreadableYaml, load_documents


def test_scalars_stay_as_written_and_lines_are_known() -> None:
    (document,) = load_documents("a:\n  version: 2.10\n  list:\n    - x\n    - y: 0755\n", first_line=10)
    assert document.text("a", "version") == "2.10"
    assert document.line_of("a", "version") == 11
    assert document.text("a", "list", 1, "y") == "0755"
    assert document.line_of("a", "list", 1, "nothing") == 14
    assert document.texts("a", "list") == [("x", 13)]
    assert (document.length("a", "list"), document.length("a")) == (2, 0)
    assert document.text("a", "list", 7, "y") is None


def test_documents_are_told_apart_and_empty_ones_left_out() -> None:
    assert [(d.data, d.line) for d in load_documents("---\na: b\n---\n# nothing\n---\nc: ~\n")] == [
        ({"a": "b"}, 1),
        ({"c": None}, 5),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x 1\nb: &x 2\nc: *x\n", "2"),
        ("c: =\n", "="),
        ("c: !env_var HOME\n", "HOME"),
        ("c: 1\nc: 2\n", "2"),
        ("base: &b {c: 3, d: 4}\n<<: *b\nd: 5\n", "3"),
        ("c: 2025-06-11\n", "2025-06-11"),
    ],
)
def test_what_pyyaml_refuses_or_changes(text: str, value: str) -> None:
    assert load_documents(text)[0].text("c") == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b: c\n", "line 1: mapping values are not allowed in this context"),
        ("a: *nothing\n", "line 1: there is no anchor nothing"),
        ("? [a]\n: b\n", "line 1: a key that is no scalar"),
        ("a: " + "[" * 200 + "]" * 200, "line 1: too large or too deep"),
    ],
)
def test_what_cannot_be_read_names_its_line(text: str, message: str) -> None:
    with pytest.raises(UnreadableYaml) as caught:
        load_documents(text)
    assert str(caught.value) == message


CRD = """---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.com
spec:
  group: example.com
  names:
    plural: widgets
    kind: Widget
  versions:
  - name: v1alpha1
    schema: {}
    served: false
    storage: false
  - additionalPrinterColumns:
    - name: Ready
      type: string
    name: v1
    served: true
    storage: true
"""


def test_a_crd_says_itself_what_it_serves() -> None:
    file = SourceFile("crds/widgets.yaml", "crd-of-widgets", CRD)
    assert served_by_crds(file) == {Gvk("example.com", "Widget", "v1")}
    head, versions = CRD.split("  versions:\n")
    indented = head + "  versions:\n" + "".join(f"  {line}\n" for line in versions.splitlines())
    assert served_by_crds(SourceFile("a.yaml", "indented-crd", indented)) == {Gvk("example.com", "Widget", "v1")}
    assert served_by_crds(SourceFile("a.yaml", "no-crd", CRD.replace("versions:", "v:"))) == frozenset()
