"""Looking ahead on the page and over REST, on what the service knows of the repository."""

from tests.world import ADMIN_TOKEN, World

ADMIN = {"Authorization": f"Bearer {ADMIN_TOKEN}"}


async def test_page_and_rest_tell_the_way(world: World) -> None:
    name = world.repository.full_name
    answer = await world.client.get(f"/api/v1/repositories/{name}/outlook?version=2.8", headers=ADMIN)
    assert answer.status_code == 200
    (cluster,) = answer.json()["clusters"]
    assert [(hop["from"], hop["to"]) for hop in cluster["hops"]] == [("2.5.1", "2.6.1"), ("2.6.1", "2.8.8")]
    page = (await world.client.get(f"/r/{name}/upgrade?to=flux+2.8")).text
    assert "What Flux 2.8 takes" in page
    assert f'<a href="/r/{name}/pull/34">#34</a> does all of it: merge first.' in page
    assert f'href="/r/{name}/upgrade"' in (await world.client.get(f"/r/{name}")).text


async def test_after_the_rollout_one_step_is_left(world: World) -> None:
    await world.merges(30)
    await world.cluster_reconciles()
    name = world.repository.full_name
    answer = await world.client.get(f"/api/v1/repositories/{name}/outlook?version=2.8", headers=ADMIN)
    (cluster,) = answer.json()["clusters"]
    assert [(hop["from"], hop["to"]) for hop in cluster["hops"]] == [("2.6.1", "2.8.8")]


async def test_what_nobody_knows_is_told_in_a_sentence(world: World) -> None:
    name = world.repository.full_name
    answer = await world.client.get(f"/api/v1/repositories/{name}/outlook?version=9.1", headers=ADMIN)
    assert answer.status_code == 422
    assert answer.json()["detail"] == "flux 9.1: the catalogue knows Flux from 2.0 to 2.9, and nothing of 9.1"
    page = (await world.client.get(f"/r/{name}/upgrade?to=<b>flux</b> 9.1")).text
    assert "the catalogue has no provider" in page
    assert "<b>flux</b>" not in page
    page = (await world.client.get(f"/r/{name}/upgrade?to=Flux+2.8.99")).text
    assert "Flux 2.8.99 may not exist: the newest 2.8 that fluxmig knows is 2.8.8." in page
    answer = await world.client.get(
        f"/api/v1/repositories/{name}/outlook", params={"provider": "Flux Operator", "version": "0.30"}, headers=ADMIN
    )
    assert answer.json()["provider"] == "flux-operator"
    assert "Look ahead at an upgrade" in (await world.client.get(f"/r/{name}/upgrade")).text
