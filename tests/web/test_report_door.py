"""POST /api/v1/clusters/{name}/report: who may, what is read, and what is answered."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from app.demo.story import load_story
from app.services.clusters import flux_token
from app.web.cluster_reports import LIMIT
from tests.world import ADMIN_TOKEN, World, open_world

PATH = "/api/v1/clusters/main/report"


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with open_world(database_url) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        await world.registers_cluster()
        yield world


async def post(world: World, body: object, *, token: str | None = None, path: str = PATH) -> httpx.Response:
    own = flux_token(world.context.settings, "main")
    headers = {"Authorization": f"Bearer {own if token is None else token}"}
    content = body if isinstance(body, bytes) else None
    return await world.client.post(path, content=content, json=None if content else body, headers=headers)


async def test_the_clusters_token_and_the_admin_token_open_it_and_no_other(world: World) -> None:
    report = world.api_server.report()
    other = flux_token(world.context.settings, "other")
    for token, status in ((None, 202), (ADMIN_TOKEN, 202), (other, 401), ("", 401), ("x", 401)):
        assert (await post(world, report, token=token)).status_code == status
    response = await world.client.post(PATH, json=report)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["detail"].startswith("Send this cluster's token")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no report of Flux Operator"),
        (b"{", "no report of Flux Operator"),
        (b"\xff\xfe", "no report of Flux Operator"),
        (b"[]", "Expected `object`"),
        ({"kind": "Secret", "apiVersion": "v1"}, "it holds Secret v1"),
        ({"kind": "FluxReport", "apiVersion": "fluxcd.controlplane.io/v2"}, "it holds FluxReport"),
        ({"kind": "FluxReport", "apiVersion": "fluxcd.controlplane.io/v1"}, "metadata"),
        ({"kind": "List", "apiVersion": "v1", "items": []}, "the List is empty"),
        ({"kind": "List", "apiVersion": "v1", "items": [{"kind": "Pod", "apiVersion": "v1"}]}, "it holds Pod v1"),
    ],
)
async def test_what_cannot_be_read_is_told_and_not_stored(world: World, body: object, why: str) -> None:
    response = await post(world, body)
    assert response.status_code == 400
    assert why in response.json()["detail"]


async def test_a_body_that_is_too_large(world: World) -> None:
    assert (await post(world, b" " * (LIMIT + 1))).status_code == 413


async def test_a_cluster_that_nobody_registered(world: World) -> None:
    path = "/api/v1/clusters/other/report"
    response = await post(world, world.api_server.report(), token=ADMIN_TOKEN, path=path)
    assert response.status_code == 404
    assert response.json()["detail"].startswith("This cluster is not registered")


async def test_a_report_shows_all_that_it_tells(world: World) -> None:
    world.cluster.reconcile(world.repository)
    report = world.api_server.report()
    report["spec"]["somethingNew"] = {"in": "a later version"}
    await post(world, report)
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    found: dict[str, Any] = (await world.client.get("/api/v1/clusters/main", headers=headers)).json()
    runs = {one["provider"]: one["version"] for one in found["runs"]}
    assert runs == {"flux": "2.5.1", "flux-operator": "0.30.0", "kubernetes": "1.33.1"}
    assert {"source.toolkit.fluxcd.io/v1beta2 OCIRepository"} <= {
        f"{api['api_version']} {api['kind']}" for api in found["served"] if api["served"] == "yes"
    }
    texts = {signal["about"]: signal["text"] for signal in found["health"]["signals"]}
    assert texts["Flux's controllers"] == "all 4 ready"
    assert texts["Kustomization"] == f"0 of {len(world.cluster.stands)} failing"
    assert f"@sha1:{world.repository.head_sha}" in texts["GitOps sync"]
    assert found["health"]["healthy"] == "yes"


async def test_the_state_of_a_cluster_that_nobody_registered(world: World) -> None:
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    assert (await world.client.get("/api/v1/clusters/other", headers=headers)).status_code == 404
    assert (await world.client.get("/api/v1/clusters/main")).status_code == 401


async def test_a_report_of_the_future_does_not_outlive_the_next(world: World) -> None:
    """The clock of that cluster is an hour ahead."""
    report = world.api_server.report()
    report["status"]["conditions"][0]["lastTransitionTime"] = "2025-06-11T19:28:00Z"
    assert (await post(world, report)).json() == {"message": "stored"}
    world.cluster.flux_version = "2.6.1"
    later = world.api_server.report()
    assert (await post(world, later)).json() == {"message": "stored"}
