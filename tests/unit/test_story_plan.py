"""The plan of 2025-06-11: what would have kept the cluster up."""

from datetime import timedelta

import pytest
from inline_snapshot import snapshot

from app.catalogue import load_catalogue
from app.demo.story import base_files
from app.domain.model import (
    Approval,
    Edge,
    EdgeKind,
    Hold,
    Observation,
    Plan,
    PullRequest,
    Rollout,
    RolloutState,
    Snapshot,
    State,
    Strength,
)
from app.domain.plan import plan_repository
from app.domain.reading import classify_pull_request
from tests.support.story_repository import NOW, change, story_pull_request, story_snapshot

VALUES = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"


def plan(snapshot_: Snapshot) -> Plan:
    return plan_repository(snapshot_, load_catalogue(), classify_pull_request)


def hard(made: Plan) -> list[tuple[int, int | None, str, str]]:
    return [
        (edge.from_, edge.to, edge.kind.value, edge.condition.value)
        for edge in made.edges
        if edge.strength is Strength.HARD
    ]


def rollout(state: RolloutState = RolloutState.PENDING, source: str = "") -> Rollout:
    return Rollout("flux", "main", "2.5.1", "2.6.1", 30, NOW, state, source)


def seen(version: str, *, minutes: int) -> Observation:
    return Observation("main", "flux", version, NOW + timedelta(minutes=minutes), "Flux's own event")


def test_only_the_api_migration_is_held_and_by_the_distribution_alone() -> None:
    made = plan(story_snapshot())
    assert hard(made) == [(34, 30, "needs", "rolled_out")]
    assert {planned.number for planned in made.pull_requests if planned.state is State.BLOCKED} == {34}


def test_the_reason_says_all_of_it() -> None:
    assert plan(story_snapshot()).of(34).reason == snapshot(
        "#34 needs OCIRepository `source.toolkit.fluxcd.io/v1`, which Flux serves from 2.6.0; the base declares Flux "
        "2.5.1 in kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml:5, #30 brings 2.6.1, and both change "
        "the Flux Kustomization flux-system/flux-instance, so #30 must be rolled out first, not only merged."
    )


def test_the_proof_can_be_looked_up() -> None:
    (edge,) = [edge for edge in plan(story_snapshot()).edges_of(34) if edge.kind is EdgeKind.NEEDS]
    shown = [(line.file, line.line, line.text) for line in edge.evidence]
    assert shown[0][1:] == (3, "apiVersion: source.toolkit.fluxcd.io/v1")
    assert shown[5][2] == "and 2 more such lines"
    assert shown[6:] == [
        (VALUES, 5, "version: 2.5.1"),
        (VALUES, 5, "version: 2.6.1"),
        (
            "https://github.com/fluxcd/flux2/releases",
            0,
            "OCIRepository source.toolkit.fluxcd.io/v1 is served from Flux 2.6.0 (source-controller 1.6.0)",
        ),
    ]


def test_the_cli_frees_nothing() -> None:
    made = plan(story_snapshot([26, 34]))
    assert made.of(26).reason == "Nothing to wait for: this updates the Flux CLI, which upgrades no cluster."
    assert made.of(26).provides == ()
    assert hard(made) == [(34, None, "needs", "rolled_out")]
    assert made.of(34).reason == snapshot(
        "Blocked: no open pull request raises Flux to >= 2.6.0, which #34 needs for OCIRepository "
        "`source.toolkit.fluxcd.io/v1`; the base declares Flux 2.5.1 in "
        "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml:5."
    )


def test_the_operator_is_recommended_before_the_distribution_and_no_more() -> None:
    (edge,) = [edge for edge in plan(story_snapshot()).edges if edge.kind is EdgeKind.PAIR]
    assert (edge.from_, edge.to, edge.strength) == (30, 22, Strength.SOFT)
    assert plan(story_snapshot()).of(30).state is State.READY


def test_the_waves_are_those_of_the_milestone() -> None:
    waves = plan(story_snapshot()).waves
    assert waves == snapshot(((20, 23, 25, 26, 27, 29), (28, 33), (22,), (30,), (34,), (17, 31, 35, 36, 38), (15, 37)))


def test_every_edge_leads_to_an_earlier_wave() -> None:
    made = plan(story_snapshot())
    wave = {number: index for index, numbers in enumerate(made.waves) for number in numbers}
    assert [edge for edge in made.edges if edge.to is not None and wave[edge.to] >= wave[edge.from_]] == []


def test_the_majors_wait_for_a_person() -> None:
    made = plan(story_snapshot())
    assert {p.number for p in made.pull_requests if p.state is State.NEEDS_REVIEW} == {15, 37}
    assert made.of(37).reason == snapshot(
        "A major update (kube-prometheus-stack 72.9.1 → 73.2.3) waits for a person: read the release notes, then say "
        "`/fluxmig approve`."
    )


def test_the_cluster_and_its_declared_version() -> None:
    (cluster,) = plan(story_snapshot()).clusters
    assert cluster.flux is not None
    assert (cluster.name, cluster.flux.version) == ("main", "2.5.1")
    assert (cluster.flux.source.file, cluster.flux.source.line) == (VALUES, 5)


# --- after #30 was merged -------------------------------------------------------------------------


