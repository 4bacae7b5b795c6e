"""The stand-in GitHub: accounts, an App, its installations, repositories. It knows nothing of HTTP.

Verbs change the state and announce the change as a webhook; within `with github.silent():` they do not, as when a
delivery gets lost before anyone sees it.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from app.demo.github.events import Event
from app.demo.github.faults import Faults
from app.demo.github.installation import Installation
from app.demo.github.limits import RateLimits
from app.demo.github.log import TrafficLog
from app.demo.github.model import (
    DEFAULT_EVENTS,
    DEFAULT_PERMISSIONS,
    GITHUB_COMMITTER_EMAIL,
    App,
    Permission,
    User,
)
from app.demo.github.objects import Signature
from app.demo.github.repository import Repository
from app.demo.github.tokens import TokenOffice
from app.demo.github.webhooks import WebhookQueue

RENOVATE = User(29_139_614, "renovate[bot]", "Bot")
WEB_FLOW = User(19_864_447, "web-flow")


def wall_clock() -> datetime:
    return datetime.now(UTC)


@lru_cache(maxsize=1)
def throwaway_key() -> str:
    """One RSA key a process: making it is the slow part of a new GitHub."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


class GitHub:
    """`clock` dates everything that people see; tokens and rate limits go by the wall clock, as their clients do.
    `tokens.ahead` puts both ahead of the clients' own.

    People: `owner` (admin), `writer`, `reader` and `outsider` of every repository that is made here.
    """

    def __init__(
        self,
        *,
        owner: str = "wcygan",
        clock: Callable[[], datetime] = wall_clock,
        api_url: str = "https://api.github.com",
        html_url: str = "https://github.com",
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.clock, self.sleep = clock, sleep
        self.api_url, self.html_url = api_url, html_url
        self.users: dict[str, User] = {}
        self.repositories: dict[int, Repository] = {}
        self.installations: dict[int, Installation] = {}
        self.unknown_routes: list[str] = []
        self.tree_limit = 100_000
        """Longest recursive tree that is not cut short, in entries."""
        self.log = TrafficLog()
        self.faults = Faults()
        self.tokens = TokenOffice()
        self.limits = RateLimits()
        self._last_id = 2_512_345_678
        self._silence = 0

        self.owner = self.add_user(owner)
        self.writer = self.add_user("hana")
        self.reader = self.add_user("jonas")
        self.outsider = self.add_user("mallory")
        self.renovate = self.add_user(RENOVATE.login, known=RENOVATE)
        self.web_flow = self.add_user(WEB_FLOW.login, known=WEB_FLOW)
        self.app = self._make_app("fluxmig")
        self.webhooks = WebhookQueue(self)

    # --- time and numbers ---

    def now(self) -> datetime:
        return (self.clock() + self.tokens.ahead).astimezone(UTC).replace(microsecond=0)

    def next_id(self) -> int:
        self._last_id += 7
        return self._last_id

    # --- announcements ---

    def emit(self, event: Event) -> None:
        if not self._silence:
            self.webhooks.receive(event)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Changes made inside reach nobody."""
        self._silence += 1
        try:
            yield
        finally:
            self._silence -= 1

    # --- accounts, Apps, repositories ---

    def add_user(self, login: str, *, kind: str = "User", known: User | None = None) -> User:
        user = known or User(self.next_id() % 100_000_000, login, kind)
        self.users[login.lower()] = user
        return user

    def user(self, login: str) -> User:
        """Raises KeyError."""
        return self.users[login.lower()]

    def _make_app(self, slug: str) -> App:
        return App(
            # Clients keep tokens by App and installation: two GitHubs of one process must not share them.
            id=100_000 + secrets.randbelow(900_000),
            slug=slug,
            name=slug,
            owner=self.owner,
            bot=self.add_user(f"{slug}[bot]", kind="Bot"),
            private_key=throwaway_key(),
            webhook_secret=secrets.token_hex(20),
            permissions=DEFAULT_PERMISSIONS,
            events=DEFAULT_EVENTS,
            created_at=self.now(),
            client_id=f"Iv23li{secrets.token_hex(7)}",
        )

    def create_repository(
        self,
        name: str,
        files: Mapping[str, str] | None = None,
        *,
        owner: User | None = None,
        private: bool = False,
        installed: bool = True,
        default_branch: str = "main",
    ) -> Repository:
        """With one commit, the four people in their roles, and the App installed on it unless said otherwise."""
        account = owner or self.owner
        repository = Repository(
            github=self,
            id=self.next_id() % 1_000_000_000,
            owner=account,
            name=name,
            created_at=self.now(),
            private=private,
            default_branch=default_branch,
        )
        self.repositories[repository.id] = repository
        for user, role in (
            (account, Permission.ADMIN),
            (self.writer, Permission.WRITE),
            (self.reader, Permission.READ),
        ):
            repository.grant(user, role)
        author = Signature(account.name, account.email, self.now())
        committer = Signature("GitHub", GITHUB_COMMITTER_EMAIL, self.now())
        first = repository.commit_on(
            None, dict(files or {"README.md": f"# {name}\n"}), message="First light", author=author, committer=committer
        )
        repository.move_branch(default_branch, first, by=account)
        if installed:
            self.install_on(repository)
        return repository

    def install_on(self, repository: Repository, *, permissions: Mapping[str, str] | None = None) -> Installation:
        """Installs the App on the repository's account, or adds the repository to what is installed there.

        `permissions` are those that the owner grants; without it, what the App asks for.
        """
        for installation in self.installations.values():
            if installation.account == repository.owner and installation.app is self.app:
                installation.permissions = permissions or installation.permissions
                installation.add(repository)
                return installation
        now = self.now()
        installation = Installation(
            github=self,
            id=self.next_id() % 100_000_000,
            app=self.app,
            account=repository.owner,
            permissions=dict(permissions or self.app.permissions),
            created_at=now,
            updated_at=now,
            repositories=[repository],
        )
        self.installations[installation.id] = installation
        self.emit(Event("installation", "created", repository.owner, None, installation))
        return installation

    def installations_of(self, repository: Repository) -> list[Installation]:
        return [installation for installation in self.installations.values() if repository in installation.repositories]

    def find_repository(self, owner: str, name: str) -> Repository | None:
        wanted = f"{owner}/{name}".lower()
        return next((one for one in self.repositories.values() if one.full_name.lower() == wanted), None)
