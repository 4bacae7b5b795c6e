"""The client below the gateway: where it calls, with which token, what is repeated, and what each fault becomes."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest
import respx
from pydantic import SecretStr

from app.config import Settings
from app.demo.github.state import throwaway_key
from app.github.api import READ_ATTEMPTS, Api, Kind
from app.github.clients import USER_AGENT, GitHubClients
from app.github.errors import Forbidden, NotFound, RateLimited, Refused, Unavailable

API = "https://ghes.test/api/v3"
PULL = f"{API}/repos/wcygan/homelab/pulls/34"


class Tokens:
    """A store that remembers within the test."""

    def __init__(self) -> None:
        self.saved: dict[str, str] = {}

    async def load(self, key: str) -> str | None:
        return self.saved.get(key)

    async def save(self, key: str, value: str, expires_at: datetime) -> None:
        self.saved[key] = value

    async def forget(self, fragment: str) -> None:
        self.saved = {key: value for key, value in self.saved.items() if fragment not in key}


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def github() -> Any:
    with respx.mock(assert_all_called=False) as mock:
        mock.post(f"{API}/app/installations/7/access_tokens").respond(
            201, json=_token("ghs_1_eyJhbGciOi.a-token-of-any-length")
        )
        yield mock


@pytest.fixture
async def clients(tokens: Tokens, github: respx.MockRouter) -> AsyncIterator[GitHubClients]:
    settings = Settings(
        github_api_url=f"{API}/",
        github_app_id=1,
        github_private_key=SecretStr(throwaway_key()),
        github_webhook_secret=SecretStr("hush"),
        secret_key=SecretStr("k" * 32),
        admin_token=SecretStr("t" * 32),
    )
    clients = GitHubClients(settings, tokens)
    yield clients
    await clients.close()


def _token(value: str) -> dict[str, Any]:
    expires = datetime.now(UTC) + timedelta(hours=1)
    return {"token": value, "expires_at": expires.strftime("%Y-%m-%dT%H:%M:%SZ"), "permissions": {"checks": "write"}}


def api(clients: GitHubClients) -> Api:
    return Api(clients.installation(7), read_delay=0)


async def test_an_enterprise_server_is_called_below_its_path(clients: GitHubClients, github: respx.MockRouter) -> None:
    route = github.get(PULL).respond(200, json={"number": 34})
    assert await api(clients).get("/repos/wcygan/homelab/pulls/34", dict[str, int]) == {"number": 34}
    request = route.calls.last.request
    assert request.headers["authorization"] == "token ghs_1_eyJhbGciOi.a-token-of-any-length"
    assert request.headers["user-agent"] == USER_AGENT
    assert request.headers["x-github-api-version"] == "2022-11-28"
    graphql = github.post(f"{API.removesuffix('/v3')}/graphql").respond(200, json={"data": {"viewer": {}}})
    await api(clients).query("query { viewer { login } }", {})
    assert graphql.call_count == 1


async def test_replicas_share_one_token(clients: GitHubClients, tokens: Tokens, github: respx.MockRouter) -> None:
    github.get(PULL).respond(200, json={})
    await api(clients).get("/repos/wcygan/homelab/pulls/34", dict[str, int])
    (key,) = tokens.saved
    assert ":installation:7:" in key

    github.post(f"{API}/app/installations/7/access_tokens").mock(side_effect=AssertionError("a second token"))
    await api(clients).get("/repos/wcygan/homelab/pulls/34", dict[str, int])


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_read_is_repeated_after_a_passing_fault(
    clients: GitHubClients, github: respx.MockRouter, status: int
) -> None:
    answers = [httpx.Response(status), httpx.Response(status), httpx.Response(200, json={"number": 34})]
    github.get(PULL).mock(side_effect=answers)
    assert await api(clients).get("/repos/wcygan/homelab/pulls/34", dict[str, int]) == {"number": 34}


async def test_a_read_is_given_up_in_the_end(clients: GitHubClients, github: respx.MockRouter) -> None:
    route = github.get(PULL).respond(502, json={"message": "Server Error"})
    with pytest.raises(Unavailable, match=r"GET /repos/wcygan/homelab/pulls/34: 502 Server Error"):
        await api(clients).get("/repos/wcygan/homelab/pulls/34", dict[str, int])
    assert route.call_count == READ_ATTEMPTS


async def test_a_write_is_never_repeated_blindly(clients: GitHubClients, github: respx.MockRouter) -> None:
    route = github.post(f"{API}/repos/wcygan/homelab/check-runs").respond(502)
    with pytest.raises(Unavailable):
        await api(clients).write("POST", "/repos/wcygan/homelab/check-runs", {"name": "fluxmig"}, Any)
    assert route.call_count == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(404, json={"message": "Not Found"}), NotFound),
        (httpx.Response(410, json={"message": "Gone"}), NotFound),
        (httpx.Response(403, json={"message": "Resource not accessible by integration"}), Forbidden),
        (httpx.Response(422, json={"message": "Validation Failed"}), Refused),
        (httpx.Response(405, json={"message": "Pull Request is not mergeable"}), Refused),
        (httpx.Response(403, json={"message": "You have exceeded a secondary rate limit."}), RateLimited),
        (httpx.Response(403, json={"message": "slow down"}, headers={"retry-after": "30"}), RateLimited),
        (httpx.Response(200, content=b"<html>"), Unavailable),
        (httpx.Response(200, json=[]), Unavailable),
    ],
)
async def test_each_fault_has_a_name(
    clients: GitHubClients, github: respx.MockRouter, answer: httpx.Response, expected: type[Exception]
) -> None:
    github.get(PULL).mock(return_value=answer)
    with pytest.raises(expected):
        await api(clients).get("/repos/wcygan/homelab/pulls/34", dict[str, int])


async def test_the_hourly_limit_says_when_it_ends(clients: GitHubClients, github: respx.MockRouter) -> None:
    reset = datetime.now(UTC) + timedelta(minutes=20)
    github.get(PULL).respond(
        403,
        json={"message": "API rate limit exceeded for installation ID 7."},
        headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(reset.timestamp()))},
    )
    with pytest.raises(RateLimited) as raised:
        await api(clients).get("/repos/wcygan/homelab/pulls/34", dict[str, int])
    assert timedelta(minutes=19) < raised.value.pause <= timedelta(minutes=20)


class Rests:
    """A pace that remembers the pauses."""

    def __init__(self) -> None:
        self.pauses: list[timedelta] = []

    async def ask(self, call: str, kind: Kind) -> None: ...

    async def rest(self, pause: timedelta) -> None:
        self.pauses.append(pause)

    def note(self, headers: Mapping[str, str]) -> None: ...


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (403, {}, 60),
        (429, {}, 60),
        (403, {"retry-after": "90"}, 90),
        (429, {"retry-after": "90"}, 90),
    ],
)
async def test_after_the_secondary_limit_all_rest(
    clients: GitHubClients, github: respx.MockRouter, status: int, headers: dict[str, str], seconds: int
) -> None:
    pace = Rests()
    said = {"message": "You have exceeded a secondary rate limit."}
    github.get(PULL).respond(status, json=said, headers=headers)
    with pytest.raises(RateLimited):
        await Api(clients.installation(7), read_delay=0, pace=pace).get("/repos/wcygan/homelab/pulls/34", Any)
    assert pace.pauses == [timedelta(seconds=seconds)]


async def test_graphql_tells_its_limit_with_status_200(clients: GitHubClients, github: respx.MockRouter) -> None:
    pace, now = Rests(), datetime.now(UTC)
    reset = int((now + timedelta(minutes=20)).timestamp())
    github.post(f"{API.removesuffix('/v3')}/graphql").respond(
        200,
        json={"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]},
        headers={"x-ratelimit-reset": str(reset), "date": format_datetime(now, usegmt=True)},
    )
    with pytest.raises(RateLimited):
        await Api(clients.installation(7), read_delay=0, pace=pace).query("query { viewer { login } }", {})
    (pause,) = pace.pauses
    assert timedelta(minutes=19) < pause <= timedelta(minutes=21)


async def test_no_connection_is_a_passing_fault(clients: GitHubClients, github: respx.MockRouter) -> None:
    github.get(PULL).mock(side_effect=httpx.ConnectError("refused"))
    with pytest.raises(Unavailable, match="no answer"):
        await api(clients).get("/repos/wcygan/homelab/pulls/34", dict[str, int])


async def test_a_token_that_is_not_taken_any_more_is_asked_for_anew(
    clients: GitHubClients, tokens: Tokens, github: respx.MockRouter
) -> None:
    async def forget() -> None:
        await clients.forget_token(7)

    token = github.post(f"{API}/app/installations/7/access_tokens")
    token.mock(side_effect=[httpx.Response(201, json=_token("old")), httpx.Response(201, json=_token("new"))])
    github.get(PULL).mock(
        side_effect=lambda request: httpx.Response(
            200 if request.headers["authorization"] == "token new" else 401, json={"message": "Bad credentials"}
        )
    )
    await Api(clients.installation(7), read_delay=0, forget_token=forget).get(
        "/repos/wcygan/homelab/pulls/34", dict[str, str]
    )
    assert list(tokens.saved.values()) == ["new"]


async def test_pages_are_followed_by_their_links(clients: GitHubClients, github: respx.MockRouter) -> None:
    pages = github.get(f"{API}/repos/wcygan/homelab/pulls")
    following = {"link": f'<{API}/repositories/1/pulls?page=2>; rel="next", <{API}/x>; rel="last"'}
    pages.mock(side_effect=[httpx.Response(200, json=[1], headers=following), httpx.Response(200, json=[2])])
    assert await api(clients).get_pages("/repos/wcygan/homelab/pulls", list[int], state="open") == [[1], [2]]
    assert [call.request.url.params["page"] for call in pages.calls] == ["1", "2"]


async def test_a_refused_token_is_told_in_words_with_the_time_of_the_refusal(
    clients: GitHubClients, github: respx.MockRouter
) -> None:
    github.post(f"{API}/app/installations/7/access_tokens").respond(
        401, json={"message": "Expired"}, headers={"date": "Wed, 11 Jun 2025 18:28:00 GMT"}
    )
    with pytest.raises(Unavailable, match=r"^GET /x: GitHub gives no token: 401 Expired$"):
        await api(clients).get("/x", dict)
    assert await api(clients).get_date() == datetime(2025, 6, 11, 18, 28, tzinfo=UTC)
