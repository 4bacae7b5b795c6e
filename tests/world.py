"""The world of a story: the real service, its real worker and Postgres, a stand-in GitHub, Renovate and cluster.

Verbs read aloud; `settle` delivers webhooks over HTTP and works until everything is quiet, within a budget of
deliveries. At the end `look_around` checks what no story asks: no failed delivery, nothing left to write, no route of
GitHub that the stand-in does not know, and that one more full look writes nothing.
"""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import delete, select

from app.bootstrap import open_context
from app.config import Settings
from app.db.clusters import save_cluster
from app.db.models import Action, Command, Delivery, HistoryEntry, PullRequest, RebaseRequest, Work
from app.db.pull_requests import get_pull_request
from app.db.work import list_due, want
from app.demo.cluster import Cluster
from app.demo.github import GitHub, create_github_app
from app.demo.github.enterprise import below_api_v3
from app.demo.github.model import CheckRun, User
from app.demo.github.pull_request import PullRequest as GitHubPullRequest
from app.demo.github.repository import Repository
from app.demo.kubernetes import ApiServer, create_api_server
from app.demo.renovate import Renovate
from app.domain.model import State
from app.kubernetes.access import Access
from app.main import build_app
from app.services.cluster_look import look_key
from app.services.clusters import flux_token
from app.services.context import AppContext
from app.services.polling import ask_for_polls
from app.services.redelivery import ask_for_redeliveries
from app.services.sweep import ask_for_sweep
from app.worker import Queue, ask_for_app, wake_due

START = datetime(2025, 6, 11, 18, 28, tzinfo=UTC)
SERVICE = "http://fluxmig.test"
SECRET_KEY = "a-secret-key-for-tests-of-32-chars-or-more"
ADMIN_TOKEN = "an-admin-token-for-tests-of-32-characters"


