"""Repositories as JSON."""

from app.demo.github.model import Permission
from app.demo.github.payloads.people import Json, node_id, timestamp, user_json
from app.demo.github.repository import Repository

_TEMPLATES = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def repository_url(repository: Repository) -> str:
    return f"{repository.github.api_url}/repos/{repository.full_name}"


def repository_page(repository: Repository) -> str:
    return f"{repository.github.html_url}/{repository.full_name}"


def minimal_repository_json(repository: Repository) -> Json:
    """GitHub's `minimal-repository`, which carries identity and URLs only."""
    api = repository_url(repository)
    return {
        "id": repository.id,
        "node_id": node_id("Repository", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
        "owner": user_json(repository.github, repository.owner),
        "html_url": repository_page(repository),
        "description": repository.description,
        "fork": False,
        "url": api,
        **{name: api + template for name, template in _TEMPLATES.items()},
    }


def repository_json(repository: Repository) -> Json:
    """GitHub's `repository`, as in lists and webhooks."""
    page = repository_page(repository)
    host = repository.github.html_url.removeprefix("https://").removeprefix("http://")
    open_issues = sum(issue.is_open for issue in repository.issues.values())
    return minimal_repository_json(repository) | {
        "git_url": f"git://{host}/{repository.full_name}.git",
        "ssh_url": f"git@{host}:{repository.full_name}.git",
        "clone_url": f"{page}.git",
        "svn_url": page,
        "mirror_url": None,
        "homepage": None,
        "size": sum(len(text) for text in repository.tree().values()) // 1024,
        "stargazers_count": 0,
        "watchers_count": 0,
        "watchers": 0,
        "language": "YAML",
        "has_issues": repository.has_issues,
        "has_projects": False,
        "has_downloads": False,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        "forks_count": 0,
        "forks": 0,
        "archived": repository.archived,
        "disabled": False,
        "open_issues_count": open_issues,
        "open_issues": open_issues,
        "license": None,
        "allow_forking": True,
        "is_template": False,
        "web_commit_signoff_required": False,
        "topics": [],
        "visibility": "private" if repository.private else "public",
        "default_branch": repository.default_branch,
        "created_at": timestamp(repository.created_at),
        "updated_at": timestamp(repository.pushed_at or repository.created_at),
        "pushed_at": timestamp(repository.pushed_at or repository.created_at),
    }


def full_repository_json(repository: Repository) -> Json:
    """GitHub's `full-repository`: the answer to `GET /repos/{owner}/{repo}`."""
    return repository_json(repository) | {
        "network_count": 0,
        "subscribers_count": 0,
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": True,
        "allow_auto_merge": False,
        "allow_update_branch": False,
        "delete_branch_on_merge": repository.delete_branch_on_merge,
        "permissions": {"admin": False, "maintain": False, "push": False, "triage": False, "pull": True},
    }


def pushed_repository_json(repository: Repository) -> Json:
    """The `repository` of a push payload, whose dates are partly Unix seconds."""
    pushed = repository.pushed_at or repository.created_at
    return repository_json(repository) | {
        "created_at": int(repository.created_at.timestamp()),
        "pushed_at": int(pushed.timestamp()),
        "stargazers": 0,
        "master_branch": repository.default_branch,
        "url": repository_page(repository),
    }


def short_repository_json(repository: Repository) -> Json:
    """The five fields by which installation events name a repository."""
    return {
        "id": repository.id,
        "node_id": node_id("Repository", repository.id),
        "name": repository.name,
        "full_name": repository.full_name,
        "private": repository.private,
    }


def role_json(repository: Repository, login: str) -> Json | None:
    """GitHub's `repository-collaborator-permission`; None when GitHub knows no such user."""
    github = repository.github
    user = github.users.get(login.lower())
    if user is None:
        return None
    role = repository.role_of(user)
    order = [Permission.READ, Permission.TRIAGE, Permission.WRITE, Permission.MAINTAIN, Permission.ADMIN]
    reached = order.index(role) + 1 if role in order else 0
    granted = {"pull": reached >= 1, "triage": reached >= 2, "push": reached >= 3, "maintain": reached >= 4}
    permissions = granted | {"admin": role is Permission.ADMIN}
    return {
        "permission": role.legacy,
        "role_name": role.value,
        "user": user_json(github, user) | {"permissions": permissions, "role_name": role.value},
    }
