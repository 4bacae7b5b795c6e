"""Fields and enum values that came later than their API: found where they are set, and needed like an API."""

import pytest

from app.catalogue import load_catalogue
from app.domain.field_uses import read_field_uses
from app.domain.model import EdgeKind, Plan, State
from tests.support.flux_repository import INSTANCE, RELEASE, FluxRepository, instance
from tests.support.story_repository import source_file

HEAD = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: x\nspec:\n"
PROVIDER = "apiVersion: notification.toolkit.fluxcd.io/v1beta3\nkind: Provider\nmetadata:\n  name: p\nspec:\n"


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
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: helm.toolkit.fluxcd.io/v2\n  kind: HelmRelease\n"
            "  spec:\n    waitStrategy: {name: poller}\n",
            [("spec.waitStrategy", 7)],
        ),
        (
            "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nspec:\n  resources:\n"
            "    - apiVersion: helm.toolkit.fluxcd.io/v2\n      kind: HelmRelease\n"
            "      spec:\n        waitStrategy: {name: << inputs.strategy >>}\n",
            [("spec.waitStrategy", 8)],
        ),
        # An anchor and its alias.
        (HEAD + "  chart: &w {name: poller}\n  waitStrategy: *w\n", [("spec.waitStrategy", 7)]),
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
