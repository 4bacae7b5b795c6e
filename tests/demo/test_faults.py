"""GitHub's bad days, one by one. Each is over when it has been used up or cleared."""

from datetime import UTC, datetime, timedelta

import pytest

from app.demo.github import GitHub
from app.demo.github.pull_request import PullRequest
from tests.demo.api import Api


@pytest.fixture
def github() -> GitHub:
    return GitHub()


@pytest.fixture
def pull(github: GitHub) -> PullRequest:
    repository = github.create_repository("homelab", {"a": "1\n"})
    return repository.open_pull_request(title="t", branch="x", changes={"a": "2\n"})


@pytest.fixture
def api(github: GitHub, pull: PullRequest) -> Api:
    return Api(github)


async def test_a_write_fails_before_its_effect(github: GitHub, api: Api, pull: PullRequest) -> None:
    github.faults.fail_next(502, match="POST .*/labels")
    assert (await api.get(f"{api.repo}/pulls/1")).status_code == 200
    assert (await api.call("POST", f"{api.repo}/issues/1/labels", {"labels": ["x"]})).status_code == 502
    assert pull.labels == set()
    assert (await api.call("POST", f"{api.repo}/issues/1/labels", {"labels": ["x"]})).status_code == 200


async def test_a_write_fails_after_its_effect(github: GitHub, api: Api, pull: PullRequest) -> None:
    github.faults.fail_next(500, match="POST", after_effect=True)
    assert (await api.call("POST", f"{api.repo}/issues/1/comments", {"body": "once"})).status_code == 500
    assert pull.last_comment == "once"


async def test_the_primary_limit_can_be_used_up(github: GitHub, api: Api) -> None:
    until = datetime.now(UTC) + timedelta(minutes=5)
    github.faults.rate_limited(until)
    response = await api.get(f"{api.repo}/pulls/1")
    assert response.status_code == 403
    assert "API rate limit exceeded" in response.json()["message"]
    assert response.headers["x-ratelimit-remaining"] == "0"
    assert response.headers["x-ratelimit-reset"] == str(int(until.timestamp()))
    assert (await api.get("/rate_limit")).status_code == 200
    github.faults.rate_limited(datetime.now(UTC) - timedelta(seconds=1))
    assert (await api.get(f"{api.repo}/pulls/1")).status_code == 200


async def test_the_primary_limit_is_counted(github: GitHub, api: Api) -> None:
    github.limits.per_hour = 2
    remaining = [(await api.get(f"{api.repo}/pulls/1")).headers["x-ratelimit-remaining"] for _ in range(2)]
    assert remaining == ["1", "0"]
    assert (await api.get(f"{api.repo}/pulls/1")).status_code == 403


@pytest.mark.parametrize("retry_after", [None, 60])
async def test_the_secondary_limit_comes_with_and_without_retry_after(
    github: GitHub, api: Api, retry_after: int | None
) -> None:
    github.faults.secondary_rate_limited(retry_after=retry_after)
    response = await api.get(f"{api.repo}/pulls/1")
    assert response.status_code == 403
    assert "secondary rate limit" in response.json()["message"]
    assert response.headers.get("retry-after") == (None if retry_after is None else "60")
    assert response.headers.get("x-ratelimit-remaining") != "0"
    assert (await api.get(f"{api.repo}/pulls/1")).status_code == 200


async def test_slowness_is_waited_for_by_the_given_sleeper() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    github = GitHub(sleep=sleep)
    github.create_repository("homelab")
    github.faults.slow(9.5, match="GET /rate_limit")
    api = Api(github)
    await api.json("/rate_limit")
    await api.json(api.repo)
    assert waited == [9.5]


async def test_reads_lag_behind_a_change(github: GitHub, api: Api, pull: PullRequest) -> None:
    github.faults.stale_reads(2)
    assert (await api.json(f"{api.repo}/pulls/1"))["title"] == "t"
    pull.edit(title="new")
    titles = [(await api.json(f"{api.repo}/pulls/1"))["title"] for _ in range(4)]
    assert titles == ["t", "t", "new", "new"]
    before = pull.head_sha
    pull.push({"a": "3\n"}, message="more")
    heads = [(await api.json(f"{api.repo}/pulls?state=open"))[0]["head"]["sha"] for _ in range(3)]
    assert heads == [before, before, pull.head_sha]
    github.faults.clear()
    pull.edit(title="newest")
    assert (await api.json(f"{api.repo}/pulls/1"))["title"] == "newest"


async def test_mergeable_is_unknown_for_a_while(github: GitHub, api: Api) -> None:
    github.faults.mergeable_unknown(1)
    assert [(await api.json(f"{api.repo}/pulls/1"))["mergeable"] for _ in range(2)] == [None, True]


async def test_tokens_stop_working_all_at_once(github: GitHub, api: Api) -> None:
    github.tokens.expire_all()
    assert (await api.get(f"{api.repo}/pulls/1")).status_code == 401
    api.token = github.tokens.issue(next(iter(github.installations.values()))).token
    assert (await api.get(f"{api.repo}/pulls/1")).status_code == 200
