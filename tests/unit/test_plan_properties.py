"""What holds for any open pull requests of a repository that jumps over versions, moves manifests, and shares files."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.graph import Graph
from app.domain.model import Plan, State, Strength
from tests.support.flux_repository import (
    INSTANCE,
    OPERATOR,
    TALOS,
    FluxRepository,
    chart,
    instance,
    manifest,
    operator,
    talos,
)

SOURCE, SECRETS = "source.toolkit.fluxcd.io", "external-secrets.io"
A, B, ESO, CRDS = "apps/a/a.yaml", "apps/a/b.yaml", "apps/a/eso.yaml", "apps/a/eso-crds.yaml"
OCI, SECRET = "OCIRepository", "ExternalSecret"
BASE = {
    INSTANCE: instance("2.5.1"),
    OPERATOR: operator("0.50.0").replace("/v1\n", "/v1beta2\n"),
    A: manifest(f"{SOURCE}/v1beta2", OCI),
    B: manifest(f"{SECRETS}/v1beta1", SECRET),
    ESO: chart("external-secrets", "0.15.1").replace("/v1\n", "/v1beta2\n"),
    CRDS: chart("external-secrets-crds", "0.15.1").replace("/v1\n", "/v1beta2\n"),
    TALOS: talos("v1.10.3", "v1.33.1"),
}
STEPS = (
    *((INSTANCE, instance(version)) for version in ("2.6.4", "2.7.3", "2.8.1")),
    *((A, manifest(f"{SOURCE}/{version}", OCI)) for version in ("v1", "v1beta2")),
    *((B, manifest(f"{SECRETS}/{version}", SECRET)) for version in ("v1", "v1alpha1")),
    *((ESO, BASE[ESO].replace("0.15.1", version)) for version in ("0.16.2", "0.17.0")),
    (CRDS, BASE[CRDS].replace("0.15.1", "0.16.2")),
    *(
        (TALOS, talos(*versions))
        for versions in (("v1.11.0", "v1.33.1"), ("v1.10.3", "v1.34.0"), ("v1.13.0", "v1.35.0"))
    ),
)
PULL_REQUESTS = st.lists(st.sets(st.sampled_from(STEPS), min_size=1, max_size=3), min_size=1, max_size=7)


def planned(pull_requests: list[set[tuple[str, str]]], *, backwards: bool = False) -> Plan:
    repository = FluxRepository(BASE)
    for number, steps in enumerate(pull_requests, 1):
        repository.opens(number, {**dict(sorted(steps))})
    if backwards:
        repository.pull_requests.reverse()
    return repository.plans()


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(PULL_REQUESTS)
def test_any_plan_keeps_its_promises(pull_requests: list[set[tuple[str, str]]]) -> None:
    plan = planned(pull_requests)
    hard = [edge for edge in plan.edges if edge.strength is Strength.HARD]
    circles = Graph(hard).ways_round()
    for number, way in circles.items():
        told = plan.of(number)
        assert told.state is State.BLOCKED
        assert " → ".join(f"#{one}" for one in (*way, number)) in told.reason
    for edge in hard:
        assert plan.of(edge.from_).state is not State.READY
    place = {number: index for index, wave in enumerate(plan.waves) for number in wave}
    made = Graph(hard)
    for edge in hard:
        if edge.to is not None and edge.from_ not in made.upstream_of(edge.to):
            assert place[edge.from_] > place[edge.to]
    for edge in plan.edges:
        assert edge.to != edge.from_
        assert edge.to is not None or not edge.alternatives
        assert not {edge.to, edge.from_} & set(edge.alternatives)
        assert len(set(edge.alternatives)) == len(edge.alternatives)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=30)
@given(PULL_REQUESTS)
def test_the_order_in_which_they_are_listed_changes_nothing(pull_requests: list[set[tuple[str, str]]]) -> None:
    one, other = planned(pull_requests), planned(pull_requests, backwards=True)
    assert {planned.number: planned.reason for planned in one.pull_requests} == {
        planned.number: planned.reason for planned in other.pull_requests
    }
    assert (set(one.edges), one.waves) == (set(other.edges), other.waves)
