"""People speak, and the service answers: permission at GitHub, the deed, a reaction, and words where they help."""

import pytest

from app.domain.model import State
from tests.stories.test_buttons import comments
from tests.world import World


def reactions(world: World, number: int) -> list[str]:
    """Our reactions under the last comment of a person."""
    comment = [one for one in world.pull(number).comments.values() if one.user.kind == "User"][-1]
    return [reaction.content for reaction in comment.reactions]


def answer(world: World, number: int) -> str:
    """Our last comment, or nothing."""
    ours = comments(world, number)
    return ours[-1] if ours else ""


async def test_why_says_what_the_check_says(world: World) -> None:
    await world.says(34, "/fluxmig why")
    assert reactions(world, 34) == ["eyes", "+1"]
    assert answer(world, 34) == world.check_summary(34)


async def test_plan_shows_the_waves(world: World) -> None:
    await world.says(34, "/fluxmig plan")
    told = answer(world, 34)
    assert told.index("#26 ") < told.index("#30 ") < told.index("#34 ") < told.index("#38 ") < told.index("#37 ")
    assert "**⛔ blocked**" in told


async def test_help_is_the_table_of_commands(world: World) -> None:
    await world.says(34, "/fluxmig")
    assert "| `/fluxmig rebase [--downstream]` | write |" in answer(world, 34)


async def test_an_unknown_command_gets_the_nearest_name(world: World) -> None:
    await world.says(34, "/fluxmig rebsae")
    assert reactions(world, 34) == ["eyes", "confused"]
    assert answer(world, 34) == "I know no command `rebsae`. Did you mean `/fluxmig rebase`?"


async def test_a_blocked_pull_request_is_not_rebased_on_request(world: World) -> None:
    await world.says(34, "/fluxmig rebase")
    assert reactions(world, 34) == ["eyes", "confused"]
    assert answer(world, 34).startswith("I did not ask Renovate to rebase this: it is ⛔ blocked.")
    assert await world.rebases(34) == []


async def test_a_free_one_is(world: World) -> None:
    await world.says(38, "/fluxmig rebase")
    assert reactions(world, 38) == ["eyes", "rocket"]
    assert await world.rebases(38) == ["requested"]
    await world.renovate_runs()
    assert await world.rebases(38) == ["confirmed"]


async def test_hold_and_unhold(world: World) -> None:
    await world.says(38, "/fluxmig hold until the node is back")
    assert await world.state(38) is State.HELD
    assert world.check(38) == "action_required"
    assert "until the node is back" in world.check_summary(38)
    assert world.pull(38).labels >= {"fluxmig/hold"}
    assert reactions(world, 38) == ["+1"]
    await world.says(38, "/fluxmig unhold")
    assert await world.state(38) is State.READY
    assert world.check(38) == "success"
    assert "fluxmig/hold" not in world.pull(38).labels


@pytest.mark.parametrize("place", [30, 34])
async def test_a_person_confirms_the_rollout(world: World, place: int) -> None:
    await world.merges(30)
    await world.says(place, "/fluxmig confirm")
    assert await world.state(34) is State.READY
    assert "confirmed by wcygan" in await world.reason(34)
    assert await world.rebases(34) == ["requested"]


async def test_there_is_nothing_to_confirm_before_the_merge(world: World) -> None:
    await world.says(34, "/fluxmig confirm")
    assert await world.state(34) is State.BLOCKED
    assert answer(world, 34) == "Nothing here waits for a rollout: there is nothing to confirm."


async def test_an_approval_counts_for_this_head_only(world: World) -> None:
    await world.says(37, "/fluxmig approve")
    assert world.check(37) == "success"
    await world.says(37, "/fluxmig rebase")
    world.repository.push({"README.md": "moved\n"}, message="Move on")
    await world.settle()
    await world.renovate_runs()
    assert await world.state(37) is State.NEEDS_REVIEW
    assert world.check(37) == "action_required"


async def test_a_reader_may_ask_but_not_order(world: World) -> None:
    await world.says(38, "/fluxmig hold", by=world.github.reader)
    assert await world.state(38) is State.READY
    assert (answer(world, 38), reactions(world, 38)) == ("", ["confused"]), "on a public repository anybody may read"
    await world.says(38, "/fluxmig why", by=world.github.reader)
    assert reactions(world, 38) == ["eyes", "+1"]


async def test_who_may_not_even_read_gets_a_face_and_no_words(world: World) -> None:
    world.repository.private = True
    await world.says(38, "/fluxmig rebase\n/fluxmig help", by=world.github.outsider)
    assert answer(world, 38) == ""
    assert reactions(world, 38) == ["confused"]
    assert await world.rebases(38) == []


async def test_several_commands_run_in_order(world: World) -> None:
    await world.says(38, "/fluxmig hold\n/fluxmig rebase")
    assert await world.rebases(38) == []
    assert answer(world, 38).startswith("I did not ask Renovate to rebase this: it is ✋ held.")


async def test_quotes_edits_and_our_own_words_do_nothing(world: World) -> None:
    comment = world.pull(38).comment("> /fluxmig hold\n\nwhat is this?", by=world.github.owner)
    await world.settle()
    world.pull(38).edit_comment(comment, "/fluxmig hold", by=world.github.owner)
    await world.settle()
    await world.says(38, "/fluxmig help")
    assert await world.state(38) is State.READY
    assert len([one for one in world.pull(38).comments.values() if one.user.kind == "Bot"]) == 1


