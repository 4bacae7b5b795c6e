"""What people say over the verdict: for a time, with a reason, and never unseen."""

from typing import Any

import pytest

from app.domain.model import State
from tests.stories.test_commands import answer, reactions
from tests.world import ADMIN_TOKEN, World

FILE = ".github/fluxmig.yaml"
UNBLOCK = '/fluxmig unblock --reason "the cluster is rebuilt anyway" for 1d'


async def audit(world: World, query: str = "") -> dict[str, Any]:
    found = await world.client.get(
        f"/api/v1/repositories/{world.repository.full_name}/audit{query}",
        headers={"Authorization": f"Bearer {ADMIN_TOKEN}"},
    )
    assert found.status_code == 200, found.text
    return dict(found.json())


async def kinds(world: World) -> list[str]:
    return [f"{one['kind']} {one['result']} by {one['actor']}" for one in (await audit(world))["items"]]


# --- hold for a time ---


async def test_a_hold_for_two_hours_ends_by_itself(world: World) -> None:
    await world.says(38, "/fluxmig hold for 2h the oven is on")
    assert await world.reason(38) == "Held by wcygan until 2025-06-11 20:28 UTC: the oven is on"
    assert world.check(38) == "action_required"
    await world.passes(minutes=119)
    assert await world.state(38) is State.HELD
    await world.passes(minutes=2)
    assert await world.state(38) is State.READY
    assert world.check(38) == "success"
    assert await kinds(world) == ["hold-ended done by fluxmig", "hold done by wcygan"]


async def test_a_hold_that_makes_no_sense_is_refused(world: World) -> None:
    await world.says(38, "/fluxmig hold for 9999d")
    assert answer(world, 38) == "For how long? More than nothing, and 365 days at most."
    assert await world.state(38) is State.READY


# --- unblock ---


async def test_unblocked_it_passes_for_a_day_and_everybody_sees_who_said_so(world: World) -> None:
    await world.says(34, UNBLOCK)
    assert reactions(world, 34) == ["+1"]
    assert await world.state(34) is State.READY
    assert (await world.reason(34)).startswith(
        "Unblocked by wcygan until 2025-06-12 18:28 UTC: the cluster is rebuilt anyway. Without that: #34 needs "
    )
    assert world.check(34) == "success"
    assert world.check_title(34).startswith("Unblocked by wcygan until 2025-06-12 18:28 UTC: the cluster is")
    await world.passes(hours=23)
    assert world.check(34) == "success"
    await world.passes(hours=2)
    assert await world.state(34) is State.BLOCKED
    assert world.check(34) == "action_required"
    assert await kinds(world) == ["unblock-ended done by fluxmig", "unblock done by wcygan"]
    page = (await world.client.get(f"/r/{world.repository.full_name}")).text
    assert "the cluster is rebuilt anyway" in page


async def test_unblocking_can_be_taken_back(world: World) -> None:
    await world.says(34, UNBLOCK)
    await world.says(34, "/fluxmig unblock off")
    assert await world.state(34) is State.BLOCKED


async def test_who_may_only_write_may_not_unblock(world: World) -> None:
    await world.says(34, UNBLOCK, by=world.github.writer)
    assert "`/fluxmig unblock` needs maintain permission on this repository; you have write." in answer(world, 34)
    assert await world.state(34) is State.BLOCKED
    assert (await kinds(world))[0].startswith("unblock refused by ")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (38, "Nothing blocks this pull request: it is ready."),
        (37, "Nothing blocks this pull request: it is needs review."),
    ],
)
async def test_what_is_not_blocked_cannot_be_unblocked(world: World, number: int, said: str) -> None:
    await world.says(number, UNBLOCK)
    assert answer(world, number) == said


async def test_a_hold_by_a_person_is_not_overruled(world: World) -> None:
    await world.says(38, "/fluxmig hold\n" + UNBLOCK)
    assert answer(world, 38) == "wcygan holds it: that ends by `/fluxmig unhold`."
    assert await world.state(38) is State.HELD


async def test_unblocked_it_passes_through_a_freeze(world: World) -> None:
    freeze = "mode: act\nfreeze: [{from: 2025-06-11, to: 2025-06-12, reason: a fair}]\n"
    world.repository.push({FILE: freeze}, message="Freeze", by=world.github.owner)
    await world.settle()
    assert await world.state(38) is State.HELD
    await world.says(38, '/fluxmig unblock --reason "a security fix" for 1h')
    assert await world.reason(38) == (
        "Unblocked by wcygan until 2025-06-11 19:28 UTC: a security fix. "
        "Without that: Frozen until 2025-06-13 00:00 UTC: a fair."
    )
    assert world.check(38) == "success"
    await world.passes(minutes=61)
    assert world.check(38) == "action_required"


# --- depends ---


async def test_a_person_makes_one_wait_for_another(world: World) -> None:
    await world.says(38, "/fluxmig depends on #36")
    assert await world.state(38) is State.BLOCKED
    assert await world.reason(38) == "#38 waits for #36, because wcygan said so."
    page = (await world.client.get(f"/r/{world.repository.full_name}/pull/38")).text
    assert "A person wrote that this pull request depends on the other." in page
    await world.sweeps()
    assert await world.state(38) is State.BLOCKED
    await world.merges(36)
    assert await world.state(38) is State.READY


async def test_it_waits_for_the_rollout_where_the_other_brings_something(world: World) -> None:
    await world.says(38, "/fluxmig depends on #30")
    await world.merges(30)
    assert await world.state(38) is State.WAITING_ROLLOUT
    assert await world.reason(38) == "Merged, not yet rolled out: #38 waits for #30, because wcygan said so."
    await world.cluster_reconciles()
    assert await world.state(38) is State.READY


