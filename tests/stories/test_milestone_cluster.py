"""A milestone by the cluster's own word: what is served, what runs, and whether all of it was applied."""

from app.demo.story import load_story
from app.domain.model import State
from tests.stories.test_incidents import compares
from tests.stories.test_milestone import (
    ADMIN,
    API,
    SYNCED,
    brings_flux,
    makes,
    merges_one_after_the_other,
    merges_the_majors,
    merges_the_tooling,
    metrics,
    milestone,
    section,
)
from tests.support.fleet import hears
from tests.world import World, open_world

SERVED, RUNS = "OCIRepository `source.toolkit.fluxcd.io/v1` is served", "Flux 2.6.1 runs"
VALUES = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"


async def criterion(world: World, text: str) -> tuple[str, str]:
    (found,) = [one for one in (await milestone(world))["criteria"] if one["text"] == text]
    return found["state"], found["evidence"]


# --- what is served, and what runs ---


async def test_an_api_that_the_api_server_does_not_list_is_not_served(database_url: str) -> None:
    async with open_world(database_url, kubernetes_cluster="main") as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.registers_cluster()
        await makes(world, goal="flux 2.6.1")
        world.api_server.without = {"source.toolkit.fluxcd.io/OCIRepository"}
        await world.merges(30)
        await world.cluster_reconciles()
        await world.passes(minutes=1)
        await world.cluster_is_looked_at()
        assert await world.state(34) is State.WAITING_ROLLOUT
        assert await criterion(world, SERVED) == ("no", "The cluster does not list it (the Kubernetes API).")
        assert metrics(await milestone(world))["API availability"] == f"{SERVED}: not yet"
        world.api_server.without = set()
        await world.passes(minutes=5)
        await world.cluster_is_looked_at()
        assert await criterion(world, SERVED) == ("yes", "The cluster lists it (the Kubernetes API).")
        await world.look_around()


async def test_an_api_is_served_though_the_goal_lies_beyond(world: World) -> None:
    await makes(world, goal="flux 2.7")
    await brings_flux(world)
    assert await world.state(34) is State.READY
    assert await criterion(world, SERVED) == (
        "yes",
        "Cluster main runs Flux 2.6.1 (Flux's own event), which serves it.",
    )
    assert await criterion(world, "Flux 2.7 runs") == ("no", "No open pull request brings Flux 2.7.")


async def test_a_version_that_was_taken_back_does_not_run(world: World) -> None:
    await makes(world, goal="flux 2.6.1")
    await brings_flux(world)
    assert await criterion(world, RUNS) == ("yes", "2.6.1 is rolled out with #30: Flux's own event.")
    text = world.repository.tree()[VALUES]
    world.repository.push({VALUES: text.replace("2.6.1", "2.5.1")}, message="Revert", by=world.github.owner)
    await world.settle()
    assert (await criterion(world, RUNS))[0] == "yes", "it runs until the cluster says otherwise"
    await world.passes(minutes=5)
    await world.cluster_reconciles()
    assert world.cluster.flux_version == "2.5.1"
    assert await world.state(34) is State.BLOCKED
    assert await criterion(world, RUNS) == ("no", "2.5.1 is rolled out: Flux's own event.")
    assert (await criterion(world, SERVED))[0] == "no"


# --- whether all of it was applied ---


async def hears_of(world: World, name: str, reason: str, commit: str, *, severity: str = "info") -> None:
    """A word of Flux on a Kustomization, at a commit."""
    revision = f"main@sha1:{commit}"
    await hears(world, f"Kustomization/{name}", reason, f"{reason}.", revision=revision, severity=severity)


async def merges_all_but_the_majors(world: World) -> None:
    await makes(world, goal="flux 2.6.1")
    await merges_the_tooling(world)
    await brings_flux(world)
    await merges_one_after_the_other(world, 34, 17, 35, 36, 38, 27)
    await world.cluster_reconciles()


