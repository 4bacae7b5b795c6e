"""The stand-in GitHub over HTTP. A route that it does not know is an error, answered loudly and remembered."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx
from fastapi import FastAPI, Request, Response

from app.demo.github.calls import Answer, Call, Route
from app.demo.github.faults import Failure
from app.demo.github.log import Exchange
from app.demo.github.model import NotServed, Refused
from app.demo.github.routes import ALL_ROUTES
from app.demo.github.routes.git import archive
from app.demo.github.state import GitHub
from app.demo.github.tokens import check_app_jwt

DOCUMENTATION = "https://docs.github.com/rest"
UNSERVED = (
    *(f"commits/{{ref:path}}/{what}" for what in ("pulls", "comments", "check-suites", "branches-where-head")),
    "branches/{branch:path}/rename",
)
"""Documented routes that a pattern with a slash in its name would swallow."""
NO_PAGES = "<!doctype html><title>Stand-in GitHub</title><p>This is the demo's stand-in for GitHub. It has no pages."
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
SECONDARY_LIMIT = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID."
)


def create_github_app(github: GitHub) -> FastAPI:
    """Serve it on a port, or call it in process through `httpx.ASGITransport`."""
    app = FastAPI(title="Stand-in GitHub", openapi_url=None, docs_url=None, redoc_url=None)
    desk = Desk(github)
    for path in UNSERVED:
        app.add_api_route(f"/repos/{{owner}}/{{repo}}/{path}", desk.unknown, methods=list(METHODS))
    for route in ALL_ROUTES:
        app.add_api_route(route.path, desk.endpoint(route), methods=[route.method], response_class=Response)
    app.add_api_route("/_codeload/{owner}/{repo}/legacy.tar.gz/{sha}", desk.download, methods=["GET"])
    app.add_api_route("/{path:path}", desk.unknown, methods=list(METHODS))
    return app


class Desk:
    """What happens to every call: faults, identity, limits, permission, the work itself, ETag, the log."""

    def __init__(self, github: GitHub) -> None:
        self.github = github

    def endpoint(self, route: Route) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            return await self.serve(request, route)

        return serve

    async def serve(self, request: Request, route: Route) -> Response:
        raw = await request.body()
        call = Call(
            github=self.github,
            method=route.method,
            path=request.url.path,
            params={name: str(value) for name, value in request.path_params.items()},
            query=_query(request),
            body=None,
            base_url=str(request.base_url).rstrip("/"),
        )
        answer = await self._answer(request, call, route, raw)
        if call.token is not None:
            if answer.status != 304 and call.path != "/rate_limit":
                self.github.limits.count(call.token)
            answer = _with_headers(answer, self.github.limits.headers(call.token) | dict(answer.headers))
        return self._send(request, raw, answer)

    async def _answer(self, request: Request, call: Call, route: Route, raw: bytes) -> Answer:
        name = f"{call.method} {call.path}{_document(call, raw)}"
        faults = self.github.faults
        if seconds := faults.delay_of(name):
            await self.github.sleep(seconds)
        failure = faults.take_failure(name)
        if failure is not None and not failure.after_effect:
            _keep_silent_if(failure)
            return (
                _secondary_limit(failure.retry_after) if failure.secondary else _error(failure.status, "Server Error")
            )
        try:
            _identify(call, route, request.headers.get("authorization", ""))
            self._check_limits(call)
            _check_permission(call, route)
            call.body = _json_body(raw)
            answer = route.handler(call)
        except Refused as refused:
            return _refusal(refused, call, route)
        except NotServed as asked:
            return self._not_served(str(asked))
        if failure is not None:
            _keep_silent_if(failure)
            return _error(failure.status, "Server Error")
        return _revalidated(answer, request.headers.get("if-none-match")) if call.method == "GET" else answer

    def _check_limits(self, call: Call) -> None:
        if call.token is None or call.path == "/rate_limit":
            return
        until = self.github.faults.limited_until
        if (until is not None and until > datetime.now(UTC)) or self.github.limits.is_used_up(call.token):
            raise Refused(403, f"API rate limit exceeded for installation ID {call.token.installation.id}.")

    async def download(self, request: Request) -> Response:
        """The archive host. It asks for no token: the address was given to someone who had one."""
        params = request.path_params
        repository = self.github.find_repository(params["owner"], params["repo"])
        commit = repository.find_commit(params["sha"]) if repository else None
        if repository is None or commit is None:
            return Response("404: Not Found", 404, media_type="text/plain")
        name = f"{repository.owner.login}-{repository.name}-{commit.sha[:7]}.tar.gz"
        headers = {"content-disposition": f"attachment; filename={name}"}
        return Response(archive(repository, commit), media_type="application/x-gzip", headers=headers)

    async def unknown(self, request: Request) -> Response:
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            # A person followed a link of the page; the service itself never asks for HTML.
            return Response(NO_PAGES, 404, media_type="text/html; charset=utf-8")
        raw = await request.body()
        return self._send(request, raw, self._not_served(f"{request.method} {request.url.path}"))

    def _not_served(self, what: str) -> Answer:
        self.github.unknown_routes.append(what)
        return _error(501, f"The stand-in GitHub has no route {what}")

    def _send(self, request: Request, raw: bytes, answer: Answer) -> Response:
        content = answer.raw if answer.raw is not None else b""
        if answer.raw is None and answer.status not in (204, 304):
            content = json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "date": format_datetime(self.github.now(), usegmt=True),
            "x-github-request-id": f"{self.github.next_id():X}",
            "x-github-media-type": "github.v3",
        }
        response = Response(content, answer.status, headers | dict(answer.headers), answer.media_type)
        self.github.log.exchanges.append(
            Exchange(
                method=request.method,
                path=_raw_path(request),
                query=_query(request),
                request_headers={name: value for name, value in request.headers.items() if name != "authorization"},
                request_body=_readable(raw),
                status=answer.status,
                response_headers=dict(response.headers),
                response_body=answer.body if answer.raw is None else "",
            )
        )
        return response


def _raw_path(request: Request) -> str:
    """As it came, with `%2F` for the slashes inside of a name."""
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return raw.decode("ascii").partition("?")[0]


def _query(request: Request) -> dict[str, list[str]]:
    return {name: request.query_params.getlist(name) for name in request.query_params}


def _readable(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode(errors="replace")


def _json_body(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        raise Refused(400, "Problems parsing JSON") from None


def _identify(call: Call, route: Route, authorization: str) -> None:
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() not in ("bearer", "token") or not secret:
        raise Refused(401, "Requires authentication")
    if secret.count(".") == 2 and not secret.startswith("ghs_"):
        call.app = check_app_jwt(call.github, secret)
        if not route.by_app:
            raise Refused(403, "Resource not accessible by integration")
        return
    call.token = call.github.tokens.check(secret)
    if route.by_app:
        raise Refused(401, "A JSON web token could not be decoded")


def _check_permission(call: Call, route: Route) -> None:
    if route.need is None or call.token is None:
        return
    if "repo" in call.params:
        repository = call.repository
        if not call.token.sees(repository):
            return
        if repository.archived and call.method != "GET":
            raise Refused(403, "Repository was archived so is read-only.")
    if not any(call.token.may(name, level) for name, level in route.need.any_of):
        raise Refused(403, "Resource not accessible by integration")


def _error(status: int, message: str) -> Answer:
    return Answer(status, {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)})


def _refusal(refused: Refused, call: Call, route: Route) -> Answer:
    answer = _error(refused.status, str(refused))
    if str(refused) == "Validation Failed":
        answer.body["errors"] = [{"resource": "Resource", "code": "invalid"}]
    if "rate limit exceeded" in str(refused) and call.token is not None:
        until = call.github.faults.limited_until
        headers = {"x-ratelimit-remaining": "0", "x-ratelimit-used": str(call.github.limits.per_hour)}
        if until is not None:
            headers["x-ratelimit-reset"] = str(int(until.timestamp()))
        return _with_headers(answer, headers)
    if refused.status == 403 and route.need is not None:
        return _with_headers(answer, {"x-accepted-github-permissions": route.need.header})
    return answer


def _document(call: Call, raw: bytes) -> str:
    """What a call of GraphQL asks, for faults that are meant for one kind of it."""
    told = _readable(raw) if call.path == "/graphql" else None
    return f" {' '.join(str(told.get('query', '')).split())}" if isinstance(told, dict) else ""


def _keep_silent_if(failure: Failure) -> None:
    if failure.unheard:
        raise httpx.ReadTimeout("the stand-in does not answer")


def _secondary_limit(retry_after: int | None) -> Answer:
    answer = _error(403, SECONDARY_LIMIT)
    return answer if retry_after is None else _with_headers(answer, {"retry-after": str(retry_after)})


def _with_headers(answer: Answer, headers: dict[str, str]) -> Answer:
    return Answer(answer.status, answer.body, headers, answer.raw, answer.media_type)


def _revalidated(answer: Answer, known: str | None) -> Answer:
    """Adds the ETag; 304 when the caller has this very answer."""
    if answer.raw is not None or answer.status != 200:
        return answer
    content = json.dumps(answer.body, sort_keys=True, separators=(",", ":")).encode()
    etag = f'W/"{hashlib.sha256(content).hexdigest()}"'
    headers = dict(answer.headers) | {"etag": etag, "cache-control": "private, max-age=60, s-maxage=60"}
    same = known is not None and known.removeprefix("W/") == etag.removeprefix("W/")
    return Answer(304, None, headers, b"") if same else Answer(200, answer.body, headers)
