"""Issues and what hangs below them: comments, reactions, labels."""

from datetime import datetime

from app.demo.github.calls import Answer, Call, Routes, needs
from app.demo.github.issue import Issue
from app.demo.github.model import IssueComment, Refused
from app.demo.github.payloads.conversations import (
    comment_json,
    issue_json,
    label_json,
    labels_json,
    reaction_json,
)

routes = Routes()

READ = needs("issues:read", "pull_requests:read")
WRITE = needs("issues:write", "pull_requests:write")
ISSUES_ONLY = needs("issues:write")
"""Reactions are not among what `pull_requests` covers."""


@routes.get("/repos/{owner}/{repo}/issues", READ)
def list_issues(call: Call) -> Answer:
    call.takes("state", "creator", "sort", "direction")
    state = call.first("state", "open")
    issues = [issue for issue in call.repository.issues.values() if state in ("all", issue.state)]
    if creator := call.first("creator"):
        issues = [issue for issue in issues if issue.user.login == creator]
    key = "updated_at" if call.first("sort") == "updated" else "created_at"
    descending = call.first("direction", "desc") == "desc"
    issues.sort(key=lambda issue: (getattr(issue, key), issue.number), reverse=descending)
    return call.page(issues, issue_json)


@routes.post("/repos/{owner}/{repo}/issues", ISSUES_ONLY)
def create_issue(call: Call) -> Answer:
    call.takes("title", "body")
    if not call.repository.has_issues:
        raise Refused(410, "Issues has been disabled in this repository.")
    issue = call.repository.open_issue(title=call.required("title"), body=call.text("body") or "", by=call.actor)
    return Answer(201, issue_json(issue))


@routes.get("/repos/{owner}/{repo}/issues/comments", READ)
def list_repository_comments(call: Call) -> Answer:
    """Of all issues, the oldest first; `since` takes in what was changed at that very second."""
    call.takes("sort", "direction", "since")
    repository = call.repository
    comments = [comment for issue in repository.issues.values() for comment in issue.comments.values()]
    if since := call.first("since"):
        comments = [comment for comment in comments if comment.updated_at >= datetime.fromisoformat(since)]
    key = "updated_at" if call.first("sort") == "updated" else "created_at"
    descending = bool(call.first("sort")) and call.first("direction", "desc") == "desc"
    comments.sort(key=lambda comment: (getattr(comment, key), comment.id), reverse=descending)
    return call.page(comments, lambda comment: comment_json(repository, comment))


@routes.patch("/repos/{owner}/{repo}/issues/comments/{comment_id:int}", WRITE)
def edit_comment(call: Call) -> Answer:
    issue, comment = _own_comment(call)
    issue.edit_comment(comment, call.required("body"), by=call.actor)
    return Answer(body=comment_json(call.repository, comment))


@routes.delete("/repos/{owner}/{repo}/issues/comments/{comment_id:int}", WRITE)
def delete_comment(call: Call) -> Answer:
    issue, comment = _own_comment(call)
    issue.delete_comment(comment, by=call.actor)
    return Answer(204)


@routes.get("/repos/{owner}/{repo}/issues/comments/{comment_id:int}", READ)
def get_comment(call: Call) -> Answer:
    return Answer(body=comment_json(call.repository, _comment(call)[1]))


@routes.get("/repos/{owner}/{repo}/issues/comments/{comment_id:int}/reactions", READ)
def list_reactions(call: Call) -> Answer:
    repository = call.repository
    return call.page(_comment(call)[1].reactions, lambda reaction: reaction_json(repository, reaction))


@routes.post("/repos/{owner}/{repo}/issues/comments/{comment_id:int}/reactions", ISSUES_ONLY)
def create_reaction(call: Call) -> Answer:
    issue, comment = _comment(call)
    reaction, is_new = issue.react(comment, call.required("content"), by=call.actor)
    return Answer(201 if is_new else 200, reaction_json(call.repository, reaction))


@routes.get("/repos/{owner}/{repo}/issues/{number:int}", READ)
def get_issue(call: Call) -> Answer:
    return Answer(body=issue_json(call.issue))


