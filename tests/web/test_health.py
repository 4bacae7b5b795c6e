"""Probes and metrics, with the database there, half made, and gone."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.db import models
from app.db.session import Database, psycopg_url
from app.services.context import AppContext
from app.services.readiness import newest_revision
from tests.web.seed import NOW, REPOSITORY_ID, delivery, seed_story


async def test_it_is_alive_and_ready(client: httpx.AsyncClient) -> None:
    for path, text in (("/livez", "alive\n"), ("/readyz", "ready\n"), ("/healthz", "ready\n")):
        answer = await client.get(path)
        assert (answer.status_code, answer.text) == (200, text)


@pytest.fixture
async def other_revision(database_url: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """A connection that may change the revision; it is put back at the end."""
    async with await psycopg.AsyncConnection.connect(psycopg_url(database_url), autocommit=True) as connection:
        yield connection
        await connection.execute("delete from alembic_version")
        await connection.execute("insert into alembic_version values (%s)", [newest_revision()])


async def test_a_database_of_another_revision_is_not_ready(
    client: httpx.AsyncClient, other_revision: psycopg.AsyncConnection
) -> None:
    await other_revision.execute("update alembic_version set version_num = 'older'")
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.text == (
        "not ready: The database is at revision older, "
        f"this fluxmig needs {newest_revision()}; run `fluxmig upgrade-database`.\n"
    )
    assert answer.headers["retry-after"] == "5"


async def test_a_database_without_tables_is_not_ready(
    client: httpx.AsyncClient, other_revision: psycopg.AsyncConnection
) -> None:
    await other_revision.execute("delete from alembic_version")
    answer = await client.get("/healthz")
    assert answer.status_code == 503
    assert "has no tables of fluxmig yet" in answer.text


@pytest.fixture
async def without_database(context: AppContext) -> AsyncIterator[None]:
    """The service runs, the server does not answer."""
    present = context.database
    context.database = Database("postgresql://nobody@127.0.0.1:1/none")
    yield
    await context.database.close()
    context.database = present


@pytest.mark.usefixtures("without_database")
class TestWithoutDatabase:
    async def test_it_lives_but_is_not_ready(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/livez")).status_code == 200
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.text.startswith("not ready: The database")

    async def test_pages_say_so(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/")
        assert answer.status_code == 503
        assert answer.headers["content-type"].startswith("text/html")
        assert "fluxmig cannot reach its database just now" in answer.text
        assert "127.0.0.1:1" not in answer.text

    async def test_the_api_says_so(self, api: httpx.AsyncClient) -> None:
        answer = await api.get("/repositories")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"


async def read_metrics(client: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def test_metrics_are_read_from_the_database_at_each_scrape(
    client: httpx.AsyncClient, context: AppContext
) -> None:
    empty = await read_metrics(client)
    assert empty[("fluxmig_queue_age_seconds",)] == 0
    assert not any(name == "fluxmig_pull_requests" for name, *_ in empty)
    async with context.database.transaction() as session:
        await seed_story(session, merged=True)
        session.add_all(
            [
                delivery("a-1", minutes=5),
                delivery("a-2", minutes=4),
                delivery("a-3", minutes=3, state="failed", event="push"),
                delivery("a-4", minutes=2, state="received"),
                delivery("a-5", minutes=90),
                models.Work(key="repository:1", wanted_seq=2, done_seq=1),
                models.Work(key="repository:2", wanted_seq=2, done_seq=1, attempts=3),
                models.Work(key="repository:3", wanted_seq=2, done_seq=1, run_after=NOW + timedelta(minutes=9)),
                models.Work(key="repository:4", wanted_seq=2, done_seq=2),
                action("check", "planned", days=3),
                action("check", "done", days=0),
                action("label", "failed", days=0),
                action("label", "failed", days=2),
            ]
        )
    found = await read_metrics(client)
    wanted = {
        ("fluxmig_deliveries_last_hour", "pull_request", "done"): 2,
        ("fluxmig_deliveries_last_hour", "push", "failed"): 1,
        ("fluxmig_deliveries_last_hour", "pull_request", "received"): 1,
        ("fluxmig_queue_age_seconds",): 120,
        ("fluxmig_work", "due"): 1,
        ("fluxmig_work", "failing"): 1,
        ("fluxmig_work", "later"): 1,
        ("fluxmig_pull_requests", "wcygan/homelab", "waiting-rollout"): 1,
        ("fluxmig_pull_requests", "wcygan/homelab", "ready"): 14,
        ("fluxmig_pull_requests", "wcygan/homelab", "needs-review"): 2,
        ("fluxmig_actions_last_day", "check", "planned"): 1,
        ("fluxmig_actions_last_day", "check", "done"): 1,
        ("fluxmig_actions_last_day", "label", "failed"): 1,
        ("fluxmig_rebase_requests_last_day", "stale"): 1,
        ("fluxmig_rollout_age_seconds", "flux", "wcygan/homelab", "main", "2.6.1"): 240,
        ("fluxmig_decision_lag_seconds", "0.5"): 2,
        ("fluxmig_decision_lag_seconds", "1"): 2,
        ("fluxmig_github_calls_total",): 0,
    }
    assert {key: found.get(key) for key in wanted} == wanted


def action(kind: str, state: str, *, days: int) -> models.Action:
    return models.Action(
        repository_id=REPOSITORY_ID,
        number=34,
        kind=kind,
        effect_key=f"{kind}-{state}-{days}",
        payload={},
        state=state,
        created_at=NOW - timedelta(days=days, minutes=1),
    )


async def test_every_metric_has_its_line_in_the_reference(client: httpx.AsyncClient) -> None:
    text = (await client.get("/metrics")).text
    served = set(re.findall(r"^# TYPE (fluxmig_\w+)", text, flags=re.MULTILINE))
    reference = (Path(__file__).parents[2] / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `(fluxmig_\w+)`", reference, flags=re.MULTILINE))
    assert len(served) == 11
    assert served == described
