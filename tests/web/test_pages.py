"""What people read on the pages, and what hostile text cannot do there."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import httpx
import pytest
from sqlalchemy import select, update

from app.db import models
from app.domain.model import State
from app.services.context import AppContext
from app.web.headers import CONTENT_SECURITY_POLICY
from tests.web.seed import (
    NEEDS,
    REFUSED,
    REPOSITORY_ID,
    STORY,
    document,
    history,
    pull_request,
    repository,
    seed_installation,
    seed_story,
)

HOME = "/r/wcygan/homelab"


async def read(client: httpx.AsyncClient, path: str, *, status: int = 200) -> str:
    """The page as HTML."""
    answer = await client.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


def words(page: str) -> str:
    """What a reader sees, in one line."""
    text = re.sub(r"<(style|title|svg)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


class TestFirstPage:
    async def test_with_nothing_it_says_how_to_begin(self, client: httpx.AsyncClient) -> None:
        said = words(await read(client, "/"))
        assert "fluxmig has not seen a repository yet." in said
        assert "https://fluxmig.example/webhooks/github" in said

    async def test_each_repository_is_one_sentence(self, client: httpx.AsyncClient, context: AppContext) -> None:
        async with context.database.transaction() as session:
            await seed_story(session)
            session.add(repository(id=7, name="fresh"))
        page = await read(client, "/")
        said = words(page)
        assert "wcygan/homelab Merge #30 first. #34 waits for it. 14 others are ready to merge." in said
        assert "2 your call 1 blocked 15 ready" in said
        assert "wcygan/fresh Reading this repository for the first time." in said
        assert f'href="{HOME}"' in page

    async def test_many_repositories_come_in_pages(self, client: httpx.AsyncClient, context: AppContext) -> None:
        async with context.database.transaction() as session:
            await seed_installation(session)
            session.add_all(repository(id=number, name=f"lab-{number}") for number in range(1, 53))
        first = await read(client, "/")
        assert first.count('class="card ') == 50
        (more,) = re.findall(r'href="(/\?after=\d+)"', first)
        assert words(await read(client, more)).count("lab-5") == 2
        assert "There are no more repositories." in words(await read(client, "/?after=52"))


class TestRepositoryPage:
    async def test_before_the_merge(self, client: httpx.AsyncClient, context: AppContext) -> None:
        async with context.database.transaction() as session:
            await seed_story(session)
        page = await read(client, HOME)
        said = words(page)
        assert "<title>Merge #30 first – wcygan/homelab</title>" in page
        assert "Merge #30 first #34 waits for it. 14 others are ready to merge." in said
        assert "Gate: Opens when #30 is merged and the cluster runs Flux 2.6.1. Not merged yet" in said
        assert "Blocked #34 OCIRepository" in said
        assert NEEDS.replace("`", "") in said.replace(" ;", ";").replace(" ,", ",")
        needs_you = said[said.index("Needs you") : said.index("Waves")]
        assert re.findall(r"#\d+ (?=ghcr|aqua|kube)", needs_you) == ["#15 ", "#27 ", "#37 "]
        assert REFUSED in needs_you
        assert "Renovate has been asked to rebase it." in said
        assert "Said of a verdict that is past." not in said[: said.index("Activity")]

    async def test_waves_come_in_the_order_of_the_plan(self, client: httpx.AsyncClient, context: AppContext) -> None:
        async with context.database.transaction() as session:
            await seed_story(session)
        page = await read(client, HOME)
        waves = page[page.index('class="waves"') : page.index('id="graph"')]
        titles = re.findall(r'class="position">(\d)</span> ([^<]+)<', waves)
        assert titles == [
            ("1", "Tooling"),
            ("2", "Flux itself"),
            ("3", "Infrastructure"),
            ("4", "Infrastructure"),
            ("5", "Major updates"),
        ]
        numbers = [int(number) for number in re.findall(r'class="number">#(\d+)<', waves)]
        assert numbers == [20, 23, 25, 26, 27, 28, 29, 31, 33, 22, 30, 34, 17, 35, 36, 38, 15, 37]

    async def test_after_the_merge(self, client: httpx.AsyncClient, context: AppContext) -> None:
        async with context.database.transaction() as session:
            await seed_story(session, merged=True)
        said = words(await read(client, HOME))
        assert "Waiting for the cluster to run Flux 2.6.1 #30 is merged, but cluster main has not said" in said
        assert "Gate: #30 is merged. Opens when the cluster runs Flux 2.6.1. Not yet" in said
        assert "Waiting for rollout #34 OCIRepository" in said
        assert "13:24 wcygan #30 merged it" in said
        assert "Flux in Git 2.5.1 kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml:5" in said
        assert "Runs Flux 2.5.1 Flux's own event, 2025-06-11 12:38:30 UTC" in said

    async def test_without_pull_requests(self, client: httpx.AsyncClient, context: AppContext) -> None:
        async with context.database.transaction() as session:
            await seed_installation(session)
            session.add(repository())
            await session.flush()
            session.add(models.RepositoryPlan(repository_id=REPOSITORY_ID, document=document([], [])))
        said = words(await read(client, HOME))
        assert "Nothing to do No open pull request by Renovate." in said
        assert "Nothing has happened yet." in said
        assert "no cluster connected: rollouts are confirmed by a person" in said

    async def test_before_the_first_plan(self, client: httpx.AsyncClient, context: AppContext) -> None:
        async with context.database.transaction() as session:
            await seed_installation(session)
            session.add(repository())
            await session.flush()
            session.add(pull_request(STORY[0]))
        said = words(await read(client, HOME))
        assert "Reading this repository for the first time" in said
        assert "Not in a wave yet" in said

    async def test_people_are_told_apart_and_warnings_shown(
        self, client: httpx.AsyncClient, context: AppContext
    ) -> None:
        async with context.database.transaction() as session:
            await seed_story(session)
            session.add(pull_request(replace(STORY[0], number=99), by_renovate=False, state="ready"))
            plan = await session.get_one(models.RepositoryPlan, REPOSITORY_ID)
            plan.document = {**plan.document, "warnings": ["#22 both brings and uses `v1`: split it."]}
        said = words(await read(client, HOME))
        assert "Needs you #22 both brings and uses v1 : split it." in said
        assert said.index("By people") < said.index("#99 ")

    async def test_an_edge_that_nothing_satisfies_needs_a_person(
        self, client: httpx.AsyncClient, context: AppContext
    ) -> None:
        async with context.database.transaction() as session:
            await seed_story(session)
            await session.execute(update(models.Edge).where(models.Edge.strength == "hard").values(to_number=None))
        said = words(await read(client, HOME))
        assert "No open pull request would free #34" in said
        assert "Gate: Opens when what #34 needs is merged and rolled out. No open pull request brings it" in said
        assert "#34 OCIRepository" in said[said.index("Needs you") : said.index("Waves")]

    async def test_every_state_has_its_word(self, client: httpx.AsyncClient, context: AppContext) -> None:
        states = list(State)
        async with context.database.transaction() as session:
            await seed_story(session)
            for told, state in zip(STORY, states, strict=False):
                await session.execute(
                    update(models.PullRequest).where(models.PullRequest.number == told.number).values(state=state)
                )
        said = words(await read(client, HOME))
        for word in ("Ready", "Blocked", "Waiting for rollout", "On hold", "Your call", "Unknown"):
            assert f"{word} #" in said

    async def test_names_are_compared_as_github_compares_them(
        self, client: httpx.AsyncClient, context: AppContext
    ) -> None:
        async with context.database.transaction() as session:
            await seed_story(session)
        assert "Merge #30 first" in await read(client, "/r/WCYGAN/Homelab")


class TestPullRequestPage:
    async def test_it_says_why_and_what_would_change_it(self, client: httpx.AsyncClient, context: AppContext) -> None:
        async with context.database.transaction() as session:
            await seed_story(session)
        page = await read(client, f"{HOME}/pull/34")
        said = words(page)
        assert "<title>#34 is blocked – wcygan/homelab</title>" in page
        assert "What would change it Merge #30 , then wait until the cluster has rolled it out." in said
        assert "Rule: A pull request that starts to use an API waits until the cluster serves that API." in said
        assert "Uses OCIRepository source.toolkit.fluxcd.io/v1 in cluster main." in said
        assert "What waits for it Ready #36 spegel 0.2.0 → 0.3.0 better order" in said
        assert "13:18 wcygan asked /fluxmig why" in said

    async def test_evidence_links_to_the_line_where_it_is_true(
        self, client: httpx.AsyncClient, context: AppContext
    ) -> None:
        async with context.database.transaction() as session:
            await seed_story(session)
        page = await read(client, f"{HOME}/pull/34")
        lines = re.findall(r'href="https://github.com/wcygan/homelab/blob/(\w+)/([^"]+)#L(\d+)"[^<]*</?a?', page)
        values = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
        used = "kubernetes/apps/kube-system/spegel/app/helmrelease.yaml"
        head_34, head_30 = f"{34:040x}", f"{30:040x}"
        base = "21db46b71c3dce544fa13720f19b4abc8d726aa0"
        assert lines == [
            (head_34, used, "2"),
            (head_34, used, "2"),
            (base, values, "5"),
            (head_30, values, "5"),
        ]

    async def test_one_without_neighbours(self, client: httpx.AsyncClient, context: AppContext) -> None:
        async with context.database.transaction() as session:
            await seed_story(session)
        said = words(await read(client, f"{HOME}/pull/26"))
        assert "#26 is ready to merge" in said
        assert "It waits for nothing, and nothing waits for it." in said

    async def test_the_rebases_are_told(self, client: httpx.AsyncClient, context: AppContext) -> None:
        async with context.database.transaction() as session:
            await seed_story(session)
        said = words(await read(client, f"{HOME}/pull/27"))
        assert "13:08 stale head 0000000 , by checkbox: no rebase after ticking the box; the label is next" in said
        assert f"13:23 fluxmig {REFUSED}" in said

    async def test_a_hold_tells_who_and_why(self, client: httpx.AsyncClient, context: AppContext) -> None:
        async with context.database.transaction() as session:
            await seed_story(session)
            await session.execute(
                update(models.PullRequest)
                .where(models.PullRequest.number == 26)
                .values(state="held", hold_by="octocat", hold_reason="after the holidays")
            )
        said = words(await read(client, f"{HOME}/pull/26"))
        assert "octocat holds it: after the holidays" in said
        assert "says /fluxmig unhold ." in said


class TestMissing:
    @pytest.mark.parametrize(
        ("path", "sentence"),
        [
            ("/r/octocat/none", "fluxmig has not seen the repository octocat/none. Is the App installed on it?"),
            ("/r/octocat/a%00b", "fluxmig has not seen the repository"),
            (f"{HOME}/pull/999", "fluxmig has not seen pull request #999 of wcygan/homelab."),
            (f"{HOME}/pull/abc", "This address does not name a page of fluxmig."),
            (f"{HOME}/pull/99999999999", "This address does not name a page of fluxmig."),
            ("/nowhere", "This address does not name a page of fluxmig."),
            ("/static/none.css", "This address does not name a page of fluxmig."),
            ("/static/../app.py", "This address does not name a page of fluxmig."),
        ],
    )
    async def test_it_says_so_and_leads_back(
        self, client: httpx.AsyncClient, context: AppContext, path: str, sentence: str
    ) -> None:
        async with context.database.transaction() as session:
            await seed_story(session)
        page = await read(client, path, status=404)
        assert sentence in words(page)
        assert '<a href="/">All repositories</a>' in page

    async def test_a_program_gets_a_problem(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/nowhere", headers={"Accept": "application/json"})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


class Tags(HTMLParser):
    """The elements and attributes that a browser would make of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