@routes.patch("/repos/{owner}/{repo}/issues/{number:int}", WRITE)
def edit_issue(call: Call) -> Answer:
    call.takes("title", "body", "state")
    issue = call.issue
    issue.edit(title=call.text("title"), body=call.text("body"), by=call.actor)
    match call.text("state"):
        case "closed":
            issue.close(by=call.actor)
        case "open":
            issue.reopen(by=call.actor)
        case None:
            pass
        case other:
            raise Refused(422, f"Validation Failed: state {other}")
    return Answer(body=issue_json(issue))


@routes.get("/repos/{owner}/{repo}/issues/{number:int}/comments", READ)
def list_comments(call: Call) -> Answer:
    repository = call.repository
    comments = sorted(call.issue.comments.values(), key=lambda comment: comment.id)
    return call.page(comments, lambda comment: comment_json(repository, comment))


@routes.post("/repos/{owner}/{repo}/issues/{number:int}/comments", WRITE)
def create_comment(call: Call) -> Answer:
    if call.issue.locked:
        raise Refused(403, "Unable to create comment because issue is locked.")
    comment = call.issue.comment(call.required("body"), by=call.actor, app=call.the_app)
    return Answer(201, comment_json(call.repository, comment))


@routes.get("/repos/{owner}/{repo}/issues/{number:int}/labels", READ)
def list_labels(call: Call) -> Answer:
    return call.page(labels_json(call.issue), dict)


@routes.post("/repos/{owner}/{repo}/issues/{number:int}/labels", WRITE)
def add_labels(call: Call) -> Answer:
    call.issue.label(*_label_names(call), by=call.actor)
    return Answer(body=labels_json(call.issue))


@routes.put("/repos/{owner}/{repo}/issues/{number:int}/labels", WRITE)
def set_labels(call: Call) -> Answer:
    call.issue.set_labels(_label_names(call), by=call.actor)
    return Answer(body=labels_json(call.issue))


@routes.delete("/repos/{owner}/{repo}/issues/{number:int}/labels/{name:path}", WRITE)
def remove_label(call: Call) -> Answer:
    call.issue.unlabel(call.params["name"], by=call.actor)
    return Answer(body=labels_json(call.issue))


@routes.get("/repos/{owner}/{repo}/labels", READ)
def list_repository_labels(call: Call) -> Answer:
    repository = call.repository
    return call.page(list(repository.labels.values()), lambda label: label_json(repository, label))


@routes.post("/repos/{owner}/{repo}/labels", WRITE)
def create_label(call: Call) -> Answer:
    call.takes("name", "color", "description")
    label = call.repository.create_label(
        call.required("name"),
        color=call.text("color") or "ededed",
        description=call.text("description") or "",
        by=call.actor,
    )
    return Answer(201, label_json(call.repository, label))


@routes.get("/repos/{owner}/{repo}/labels/{name:path}", READ)
def get_label(call: Call) -> Answer:
    label = call.repository.find_label(call.params["name"])
    if label is None:
        raise Refused(404, "Not Found")
    return Answer(body=label_json(call.repository, label))


def _comment(call: Call) -> tuple[Issue, IssueComment]:
    try:
        return call.repository.find_comment(int(call.params["comment_id"]))
    except KeyError:
        raise Refused(404, "Not Found") from None


def _own_comment(call: Call) -> tuple[Issue, IssueComment]:
    """An App may change its own comments only."""
    issue, comment = _comment(call)
    if comment.user != call.actor:
        raise Refused(403, "Resource not accessible by integration")
    return issue, comment


def _label_names(call: Call) -> list[str]:
    """GitHub takes `{"labels": [...]}` as well as the bare list, of names or of objects with a name."""
    listed = call.body if isinstance(call.body, list) else call.fields.get("labels", [])
    given = [entry.get("name") if isinstance(entry, dict) else entry for entry in listed]
    names = [name for name in given if isinstance(name, str) and name]
    if not names or len(names) < len(given):
        raise Refused(422, "Validation Failed")
    return names
