"""Which APIs a file uses: the nasty ways in which real repositories write them."""

import pytest

from app.domain.manifests import Manifests, Use, UseForm, parse_manifests, read_manifests
from app.domain.model import Gvk, SourceFile

OCI = Gvk("source.toolkit.fluxcd.io", "OCIRepository", "v1")


def applied(text: str) -> list[tuple[str, str, int]]:
    return [(str(use.gvk), use.name, use.line) for use in parse_manifests(text).applied]


def forms(manifests: Manifests) -> list[tuple[str, str, int]]:
    return [(use.form.value, str(use.gvk), use.line) for use in manifests.uses if not use.applied]


PLAIN = """---
# yaml-language-server: $schema=https://example.com/ocirepository-source-v1.json
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: spegel
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PLAIN, [("OCIRepository source.toolkit.fluxcd.io/v1", "spegel", 3)]),
        (PLAIN.replace("\n", "\r\n"), [("OCIRepository source.toolkit.fluxcd.io/v1", "spegel", 3)]),
        ("﻿" + PLAIN, [("OCIRepository source.toolkit.fluxcd.io/v1", "spegel", 3)]),
        ("kind: \"ConfigMap\"\napiVersion: 'v1'\nmetadata: {name: a}\n", [("ConfigMap v1", "a", 2)]),
        (
            "apiVersion: apps/v1 # why\nkind: &k Deployment\nmetadata:\n  name: &app echo # x\n",
            [("Deployment apps/v1", "echo", 1)],
        ),
        (
            "apiVersion: &api apps/v1\nkind: Deployment\n---\nkind: Deployment\napiVersion: apps/v1\n",
            [("Deployment apps/v1", "", 1), ("Deployment apps/v1", "", 5)],
        ),
        # A SOPS file leaves these keys in clear.
        (
            "apiVersion: v1\nkind: Secret\nmetadata:\n    name: s\ndata:\n    a: ENC[x]\nsops:\n    version: 3\n",
            [("Secret v1", "s", 1)],
        ),
        # Templates around it do not matter.
        ("#% if spegel %#\n" + PLAIN + "#% endif %#\n", [("OCIRepository source.toolkit.fluxcd.io/v1", "spegel", 4)]),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${NAME}\n  labels: {a: b}\n",
            [("ConfigMap v1", "${NAME}", 1)],
        ),
        ('{"apiVersion": "v1",\n "kind": "ConfigMap", "metadata": {"name": "j"}}', [("ConfigMap v1", "j", 1)]),
        # PyYAML refuses the next two: an anchor set twice, and `=`.
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: &a x\n  namespace: &a y\ndata:\n  op: =\n",
            [("ConfigMap v1", "x", 1)],
        ),
        ("apiVersion: v1\nkind: ConfigMap\ndata: !env_var X\n", [("ConfigMap v1", "", 1)]),
        ("# apiVersion: v1\n# kind: ConfigMap\n", []),
        ("name: values\nversion: 1\n", []),
        ("", []),
        (": : :\n\t- {", []),
    ],
)
def test_documents(text: str, expected: list[tuple[str, str, int]]) -> None:
    assert applied(text) == expected


def test_the_items_of_a_list_are_documents() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n"
        "- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: a\n- kind: Secret\n  apiVersion: v1\n"
    )
    assert applied(text) == [("List v1", "", 1), ("ConfigMap v1", "a", 4), ("Secret v1", "", 9)]


def test_the_resources_of_a_resource_set_are_applied_and_what_they_name_is_not() -> None:
    text = """apiVersion: fluxcd.controlplane.io/v1
kind: ResourceSet
metadata:
  name: apps
spec:
  resources:
    - apiVersion: source.toolkit.fluxcd.io/v1
      kind: OCIRepository
      metadata:
        name: << inputs.name >>
    - apiVersion: helm.toolkit.fluxcd.io/v2
      kind: HelmRelease
      spec:
        healthChecks:
          - apiVersion: apps/v1
            kind: Deployment
            name: x
"""
    assert applied(text)[1:] == [
        ("OCIRepository source.toolkit.fluxcd.io/v1", "<< inputs.name >>", 7),
        ("HelmRelease helm.toolkit.fluxcd.io/v2", "", 11),
    ]
    assert forms(parse_manifests(text)) == [("reference", "Deployment apps/v1", 15)]


def test_a_resources_template_holds_several_documents() -> None:
    text = """apiVersion: fluxcd.controlplane.io/v1
kind: ResourceSet
spec:
  resourcesTemplate: |
    <<- range $x := inputs >>
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: OCIRepository
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    <<- end >>
"""
    assert [gvk for gvk, _, _ in applied(text)[1:]] == [
        "OCIRepository source.toolkit.fluxcd.io/v1",
        "HelmRelease helm.toolkit.fluxcd.io/v2",
    ]


def test_references_patches_values_and_templates_are_no_documents() -> None:
    text = """apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: cluster-apps}