async def test_hostile_text_is_only_text(client: httpx.AsyncClient, context: AppContext) -> None:
    async with context.database.transaction() as session:
        await seed_story(session)
        hostile = replace(
            STORY[0], number=98, title=HOSTILE, name=HOSTILE, before=HOSTILE, after="</svg>", reason=HOSTILE
        )
        session.add(pull_request(hostile, branch=HOSTILE, head_sha=HOSTILE, hold_by=HOSTILE, hold_reason=HOSTILE))
        session.add(history(98, HOSTILE, "verdict", HOSTILE, 1))
        await session.flush()
        edge = {"file": HOSTILE, "line": 1, "text": HOSTILE}
        row = await session.scalar(select(models.PullRequest.id).where(models.PullRequest.number == 98))
        session.add(
            models.Edge(
                pull_request_id=row,
                to_number=30,
                kind="explicit",
                strength="hard",
                condition="merged",
                merged=False,
                reason=HOSTILE,
                evidence=[edge],
                alternatives=[],
            )
        )
    for path in (HOME, f"{HOME}/pull/98", f"{HOME}/pull/30", "/"):
        tags = Tags(await read(client, path))
        assert not tags.names & {"script", "img", "style", "iframe", "object", "base", "form"}
        assert not [name for name in tags.attributes if name.startswith("on") or name == "style"]


