"""What every page has around its own content, and the repository that its address names."""

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from app import __version__
from app.services.context import AppContext
from app.services.queries.items import RepositoryItem
from app.web.api import found
from app.web.dependencies import Session
from app.web.links import RepositoryLinks
from app.web.problems import ProblemDetail
from app.web.rendering import render


class PageMissing(Exception):
    """There is no such page; the text says why, to the person who followed the link."""


async def find_repository(session: Session, owner: str, name: str) -> RepositoryItem:
    """Raises PageMissing, in the words of the REST API."""
    try:
        return await found.find_repository(session, owner, name)
    except ProblemDetail as problem:
        raise PageMissing(problem.detail) from None


def links_of(context: AppContext, repository: RepositoryItem) -> RepositoryLinks:
    return RepositoryLinks(context.settings, repository.owner, repository.name)


def page(template: str, context: AppContext, request: Request, *, status: int = 200, **values: Any) -> HTMLResponse:
    return HTMLResponse(render(template, {**frame(context, request), **values}), status_code=status)


def frame(context: AppContext, request: Request) -> dict[str, Any]:
    paused = request.query_params.get("refresh") == "off"
    return {
        "banner": context.banner,
        "refresh": context.refresh_seconds,
        "paused": paused,
        "path": request.url.path,
        "now": context.clock(),
        "version": __version__,
    }
