"""githubkit, one client an installation, over one connection pool.

githubkit opens and closes an HTTP client for each call unless it is entered in the very task that uses it, and its
HTTP cache keeps every old answer; so the transport is ours and is shared, and the cache is off.
"""

from datetime import UTC, datetime, timedelta
from typing import NoReturn, Protocol

import httpx
from githubkit import AppAuthStrategy, AppInstallationAuthStrategy, GitHub
from githubkit.cache.base import AsyncBaseCache, BaseCache, BaseCacheStrategy

from app.config import Settings

USER_AGENT = "fluxmig"
API_VERSION = "2022-11-28"
"""Named with each call, so that a newer default of GitHub's changes nothing here. Enterprise servers have it from 3.9,
and older ones do not look (https://docs.github.com/en/rest/about-the-rest-api/api-versions)."""
TIMEOUT_SECONDS = 20


class TokenStore(Protocol):
    """Where installation tokens are shared between replicas."""

    async def load(self, key: str) -> str | None: ...

    async def save(self, key: str, value: str, expires_at: datetime) -> None: ...

    async def forget(self, fragment: str) -> None: ...


class SharedTransport(httpx.AsyncBaseTransport):
    """One pool for all clients: closing a client leaves it open; `close_pool` ends it. Counts the calls."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.calls = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        request.headers["x-github-api-version"] = API_VERSION
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        return None

    async def close_pool(self) -> None:
        await self._inner.aclose()


class _SharedCache(AsyncBaseCache):
    """The App's own JWTs stay in memory; installation tokens go to the store."""

    def __init__(self, store: TokenStore) -> None:
        self._store = store
        self._memory: dict[str, tuple[str, datetime]] = {}

    async def aget(self, key: str) -> str | None:
        value, expires_at = self._memory.get(key, (None, datetime.now(UTC)))
        if value is not None and expires_at > datetime.now(UTC):
            return value
        return None if key.endswith(":jwt") else await self._store.load(key)

    async def aset(self, key: str, value: str, ex: timedelta) -> None:
        expires_at = datetime.now(UTC) + ex
        self._memory[key] = (value, expires_at)
        if not key.endswith(":jwt"):
            await self._store.save(key, value, expires_at)

    async def forget(self, fragment: str) -> None:
        """Drop every value whose key contains `fragment`, here and in the store."""
        for key in [key for key in self._memory if fragment in key]:
            del self._memory[key]
        await self._store.forget(fragment)


class _CacheStrategy(BaseCacheStrategy):
    def __init__(self, store: TokenStore) -> None:
        self._cache = _SharedCache(store)

    def get_cache_storage(self) -> BaseCache:
        raise NotImplementedError("fluxmig calls GitHub asynchronously only")

    async def get_async_cache_storage(self) -> AsyncBaseCache:
        return self._cache

    async def forget(self, fragment: str) -> None:
        await self._cache.forget(fragment)

    def get_hishel_storage(self) -> NoReturn:
        raise NotImplementedError("the HTTP cache is off")

    async def get_async_hishel_storage(self) -> NoReturn:
        raise NotImplementedError("the HTTP cache is off")


class GitHubClients:
    """Clients of this App: as itself, and as each installation."""

    def __init__(
        self, settings: Settings, store: TokenStore, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.transport = SharedTransport(
            transport or httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=20), retries=1)
        )
        self._cache = _CacheStrategy(store)
        self._app: GitHub[AppAuthStrategy] = GitHub(
            AppAuthStrategy(settings.github_app_id, settings.github_private_key.get_secret_value()),
            base_url=settings.github_api_url,
            async_transport=self.transport,
            cache_strategy=self._cache,
            http_cache=False,
            auto_retry=False,
            rest_api_validate_body=False,
            trust_env=False,
            timeout=TIMEOUT_SECONDS,
            user_agent=USER_AGENT,
        )
        self._installations: dict[int, GitHub[AppInstallationAuthStrategy]] = {}

    def app(self) -> GitHub[AppAuthStrategy]:
        return self._app

    def installation(self, installation_id: int) -> GitHub[AppInstallationAuthStrategy]:
        client = self._installations.get(installation_id)
        if client is None:
            client = self._app.with_auth(self._app.auth.as_installation(installation_id))
            self._installations[installation_id] = client
        return client

    async def forget_token(self, installation_id: int) -> None:
        """GitHub does not take the installation's token any more: the next call asks for a new one."""
        await self._cache.forget(f":installation:{installation_id}:")

    async def close(self) -> None:
        await self.transport.close_pool()
