"""Fields and enum values that came later than their API: found where they are set, and needed like an API."""

import pytest

from app.catalogue import load_catalogue
from app.domain.field_uses import read_field_uses
from app.domain.model import EdgeKind, Plan, State
from tests.support.flux_repository import INSTANCE, RELEASE, FluxRepository, instance
from tests.support.story_repository import source_file

HEAD = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: x\nspec:\n"
PROVIDER = "apiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Provider\nmetadata:\n  name: p\nspec:\n"


PATCHED = [("spec.waitStrategy", 8)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + "  waitStrategy:\n    name: poller\n", [("spec.waitStrategy", 6)]),
        (HEAD.replace("\n", "\r\n") + "  waitStrategy: {name: legacy}\r\n", [("spec.waitStrategy", 6)]),
        (
            HEAD
            + "  dependsOn:\n    - name: a\n    - name: b\n      readyExpr: x\n    - name: c\n      readyExpr: y\n",
            [("spec.dependsOn[].readyExpr", 9), ("spec.dependsOn[].readyExpr", 11)],
        ),
        (HEAD + "  install:\n    strategy:\n      name: RetryOnFailure\n", [("spec.install.strategy", 7)]),
        (HEAD + "  chartRef:\n    kind: ExternalArtifact\n", [("spec.chartRef.kind: ExternalArtifact", 7)]),
        (PROVIDER + "  type: githubpullrequestcomment\n", [("spec.type: githubpullrequestcomment", 6)]),
        # In several documents, in a List, in a ResourceSet.
        ("a: b\n---\n" + HEAD + "  waitStrategy: {name: poller}\n", [("spec.waitStrategy", 8)]),
        (
            (
                "apiVersion: v1\nkind: List\nitems:\n- apiVersion: helm.toolkit.fluxcd.io/v2\n  kind: HelmRelease\n"
                "  spec:\n    waitStrategy: {name: poller}\n"
            ),
            [("spec.waitStrategy", 7)],
        ),
        (
            (
                "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nspec:\n  resources:\n"
                "    - apiVersion: helm.toolkit.fluxcd.io/v2\n      kind: HelmRelease\n"
                "      spec:\n        waitStrategy: {name: << inputs.strategy >>}\n"
            ),
            [("spec.waitStrategy", 8)],
        ),
        # An anchor and its alias.
        (HEAD + "  chart: &w {name: poller}\n  waitStrategy: *w\n", [("spec.waitStrategy", 7)]),
        # A patch that is merged into objects, in a kustomization file and in a Flux Kustomization.
        (
            "patches:\n  - patch: |-\n      " + (HEAD + "  waitStrategy: {name: poller}").replace("\n", "\n      "),
            PATCHED,
        ),
        (
            "kind: Kustomization\napiVersion: kustomize.toolkit.fluxcd.io/v1\nspec:\n  patches:\n    - patch: |\n"
            + "".join(f"        {line}\n" for line in (HEAD + "  waitStrategy: {name: x}").split("\n")),
            [("spec.waitStrategy", 11)],
        ),
        # The same words elsewhere are other things.
        (HEAD + "  values:\n    waitStrategy: x\n    install:\n      strategy: y\n", []),
        (HEAD + "  # waitStrategy: none\n  install: {}\n", []),
        (HEAD + "  waitStrategy:\n", []),
        (HEAD + "  waitStrategy: ~\n", []),
        (PROVIDER + "  type: github\n  channel: otel\n", []),
        (HEAD.replace("v2", "v2beta2") + "  waitStrategy: {name: poller}\n", []),
        ("kind: HelmRelease\nspec:\n  waitStrategy: {}\n", []),
        # What a template makes of it is not known.
        (HEAD + "#% if wait %#\n  waitStrategy: {name: poller}\n#% endif %#\n", []),
        (HEAD + "{{ if .wait }}\n  waitStrategy: {name: poller}\n{{ end }}\n", []),
        (PROVIDER + "  type: ${TYPE:=otel}\n", []),
        (HEAD + "  waitStrategy: {name: [\n", []),
        ("", []),
    ],
)
def test_fields_are_found_where_they_are_set(text: str, expected: list[tuple[str, int]]) -> None:
    uses = read_field_uses(source_file("a.yaml", text), load_catalogue())
    assert [(str(use.field), use.line) for use in uses] == expected
    lines = text.replace("\r", "").split("\n")
    assert all(use.text == lines[use.line - 1].strip() for use in uses)


