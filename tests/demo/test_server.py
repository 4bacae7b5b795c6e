"""The stand-in GitHub over HTTP: who may call what, and how answers look."""

import base64
import gzip
import io
import tarfile
import time

import httpx
import pytest

from app.demo.github import GitHub
from app.demo.github.model import RequiredChecks
from app.demo.github.pull_request import PullRequest
from app.demo.github.repository import Repository
from tests.demo.api import Api, app_jwt

FILES = {"apps/a.yaml": "a: 1\n", "apps/deep/b.yaml": "b: 1\n", "run.sh": "#!/bin/sh\n"}


@pytest.fixture
def github() -> GitHub:
    return GitHub()


@pytest.fixture
def repository(github: GitHub) -> Repository:
    return github.create_repository("homelab", FILES)


@pytest.fixture
def pull(repository: Repository) -> PullRequest:
    return repository.open_pull_request(title="t", branch="renovate/a-2.x", changes={"apps/a.yaml": "a: 2\n"})


@pytest.fixture
def api(github: GitHub, repository: Repository) -> Api:
    return Api(github)


# --- who is calling ---


@pytest.mark.parametrize(
    ("claims", "status", "words"),
    [
        ({}, 200, ""),
        ({"iss": "1"}, 404, "Integration not found"),
        ({"exp": int(time.time()) - 1}, 401, "('exp') must be a numeric value"),
        ({"exp": int(time.time()) + 3600}, 401, "('exp') is too far in the future"),
        ({"iat": int(time.time()) + 600}, 401, "'Issued at' claim ('iat')"),
    ],
)
async def test_the_app_is_known_by_its_jwt(
    github: GitHub, api: Api, claims: dict[str, object], status: int, words: str
) -> None:
    headers = {"authorization": f"Bearer {app_jwt(github, **claims)}"}
    response = await api.client.get("/app", headers=headers)
    assert response.status_code == status
    assert words in response.text


async def test_a_jwt_signed_by_another_key_is_refused(github: GitHub, api: Api) -> None:
    header, claims, signature = app_jwt(github).split(".")
    wrong = base64.urlsafe_b64encode(base64.urlsafe_b64decode(signature + "==")[::-1]).decode().rstrip("=")
    response = await api.client.get("/app", headers={"authorization": f"Bearer {header}.{claims}.{wrong}"})
    assert (response.status_code, response.json()["message"]) == (401, "A JSON web token could not be decoded")


async def test_nobody_gets_in_without_a_token(api: Api) -> None:
    assert (await api.client.get(api.repo)).status_code == 401
    wrong = await api.client.get(api.repo, headers={"authorization": "Bearer ghs_wrong"})
    assert (wrong.status_code, wrong.json()["message"]) == (401, "Bad credentials")


async def test_a_token_is_minted_for_less_than_everything(github: GitHub, api: Api, repository: Repository) -> None:
    other = github.create_repository("other")
    installation = github.installations_of(repository)[0]
    path = f"/app/installations/{installation.id}/access_tokens"
    body = {"repository_ids": [repository.id], "permissions": {"checks": "read"}}
    minted = await api.call("POST", path, body, as_app=True)
    assert minted.status_code == 201
    assert minted.json()["permissions"] == {"checks": "read", "metadata": "read"}
    assert [one["name"] for one in minted.json()["repositories"]] == ["homelab"]

    api.token = minted.json()["token"]
    assert [one["name"] for one in (await api.json("/installation/repositories"))["repositories"]] == ["homelab"]
    refused = await api.get(f"{api.repo}/pulls")
    assert (refused.status_code, refused.json()["message"]) == (403, "Resource not accessible by integration")
    assert refused.headers["x-accepted-github-permissions"] == "pull_requests=read"
    labels = await api.call("POST", f"/repos/{other.full_name}/issues/1/labels", {"labels": ["x"]})
    assert labels.status_code == 404


@pytest.mark.parametrize(
    "body", [{"permissions": {"administration": "write"}}, {"repositories": ["unknown"]}, {"repository_ids": [1]}]
)
async def test_a_token_for_more_than_the_installation_has_is_refused(
    github: GitHub, api: Api, body: dict[str, object]
) -> None:
    installation = next(iter(github.installations))
    response = await api.call("POST", f"/app/installations/{installation}/access_tokens", body, as_app=True)
    assert response.status_code == 422


