"""Webhooks of the stand-in GitHub: signed, and delivered as badly as one wants."""

import hashlib
import hmac
import json
import random
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from app.demo.github import GitHub
from app.demo.github.repository import Repository
from app.demo.github.webhooks import DeliveryStorm
from tests.demo.api import Api


class Receiver:
    """An endpoint that keeps what it gets, and answers `status`."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 202
        self.app = FastAPI()
        self.app.add_api_route("/webhooks/github", self.receive, methods=["POST"])

    async def receive(self, request: Request) -> Response:
        self.got.append((dict(request.headers), await request.body()))
        return Response(status_code=self.status)

    @property
    def names(self) -> list[str]:
        return [
            f"{headers['x-github-event']}.{json.loads(body).get('action', '')}".rstrip(".")
            for headers, body in self.got
        ]


@pytest.fixture
def github() -> GitHub:
    return GitHub()


@pytest.fixture
def repository(github: GitHub) -> Repository:
    made = github.create_repository("homelab")
    github.webhooks.pending.clear()
    return made


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def client(receiver: Receiver) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(receiver.app)) as client:
        yield client


async def test_a_delivery_is_signed_over_its_bytes_and_names_itself(
    github: GitHub, repository: Repository, receiver: Receiver, client: httpx.AsyncClient
) -> None:
    repository.open_issue(title="ünïcode")
    assert await github.webhooks.deliver_all(client) == 1
    [(headers, body)] = receiver.got
    signature = hmac.new(github.app.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["x-hub-signature-256"] == f"sha256={signature}"
    assert headers["x-github-event"] == "issues"
    assert headers["x-github-delivery"] == github.webhooks.attempts[0].delivery.guid
    assert headers["user-agent"].startswith("GitHub-Hookshot/")
    payload = json.loads(body)
    assert payload["installation"]["id"] == github.installations_of(repository)[0].id
    assert payload["repository"]["id"] == repository.id


async def test_what_the_app_did_not_subscribe_to_is_not_sent(github: GitHub, repository: Repository) -> None:
    repository.create_label("new")
    elsewhere = github.create_repository("elsewhere", installed=False)
    elsewhere.open_issue(title="nobody listens")
    github.installations_of(repository)[0].suspend()
    github.webhooks.pending.clear()
    repository.open_issue(title="nobody listens either")
    assert github.webhooks.pending == []


async def test_deliveries_get_lost_doubled_and_shuffled(
    github: GitHub, repository: Repository, receiver: Receiver, client: httpx.AsyncClient
) -> None:
    hooks = github.webhooks
    hooks.lose("issues.closed")
    issue = repository.open_issue(title="t")
    issue.close()
    issue.reopen()
    await hooks.deliver_all(client)
    assert receiver.names == ["issues.opened", "issues.reopened"]
    assert [(attempt.delivery.name, attempt.succeeded) for attempt in hooks.attempts] == [
        ("issues.opened", True),
        ("issues.closed", False),
        ("issues.reopened", True),
    ]

    hooks.duplicates = True
    issue.edit(title="twice")
    await hooks.deliver_all(client)
    assert len(receiver.got) == 4
    assert receiver.got[2][0]["x-github-delivery"] == receiver.got[3][0]["x-github-delivery"]

    hooks.reliable()
    hooks.shuffler = random.Random(7)
    for number in range(20):
        issue.edit(title=f"{number}")
    before = [delivery.guid for delivery in hooks.pending]
    await hooks.deliver_all(client)
    after = [headers["x-github-delivery"] for headers, _ in receiver.got[4:]]
    assert after != before
    assert sorted(after) == sorted(before)


async def test_a_failed_delivery_is_listed_and_sent_again_on_request(
    github: GitHub, repository: Repository, receiver: Receiver, client: httpx.AsyncClient
) -> None:
    receiver.status = 500
    repository.open_issue(title="t")
    await github.webhooks.deliver_all(client)
    api = Api(github)
    [failed] = await api.json("/app/hook/deliveries?status=failure", as_app=True)
    assert (failed["status_code"], failed["event"], failed["redelivery"]) == (500, "issues", False)
    assert await api.json("/app/hook/deliveries?status=success", as_app=True) == []

    receiver.status = 202
    again = await api.call("POST", f"/app/hook/deliveries/{failed['id']}/attempts", as_app=True)
    assert again.status_code == 202
    await github.webhooks.deliver_all(client)
    deliveries = await api.json("/app/hook/deliveries?per_page=100", as_app=True)
    assert [(one["status_code"], one["redelivery"], one["guid"]) for one in deliveries] == [
        (202, True, failed["guid"]),
        (500, False, failed["guid"]),
    ]
    assert (await api.call("POST", "/app/hook/deliveries/1/attempts", as_app=True)).status_code == 404


async def test_the_list_of_deliveries_is_walked_by_cursor(
    github: GitHub, repository: Repository, client: httpx.AsyncClient
) -> None:
    for number in range(5):
        repository.open_issue(title=f"{number}")
    await github.webhooks.deliver_all(client)
    api, seen = Api(github), []
    path = "/app/hook/deliveries?per_page=2"
    while path:
        response = await api.get(path, as_app=True)
        seen += [one["id"] for one in response.json()]
        path = response.links.get("next", {}).get("url", "")
    assert seen == sorted((attempt.id for attempt in github.webhooks.attempts), reverse=True)
    assert len(seen) == 5


async def test_nobody_listening_is_a_failed_attempt(github: GitHub, repository: Repository) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    repository.open_issue(title="t")
    async with httpx.AsyncClient(transport=httpx.MockTransport(refuse)) as client:
        await github.webhooks.deliver_all(client)
    assert [(one.status_code, one.status) for one in github.webhooks.attempts] == [(0, "failed to connect to host")]


async def test_an_endless_echo_is_a_storm(github: GitHub, repository: Repository) -> None:
    issue = repository.open_issue(title="0")

    def echo(request: httpx.Request) -> httpx.Response:
        issue.edit(title=f"{issue.title}!")
        return httpx.Response(202)

    async with httpx.AsyncClient(transport=httpx.MockTransport(echo)) as client:
        with pytest.raises(DeliveryStorm, match=r"20 deliveries were not enough; next: issues\.edited"):
            await github.webhooks.deliver_all(client, budget=20)
