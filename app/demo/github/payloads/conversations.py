"""Issues, pull requests, labels and comments as JSON."""

from collections import Counter
from urllib.parse import quote

from app.demo.github.issue import REACTIONS, Issue
from app.demo.github.model import IssueComment, Label, Permission, Reaction, User
from app.demo.github.payloads.people import Json, app_json, node_id, timestamp, user_json
from app.demo.github.payloads.repositories import repository_json, repository_page, repository_url
from app.demo.github.pull_request import PullRequest
from app.demo.github.repository import Repository


def label_json(repository: Repository, label: Label) -> Json:
    return {
        "id": label.id,
        "node_id": node_id("Label", label.id),
        "url": f"{repository_url(repository)}/labels/{quote(label.name, safe='')}",
        "name": label.name,
        "color": label.color,
        "default": False,
        "description": label.description,
    }


def labels_json(issue: Issue) -> list[Json]:
    labels = (issue.repository.find_label(name) for name in issue.label_names)
    return [label_json(issue.repository, label) for label in labels if label]


def association(repository: Repository, user: User) -> str:
    if user == repository.owner:
        return "OWNER"
    if repository.roles.get(user.login, Permission.NONE) is not Permission.NONE:
        return "COLLABORATOR"
    return "CONTRIBUTOR" if user.is_bot else "NONE"


def reactions_json(url: str, contents: list[str]) -> Json:
    counts = Counter(contents)
    return {"url": f"{url}/reactions", "total_count": len(contents), **{name: counts[name] for name in REACTIONS}}


def reaction_json(repository: Repository, reaction: Reaction) -> Json:
    return {
        "id": reaction.id,
        "node_id": node_id("Reaction", reaction.id),
        "user": user_json(repository.github, reaction.user),
        "content": reaction.content,
        "created_at": timestamp(reaction.created_at),
    }


def comment_json(repository: Repository, comment: IssueComment) -> Json:
    api, page = repository_url(repository), repository_page(repository)
    url = f"{api}/issues/comments/{comment.id}"
    kind = "pull" if isinstance(repository.issues[comment.issue_number], PullRequest) else "issues"
    return {
        "url": url,
        "html_url": f"{page}/{kind}/{comment.issue_number}#issuecomment-{comment.id}",
        "issue_url": f"{api}/issues/{comment.issue_number}",
        "id": comment.id,
        "node_id": node_id("IssueComment", comment.id),
        "user": user_json(repository.github, comment.user),
        "created_at": timestamp(comment.created_at),
        "updated_at": timestamp(comment.updated_at),
        "author_association": association(repository, comment.user),
        "body": comment.body,
        "reactions": reactions_json(url, comment.reaction_contents),
        "performed_via_github_app": app_json(repository.github, comment.app) if comment.app else None,
    }


def issue_json(issue: Issue) -> Json:
    """An issue, or a pull request seen as one."""
    repository = issue.repository
    api, page = repository_url(repository), repository_page(repository)
    url = f"{api}/issues/{issue.number}"
    is_pull = isinstance(issue, PullRequest)
    html_url = f"{page}/{'pull' if is_pull else 'issues'}/{issue.number}"
    payload: Json = {
        "url": url,
        "repository_url": api,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": html_url,
        "id": issue.id,
        "node_id": node_id("PullRequest" if is_pull else "Issue", issue.id),
        "number": issue.number,
        "title": issue.title,
        "user": user_json(repository.github, issue.user),
        "labels": labels_json(issue),
        "state": issue.state,
        "state_reason": None if issue.is_open or is_pull else "completed",
        "locked": issue.locked,
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "comments": len(issue.comments),
        "created_at": timestamp(issue.created_at),
        "updated_at": timestamp(issue.updated_at),
        "closed_at": timestamp(issue.closed_at),
        "closed_by": user_json(repository.github, issue.closed_by) if issue.closed_by else None,
        "author_association": association(repository, issue.user),
        "active_lock_reason": None,
        "body": issue.body,
        "reactions": reactions_json(url, []),
        "timeline_url": f"{url}/timeline",
        "performed_via_github_app": None,
    }
    if isinstance(issue, PullRequest):
        payload["draft"] = issue.draft
        payload["pull_request"] = {
            "url": f"{api}/pulls/{issue.number}",
            "html_url": html_url,
            "diff_url": f"{html_url}.diff",
            "patch_url": f"{html_url}.patch",
            "merged_at": timestamp(issue.merged_at),
        }
    return payload


def _side_json(pull: PullRequest, branch: str, sha: str) -> Json:
    repository = pull.repository
    return {
        "label": f"{repository.owner.login}:{branch}",
        "ref": branch,
        "sha": sha,
        "user": user_json(repository.github, repository.owner),
        "repo": repository_json(repository),
    }


def pull_request_simple_json(pull: PullRequest) -> Json:
    """GitHub's `pull-request-simple`, as in lists: nothing that has to be computed from the commits."""
    repository = pull.repository
    api, page = repository_url(repository), repository_page(repository)
    url, issue_url, html_url = (
        f"{api}/pulls/{pull.number}",
        f"{api}/issues/{pull.number}",
        f"{page}/pull/{pull.number}",
    )
    links = {
        "self": url,
        "html": html_url,
        "issue": issue_url,
        "comments": f"{issue_url}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{api}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{api}/statuses/{pull.head_sha}",
    }
    return {
        "url": url,
        "id": pull.id,
        "node_id": node_id("PullRequest", pull.id),
        "html_url": html_url,
        "diff_url": f"{html_url}.diff",
        "patch_url": f"{html_url}.patch",
        "issue_url": issue_url,
        "number": pull.number,
        "state": pull.state,
        "locked": pull.locked,
        "title": pull.title,
        "user": user_json(repository.github, pull.user),
        "body": pull.body,
        "created_at": timestamp(pull.created_at),
        "updated_at": timestamp(pull.updated_at),
        "closed_at": timestamp(pull.closed_at),
        "merged_at": timestamp(pull.merged_at),
        "merge_commit_sha": pull.merge_commit_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "labels": labels_json(pull),
        "milestone": None,
        "draft": pull.draft,
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "head": _side_json(pull, pull.head_branch, pull.head_sha),
        "base": _side_json(pull, pull.base_branch, pull.base_sha),
        "_links": {name: {"href": href} for name, href in links.items()},
        "author_association": association(repository, pull.user),
        "auto_merge": None,
        "active_lock_reason": None,
    } | ({"stack": pull.stack} if pull.stack else {})


def pull_request_json(pull: PullRequest, *, mergeable_known: bool = True) -> Json:
    """GitHub's `pull-request`. `mergeable` is null until GitHub has worked it out, and in webhooks."""
    files = pull.files()
    known = mergeable_known and pull.is_open
    return pull_request_simple_json(pull) | {
        "merged": pull.merged,
        "mergeable": pull.mergeable if known else None,
        "rebaseable": pull.mergeable if known else None,
        "mergeable_state": pull.mergeable_state if known else "unknown",
        "merged_by": user_json(pull.repository.github, pull.merged_by) if pull.merged_by else None,
        "comments": len(pull.comments),
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(pull.commits()),
        "additions": sum(diff.additions for diff in files),
        "deletions": sum(diff.deletions for diff in files),
        "changed_files": len(files),
    }