async def test_a_private_repository_is_invisible_without_installation(github: GitHub, api: Api) -> None:
    github.create_repository("secret", private=True, installed=False)
    github.create_repository("open", installed=False)
    assert (await api.get("/repos/wcygan/secret")).status_code == 404
    assert (await api.get("/repos/wcygan/open")).status_code == 200


async def test_tokens_end_with_their_installation(github: GitHub, api: Api, repository: Repository) -> None:
    installation = github.installations_of(repository)[0]
    installation.suspend()
    assert (await api.get(api.repo)).status_code == 403
    minting = await api.call("POST", f"/app/installations/{installation.id}/access_tokens", as_app=True)
    assert (minting.status_code, minting.json()["message"]) == (403, "This installation has been suspended")
    installation.unsuspend()
    assert (await api.get(api.repo)).status_code == 200
    installation.uninstall()
    assert (await api.get(api.repo)).status_code == 401
    gone = await api.call("POST", f"/app/installations/{installation.id}/access_tokens", as_app=True)
    assert gone.status_code == 404


async def test_an_archived_repository_is_read_only(api: Api, repository: Repository, pull: PullRequest) -> None:
    repository.archive()
    assert (await api.get(f"{api.repo}/pulls/1")).status_code == 200
    response = await api.call("POST", f"{api.repo}/issues/1/labels", {"labels": ["x"]})
    assert response.json()["message"] == "Repository was archived so is read-only."


# --- reading ---


async def test_lists_come_in_pages_with_links(api: Api, repository: Repository) -> None:
    for number in range(1, 6):
        repository.open_pull_request(title=f"{number}", branch=f"b{number}", changes={f"f{number}": "x\n"})
    first = await api.get(f"{api.repo}/pulls?state=open&per_page=2")
    assert [pull["number"] for pull in first.json()] == [5, 4]
    assert set(first.links) == {"next", "last"}
    last = await api.get(first.links["last"]["url"])
    assert [pull["number"] for pull in last.json()] == [1]
    assert set(last.links) == {"prev", "first"}
    assert "link" not in (await api.get(f"{api.repo}/pulls")).headers


