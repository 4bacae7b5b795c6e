"""POST /webhooks/github: what is stored, what is refused, and in which words."""

import hashlib
import hmac
import json
import uuid
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import func, select

from app.db.deliveries import body_of
from app.db.models import Delivery, Work
from tests.world import World, open_world


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with open_world(database_url, max_payload_bytes=2048) as world:
        yield world


PAYLOAD = {"action": "created", "installation": {"id": 7}, "repository": {"id": 42}, "more": "is not read"}


async def post(world: World, body: bytes, **headers: str | None) -> httpx.Response:
    secret = world.context.settings.github_webhook_secret.get_secret_value()
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    sent = {
        "X-GitHub-Event": "issue_comment",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-Hub-Signature-256": signature,
        "Content-Type": "application/json",
    }
    sent |= {name.replace("_", "-"): value or "" for name, value in headers.items()}
    return await world.client.post("/webhooks/github", content=body, headers=sent)


async def stored(world: World) -> list[Delivery]:
    async with world.context.database.transaction() as session:
        return list(await session.scalars(select(Delivery)))


async def wanted(world: World, key: str) -> int | None:
    async with world.context.database.transaction() as session:
        return await session.scalar(select(Work.wanted_seq).where(Work.key == key))


async def test_a_signed_delivery_is_stored_and_asks_for_work(world: World) -> None:
    body = json.dumps(PAYLOAD).encode()
    response = await post(world, body)
    assert (response.status_code, response.json()) == (202, {"message": "stored"})
    (delivery,) = await stored(world)
    assert (delivery.event, delivery.action, delivery.key) == ("issue_comment", "created", "repository:42")
    assert (delivery.installation_id, delivery.repository_id, delivery.state) == (7, 42, "received")
    assert body_of(delivery) == body
    assert await wanted(world, "repository:42") == 1
    assert world.github.log.calls == 0


async def test_the_same_guid_twice_is_once(world: World) -> None:
    body, guid = json.dumps(PAYLOAD).encode(), str(uuid.uuid4())
    first = await post(world, body, X_GitHub_Delivery=guid)
    second = await post(world, body, X_GitHub_Delivery=guid)
    assert [first.json(), second.json()] == [{"message": "stored"}, {"message": "known already"}]
    assert second.status_code == 202
    assert len(await stored(world)) == 1
    assert await wanted(world, "repository:42") == 1


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        ({"X_Hub_Signature_256": "sha256=" + "0" * 64}, 401, "The signature does not fit the body."),
        ({"X_Hub_Signature_256": "sha1=1234"}, 401, "The signature does not fit the body."),
        ({"X_Hub_Signature_256": ""}, 401, "X-Hub-Signature-256 is missing."),
        ({"X_GitHub_Event": ""}, 400, "X-GitHub-Event or X-GitHub-Delivery is missing or malformed."),
        ({"X_GitHub_Delivery": ""}, 400, "X-GitHub-Event or X-GitHub-Delivery is missing or malformed."),
        ({"X_GitHub_Delivery": "../../etc/passwd"}, 400, "X-GitHub-Event or X-GitHub-Delivery is missing"),
    ],
)
async def test_what_is_not_a_delivery_is_refused_and_not_stored(
    world: World, headers: dict[str, str], status: int, message: str
) -> None:
    response = await post(world, json.dumps(PAYLOAD).encode(), **headers)
    assert response.status_code == status
    assert response.json()["message"].startswith(message)
    assert await stored(world) == []


@pytest.mark.parametrize("body", [b"", b"payload=%7B%7D", b"[]", b'{"repository": {"id": "x"}}', b"\xff\xfe"])
async def test_a_signed_body_that_is_no_json_object_says_what_to_mend(world: World, body: bytes) -> None:
    response = await post(world, body)
    assert response.status_code == 400
    assert "The webhook's content type must be application/json." in response.json()["message"]
    assert await stored(world) == []


async def test_a_body_over_the_limit_is_refused_before_it_is_read(world: World) -> None:
    response = await post(world, b"x" * 2049)
    assert (response.status_code, response.json()) == (413, {"message": "The body is larger than 2048 bytes."})
    assert await stored(world) == []


async def test_a_body_that_lies_about_its_length_is_cut_off(world: World) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"x" * 1024

    response = await world.client.post("/webhooks/github", content=chunks())
    assert response.status_code == 413


async def test_a_ping_belongs_to_the_app(world: World) -> None:
    await post(world, b'{"zen": "Keep it logically awesome.", "hook_id": 1}', X_GitHub_Event="ping")
    assert await wanted(world, "app") == 1


async def test_a_delivery_that_nobody_can_read_is_kept(world: World) -> None:
    body = json.dumps({"action": "opened", "repository": {"id": 42}, "pull_request": "not an object"}).encode()
    async with world.context.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(Delivery)) == 0
    assert (await post(world, body, X_GitHub_Event="pull_request")).status_code == 202
    await world.queue.flush()
    await world.queue.run(wait=False)
    (delivery,) = await stored(world)
    assert delivery.state == "failed"
    assert body_of(delivery) == body
