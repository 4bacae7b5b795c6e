"""Taking a merge back: what goes first, what must stay, and the pull request that does it."""

from collections.abc import AsyncIterator

import pytest

from app.demo.github import GitHub
from app.demo.github.model import DEFAULT_PERMISSIONS
from app.demo.github.pull_request import PullRequest
from app.demo.renovate import LineEdit
from app.demo.story import base_files, load_story
from app.domain.model import State
from tests.support.fleet import (
    COMPONENTS,
    CONFIG,
    MIGRATION,
    OPERATOR,
    RELEASE,
    SECRET,
    has_fleet,
    raises_operator,
)
from tests.support.flux_repository import instance, operator
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


# --- what comes back has to find its APIs, and to fit ---


@pytest.fixture
async def fleet(database_url: str) -> AsyncIterator[World]:
    """Another repository whose owner has granted `contents: write`."""
    async with open_world(database_url, default_mode="act") as world:
        await has_fleet(world, permissions={**DEFAULT_PERMISSIONS, "contents": "write"}, connected=False)
        yield world
        await world.look_around()


async def raises(world: World, number: int, path: str, old: str, new: str) -> None:
    """Renovate opens a pull request that changes one line, and it is merged."""
    edit = LineEdit(path, old, new)
    branch = f"renovate/{number}"
    world.renovate.bumps(world.repository, "x", old, new, edits=[edit], branch=branch, number=number)
    await world.settle()
    await world.merges(number)


async def test_nothing_comes_back_onto_an_api_that_is_gone(fleet: World) -> None:
    """#10 moved a HelmRelease off v2beta2, #20 raised Flux to 2.8.0, which does not serve that any more."""
    world, api = fleet, "apiVersion: helm.toolkit.fluxcd.io"
    release = world.repository.tree()[RELEASE].replace(f"{api}/v2", f"{api}/v2beta2")
    components = world.repository.tree()[COMPONENTS].replace("v2.5.1", "v2.7.5")
    world.repository.push({RELEASE: release, COMPONENTS: components}, message="An older cluster")
    await world.settle()
    await raises(world, 10, RELEASE, f"{api}/v2beta2", f"{api}/v2")
    await raises(world, 20, COMPONENTS, "# Flux Version: v2.7.5", "# Flux Version: v2.8.0")
    await world.says(10, "/fluxmig rollback --yes")
    told = answer(world, 10)
    assert "#20 must stay: it took Flux from 2.7.5 to 2.8.0" in told
    assert f"{RELEASE}:1 would use HelmRelease `helm.toolkit.fluxcd.io/v2beta2` again" in told
    assert f"the base declares Flux 2.8.0 in {COMPONENTS}:3, since #20" in told
    assert "keep HelmRelease `helm.toolkit.fluxcd.io/v2`, which Flux serves" in told
    assert "git revert" not in told
    assert reverts(world, 10) == []


async def test_the_version_that_took_the_api_away_goes_back_first(fleet: World) -> None:
    world = fleet
    before = dict(world.repository.tree())
    await world.merges(OPERATOR)
    await world.says(OPERATOR, "/fluxmig confirm")
    await world.merges(MIGRATION)
    raises_operator(world, number=20, from_="0.16.1", to="0.17.0")
    await world.settle()
    await world.merges(20)
    await world.says(MIGRATION, "/fluxmig rollback --yes")
    (revert,) = reverts(world, MIGRATION)
    assert "1. #20 " in revert.body
    assert f"{SECRET}:1 would use ExternalSecret `external-secrets.io/v1beta1` again" in revert.body
    assert f"2. #{MIGRATION} " in revert.body
    assert revert.head.tree[SECRET] == before[SECRET]
    assert "version: 0.16.1" in revert.head.tree[RELEASE]


async def test_what_is_not_known_is_said_in_the_pull_request(fleet: World) -> None:
    """Git does not tell which Flux the cluster runs."""
    world, api = fleet, "apiVersion: helm.toolkit.fluxcd.io"
    release = world.repository.tree()[RELEASE].replace(f"{api}/v2", f"{api}/v2beta2")
    world.repository.push({RELEASE: release, COMPONENTS: None}, message="Another way to install Flux")
    await world.settle()
    await raises(world, 10, RELEASE, f"{api}/v2beta2", f"{api}/v2")
    await world.says(10, "/fluxmig rollback --yes")
    (revert,) = reverts(world, 10)
    assert "**What I do not know:**" in revert.body
    assert "not known whether cluster main serves HelmRelease `helm.toolkit.fluxcd.io/v2beta2`" in revert.body


async def test_an_operator_does_not_go_back_below_its_flux(fleet: World) -> None:
    world, path = fleet, "clusters/main/flux-instance.yaml"
    chart = "clusters/main/flux-operator.yaml"
    files = {COMPONENTS: None, path: instance("2.6.4"), chart: operator("0.29.0")}
    world.repository.push(files, message="By the operator")
    await world.settle()
    await raises(world, 22, chart, "    tag: 0.29.0", "    tag: 0.30.0")
    await world.says(22, "/fluxmig rollback")
    assert "`/fluxmig rollback --yes`" in answer(world, 22), "nothing needs the newer one yet"
    await raises(world, 30, path, "    version: 2.6.4", "    version: 2.7.0")
    await world.says(22, "/fluxmig rollback --yes")
    told = answer(world, 22)
    assert "#30 must stay: it took Flux from 2.6.4 to 2.7.0, and Flux Operator refuses to go back a minor" in told
    assert f"Flux 2.7.0 ({path}:8, since #30) needs Flux Operator \\>= 0.30.0, and it would be" in told
    assert reverts(world, 22) == []


async def test_the_paths_that_the_owner_ignores_ask_for_nothing(fleet: World) -> None:
    world = fleet
    await world.merges(OPERATOR)
    await world.says(OPERATOR, "/fluxmig confirm")
    await world.merges(MIGRATION)
    release = world.repository.tree()[RELEASE].replace("0.16.1", "0.17.0")
    world.repository.push({RELEASE: release}, message="By hand")
    await world.settle()
    await world.says(MIGRATION, "/fluxmig rollback --yes")
    assert f"#{MIGRATION} must stay: {SECRET}:1 would use ExternalSecret" in answer(world, MIGRATION)
    world.repository.push({CONFIG: f"ignore_paths:\n  - {SECRET}\n"}, message="Nobody reads it")
    await world.settle()
    calls = world.github.log.calls
    page = await world.client.get(f"/r/{world.repository.full_name}/pull/{MIGRATION}")
    assert "must stay" not in page.text
    assert world.github.log.calls == calls, "a preview asks GitHub nothing"
    await world.says(MIGRATION, "/fluxmig rollback --yes")
    assert len(reverts(world, MIGRATION)) == 1
