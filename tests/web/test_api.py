"""The REST API: answers, filters, pages, refusals."""

from typing import Any

import httpx
import pytest
from sqlalchemy import event, select

from app.db import models
from app.services.clusters import flux_token
from app.services.context import AppContext
from app.web.api.cursors import write_cursor
from tests.web.fixtures import ADMIN_TOKEN
from tests.web.seed import (
    NEEDS,
    REPOSITORY_ID,
    STORY,
    delivery,
    pull_request,
    repository,
    seed_installation,
    seed_story,
)

HOME = "/repositories/wcygan/homelab"
KEY = f"repository:{REPOSITORY_ID}"

ROUTES = [
    ("GET", "/repositories"),
    ("GET", HOME),
    ("GET", f"{HOME}/graph"),
    ("GET", f"{HOME}/audit"),
    ("GET", f"{HOME}/incidents"),
    ("POST", f"{HOME}/incidents/1/close"),
    ("GET", f"{HOME}/doctor"),
    ("GET", f"{HOME}/outlook?version=2.8"),
    ("GET", f"{HOME}/milestones"),
    ("POST", f"{HOME}/milestones"),
    ("GET", f"{HOME}/milestones/1"),
    ("GET", f"{HOME}/milestones/1/markdown"),
    ("POST", f"{HOME}/milestones/1/close"),
    ("POST", f"{HOME}/sync"),
    ("GET", f"{HOME}/pulls"),
    ("GET", f"{HOME}/pulls/34"),
    ("GET", f"{HOME}/branches"),
    ("GET", f"{HOME}/clusters"),
    ("GET", f"{HOME}/clusters/home"),
    ("PUT", f"{HOME}/clusters/home"),
    ("DELETE", f"{HOME}/clusters/home"),
    ("GET", "/clusters/home"),
    ("POST", "/clusters/home/report"),
    ("GET", "/deliveries"),
    ("POST", "/deliveries/abc/replay"),
]


@pytest.fixture
async def story(context: AppContext) -> None:
    async with context.database.transaction() as session:
        await seed_story(session)


def is_problem(answer: httpx.Response, status: int, *words: str) -> bool:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "faults"}
    assert answer.status_code == body["status"] == status
    assert all(word in body["detail"] for word in words), body["detail"]
    return True


@pytest.mark.usefixtures("story")
class TestAuthorisation:
    @pytest.mark.parametrize(("method", "path"), ROUTES)
    async def test_without_the_token_nothing_is_said(self, api: httpx.AsyncClient, method: str, path: str) -> None:
        del api.headers["Authorization"]
        for header in (None, "Bearer wrong", f"Basic {ADMIN_TOKEN}", "Bearer", f"Bearer {ADMIN_TOKEN}x"):
            headers = {} if header is None else {"Authorization": header}
            answer = await api.request(method, path, headers=headers, json={} if method == "PUT" else None)
            assert is_problem(answer, 401)
            assert answer.headers["www-authenticate"].startswith('Bearer realm="fluxmig"')
            assert "wcygan" not in answer.text

    async def test_the_scheme_may_be_written_in_any_case(self, api: httpx.AsyncClient) -> None:
        api.headers["Authorization"] = f"bearer {ADMIN_TOKEN}"
        assert (await api.get("/repositories")).status_code == 200


