"""The plan of June 2025, as its owner wrote it by hand, made by the service and followed to its end."""

from typing import Any

from tests.world import ADMIN_TOKEN, World

ADMIN = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
TOOLING = (20, 23, 25, 26, 28, 29, 31, 33)


async def makes(world: World, **wanted: object) -> dict[str, Any]:
    path = f"/api/v1/repositories/{world.repository.full_name}/milestones"
    answer = await world.client.post(path, headers=ADMIN, json=wanted)
    assert answer.status_code == 201, answer.text
    await world.settle()
    return dict(answer.json())


async def milestone(world: World, number: int = 1) -> dict[str, Any]:
    path = f"/api/v1/repositories/{world.repository.full_name}/milestones/{number}"
    answer = await world.client.get(path, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_try(world: World) -> None:
    await makes(world, goal="flux 2.6.1", title="Flux API migration", issue=True)
    for n in (20, 23, 25, 26, 29, 31):
        await world.merges(n)
    await world.passes(minutes=10)
    await world.renovate_runs()
    await world.passes(minutes=10)
    await world.merges(33, 28)
    print((await world.client.get("/r/wcygan/homelab/milestones/1.md")).text)
    await world.passes(minutes=10)
    await world.merges(22)
    await world.merges(30)
    await world.passes(minutes=10)
    await world.cluster_reconciles()
    print((await world.client.get("/r/wcygan/homelab/milestones/1.md")).text)
    await world.renovate_runs()
    await world.merges(34)
    await world.passes(minutes=10)
    await world.cluster_reconciles()
    for n in (27, 17, 35, 36, 38):
        await world.renovate_runs()
        await world.merges(n)
    await world.passes(minutes=10)
    await world.cluster_reconciles()
    for n in (15, 37):
        await world.says(n, "/fluxmig approve")
        await world.merges(n)
    await world.passes(minutes=10)
    await world.cluster_reconciles()
    print((await world.client.get("/r/wcygan/homelab/milestones/1.md")).text)
    for i in world.repository.issues.values():
        if "milestone" in i.body:
            print(i.number, i.title, i.state, i.body[:300])
    assert 0
