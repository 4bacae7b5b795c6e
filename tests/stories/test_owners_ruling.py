"""What the owner decides: single edges, standing orders, who approves what, and which file says so."""

from typing import Any

import pytest

from app.demo.github.model import Permission
from app.demo.github.repository import Repository
from app.domain.model import State
from tests.world import ADMIN_TOKEN, World

FILE = ".github/fluxmig.yaml"
ORDER = "  - {this: {names: [kube-prometheus-stack]}, after: {names: ['**/node-problem-detector']}, reason: agreed}\n"


async def pushes(world: World, text: str | None) -> None:
    world.repository.push({FILE: text}, message="Configure fluxmig")
    await world.settle()


async def asked(world: World, path: str = "") -> dict[str, Any]:
    answer = await world.client.get(
        f"/api/v1/repositories/{world.repository.full_name}{path}", headers={"Authorization": f"Bearer {ADMIN_TOKEN}"}
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def finding(world: World, name: str) -> tuple[str, str]:
    world.context.diagnoses.clear()
    (found,) = [one for one in (await asked(world, "/doctor"))["findings"] if one["name"] == name]
    return found["health"], found["sentence"]


async def test_a_standing_order_holds_until_the_other_one_is_merged(world: World) -> None:
    await pushes(world, f"mode: act\napprovals: false\norder:\n{ORDER}")
    assert await world.state(37) is State.BLOCKED
    assert world.check(37) == "action_required"
    said = f"#37 waits for #38: the configuration wants that order ({FILE}:4): agreed."
    assert await world.reason(37) == said
    assert f"/blob/{world.repository.head_sha}/{FILE}#L4" in world.check_summary(37)
    (edge,) = [one for one in (await asked(world, "/graph"))["edges"] if one["kind"] == "order"]
    assert (edge["from"], edge["to"], edge["strength"]) == (37, 38, "hard")
    page = (await world.client.get(f"/r/{world.repository.full_name}/pull/37")).text
    assert "The configuration of this repository wants this order." in page
    await world.says(38, "/fluxmig depends on #37")
    assert await world.state(38) is State.READY, "a circle is refused"
    await world.merges(38)
    assert await world.state(37) is State.READY
    assert world.check(37) == "success"


async def test_an_edge_that_is_off_holds_nobody_and_the_reason_names_the_line(world: World) -> None:
    await pushes(world, "mode: act\nedges:\n  rules:\n    - {from: {names: [OCIRepository]}, to: {}, strength: off}\n")
    assert await world.state(34) is State.READY
    assert (await world.reason(34)).endswith(f"Without {FILE}:4 it would wait for #30.")
    await pushes(world, "mode: act\n")
    assert await world.state(34) is State.BLOCKED


async def test_two_people_have_to_approve(world: World) -> None:
    ada, bob = world.github.add_user("ada"), world.github.add_user("bob")
    world.repository.grant(ada, Permission.MAINTAIN)
    world.repository.grant(bob, Permission.ADMIN)
    rule = "    - {match: {names: [kube-prometheus-stack]}, by: maintain, count: 2, reason: it watches all}\n"
    await pushes(world, f"mode: act\napprovals:\n  rules:\n{rule}")
    assert await world.state(37) is State.NEEDS_REVIEW
    asks = "Waits for `/fluxmig approve` by 2 people with maintain permission, by rule of the configuration"
    assert (await world.reason(37)).startswith(f'{asks} ({FILE}:4: "it watches all")')
    await world.says(37, "/fluxmig approve", by=world.github.writer)
    await world.says(37, "/fluxmig approve", by=ada)
    await world.says(37, "/fluxmig approve", by=ada)
    assert await world.state(37) is State.NEEDS_REVIEW, "each person counts once"
    assert (await world.reason(37)).endswith("ada said so already. hana approved, without that permission.")
    await world.says(37, "/fluxmig approve", by=bob)
    assert await world.state(37) is State.READY
    assert await world.reason(37) == "Ready: approved by hana, ada and bob."
    assert world.check(37) == "success"
    pull = world.pull(37)
    pull.push({"kubernetes/notes.md": "x\n"}, message="More", by=world.github.writer)
    await world.settle()
    assert await world.state(37) is State.NEEDS_REVIEW, "another head has to be looked at again"


async def test_no_labels_takes_away_those_that_we_set(world: World) -> None:
    assert "fluxmig/blocked" in world.pull(34).labels
    await pushes(world, "mode: act\nlabels: false\n")
    assert not [name for name in world.pull(34).labels if name.startswith("fluxmig/")]


# --- the file of the owner ---


@pytest.fixture
async def shared(world: World) -> Repository:
    """The owner's repository `.github`, which judges ours."""
    shared = world.github.create_repository(".github", owner=world.repository.owner)
    with world.github.silent():
        shared.push({FILE: "mode: act\nedges:\n  pair: hard\n"}, message="For all", by=world.github.owner)
    world.github.install_on(shared)
    await pushes(world, None)
    return shared


async def test_every_surface_says_that_the_owners_file_judges(world: World, shared: Repository) -> None:
    assert await world.state(30) is State.BLOCKED, "by the pair that was made hard"
    named = f"wcygan/.github:{FILE}"
    assert f"[`{named}:3`](https://github.com/wcygan/.github/blob/HEAD/{FILE}#L3)" in world.check_summary(30)
    told = await asked(world)
    assert (told["config"]["file"], told["config"]["problems"]) == (named, [])
    health, sentence = await finding(world, "configuration")
    assert (health, sentence.startswith(f"Judged by `{FILE}` of wcygan/.github")) == ("ok", True)
    page = (await world.client.get(f"/r/{world.repository.full_name}")).text
    assert "of wcygan/.github, as every repository of this owner that has no file of its own" in page
    explained = (await world.client.get(f"/r/{world.repository.full_name}/pull/30")).text
    assert f"/wcygan/.github/blob/HEAD/{FILE}#L3" in explained
    await pushes(world, "mode: act\n")
    assert await world.state(30) is State.READY, "a file of its own takes its place as a whole"
    assert (await asked(world))["config"]["file"] == FILE


async def test_a_broken_file_of_the_owner_is_told(world: World, shared: Repository) -> None:
    shared.push({FILE: "mode: act\nedges:\n  pare: hard\n"}, message="For all", by=world.github.owner)
    await world.settle()
    assert await world.state(30) is State.BLOCKED, "its last right text judges on"
    health, sentence = await finding(world, "configuration")
    assert health == "problem"
    assert sentence.startswith(f"wcygan/.github:{FILE}:3: `pare` is no key here; did you mean `pair`?")
    assert f"`fluxmig lint {FILE}` in a clone of wcygan/.github shows every mistake." in sentence


async def test_without_the_owners_repository_the_defaults_hold(world: World, shared: Repository) -> None:
    world.github.installations_of(shared)[0].remove(shared)
    await world.settle()
    assert await world.state(30) is not State.BLOCKED
    assert (await asked(world))["config"] is None
    health, sentence = await finding(world, "configuration")
    assert (health, sentence.startswith("No configuration: the defaults hold.")) == ("ok", True)


# --- comments that are taken back ---


async def audit(world: World) -> list[tuple[str, str]]:
    return [(one["kind"], one["result"]) for one in (await asked(world, "/audit"))["items"]]


async def test_a_comment_that_is_deleted_in_time_is_taken_back(world: World) -> None:
    comment = world.pull(38).comment("/fluxmig hold", by=world.github.owner)
    world.pull(38).delete_comment(comment, by=world.github.owner)
    await world.settle()
    assert await world.state(38) is State.READY
    assert [one.body for one in world.pull(38).comments.values()] == []
    assert await audit(world) == [("hold", "withdrawn")]


async def test_what_was_done_stays_done_when_the_comment_goes(world: World) -> None:
    comment = world.pull(38).comment("/fluxmig hold", by=world.github.owner)
    await world.settle()
    world.pull(38).delete_comment(comment, by=world.github.owner)
    await world.settle()
    assert await world.state(38) is State.HELD
    assert await audit(world) == [("hold", "done")]


async def test_an_edit_adds_no_command_and_changes_none(world: World) -> None:
    comment = world.pull(38).comment("looks good", by=world.github.owner)
    await world.settle()
    world.pull(38).edit_comment(comment, "/fluxmig hold", by=world.github.owner)
    await world.settle()
    assert await world.state(38) is State.READY
    assert await audit(world) == []
    comment = world.pull(38).comment("/fluxmig hold", by=world.github.owner)
    world.pull(38).edit_comment(comment, "/fluxmig approve", by=world.github.owner)
    await world.settle()
    assert await audit(world) == [("hold", "done")]