async def test_an_unchanged_answer_is_304_and_costs_nothing(
    github: GitHub, api: Api, pull: PullRequest, repository: Repository
) -> None:
    first = await api.get(f"{api.repo}/pulls/1")
    again = await api.get(f"{api.repo}/pulls/1", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"]
    pull.edit(title="other")
    changed = await api.get(f"{api.repo}/pulls/1", headers={"if-none-match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["title"]) == (200, "other")


async def test_a_branch_with_a_slash_is_found_plain_and_escaped(api: Api, pull: PullRequest) -> None:
    for name in ("renovate/a-2.x", "renovate%2Fa-2.x"):
        assert (await api.json(f"{api.repo}/branches/{name}"))["commit"]["sha"] == pull.head_sha
        assert (await api.json(f"{api.repo}/git/ref/heads/{name}"))["object"]["sha"] == pull.head_sha
        assert (await api.json(f"{api.repo}/commits/{name}"))["sha"] == pull.head_sha
        assert (await api.json(f"{api.repo}/compare/main...{name}"))["ahead_by"] == 1
    assert (await api.get(f"{api.repo}/branches/nowhere")).status_code == 404


async def test_trees_blobs_and_contents_agree(api: Api, github: GitHub, repository: Repository) -> None:
    tree = await api.json(f"{api.repo}/git/trees/main?recursive=1")
    assert tree["sha"] == repository.tree().sha
    files = {entry["path"]: entry["sha"] for entry in tree["tree"] if entry["type"] == "blob"}
    assert set(files) == set(FILES)
    for path, sha in files.items():
        blob = await api.json(f"{api.repo}/git/blobs/{sha}")
        content = await api.json(f"{api.repo}/contents/{path}?ref=main")
        assert base64.b64decode(blob["content"]).decode() == FILES[path]
        assert base64.b64decode(content["content"]).decode() == FILES[path]
        assert content["sha"] == sha
    folder = await api.json(f"{api.repo}/contents/apps")
    assert [(entry["name"], entry["type"]) for entry in folder] == [("a.yaml", "file"), ("deep", "dir")]
    below = await api.json(f"{api.repo}/git/trees/{folder[1]['sha']}")
    assert [entry["path"] for entry in below["tree"]] == ["b.yaml"]
    github.tree_limit = 2
    cut = await api.json(f"{api.repo}/git/trees/main?recursive=1")
    assert (cut["truncated"], len(cut["tree"])) == (True, 2)


async def test_the_archive_holds_all_files_below_one_folder(api: Api, repository: Repository) -> None:
    redirect = await api.get(f"{api.repo}/tarball/main")
    assert (redirect.status_code, redirect.content) == (302, b"")
    archive = await api.client.get(redirect.headers["location"])
    assert gzip.decompress(archive.content)
    folder = f"wcygan-homelab-{repository.head_sha[:7]}"
    with tarfile.open(fileobj=io.BytesIO(archive.content)) as tar:
        assert tar.pax_headers["comment"] == repository.head_sha
        members = {member.name: member for member in tar if member.isfile()}
        assert set(members) == {f"{folder}/{path}" for path in FILES}
        assert members[f"{folder}/run.sh"].mode == 0o775
        extracted = tar.extractfile(members[f"{folder}/apps/a.yaml"])
        assert extracted is not None
        assert extracted.read() == b"a: 1\n"


async def test_a_comparison_tells_ahead_and_behind(api: Api, repository: Repository, pull: PullRequest) -> None:
    repository.push({"z": "1\n"}, message="z")
    comparison = await api.json(f"{api.repo}/compare/main...renovate/a-2.x")
    assert (comparison["status"], comparison["ahead_by"], comparison["behind_by"]) == ("diverged", 1, 1)
    assert [file["filename"] for file in comparison["files"]] == ["apps/a.yaml"]
    assert (await api.json(f"{api.repo}/compare/main...main"))["status"] == "identical"


async def test_files_have_patch_and_blob_id(api: Api, pull: PullRequest) -> None:
    [file] = await api.json(f"{api.repo}/pulls/1/files")
    assert (file["patch"], file["sha"]) == ("@@ -1 +1 @@\n-a: 1\n+a: 2", "9dfc208dffa85f841e9202337485b96367a625ee")


async def test_the_role_of_a_person(api: Api, github: GitHub) -> None:
    roles = {}
    for login in (github.owner.login, github.writer.login, github.reader.login, github.outsider.login):
        roles[login] = (await api.json(f"{api.repo}/collaborators/{login}/permission"))["permission"]
    assert list(roles.values()) == ["admin", "write", "read", "read"]
    assert (await api.get(f"{api.repo}/collaborators/nobody/permission")).status_code == 404


async def test_the_rules_of_a_branch(api: Api, github: GitHub, repository: Repository) -> None:
    assert await api.json(f"{api.repo}/rules/branches/main") == []
    repository.rules["main"] = RequiredChecks((("fluxmig", github.app.id), ("lint", None)), strict=True)
    [rule] = await api.json(f"{api.repo}/rules/branches/main")
    assert rule["parameters"]["required_status_checks"] == [
        {"context": "fluxmig", "integration_id": github.app.id},
        {"context": "lint"},
    ]


# --- writing ---


async def test_the_bots_writes_come_back_as_webhooks(
    api: Api, github: GitHub, repository: Repository, pull: PullRequest
) -> None:
    github.webhooks.pending.clear()
    await api.call("POST", f"{api.repo}/issues/1/labels", {"labels": ["fluxmig/blocked"]})
    await api.call("PATCH", f"{api.repo}/pulls/1", {"body": "ticked"})
    await api.call("POST", f"{api.repo}/issues/1/comments", {"body": "hello"})
    created = await api.call("POST", f"{api.repo}/check-runs", check_run(pull, conclusion="action_required"))
    await api.call("PATCH", f"{api.repo}/check-runs/{created.json()['id']}", {"conclusion": "success"})
    await api.call("DELETE", f"{api.repo}/issues/1/labels/fluxmig%2Fblocked")
    assert [delivery.name for delivery in github.webhooks.pending] == [
        "pull_request.labeled",
        "pull_request.edited",
        "issue_comment.created",
        "check_run.created",
        "check_run.completed",
        "check_suite.completed",
        "pull_request.unlabeled",
    ]
    senders = {(one.payload["sender"]["login"], one.payload["sender"]["type"]) for one in github.webhooks.pending}
    assert senders == {("fluxmig[bot]", "Bot")}
    assert github.log.writes == 6
    assert (pull.body, pull.labels, pull.last_comment) == ("ticked", set(), "hello")


def check_run(pull: PullRequest, **changes: object) -> dict[str, object]:
    output = {"title": "Blocked by #30", "summary": "why"}
    return {"name": "fluxmig", "head_sha": pull.head_sha, "output": output} | changes


async def test_the_youngest_run_of_a_name_counts(api: Api, github: GitHub, pull: PullRequest) -> None:
    for conclusion in ("action_required", "success"):
        await api.call("POST", f"{api.repo}/check-runs", check_run(pull, conclusion=conclusion))
    path = f"{api.repo}/commits/{pull.head_sha}/check-runs?check_name=fluxmig&app_id={github.app.id}"
    latest = await api.json(path)
    assert [run["conclusion"] for run in latest["check_runs"]] == ["success"]
    assert (await api.json(f"{path}&filter=all"))["total_count"] == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"head_sha": "0" * 40},
        {"name": None},
        {"conclusion": "blocked"},
        {"status": "completed"},
        {"output": {"title": "no summary"}},
        {"output": {"title": "t", "summary": "x" * 65_536}},
        {"actions": [{"label": "l", "description": "d", "identifier": "i"}] * 4},
        {"actions": [{"label": "l" * 21, "description": "d", "identifier": "i"}]},
    ],
)
async def test_a_malformed_check_run_is_refused(api: Api, pull: PullRequest, changes: dict[str, object]) -> None:
    response = await api.call("POST", f"{api.repo}/check-runs", check_run(pull, **changes))
    assert response.status_code == 422
    assert pull.repository.check_runs == {}


