"""What happens to the App and to a repository: what is kept, what is shown, and that nothing is written elsewhere."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from app.db import models
from app.demo.github.installation import Installation
from app.demo.github.model import User
from app.domain.model import State
from tests.world import World


def installation(world: World) -> Installation:
    [found] = world.github.installations.values()
    return found


async def count(world: World, table: type[models.Base]) -> int:
    async with world.context.database.transaction() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def is_shown(world: World, name: str = "") -> bool:
    """Whether its page is there and the list of repositories names it."""
    name = name or world.repository.full_name
    page = await world.client.get(f"/r/{name}", headers={"accept": "text/html"})
    front = await world.client.get("/", headers={"accept": "text/html"})
    assert (page.status_code == 200) == (name in front.text)
    return page.status_code == 200


def writes(world: World) -> list[str]:
    return world.github.log.list_writes()


async def nothing_is_written_while(world: World, happens: Callable[[], object]) -> None:
    """Something happens, the service hears of it or not, and looks again and again."""
    before = len(writes(world))
    happens()
    await world.settle()
    await world.sweeps()
    await world.passes(minutes=20)
    assert writes(world)[before:] == []


def everything_changes(world: World) -> None:
    """#30 is merged and somebody asks for something."""
    world.pull(30).merge(by=world.github.owner)
    world.pull(38).comment("/fluxmig hold", by=world.github.owner)


# --- the installation ---


@pytest.mark.parametrize("heard", [True, False])
async def test_suspended_and_unsuspended(world: World, heard: bool) -> None:
    if not heard:
        world.github.webhooks.lose(r"installation\.", times=2)
    installation(world).suspend()
    await world.sweeps()
    assert not await is_shown(world)
    await nothing_is_written_while(world, lambda: everything_changes(world))
    history = await count(world, models.HistoryEntry)
    installation(world).unsuspend()
    await world.sweeps()
    assert await is_shown(world)
    assert await world.state(34) is State.WAITING_ROLLOUT
    assert await count(world, models.HistoryEntry) > history, "what was known is known still"


@pytest.mark.parametrize("heard", [True, False])
async def test_removed_with_everything_that_was_known(world: World, heard: bool) -> None:
    if not heard:
        world.github.webhooks.lose(r"installation\.")
    installation(world).uninstall()
    await nothing_is_written_while(world, lambda: everything_changes(world))
    assert not await is_shown(world)
    kept = [models.Installation, models.Repository, models.PullRequest, models.HistoryEntry, models.Cluster]
    assert [await count(world, table) for table in (*kept, models.CachedToken)] == [0] * 6


async def test_installed_again_it_begins_anew(world: World) -> None:
    installation(world).uninstall()
    await world.settle()
    world.github.install_on(world.repository)
    await world.settle()
    assert await world.state(34) is State.BLOCKED
    assert await is_shown(world)


@pytest.mark.parametrize("heard", [True, False])
async def test_a_repository_is_taken_off_the_installation_and_added_again(world: World, heard: bool) -> None:
    if not heard:
        world.github.webhooks.lose(r"installation_repositories\.", times=2)
    installation(world).remove(world.repository)
    await world.sweeps()
    assert not await is_shown(world)
    await nothing_is_written_while(world, lambda: everything_changes(world))
    installation(world).add(world.repository)
    await world.sweeps()
    assert await is_shown(world)
    assert await world.state(34) is State.WAITING_ROLLOUT


async def test_another_repository_is_added(world: World) -> None:
    other = world.github.create_repository("other", {"README.md": "# other\n"})
    await world.settle()
    assert await is_shown(world, other.full_name)
    assert await is_shown(world)


async def test_a_write_that_waited_is_dropped_when_the_repository_goes(world: World) -> None:
    world.github.faults.fail_next(502, match="PATCH .*/check-runs/", times=3)
    await world.merges(30)
    installation(world).remove(world.repository)
    await nothing_is_written_while(world, lambda: None)


async def test_a_late_delivery_does_not_bring_it_back(world: World) -> None:
    world.repository.rename("houselab")
    late = world.github.webhooks.pending.pop()
    installation(world).remove(world.repository)
    await world.settle()
    world.github.webhooks.pending.append(late)
    await nothing_is_written_while(world, lambda: None)
    assert not await is_shown(world)
    assert not await is_shown(world, "wcygan/houselab")


# --- the repository ---


@pytest.mark.parametrize("heard", [True, False])
async def test_renamed(world: World, heard: bool) -> None:
    if not heard:
        world.github.webhooks.lose(r"repository\.")
    world.repository.rename("houselab")
    await world.settle()
    await world.sweeps()
    await world.passes(minutes=1)
    await world.merges(30)
    assert await is_shown(world, "wcygan/houselab")
    assert not await is_shown(world, "wcygan/homelab")
    assert await world.state(34) is State.WAITING_ROLLOUT
    run = world.check_run(34)
    assert run is not None
    assert run.details_url == "http://fluxmig.test/r/wcygan/houselab/pull/34"


@pytest.fixture
def friend(world: World) -> User:
    return world.github.add_user("friend")


async def test_transferred_to_where_the_app_is_not(world: World, friend: User) -> None:
    world.repository.transfer(friend)
    await nothing_is_written_while(world, lambda: everything_changes(world))
    assert not await is_shown(world, "friend/homelab")
    assert not await is_shown(world, "wcygan/homelab")


@pytest.mark.parametrize("heard", [True, False])
async def test_transferred_to_where_the_app_is(world: World, friend: User, heard: bool) -> None:
    other = world.github.create_repository("other", owner=friend)
    [there] = world.github.installations_of(other)
    there.all_repositories = True
    await world.settle()
    await world.says(38, "/fluxmig hold")
    if not heard:
        world.github.webhooks.lose(r"^(repository|installation)", times=3)
    world.repository.transfer(friend)
    await world.settle()
    await world.sweeps()
    await world.passes(minutes=1)
    world.pull(30).merge(by=friend)
    await world.settle()
    assert await is_shown(world, "friend/homelab")
    assert not await is_shown(world, "wcygan/homelab")
    assert await world.state(34) is State.WAITING_ROLLOUT
    assert await world.state(38) is State.HELD, "what people said of it goes with it"


@pytest.mark.parametrize("heard", [True, False])
async def test_archived_and_unarchived(world: World, heard: bool) -> None:
    if not heard:
        world.github.webhooks.lose(r"repository\.", times=2)
    await nothing_is_written_while(world, world.repository.archive)
    assert not await is_shown(world)
    world.repository.unarchive()
    await world.sweeps()
    assert await is_shown(world)
    await world.merges(30)
    assert await world.state(34) is State.WAITING_ROLLOUT


async def test_made_private_it_goes_on_and_strangers_are_not_answered(world: World) -> None:
    world.repository.privatize()
    await world.settle()
    await world.merges(30)
    assert await world.state(34) is State.WAITING_ROLLOUT
    await world.says(34, "/fluxmig why", by=world.github.outsider)
    assert [one.user for one in world.pull(34).comments.values()] == [world.github.outsider]
    world.repository.publicize()
    await world.settle()
    await world.says(34, "/fluxmig why", by=world.github.outsider)
    assert world.pull(34).last_comment.startswith("Merged, not yet rolled out: #34")


@pytest.mark.parametrize("heard", [True, False])
async def test_deleted(world: World, heard: bool) -> None:
    if not heard:
        world.github.webhooks.lose(r"repository\.")
    await nothing_is_written_while(world, world.repository.delete)
    assert not await is_shown(world)
