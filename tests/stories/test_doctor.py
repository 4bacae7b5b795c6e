"""The doctor says whether a held pull request really waits, and what mends what is wrong."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.demo.github.model import RequiredChecks
from app.worker import ask_for_app
from tests.world import ADMIN_TOKEN, World

CONFIG = ".renovaterc.json5"


async def examined(world: World) -> dict[str, Any]:
    answer = await world.client.get(
        f"/api/v1/repositories/{world.repository.full_name}/doctor", headers={"Authorization": f"Bearer {ADMIN_TOKEN}"}
    )
    assert answer.status_code == 200, answer.text
    told = dict(answer.json())
    for found in told["findings"]:
        assert found["health"] == "ok" or found["mend"], f"nothing is said to mend {found}"
    return told


async def findings(world: World, name: str) -> list[tuple[str, str]]:
    """Health and sentence of each finding of that name."""
    told = await examined(world)
    return [(found["health"], found["sentence"]) for found in told["findings"] if found["name"] == name]


async def health(world: World, name: str) -> str:
    [(health, _)] = await findings(world, name)
    return health


def requires(world: World, *, app_id: int | None, **more: Any) -> None:
    world.repository.rules["main"] = RequiredChecks((("fluxmig", app_id), ("lint", None)), **more)


def grants(world: World, **permissions: str) -> None:
    installation = world.github.installations_of(world.repository)[0]
    installation.permissions = {**installation.permissions, **permissions}
    world.github.tokens.expire_all()


# --- the gate ---


async def test_nothing_requires_the_check(world: World) -> None:
    assert await health(world, "required") == "unknown"
    grants(world, administration="read")
    assert await findings(world, "required") == [
        ("problem", "Nothing requires the check `fluxmig` on `main`: a held pull request can be merged all the same.")
    ]


async def test_the_check_is_required_and_pinned(world: World) -> None:
    requires(world, app_id=world.github.app.id)
    assert await findings(world, "required") == [
        ("ok", "`main` requires the check `fluxmig` from this App (a ruleset of wcygan/homelab).")
    ]
    assert await health(world, "bypass") == "unknown"


async def test_the_check_is_required_from_anybody_or_from_another_app(world: World) -> None:
    requires(world, app_id=None)
    [(health, sentence)] = await findings(world, "required")
    assert (health, "takes it from anybody" in sentence) == ("problem", True)
    requires(world, app_id=15368)
    [(health, sentence)] = await findings(world, "required")
    assert (health, "from App 15368, which is not this one" in sentence) == ("problem", True)


async def test_classic_protection_is_seen_where_we_may(world: World) -> None:
    requires(world, app_id=world.github.app.id, classic=True, strict=True)
    assert await health(world, "required") == "unknown"
    assert await health(world, "up-to-date") == "unknown"
    grants(world, administration="read")
    assert await findings(world, "required") == [
        ("ok", "`main` requires the check `fluxmig` from this App (branch protection).")
    ]
    [(health_of_strict, sentence)] = await findings(world, "up-to-date")
    assert (health_of_strict, "takes only branches that are up to date" in sentence) == ("ok", True)


async def test_a_merge_queue_that_would_wait_for_ever(world: World) -> None:
    requires(world, app_id=world.github.app.id, merge_queue=True)
    assert await health(world, "merge-queue") == "problem"


async def test_who_may_bypass_is_told_where_github_shows_it(world: World) -> None:
    grants(world, administration="write")
    requires(world, app_id=world.github.app.id, bypass=(("RepositoryRole", 5, "pull_request"),))
    assert await findings(world, "bypass") == [
        ("ok", "These may merge past the required checks: RepositoryRole 5 (pull_request).")
    ]
    requires(world, app_id=world.github.app.id, bypass=(("Integration", 2740, "always"),))
    assert await health(world, "bypass") == "problem"


async def test_who_may_merge_past_a_classic_protection(world: World) -> None:
    grants(world, administration="read")
    requires(world, app_id=world.github.app.id, classic=True)
    assert await findings(world, "bypass") == [("ok", "Administrators may merge past the required checks.")]
    requires(world, app_id=world.github.app.id, classic=True, enforce_admins=True)
    [(health, sentence)] = await findings(world, "bypass")
    assert (health, sentence.startswith("Nobody may merge past")) == ("ok", True)


# --- the App ---


async def test_a_permission_that_is_missing_says_what_does_not_work(world: World) -> None:
    assert await health(world, "permissions") == "ok"
    grants(world, issues="read", checks="none")
    assert await findings(world, "permissions") == [
        (
            "problem",
            "The permission Checks: write has only none; without it there is no check, and nothing holds a merge.",
        ),
        (
            "problem",
            "The permission Issues: write has only read; without it commands are neither acknowledged nor answered.",
        ),
    ]


async def test_events_and_deliveries(world: World) -> None:
    assert await health(world, "events") == "ok"
    assert await health(world, "deliveries") == "ok"


@pytest.mark.parametrize(("seconds", "words"), [(90, "90 s behind"), (-90, "90 s ahead of"), (1200, "1200 s behind")])
async def test_clocks_that_differ(world: World, seconds: int, words: str) -> None:
    assert await health(world, "clock") == "ok"
    world.github.tokens.ahead = timedelta(seconds=seconds)
    assert await findings(world, "clock") == [
        ("problem", f"The clock of this machine is {words} GitHub's; GitHub refuses tokens of another time.")
    ]
    world.github.tokens.ahead = timedelta()


@pytest.mark.parametrize(("seconds", "words"), [(1200, "1200 s behind"), (-1200, "1200 s ahead of")])
async def test_clocks_that_differ_so_much_that_github_gives_no_token(world: World, seconds: int, words: str) -> None:
    world.github.tokens.ahead = timedelta(seconds=seconds)
    world.github.tokens.expire_all()
    told = {found["name"]: found for found in (await examined(world))["findings"]}
    assert told["clock"]["health"] == "problem"
    assert words in told["clock"]["sentence"]
    assert told["required"]["health"] == "unknown"
    assert "GitHub gives no token: 401 " in told["required"]["sentence"]
    assert "Response(" not in told["required"]["sentence"]
    world.github.tokens.ahead = timedelta()
    assert await health(world, "clock") == "ok"


async def test_the_cluster(world: World) -> None:
    assert await findings(world, "cluster") == [("problem", "Nothing was heard yet from main.")]
    await world.cluster_reconciles()
    assert await findings(world, "cluster") == [("ok", "main tells of its rollouts.")]


# --- Renovate ---


async def test_the_storys_own_configuration(world: World) -> None:
    assert await findings(world, "renovate") == [("ok", "Renovate works here as renovate[bot].")]
    assert await findings(world, "renovate-config") == [("ok", "Renovate's configuration is `.renovaterc.json5`.")]
    [(told, sentence)] = await findings(world, "renovate-automerge")
    assert (told, "merges without waiting for any check" in sentence) == ("problem", True)
    assert await health(world, "renovate-branch-prefix") == "ok"
    [(told, sentence)] = await findings(world, "renovate-rebase")
    assert (told, "sets `rebaseWhen: behind-base-branch`" in sentence) == ("ok", True)
    assert await findings(world, "renovate-dashboard") == [
        ("ok", "`.renovaterc.json5` has the dependency dashboard on.")
    ]


@pytest.mark.parametrize(
    ("text", "expected", "words"),
    [
        ("{automerge: true, ignoreTests: true}", "problem", "without waiting for any check"),
        ("{automerge: true, automergeType: 'branch'}", "problem", "without a pull request"),
        ("{automerge: true}", "problem", "whose check is not required"),
        ("{automerge: true, platformAutomerge: false}", "ok", "Renovate itself waits"),
        ("{extends: ['github>wcygan/presets']}", "unknown", "github>wcygan/presets, which it extends, may"),
        ("{extends: ['github>a/b'], major: {automerge: false}}", "unknown", "github>a/b, which it extends, may"),
        ("{extends: ['@acme/renovate-config']}", "unknown", "@acme/renovate-config, which it extends, may"),
        ("{extends: 'acme', automerge: true, platformAutomerge: false}", "unknown", "unless acme, which it extends"),
        ("{extends: ['config:recommended', 'default:automergePatch']}", "problem", "whose check is not required"),
        ("{}", "ok", "automerges nothing"),
    ],
)
async def test_how_renovate_merges(world: World, text: str, expected: str, words: str) -> None:
    grants(world, administration="read")
    world.repository.push({CONFIG: text}, message="Renovate")
    await world.settle()
    [(told, sentence)] = await findings(world, "renovate-automerge")
    assert (told, words in sentence) == (expected, True), sentence


async def test_a_configuration_that_cannot_be_read_and_one_that_is_not_there(world: World) -> None:
    world.repository.push({CONFIG: "{\n  automerge yes\n}"}, message="Renovate")
    await world.settle()
    assert await findings(world, "renovate-config") == [
        ("unknown", "`.renovaterc.json5` could not be read: `:` is missing in line 2.")
    ]
    world.repository.push({CONFIG: None}, message="Renovate")
    await world.settle()
    assert await health(world, "renovate-config") == "unknown"


async def test_a_configuration_in_package_json(world: World) -> None:
    package = '{"name": "docs", "renovate": {"automerge": true, "automergeType": "branch"}}'
    world.repository.push({CONFIG: None, "package.json": package}, message="Renovate")
    await world.settle()
    assert await findings(world, "renovate-config") == [("ok", "Renovate's configuration is `package.json`.")]
    assert await health(world, "renovate-automerge") == "problem"
    world.repository.push({"package.json": '{"name": "docs"}'}, message="Renovate")
    await world.settle()
    assert await health(world, "renovate-config") == "unknown"


async def test_another_branch_prefix(world: World) -> None:
    world.repository.push({".renovaterc.json5": None, "renovate.json": '{"branchPrefix": "deps/"}'}, message="Renovate")
    await world.settle()
    assert await health(world, "renovate-branch-prefix") == "problem"


# --- as a whole ---


async def test_one_refused_answer_leaves_one_finding_unknown(world: World) -> None:
    world.github.faults.fail_next(404, match="GET .*/rules/branches/")
    assert await health(world, "required") == "unknown"
    assert await health(world, "permissions") == "ok"


async def test_a_github_that_does_not_answer_is_no_fault_of_the_doctor(world: World) -> None:
    world.github.faults.fail_next(502, times=100)
    told = await examined(world)
    by_health = {found["health"] for found in told["findings"] if found["name"] in ("required", "permissions")}
    assert by_health == {"unknown"}
    world.github.faults.clear()


async def test_a_github_that_hangs_is_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.doctor.PATIENCE_SECONDS", 0.05)

    async def hang(_: float) -> None:
        await asyncio.Event().wait()

    usual, world.github.sleep = world.github.sleep, hang
    world.github.faults.slow(1)
    told = {found["name"]: found for found in (await examined(world))["findings"]}
    asked = ("required", "permissions", "events", "clock", "renovate-config")
    assert {told[name]["health"] for name in asked} == {"unknown"}
    assert told["clock"]["sentence"].endswith("all that is asked must be answered within 0.05 s, and was not.")
    assert told["configuration"]["health"] == "ok"
    world.github.faults.clear()
    world.github.sleep = usual


async def test_the_dashboard_where_it_is_asked_for(world: World) -> None:
    assert await findings(world, "dashboard") == []
    configure(world, "mode: check\ndashboard: true\n")
    assert await findings(world, "dashboard") == []
    await world.settle()
    assert await findings(world, "dashboard") == [("problem", "`dashboard: true` does nothing in mode `check`.")]
    configure(world, "mode: act\ndashboard: true\n")
    await world.settle()
    [(health_of_it, told)] = await findings(world, "dashboard")
    number = int(told.removeprefix("The dashboard is #").removesuffix("."))
    assert health_of_it == "ok"
    world.repository.issues[number].close()
    await world.settle()
    assert await findings(world, "dashboard") == [
        ("problem", f"The dashboard, #{number}, is closed, and fluxmig leaves it alone.")
    ]
    world.repository.has_issues = False
    assert await health(world, "dashboard") == "problem"


def configure(world: World, text: str) -> None:
    world.repository.push({".github/fluxmig.yaml": text}, message="Configure", by=world.github.owner)


async def test_it_writes_nothing_and_asks_little(world: World) -> None:
    requires(world, app_id=world.github.app.id)
    calls, writes = world.github.log.calls, world.github.log.writes
    await examined(world)
    assert world.github.log.writes == writes
    assert world.github.log.calls - calls <= 9


async def test_a_suspended_installation_is_called_so(world: World) -> None:
    [installation] = world.github.installations_of(world.repository)
    installation.suspended_at = world.clock()
    await ask_for_app(world.context)
    await world.settle()
    answer = await world.client.get(
        f"/api/v1/repositories/{world.repository.full_name}/doctor", headers={"Authorization": f"Bearer {ADMIN_TOKEN}"}
    )
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("The installation of the App on wcygan is suspended, so fluxmig does not")
    page = await world.client.get(f"/r/{world.repository.full_name}", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert answer.json()["detail"] in page.text


async def test_the_page_shows_it_and_does_not_ask_again_at_once(world: World) -> None:
    page = await shown(world)
    assert "thing needs mending" in page.text or "things need mending" in page.text
    assert "Nothing was heard yet from main." in page.text
    calls = world.github.log.calls
    await shown(world)
    assert world.github.log.calls == calls
    await world.passes(minutes=6)
    calls = world.github.log.calls
    await shown(world)
    assert world.github.log.calls > calls
    front = await world.client.get(f"/r/{world.repository.full_name}")
    assert f'href="/r/{world.repository.full_name}/doctor"' in front.text


async def shown(world: World) -> httpx.Response:
    page = await world.client.get(f"/r/{world.repository.full_name}/doctor", headers={"accept": "text/html"})
    assert page.status_code == 200
    return page
