"""GitHub's objects as GraphQL shows them. Names are those of https://docs.github.com/en/graphql/reference/objects.

A bot's login stands without the `[bot]` that REST puts behind it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from app.demo.github.graphql.engine import Arguments, Node
from app.demo.github.issue import Issue
from app.demo.github.merge_queue import QueueEntry
from app.demo.github.model import CheckRun, Label, Refused, User
from app.demo.github.objects import Commit
from app.demo.github.payloads.checks import check_run_json
from app.demo.github.payloads.people import node_id, timestamp
from app.demo.github.pull_request import PullRequest
from app.demo.github.repository import Repository

LARGEST_PAGE = 100


def repository_node(repository: Repository) -> Node:
    pulls = repository.pull_requests
    return Node(
        "Repository",
        {
            "id": node_id("Repository", repository.id),
            "databaseId": repository.id,
            "name": repository.name,
            "owner": Node("Organization" if repository.owner.kind == "Organization" else "User",
                          {"login": repository.owner.login}),
            "isArchived": repository.archived,
            "defaultBranchRef": lambda _: ref_node(repository, repository.default_branch),
            "ref": lambda given: ref_node(repository, given["qualifiedName"].removeprefix("refs/heads/")),
            "label": lambda given: label_node(repository.find_label(given["name"])),
            "mergeQueue": lambda given: merge_queue_node(repository, given.get("branch") or repository.default_branch),
            "issue": lambda given: (
                issue_node(repository.issues[given["number"]])
                if given["number"] in repository.issues and given["number"] not in pulls
                else _not_found("Issue")
            ),
            "pullRequest": lambda given: (
                pull_request_node(pulls[given["number"]]) if given["number"] in pulls else _not_found("PullRequest")
            ),
            "refs": lambda given: connection(
                given, _branches(repository, given["refPrefix"]), lambda name: ref_node(repository, name)
            ),
            "pullRequests": lambda given: connection(given, _listed(repository, given), pull_request_node),
        },
    )  # fmt: skip


def issue_node(issue: Issue) -> Node:
    """GitHub lists the edits of a text with the newest first, and the first text among them once it was edited."""
    edits = [*reversed(issue.edits), (issue.created_at, issue.user)] if issue.edits else []
    return Node("Issue", {"userContentEdits": lambda given: connection(given, edits, _edit_node)})


def _edit_node(edit: tuple[datetime, User]) -> Node:
    at, editor = edit
    return Node(
        "UserContentEdit",
        {"editedAt": timestamp(at), "editor": Node(editor.kind, {"login": editor.login.removesuffix("[bot]")})},
    )


def merge_queue_node(repository: Repository, branch: str) -> Node | None:
    """None for a branch without a queue."""
    queue = repository.merge_queues.get(branch)
    if queue is None:
        return None
    return Node("MergeQueue", {"entries": lambda given: connection(given, queue.entries, queue_entry_node)})


def queue_entry_node(entry: QueueEntry) -> Node:
    repository = entry.pull.repository
    return Node(
        "MergeQueueEntry",
        {
            "id": node_id("MergeQueueEntry", entry.id),
            "position": entry.position,
            "headCommit": commit_node(repository, entry.head),
            "baseCommit": commit_node(repository, repository.commits[entry.base]),
            "pullRequest": pull_request_node(entry.pull),
        },
    )


def _not_found(what: str) -> None:
    raise Refused(404, f"Could not resolve to a {what}.")


def _listed(repository: Repository, given: Arguments) -> list[PullRequest]:
    states = given.get("states") or ["OPEN", "CLOSED", "MERGED"]
    pulls = [pull for pull in repository.pull_requests.values() if _state(pull) in states]
    order = given.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    key = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at"}[order["field"]]
    pulls.sort(key=lambda pull: (getattr(pull, key), pull.number), reverse=order["direction"] == "DESC")
    return pulls


def _branches(repository: Repository, prefix: str) -> list[str]:
    return sorted(name for name in repository.branches if f"refs/heads/{name}".startswith(prefix))


def _state(pull: PullRequest) -> str:
    return "MERGED" if pull.merged else pull.state.upper()


def ref_node(repository: Repository, branch: str) -> Node | None:
    sha = repository.branches.get(branch)
    if sha is None:
        return None
    return Node(
        "Ref", {"name": branch, "prefix": "refs/heads/", "target": commit_node(repository, repository.commits[sha])}
    )


def commit_node(repository: Repository, commit: Commit) -> Node:
    return Node(
        "Commit",
        {
            "id": node_id("Commit", commit.sha),
            "oid": commit.sha,
            "message": commit.message,
            "author": Node("GitActor", {"name": commit.author.name, "email": commit.author.email}),
            "committer": Node("GitActor", {"name": commit.committer.name, "email": commit.committer.email}),
            "checkSuites": lambda given: connection(
                given,
                _suites(repository, commit.sha, given),
                lambda runs: _suite_node(repository, runs),
            ),
        },
    )


def _suites(repository: Repository, sha: str, given: Arguments) -> list[list[CheckRun]]:
    app_id = (given.get("filterBy") or {}).get("appId")
    suites: dict[int, list[CheckRun]] = {}
    for run in repository.check_runs_on(sha):
        if app_id is None or run.app.id == app_id:
            suites.setdefault(run.suite.id, []).append(run)
    return list(suites.values())


def _suite_node(repository: Repository, runs: list[CheckRun]) -> Node:
    suite = runs[0].suite
    return Node(
        "CheckSuite",
        {
            "id": node_id("CheckSuite", suite.id),
            "checkRuns": lambda given: connection(
                given,
                [run for run in runs if _run_wanted(run, given.get("filterBy") or {})],
                lambda run: check_run_node(repository, run),
            ),
        },
    )


def _run_wanted(run: CheckRun, wanted: Arguments) -> bool:
    return wanted.get("checkName") in (None, run.name) and wanted.get("appId") in (None, run.app.id)


def check_run_node(repository: Repository, run: CheckRun) -> Node:
    return Node(
        "CheckRun",
        {
            "id": node_id("CheckRun", run.id),
            "url": check_run_json(repository, run)["html_url"],
            "name": run.name,
            "status": run.status.upper(),
            "conclusion": run.conclusion.upper() if run.conclusion else None,
            "title": run.output.title,
        },
    )


def label_node(label: Label | None) -> Node | None:
    if label is None:
        return None
    return Node("Label", {"id": node_id("Label", label.id), "name": label.name})


def actor_node(user: User) -> Node:
    kind = {"Bot": "Bot", "Organization": "Organization"}.get(user.kind, "User")
    return Node(kind, {"login": user.login.removesuffix("[bot]") if kind == "Bot" else user.login})


def pull_request_node(pull: PullRequest) -> Node:
    repository = pull.repository
    labels = [label for name in pull.label_names if (label := repository.find_label(name)) is not None]
    return Node(
        "PullRequest",
        {
            "id": node_id("PullRequest", pull.id),
            "fullDatabaseId": str(pull.id),
            "number": pull.number,
            "title": pull.title,
            "body": pull.body,
            "state": _state(pull),
            "isDraft": pull.draft,
            "isCrossRepository": False,
            "headRefName": pull.head_branch,
            "headRefOid": pull.head_sha,
            "baseRefName": pull.base_branch,
            "baseRefOid": pull.base_sha,
            "author": actor_node(pull.user),
            "createdAt": timestamp(pull.created_at),
            "updatedAt": timestamp(pull.updated_at),
            "mergedAt": timestamp(pull.merged_at) if pull.merged_at else None,
            "mergeCommit": lambda _: (
                commit_node(repository, repository.commits[pull.merge_commit_sha]) if pull.merge_commit_sha else None
            ),
            "labels": lambda given: connection(given, labels, label_node),
            "commits": lambda given: connection(
                given,
                pull.commits(),
                lambda commit: Node(
                    "PullRequestCommit",
                    {
                        "id": node_id("PullRequestCommit", f"{pull.id}:{commit.sha}"),
                        "commit": commit_node(repository, commit),
                    },
                ),
            ),
        },
    )


def connection(given: Arguments, items: Sequence[Any], show: Callable[[Any], Node | None]) -> Node:
    """A page of a list: `first` and `after`, or `last`. The cursor is the place in the list."""
    size = given.get("first") or given.get("last")
    if not isinstance(size, int) or not 1 <= size <= LARGEST_PAGE:
        raise Refused(422, "You must provide a `first` or `last` value of 1 to 100 to properly paginate.")
    start = int(given["after"]) if given.get("after") else 0
    if given.get("last"):
        start = max(len(items) - size, 0)
    page = items[start : start + size]
    end = start + len(page)
    info = {
        "hasNextPage": end < len(items),
        "hasPreviousPage": start > 0,
        "startCursor": str(start) if page else None,
        "endCursor": str(end) if page else None,
    }
    nodes = [show(item) for item in page]
    return Node("Connection", {"totalCount": len(items), "nodes": nodes, "pageInfo": Node("PageInfo", info)})