def test_merged_is_not_rolled_out() -> None:
    made = plan(story_snapshot(merged=[30], rollouts=(rollout(),)))
    (edge,) = [edge for edge in made.edges_of(34) if edge.strength is Strength.HARD]
    assert (edge.to, edge.merged, made.of(34).state) == (30, True, State.WAITING_ROLLOUT)
    assert made.of(34).reason == snapshot(
        "Merged, not yet rolled out: #34 needs OCIRepository `source.toolkit.fluxcd.io/v1`, #30 with Flux 2.6.1 is "
        "merged, but cluster main is not known to run it: it has not said so yet."
    )


@pytest.mark.parametrize("minutes", [-60, 5])
def test_a_cluster_that_still_runs_the_old_version_has_not_failed(minutes: int) -> None:
    made = plan(story_snapshot(merged=[30], rollouts=(rollout(),), observations=(seen("v2.5.1", minutes=minutes),)))
    assert made.of(34).state is State.WAITING_ROLLOUT
    assert "it last said v2.5.1 (Flux's own event," in made.of(34).reason


def test_the_cluster_says_that_it_runs_the_new_version() -> None:
    made = plan(story_snapshot(merged=[30], rollouts=(rollout(),), observations=(seen("v2.6.1", minutes=28),)))
    assert made.of(34).state is State.READY
    assert made.of(34).reason == "Ready: Flux 2.6.1 is running (Flux's own event, 18:28); better after #22."


def test_a_person_says_that_it_is_rolled_out() -> None:
    done = rollout(RolloutState.ROLLED_OUT, "confirmed by octocat")
    made = plan(story_snapshot([34], merged=[30], rollouts=(done,), observations=(seen("2.5.1", minutes=-5),)))
    assert made.of(34).reason == "Ready: Flux 2.6.1 is rolled out (confirmed by octocat)."


def test_a_newer_version_on_the_base_that_came_from_nowhere_is_waited_for_too() -> None:
    made = plan(story_snapshot([34], merged=[30], observations=(seen("2.5.1", minutes=-5),)))
    assert hard(made) == [(34, None, "needs", "rolled_out")]
    assert made.of(34).state is State.WAITING_ROLLOUT


def test_an_observation_beats_what_git_declares() -> None:
    made = plan(story_snapshot(observations=(seen("2.6.4", minutes=-5),)))
    assert hard(made) == []
    made = plan(story_snapshot([30, 34], observations=(seen("2.4.0", minutes=-5),)))
    assert "cluster main runs Flux 2.4.0 (Flux's own event), #30 brings 2.6.1" in made.of(34).reason


def test_without_any_word_of_a_rollout_the_declaration_counts() -> None:
    made = plan(story_snapshot([34], merged=[30]))
    assert made.of(34).state is State.READY
    assert made.of(34).reason == f"Ready: Flux 2.6.1 serves all that this needs ({VALUES}:5)."


# --- people ---------------------------------------------------------------------------------------


def with_pull_request(made: Snapshot, changed: PullRequest) -> Snapshot:
    others = tuple(each for each in made.pull_requests if each.number != changed.number)
    return Snapshot(made.base, made.tree, (*others, changed), made.now)


def copy_of(number: int, **changes: object) -> PullRequest:
    original = story_pull_request(number)
    values = {name: getattr(original, name) for name in PullRequest.__dataclass_fields__}
    return PullRequest(**{**values, **changes})


def test_a_pull_request_of_a_person_is_left_alone_and_counts_as_provider() -> None:
    made = plan(with_pull_request(story_snapshot([22, 30, 34]), copy_of(30, by_renovate=False)))
    assert hard(made) == [(34, 30, "needs", "rolled_out")]
    assert made.of(30).reason.startswith("Not Renovate's: left alone")
    assert made.edges_of(30) == ()
    assert [number for wave in made.waves for number in wave] == [22, 34]


def test_held_comes_before_everything() -> None:
    made = plan(with_pull_request(story_snapshot([30, 34]), copy_of(34, hold=Hold("octocat", "after the holidays"))))
    assert (made.of(34).state, made.of(34).reason) == (State.HELD, "Held by octocat: after the holidays")


def test_an_approved_major_is_ready() -> None:
    made = plan(with_pull_request(story_snapshot([15]), copy_of(15, approvals=(Approval("octocat", "write"),))))
    assert (made.of(15).state, made.of(15).reason) == (State.READY, "Ready: approved by octocat.")


def test_of_several_providers_the_lowest_is_asked_for() -> None:
    before = base_files()[VALUES]
    higher = copy_of(30, changes=(change(VALUES, before, before.replace("2.5.1", "2.6.4")),))
    numbered = PullRequest(29, higher.title, "x", "x", changes=higher.changes)
    story = story_snapshot([30, 34])
    made = plan(Snapshot("main", story.tree, (*story.pull_requests, numbered), NOW))
    (edge,) = [edge for edge in made.edges_of(34) if edge.strength is Strength.HARD]
    assert (edge.to, edge.alternatives) == (30, (29,))


def test_the_plan_is_the_same_every_time() -> None:
    first: tuple[Edge, ...] = plan(story_snapshot()).edges
    assert plan(story_snapshot()).edges == first