async def test_it_ends_when_every_kustomization_has_the_last_merge(world: World) -> None:
    await merges_all_but_the_majors(world)
    old = world.repository.head_sha
    await world.passes(minutes=5)
    await merges_the_majors(world)
    await world.passes(minutes=2)
    state, evidence = await criterion(world, SYNCED)
    assert state == "unknown"
    assert evidence.startswith("No success at a revision with #37 was heard yet of Kustomization/")
    await hears_of(world, "cert-manager/cert-manager", "ReconciliationSucceeded", old)
    assert await criterion(world, SYNCED) == (state, evidence), "a heartbeat at the revision before says nothing"
    new = world.repository.head_sha
    await hears_of(world, "flux-system/cluster-apps", "HealthCheckFailed", new, severity="error")
    assert (await criterion(world, SYNCED))[0] == "no"
    assert not (await milestone(world))["reached"]
    await world.passes(minutes=5)
    await world.cluster_reconciles()
    assert (await milestone(world))["reached"]


async def test_what_waits_or_makes_progress_has_not_succeeded(world: World) -> None:
    await makes(world, goal="flux 2.6.1")
    for reason in ("DependencyNotReady", "Progressing"):
        await hears_of(world, "flux-system/cluster-apps", reason, world.repository.head_sha)
        assert await criterion(world, SYNCED) == (
            "unknown",
            "No success was heard yet of Kustomization/flux-system/cluster-apps.",
        )
    assert metrics(await milestone(world))["GitOps sync"].startswith("unknown: ")


async def test_what_no_kustomization_applies_is_not_waited_for(world: World) -> None:
    await makes(world, goal="flux 2.6.1")
    await brings_flux(world)
    before = await criterion(world, SYNCED)
    assert before[0] == "yes"
    await world.merges(20)
    assert await criterion(world, SYNCED) == before


async def test_commits_are_compared_only_where_it_is_not_known(world: World) -> None:
    await makes(world, goal="flux 2.6.1")
    await world.merges(38)
    await world.passes(minutes=1)
    calls = compares(world)
    await world.cluster_reconciles()
    assert (await criterion(world, SYNCED))[0] == "yes"
    assert compares(world) == calls, "it is at the merge itself"
    world.repository.push({"README.md": "moved\n"}, message="Move on", by=world.github.owner)
    await world.passes(minutes=5)
    await world.cluster_reconciles()
    assert (await criterion(world, SYNCED))[0] == "yes"
    assert compares(world) == calls + 1, "one commit, whoever speaks of it"
    await world.sweeps()
    assert compares(world) == calls + 1


async def test_what_was_taken_out_of_git_fails_no_more(world: World) -> None:
    await makes(world, goal="flux 2.6.1")
    await world.cluster_reconciles()
    await hears(world, "HelmRelease/default/old-app", "InstallFailed", "boom", revision="1.0.0", severity="error")
    assert await criterion(world, SYNCED) == ("no", "HelmRelease/default/old-app failed: boom")
    await world.passes(hours=23)
    await world.cluster_reconciles()
    assert (await criterion(world, SYNCED))[0] == "no"
    await world.passes(hours=2)
    await world.cluster_reconciles()
    await world.sweeps()
    state, evidence = await criterion(world, SYNCED)
    assert state == "yes"
    assert evidence.endswith("Left out, silent for more than a day and not in Git: HelmRelease/default/old-app.")


async def test_what_was_merged_over_its_hold_is_a_lesson_with_what_it_broke(world: World) -> None:
    """What happened in 2025, to its end: the owner takes Flux up by hand."""
    await makes(world, goal="flux 2.6.1")
    await world.passes(minutes=2)
    world.pull(34).merge(by=world.github.owner)
    await world.merges(30)
    await world.cluster_reconciles()
    await world.passes(minutes=5)
    world.cluster.upgrade_flux("2.6.1")
    await world.cluster_reconciles()
    await world.passes(minutes=5)
    await merges_the_tooling(world)
    await world.merges(22)
    await merges_one_after_the_other(world, 17, 35, 36, 38, 27)
    await merges_the_majors(world)
    await world.passes(minutes=10)
    await world.cluster_reconciles()
    told = await milestone(world)
    assert told["reached"]
    text = (await world.client.get(f"{API}/1/markdown", headers=ADMIN)).text
    lessons = section(text, "Lessons learned")
    (broke,) = [line for line in lessons.splitlines() if "no matches for kind" in line]
    assert broke.startswith(
        "- #34 was merged while it was held, after 2 min, and broke Kustomization flux-system/cluster-apps, "
    )
    assert "would have failed" not in lessons
