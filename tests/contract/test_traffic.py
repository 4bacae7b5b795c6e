"""The traffic of the stand-in GitHub keeps to GitHub's own descriptions."""

from typing import Any

import httpx
import pytest

from app.demo.github import GitHub
from app.demo.github.model import RequiredChecks
from app.demo.github.repository import Repository
from app.demo.renovate import Renovate
from app.demo.story import load_story
from tests.contract.schemas import HookContract, RestContract
from tests.demo.api import Api

NUMBER, BRANCH = 34, "renovate/ocirepository-1.x"


async def talk(github: GitHub, homelab: Repository) -> None:
    """Every route once, answered well; and the refusals that GitHub documents."""
    api = Api(github)
    repo, app_path = api.repo, "/app/installations"
    installation = github.installations_of(homelab)[0]
    pull = homelab.pull_request(NUMBER)
    sha = pull.head_sha
    homelab.set_status(sha, "kustomization/apps/0c9c2e41", "success", description="reconciliation succeeded")
    bypass = (("RepositoryRole", 5, "pull_request"), ("Integration", 2740, "always"))
    homelab.rules["main"] = RequiredChecks((("fluxmig", github.app.id),), strict=True, merge_queue=True, bypass=bypass)
    comment = pull.comment("/fluxmig why", by=github.writer)
    tree = homelab.tree()

    await api.call("POST", f"{app_path}/{installation.id}/access_tokens", as_app=True)
    narrow = {"repository_ids": [homelab.id], "permissions": {"checks": "write"}}
    await api.call("POST", f"{app_path}/{installation.id}/access_tokens", narrow, as_app=True)
    for path in ("/app", app_path, f"{app_path}/{installation.id}", f"{repo}/installation", "/app/hook/deliveries"):
        await api.json(path, as_app=True)
    attempt = github.webhooks.attempts[0]
    await api.call("POST", f"/app/hook/deliveries/{attempt.id}/attempts", as_app=True)

    run: dict[str, Any] = {
        "name": "fluxmig",
        "head_sha": sha,
        "status": "completed",
        "conclusion": "action_required",
        "output": {"title": "Blocked by #30", "summary": "why"},
        "actions": [{"label": "Why?", "description": "Say it again", "identifier": "why"}],
    }
    created = (await api.call("POST", f"{repo}/check-runs", run)).json()
    await api.call("PATCH", f"{repo}/check-runs/{created['id']}", {"status": "completed", "conclusion": "success"})
    await api.call("POST", f"{repo}/labels", {"name": "fluxmig/ready", "color": "0e8a16", "description": "go"})
    await api.call("POST", f"{repo}/issues/{NUMBER}/labels", {"labels": ["fluxmig/blocked"]})
    await api.call("PUT", f"{repo}/issues/{NUMBER}/labels", {"labels": ["fluxmig/blocked", "type/patch"]})
    await api.call("DELETE", f"{repo}/issues/{NUMBER}/labels/fluxmig%2Fblocked")
    mine = (await api.call("POST", f"{repo}/issues/{NUMBER}/comments", {"body": "hello"})).json()
    await api.call("PATCH", f"{repo}/issues/comments/{mine['id']}", {"body": "hello again"})
    issue = (await api.call("POST", f"{repo}/issues", {"title": "what next", "body": "- [ ] this"})).json()
    await api.call("PATCH", f"{repo}/issues/{issue['number']}", {"body": "- [x] this"})
    await api.call("POST", f"{repo}/issues/comments/{comment.id}/reactions", {"content": "eyes"})
    await api.call("POST", f"{repo}/issues/comments/{comment.id}/reactions", {"content": "eyes"})
    await api.call("PATCH", f"{repo}/pulls/{NUMBER}", {"body": pull.body.replace("[ ]", "[x]")})

    installation.permissions = {**installation.permissions, "contents": "write"}
    revert = "fluxmig/revert-34"
    await api.call("POST", f"{repo}/git/refs", {"ref": f"refs/heads/{revert}", "sha": homelab.head_sha})
    homelab.push_to_branch(revert, {"README.md": "# homelab, again\n"}, message="again", by=github.app.bot)
    await api.call("POST", f"{repo}/pulls", {"title": "Revert", "body": "why", "head": revert, "base": "main"})
    await api.json(f"{repo}/pulls?state=all&head={github.owner.login}:{revert}")

    for path in (
        "/installation/repositories", "/rate_limit", repo,
        f"{repo}/branches/main", f"{repo}/branches/{BRANCH.replace('/', '%2F')}",
        f"{repo}/git/ref/heads/main", f"{repo}/git/matching-refs/heads/renovate",
        f"{repo}/git/commits/{sha}", f"{repo}/commits/{sha}", f"{repo}/commits",
        f"{repo}/git/trees/{tree.sha}?recursive=1", f"{repo}/git/trees/{tree.folder_id('bootstrap')}",
        f"{repo}/git/blobs/{pull.files()[0].sha}",
        f"{repo}/contents/.mise.toml?ref=main", f"{repo}/contents/kubernetes",
        f"{repo}/compare/main...{BRANCH}",
        f"{repo}/pulls?state=open&per_page=5&page=2", f"{repo}/pulls/{NUMBER}",
        f"{repo}/pulls/{NUMBER}/files?per_page=100", f"{repo}/pulls/{NUMBER}/commits",
        f"{repo}/issues?state=all", f"{repo}/issues/{NUMBER}", f"{repo}/issues/{NUMBER}/comments",
        f"{repo}/issues/{NUMBER}/labels", f"{repo}/labels", f"{repo}/labels/type%2Fpatch",
        f"{repo}/issues/comments?sort=updated&direction=asc&since=2025-01-01T00:00:00Z",
        f"{repo}/issues/comments/{comment.id}", f"{repo}/issues/comments/{comment.id}/reactions",
        f"{repo}/rules/branches/main", f"{repo}/rulesets/{homelab.id}",
        f"{repo}/collaborators/{github.writer.login}/permission",
        f"{repo}/commits/{sha}/check-runs?filter=all", f"{repo}/check-runs/{created['id']}",
        f"{repo}/commits/{sha}/status", f"{repo}/commits/{sha}/statuses",
    ):  # fmt: skip
        answer = await api.get(path)
        assert answer.status_code == 200, path
        again = await api.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code in (200, 304)
    assert (await api.get(f"{repo}/tarball/main")).status_code == 302
    assert (await api.call("DELETE", f"{repo}/issues/comments/{mine['id']}")).status_code == 204
    assert (await api.get(f"{repo}/pulls/999")).status_code == 404
    assert (await api.get(f"{repo}/labels/unknown")).status_code == 404
    assert (await api.call("PUT", f"{repo}/pulls/{NUMBER}/merge", {})).status_code == 403
    assert (await api.call("POST", f"{repo}/check-runs", run | {"head_sha": "0" * 40})).status_code == 422

    pull.locked = True
    assert (await api.call("POST", f"{repo}/issues/{NUMBER}/comments", {"body": "hello"})).status_code == 403
    pull.locked, homelab.has_issues = False, False
    assert (await api.call("POST", f"{repo}/issues", {"title": "what next"})).status_code == 410
    homelab.has_issues = True

    more = {"contents": "write", "pull_requests": "write", "statuses": "write", "administration": "write"}
    github.install_on(homelab, permissions=more)
    api.token = github.tokens.issue(installation).token
    assert len((await api.json(f"{repo}/rulesets/{homelab.id}"))["bypass_actors"]) == 2
    assert (await api.get(f"{repo}/branches/main/protection")).status_code == 404
    homelab.rules["main"] = RequiredChecks((("fluxmig", github.app.id),), classic=True)
    await api.json(f"{repo}/branches/main/protection")
    status = {"state": "pending", "context": "ci", "description": "wait", "target_url": "https://ci.example"}
    await api.call("POST", f"{repo}/statuses/{sha}", status)
    homelab.rules.clear()
    merged = await api.call("PUT", f"{repo}/pulls/{NUMBER}/merge", {"sha": sha, "merge_method": "squash"})
    assert merged.status_code == 200
    assert (await api.json(f"{repo}/pulls/{NUMBER}"))["merged"] is True


