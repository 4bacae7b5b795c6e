"""Pull requests: list, read, edit, merge."""

from typing import Any

from app.demo.github.calls import Answer, Call, Routes, needs
from app.demo.github.model import Refused
from app.demo.github.payloads.conversations import pull_request_json, pull_request_simple_json
from app.demo.github.payloads.git import commit_json, file_json
from app.demo.github.pull_request import PullRequest

routes = Routes()

READ, WRITE = needs("pull_requests:read"), needs("pull_requests:write")


@routes.get("/repos/{owner}/{repo}/pulls", READ)
def list_pulls(call: Call) -> Answer:
    """Youngest first, as GitHub's default; `state` is open unless asked."""
    call.takes("state", "base", "head", "sort", "direction")
    state = call.first("state", "open")
    pulls = [pull for pull in call.repository.pull_requests.values() if state in ("all", pull.state)]
    if base := call.first("base"):
        pulls = [pull for pull in pulls if pull.base_branch == base]
    if head := call.first("head"):
        pulls = [pull for pull in pulls if f"{call.repository.owner.login}:{pull.head_branch}" == head]
    key = "updated_at" if call.first("sort") == "updated" else "created_at"
    ascending = call.first("direction", "desc") == "asc"
    pulls.sort(key=lambda pull: (getattr(pull, key), pull.number), reverse=not ascending)
    return call.page(pulls, lambda pull: _shown(call, pull, full=False))


@routes.post("/repos/{owner}/{repo}/pulls", WRITE)
def create_pull(call: Call) -> Answer:
    """From a branch of the repository itself; GitHub wants to be allowed to read contents as well."""
    call.takes("head", "base", "title", "body", "draft")
    head, base = call.required("head"), call.required("base")
    if head not in call.repository.branches or base not in call.repository.branches:
        raise Refused(422, "Validation Failed")
    pull = call.repository.open_pull_request(
        title=call.required("title"), branch=head, base=base, body=call.text("body") or "", by=call.actor
    )
    return Answer(201, pull_request_json(pull))


@routes.get("/repos/{owner}/{repo}/pulls/{number:int}", READ)
def get_pull(call: Call) -> Answer:
    return Answer(body=_shown(call, call.pull_request, full=True))


@routes.patch("/repos/{owner}/{repo}/pulls/{number:int}", WRITE)
def edit_pull(call: Call) -> Answer:
    call.takes("title", "body", "state")
    pull = call.pull_request
    pull.edit(title=call.text("title"), body=call.text("body"), by=call.actor)
    match call.text("state"):
        case "closed":
            pull.close(by=call.actor)
        case "open":
            pull.reopen(by=call.actor)
    return Answer(body=pull_request_json(pull))


@routes.get("/repos/{owner}/{repo}/pulls/{number:int}/files", READ)
def list_files(call: Call) -> Answer:
    pull = call.pull_request
    return call.page(pull.files(), lambda diff: file_json(pull.repository, diff, pull.head_sha))


@routes.get("/repos/{owner}/{repo}/pulls/{number:int}/commits", READ)
def list_commits(call: Call) -> Answer:
    pull = call.pull_request
    return call.page(pull.commits(), lambda commit: commit_json(pull.repository, commit))


@routes.put("/repos/{owner}/{repo}/pulls/{number:int}/merge", needs("contents:write"))
def merge_pull(call: Call) -> Answer:
    call.takes("merge_method", "sha", "commit_title")
    if call.text("merge_method") not in (None, "squash"):
        raise Refused(405, "Only squash merges are allowed on this repository.")
    commit = call.pull_request.merge(by=call.actor, expected_head=call.text("sha"), title=call.text("commit_title"))
    return Answer(body={"sha": commit.sha, "merged": True, "message": "Pull Request successfully merged"})


def _shown(call: Call, pull: PullRequest, *, full: bool) -> Any:
    """The pull request as JSON: as it is, or as it was while reads lag behind."""
    faults = call.github.faults
    if not faults.reads_lag:
        known = not full or faults.take_mergeable_known()
        return pull_request_json(pull, mergeable_known=known) if full else pull_request_simple_json(pull)
    version = (pull.head_sha, pull.state, pull.title, pull.body, tuple(pull.label_names))
    shown = faults.read(pull.repository.id, pull.number, version, lambda: pull_request_json(pull))
    return shown if full else {name: shown[name] for name in pull_request_simple_json(pull)}
