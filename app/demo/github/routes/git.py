"""Branches, commits, trees, blobs, contents, archives."""

import gzip
import io
import tarfile

from app.demo.github.calls import Answer, Call, Routes, needs
from app.demo.github.model import NotServed, Refused
from app.demo.github.objects import Commit, blob_id, file_mode
from app.demo.github.payloads.git import (
    blob_json,
    branch_json,
    commit_json,
    comparison_json,
    content_json,
    git_commit_json,
    ref_json,
    tree_json,
)
from app.demo.github.repository import Repository

routes = Routes()

READ, WRITE = needs("contents:read"), needs("contents:write")


@routes.get("/repos/{owner}/{repo}/branches/{branch:path}", READ)
def get_branch(call: Call) -> Answer:
    branch = call.params["branch"]
    if branch not in call.repository.branches:
        raise Refused(404, "Branch not found")
    return Answer(body=branch_json(call.repository, branch))


@routes.get("/repos/{owner}/{repo}/git/ref/{ref:path}", READ)
def get_ref(call: Call) -> Answer:
    branch = call.params["ref"].removeprefix("heads/")
    if branch not in call.repository.branches:
        raise Refused(404, "Not Found")
    return Answer(body=ref_json(call.repository, branch, call.repository.branches[branch]))


@routes.get("/repos/{owner}/{repo}/git/matching-refs/{ref:path}", READ)
def list_matching_refs(call: Call) -> Answer:
    prefix = call.params["ref"].removeprefix("heads/")
    repository = call.repository
    found = [item for item in sorted(repository.branches.items()) if item[0].startswith(prefix)]
    return Answer(body=[ref_json(repository, branch, sha) for branch, sha in found])


@routes.post("/repos/{owner}/{repo}/git/refs", WRITE)
def create_ref(call: Call) -> Answer:
    call.takes("ref", "sha")
    repository, ref, sha = call.repository, call.required("ref"), call.required("sha")
    branch = ref.removeprefix("refs/heads/")
    if branch == ref:
        raise NotServed(f"{call.method} {call.path} for {ref}")
    if branch in repository.branches:
        raise Refused(422, "Reference already exists")
    if sha not in repository.commits:
        raise Refused(422, "Object does not exist")
    repository.move_branch(branch, repository.commits[sha], by=call.actor)
    return Answer(201, ref_json(repository, branch, sha))


@routes.get("/repos/{owner}/{repo}/git/commits/{sha}", READ)
def get_git_commit(call: Call) -> Answer:
    commit = call.repository.commits.get(call.params["sha"])
    if commit is None:
        raise Refused(404, "Not Found")
    return Answer(body=git_commit_json(call.repository, commit))


@routes.get("/repos/{owner}/{repo}/git/trees/{sha:path}", READ)
def get_tree(call: Call) -> Answer:
    """`sha` names a tree, or a commit or branch whose tree is meant; `recursive` with any value means all of it."""
    repository, name = call.repository, call.params["sha"]
    commit = repository.find_commit(name)
    if commit is not None:
        tree, folder = commit.tree, ""
    else:
        place = next(
            (
                (one.tree, path)
                for one in repository.commits.values()
                for path in one.tree.listings()
                if one.tree.folder_id(path) == name
            ),
            None,
        )
        if place is None:
            raise Refused(404, "Not Found")
        tree, folder = place
    entries = tree.walk(folder) if call.first("recursive") else tree.listings()[folder]
    return Answer(body=tree_json(repository, tree.folder_id(folder), list(entries)))


@routes.get("/repos/{owner}/{repo}/git/blobs/{sha}", READ)
def get_blob(call: Call) -> Answer:
    wanted = call.params["sha"]
    for commit in call.repository.commits.values():
        for text in commit.tree.values():
            if blob_id(text) == wanted:
                return Answer(body=blob_json(call.repository, text))
    raise Refused(404, "Not Found")


@routes.get("/repos/{owner}/{repo}/contents/{path:path}", READ)
def get_contents(call: Call) -> Answer:
    repository = call.repository
    ref = call.first("ref", repository.default_branch)
    if repository.find_commit(ref) is None:
        raise Refused(404, f"No commit found for the ref {ref}")
    body = content_json(repository, call.params["path"].strip("/"), ref)
    if body is None:
        raise Refused(404, "Not Found")
    return Answer(body=body)


@routes.get("/repos/{owner}/{repo}/compare/{basehead:path}", READ)
def compare(call: Call) -> Answer:
    base, dots, head = call.params["basehead"].partition("...")
    repository = call.repository
    sides = [repository.find_commit(side.rpartition(":")[2]) for side in (base, head)]
    if not dots or sides[0] is None or sides[1] is None:
        raise Refused(404, "Not Found")
    return Answer(body=comparison_json(repository, sides[0], sides[1], call.params["basehead"]))


@routes.get("/repos/{owner}/{repo}/commits", READ)
def list_commits(call: Call) -> Answer:
    repository = call.repository
    call.takes("sha")
    head = call.commit(call.first("sha", repository.default_branch))
    history: list[Commit] = []
    commit: Commit | None = head
    while commit is not None:
        history.append(commit)
        commit = repository.commits[commit.parents[0]] if commit.parents else None
    return call.page(history, lambda one: commit_json(repository, one))


@routes.get("/repos/{owner}/{repo}/tarball/{ref:path}", READ)
def get_tarball(call: Call) -> Answer:
    """GitHub sends to another host, with a token in the address when the repository is private."""
    repository, ref = call.repository, call.params["ref"] or call.repository.default_branch
    commit = repository.find_commit(ref)
    if commit is None:
        raise Refused(404, "Not Found")
    location = f"{call.base_url}/_codeload/{repository.full_name}/legacy.tar.gz/{commit.sha}"
    return Answer(302, headers={"location": location}, raw=b"", media_type="text/html;charset=utf-8")


@routes.get("/repos/{owner}/{repo}/commits/{ref:path}", READ)
def get_commit(call: Call) -> Answer:
    return Answer(body=commit_json(call.repository, call.commit(call.params["ref"]), with_files=True))


def archive(repository: Repository, commit: Commit) -> bytes:
    """A gzipped tar below one folder `owner-name-shortsha`, with the commit id in a global header, as `git archive`."""
    folder = f"{repository.owner.login}-{repository.name}-{commit.sha[:7]}"
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": commit.sha}) as tar,
    ):
        for path in ("", *sorted(path for path in commit.tree.listings() if path)):
            member = tarfile.TarInfo(f"{folder}/{path}".rstrip("/"))
            member.type, member.mode, member.mtime = tarfile.DIRTYPE, 0o775, int(commit.committer.at.timestamp())
            tar.addfile(member)
        for path, text in commit.tree.items():
            content = text.encode()
            member = tarfile.TarInfo(f"{folder}/{path}")
            member.size, member.mtime = len(content), int(commit.committer.at.timestamp())
            member.mode = 0o775 if file_mode(text) == "100755" else 0o664
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