@pytest.mark.usefixtures("story")
class TestRepositories:
    async def test_a_list_says_one_sentence_each(self, api: httpx.AsyncClient) -> None:
        (found,) = (await api.get("/repositories")).json()["items"]
        assert (found["owner"], found["name"]) == ("wcygan", "homelab")
        assert found["headline"] == {
            "title": "Merge #30 first",
            "detail": "#34 waits for it. 14 others are ready to merge.",
            "tone": "act",
        }
        assert found["counts"] == {"needs-review": 2, "ready": 15, "blocked": 1}

    async def test_one_has_its_clusters(self, api: httpx.AsyncClient) -> None:
        found = (await api.get(HOME)).json()
        (cluster,) = found["clusters"]
        assert (cluster["name"], cluster["declared"], cluster["line"]) == ("main", "2.5.1", 5)
        assert cluster["registered"] == ["home"]
        assert [(seen["provider"], seen["version"]) for seen in cluster["observed"]] == [("flux", "2.5.1")]
        assert found["planned_at"] == "2025-06-11T13:28:30Z"
        assert found["rollouts"] == []

    async def test_names_are_compared_as_github_compares_them(self, api: httpx.AsyncClient) -> None:
        assert (await api.get("/repositories/WCygan/HomeLab")).json()["name"] == "homelab"

    @pytest.mark.parametrize("path", ["", "/graph", "/pulls", "/pulls/34", "/clusters", "/clusters/home"])
    async def test_an_unknown_one_is_told_in_a_sentence(self, api: httpx.AsyncClient, path: str) -> None:
        answer = await api.get(f"/repositories/octocat/none{path}")
        assert is_problem(
            answer, 404, "fluxmig has not seen the repository octocat/none", "Is the App installed on it?"
        )

    async def test_a_name_that_no_database_can_hold_is_just_unknown(self, api: httpx.AsyncClient) -> None:
        assert is_problem(await api.get("/repositories/octocat/a%00b"), 404)

    async def test_a_removed_one_is_unknown(self, api: httpx.AsyncClient, context: AppContext) -> None:
        async with context.database.transaction() as session:
            (await session.get_one(models.Repository, REPOSITORY_ID)).removed_at = context.clock()
        assert is_problem(await api.get(HOME), 404)
        assert (await api.get("/repositories")).json() == {"items": [], "next": None}

    async def test_the_graph_is_the_stored_plan(self, api: httpx.AsyncClient) -> None:
        graph = (await api.get(f"{HOME}/graph")).json()
        assert graph["waves"][2] == [34]
        assert graph["clusters"][0]["flux"]["version"] == "2.5.1"
        (edge,) = graph["edges"]
        assert (edge["from"], edge["to"], edge["kind"], edge["strength"]) == (34, 30, "needs", "hard")
        assert [line["line"] for line in edge["evidence"]] == [2, 5, 5]

    async def test_no_graph_before_the_first_plan(self, api: httpx.AsyncClient, context: AppContext) -> None:
        async with context.database.transaction() as session:
            session.add(repository(id=7, name="new"))
        assert is_problem(await api.get("/repositories/wcygan/new/graph"), 404, "has no plan yet")

    async def test_a_plan_of_another_version_is_told_from_none(
        self, api: httpx.AsyncClient, context: AppContext
    ) -> None:
        async with context.database.transaction() as session:
            plan = await session.get_one(models.RepositoryPlan, REPOSITORY_ID)
            plan.document = {"base": plan.document["base"], "waves": []}
        assert is_problem(await api.get(f"{HOME}/graph"), 409, "made by another version of fluxmig")

    async def test_sync_marks_all_as_stale_and_wakes_a_worker(
        self, api: httpx.AsyncClient, context: AppContext, woken: list[str]
    ) -> None:
        answer = await api.post(f"{HOME}/sync")
        assert (answer.status_code, answer.json()) == (202, {"repository": "wcygan/homelab", "accepted": True})
        assert woken == [KEY]
        async with context.database.transaction() as session:
            row = await session.get_one(models.Repository, REPOSITORY_ID)
            work = await session.get_one(models.Work, KEY)
        assert (row.base_stale, row.list_stale) == (True, True)
        assert work.wanted_seq > work.done_seq