class Clock:
    """Time that stands still until somebody turns it."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def settings_for(github: GitHub, **changes: object) -> Settings:
    values: dict[str, object] = {
        "github_app_id": github.app.id,
        "github_private_key": SecretStr(github.app.private_key),
        "github_webhook_secret": SecretStr(github.app.webhook_secret),
        "secret_key": SecretStr(SECRET_KEY),
        "admin_token": SecretStr(ADMIN_TOKEN),
        "public_url": SERVICE,
        **changes,
    }
    return Settings.model_validate(values)


class World:
    """`github`, `renovate` and `repository` are the outside; `context`, `queue` and `service` are ours."""

    def __init__(
        self, github: GitHub, renovate: Renovate, clock: Clock, context: AppContext, queue: Queue, service: FastAPI
    ) -> None:
        self.github, self.renovate, self.clock = github, renovate, clock
        self.context, self.queue, self.service = context, queue, service
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(service), base_url=SERVICE)
        self.cluster = Cluster(clock=clock)
        self.api_server = ApiServer(cluster=self.cluster)
        self.waits: list[float] = []
        """The seconds that each write would have waited for its turn."""
        self.meanwhile: list[Callable[[], Awaitable[object]]] = []
        """What happens while the next writes wait for their turn, one each."""
        self._repository: Repository | None = None

    # --- the outside ---

    @property
    def repository(self) -> Repository:
        assert self._repository is not None, "the world has no repository yet"
        return self._repository

    def has(self, repository: Repository) -> None:
        self._repository = repository

    def pull(self, number: int) -> GitHubPullRequest:
        return self.repository.pull_request(number)

    async def merges(self, *numbers: int) -> None:
        """The owner merges, and all that follows from it happens."""
        for number in numbers:
            self.pull(number).merge(by=self.github.owner)
        await self.settle()

    async def says(self, number: int, text: str, *, by: User | None = None) -> None:
        self.pull(number).comment(text, by=by or self.github.owner)
        await self.settle()

    async def presses(self, number: int, label: str, *, by: User | None = None) -> None:
        """Somebody presses a button below our check."""
        run = self.check_run(number)
        assert run is not None, f"#{number} has no check"
        identifiers = {action["label"]: action["identifier"] for action in run.actions}
        self.repository.press_button(run, identifiers[label], by=by or self.github.owner)
        await self.settle()

    @asynccontextmanager
    async def hears_late(self) -> AsyncIterator[None]:
        """What GitHub was about to deliver arrives only after what happens inside."""
        late, self.github.webhooks.pending = self.github.webhooks.pending, []
        yield
        self.github.webhooks.pending += late
        await self.settle()

    async def renovate_runs(self) -> None:
        self.renovate.run(self.repository)
        await self.settle()

    async def registers_cluster(self, name: str = "main", scope: str | None = None) -> None:
        async with self.context.database.transaction() as session:
            await save_cluster(session, name, self.repository.id, scope)
        self.cluster.token = flux_token(self.context.settings, name)

    def cluster_speaks_as(self, name: str) -> None:
        """What the stand-in cluster tells from now on comes from the one that is registered under this name."""
        self.cluster.url = f"{SERVICE}/webhooks/flux/{name}"
        self.cluster.token = flux_token(self.context.settings, name)

    async def cluster_reconciles(self) -> None:
        """Flux fetches the default branch, does what it can, and tells of it."""
        self.cluster.reconcile(self.repository)
        await self.cluster.deliver_all(self.client)
        await self.settle()

    async def cluster_is_looked_at(self) -> None:
        """The Kubernetes API is read, as it is every minute, and what follows from it happens."""
        assert self.context.kubernetes is not None, "open the world with kubernetes_cluster"
        key = look_key(self.context.kubernetes.name)
        async with self.context.database.transaction() as session:
            await want(session, key)
        self.context.wake(key)
        await self.settle()

    async def cluster_reports(self, body: dict[str, Any] | None = None, *, name: str = "main") -> httpx.Response:
        """The CronJob of the cluster posts its FluxReport, or `body`."""
        headers = {"Authorization": f"Bearer {flux_token(self.context.settings, name)}"}
        path = f"/api/v1/clusters/{name}/report"
        response = await self.client.post(path, json=body or self.api_server.report(), headers=headers)
        await self.settle()
        return response

    # --- time ---

    async def settle(self, *, budget: int = 400) -> None:
        """Deliver and work until nothing moves. Raises DeliveryStorm when the service answers itself."""
        left = budget
        while True:
            left -= await self.github.webhooks.deliver_all(self.client, budget=left)
            await self.queue.flush()
            await self.queue.run(wait=False)
            await self.queue.flush()
            if not self.github.webhooks.pending and not await self._due():
                return

    async def _due(self) -> bool:
        async with self.context.database.transaction() as session:
            due = await list_due(session, self.clock.now)
        for key in due:
            self.context.wake(key)
        return bool(due)

    async def passes(self, **span: float) -> None:
        """Time goes by (`minutes=20`), and what waited for it happens."""
        self.clock.now += timedelta(**span)
        await wake_due(self.context)
        await ask_for_polls(self.context)
        await self.settle()

    async def starts(self) -> None:
        """The service looks at everything, as it does when it starts."""
        await ask_for_app(self.context)
        await self.settle()

    async def sweeps(self) -> None:
        await ask_for_sweep(self.context)
        await self.settle()

    async def looks_for_missed_deliveries(self) -> None:
        """As it does every five minutes."""
        await ask_for_redeliveries(self.context)
        await self.settle()

    # --- what is seen ---

    async def row(self, number: int) -> PullRequest:
        async with self.context.database.transaction() as session:
            row = await get_pull_request(session, self.repository.id, number)
        assert row is not None, f"the service does not know #{number}"
        return row

    async def state(self, number: int) -> State:
        return State((await self.row(number)).state)

    async def reason(self, number: int) -> str:
        return (await self.row(number)).reason

    def check_run(self, number: int) -> CheckRun | None:
        """Our check on the present head, the newest one."""
        runs = self.repository.latest_check_runs(self.pull(number).head_sha)
        return next((run for run in runs if run.name == "fluxmig"), None)

    def check(self, number: int) -> str:
        """The conclusion of our check on the present head; empty while there is none."""
        run = self.check_run(number)
        return (run.conclusion or "") if run else ""

    def check_title(self, number: int) -> str:
        run = self.check_run(number)
        return str(run.output.title) if run else ""

    def check_summary(self, number: int) -> str:
        run = self.check_run(number)
        return str(run.output.summary) if run else ""

    def buttons(self, number: int) -> list[str]:
        """The labels of the buttons below our check."""
        run = self.check_run(number)
        return [action["label"] for action in run.actions] if run else []

    async def history(self, number: int) -> list[str]:
        """What is told of a pull request, oldest first, each with who did it."""
        async with self.context.database.transaction() as session:
            found = await session.scalars(
                select(HistoryEntry)
                .where(HistoryEntry.repository_id == self.repository.id, HistoryEntry.number == number)
                .order_by(HistoryEntry.id)
            )
            return [f"{entry.actor}: {entry.text}" for entry in found]

    async def rebases(self, number: int) -> list[str]:
        """The states of the rebase requests of a pull request, oldest first."""
        row = await self.row(number)
        async with self.context.database.transaction() as session:
            found = await session.scalars(
                select(RebaseRequest).where(RebaseRequest.pull_request_id == row.id).order_by(RebaseRequest.id)
            )
            return [request.state for request in found]

    async def forgets_what_failed(self) -> list[str]:
        """For a story in which writes are declined for good: their kinds, and nothing of them is left."""
        async with self.context.database.transaction() as session:
            gone = await session.scalars(delete(Action).where(Action.state == "failed").returning(Action.kind))
            return sorted(gone)

    async def look_around(self) -> None:
        """What must hold at the end of every story."""
        await self.settle()
        async with self.context.database.transaction() as session:
            failed = list(await session.scalars(select(Delivery).where(Delivery.state == "failed")))
            waiting = list(await session.scalars(select(Delivery).where(Delivery.state == "received")))
            not_done = select(Action).where(Action.state.in_(("planned", "failed")))
            may_wait = (Action.kind == "rebase") & Action.run_after.is_not(None)  # for what passes in hours
            left = list(await session.scalars(not_done.where(~may_wait)))
            faults = list(await session.scalars(select(Work.last_error).where(Work.last_error != "")))
            unanswered = list(await session.scalars(select(Command).where(Command.state == "received")))
        assert [f"{row.event}: {row.note}" for row in failed] == []
        assert [row.event for row in waiting] == []
        assert faults == [], "a look failed and was not repeated with success"
        assert [f"{row.kind} #{row.number}: {row.error}" for row in left] == []
        assert [row.text for row in unanswered] == []
        assert self.github.unknown_routes == []
        assert self.api_server.unknown == [], "fluxmig asks the API server for what the stand-in does not have"
        writes = self.github.log.writes
        await self.sweeps()
        assert self.github.log.list_writes()[writes:] == [], "a second full look writes nothing"


@asynccontextmanager
async def open_world(
    database_url: str, *, github: GitHub | None = None, clock: Clock | None = None, **changes: object
) -> AsyncIterator[World]:
    """A world without a repository yet; `changes` are settings. A second service may join the same GitHub."""
    clock = clock or Clock()
    github = github or GitHub(clock=clock)
    served = create_github_app(github)
    transport = httpx.ASGITransport(below_api_v3(served) if github.api_url.endswith("/api/v3") else served)
    settings = settings_for(github, **changes)
    cluster = Cluster(clock=clock)
    api_server = ApiServer(cluster=cluster)
    access = Access("https://kubernetes.test", ssl.create_default_context(), lambda: api_server.token)
    waits: list[float] = []
    meanwhile: list[Callable[[], Awaitable[object]]] = []

    async def wait(seconds: float) -> None:
        """Nobody waits in a test; who would have is remembered."""
        waits.append(seconds)
        if meanwhile:
            await meanwhile.pop(0)()

    async with open_context(
        settings,
        database_url=database_url,
        clock=clock,
        transport=transport,
        read_delay=0,
        sleep=wait,
        kubernetes=(access, httpx.ASGITransport(create_api_server(api_server))),
    ) as (context, queue):
        world = World(github, Renovate(github), clock, context, queue, build_app(context, queue, with_worker=False))
        world.waits, world.meanwhile = waits, meanwhile
        world.cluster, world.api_server = cluster, api_server
        try:
            yield world
        finally:
            await world.client.aclose()
