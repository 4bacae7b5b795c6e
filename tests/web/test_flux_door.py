"""POST /webhooks/flux/{cluster}: signed events of a cluster, each once."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.db.clusters import save_cluster
from app.db.models import ClusterObservation
from app.demo.story import load_story
from app.services.clusters import flux_token
from tests.world import World, open_world

EVENT: dict[str, Any] = {
    "involvedObject": {
        "apiVersion": "fluxcd.controlplane.io/v1",
        "kind": "FluxInstance",
        "name": "flux",
        "namespace": "flux-system",
        "uid": "7d0cdc51-ddcf-4743-b223-83ca5c699632",
    },
    "severity": "info",
    "timestamp": "2025-06-11T18:31:00Z",
    "message": "Flux v2.6.1 updated\nDeployment/flux-system/source-controller configured",
    "reason": "ReconciliationSucceeded",
    "metadata": {"revision": "v2.6.1@sha256:abc"},
    "reportingController": "flux-operator",
}


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with open_world(database_url) as world:
        world.has(load_story(world.github, world.renovate))
        await world.settle()
        async with world.context.database.transaction() as session:
            await save_cluster(session, "main", world.repository.id, None)
        yield world


async def post(world: World, event: object, *, cluster: str = "main", signature: bytes | None = None) -> httpx.Response:
    body = json.dumps(event).encode()
    token = flux_token(world.context.settings, cluster)
    good = "sha256=" + hmac.new(token.encode(), body, hashlib.sha256).hexdigest()
    headers = {b"X-Signature": good.encode() if signature is None else signature}
    return await world.client.post(f"/webhooks/flux/{cluster}", content=body, headers=headers)


async def observations(world: World) -> list[ClusterObservation]:
    async with world.context.database.transaction() as session:
        return list(await session.scalars(select(ClusterObservation)))


async def test_the_operator_says_which_flux_runs(world: World) -> None:
    assert (await post(world, EVENT)).status_code == 202
    (seen,) = await observations(world)
    assert (seen.provider, seen.version, seen.object) == ("flux", "2.6.1", "FluxInstance/flux-system/flux")


async def test_the_same_event_twice_is_once(world: World) -> None:
    answers = [(await post(world, EVENT)).json()["message"] for _ in range(2)]
    assert answers == ["stored", "known already"]
    assert len(await observations(world)) == 1


@pytest.mark.parametrize("key", ["revision", "kustomize.toolkit.fluxcd.io/revision"])
@pytest.mark.parametrize("revision", ["main@sha1:731f7ead", "main/731f7ead", "refs/heads/main@sha1:731f7ead"])
async def test_both_spellings_of_keys_and_revisions_are_read(world: World, key: str, revision: str) -> None:
    kustomization = {"kind": "Kustomization", "name": "cluster-apps", "namespace": "flux-system"}
    await post(
        world,
        {
            **EVENT,
            "involvedObject": kustomization,
            "message": "Reconciliation finished in 1.2s",
            "metadata": {key: revision},
        },
    )
    (seen,) = await observations(world)
    assert (seen.revision, seen.version) == (revision, None)


async def test_a_failure_of_the_operator_is_no_version(world: World) -> None:
    await post(world, {**EVENT, "severity": "error", "message": "Flux v2.6.1 updated, not really"})
    (seen,) = await observations(world)
    assert seen.version is None


@pytest.mark.parametrize("signature", [b"", b"sha256=" + b"0" * 64, "sha256=é".encode()])
async def test_a_wrong_signature_is_refused_and_nothing_is_stored(world: World, signature: bytes) -> None:
    response = await post(world, EVENT, signature=signature)
    assert response.status_code == 401
    assert response.json()["message"].startswith("X-Signature does not fit the body and this cluster's token.")
    assert await observations(world) == []


async def test_one_cluster_cannot_speak_for_another(world: World) -> None:
    body = json.dumps(EVENT).encode()
    token = flux_token(world.context.settings, "staging")
    signature = "sha256=" + hmac.new(token.encode(), body, hashlib.sha256).hexdigest()
    assert (await post(world, EVENT, signature=signature.encode())).status_code == 401


async def test_a_cluster_that_nobody_registered_is_named(world: World) -> None:
    response = await post(world, EVENT, cluster="staging")
    assert response.status_code == 404
    assert response.json()["message"].startswith("This cluster is not registered")


@pytest.mark.parametrize("event", [[], {}, {"involvedObject": {}}, {**EVENT, "timestamp": "yesterday"}])
async def test_what_is_no_event_is_refused_with_the_place(world: World, event: object) -> None:
    response = await post(world, event)
    assert response.status_code == 400
    assert response.json()["message"].startswith("The body is no event of Flux: ")
    assert await observations(world) == []