@pytest.mark.usefixtures("story")
class TestPullRequests:
    async def test_the_list_is_of_open_ones_by_number(self, api: httpx.AsyncClient) -> None:
        items = (await api.get(f"{HOME}/pulls")).json()["items"]
        assert [item["number"] for item in items] == [told.number for told in STORY]
        assert items[0]["url"] == "https://github.com/wcygan/homelab/pull/15"

    async def test_the_list_can_be_of_one_state(self, api: httpx.AsyncClient) -> None:
        items = (await api.get(f"{HOME}/pulls", params={"state": "blocked"})).json()["items"]
        assert [(item["number"], item["reason"]) for item in items] == [(34, NEEDS)]

    async def test_a_state_that_does_not_exist_is_refused_with_the_field(self, api: httpx.AsyncClient) -> None:
        answer = await api.get(f"{HOME}/pulls", params={"state": "red"})
        assert is_problem(answer, 422)
        (fault,) = answer.json()["faults"]
        assert fault["field"] == "query.state"
        assert "'blocked'" in fault["fault"]

    async def test_pages_give_every_pull_request_once(self, api: httpx.AsyncClient) -> None:
        numbers: list[int] = []
        params: dict[str, Any] = {"limit": 5}
        while True:
            page = (await api.get(f"{HOME}/pulls", params=params)).json()
            assert 0 < len(page["items"]) <= 5
            numbers += [item["number"] for item in page["items"]]
            if page["next"] is None:
                break
            params["cursor"] = page["next"]
        assert numbers == [told.number for told in STORY]

    async def test_explain_tells_all_that_the_verdict_rests_on(self, api: httpx.AsyncClient) -> None:
        found = (await api.get(f"{HOME}/pulls/34")).json()
        assert (found["pull_request"]["state"], found["pull_request"]["reason"]) == ("blocked", NEEDS)
        assert found["pull_request"]["classification"]["updates"][0]["from"] == "source.toolkit.fluxcd.io/v1beta2"
        assert found["what_would_change"] == ["Merge #30, then wait until the cluster has rolled it out."]
        (requirement,) = found["requires"]
        assert (requirement["kind"], requirement["version"], requirement["evidence"][0]["line"]) == (
            "OCIRepository",
            "v1",
            2,
        )
        assert [(edge["from"], edge["to"]) for edge in found["waits_for"]] == [(34, 30)]
        assert [(edge["from"], edge["to"], edge["strength"]) for edge in found["waited_for_by"]] == [(36, 34, "soft")]
        assert [entry["actor"] for entry in found["history"]] == ["wcygan", "fluxmig"]
        assert found["decisions"][0]["state"] == "blocked"
        assert found["commands"][0]["text"] == "/fluxmig why"

    async def test_explain_shows_rebase_requests_and_what_is_brought(self, api: httpx.AsyncClient) -> None:
        assert (await api.get(f"{HOME}/pulls/27")).json()["rebase_requests"][0]["state"] == "stale"
        (brought,) = (await api.get(f"{HOME}/pulls/30")).json()["provides"]
        assert (brought["provider"], brought["from"], brought["to"]) == ("flux", "2.5.1", "2.6.1")

    async def test_an_unknown_number_is_told_in_a_sentence(self, api: httpx.AsyncClient) -> None:
        answer = await api.get(f"{HOME}/pulls/999")
        assert is_problem(answer, 404, "fluxmig has not seen pull request #999 of wcygan/homelab")

    @pytest.mark.parametrize("number", ["0", "-1", "abc", "99999999999"])
    async def test_what_is_no_number_is_refused(self, api: httpx.AsyncClient, number: str) -> None:
        assert is_problem(await api.get(f"{HOME}/pulls/{number}"), 422)


class TestDeliveries:
    @pytest.fixture(autouse=True)
    async def _inbox(self, context: AppContext) -> None:
        async with context.database.transaction() as session:
            session.add_all(
                [
                    delivery("first-1", minutes=3),
                    delivery("second-2", minutes=2, state="failed"),
                    delivery("third-3", minutes=1, state="received"),
                ]
            )

    async def test_the_newest_comes_first_without_its_body(self, api: httpx.AsyncClient) -> None:
        answer = await api.get("/deliveries")
        assert [item["guid"] for item in answer.json()["items"]] == ["third-3", "second-2", "first-1"]
        assert "secret" not in answer.text

    async def test_failures_can_be_looked_for(self, api: httpx.AsyncClient) -> None:
        (item,) = (await api.get("/deliveries", params={"state": "failed"})).json()["items"]
        assert (item["guid"], item["note"]) == ("second-2", "the payload has no number")

    async def test_pages_go_back_in_time(self, api: httpx.AsyncClient) -> None:
        page = (await api.get("/deliveries", params={"limit": 2})).json()
        rest = (await api.get("/deliveries", params={"limit": 2, "cursor": page["next"]})).json()
        assert [item["guid"] for item in rest["items"]] == ["first-1"]
        assert rest["next"] is None

    async def test_a_replay_puts_it_back_into_the_inbox(
        self, api: httpx.AsyncClient, context: AppContext, woken: list[str]
    ) -> None:
        answer = await api.post("/deliveries/second-2/replay")
        assert answer.status_code == 202
        body = answer.json()
        assert (body["state"], body["note"], body["finished_at"]) == ("received", "", None)
        assert woken == [KEY]
        async with context.database.transaction() as session:
            work = await session.get_one(models.Work, KEY)
        assert work.wanted_seq > work.done_seq

    async def test_there_is_nothing_to_replay_under_an_unknown_id(
        self, api: httpx.AsyncClient, woken: list[str]
    ) -> None:
        assert is_problem(await api.post("/deliveries/none-0/replay"), 404, "There is no delivery none-0")
        assert woken == []


@pytest.mark.parametrize("path", ["/repositories", f"{HOME}/pulls", "/deliveries"])
@pytest.mark.parametrize(
    "cursor",
    ["x", "!!!", write_cursor("a", "b"), write_cursor(-1), write_cursor(2**70), write_cursor("2025-06-11T13:28:30", 1)],
)
async def test_a_made_up_cursor_is_refused(api: httpx.AsyncClient, context: AppContext, path: str, cursor: str) -> None:
    async with context.database.transaction() as session:
        await seed_story(session)
    answer = await api.get(path, params={"cursor": cursor})
    assert is_problem(answer, 400, "This cursor is not one that this list gave.")


