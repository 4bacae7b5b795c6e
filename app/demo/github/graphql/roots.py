"""The root fields. Each mutation does what the REST route of the same purpose does, permission and webhook included."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from app.demo.github.calls import Call, Need, needs
from app.demo.github.graphql.engine import Arguments, Node, Root
from app.demo.github.graphql.objects import check_run_node, pull_request_node, repository_node
from app.demo.github.issue import Issue
from app.demo.github.model import NotServed, Refused
from app.demo.github.objects import Signature
from app.demo.github.payloads.people import node_id
from app.demo.github.pull_request import PullRequest
from app.demo.github.repository import Repository
from app.demo.github.routes import checks, pulls

CHECKS, PULLS, CONTENTS = needs("checks:write"), needs("pull_requests:write"), needs("contents:write")
LABELS = needs("issues:write", "pull_requests:write")
_OUTPUT = {"title", "summary", "text"}


def root_of(call: Call) -> Root:
    """What a caller with this token can ask."""
    return Root(
        queries={"repository": lambda given: _repository(call, given), "rateLimit": lambda _: _rate_limit(call)},
        mutations={
            name: _mutation(call, name, need, function)
            for name, need, function in (
                ("createCheckRun", CHECKS, _create_check_run),
                ("updateCheckRun", CHECKS, _update_check_run),
                ("addLabelsToLabelable", LABELS, _add_labels),
                ("removeLabelsFromLabelable", LABELS, _remove_labels),
                ("updatePullRequest", PULLS, _update_pull_request),
                ("updatePullRequestBranch", CONTENTS, _update_branch),
                ("createCommitOnBranch", CONTENTS, _create_commit),
            )
        },
    )


def _repository(call: Call, given: Arguments) -> Node:
    found = call.github.find_repository(given["owner"], given["name"])
    if found is None or (call.token is not None and not call.token.sees(found)):
        raise Refused(404, f"Could not resolve to a Repository with the name '{given['owner']}/{given['name']}'.")
    return repository_node(found)


def _rate_limit(call: Call) -> Node:
    status = call.github.limits.status(call.installation_token)
    return Node("RateLimit", {"limit": status["limit"], "remaining": status["remaining"], "cost": 1})


Mutation = Callable[[Call, Arguments], Mapping[str, Any]]


def _mutation(call: Call, name: str, need: Need, function: Mutation) -> Callable[[Arguments], Node]:
    def run(given: Arguments) -> Node:
        if call.github.faults.take_field_failure(name):
            raise Refused(422, "Something went wrong while executing your query.")
        if not any(call.installation_token.may(name, level) for name, level in need.any_of):
            raise Refused(403, "Resource not accessible by integration")
        fields = function(call, given["input"])
        return Node("Payload", {"clientMutationId": given["input"].get("clientMutationId"), **fields})

    return run


def _create_check_run(call: Call, given: Arguments) -> Mapping[str, Any]:
    repository = _find(call, lambda found: node_id("Repository", found.id) == given["repositoryId"])
    body = {"name": given["name"], "head_sha": given["headSha"], **_check_fields(given)}
    answer = checks.create_check_run(_as_rest(call, repository, "POST", body))
    return {"checkRun": check_run_node(repository, repository.check_runs[answer.body["id"]])}


def _update_check_run(call: Call, given: Arguments) -> Mapping[str, Any]:
    repository = _find(call, lambda found: node_id("Repository", found.id) == given["repositoryId"])
    run = next((run for run in repository.check_runs.values() if node_id("CheckRun", run.id) == given["checkRunId"]),
               None)  # fmt: skip
    if run is None:
        raise Refused(404, f"Could not resolve to a node with the global id of '{given['checkRunId']}'")
    checks.update_check_run(_as_rest(call, repository, "PATCH", _check_fields(given), run_id=run.id))
    return {"checkRun": check_run_node(repository, run)}


def _check_fields(given: Arguments) -> dict[str, Any]:
    fields = {
        "status": given["status"].lower() if given.get("status") else None,
        "conclusion": given["conclusion"].lower() if given.get("conclusion") else None,
        "details_url": given.get("detailsUrl"),
        "external_id": given.get("externalId"),
        "output": {name: value for name, value in (given.get("output") or {}).items() if name in _OUTPUT} or None,
        "actions": given.get("actions"),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _add_labels(call: Call, given: Arguments) -> Mapping[str, Any]:
    issue = _labelable(call, given["labelableId"])
    names = _label_names(issue.repository, given["labelIds"])
    issue.label(*names, by=call.actor)
    return {"labelable": _labelable_node(issue)}


def _remove_labels(call: Call, given: Arguments) -> Mapping[str, Any]:
    issue = _labelable(call, given["labelableId"])
    for name in _label_names(issue.repository, given["labelIds"]):
        if name in issue.label_names:
            issue.unlabel(name, by=call.actor)
    return {"labelable": _labelable_node(issue)}


def _labelable_node(issue: Issue) -> Node:
    return pull_request_node(issue) if isinstance(issue, PullRequest) else Node("Issue", {"number": issue.number})


def _label_names(repository: Repository, ids: list[str]) -> list[str]:
    known = {node_id("Label", label.id): label.name for label in repository.labels.values()}
    missing = [found for found in ids if found not in known]
    if missing:
        raise Refused(404, f"Could not resolve to a node with the global id of '{missing[0]}'")
    return [known[found] for found in ids]


def _update_pull_request(call: Call, given: Arguments) -> Mapping[str, Any]:
    issue = _labelable(call, given["pullRequestId"])
    if not isinstance(issue, PullRequest):
        raise Refused(404, "Could not resolve to a PullRequest.")
    body = {name: given[name] for name in ("title", "body") if given.get(name) is not None}
    pulls.edit_pull(_as_rest(call, issue.repository, "PATCH", body, number=issue.number))
    return {"pullRequest": pull_request_node(issue)}


def _update_branch(call: Call, given: Arguments) -> Mapping[str, Any]:
    """The method REBASE: the same change on the tip of the base, by its author, and committed by who asks for it."""
    pull = _labelable(call, given["pullRequestId"])
    if not isinstance(pull, PullRequest):
        raise Refused(404, "Could not resolve to a PullRequest.")
    if given.get("expectedHeadOid") not in (None, pull.head_sha):
        raise Refused(422, "expected head sha didn't match current head ref.")
    if given.get("updateMethod") != "REBASE":
        raise NotServed("updatePullRequestBranch by a merge")
    changes = {file.path: pull.head.tree.get(file.path) for file in pull.files()}
    committer = Signature(
        call.actor.login, f"{call.actor.id}+{call.actor.login}@users.noreply.github.com", call.github.now()
    )
    tip = pull.repository.branches[pull.base_branch]
    commit = pull.repository.commit_on(tip, changes, message=pull.title, author=pull.head.author, committer=committer)
    pull.repository.move_branch(pull.head_branch, commit, by=call.actor)
    return {"pullRequest": pull_request_node(pull)}


def _create_commit(call: Call, given: Arguments) -> Mapping[str, Any]:
    """One commit, signed by GitHub, if the branch is where the caller thinks."""
    branch = given["branch"]["branchName"].removeprefix("refs/heads/")
    repository = _find(call, lambda found: found.full_name == given["branch"]["repositoryNameWithOwner"])
    if branch not in repository.branches:
        raise Refused(404, f"Could not resolve to a Ref with the name '{branch}'.")
    if repository.branches[branch] != given["expectedHeadOid"]:
        raise Refused(
            422,
            f'Expected branch to point to "{given["expectedHeadOid"]}" but it did not. Pull and try again.',
        )
    changes: dict[str, str | None] = {}
    for one in given["fileChanges"].get("additions") or ():
        changes[one["path"]] = base64.b64decode(one["contents"], validate=True).decode()
    for one in given["fileChanges"].get("deletions") or ():
        if one["path"] not in repository.tree(branch):
            raise Refused(422, f"A path was requested for deletion which does not exist: {one['path']}")
        changes[one["path"]] = None
    words = given["message"]
    message = f"{words['headline']}\n\n{words['body']}" if words.get("body") else words["headline"]
    commit = repository.push_to_branch(branch, changes, message=message, by=call.actor)
    return {"commit": Node("Commit", {"oid": commit.sha, "url": f"{call.github.html_url}/{commit.sha}"})}


def _labelable(call: Call, wanted: str) -> Issue:
    for repository in _repositories(call):
        for issue in (*repository.pull_requests.values(), *repository.issues.values()):
            kind = "PullRequest" if isinstance(issue, PullRequest) else "Issue"
            if node_id(kind, issue.id) == wanted:
                return issue
    raise Refused(404, f"Could not resolve to a node with the global id of '{wanted}'")


def _repositories(call: Call) -> list[Repository]:
    return [found for found in call.github.repositories.values() if call.installation_token.sees(found)]


def _find(call: Call, wanted: Callable[[Repository], bool]) -> Repository:
    found = next(filter(wanted, _repositories(call)), None)
    if found is None:
        raise Refused(404, "Could not resolve to a node with the global id.")
    return found


def _as_rest(call: Call, repository: Repository, method: str, body: dict[str, Any], **params: int) -> Call:
    names = {"owner": repository.owner.login, "repo": repository.name}
    return replace(call, method=method, params=names | {key: str(value) for key, value in params.items()}, body=body)