def repository(version: str, **others: str) -> FluxRepository:
    return FluxRepository({INSTANCE: instance(version), RELEASE: HEAD + "  interval: 1h\n", **others})


WAITING = HEAD + "  interval: 1h\n  waitStrategy:\n    name: poller\n"


def needs_of(plan: Plan, number: int) -> list[tuple[int | None, str]]:
    return [(edge.to, edge.condition.value) for edge in plan.edges_of(number) if edge.kind is EdgeKind.NEEDS]


def test_a_field_waits_for_the_version_that_knows_it() -> None:
    repo = repository("2.7.0")
    repo.opens(30, {INSTANCE: instance("2.8.1")})
    repo.opens(41, {RELEASE: WAITING})
    plan = repo.plans()
    assert needs_of(plan, 41) == [(30, "rolled_out")]
    assert plan.of(41).state is State.BLOCKED
    assert plan.of(41).reason == (
        "#41 needs `spec.waitStrategy` of HelmRelease `helm.toolkit.fluxcd.io/v2`, which Flux knows from 2.8.0; "
        "the base declares Flux 2.7.0 in apps/flux/instance.yaml:8, #30 brings 2.8.1, "
        "and #30 must be rolled out first."
    )


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ("2.7.5", State.BLOCKED),
        ("2.8.0", State.READY),
        ("2.9.4", State.READY),
        # Every release that the range can mean knows it, or none does, or some do.
        ("2.8.x", State.READY),
        ("2.6.x", State.BLOCKED),
        ("2.x", State.UNKNOWN),
        # A release candidate of that very release may have it already.
        ("2.8.0-rc.1", State.UNKNOWN),
        ("${FLUX_VERSION}", State.UNKNOWN),
    ],
)
def test_a_field_is_known_not_known_or_nobody_can_tell(version: str, state: State) -> None:
    repo = repository(version)
    repo.opens(41, {RELEASE: WAITING})
    assert repo.plans().of(41).state is state


def test_where_nobody_can_tell_a_use_in_the_base_counts() -> None:
    repo = repository("2.x")
    repo.opens(41, {RELEASE: WAITING})
    assert repo.plans().of(41).reason == (
        "Unknown: #41 needs `spec.waitStrategy` of HelmRelease `helm.toolkit.fluxcd.io/v2`, and it is not known "
        "whether cluster main knows it: the base declares 2.x in apps/flux/instance.yaml:8, the operator's version is "
        "not in Git."
    )
    repo.files["apps/a/other.yaml"] = WAITING.replace("name: x", "name: other")
    planned = repo.plans().of(41)
    assert (planned.state, planned.reason) == (
        State.READY,
        (
            "Ready: the base already uses `spec.waitStrategy` of HelmRelease `helm.toolkit.fluxcd.io/v2` "
            "(apps/a/other.yaml:7)."
        ),
    )


def test_nobody_raises_it() -> None:
    repo = repository("2.7.0")
    repo.opens(41, {RELEASE: WAITING})
    assert repo.plans().of(41).reason == (
        "Blocked: no open pull request raises Flux to >= 2.8.0, which #41 needs for `spec.waitStrategy` of HelmRelease "
        "`helm.toolkit.fluxcd.io/v2`; the base declares Flux 2.7.0 in apps/flux/instance.yaml:8."
    )


def test_a_field_that_the_object_had_before_is_nothing_new() -> None:
    repo = repository("2.7.0", **{RELEASE: WAITING})
    repo.opens(41, {RELEASE: WAITING.replace("1h", "2h")})
    assert repo.plans().of(41).requires == ()


def test_the_same_field_in_another_object_is_new() -> None:
    repo = repository("2.7.0", **{RELEASE: WAITING})
    repo.opens(41, {"apps/a/other.yaml": WAITING.replace("name: x", "name: y")})
    assert [str(requirement.field) for requirement in repo.plans().of(41).requires if requirement.field] == [
        "spec.waitStrategy"
    ]


def test_a_version_bump_keeps_the_fields_that_it_had() -> None:
    """`kubeConfig.configMapRef` came to v2beta2 and v2 in one release: to move from the one to the other needs none."""
    old = HEAD.replace("v2", "v2beta2") + "  kubeConfig:\n    configMapRef: {name: x}\n"
    repo = repository("2.6.0", **{RELEASE: old})
    repo.opens(41, {RELEASE: old.replace("v2beta2", "v2")})
    assert [requirement.field for requirement in repo.plans().of(41).requires] == [None]


