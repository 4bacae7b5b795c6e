"""A milestone made and ended on the pages, by forms that ask for the admin token and keep it nowhere."""

import logging

import pytest

from app.db.milestones import list_milestones
from tests.stories.test_milestone import issues
from tests.world import ADMIN_TOKEN, World

HOME = "/r/wcygan/homelab"
NEW = f"{HOME}/milestones/new"
FORM = {"goal": "Flux 2.6.1", "title": "Flux <API> migration", "issue": "yes", "token": ADMIN_TOKEN}


async def made(world: World) -> list[tuple[str, str, bool, str, str]]:
    async with world.context.database.transaction() as session:
        rows = await list_milestones(session, world.repository.id)
        return [(row.goal, row.title, row.wants_issue, row.created_by, row.closed_why) for row in rows]


def kept(world: World) -> list[tuple[str, str]]:
    return [(one.title, one.state) for one in issues(world)]


async def test_the_page_of_the_repository_leads_to_it(world: World) -> None:
    page = (await world.client.get(HOME)).text
    assert '<h2 id="milestones">Milestones</h2>' in page
    assert f'href="{NEW}"' in page
    form = (await world.client.get(NEW)).text
    assert f'<form class="form" method="post" action="{NEW}">' in form
    await world.client.post(NEW, data=FORM)
    await world.settle()
    page = (await world.client.get(HOME)).text
    assert f'<a href="{HOME}/milestones/1">Flux &lt;API&gt; migration</a>' in page
    assert f'href="{NEW}"' in page, "there can be another"
    assert "Milestone 1 (Flux &lt;API&gt; migration) was made." in page, "its activity tells of it"


async def test_the_form_makes_the_milestone_that_was_asked_for(world: World) -> None:
    answer = await world.client.post(NEW, data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HOME}/milestones/1")
    await world.settle()
    assert await made(world) == [("Flux 2.6.1", "Flux <API> migration", True, "an admin", "")]
    assert kept(world) == [("Flux <API> migration", "open")]
    page = (await world.client.get(answer.headers["location"])).text
    assert "Reach Flux 2.6.1, and bring in what waits for it." in page


async def test_without_a_goal_it_is_all_that_is_open(world: World) -> None:
    assert (await world.client.post(NEW, data={"token": f" {ADMIN_TOKEN}\r\n"})).status_code == 303
    await world.settle()
    assert await made(world) == [("", "All open pull requests by Renovate", False, "an admin", "")]


async def test_the_look_ahead_hands_its_goal_over(world: World) -> None:
    page = (await world.client.get(f"{HOME}/upgrade?to=flux+2.8")).text
    assert f'href="{NEW}?goal=Flux%202.8"' in page
    assert 'name="goal" value="Flux 2.8"' in (await world.client.get(f"{NEW}?goal=Flux%202.8")).text
    there = (await world.client.get(f"{HOME}/upgrade?to=flux+2.5")).text
    assert f"{NEW}?goal" not in there, "there is nothing to plan"


@pytest.mark.parametrize(
    ("wanted", "status", "field", "words"),
    [
        ({"token": ""}, 403, "token", "This is not the admin token."),
        ({"token": "x" * 40}, 403, "token", "This is not the admin token."),
        ({"goal": "<b>flux</b> 2.8"}, 422, "goal", "the catalogue has no provider &lt;b&gt;flux&lt;/b&gt;"),
        ({"goal": "Flux 2.5"}, 422, "goal", "Flux 2.5 or newer is there already."),
        ({"goal": "Flux 9.1"}, 422, "goal", "the catalogue knows Flux from 2.0 to 2.9"),
        ({"goal": "x" * 121}, 422, "goal", "At most 120 characters."),
        ({"title": "x" * 201}, 422, "title", "At most 200 characters."),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(
    world: World, wanted: dict[str, str], status: int, field: str, words: str
) -> None:
    answer = await world.client.post(NEW, data=FORM | wanted)
    assert answer.status_code == status
    page = answer.text
    fault = page[page.index(f'id="{field}-fault"') :].split("</p>")[0]
    assert words in fault
    assert page.count('aria-invalid="true"') == 1
    assert f'aria-describedby="{field}-hint {field}-fault" aria-invalid="true"' in page
    assert (" checked>" in page, "<b>" in page) == (True, False)
    assert ADMIN_TOKEN not in page
    assert await made(world) == []


async def test_where_nothing_is_open_it_says_so(world: World) -> None:
    for pull in world.repository.open_pull_requests:
        pull.close(by=world.github.owner)
    await world.settle()
    answer = await world.client.post(NEW, data=FORM)
    assert answer.status_code == 409
    assert "has no open pull request by Renovate that a milestone could be made of." in answer.text


async def test_the_token_counts_in_the_body_alone_and_is_kept_nowhere(
    world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    bare = {key: value for key, value in FORM.items() if key != "token"}
    answer = await world.client.post(NEW, params={"token": ADMIN_TOKEN}, data=bare)
    assert answer.status_code == 403
    answer = await world.client.post(NEW, data=bare, headers={"Cookie": f"token={ADMIN_TOKEN}"})
    assert answer.status_code == 403, "a page of somebody else has nothing to send in a person's name"
    caplog.clear()
    capsys.readouterr()
    answer = await world.client.post(NEW, data=FORM)
    await world.settle()
    assert ADMIN_TOKEN not in caplog.text + "".join(capsys.readouterr())
    assert ADMIN_TOKEN not in str(answer.headers)
    assert "set-cookie" not in answer.headers


async def test_it_can_be_ended_there(world: World) -> None:
    await world.client.post(NEW, data=FORM)
    await world.settle()
    page, end = f"{HOME}/milestones/1", f"{HOME}/milestones/1/close"
    assert f'href="{end}"' in (await world.client.get(page)).text
    assert "is not reached: 0 of 18 resolved." in (await world.client.get(end)).text
    refused = await world.client.post(end, data={"token": "x" * 40})
    assert refused.status_code == 403
    assert "This is not the admin token." in refused.text
    assert (await made(world))[0][-1] == ""
    answer = await world.client.post(end, data={"token": ADMIN_TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, page)
    await world.settle()
    assert (await made(world))[0][-1] == "Closed by an admin before it was reached."
    shown = (await world.client.get(page)).text
    assert (" No</span>" in shown, "Not yet" in shown) == (True, False), "what has ended waits for nothing"
    assert kept(world) == [("Flux <API> migration", "closed")]
    assert f'href="{end}"' not in (await world.client.get(page)).text
    assert "has ended already: Closed by an admin" in (await world.client.get(end)).text


async def test_what_is_no_form_of_ours_is_refused(world: World) -> None:
    assert (await world.client.post(NEW, content=b"a=" + b"x" * 20_000)).status_code == 413
    assert (await world.client.post(NEW, content="&".join(["a=b"] * 30))).status_code == 400
    assert (await world.client.post(NEW, content=b"\xff\x00")).status_code == 403
    assert (await world.client.post("/r/nobody/here/milestones/new", data=FORM)).status_code == 404
    assert (await world.client.post(f"{HOME}/milestones/9/close", data=FORM)).status_code == 404
    assert await made(world) == []