spec:
  healthChecks:
  - apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    name: x
  patches:
    - patch: |-
        apiVersion: kustomize.toolkit.fluxcd.io/v1beta2
        kind: Kustomization
        metadata:
          name: not-used
      target:
        group: kustomize.toolkit.fluxcd.io
        version: v1beta2
        kind: Kustomization
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
spec:
  values:
    customResourceState:
      resources:
        - groupVersionKind:
            group: source.toolkit.fluxcd.io
            version: "v1beta2"
            kind: "OCIRepository"
---
apiVersion: kyverno.io/v1
kind: ClusterPolicy
spec:
  rules:
    - generate:
        apiVersion: v1
        kind: Secret
"""
    assert forms(parse_manifests(text)) == [
        ("reference", "HelmRelease helm.toolkit.fluxcd.io/v2", 6),
        ("patch", "Kustomization kustomize.toolkit.fluxcd.io/v1beta2", 11),
        ("patch", "Kustomization kustomize.toolkit.fluxcd.io/v1beta2", 17),
        ("values", "OCIRepository source.toolkit.fluxcd.io/v1beta2", 28),
        ("template", "Secret v1", 36),
    ]


def test_the_schemas_inside_a_crd_name_nothing() -> None:
    text = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  apiVersion: v1\n  kind: Pod\n"
    assert len(parse_manifests(text).uses) == 1


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("apiVersion: ${API}\nkind: ConfigMap\n", 1, "a template decides the API"),
        ("---\napiVersion: {{ .api }}\nkind: ConfigMap\n", 2, "a template decides the API"),
        ("apiVersion: apps/v1\n", 1, "there is no kind"),
        ("apiVersion: apps/latest\nkind: Deployment\n", 1, "this is no API version"),
    ],
)
def test_what_cannot_be_read_is_listed(text: str, line: int, why: str) -> None:
    manifests = parse_manifests(text)
    assert list(manifests.applied) == []
    assert [(unread.line, unread.why) for unread in manifests.unread] == [(line, why)]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("kind: ConfigMap\nmetadata: {name: x}\napiVersion: ENC[AES256_GCM,data:x]\n", 3, "the API is encrypted"),
        ("apiVersion: apps/#{ version }#\nkind: Deployment\n", 1, "a template decides the API"),
        ("apiVersion: v1\nkind: << inputs.kind >>\n", 1, "a template decides the API"),
        ("apiVersion: ${GROUP}/${V:=v1}\nkind: Deployment\n", 1, "a template decides the API"),
        ('{"apiVersion": "v1", "kind": [', 2, "did not find expected node content"),
        # What is applied from inside of another object.
        (
            (
                "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nspec:\n  resources:\n"
                "    - apiVersion: << inputs.api >>\n      kind: HelmRelease\n"
            ),
            5,
            "a template decides the API",
        ),
        (
            "apiVersion: v1\nkind: List\nitems:\n- kind: Deployment\n  apiVersion: ${X}\n",
            5,
            "a template decides the API",
        ),
    ],
)
def test_what_cannot_be_read_says_why(text: str, line: int, why: str) -> None:
    found = parse_manifests(text)
    assert [(unread.line, unread.why) for unread in found.unread] == [(line, why)]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: source.toolkit.fluxcd.io/${V:=v1}\nkind: OCIRepository\n",
        "apiVersion: ${API:-source.toolkit.fluxcd.io/v1}\nkind: OCIRepository\n",
        'apiVersion: "${API:=source.toolkit.fluxcd.io/v1}" # default\nkind: "${KIND=OCIRepository}"\n',
        "kind: OCIRepository\napiVersion: ${API-source.toolkit.fluxcd.io/v1}\n",
    ],
)
def test_the_default_of_a_variable_is_read_and_is_not_sure(text: str) -> None:
    manifests = parse_manifests(text)
    assert [use.gvk for use in manifests.assumed] == [OCI]
    assert list(manifests.applied) == []
    assert manifests.unread == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The first apiVersion and the first kind of a JSON text need not belong together.
        (
            (
                '{"apiVersion": "v1", "items": [{"apiVersion": "apps/v1", "kind": "Deployment",\n'
                '"metadata": {"labels": {"name": "no"}, "name": "d"}}], "kind": "List"}'
            ),
            [("List v1", "", 1), ("Deployment apps/v1", "d", 1)],
        ),
        ('{"kind": "X", "spec": {"apiVersion": "v1"}}', []),
        ('[{"apiVersion": "v1", "kind": "ConfigMap"}]', []),
        # A condition at the top of a file is no flow mapping.
        (
            "{% if x %}\nkind: ConfigMap\nmetadata:\n  name: a\napiVersion: v1\n{% endif %}\n",
            [("ConfigMap v1", "a", 5)],
        ),
        ("{# x #}\napiVersion: v1\nkind: ConfigMap\n", [("ConfigMap v1", "", 2)]),
        ("{{- if .x }}\napiVersion: v1\nkind: ConfigMap\n{{- end }}\n", [("ConfigMap v1", "", 2)]),
        ("apiVersion:\tv1\nkind:\tConfigMap\nmetadata:\n\tname:\tt\n", [("ConfigMap v1", "t", 1)]),
        ("kind: ConfigMap\ndata:\n  x: [\n}\napiVersion: v1\n", [("ConfigMap v1", "", 5)]),
        (
            "# x\n--- # a\r\nkind: A\r\napiVersion: v1\r\n---\r\nkind: B\r\napiVersion: v1\r\n...\r\n",
            [("A v1", "", 4), ("B v1", "", 7)],
        ),
        ("x: &k ConfigMap\nkind: *k\napiVersion: v1\n", [("ConfigMap v1", "", 3)]),
        (
            (
                "kind: Kustomization\napiVersion: kustomize.toolkit.fluxcd.io/v1\n---\nkind: Kustomization\n"
                "apiVersion: kustomize.config.k8s.io/v1beta1\n"
            ),
            [
                ("Kustomization kustomize.toolkit.fluxcd.io/v1", "", 2),
                ("Kustomization kustomize.config.k8s.io/v1beta1", "", 5),
            ],
        ),
        (
            "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- kind: Deployment\n  apiVersion: apps/v1\n",
            [("DeploymentList apps/v1", "", 1), ("Deployment apps/v1", "", 5)],
        ),
    ],
)
def test_documents_in_odd_clothes(text: str, expected: list[tuple[str, str, int]]) -> None:
    assert applied(text) == expected


def below(head: str, *keys: str, lines: tuple[str, ...] = ("apiVersion: v1", "kind: Secret")) -> str:
    """YAML with `lines` at the end of a path of keys; `-` begins a list item."""
    text, indent = head, 0
    for key in keys:
        text += " " * indent + ("- x: y\n" if key == "-" else f"{key}{'' if key.endswith('|') else ':'}\n")
        indent += 2
    return text + "".join(" " * indent + f"{line}\n" for line in lines)


def head(api_version: str, kind: str) -> str:
    return f"apiVersion: {api_version}\nkind: {kind}\n"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (below(head("helm.toolkit.fluxcd.io/v2", "HelmRelease"), "spec", "values", "extra", "-"), "values"),
        (below("", "helmCharts", "-", "valuesInline", "objects", "-"), "values"),
        (below(head("helm.cattle.io/v1", "HelmChart"), "spec", "valuesContent: |", "extra"), "values"),
        (below(head("v1", "ConfigMap"), "data", "a.yaml: |"), "values"),
        ("patchesStrategicMerge:\n  - |-\n    apiVersion: v1\n    kind: Secret\n", "patch"),
        (below("", "patches", "-", "target", lines=("group: ''", "version: v1", "kind: Secret")), "patch"),
        (
            below(
                head("helm.toolkit.fluxcd.io/v2", "HelmRelease"),
                *("spec", "postRenderers", "-", "kustomize", "patches", "-", "patch: |"),
            ),
            "patch",
        ),
        (below(head("apiextensions.crossplane.io/v1", "Composition"), "spec", "resources", "-", "base"), "template"),
        (below(head("kyverno.io/v1", "ClusterPolicy"), "spec", "rules", "-", "generate"), "template"),
        (below(head("notification.toolkit.fluxcd.io/v1", "Receiver"), "spec", "resources", "-"), "reference"),
        (below(head("fluxcd.controlplane.io/v1", "ResourceSet"), "spec", "resources", "-", "spec", "values"), "values"),
    ],
)
def test_what_is_not_applied(text: str, form: str) -> None:
    found = [use for use in parse_manifests(text).uses if not use.applied]
    assert [(use.form.value, str(use.gvk)) for use in found] == [(form, "Secret v1")]


def test_a_use_shows_its_line() -> None:
    assert list(parse_manifests(PLAIN).applied) == [
        Use(OCI, UseForm.DOCUMENT, 3, "apiVersion: source.toolkit.fluxcd.io/v1", "spegel", applied=True)
    ]


def test_a_blob_is_read_once_and_only_where_it_is_yaml() -> None:
    first = read_manifests(SourceFile("a/b.yaml.j2", "blob-of-test", PLAIN))
    assert read_manifests(SourceFile("other/c.yaml", "blob-of-test", PLAIN)) is first
    assert read_manifests(SourceFile("a/b.sh", "blob-of-test", PLAIN)).uses == ()
