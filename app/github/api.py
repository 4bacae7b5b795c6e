"""One call to GitHub: path in, typed answer out, faults named.

Reads are repeated after a fault, writes never; but a call that is refused for its token has done nothing, so with a new
token it is made once more.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

import msgspec
from githubkit import GitHub, Response

from app.domain.json_text import storable
from app.github.errors import BadCredentials, GitHubError, RateLimited, Unavailable, translated

T = TypeVar("T")

READ_ATTEMPTS = 3
_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')


class GraphqlError(msgspec.Struct, frozen=True):
    message: str = ""
    type: str = ""
    path: list[str | int] = []

    @property
    def alias(self) -> str:
        """The root field that failed; empty where the error is of the whole document."""
        return str(self.path[0]) if self.path else ""


class GraphqlAnswer(msgspec.Struct, frozen=True):
    """`data` by root field; it is None where the document as a whole was refused."""

    data: dict[str, Any] | None = None
    errors: list[GraphqlError] = []

    def read(self, alias: str, kind: type[T]) -> T:
        """A root field as `kind`. Raises Unavailable where it is none."""
        try:
            return msgspec.convert((self.data or {})[alias], kind)
        except (KeyError, msgspec.ValidationError) as error:
            raise Unavailable("POST /graphql", f"an answer that is not what GitHub documents: {error}") from error


class Kind(StrEnum):
    """What a call is for: a read, a write that gates a merge, any other write."""

    READ = "read"
    GATE = "gate"
    OTHER = "other"


class Pace(Protocol):
    """How fast one may call. `ask` waits for the call's turn; it raises RateLimited or HeldBack instead."""

    async def ask(self, call: str, kind: Kind) -> None: ...

    async def rest(self, pause: timedelta) -> None:
        """GitHub wants no call for so long."""

    def note(self, headers: Mapping[str, str]) -> None:
        """An answer came with these."""