async def test_release_notes_give_no_commands(world: World) -> None:
    world.pull(38).edit(body=world.pull(38).body + "\n/fluxmig hold\n", by=world.github.renovate)
    await world.settle()
    assert await world.state(38) is State.READY


# --- what its author has seen ---


async def test_an_approval_does_not_count_for_a_head_that_came_after_it(world: World) -> None:
    world.pull(37).comment("/fluxmig approve", by=world.github.owner)
    world.pull(37).push({"kubernetes/apps/default/evil.yaml": "kind: Evil\n"}, message="more", by=world.github.writer)
    await world.settle()
    assert await world.state(37) is State.NEEDS_REVIEW
    assert world.check(37) == "action_required"
    assert answer(world, 37).startswith("I saw the present head of this branch only after you said that")
    await world.says(37, "/fluxmig approve")
    assert await world.state(37) is State.READY


async def test_nor_where_it_is_heard_of_long_after_it_was_said(world: World) -> None:
    world.pull(37).comment("/fluxmig approve", by=world.github.owner)
    async with world.hears_late():
        await world.passes(minutes=5)
        world.pull(37).push({"docs/more.md": "more\n"}, message="more", by=world.github.writer)
        await world.settle()
    assert await world.state(37) is State.NEEDS_REVIEW
    assert reactions(world, 37)[-1] == "confused"


# --- a comment is one thing ---


async def test_a_comment_gets_one_answer_and_one_face(world: World) -> None:
    await world.says(34, "/fluxmig why\n/fluxmig rebase\n/fluxmig rebase")
    assert reactions(world, 34) == ["eyes", "confused"]
    (told,) = comments(world, 34)
    assert told.startswith(
        f"`/fluxmig why`\n\n{world.check_summary(34)}\n\n`/fluxmig rebase`\n\nI did not ask Renovate"
    )
    assert told.count("I did not ask") == 1


async def test_the_order_within_a_comment_holds(world: World) -> None:
    await world.says(38, "/fluxmig rebase\n/fluxmig hold the rest of the day\n/fluxmig plan")
    assert await world.rebases(38) == ["requested"]
    assert await world.state(38) is State.HELD
    assert reactions(world, 38) == ["eyes", "rocket"]
    assert "**✋ held**. Held by wcygan" in answer(world, 38)


async def test_what_one_person_says_in_two_comments_runs_in_order_too(world: World) -> None:
    world.pull(38).comment("/fluxmig why\n/fluxmig unhold", by=world.github.owner)
    world.pull(38).comment("/fluxmig hold", by=world.github.owner)
    await world.settle()
    assert await world.state(38) is State.HELD


@pytest.mark.parametrize("verb", ["hold", "plan"])
async def test_sixty_lines_by_a_stranger_do_not_delay_a_check(world: World, verb: str) -> None:
    before = len(world.github.log.exchanges)
    world.pull(38).comment("\n".join([f"/fluxmig {verb}"] * 60), by=world.github.outsider)
    world.pull(38).push({"docs/more.md": "more\n"}, message="more", by=world.github.renovate)
    await world.settle()
    calls = [f"{one.method} {one.path}" for one in world.github.log.exchanges[before:]]
    writes = [call for call in calls if call.startswith(("POST", "PATCH")) and "/access_tokens" not in call]
    writes = [call for call in writes if not call.endswith("/graphql")]
    assert writes[0].endswith("/check-runs")
    assert len([call for call in calls if call.endswith("/permission")]) == 1
    assert len([call for call in writes if call.endswith("/reactions")]) <= 2
    assert len(comments(world, 38)) <= 1


async def test_who_may_only_read_gets_words_once_an_hour(world: World) -> None:
    await world.says(38, "/fluxmig why", by=world.github.reader)
    await world.says(38, "/fluxmig plan", by=world.github.reader)
    assert len(comments(world, 38)) == 1
    assert reactions(world, 38) == ["confused"]
    await world.says(38, "/fluxmig plan")
    assert len(comments(world, 38)) == 2, "others are answered"
    await world.passes(minutes=61)
    await world.says(38, "/fluxmig plan", by=world.github.reader)
    assert len(comments(world, 38)) == 3


async def test_where_github_tells_no_permission_a_command_waits_alone(world: World) -> None:
    world.github.faults.fail_next(502, match="GET .*/collaborators/.*/permission", times=10_000)
    world.pull(38).comment("/fluxmig hold\n/fluxmig why", by=world.github.owner)
    world.pull(36).push({"docs/more.md": "more\n"}, message="more", by=world.github.renovate)
    await world.settle()
    assert world.check(36) == "success"
    await world.passes(minutes=10)
    assert (comments(world, 38), reactions(world, 38)) == ([], [])
    world.github.faults.clear()
    await world.passes(minutes=1)
    assert await world.state(38) is State.HELD
    assert reactions(world, 38) == ["eyes", "+1"]


async def test_a_comment_that_is_deleted_in_time_is_taken_back(world: World) -> None:
    for said in ("/fluxmig hold\n/fluxmig why", "/fluxmig rebase"):
        comment = world.pull(38).comment(said, by=world.github.owner)
        world.pull(38).delete_comment(comment, by=world.github.owner)
    await world.settle()
    assert await world.state(38) is State.READY
    assert (await world.rebases(38), comments(world, 38)) == ([], [])
