"""What the service itself says to GitHub, and hears, in the whole story: all of it keeps to GitHub's descriptions."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.demo.github.model import DEFAULT_PERMISSIONS
from app.demo.story import load_story
from app.domain.messages.words import DASHBOARD_TITLE
from app.services.doctor import examine
from app.services.milestones import Wish, close_milestone, create_milestone
from app.services.polling import poll_repository
from tests.contract.graphql import GraphqlContract
from tests.contract.schemas import HookContract, RestContract
from tests.world import World, open_world


@pytest.fixture
async def played(database_url: str) -> AsyncIterator[World]:
    """The story with commands of every kind, to its end."""
    async with open_world(database_url) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.registers_cluster()
        wish = Wish("flux 2.6.1", "", wants_issue=True, by="a test")
        milestone = await create_milestone(world.context, world.repository.id, wish)
        await world.settle()
        await world.says(34, "/fluxmig why\n/fluxmig plan\n/fluxmig hepl")
        await world.says(38, "/fluxmig hold\n/fluxmig unhold")
        await world.says(37, "/fluxmig approve", by=world.github.reader)
        await world.presses(38, "Hold")
        await world.presses(38, "Unhold")
        place = "kubernetes/apps/kube-system/spegel/app/helmrelease.yaml"
        text = world.repository.tree()[place].replace("fluxcd.io/v1beta2", "fluxcd.io/v1")
        world.repository.push_to_branch("renovate/alone", {place: text}, message="fix: it", by=world.github.renovate)
        await world.settle()
        groups = world.repository.enqueue(38, 30)
        await world.settle()
        queue = world.repository.merge_queues["main"]
        queue.remove(groups[0])
        queue.remove(groups[1], reason="invalidated")
        run = world.check_run(34)
        assert run is not None
        world.repository.rerun(run)
        world.repository.rerun_all(run.suite)
        await world.settle()
        await world.merges(30)
        await world.cluster_reconciles()
        await world.renovate_runs()
        await world.merges(22, 34)
        await world.renovate_runs()
        for installation in world.github.installations.values():
            installation.permissions = {**installation.permissions, "contents": "write"}
        await world.says(34, "/fluxmig rollback")
        await world.says(34, "/fluxmig rollback --yes")
        await world.sweeps()
        await _words_beside_the_check(world)
        await close_milestone(world.context, world.repository.id, milestone, by="a test")
        await world.settle()
        world.github.webhooks.lose("issue_comment")
        await world.says(38, "thanks")
        await world.looks_for_missed_deliveries()
        await examine(world.context, world.repository.id)
        for _ in range(2):
            await poll_repository(world.context, world.repository.id)
        folder = os.environ.get("FLUXMIG_TRAFFIC")
        if folder:  # for a look with other tools
            world.github.log.write_exchanges(Path(folder) / "exchanges.jsonl")
            world.github.log.write_webhooks(Path(folder) / "webhooks.jsonl")
        yield world


async def _words_beside_the_check(world: World) -> None:
    """Comment, dashboard with a tick, a changed configuration, and every way to ask Renovate."""
    file = ".github/fluxmig.yaml"
    installation = world.github.install_on(
        world.repository, permissions={**DEFAULT_PERMISSIONS, "actions": "write", "contents": "write"}
    )
    await world.context.clients.forget_token(installation.id)
    text = (
        "mode: act\ncomment: true\ndashboard: true\napprovals: {classes: [infrastructure]}\n"
        "rebase: {drivers: [dashboard, label], workflow: renovate.yaml, update_branch: true}\n"
    )
    files = {file: text, ".github/workflows/renovate.yaml": "on: workflow_dispatch\n"}
    world.repository.push(files, message="Configure", by=world.github.owner)
    world.renovate.opens_dashboard(world.repository)
    await world.settle()
    bot = f"{world.github.app.slug}[bot]"
    dashboard = next(
        issue
        for issue in world.repository.issues.values()
        if issue.user.login == bot and issue.title == DASHBOARD_TITLE
    )
    box = "- [ ] <!-- fluxmig:approve=36 -->"
    assert box in dashboard.body
    dashboard.edit(body=dashboard.body.replace(box, box.replace("[ ]", "[x]")), by=world.github.owner)
    await world.settle()
    with world.github.silent():
        dashboard.edit(body=dashboard.body.replace("- [ ] <!-- fluxmig:hold=", "- [x] <!-- fluxmig:hold=", 1))
    await world.sweeps()
    await world.says(36, "/fluxmig rebase")
    for _ in range(4):
        await world.passes(minutes=16)
    world.repository.open_pull_request(
        title="Configure", branch="config", changes={file: "rulez: []\n"}, by=world.github.writer
    )
    await world.settle()


async def test_every_call_and_every_delivery_keeps_to_the_contract(
    played: World, rest_contract: RestContract, hook_contract: HookContract, graphql_contract: GraphqlContract
) -> None:
    log = played.github.log
    assert len(log.exchanges) > 100
    assert len(log.webhooks) > 100
    rest = [one for one in log.exchanges if one.path != "/graphql"]
    wrong = [(f"{one.method} {one.path}", found) for one in rest if (found := rest_contract.errors(one))]
    wrong += [
        (one.request_body["query"], found)
        for one in log.exchanges
        if one.path == "/graphql" and (found := graphql_contract.errors(one))
    ]
    assert len(rest) < len(log.exchanges), "the story writes some of its checks together"
    assert any("userContentEdits" in one.request_body["query"] for one in log.exchanges if one.path == "/graphql")
    wrong += [(hook["event"], found) for hook in log.webhooks if (found := hook_contract.errors(**hook))]
    assert wrong == []
    assert played.github.unknown_routes == []
