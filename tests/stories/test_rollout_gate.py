"""A merged provider frees what needs it when what carries it succeeded with the merge, and not a moment before."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.db.clusters import save_cluster
from app.db.models import Rollout
from app.domain.commit_status import cluster_of_sender
from app.domain.model import State
from tests.support.fleet import (
    BUMP,
    FLUX,
    HELM_RELEASE,
    KUSTOMIZATION,
    MIGRATION,
    OPERATOR,
    has_fleet,
    hears,
    is_ready,
    is_upgraded,
    raises_operator,
)
from tests.world import ADMIN_TOKEN, World, open_world

ADMIN = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
FAILURE = "Helm upgrade failed for release external-secrets/es with chart external-secrets@0.16.1: timed out"


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with open_world(database_url, default_mode="act") as world:
        yield world
        await world.look_around()


async def rollouts(world: World) -> list[tuple[str, str, str, str, str]]:
    async with world.context.database.transaction() as session:
        rows = await session.scalars(select(Rollout).order_by(Rollout.id))
        return [(row.to_version, row.state, row.proof, row.health, row.source or row.note) for row in rows]


def compares(world: World) -> int:
    """How often GitHub was asked whether a commit contains the merge."""
    merge = world.pull(OPERATOR).merge_commit_sha
    return sum(f"/compare/{merge}..." in call.path for call in world.github.log.exchanges)


async def test_a_kustomization_that_waits_frees_at_a_revision_that_contains_the_merge(world: World) -> None:
    await has_fleet(world, waits=True)
    assert await world.state(MIGRATION) is State.BLOCKED
    await is_ready(world)
    before = world.repository.head_sha
    await world.merges(OPERATOR)
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT
    await is_ready(world, sha=before)
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT, "Flux has not fetched the merge yet"
    await is_ready(world)
    assert await world.state(MIGRATION) is State.READY
    ((_, state, proof, _, source),) = await rollouts(world)
    assert (state, proof) == ("rolled-out", "ready")
    assert source.startswith("Kustomization flux-system/external-secrets is ready at ")
    assert source in await world.reason(MIGRATION)


async def test_a_later_commit_contains_the_merge_and_github_is_asked_once(world: World) -> None:
    await has_fleet(world, waits=True)
    await world.merges(OPERATOR)
    world.repository.push({"README.md": "more\n"}, message="more")
    await world.settle()
    asked = compares(world)
    await is_ready(world, revision=f"refs/heads/main@sha1:{world.repository.head_sha}")
    assert await world.state(MIGRATION) is State.READY
    assert compares(world) == asked + 1


async def test_heartbeats_at_an_older_revision_cost_one_question_and_no_write(world: World) -> None:
    await has_fleet(world, waits=True)
    older = world.repository.head_sha
    await world.merges(OPERATOR)
    await world.renovate_runs()
    asked, writes = compares(world), world.github.log.writes
    for _ in range(5):
        world.clock.now += timedelta(minutes=10)
        await is_ready(world, sha=older)
    assert compares(world) == asked + 1
    assert world.github.log.list_writes()[writes:] == []
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT


@pytest.mark.parametrize("old_spelling", [False, True])
async def test_both_spellings_of_keys_and_revisions_are_read(world: World, old_spelling: bool) -> None:
    await has_fleet(world, waits=True)
    world.cluster.prefixed_keys = old_spelling
    await world.merges(OPERATOR)
    tip = world.repository.head_sha
    await is_ready(world, revision=f"main/{tip}" if old_spelling else f"main@sha1:{tip}")
    assert await world.state(MIGRATION) is State.READY


async def test_an_artifact_tells_by_the_git_source_that_it_was_made_of(world: World) -> None:
    await has_fleet(world, waits=True)
    await world.merges(OPERATOR)
    digest = f"latest@sha256:{'0' * 64}"
    await is_ready(world, revision=digest)
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT
    await hears(
        world,
        KUSTOMIZATION,
        "ReconciliationSucceeded",
        "Reconciliation finished in 1s, next run in 10m0s",
        revision=digest,
        originRevision=f"main@sha1:{world.repository.head_sha}",
    )
    assert await world.state(MIGRATION) is State.READY


async def test_a_commit_that_github_does_not_know_frees_nothing(world: World) -> None:
    await has_fleet(world, waits=True)
    await world.merges(OPERATOR)
    await is_ready(world, sha="f" * 40)
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT


async def test_a_kustomization_that_does_not_wait_has_only_handed_it_over(world: World) -> None:
    await has_fleet(world)
    await world.merges(OPERATOR)
    await is_ready(world)
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT
    assert "it does not wait for HelmRelease external-secrets" in await world.reason(MIGRATION)
    await is_upgraded(world, "0.16.1")
    assert await world.state(MIGRATION) is State.READY
    assert "HelmRelease external-secrets/external-secrets runs chart version 0.16.1" in await world.reason(MIGRATION)


async def test_a_release_that_was_upgraded_between_two_looks_is_seen(database_url: str) -> None:
    """No event arrives. A HelmRelease of v2 tells what it tried and what it released, and no last applied revision."""
    async with open_world(database_url, default_mode="act", kubernetes_cluster="main") as world:
        await has_fleet(world)
        release = "external-secrets", "external-secrets"
        world.api_server.helm_releases, world.api_server.charts = {release: ""}, {release: "0.15.0"}
        await world.cluster_is_looked_at()
        await world.merges(OPERATOR)
        world.cluster.reconcile(world.repository)
        world.cluster.pending.clear()
        await world.cluster_is_looked_at()
        ((_, state, *_),) = await rollouts(world)
        assert state == "pending", "handed over, and not upgraded yet"
        await world.passes(minutes=1)
        world.api_server.charts[release] = "0.16.1"
        await world.cluster_is_looked_at()
        ((_, state, proof, _, source),) = await rollouts(world)
        assert (state, proof) == ("rolled-out", "ready")
        assert source == ("HelmRelease external-secrets/external-secrets runs chart version 0.16.1, the Kubernetes API")
        await world.look_around()


async def test_who_wants_the_weaker_proof_says_so(world: World) -> None:
    await has_fleet(world, config="rollout:\n  providers:\n    external-secrets:\n      require: applied\n")
    await world.merges(OPERATOR)
    await is_ready(world)
    assert await world.state(MIGRATION) is State.READY
    assert "is unverified" in await world.reason(MIGRATION)


async def test_only_a_person_where_the_terms_say_so(world: World) -> None:
    await has_fleet(world, waits=True, config="rollout:\n  require: confirm\n")
    await world.merges(OPERATOR)
    await is_ready(world)
    await is_upgraded(world, "0.16.1")
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT
    await world.says(OPERATOR, "/fluxmig confirm")
    assert await world.state(MIGRATION) is State.READY
    assert f"confirmed by {world.github.owner.login}" in await world.reason(MIGRATION)


async def test_the_soak_time_of_the_repository_beats_that_of_the_service(world: World) -> None:
    await has_fleet(world, config="rollout:\n  soak: 30m\n")
    await world.merges(OPERATOR)
    await world.passes(minutes=29)
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT
    await world.passes(minutes=1)
    assert await world.state(MIGRATION) is State.READY
    assert "30 min have passed since the merge, unverified" in await world.reason(MIGRATION)


async def test_flux_by_gotk_components_is_rolled_out_with_its_kustomization(world: World) -> None:
    await has_fleet(world)
    await world.merges(FLUX)
    assert [(row[0], row[1]) for row in await rollouts(world)] == [("2.6.1", "pending")]
    await is_ready(world, "Kustomization/flux-system/flux-system")
    assert [row[1:3] for row in await rollouts(world)] == [("rolled-out", "ready")]


async def test_an_older_success_never_closes_a_newer_rollout(world: World) -> None:
    await has_fleet(world, waits=True)
    await world.merges(OPERATOR)
    first = world.repository.head_sha
    await is_ready(world)
    await is_upgraded(world, "0.16.1")
    assert await world.state(MIGRATION) is State.READY
    await world.passes(minutes=30)
    raises_operator(world, number=10, from_="0.16.1", to="0.15.0")
    await world.settle()
    await world.merges(10)
    assert await world.state(MIGRATION) is not State.READY, "Git has gone back, whatever runs today"
    await world.passes(minutes=10)
    raises_operator(world, number=11)
    await world.settle()
    await world.merges(11)
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT
    await is_ready(world, sha=first)
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT
    await is_ready(world)
    assert await world.state(MIGRATION) is State.READY


async def test_trouble_is_told_in_fluxs_words_and_turns_red_after_the_time_out(world: World) -> None:
    await has_fleet(world, config="rollout:\n  timeout: 30m\n")
    await world.merges(OPERATOR)
    await world.passes(minutes=5)
    await hears(world, HELM_RELEASE, "UpgradeFailed", FAILURE, severity="error", revision="0.16.1")
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT
    assert "the rollout is in trouble: HelmRelease external-secrets/external-secrets says since " in await world.reason(
        MIGRATION
    )
    assert FAILURE in await world.reason(MIGRATION)
    writes = world.github.log.writes
    await world.passes(minutes=2)
    await hears(world, HELM_RELEASE, "UpgradeFailed", FAILURE, severity="error", revision="0.16.1")
    assert world.github.log.list_writes()[writes:] == [], "the same failure once more is no news"
    await world.passes(minutes=25)
    assert "the rollout failed: " in await world.reason(MIGRATION)
    assert world.check(MIGRATION) == "action_required"
    assert [row[3] for row in await rollouts(world)] == ["failed"]
    assert any("is not rolled out: the rollout failed" in line for line in await world.history(OPERATOR))
    detail = await world.client.get(f"/api/v1/repositories/{world.repository.full_name}", headers=ADMIN)
    (told,) = detail.json()["rollouts"]
    assert (told["health"], FAILURE in told["note"]) == ("failed", True)
    page = await world.client.get(f"/r/{world.repository.full_name}")
    assert "the rollout failed" in page.text
    metrics = await world.client.get("/metrics", headers=ADMIN)
    assert 'fluxmig_rollouts{health="failed"' in metrics.text
    await is_upgraded(world, "0.16.1")
    assert await world.state(MIGRATION) is State.READY


async def test_of_several_clusters_of_one_scope_each_has_to_show_it(world: World) -> None:
    await has_fleet(world, waits=True)
    await world.registers_cluster("other", "main")
    world.cluster_speaks_as("main")
    await world.merges(OPERATOR)
    await world.passes(minutes=1)
    await is_ready(world)
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT
    assert "nothing shows it of other, which stands for the same cluster of the plan" in await world.reason(MIGRATION)
    world.cluster_speaks_as("other")
    await is_ready(world)
    assert await world.state(MIGRATION) is State.READY


async def test_a_version_that_one_of_two_clusters_runs_frees_nothing(world: World) -> None:
    await has_fleet(world)
    await world.registers_cluster("other")
    await world.merges(FLUX)
    await world.passes(minutes=1)
    world.cluster_speaks_as("other")
    flux = "FluxInstance/flux-system/flux"
    await hears(world, flux, "ReconciliationSucceeded", "Flux v2.6.1 updated", revision="v2.6.1")
    ((_, state, _, _, note),) = await rollouts(world)
    assert state == "pending"
    assert note == (
        "nothing shows it of main, which stands for the same cluster of the plan; of the rest it is known: "
        "Flux's own event"
    )
    world.cluster_speaks_as("main")
    await hears(world, flux, "ReconciliationSucceeded", "Flux v2.6.1 updated", revision="v2.6.1")
    ((_, state, proof, *_),) = await rollouts(world)
    assert (state, proof) == ("rolled-out", "observed")


async def test_a_sender_of_commit_statuses_is_no_cluster_that_has_to_show_it(world: World) -> None:
    await has_fleet(world, waits=True)
    async with world.context.database.transaction() as session:
        await save_cluster(session, cluster_of_sender("0d6e4079", world.repository.id), world.repository.id, None)
    await world.merges(OPERATOR)
    await world.passes(minutes=1)
    await is_ready(world)
    assert await world.state(MIGRATION) is State.READY


async def test_silence_is_unknown_and_never_failed(world: World) -> None:
    await has_fleet(world)
    await is_ready(world)
    await world.passes(minutes=10)
    await world.merges(OPERATOR)
    await world.passes(minutes=61)
    assert "nothing was heard from cluster main since 2025-06-11 18:28 UTC" in await world.reason(MIGRATION)
    assert await world.state(MIGRATION) is State.WAITING_ROLLOUT
    assert [row[3] for row in await rollouts(world)] == ["late"]


async def test_what_a_merge_broke_holds_the_waves_behind_it(world: World) -> None:
    await has_fleet(world)
    assert await world.state(BUMP) is State.READY
    await world.merges(OPERATOR)
    assert await world.state(BUMP) is State.READY
    await hears(world, HELM_RELEASE, "UpgradeFailed", FAILURE, severity="error", revision="0.16.1")
    assert await world.state(BUMP) is State.HELD
    assert (await world.reason(BUMP)).startswith(f"Held back: since #{OPERATOR} was merged, HelmRelease ")
    assert FAILURE in await world.reason(BUMP)
    assert world.check(BUMP) == "action_required"
    assert await world.state(FLUX) is State.READY, "an earlier wave goes on"
    raises_operator(world, number=12, from_="0.16.1", to="0.16.2")
    await world.settle()
    assert await world.state(12) is State.READY, "it touches what fails, and may be the cure"
    await world.passes(minutes=2)
    await is_upgraded(world, "0.16.1")
    assert await world.state(BUMP) is State.READY


async def test_a_failure_from_before_the_merge_is_none_of_its_making(world: World) -> None:
    await has_fleet(world)
    await hears(world, HELM_RELEASE, "UpgradeFailed", FAILURE, severity="error", revision="0.15.0")
    await world.passes(minutes=5)
    await world.merges(OPERATOR)
    assert await world.state(BUMP) is State.READY


async def test_doubled_and_late_events_change_nothing(world: World) -> None:
    await has_fleet(world)
    await world.merges(OPERATOR)
    world.clock.now = world.clock.now.replace(minute=50)
    await is_upgraded(world, "0.16.1")
    late = world.cluster.tells(
        HELM_RELEASE, "UpgradeFailed", FAILURE, severity="error", revision="0.16.1",
        at=world.clock.now.replace(minute=40),
    )  # fmt: skip
    world.cluster.pending.append(late)
    await world.cluster.deliver_all(world.client)
    await world.settle()
    assert await world.state(MIGRATION) is State.READY
    assert await world.state(BUMP) is State.READY
