"""Commits, trees, blobs, branches and comparisons as JSON."""

import base64
from typing import Any

from app.demo.github.diff import FileDiff, diff_trees
from app.demo.github.model import GITHUB_COMMITTER_EMAIL, User
from app.demo.github.objects import EMPTY_SHA, Commit, Signature, TreeEntry, blob_id
from app.demo.github.payloads.people import Json, hook_email, node_id, timestamp, user_json
from app.demo.github.payloads.repositories import repository_page, repository_url
from app.demo.github.repository import Repository

UNVERIFIED: Json = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


def account_of(repository: Repository, signature: Signature) -> User | None:
    """The account that GitHub links a commit's e-mail address with."""
    if signature.email == GITHUB_COMMITTER_EMAIL:
        return repository.github.web_flow
    return next((user for user in repository.github.users.values() if user.email == signature.email), None)


def _account_json(repository: Repository, signature: Signature) -> Json | None:
    user = account_of(repository, signature)
    return user_json(repository.github, user) if user else None


def _signature_json(signature: Signature) -> Json:
    return {"name": signature.name, "email": signature.email, "date": timestamp(signature.at)}


def commit_json(repository: Repository, commit: Commit, *, with_files: bool = False) -> Json:
    """GitHub's `commit`; `stats` and `files` stand only in the answer for a single commit."""
    api, page = repository_url(repository), repository_page(repository)
    payload: Json = {
        "sha": commit.sha,
        "node_id": node_id("Commit", commit.sha),
        "commit": {
            "author": _signature_json(commit.author),
            "committer": _signature_json(commit.committer),
            "message": commit.message,
            "tree": {"sha": commit.tree.sha, "url": f"{api}/git/trees/{commit.tree.sha}"},
            "url": f"{api}/git/commits/{commit.sha}",
            "comment_count": 0,
            "verification": UNVERIFIED,
        },
        "url": f"{api}/commits/{commit.sha}",
        "html_url": f"{page}/commit/{commit.sha}",
        "comments_url": f"{api}/commits/{commit.sha}/comments",
        "author": _account_json(repository, commit.author),
        "committer": _account_json(repository, commit.committer),
        "parents": [
            {"sha": parent, "url": f"{api}/commits/{parent}", "html_url": f"{page}/commit/{parent}"}
            for parent in commit.parents
        ],
    }
    if with_files:
        files = changed_by(repository, commit)
        additions, deletions = sum(diff.additions for diff in files), sum(diff.deletions for diff in files)
        payload["stats"] = {"total": additions + deletions, "additions": additions, "deletions": deletions}
        payload["files"] = [file_json(repository, diff, commit.sha) for diff in files]
    return payload


def changed_by(repository: Repository, commit: Commit) -> list[FileDiff]:
    before = repository.commits[commit.parents[0]].tree if commit.parents else {}
    return diff_trees(before, commit.tree)


def file_json(repository: Repository, diff: FileDiff, sha: str) -> Json:
    """GitHub's `diff-entry`: one changed file as seen at `sha`."""
    api, page = repository_url(repository), repository_page(repository)
    payload: Json = {
        "sha": diff.sha,
        "filename": diff.path,
        "status": diff.status,
        "additions": diff.additions,
        "deletions": diff.deletions,
        "changes": diff.additions + diff.deletions,
        "blob_url": f"{page}/blob/{sha}/{diff.path}",
        "raw_url": f"{page}/raw/{sha}/{diff.path}",
        "contents_url": f"{api}/contents/{diff.path}?ref={sha}",
    }
    if diff.patch is not None:
        payload["patch"] = diff.patch
    if diff.previous_path is not None:
        payload["previous_filename"] = diff.previous_path
    return payload


def git_commit_json(repository: Repository, commit: Commit) -> Json:
    api, page = repository_url(repository), repository_page(repository)
    return {
        "sha": commit.sha,
        "node_id": node_id("Commit", commit.sha),
        "url": f"{api}/git/commits/{commit.sha}",
        "html_url": f"{page}/commit/{commit.sha}",
        "author": _signature_json(commit.author),
        "committer": _signature_json(commit.committer),
        "tree": {"sha": commit.tree.sha, "url": f"{api}/git/trees/{commit.tree.sha}"},
        "message": commit.message,
        "parents": [
            {"sha": parent, "url": f"{api}/git/commits/{parent}", "html_url": f"{page}/commit/{parent}"}
            for parent in commit.parents
        ],
        "verification": UNVERIFIED,
    }


def tree_json(repository: Repository, sha: str, entries: list[TreeEntry]) -> Json:
    api = repository_url(repository)
    listed: list[Json] = []
    for entry in entries:
        item: Json = {
            "path": entry.path,
            "mode": entry.mode,
            "type": entry.kind,
            "sha": entry.sha,
            "url": f"{api}/git/{entry.kind}s/{entry.sha}",
        }
        if entry.size is not None:
            item["size"] = entry.size
        listed.append(item)
    limit = repository.github.tree_limit
    return {
        "sha": sha,
        "url": f"{api}/git/trees/{sha}",
        "tree": listed[:limit],
        "truncated": len(listed) > limit,
    }


def blob_json(repository: Repository, text: str) -> Json:
    sha = blob_id(text)
    return {
        "sha": sha,
        "node_id": node_id("Blob", sha),
        "size": len(text.encode()),
        "url": f"{repository_url(repository)}/git/blobs/{sha}",
        "content": base64.encodebytes(text.encode()).decode(),
        "encoding": "base64",
    }


