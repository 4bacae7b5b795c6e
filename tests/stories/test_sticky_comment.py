"""The one comment on a pull request: off until it is asked for, edited in place, and only ours."""

import pytest

from app.demo.github.model import IssueComment
from app.domain.model import State
from app.domain.status_comment import COMMENT_MARKER
from tests.world import World

FILE = ".github/fluxmig.yaml"


async def turn_on(world: World, text: str = "mode: act\ncomment: true\n") -> None:
    world.repository.push({FILE: text}, message="Configure", by=world.github.owner)
    await world.settle()


def ours(world: World, number: int) -> list[IssueComment]:
    bot = f"{world.github.app.slug}[bot]"
    return [
        comment
        for comment in world.pull(number).comments.values()
        if comment.user.login == bot and comment.body.startswith(COMMENT_MARKER)
    ]


async def test_off_by_default(world: World) -> None:
    assert await world.state(34) is State.BLOCKED
    assert ours(world, 34) == []


async def test_it_says_what_the_check_says_and_is_edited_in_place(world: World) -> None:
    await turn_on(world)
    (comment,) = ours(world, 34)
    assert "**Blocked by #30, which must be merged and rolled out first**" in comment.body
    assert (await world.reason(34)) in comment.body
    assert ours(world, 38) == [], "what is ready is worth no comment"
    await world.merges(30)
    (edited,) = ours(world, 34)
    assert edited.id == comment.id
    assert "#30 is merged, not yet rolled out" in edited.body
    await world.cluster_reconciles()
    (edited,) = ours(world, 34)
    assert edited.id == comment.id
    assert world.check_title(34).split("`")[0] in edited.body


async def test_looking_again_and_again_writes_it_once(world: World) -> None:
    await turn_on(world)
    writes = len(world.github.log.list_writes())
    for _ in range(20):
        await world.sweeps()
        await world.says(34, "a word of a person")
    assert world.github.log.list_writes()[writes:] == []


async def test_somebody_elses_marker_is_not_ours(world: World) -> None:
    forged = world.pull(34).comment(f"{COMMENT_MARKER}\nI am fluxmig.", by=world.github.writer)
    await turn_on(world)
    assert forged.body.endswith("I am fluxmig.")
    assert len(ours(world, 34)) == 1


async def test_ours_is_found_again_without_its_id(world: World) -> None:
    await turn_on(world)
    (comment,) = ours(world, 34)
    async with world.context.database.pool.connection() as connection:
        await connection.execute("delete from status_comments")
    await world.merges(30)
    assert [found.id for found in ours(world, 34)] == [comment.id]


async def test_deleted_by_a_person_it_comes_back_with_another_verdict_only(world: World) -> None:
    await turn_on(world)
    (comment,) = ours(world, 34)
    world.pull(34).delete_comment(comment, by=world.github.owner)
    await world.sweeps()
    await world.says(30, "/fluxmig hold")  # other words, the same verdict
    assert ours(world, 34) == []
    await world.says(30, "/fluxmig unhold")
    await world.merges(30)
    assert await world.state(34) is State.WAITING_ROLLOUT
    (again,) = ours(world, 34)
    assert again.id != comment.id


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_write_that_ends_in_doubt_is_made_once(world: World, after_effect: bool) -> None:
    world.github.faults.fail_next(502, match="POST .*/issues/34/comments", after_effect=after_effect)
    await turn_on(world)
    await world.passes(minutes=6)
    assert len(ours(world, 34)) == 1


async def test_turned_off_again_it_stays_as_it_is(world: World) -> None:
    await turn_on(world)
    (comment,) = ours(world, 34)
    before = comment.body
    await turn_on(world, "mode: act\n")
    await world.merges(30)
    assert [found.body for found in ours(world, 34)] == [before]


async def test_in_mode_check_it_is_withheld(world: World) -> None:
    await turn_on(world, "mode: check\ncomment: true\n")
    assert ours(world, 34) == []
    page = (await world.client.get(f"/r/{world.repository.full_name}/pull/34")).text
    assert "the comment on the pull request" in page


async def test_a_locked_conversation_is_left_in_peace(world: World) -> None:
    """Asked again a day later, and not at each look; the checks go on."""
    world.pull(34).locked = True
    await turn_on(world)
    for _ in range(20):
        await world.passes(minutes=6)
    tries = posts(world)
    assert 1 <= len(tries) <= 8
    await world.says(30, "/fluxmig hold")
    await world.says(30, "/fluxmig unhold")
    assert posts(world) == tries
    assert world.check(34) == "action_required"
    world.pull(34).locked = False
    await world.passes(minutes=25 * 60)
    await world.sweeps()
    assert len(ours(world, 34)) == 1
    assert await world.forgets_what_failed() == ["comment"]


def posts(world: World) -> list[str]:
    return [
        one.path for one in world.github.log.exchanges if one.method == "POST" and one.path.endswith("/34/comments")
    ]