def test_both_in_one_kustomization_are_to_be_split() -> None:
    repo = FluxRepository({INSTANCE: instance("2.7.0"), "apps/flux/release.yaml": HEAD + "  interval: 1h\n"})
    repo.opens(41, {INSTANCE: instance("2.8.0"), "apps/flux/release.yaml": WAITING})
    assert repo.plans().of(41).reason == (
        "Blocked: #41 brings Flux 2.8.0 and uses `spec.waitStrategy` of HelmRelease `helm.toolkit.fluxcd.io/v2`, which "
        "only that version knows, in one Flux Kustomization (flux-system/flux), which Flux applies as a whole or not "
        "at all; split it."
    )


CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: helmreleases.helm.toolkit.fluxcd.io
spec:
  group: helm.toolkit.fluxcd.io
  names:
    kind: HelmRelease
  versions:
    - name: v2beta2
      schema:
        openAPIV3Schema:
          properties:
            spec:
              properties:
                {old}:
                  type: string
      served: true
    - name: v2
      schema:
        openAPIV3Schema:
          properties:
            spec:
              properties:
                {new}:
                  type: string
      served: {served}
"""


@pytest.mark.parametrize(
    ("crd", "state"),
    [
        (CRD.format(old="x", new="waitStrategy", served="true"), State.READY),
        # The version lacks it, or another version has it, or the version is not served.
        (CRD.format(old="x", new="y", served="true"), State.BLOCKED),
        (CRD.format(old="waitStrategy", new="y", served="true"), State.BLOCKED),
        (CRD.format(old="x", new="waitStrategy", served="false"), State.BLOCKED),
    ],
)
def test_a_crd_of_its_own_declares_its_fields(crd: str, state: State) -> None:
    repo = repository("2.7.0")
    repo.opens(41, {RELEASE: WAITING, "apps/a/crd.yaml": crd})
    assert repo.plans().of(41).state is state


def test_gotk_components_of_that_version_know_its_fields() -> None:
    components = "clusters/main/flux-system/gotk-components.yaml"
    header = "---\n# Flux Version: v{}\n# Components: source-controller,helm-controller\n"
    repo = FluxRepository({components: header.format("2.7.0"), RELEASE: HEAD + "  interval: 1h\n"})
    repo.opens(41, {components: header.format("2.8.0"), RELEASE: WAITING})
    assert repo.plans().of(41).state is State.READY


def test_two_fields_of_two_releases_wait_for_the_one_that_knows_both() -> None:
    repo = repository("2.6.0")
    repo.opens(30, {INSTANCE: instance("2.8.1")})
    repo.opens(41, {RELEASE: WAITING + "  commonMetadata:\n    labels: {a: b}\n"})
    assert (
        repo.plans()
        .of(41)
        .reason.startswith(
            "#41 needs `spec.commonMetadata` and `spec.waitStrategy` of HelmRelease `helm.toolkit.fluxcd.io/v2`, which "
            "Flux knows from 2.8.0; "
        )
    )


def test_a_field_and_a_new_value_of_it_are_two_needs() -> None:
    text = (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k}\nspec:\n  path: ./x\n"
        "  sourceRef: {kind: GitRepository, name: flux-system}\n"
    )
    repo = FluxRepository({INSTANCE: instance("2.4.0"), RELEASE: text})
    repo.opens(41, {RELEASE: text + "  deletionPolicy: WaitForTermination\n"})
    planned = repo.plans().of(41)
    assert [str(requirement.field) for requirement in planned.requires] == [
        "spec.deletionPolicy",
        "spec.deletionPolicy: WaitForTermination",
    ]
    assert "raises Flux to >= 2.6.0, which #41 needs for `spec.deletionPolicy` and `spec.deletionPolicy: Wait" in (
        planned.reason
    )


def test_a_patch_file_sets_fields_too() -> None:
    repo = repository("2.7.0", **{"apps/a/kustomization.yaml": "resources: [release.yaml]\npatches:\n- path: p.yaml\n"})
    repo.opens(41, {"apps/a/p.yaml": WAITING})
    assert [str(requirement.field) for requirement in repo.plans().of(41).requires] == ["spec.waitStrategy"]
