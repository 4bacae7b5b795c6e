"""One call of the API: what came in, what goes out, and which routes there are."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from app.demo.github.issue import Issue
from app.demo.github.model import App, NotServed, Refused, User
from app.demo.github.objects import Commit
from app.demo.github.pull_request import PullRequest
from app.demo.github.repository import Repository
from app.demo.github.state import GitHub
from app.demo.github.tokens import InstallationToken

DEFAULT_PAGE, LARGEST_PAGE = 30, 100


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is JSON; `raw` goes out as it is."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    media_type: str = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Need:
    """A permission that an installation token must have: any one of these pairs of name and level."""

    any_of: tuple[tuple[str, str], ...]

    @property
    def header(self) -> str:
        """GitHub's `x-accepted-github-permissions`."""
        return "; ".join(f"{name}={level}" for name, level in self.any_of)


def needs(*pairs: str) -> Need:
    """`needs("issues:write", "pull_requests:write")`: either will do."""
    return Need(tuple((name, level) for name, _, level in (pair.partition(":") for pair in pairs)))


@dataclass(slots=True, kw_only=True)
class Call:
    """`app` is set for calls by JWT, `token` for calls by an installation token."""

    github: GitHub
    method: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, list[str]]
    body: Any
    base_url: str
    app: App | None = None
    token: InstallationToken | None = None

    @property
    def actor(self) -> User:
        """Who writes: the App's bot."""
        return self.the_app.bot

    @property
    def the_app(self) -> App:
        app = self.token.installation.app if self.token else self.app
        assert app is not None
        return app

    @property
    def installation_token(self) -> InstallationToken:
        assert self.token is not None
        return self.token

    @property
    def repository(self) -> Repository:
        """The repository of the path. 404 when it is not there for this caller."""
        found = self.github.find_repository(self.params["owner"], self.params["repo"])
        if found is None or (self.token and not self.token.sees(found) and (found.private or self.method != "GET")):
            raise Refused(404, "Not Found")
        return found

    @property
    def pull_request(self) -> PullRequest:
        pull = self.repository.pull_requests.get(int(self.params["number"]))
        if pull is None:
            raise Refused(404, "Not Found")
        return pull

    @property
    def issue(self) -> Issue:
        issue = self.repository.issues.get(int(self.params["number"]))
        if issue is None:
            raise Refused(404, "Not Found")
        return issue

    def commit(self, ref: str) -> Commit:
        """The commit of the repository of the path."""
        commit = self.repository.find_commit(ref)
        if commit is None:
            raise Refused(422, f"No commit found for SHA: {ref}")
        return commit

    def first(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]

    def text(self, name: str) -> str | None:
        """A text of the JSON body, None when absent. 422 when it is something else."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, str):
            raise Refused(
                422, f"Invalid request.\n\nFor '{'/'.join(('properties', name))}', {value!r} is not a string."
            )
        return value

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise Refused(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        return value

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON body as an object. 422 when it is something else."""
        if self.body is None:
            return {}
        if not isinstance(self.body, dict):
            raise Refused(422, "Invalid request.\n\nFor 'links/0/schema', the body is not an object.")
        return self.body

    def takes(self, *names: str) -> None:
        """The body fields, or for GET the query parameters, that the route minds. Raises NotServed for others."""
        given = set(self.query) - {"page", "per_page"} if self.method == "GET" else set(self.fields)
        if unknown := given - set(names):
            raise NotServed(f"{self.method} {self.path} with {', '.join(sorted(unknown))}")

    def page(self, items: Sequence[Any], show: Callable[[Any], Any], *, wrap: str | None = None) -> Answer:
        """One page of a list with GitHub's `Link` header; `wrap` puts it into an object beside `total_count`."""
        size = min(max(_number(self.first("per_page"), DEFAULT_PAGE), 1), LARGEST_PAGE)
        page = max(_number(self.first("page"), 1), 1)
        last = max(-(-len(items) // size), 1)
        shown = [show(item) for item in items[(page - 1) * size : page * size]]
        links: list[tuple[str, int]] = []
        if page > 1:
            links += [("prev", page - 1), ("first", 1)]
        if page < last:
            links += [("next", page + 1), ("last", last)]
        headers = {"link": ", ".join(f'<{self._page_url(to)}>; rel="{rel}"' for rel, to in links)} if links else {}
        return Answer(body={"total_count": len(items), wrap: shown} if wrap else shown, headers=headers)

    def _page_url(self, page: int) -> str:
        query = {name: values[0] for name, values in self.query.items()} | {"page": str(page)}
        return f"{self.base_url}{self.path}?{urlencode(query)}"


def _number(text: str, default: int) -> int:
    return int(text) if text.isdigit() else default


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """`need` is None for calls by JWT and for those that any installation token may make."""

    method: str
    path: str
    handler: Handler
    need: Need | None
    by_app: bool = False


class Routes:
    """Collects the routes of one resource, in the order in which they are tried."""

    def __init__(self) -> None:
        self.all: list[Route] = []

    def get(self, path: str, need: Need | None = None, *, by_app: bool = False) -> Callable[[Handler], Handler]:
        return self._add("GET", path, need, by_app=by_app)

    def post(self, path: str, need: Need | None = None, *, by_app: bool = False) -> Callable[[Handler], Handler]:
        return self._add("POST", path, need, by_app=by_app)

    def patch(self, path: str, need: Need | None = None) -> Callable[[Handler], Handler]:
        return self._add("PATCH", path, need)

    def put(self, path: str, need: Need | None = None) -> Callable[[Handler], Handler]:
        return self._add("PUT", path, need)

    def delete(self, path: str, need: Need | None = None) -> Callable[[Handler], Handler]:
        return self._add("DELETE", path, need)

    def _add(self, method: str, path: str, need: Need | None, *, by_app: bool = False) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self.all.append(Route(method, path, handler, need, by_app))
            return handler

        return add