async def test_evidence_cannot_lead_to_a_script(client: httpx.AsyncClient, context: AppContext) -> None:
    async with context.database.transaction() as session:
        seed = await seed_story(session)
        session.add(
            models.Requirement(
                pull_request_id=seed.pulls[26].id,
                scope="main",
                group="",
                kind="X",
                version="v1",
                evidence=[{"file": "javascript:alert(1)", "line": 1, "text": ""}],
            )
        )
    page = await read(client, f"{HOME}/pull/26")
    assert 'href="javascript' not in page
    assert "/blob/000000000000000000000000000000000000001a/javascript%3Aalert%281%29#L1" in page


async def test_the_banner_says_what_is_stood_in_for(client: httpx.AsyncClient, context: AppContext) -> None:
    context.banner, context.refresh_seconds = "A stand-in plays GitHub.", 2
    page = await read(client, "/")
    assert "A stand-in plays GitHub." in words(page)
    assert '<meta http-equiv="refresh" content="2">' in page
    assert '<meta http-equiv="refresh"' not in await read(client, "/?refresh=off")


async def test_without_a_demo_nothing_reloads_and_no_banner_is_shown(client: httpx.AsyncClient) -> None:
    page = await read(client, "/")
    assert "http-equiv" not in page
    assert 'class="banner"' not in page