async def test_one_may_not_touch_what_another_wrote(
    api: Api, github: GitHub, repository: Repository, pull: PullRequest
) -> None:
    comment = pull.comment("mine", by=github.writer)
    response = await api.call("PATCH", f"{api.repo}/issues/comments/{comment.id}", {"body": "yours"})
    assert (response.status_code, comment.body) == (403, "mine")


async def test_merging_needs_the_permission_to_write_contents(
    api: Api, github: GitHub, repository: Repository, pull: PullRequest
) -> None:
    assert (await api.call("PUT", f"{api.repo}/pulls/1/merge", {})).status_code == 403
    github.install_on(repository, permissions={"metadata": "read", "contents": "write", "pull_requests": "write"})
    api.token = github.tokens.issue(github.installations_of(repository)[0]).token
    wrong = await api.call("PUT", f"{api.repo}/pulls/1/merge", {"sha": "0" * 40})
    assert wrong.status_code == 409
    merged = await api.call("PUT", f"{api.repo}/pulls/1/merge", {"sha": pull.head_sha})
    assert merged.json()["sha"] == repository.head_sha
    again = await api.call("PUT", f"{api.repo}/pulls/1/merge", {})
    assert (again.status_code, again.json()["message"]) == (405, "Pull Request is not mergeable")


async def test_broken_json_is_a_bad_request(api: Api, pull: PullRequest) -> None:
    headers = {"authorization": f"Bearer {api.token}"}
    response = await api.client.patch(f"{api.repo}/pulls/1", content=b"{", headers=headers)
    assert (response.status_code, response.json()["message"]) == (400, "Problems parsing JSON")


# --- what it does not know ---


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/repos/wcygan/homelab/stargazers"),
        ("DELETE", "/repos/wcygan/homelab"),
        ("POST", "/markdown"),
        ("POST", "/repos/wcygan/homelab/branches/main/rename"),
        ("GET", "/repos/wcygan/homelab/commits/main/check-suites"),
    ],
)
async def test_an_unknown_route_is_loud_and_remembered(github: GitHub, api: Api, method: str, path: str) -> None:
    response: httpx.Response = await api.call(method, path)
    assert response.status_code == 501
    assert response.json()["message"] == f"The stand-in GitHub has no route {method} {path}"
    assert github.unknown_routes == [f"{method} {path}"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/repos/wcygan/homelab/pulls/1", {"base": "other"}),
        ("GET", "/repos/wcygan/homelab/issues?labels=x", None),
    ],
)
async def test_what_a_route_does_not_mind_is_loud_too(
    github: GitHub, api: Api, pull: PullRequest, method: str, path: str, body: dict[str, str] | None
) -> None:
    assert (await api.call(method, path, body)).status_code == 501
    assert len(github.unknown_routes) == 1
