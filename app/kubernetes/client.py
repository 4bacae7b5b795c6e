"""GET, and nothing else. Whatever keeps an answer from being whole becomes `Unread`, with its reason.

Our own because we need four things of the API: a rotating token, one answer, pages, and honest faults. lightkube brings
httpx2 and generated models of every kind, kubernetes-asyncio brings aiohttp, kr8s brings a cache and a box
(docs/decisions/0008-own-kubernetes-client.md).
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import httpx
import msgspec

from app.domain.json_text import storable
from app.kubernetes.access import Access

T = TypeVar("T")

PAGE = 500
_MOST_PAGES = 200
_LARGEST_ANSWER = 64 * 1024 * 1024
_TIMEOUT = httpx.Timeout(10.0, connect=5.0)


class Unread(Exception):
    """The API server did not tell. The text says why, in words for people."""


class Absent(Unread):
    """404: there is no such object, or no such API."""


class _Expired(Exception):
    """410: the list changed too much while we read its pages."""


class _Meta(msgspec.Struct):
    continue_: str = msgspec.field(default="", name="continue")


class _List(msgspec.Struct, Generic[T]):
    items: list[T]
    metadata: _Meta = msgspec.field(default_factory=_Meta)


@dataclass(frozen=True)
class KubernetesApi:
    """One cluster. `name` is that under which it is registered."""

    name: str
    access: Access
    http: httpx.AsyncClient

    async def get(self, path: str, *, accept: str = "application/json", **params: str) -> bytes:
        """The body of one answer, `storable`. Raises Unread."""
        try:
            return await self._get(path, accept, params)
        except _Expired:
            raise Unread(f"GET {path}: the API server no longer has this list (410)") from None

    async def read(self, path: str, type_: type[T]) -> T:
        """One object. Raises Unread."""
        return _decode(await self.get(path), type_, path)

    async def read_all(self, path: str, type_: type[T], **params: str) -> list[T]:
        """All items of a list, or Unread: never some of them. A list that expired on the way is begun again once."""
        for attempt in range(2):
            try:
                return await self._pages(path, type_, params)
            except _Expired:
                if attempt:
                    break
        raise Unread(f"GET {path}: the list changed faster than it could be read (410)")

    async def _pages(self, path: str, type_: type[T], params: dict[str, str]) -> list[T]:
        items: list[T] = []
        token = ""
        for _ in range(_MOST_PAGES):
            page = {**params, "limit": str(PAGE), **({"continue": token} if token else {})}
            answer = _decode(await self._get(path, "application/json", page), _List[type_], path)  # type: ignore[valid-type]
            items += answer.items
            token = answer.metadata.continue_
            if not token:
                return items
        raise Unread(f"GET {path}: more than {_MOST_PAGES * PAGE} objects")

    async def _get(self, path: str, accept: str, params: dict[str, str]) -> bytes:
        try:
            token = self.access.token()
        except OSError as error:
            raise Unread(f"the token file cannot be read: {error.strerror}") from None
        headers = {"Accept": accept, **({"Authorization": f"Bearer {token}"} if token else {})}
        try:
            async with self.http.stream("GET", path, params=params, headers=headers) as response:
                if response.is_success:
                    return await _whole(response, path)
                status = response.status_code
        except httpx.TimeoutException:
            raise Unread(f"GET {path}: no answer in time") from None
        except httpx.HTTPError as error:
            raise Unread(f"GET {path}: {type(error).__name__}") from None
        raise _fault(path, status)


async def _whole(response: httpx.Response, path: str) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _LARGEST_ANSWER:
            raise Unread(f"GET {path}: the answer is larger than {_LARGEST_ANSWER} bytes")
    return storable(bytes(body))


def _fault(path: str, status: int) -> Exception:
    match status:
        case 401:
            return Unread(f"GET {path}: the API server does not accept the credentials (401)")
        case 403:
            return Unread(f"GET {path}: the service account may not read this (403); see deploy/kubernetes/rbac.yaml")
        case 404:
            return Absent(f"GET {path}: the API server does not have it (404)")
        case 410:
            return _Expired()
        case 429:
            return Unread(f"GET {path}: the API server has too much to do (429)")
        case _:
            return Unread(f"GET {path}: the API server answered {status}")


def _decode(body: bytes, type_: type[T], path: str) -> T:
    try:
        return msgspec.json.decode(body, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unread(f"GET {path}: the answer is not what this path should give") from None


@asynccontextmanager
async def open_api(
    name: str, access: Access, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[KubernetesApi]:
    """`transport` replaces the network. Proxies of the environment are not for the API server."""
    http = httpx.AsyncClient(
        base_url=access.server, verify=access.context, timeout=_TIMEOUT, transport=transport, trust_env=False
    )
    async with http:
        yield KubernetesApi(name, access, http)