def live(github: GitHub, renovate: Renovate, homelab: Repository) -> None:
    """What else happens on GitHub and is announced."""
    installation = github.installations_of(homelab)[0]
    run = next(iter(homelab.check_runs.values()))
    homelab.rerun(run)
    homelab.press_button(run, "why")
    homelab.rerun_all(run.suite)
    pull = homelab.pull_request(36)
    pull.convert_to_draft()
    pull.ready_for_review()
    pull.label("rebase")
    renovate.run(homelab)
    pull.close()
    pull.reopen()
    comment = pull.comment("first")
    pull.edit_comment(comment, "second")
    pull.delete_comment(comment)
    mine = homelab.open_pull_request(title="by hand", branch="mine", changes={"a/b.txt": "1\n"}, by=github.writer)
    mine.push({"a/b.txt": None, "c.txt": "2\n"}, message="move")
    mine.merge()
    homelab.delete_branch("mine")
    homelab.set_status(homelab.head_sha, "kustomization/apps/0c9c2e41", "failure", description="build failed")
    issue = homelab.open_issue(title="Dependency Dashboard", by=github.renovate)
    issue.edit(title="Renovate Dashboard", body="x")
    issue.label("dashboard")
    issue.unlabel("dashboard")
    issue.close()
    issue.reopen()
    other = github.create_repository("other", private=True)
    installation.remove(other)
    homelab.rename("home")
    homelab.archive()
    homelab.unarchive()
    homelab.privatize()
    homelab.publicize()
    friend = github.add_user("friend")
    friends = github.create_repository("theirs", owner=friend)
    [there] = github.installations_of(friends)
    there.all_repositories = True
    homelab.transfer(friend)
    homelab.transfer(github.owner)
    installation.add(homelab)
    friends.delete()
    installation.suspend()
    installation.unsuspend()
    installation.uninstall()


