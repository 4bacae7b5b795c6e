"""The same story on a GitHub Enterprise Server: other addresses, other links, other no-reply addresses."""

from collections.abc import AsyncIterator

import pytest

from app.demo.github import GitHub
from app.demo.story import load_story
from app.domain.model import State
from tests.world import Clock, World, open_world

HOST = "https://ghes.test"


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[World]:
    clock = Clock()
    github = GitHub(clock=clock, api_url=f"{HOST}/api/v3", html_url=HOST)
    async with open_world(database_url, github=github, clock=clock, github_api_url=github.api_url) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.registers_cluster()
        yield world
        await world.look_around()


async def test_the_story_goes_from_the_merge_to_the_rebase(server: World) -> None:
    assert await server.state(34) is State.BLOCKED
    assert f"({HOST}/wcygan/homelab/blob/" in server.check_summary(34)
    assert "https://github.com/wcygan/homelab" not in server.check_summary(34)
    await server.merges(30)
    await server.cluster_reconciles()
    await server.renovate_runs()
    assert await server.rebases(34) == ["confirmed"]
    assert server.check(34) == "success"


async def test_many_are_read_and_written_by_its_graphql(server: World) -> None:
    await server.sweeps()
    asked = [one.status for one in server.github.log.exchanges if one.path == "/graphql"]
    assert asked
    assert set(asked) == {200}


async def test_each_call_names_the_version_of_the_api(server: World) -> None:
    named = {one.request_headers.get("x-github-api-version") for one in server.github.log.exchanges}
    assert named == {"2022-11-28"}


async def test_its_deliveries_tell_of_the_server_and_are_taken(server: World) -> None:
    server.pull(38).comment("/fluxmig hold", by=server.github.owner)
    for delivery in server.github.webhooks.pending:
        delivery.headers.update({"X-GitHub-Enterprise-Host": "ghes.test", "X-GitHub-Enterprise-Version": "3.17.0"})
    await server.settle()
    assert await server.state(38) is State.HELD
