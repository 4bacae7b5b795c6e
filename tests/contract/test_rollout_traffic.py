"""What a rollout asks of GitHub, and what GitHub sends for a commit status, is as GitHub describes it."""

from app.demo.github.model import User
from app.domain.model import State
from tests.contract.schemas import HookContract, RestContract
from tests.support.fleet import MIGRATION, OPERATOR, has_fleet
from tests.world import open_world

BELIEVES = "rollout:\n  commit_statuses: [flux-bot]\n"


async def test_a_rollout_by_commit_statuses_keeps_to_the_contract(
    database_url: str, rest_contract: RestContract, hook_contract: HookContract
) -> None:
    async with open_world(database_url, default_mode="act") as world:
        bot: User = world.github.add_user("flux-bot")
        await has_fleet(world, waits=True, config=BELIEVES, connected=False)
        await world.merges(OPERATOR)
        world.repository.push({"README.md": "more\n"}, message="more")
        await world.settle()
        world.github.webhooks.lose("status")
        world.cluster.sets_status(world.repository, "external-secrets", "success", "reconciliation succeeded", by=bot)
        await world.settle()
        await world.sweeps()
        await world.sweeps()
        assert await world.state(MIGRATION) is State.READY
        log = world.github.log
        asked = [one for one in log.exchanges if one.path.endswith("/statuses") or "/compare/" in one.path]
        assert {one.path.rpartition("/")[2] == "statuses" for one in asked} == {True, False}
        assert [found for one in asked if (found := rest_contract.errors(one))] == []
        told = [hook for hook in log.webhooks if hook["event"] == "status"]
        assert told
        assert [found for hook in told if (found := hook_contract.errors(**hook))] == []