class Api:
    """Calls on behalf of one installation, or of the App itself.

    `read_delay` is in seconds and doubles; `forget_token` makes the next call ask for a new token.
    """

    def __init__(
        self,
        client: GitHub[Any],
        *,
        read_delay: float = 0.2,
        forget_token: Callable[[], Awaitable[None]] | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._client = client
        self._read_delay = read_delay
        self._forget_token = forget_token
        self._pace = pace

    async def get(self, path: str, kind: type[T], **params: str | int) -> T:
        return _decode(await self._read(path, params), kind, f"GET {path}")

    async def get_if_changed(self, path: str, kind: type[T], *, etag: str, **params: str | int) -> tuple[T | None, str]:
        """The answer and its ETag; None where it is still that of `etag`, which costs nothing of the hourly limit.

        https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
        """
        headers = {"if-none-match": etag} if etag else {}
        response = await self._again(lambda: self._request("GET", path, params=dict(params) or None, headers=headers))
        if response.status_code == 304:
            return None, etag
        return _decode(response.content, kind, f"GET {path}"), response.headers.get("etag", "")

    async def get_date(self) -> datetime | None:
        """GitHub's own time, to the second; None where an answer does not tell. It does not count against the limit.

        A refusal tells it too, above all the one for a token of another time.
        """
        try:
            told = (await self._attempted("/rate_limit", {})).headers.get("date", "")
        except GitHubError as refusal:
            if not refusal.date:
                raise
            told = refusal.date
        try:
            return parsedate_to_datetime(told)
        except ValueError:
            return None

    async def get_bytes(self, path: str) -> bytes:
        return await self._read(path, {})

    async def get_pages(self, path: str, kind: type[T], **params: str | int) -> list[T]:
        """The pages of a list, 100 objects each, following GitHub's own `next` links."""
        pages: list[T] = []
        next_page: int | None = 1
        while next_page is not None:
            response = await self._attempted(path, {**params, "per_page": 100, "page": next_page})
            pages.append(_decode(response.content, kind, f"GET {path}"))
            next_page = next_page + 1 if _NEXT.search(response.headers.get("link", "")) else None
        return pages

    async def get_by_cursor(self, path: str, kind: type[T], *, most_pages: int, **params: str | int) -> list[T]:
        """As `get_pages`, for a list that is paged by cursors: at most so many pages of it."""
        pages: list[T] = []
        cursor: str | None = None
        while len(pages) < most_pages:
            more = {"cursor": cursor} if cursor else {}
            response = await self._attempted(path, {**params, **more, "per_page": 100})
            pages.append(_decode(response.content, kind, f"GET {path}"))
            cursor = _next_cursor(response.headers.get("link", ""))
            if cursor is None:
                break
        return pages

    async def write(self, method: str, path: str, body: dict[str, Any] | None, kind: type[T]) -> T:
        kind_of_call = Kind.GATE if "/check-runs" in path else Kind.OTHER
        response = await self._request(method, path, kind_of_call, json=body)
        return _decode(response.content or b"null", kind, f"{method} {path}")

    async def query(self, document: str, variables: dict[str, Any]) -> GraphqlAnswer:
        """A GraphQL query; it changes nothing, and so is repeated after a fault like other reads."""
        return await self._again(lambda: self._graphql(document, variables))

    async def mutate(self, document: str, variables: dict[str, Any], kind: Kind) -> GraphqlAnswer:
        """A GraphQL mutation. Its root fields succeed or fail each by itself: `errors` has those that failed."""
        return await self._graphql(document, variables, kind)

    async def _graphql(self, document: str, variables: dict[str, Any], kind: Kind = Kind.READ) -> GraphqlAnswer:
        endpoint = _graphql_endpoint(str(self._client.config.base_url))
        response = await self._request("POST", endpoint, kind, json={"query": document, "variables": variables})
        answer = _decode(response.content, GraphqlAnswer, "POST /graphql")
        if any(error.type in ("RATE_LIMIT", "RATE_LIMITED") for error in answer.errors):
            limit = RateLimited("POST /graphql", answer.errors[0].message, _until_reset(response.headers))
            await self._rest(limit)
            raise limit
        if answer.data is None:
            raise Unavailable("POST /graphql", answer.errors[0].message if answer.errors else "an answer without data")
        return answer

    async def _read(self, path: str, params: dict[str, str | int]) -> bytes:
        return (await self._attempted(path, params)).content

    async def _attempted(self, path: str, params: dict[str, str | int]) -> Response[Any]:
        return await self._again(lambda: self._request("GET", path, params=dict(params) or None))

    async def _again(self, read: Callable[[], Awaitable[T]]) -> T:
        for attempt in range(1, READ_ATTEMPTS + 1):
            try:
                return await read()
            except Unavailable:
                if attempt == READ_ATTEMPTS:
                    raise
                await asyncio.sleep(self._read_delay * 2 ** (attempt - 1))
        raise AssertionError("unreachable")

    async def _request(self, method: str, path: str, kind: Kind = Kind.READ, **content: Any) -> Response[Any]:
        if self._pace is not None:
            await self._pace.ask(f"{method} {path}", kind)
        try:
            return await self._request_once(method, path, **content)
        except BadCredentials:
            if self._forget_token is None:
                raise
            await self._forget_token()
            return await self._request_once(method, path, **content)

    async def _request_once(self, method: str, path: str, **content: Any) -> Response[Any]:
        try:
            with translated(f"{method} {path}"):
                response = await self._client.arequest(method, path, **content)
        except RateLimited as limit:
            await self._rest(limit)
            raise
        if self._pace is not None:
            self._pace.note(response.headers)
        return response

    async def _rest(self, limit: RateLimited) -> None:
        if self._pace is not None:
            await self._pace.rest(limit.pause)


def _graphql_endpoint(base_url: str) -> str:
    """`/graphql` beside REST; an enterprise server's REST is below `/api/v3`, its GraphQL at `/api/graphql`.

    https://docs.github.com/en/enterprise-server/graphql/guides/introduction-to-graphql
    """
    root, enterprise, _ = base_url.rstrip("/").rpartition("/api/v3")
    return f"{root}/api/graphql" if enterprise else "/graphql"


def _next_cursor(link: str) -> str | None:
    found = _NEXT.search(link)
    return parse_qs(urlsplit(found[1]).query).get("cursor", [None])[0] if found else None


def _until_reset(headers: Mapping[str, str]) -> timedelta:
    """Until `x-ratelimit-reset` (seconds since 1970, by GitHub's own `date`); a minute where it is not told."""
    reset, now = headers.get("x-ratelimit-reset", ""), headers.get("date", "")
    if not reset.isdigit() or not now:
        return timedelta(minutes=1)
    left = int(reset) - parsedate_to_datetime(now).timestamp()
    return timedelta(seconds=max(left, 60))


def segment(text: str) -> str:
    """`text` as one segment of a path; branch names keep their slashes out of the routing."""
    return quote(text, safe="")


def _decode(content: bytes, kind: type[T], call: str) -> T:
    try:
        return msgspec.json.decode(storable(content), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unavailable(call, f"an answer that is not what GitHub documents: {error}") from error
