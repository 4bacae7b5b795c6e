"""The buttons below a check are commands: the same permission, the same deed, and the history tells of them."""

from app.domain.model import State
from tests.world import World


def comments(world: World, number: int) -> list[str]:
    """What we wrote below a pull request."""
    return [one.body for one in world.pull(number).comments.values() if one.user.kind == "Bot"]


async def test_each_state_has_the_buttons_that_help(world: World) -> None:
    assert world.buttons(34) == ["Hold"]
    assert world.buttons(38) == ["Rebase", "Hold"]
    await world.merges(30)
    assert world.buttons(34) == ["Confirm rollout", "Hold"]


async def test_hold_and_unhold(world: World) -> None:
    await world.presses(38, "Hold")
    assert await world.state(38) is State.HELD
    assert world.buttons(38) == ["Unhold"]
    await world.presses(38, "Unhold")
    assert await world.state(38) is State.READY
    assert comments(world, 38) == []
    assert "wcygan: Pressed “Hold”." in await world.history(38)


async def test_rebase(world: World) -> None:
    await world.presses(38, "Rebase", by=world.github.writer)
    assert await world.rebases(38) == ["requested"]
    assert "hana: Pressed “Rebase”." in await world.history(38)
    await world.renovate_runs()
    assert await world.rebases(38) == ["confirmed"]


async def test_confirm_rollout(world: World) -> None:
    await world.merges(30)
    await world.presses(34, "Confirm rollout")
    assert await world.state(34) is State.READY
    assert "confirmed by wcygan" in await world.reason(34)


async def test_a_reader_may_not_and_is_told_in_the_history(world: World) -> None:
    for one in (world.github.reader, world.github.outsider):
        await world.presses(38, "Hold", by=one)
    assert await world.state(38) is State.READY
    assert comments(world, 38) == []
    assert (
        "jonas: Pressed “Hold”, refused: @jonas, the button “Hold” needs write permission on this repository; "
        "you have read."
    ) in await world.history(38)


async def test_what_is_refused_for_its_state_is_said_to_a_collaborator(world: World) -> None:
    run = world.check_run(34)
    assert run is not None
    world.repository.press_button(run, "rebase", by=world.github.owner)
    await world.settle()
    assert await world.rebases(34) == []
    (told,) = comments(world, 34)
    assert told.startswith("I did not ask Renovate to rebase this: it is ⛔ blocked.")


async def test_what_no_button_of_ours_is_does_nothing(world: World) -> None:
    run = world.check_run(38)
    assert run is not None
    calls = world.github.log.calls
    world.repository.press_button(run, "merge", by=world.github.owner)
    world.repository.press_button(run, "hold", by=world.github.renovate)
    await world.settle()
    assert await world.state(38) is State.READY
    assert world.github.log.calls == calls


async def test_a_press_that_is_delivered_twice_is_one(world: World) -> None:
    world.github.webhooks.duplicates = True
    await world.presses(38, "Hold")
    assert (await world.history(38)).count("wcygan: Pressed “Hold”.") == 1


async def test_an_answer_that_ends_in_doubt_is_made_once(world: World) -> None:
    world.github.faults.fail_next(502, match="POST .*/issues/34/comments", times=1, after_effect=True)
    run = world.check_run(34)
    assert run is not None
    world.repository.press_button(run, "rebase", by=world.github.owner)
    await world.settle()
    await world.passes(minutes=1)
    assert len(comments(world, 34)) == 1


async def test_many_checks_written_together_have_their_buttons(world: World) -> None:
    assert world.github.log.calls > 0
    together = [one for one in world.github.log.exchanges if one.path == "/graphql" and "m0" in str(one.request_body)]
    assert together, "the first look writes its checks together"
    assert all(world.buttons(number) for number in (20, 22, 30, 34, 37, 38))
