"""The FastAPI application: doors, errors, headers. It is given everything and builds nothing."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from psycopg_pool import PoolTimeout
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from app import __version__
from app.services.context import AppContext
from app.web import api, cluster_reports, flux, health, metrics, milestone_pages, pages, schema, webhook
from app.web.framing import PageMissing, frame
from app.web.headers import SecurityHeaders
from app.web.openapi import describe
from app.web.problems import ProblemDetail, field_faults, problem_response
from app.web.rendering import STATIC, render

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_UNREACHABLE = "fluxmig cannot reach its database just now. It keeps trying; nothing that GitHub sent is lost."


def create_app(context: AppContext, lifespan: Lifespan | None = None) -> FastAPI:
    app = FastAPI(
        title="fluxmig",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's page loads scripts from a third party
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.context = context
    for router in (
        webhook.router,
        flux.router,
        cluster_reports.router,
        health.router,
        metrics.router,
        api.router,
        schema.router,
        pages.router,
        milestone_pages.router,
    ):
        app.include_router(router)
    app.mount("/static", CachedStaticFiles(directory=STATIC), name="static")
    app.add_middleware(SecurityHeaders)
    _handle_errors(app)
    describe(app)
    return app


class CachedStaticFiles(StaticFiles):
    """Addresses carry a digest of the content (see `rendering.asset`), so a file never changes under its address."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(ProblemDetail)
    async def problem(_: Request, error: ProblemDetail) -> Response:
        return problem_response(error.status, error.detail, headers=error.headers)

    @app.exception_handler(PageMissing)
    async def missing(request: Request, error: PageMissing) -> Response:
        return _error(request, 404, "Nothing here", str(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        faults = field_faults(error)
        if _wants_page(request):
            return _error(request, 404, "Nothing here", "This address does not name a page of fluxmig.")
        return problem_response(422, "The request has faults: see `faults`.", faults=faults)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return _error(request, 404, "Nothing here", "This address does not name a page of fluxmig.")
        return problem_response(error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(PoolTimeout)
    @app.exception_handler(DBAPIError)
    async def database(request: Request, error: Exception) -> Response:
        if isinstance(error, DBAPIError) and not error.connection_invalidated and not _is_connection_fault(error):
            raise error
        return _error(request, 503, "The database does not answer", _UNREACHABLE, headers={"Retry-After": "5"})

    @app.exception_handler(Exception)
    async def unexpected(request: Request, _: Exception) -> Response:
        return _error(
            request, 500, "Something went wrong", "This is a fault of fluxmig; its log tells more. Nothing was changed."
        )


def _is_connection_fault(error: DBAPIError) -> bool:
    return type(error.orig).__name__ in ("OperationalError", "AdminShutdown", "CannotConnectNow", "ConnectionTimeout")


def _error(
    request: Request, status: int, title: str, detail: str, *, headers: dict[str, str] | None = None
) -> Response:
    if not _wants_page(request):
        return problem_response(status, detail, headers=headers)
    values = {**frame(request.app.state.context, request), "title": title, "detail": detail}
    return HTMLResponse(render("error.html", values), status_code=status, headers=headers)


def _wants_page(request: Request) -> bool:
    if request.url.path.startswith(("/api/", "/webhooks/")):
        return False
    return "text/html" in request.headers.get("accept", "")
