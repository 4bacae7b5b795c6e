"""Check runs, check suites and commit statuses as JSON."""

from app.demo.github.merge_queue import QueueEntry
from app.demo.github.model import CheckRun, CheckSuite, CommitStatus
from app.demo.github.objects import Commit
from app.demo.github.payloads.git import commit_json
from app.demo.github.payloads.people import Json, app_json, hook_email, node_id, timestamp, user_json
from app.demo.github.payloads.repositories import minimal_repository_json, repository_page, repository_url
from app.demo.github.repository import Repository


def _pull_requests_json(repository: Repository, sha: str) -> list[Json]:
    api = repository_url(repository)
    short = {"id": repository.id, "url": api, "name": repository.name}
    return [
        {
            "url": f"{api}/pulls/{pull.number}",
            "id": pull.id,
            "number": pull.number,
            "head": {"ref": pull.head_branch, "sha": pull.head_sha, "repo": short},
            "base": {"ref": pull.base_branch, "sha": pull.base_sha, "repo": short},
        }
        for pull in repository.open_pull_requests
        if pull.head_sha == sha
    ]


def check_run_json(repository: Repository, run: CheckRun) -> Json:
    url = f"{repository_url(repository)}/check-runs/{run.id}"
    page = f"{repository_page(repository)}/runs/{run.id}"
    return {
        "id": run.id,
        "name": run.name,
        "node_id": node_id("CheckRun", run.id),
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": url,
        "html_url": page,
        "details_url": run.details_url or page,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": timestamp(run.started_at),
        "completed_at": timestamp(run.completed_at),
        "output": {
            "title": run.output.title,
            "summary": run.output.summary,
            "text": run.output.text,
            "annotations_count": len(run.output.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": run.suite.id},
        "app": app_json(repository.github, run.app),
        "pull_requests": _pull_requests_json(repository, run.head_sha),
    }


def _suite_state(repository: Repository, suite: CheckSuite) -> tuple[str, str | None]:
    runs = [run for run in repository.latest_check_runs(suite.head_sha) if run.suite is suite]
    if not runs:
        return "queued", None
    if any(run.status != "completed" for run in runs):
        return "in_progress", None
    conclusions = [run.conclusion for run in runs]
    for worst in ("failure", "timed_out", "action_required", "cancelled", "stale"):
        if worst in conclusions:
            return "completed", worst
    return "completed", "success" if "success" in conclusions else conclusions[0]


def short_check_suite_json(repository: Repository, suite: CheckSuite) -> Json:
    """The suite inside a check run's webhook."""
    status, conclusion = _suite_state(repository, suite)
    return {
        "id": suite.id,
        "node_id": node_id("CheckSuite", suite.id),
        "head_branch": suite.head_branch,
        "head_sha": suite.head_sha,
        "status": status,
        "conclusion": conclusion,
        "url": f"{repository_url(repository)}/check-suites/{suite.id}",
        "before": suite.before,
        "after": suite.head_sha,
        "pull_requests": _pull_requests_json(repository, suite.head_sha),
        "app": app_json(repository.github, suite.app),
        "created_at": timestamp(suite.created_at),
        "updated_at": timestamp(suite.updated_at),
    }


def check_suite_json(repository: Repository, suite: CheckSuite) -> Json:
    return short_check_suite_json(repository, suite) | {
        "latest_check_runs_count": len(repository.runs_of(suite)),
        "check_runs_url": f"{repository_url(repository)}/check-suites/{suite.id}/check-runs",
        "rerequestable": True,
        "runs_rerequestable": True,
        "head_commit": simple_commit_json(repository.commits[suite.head_sha]),
    }


def simple_commit_json(commit: Commit) -> Json:
    return {
        "id": commit.sha,
        "tree_id": commit.tree.sha,
        "message": commit.message,
        "timestamp": timestamp(commit.committer.at),
        "author": {"name": commit.author.name, "email": hook_email(commit.author.email)},
        "committer": {"name": commit.committer.name, "email": hook_email(commit.committer.email)},
    }


def merge_group_json(entry: QueueEntry) -> Json:
    """The group that lands with `entry` as its last member."""
    return {
        "head_sha": entry.head.sha,
        "head_ref": f"refs/heads/{entry.branch}",
        "base_sha": entry.group_base,
        "base_ref": f"refs/heads/{entry.pull.base_branch}",
        "head_commit": simple_commit_json(entry.head),
    }


def check_run_hook_json(repository: Repository, run: CheckRun) -> Json:
    return check_run_json(repository, run) | {"check_suite": short_check_suite_json(repository, run.suite)}


def status_json(repository: Repository, status: CommitStatus) -> Json:
    return {
        "url": f"{repository_url(repository)}/statuses/{status.sha}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{status.creator.id}?v=4",
        "id": status.id,
        "node_id": node_id("StatusContext", status.id),
        "state": status.state,
        "description": status.description,
        "target_url": status.target_url,
        "context": status.context,
        "created_at": timestamp(status.created_at),
        "updated_at": timestamp(status.created_at),
        "creator": user_json(repository.github, status.creator),
    }


def combined_status_json(repository: Repository, sha: str) -> Json:
    """State is failure if any context failed, pending if any is pending or there is none, success otherwise."""
    statuses = repository.latest_statuses(sha)
    states = {status.state for status in statuses}
    state = "success" if states == {"success"} else "pending"
    if states & {"failure", "error"}:
        state = "failure"
    api = repository_url(repository)
    listed = [status_json(repository, status) for status in statuses]
    for status in listed:
        del status["creator"]
    return {
        "state": state,
        "statuses": listed,
        "sha": sha,
        "total_count": len(statuses),
        "repository": minimal_repository_json(repository),
        "commit_url": f"{api}/commits/{sha}",
        "url": f"{api}/commits/{sha}/status",
    }


def status_hook_json(repository: Repository, status: CommitStatus) -> Json:
    """The body of a status payload without repository, sender and installation."""
    api = repository_url(repository)
    commit = commit_json(repository, repository.commits[status.sha])
    for side in ("author", "committer"):
        commit["commit"][side]["email"] = hook_email(commit["commit"][side]["email"])
    return {
        "id": status.id,
        "sha": status.sha,
        "name": repository.full_name,
        "target_url": status.target_url,
        "avatar_url": f"https://avatars.githubusercontent.com/u/{status.creator.id}?v=4",
        "context": status.context,
        "description": status.description,
        "state": status.state,
        "commit": commit,
        "branches": [
            {"name": branch, "commit": {"sha": tip, "url": f"{api}/commits/{tip}"}, "protected": False}
            for branch, tip in repository.branches.items()
            if tip == status.sha
        ],
        "created_at": timestamp(status.created_at),
        "updated_at": timestamp(status.created_at),
    }