async def test_a_dependency_is_taken_away_again(world: World) -> None:
    await world.says(38, "/fluxmig depends on #36")
    await world.says(38, "/fluxmig depends off #36")
    assert await world.state(38) is State.READY
    await world.says(38, "/fluxmig depends off #36")
    assert answer(world, 38) == "Nobody said that this depends on #36."


async def test_closed_without_a_merge_it_says_how_to_go_on(world: World) -> None:
    await world.says(38, "/fluxmig depends on #36")
    world.pull(36).close(by=world.github.owner)
    await world.settle()
    assert await world.state(38) is State.BLOCKED
    assert "#36 was closed without a merge. `/fluxmig depends off #36` ends it." in await world.reason(38)


@pytest.mark.parametrize(
    ("number", "on", "said"),
    [
        (30, "#34", "#34 waits for this one already (#34 → #30): they would wait for ever."),
        (38, "#38", "#38 waits for this one already (#38): they would wait for ever."),
        (38, "#999", "I know no pull request #999 of this repository."),
    ],
)
async def test_no_circle_and_no_stranger(world: World, number: int, on: str, said: str) -> None:
    await world.says(number, f"/fluxmig depends on {on}")
    assert answer(world, number) == said


# --- refresh, downstream, recreate ---


async def test_refresh_reads_the_pull_request_and_the_base_anew(world: World) -> None:
    with world.github.silent():
        world.pull(38).push({"kubernetes/note.yaml": "a: 1\n"}, message="more", by=world.github.renovate)
        world.repository.push({"README.md": "moved\n"}, message="Move on", by=world.github.owner)
    writes = world.github.log.writes
    await world.says(38, "/fluxmig refresh")
    assert (await world.row(38)).head_sha == world.pull(38).head_sha
    assert world.check(38) != ""
    assert world.github.log.writes > writes


async def test_what_waits_for_it_is_rebased_on_request_if_nothing_holds_it(world: World) -> None:
    await world.says(30, "/fluxmig rebase --downstream")
    assert "#34: it is blocked" in answer(world, 30)
    assert await world.rebases(34) == []
    await world.merges(30)
    await world.cluster_reconciles()
    await world.renovate_runs()
    await world.says(34, "/fluxmig rebase --downstream")
    assert answer(world, 34).startswith("Asked Renovate to rebase #17, #36.")
    assert [(await world.rebases(number))[-1] for number in (17, 36)] == ["requested", "requested"]


async def test_recreate_asks_once_more_and_then_even_an_edited_branch_is_ticked(world: World) -> None:
    pull = world.pull(38)
    pull.push({"note.md": "mine\n"}, message="A person's commit", by=world.github.writer)
    await world.settle()
    await world.says(38, "/fluxmig recreate --yes")
    assert answer(world, 38).startswith("First say `/fluxmig recreate` alone")
    await world.says(38, "/fluxmig recreate")
    assert "cannot be undone" in answer(world, 38)
    assert "- [x] <!-- rebase-check -->" not in pull.body
    await world.says(38, "/fluxmig recreate --yes", by=world.github.writer)
    assert answer(world, 38).startswith("First say"), "the other one has not read it"
    await world.says(38, "/fluxmig recreate --yes")
    assert "- [x] <!-- rebase-check -->" in pull.body
    await world.renovate_runs()
    assert await world.rebases(38) == ["confirmed"]
    assert "note.md" not in pull.head.tree


async def test_a_comment_that_is_deleted_or_edited_never_acts(world: World) -> None:
    comment = world.pull(38).comment("looks fine", by=world.github.owner)
    await world.settle()
    world.pull(38).edit_comment(comment, "/fluxmig hold", by=world.github.owner)
    await world.settle()
    world.pull(38).delete_comment(comment, by=world.github.owner)
    await world.settle()
    assert await world.state(38) is State.READY
    assert (await audit(world))["items"] == []


# --- permissions from the configuration, and the log ---


async def test_the_repository_says_who_may_hold_and_unblock(world: World) -> None:
    config = "mode: act\ncommands: {hold: admin, unblock: write}\n"
    world.repository.push({FILE: config}, message="Who may", by=world.github.owner)
    await world.settle()
    await world.says(38, "/fluxmig hold", by=world.github.writer)
    assert "`/fluxmig hold` needs admin permission on this repository; you have write." in answer(world, 38)
    await world.says(34, UNBLOCK, by=world.github.writer)
    assert await world.state(34) is State.READY
    await world.says(34, "/fluxmig help")
    assert "| `/fluxmig hold [for 2h] [reason]` | admin |" in answer(world, 34)


async def test_the_log_tells_who_did_what_where_and_with_what_result(world: World) -> None:
    await world.says(37, "/fluxmig approve\n/fluxmig confirm")
    await world.presses(38, "Hold")
    first = await audit(world, "?limit=2")
    press, confirm = first["items"]
    assert (press["kind"], press["number"], press["actor"], press["result"]) == ("hold", 38, "wcygan", "done")
    assert press["place"].startswith("a button below the check")
    assert (confirm["said"], confirm["result"]) == ("/fluxmig confirm", "refused")
    assert confirm["answer"] == "Nothing here waits for a rollout: there is nothing to confirm."
    (approve,) = (await audit(world, f"?limit=2&cursor={first['next']}"))["items"]
    assert (approve["kind"], approve["said"], approve["place"][:8]) == ("approve", "/fluxmig approve", "comment ")
    page = (await world.client.get(f"/r/{world.repository.full_name}")).text
    assert "Who said what" in page