@pytest.fixture
async def told() -> GitHub:
    """A GitHub that has been talked to."""
    github = GitHub()
    renovate = Renovate(github)
    homelab = load_story(github, renovate)
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(202))) as client:
        await github.webhooks.deliver_all(client)
    await talk(github, homelab)
    live(github, renovate, homelab)
    assert github.unknown_routes == []
    return github


async def test_calls_and_answers_are_as_github_describes_them(told: GitHub, rest_contract: RestContract) -> None:
    assert [error for exchange in told.log.exchanges for error in rest_contract.errors(exchange)] == []
    found = [rest_contract.find(exchange) for exchange in told.log.exchanges]
    assert (
        len({(one[0], exchange.method) for one, exchange in zip(found, told.log.exchanges, strict=True) if one}) >= 52
    )


async def test_webhooks_are_as_github_describes_them(told: GitHub, hook_contract: HookContract) -> None:
    problems = [error for hook in told.log.webhooks for error in hook_contract.errors(hook["event"], hook["payload"])]
    assert problems == []
    kinds = {f"{hook['event']}.{hook['payload'].get('action', '')}" for hook in told.log.webhooks}
    assert len(kinds) >= 34, sorted(kinds)


async def test_the_checker_sees_what_is_wrong(
    told: GitHub, rest_contract: RestContract, hook_contract: HookContract
) -> None:
    """A checker that finds nothing in anything would pass all of the above."""
    pull = next(one for one in told.log.exchanges if one.path.endswith(f"/pulls/{NUMBER}") and one.status == 200)
    del pull.response_body["mergeable_state"]
    pull.response_body["head"]["sha"] = 5
    pull.query["unheard_of"] = ["1"]
    assert len(rest_contract.errors(pull)) == 3
    hook = next(one for one in told.log.webhooks if one["event"] == "pull_request")
    del hook["payload"]["pull_request"]["head"]
    assert hook_contract.errors("pull_request", hook["payload"])
    assert hook_contract.errors("pull_request", {"action": "danced"}) == [
        "pull_request/danced: not in GitHub's description"
    ]
