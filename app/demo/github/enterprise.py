"""The addresses of a GitHub Enterprise Server: REST below `/api/v3`, GraphQL at `/api/graphql`, nothing at the root.

https://docs.github.com/en/enterprise-server/rest/using-the-rest-api/getting-started-with-the-rest-api
"""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_ARCHIVES = "/_codeload/"


def below_api_v3(app: ASGIApp) -> ASGIApp:
    """The stand-in `app` at those addresses. Any other address is answered with 404."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        path: str = scope["path"]
        if path == "/api/graphql":
            await app(_at(scope, "/api"), receive, send)
        elif path.startswith("/api/v3/") and path != "/api/v3/graphql":
            await app(_at(scope, "/api/v3"), receive, send)
        elif path.startswith(_ARCHIVES):
            await app(scope, receive, send)
        else:
            await JSONResponse({"message": "Not Found"}, 404)(scope, receive, send)

    return serve


def _at(scope: Scope, prefix: str) -> Scope:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return {**scope, "path": scope["path"][len(prefix) :], "raw_path": raw[len(prefix) :]}