def ref_json(repository: Repository, branch: str, sha: str) -> Json:
    api = repository_url(repository)
    return {
        "ref": f"refs/heads/{branch}",
        "node_id": node_id("Ref", f"{repository.id}:refs/heads/{branch}"),
        "url": f"{api}/git/refs/heads/{branch}",
        "object": {"sha": sha, "type": "commit", "url": f"{api}/git/commits/{sha}"},
    }


def branch_json(repository: Repository, branch: str) -> Json:
    api, page = repository_url(repository), repository_page(repository)
    rule = repository.rules.get(branch)
    checks = [{"context": context, "app_id": app_id} for context, app_id in (rule.contexts if rule else ())]
    return {
        "name": branch,
        "commit": commit_json(repository, repository.commit_of(branch)),
        "_links": {"self": f"{api}/branches/{branch}", "html": f"{page}/tree/{branch}"},
        "protected": rule is not None,
        "protection": {
            "enabled": rule is not None,
            "required_status_checks": {
                "enforcement_level": "everyone" if rule else "off",
                "contexts": [check["context"] for check in checks],
                "checks": checks,
            },
        },
        "protection_url": f"{api}/branches/{branch}/protection",
    }


def content_json(repository: Repository, path: str, ref: str) -> Any:
    """A file with its content, or the list of a folder's entries; None when there is neither."""
    tree = repository.commit_of(ref).tree
    if path in tree:
        entry = TreeEntry(path, "100644", "blob", blob_id(tree[path]), len(tree[path].encode()))
        encoded = base64.encodebytes(tree[path].encode()).decode()
        return _entry_json(repository, path, ref, entry) | {"encoding": "base64", "content": encoded}
    if path not in tree.listings():
        return None
    prefix = f"{path}/" if path else ""
    return [_entry_json(repository, prefix + entry.path, ref, entry) for entry in tree.listings()[path]]


def _entry_json(repository: Repository, path: str, ref: str, entry: TreeEntry) -> Json:
    api, page = repository_url(repository), repository_page(repository)
    is_file = entry.kind == "blob"
    url, git_url = f"{api}/contents/{path}?ref={ref}", f"{api}/git/{entry.kind}s/{entry.sha}"
    html_url = f"{page}/{'blob' if is_file else 'tree'}/{ref}/{path}"
    raw = f"https://raw.githubusercontent.com/{repository.full_name}/{ref}/{path}"
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.sha,
        "size": entry.size or 0,
        "url": url,
        "html_url": html_url,
        "git_url": git_url,
        "download_url": raw if is_file else None,
        "type": "file" if is_file else "dir",
        "_links": {"self": url, "git": git_url, "html": html_url},
    }


def comparison_json(repository: Repository, base: Commit, head: Commit, basehead: str) -> Json:
    """GitHub's `commit-comparison` with all commits and files on one page."""
    api, page = repository_url(repository), repository_page(repository)
    merge_base = repository.merge_base(base.sha, head.sha)
    ahead, behind = repository.commits_between(base.sha, head.sha), repository.commits_between(head.sha, base.sha)
    url, web = f"{api}/compare/{basehead}", f"{page}/compare/{basehead}"
    status = {(False, False): "identical", (True, False): "ahead", (False, True): "behind"}
    return {
        "url": url,
        "html_url": web,
        "permalink_url": f"{page}/compare/{base.sha[:7]}...{head.sha[:7]}",
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "base_commit": commit_json(repository, base),
        "merge_base_commit": commit_json(repository, repository.commits[merge_base]),
        "status": status.get((bool(ahead), bool(behind)), "diverged"),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [commit_json(repository, commit) for commit in ahead],
        "files": [
            file_json(repository, diff, head.sha) for diff in diff_trees(repository.commits[merge_base].tree, head.tree)
        ],
    }


def pushed_commit_json(repository: Repository, commit: Commit) -> Json:
    """One of a push payload's `commits`."""
    files = changed_by(repository, commit)
    by_status = {
        status: [diff.path for diff in files if diff.status in kinds]
        for status, kinds in {"added": ("added", "renamed"), "removed": ("removed",), "modified": ("modified",)}.items()
    }
    return {
        "id": commit.sha,
        "tree_id": commit.tree.sha,
        "distinct": True,
        "message": commit.message,
        "timestamp": timestamp(commit.committer.at),
        "url": f"{repository_page(repository)}/commit/{commit.sha}",
        "author": _pusher_json(repository, commit.author),
        "committer": _pusher_json(repository, commit.committer),
        **by_status,
    }


def _pusher_json(repository: Repository, signature: Signature) -> Json:
    payload: Json = {"name": signature.name, "email": hook_email(signature.email), "date": timestamp(signature.at)}
    account = account_of(repository, signature)
    return payload | ({"username": account.login} if account else {})


def push_json(repository: Repository, *, ref: str, before: str, after: str, forced: bool, by: User) -> Json:
    """The body of a push payload without repository, sender and installation."""
    deleted, created = after == EMPTY_SHA, before == EMPTY_SHA
    commits: list[Commit] = []
    if not deleted:
        since = repository.head_sha if created else before
        commits = repository.commits_between(since, after) if since in repository.commits else []
    short = f"{before[:12]}...{after[:12]}"
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "created": created,
        "deleted": deleted,
        "forced": forced,
        "base_ref": None,
        "compare": f"{repository_page(repository)}/compare/{short}",
        "commits": [pushed_commit_json(repository, commit) for commit in commits],
        "head_commit": None if deleted else pushed_commit_json(repository, repository.commits[after]),
        "pusher": {"name": by.login, "email": hook_email(by.email)},
    }
