"""Taking a merge back: what goes first, what must stay, and the pull request that does it."""

from collections.abc import AsyncIterator

import pytest

from app.demo.github import GitHub
from app.demo.github.model import DEFAULT_PERMISSIONS
from app.demo.github.pull_request import PullRequest
from app.demo.story import base_files, load_story
from app.domain.model import State
from tests.support.story_repository import edited_files
from tests.world import Clock, World, open_world


@pytest.fixture
async def trusted(database_url: str) -> AsyncIterator[World]:
    """The owner has granted `contents: write`."""
    clock = Clock()
    github = GitHub(clock=clock)
    async with open_world(database_url, github=github, clock=clock) as world:
        world.has(load_story(world.github, world.renovate))
        for installation in github.installations.values():
            installation.permissions = {**installation.permissions, "contents": "write"}
        await world.settle()
        await world.registers_cluster()
        yield world
        await world.look_around()


async def breaks(world: World) -> None:
    await world.cluster_reconciles()
    await world.passes(minutes=1)
    await world.merges(34)
    await world.passes(minutes=1)
    await world.merges(30)
    await world.cluster_reconciles()


def answer(world: World, number: int) -> str:
    ours = [one for one in world.pull(number).comments.values() if one.user == world.github.app.bot]
    return max(ours, key=lambda one: one.id).body


def reverts(world: World, number: int) -> list[PullRequest]:
    return [one for one in world.repository.pull_requests.values() if one.head_branch == f"fluxmig/revert-{number}"]


async def test_it_says_the_order_and_the_commands(world: World) -> None:
    await breaks(world)
    await world.says(34, "/fluxmig rollback")
    told = answer(world, 34)
    assert "1. #34 " in told
    assert f"git revert --no-edit {world.pull(34).merge_commit_sha}" in told
    lines = told.split("```sh\n")[1].split("\n```")[0].split("\n")
    suspended = [line.removeprefix("flux suspend ") for line in lines if line.startswith("flux suspend kustomization ")]
    resumed = [line.removeprefix("flux resume ") for line in lines if line.startswith("flux resume kustomization ")]
    assert "kustomization cluster-apps -n flux-system" in suspended
    assert resumed == suspended[::-1], "what waits stops first and goes on last"
    assert "`/fluxmig rollback --yes`" in told


async def test_flux_does_not_go_back_a_minor_its_users_do(world: World) -> None:
    await breaks(world)
    await world.says(30, "/fluxmig rollback --yes")
    told = answer(world, 30)
    assert "#30 must stay: it took Flux from 2.5.1 to 2.6.1, and Flux Operator refuses to go back a minor" in told
    assert "Revert what uses it instead: #34." in told
    assert "git revert" not in told
    assert reverts(world, 30) == []


async def test_without_the_permission_it_gives_the_commands(world: World) -> None:
    assert DEFAULT_PERMISSIONS["contents"] == "read"
    await breaks(world)
    await world.says(34, "/fluxmig rollback --yes")
    told = answer(world, 34)
    assert "I may not write to this repository, so I opened nothing." in told
    assert "`contents: write`" in told
    assert f"git revert --no-edit {world.pull(34).merge_commit_sha}" in told
    assert reverts(world, 34) == []


async def test_it_opens_the_revert_and_the_incident_ends_with_it(trusted: World) -> None:
    world = trusted
    await breaks(world)
    await world.says(34, "/fluxmig rollback --yes")
    (revert,) = reverts(world, 34)
    assert answer(world, 34).startswith(f"Opened #{revert.number}.")
    assert revert.title == f"Revert #34: {world.pull(34).title}"
    assert "**Why**" in revert.body
    assert 'no matches for kind "OCIRepository"' in revert.body
    (commit,) = revert.commits()
    files = base_files()
    assert {path: commit.tree[path] for path in edited_files(34, files)} == {
        path: files[path] for path in edited_files(34, files)
    }
    assert (
        commit.tree["kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"]
        != files["kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"]
    ), "#30 stays"
    assert await world.state(revert.number) is State.READY, "no incident holds its cure"
    await world.merges(revert.number)
    await world.cluster_reconciles()
    assert await world.state(36) is State.READY
    await world.says(34, "/fluxmig rollback --yes")
    assert answer(world, 34) == "Git has its files again as they were before it: there is nothing to revert."


async def test_a_second_command_points_to_the_first_pull_request(trusted: World) -> None:
    world = trusted
    await breaks(world)
    await world.says(34, "/fluxmig rollback --yes")
    (revert,) = reverts(world, 34)
    await world.says(34, "/fluxmig rollback --yes", by=world.github.writer)
    assert answer(world, 34) == f"#{revert.number} reverts this already, and is open."
    assert reverts(world, 34) == [revert]


@pytest.mark.parametrize("step", ["POST .*/git/refs", "POST /graphql", "POST .*/pulls$"])
async def test_a_fault_in_the_middle_leaves_one_pull_request(trusted: World, step: str) -> None:
    """GitHub answers 502 though it did what was asked."""
    world = trusted
    await breaks(world)
    world.github.faults.fail_next(502, match=step, after_effect=True)
    await world.says(34, "/fluxmig rollback --yes")
    await world.passes(minutes=5)
    (revert,) = reverts(world, 34)
    assert len(revert.commits()) == 1


async def test_others_changes_of_the_same_file_stay(trusted: World) -> None:
    """#17 raised another line of a file of #34 meanwhile."""
    world = trusted
    path = "kubernetes/apps/kube-system/coredns/app/helmrelease.yaml"
    await world.merges(34)
    await world.renovate_runs()
    await world.merges(17)
    await world.says(34, "/fluxmig rollback --yes")
    (revert,) = reverts(world, 34)
    assert revert.head.tree[path] == edited_files(17, base_files())[path], "as if #34 had never been"


async def test_a_change_in_the_same_place_is_named(trusted: World) -> None:
    world = trusted
    path = "kubernetes/apps/kube-system/coredns/app/helmrelease.yaml"
    await world.merges(34)
    text = world.repository.tree()[path]
    world.repository.push(
        {path: text.replace("source.toolkit.fluxcd.io/v1", "source.toolkit.fluxcd.io/v2")}, message="x"
    )
    await world.settle()
    await world.says(34, "/fluxmig rollback --yes")
    told = answer(world, 34)
    assert f"`{path}` was changed in the same place after #34, by a push: solve the conflict by hand." in told
    assert reverts(world, 34) == []


async def test_who_may(trusted: World) -> None:
    world = trusted
    await world.merges(34)
    await world.says(34, "/fluxmig rollback --yes", by=world.github.reader)
    assert reverts(world, 34) == []
    await world.says(36, "/fluxmig rollback --yes")
    assert answer(world, 36).startswith("This pull request is not merged")