@pytest.mark.parametrize("limit", ["0", "101", "many"])
async def test_a_limit_has_bounds(api: httpx.AsyncClient, limit: str) -> None:
    assert is_problem(await api.get("/repositories", params={"limit": limit}), 422)


@pytest.mark.usefixtures("story")
class TestClusters:
    async def test_registering_answers_with_address_and_token(
        self, api: httpx.AsyncClient, context: AppContext, woken: list[str]
    ) -> None:
        body = (await api.put(f"{HOME}/clusters/lab-1", json={"scope": "main"})).json()
        assert body["webhook_path"] == "/webhooks/flux/lab-1"
        assert body["webhook_url"] == "https://fluxmig.example/webhooks/flux/lab-1"
        assert body["token"] == flux_token(context.settings, "lab-1")
        assert (body["repository"], body["scope"]) == ("wcygan/homelab", "main")
        assert woken == [KEY]

    async def test_the_same_again_is_the_same(self, api: httpx.AsyncClient) -> None:
        answers = [(await api.put(f"{HOME}/clusters/lab", json={})).json() for _ in range(2)]
        assert answers[0] == answers[1]
        assert answers[0]["scope"] is None

    async def test_the_token_is_shown_only_then(self, api: httpx.AsyncClient, context: AppContext) -> None:
        for path in (f"{HOME}/clusters/home", f"{HOME}/clusters"):
            answer = await api.get(path)
            assert answer.status_code == 200
            assert "home" in answer.text
            assert flux_token(context.settings, "home") not in answer.text

    async def test_a_name_that_another_repository_has_is_taken(
        self, api: httpx.AsyncClient, context: AppContext
    ) -> None:
        async with context.database.transaction() as session:
            session.add(repository(id=7, name="other"))
        answer = await api.put("/repositories/wcygan/other/clusters/home", json={})
        assert is_problem(answer, 409, "Another repository has registered a cluster home")
        assert (await api.get(f"{HOME}/clusters/home")).json()["repository"] == "wcygan/homelab"

    async def test_a_removed_one_is_gone_with_what_it_said(self, api: httpx.AsyncClient, context: AppContext) -> None:
        assert (await api.delete(f"{HOME}/clusters/home")).status_code == 204
        assert is_problem(await api.get(f"{HOME}/clusters/home"), 404, "has no registered cluster home")
        assert is_problem(await api.delete(f"{HOME}/clusters/home"), 404)
        async with context.database.transaction() as session:
            assert (await session.scalars(select(models.ClusterObservation))).all() == []

    async def test_nobody_removes_the_cluster_of_another(self, api: httpx.AsyncClient, context: AppContext) -> None:
        async with context.database.transaction() as session:
            session.add(repository(id=7, name="other"))
        assert is_problem(await api.delete("/repositories/wcygan/other/clusters/home"), 404)
        assert (await api.get(f"{HOME}/clusters/home")).status_code == 200

    @pytest.mark.parametrize("name", ["Home", "-a", "a/b", "a_b", "x" * 64])
    async def test_names_are_plain(self, api: httpx.AsyncClient, name: str) -> None:
        assert (await api.put(f"{HOME}/clusters/{name}", json={})).status_code in (404, 422)

    @pytest.mark.parametrize("body", ["", "[]", '{"scope": ""}', '{"scope": 1}', '{"scope": "a\\u0000b"}', "{"])
    async def test_a_wrong_body_is_refused(self, api: httpx.AsyncClient, body: str) -> None:
        answer = await api.put(f"{HOME}/clusters/lab", content=body, headers={"Content-Type": "application/json"})
        assert is_problem(answer, 422)


async def test_a_list_of_repositories_needs_as_many_statements_as_one(
    api: httpx.AsyncClient, context: AppContext
) -> None:
    async with context.database.transaction() as session:
        await seed_installation(session)
        for number in range(1, 61):
            session.add(repository(id=number, name=f"lab-{number}"))
            await session.flush()
            session.add(pull_request(STORY[0], number))
    counted = StatementCounter(context)
    first = (await api.get("/repositories", params={"limit": 1})).json()
    one = counted.take()
    second = (await api.get("/repositories", params={"limit": 50, "cursor": first["next"]})).json()
    assert counted.take() == one
    assert len(second["items"]) == 50
    rest = (await api.get("/repositories", params={"cursor": second["next"]})).json()
    assert [item["name"] for item in rest["items"]] == [f"lab-{number}" for number in range(52, 61)]


class StatementCounter:
    """Counts what goes to the database through the engine."""

    def __init__(self, context: AppContext) -> None:
        self._statements = 0
        event.listen(context.database.engine.sync_engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self._statements += 1

    def take(self) -> int:
        taken, self._statements = self._statements, 0
        return taken
