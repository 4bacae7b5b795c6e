"""githubkit, the client that fluxmig uses, gets along with the stand-in GitHub by real App authentication."""

import httpx
import pytest
from githubkit import AppAuthStrategy
from githubkit import GitHub as Client
from githubkit.exception import RequestFailed

from app.demo.github import GitHub, create_github_app
from app.demo.story import load_story


def client_of(github: GitHub) -> Client[AppAuthStrategy]:
    return Client(
        AppAuthStrategy(str(github.app.id), github.app.private_key),
        base_url="http://github.test",
        async_transport=httpx.ASGITransport(create_github_app(github)),
        http_cache=False,
        auto_retry=False,
    )


async def test_it_mints_a_token_and_lists_the_open_pull_requests() -> None:
    github = GitHub()
    homelab = load_story(github)
    app = client_of(github)
    installation = github.installations_of(homelab)[0]
    client = app.with_auth(app.auth.as_installation(installation.id))
    numbers: list[int] = []
    path, parameters = "/repos/wcygan/homelab/pulls", {"state": "open", "per_page": "10"}
    response = await client.arequest("GET", path, params=parameters)
    while True:
        numbers += [pull["number"] for pull in response.json()]
        following = response.raw_response.links.get("next")
        if following is None:
            break
        response = await client.arequest("GET", following["url"])
    assert sorted(numbers) == sorted(homelab.pull_requests)
    assert github.tokens.minted == 1
    assert github.log.writes == 0


async def test_refusals_arrive_as_failed_requests() -> None:
    github = GitHub()
    homelab = load_story(github)
    app = client_of(github)
    client = app.with_auth(app.auth.as_installation(github.installations_of(homelab)[0].id))
    with pytest.raises(RequestFailed) as failed:
        await client.arequest("PUT", "/repos/wcygan/homelab/pulls/30/merge", json={})
    assert failed.value.response.status_code == 403
    assert "Resource not accessible by integration" in failed.value.response.text
