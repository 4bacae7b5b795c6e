"""What a use case may reach. Built once, in `app.bootstrap`."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from app.config import Settings
from app.db.session import Database
from app.domain.catalogue import Catalogue
from app.github.api import Api
from app.github.clients import GitHubClients
from app.github.facts import AppFacts
from app.github.gateway import RepositoryGateway
from app.kubernetes.client import KubernetesApi
from app.notify import Channel
from app.services.pace import InstallationPace, Quota
from app.services.planners import Planners

if TYPE_CHECKING:
    from app.services.doctor import Diagnosis


class Wake(Protocol):
    """Tell the workers that a key has work, now or `delay` seconds from now. Cheap, and never waits."""

    def __call__(self, key: str, delay: float = 0.0) -> None: ...


@dataclass
class AppContext:
    """Everything with a life of its own that use cases share."""

    settings: Settings
    database: Database
    clients: GitHubClients
    catalogue: Catalogue
    clock: Callable[[], datetime]
    wake: Wake
    read_delay: float = 0.2
    """Seconds before a failed read is repeated."""
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    """How a write waits for its turn."""
    channels: tuple[Channel, ...] = ()
    """Where people are told outside GitHub."""
    banner: str | None = None
    """A sentence on top of every page: the demo says there what is stood in for."""
    refresh_seconds: int | None = None
    kubernetes: KubernetesApi | None = None
    """The cluster that is read, if one is."""
    planners: Planners = field(default_factory=Planners)
    diagnoses: "dict[int, Diagnosis]" = field(default_factory=dict, init=False)
    """The last examination of each repository, for the pages."""
    _quotas: dict[int, Quota] = field(default_factory=dict, init=False)
    _app: AppFacts | None = field(default=None, init=False)

    def gateway(self, installation_id: int, owner: str, name: str) -> RepositoryGateway:
        return RepositoryGateway(self.installation_api(installation_id), owner, name)

    def installation_api(self, installation_id: int) -> Api:
        async def forget_token() -> None:
            await self.clients.forget_token(installation_id)

        return Api(
            self.clients.installation(installation_id),
            read_delay=self.read_delay,
            forget_token=forget_token,
            pace=self._pace(installation_id),
        )

    def app_api(self) -> Api:
        return Api(self.clients.app(), read_delay=self.read_delay, pace=self._pace(0))

    def _pace(self, installation_id: int) -> InstallationPace:
        quota = self._quotas.setdefault(installation_id, Quota())
        return InstallationPace(self.database, installation_id, quota, clock=self.clock, sleep=self.sleep)

    async def bot_login(self) -> str:
        """The login under which GitHub shows our own writes; asked once a process."""
        if self._app is None:
            self._app = await self.app_api().get("/app", AppFacts)
        return f"{self._app.slug}[bot]"
