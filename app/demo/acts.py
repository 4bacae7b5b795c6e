"""The story of 2025-06-11, told as it should have gone. The owner merges; everything else follows by itself."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import func, select

from app.db.models import Action, Delivery, PullRequest
from app.db.work import list_due
from app.demo.record import Record
from app.demo.stage import Stage, connect_cluster
from app.domain.model import State
from app.github.gateway import CHECK_NAME

TOOLING = (20, 23, 25, 26, 27, 28, 29, 31, 33)
CLI, DISTRIBUTION, OPERATOR, MIGRATION = 26, 30, 22, 34
INFRASTRUCTURE = (17, 35, 36, 38)
MAJORS = (15, 37)
PATIENCE_SECONDS = 60


class StoryStuck(Exception):
    """The service did not get where the story says within the patience; the text says what was waited for."""


class Acts:
    """`pause` is called between two acts, so that a person can look at the page."""

    def __init__(self, stage: Stage, record: Record, pause: Callable[[], Awaitable[None]]) -> None:
        self.stage, self.record, self.pause = stage, record, pause

    async def play(self) -> None:
        await self.the_app_is_installed()
        await self.pause()
        await self.the_tools_are_merged()
        await self.pause()
        await self.flux_is_merged()
        await self.pause()
        await self.the_cluster_follows()
        await self.pause()
        await self.the_migration_lands()
        await self.pause()
        await self.the_rest_follows()
        await self.pause()
        await self.the_majors_wait()

    async def the_app_is_installed(self) -> None:
        say = self.record.say
        say("\n[bold]The App is installed on wcygan/homelab.[/bold] Renovate has 18 open pull requests there.")
        self.stage.github.install_on(self.stage.repository)
        await self.until("18 pull requests have a verdict", self._all_judged)
        await connect_cluster(self.stage)
        await self.quiet()
        await self.record.changes()
        await self.expect(MIGRATION, State.BLOCKED)
        say(f"  #{MIGRATION} is held. In 2025 it was merged 21 s before #{DISTRIBUTION}, and nothing moved any more.")

    async def the_tools_are_merged(self) -> None:
        self.record.say(
            f"\n[bold]The owner merges the tools,[/bold] among them #{CLI}: the Flux CLI 2.6.1. It upgrades no cluster."
        )
        await self.merge(*TOOLING)
        await self.expect(MIGRATION, State.BLOCKED)
        self.record.say(f"  #{MIGRATION} is still blocked: #{CLI} frees nothing.")

    async def flux_is_merged(self) -> None:
        self.record.say(f"\n[bold]The owner merges #{DISTRIBUTION}:[/bold] Flux 2.5.1 → 2.6.1 is on the main branch.")
        await self.merge(DISTRIBUTION)
        await self.expect(MIGRATION, State.WAITING_ROLLOUT)
        self.record.say("  Merged is not applied: the cluster still runs Flux 2.5.1.")

    async def the_cluster_follows(self) -> None:
        self.record.say("\n[bold]The cluster takes it over[/bold] and posts Flux's own events, signed.")
        self.stage.cluster.reconcile(self.stage.repository)
        await self.stage.cluster.deliver_all(self.stage.client)
        self.record.note("rolled-out", DISTRIBUTION, f"the cluster runs Flux {self.stage.cluster.flux_version}")
        await self.until(f"#{MIGRATION} is ready", self._is(MIGRATION, State.READY))
        await self.quiet()
        await self.record.changes()
        await self.renovate_runs()
        await self.until(f"the check of #{MIGRATION} passes on its new head", self._passes(MIGRATION))
        await self.record.changes()

    async def the_migration_lands(self) -> None:
        self.record.say(
            f"\n[bold]The owner merges #{OPERATOR} and #{MIGRATION}.[/bold] Each merge frees its neighbours."
        )
        for number in (OPERATOR, MIGRATION):
            await self.merge(number)
            await self.cluster_reconciles()
            await self.renovate_runs()

    async def the_rest_follows(self) -> None:
        self.record.say("\n[bold]The infrastructure follows.[/bold]")
        for number in INFRASTRUCTURE:
            await self.until(f"#{number} is ready", self._is(number, State.READY))
            await self.until(f"the check of #{number} passes", self._passes(number))
        await self.merge(*INFRASTRUCTURE)
        await self.cluster_reconciles()

    async def the_majors_wait(self) -> None:
        self.record.say("\n[bold]What is left waits for a person:[/bold] two major updates.")
        for number in MAJORS:
            await self.expect(number, State.NEEDS_REVIEW)
            await self.say_again(number)
            self.record.note("waits", number)

    # --- what people and stand-ins do ---

    async def merge(self, *numbers: int) -> None:
        for number in numbers:
            self.stage.repository.pull_request(number).merge(by=self.stage.github.owner)
            await self.until(f"#{number} is seen as merged", self._is(number, State.MERGED))
        await self.quiet()
        await self.record.changes()

    async def renovate_runs(self) -> None:
        """Renovate looks at its boxes, as it does when a webhook or its schedule wakes it."""
        self.stage.renovate.run(self.stage.repository)
        await self.quiet()
        await self.record.changes()

    async def cluster_reconciles(self) -> None:
        self.stage.cluster.reconcile(self.stage.repository)
        await self.stage.cluster.deliver_all(self.stage.client)
        await self.quiet()
        await self.record.changes()

    async def say_again(self, number: int) -> None:
        row = await self._row(number)
        if row is not None:
            self.record.say(f"  👀 #{number}  {row.reason}")

    # --- waiting ---

    async def expect(self, number: int, state: State) -> None:
        await self.until(f"#{number} is {state}", self._is(number, state))
        await self.record.changes()

    async def until(self, what: str, condition: Callable[[], Awaitable[bool]]) -> None:
        """Wait for `condition`. Raises StoryStuck."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                # The database is asked, which sends no event.
                while not await condition():  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise StoryStuck(f"Waited {PATIENCE_SECONDS} s in vain: {what}.") from None

    async def quiet(self) -> None:
        await self.until("the service has nothing to do", self._has_nothing_to_do)

    async def _has_nothing_to_do(self) -> bool:
        if not self.stage.github.webhooks.is_quiet:
            return False
        context = self.stage.context
        async with context.database.transaction() as session:
            waiting = await session.scalar(select(func.count()).where(Delivery.state == "received"))
            planned = await session.scalar(select(func.count()).where(Action.state == "planned"))
            due = await list_due(session, context.clock())
        return not (waiting or planned or due)

    async def _all_judged(self) -> bool:
        async with self.stage.context.database.transaction() as session:
            judged = await session.scalar(select(func.count()).where(PullRequest.classification.is_not(None)))
        return judged == len(self.stage.repository.open_pull_requests)

    def _is(self, number: int, state: State) -> Callable[[], Awaitable[bool]]:
        async def holds() -> bool:
            row = await self._row(number)
            return row is not None and row.state == state

        return holds

    def _passes(self, number: int) -> Callable[[], Awaitable[bool]]:
        async def holds() -> bool:
            pull = self.stage.repository.pull_request(number)
            runs = self.stage.repository.latest_check_runs(pull.head_sha)
            return any(run.name == CHECK_NAME and run.conclusion == "success" for run in runs)

        return holds

    async def _row(self, number: int) -> PullRequest | None:
        async with self.stage.context.database.transaction() as session:
            return await session.scalar(
                select(PullRequest).where(
                    PullRequest.repository_id == self.stage.repository.id, PullRequest.number == number
                )
            )
