"""A milestone by the cluster's own word: what is served, what runs, and whether all of it was applied."""

from app.demo.story import load_story
from app.domain.model import State
from tests.stories.test_milestone import brings_flux, makes, metrics, milestone
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