async def test_static_files_may_be_kept_for_ever_under_their_address(client: httpx.AsyncClient) -> None:
    page = await read(client, "/")
    addresses = re.findall(r'href="(/static/[^"]+)"', page)
    assert len(addresses) == 2
    for address in addresses:
        answer = await client.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_no_page_shows_a_secret(client: httpx.AsyncClient, context: AppContext) -> None:
    async with context.database.transaction() as session:
        await seed_story(session)
    secrets = [
        secret.get_secret_value()
        for secret in (
            context.settings.admin_token,
            context.settings.secret_key,
            context.settings.github_webhook_secret,
        )
    ]
    for path in ("/", HOME, f"{HOME}/pull/34", "/metrics", "/api/openapi.json", "/nowhere"):
        text = (await client.get(path)).text
        assert not any(secret in text for secret in secrets), path


async def test_five_hundred_pull_requests_are_one_page(client: httpx.AsyncClient, context: AppContext) -> None:
    told = [replace(STORY[2], number=number) for number in range(1, 501)]
    async with context.database.transaction() as session:
        await seed_installation(session)
        session.add(repository())
        await session.flush()
        session.add_all(pull_request(one) for one in told)
        plan = document(told, [[one.number for one in told]])
        session.add(models.RepositoryPlan(repository_id=REPOSITORY_ID, document=plan))
    said = words(await read(client, HOME))
    assert "All 500 pull requests are ready to merge" in said
    assert "500 pull requests" in said
