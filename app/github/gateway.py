"""What fluxmig reads and writes on one repository."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from app.github.api import Api, segment
from app.github.batches import Done, Mutation, Target, Targets, read_targets, write_together
from app.github.edits import LastEdit, read_last_edit
from app.github.facts import (
    BlobFacts,
    BranchFacts,
    CheckRunFacts,
    CheckRunList,
    CommentFacts,
    CommitFacts,
    CompareFacts,
    FileFacts,
    IssueFacts,
    PermissionFacts,
    PullRequestFacts,
    RefFacts,
    RepositoryFacts,
    StatusFacts,
    TreeEntry,
    TreeFacts,
)
from app.github.listing import Listing, read_listing
from app.github.merge_queue import MergeQueue, read_merge_queue
from app.github.rules import list_rules

CHECK_NAME = "fluxmig"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A completed check run. `conclusion` is GitHub's word; summary is Markdown of at most 65,535 characters.

    `actions` are the buttons, each with label, description and identifier. They are always sent, since GitHub keeps
    those that stand where none are.
    """

    head_sha: str
    conclusion: str
    title: str
    summary: str
    details_url: str
    actions: Sequence[Mapping[str, str]] = ()
    name: str = CHECK_NAME
    annotations: Sequence[Mapping[str, Any]] = ()
    """At most 50, as REST wants them. GitHub adds them to those that stand, so only a new run is made with any."""

    @property
    def rest(self) -> dict[str, Any]:
        """As REST wants it."""
        return {
            "status": "completed",
            "conclusion": self.conclusion,
            "details_url": self.details_url,
            "output": {"title": self.title, "summary": self.summary} | self._annotated,
            "actions": list(self.actions),
        }

    @property
    def _annotated(self) -> dict[str, Any]:
        return {"annotations": list(self.annotations)} if self.annotations else {}

    @property
    def graphql(self) -> dict[str, Any]:
        """As GraphQL wants it."""
        return {
            "status": "COMPLETED",
            "conclusion": self.conclusion.upper(),
            "detailsUrl": self.details_url,
            "output": {"title": self.title, "summary": self.summary},
            "actions": list(self.actions),
        }


class RepositoryGateway:
    """Each method is one call to GitHub, or one a page. Raises the errors of `app.github.errors`."""

    def __init__(self, api: Api, owner: str, name: str) -> None:
        self._api, self._owner, self._name = api, owner, name
        self._root = f"/repos/{segment(owner)}/{segment(name)}"

    # --- reads ---

    async def get_repository(self) -> RepositoryFacts:
        return await self._api.get(self._root, RepositoryFacts)

    async def get_branch(self, branch: str) -> BranchFacts:
        return await self._api.get(f"{self._root}/branches/{segment(branch)}", BranchFacts)

    async def get_tree(self, tree_sha: str) -> list[TreeEntry]:
        """All entries below a tree. Where GitHub cuts the list short, each folder is asked for by itself."""
        tree = await self._api.get(f"{self._root}/git/trees/{tree_sha}", TreeFacts, recursive="1")
        if not tree.truncated:
            return tree.tree
        top = await self._api.get(f"{self._root}/git/trees/{tree_sha}", TreeFacts)
        entries: list[TreeEntry] = []
        for entry in top.tree:
            entries.append(entry)
            if entry.type == "tree":
                entries += [
                    TreeEntry(f"{entry.path}/{below.path}", below.type, below.sha, below.size)
                    for below in await self.get_tree(entry.sha)
                ]
        return entries

    async def get_blob(self, sha: str) -> bytes:
        blob = await self._api.get(f"{self._root}/git/blobs/{sha}", BlobFacts)
        return base64.b64decode(blob.content) if blob.encoding == "base64" else blob.content.encode()

    async def get_archive(self, ref: str) -> bytes:
        """A gzipped tar of all files at `ref`: one call where the blobs would be hundreds."""
        return await self._api.get_bytes(f"{self._root}/tarball/{segment(ref)}")

    async def get_pull_request(self, number: int) -> PullRequestFacts:
        return await self._api.get(f"{self._root}/pulls/{number}", PullRequestFacts)

    async def list_open_pull_requests(self) -> list[PullRequestFacts]:
        pages = await self._api.get_pages(f"{self._root}/pulls", list[PullRequestFacts], state="open")
        return [facts for page in pages for facts in page]

    async def read_listing(self, prefix: str) -> Listing:
        """The repository, its open pull requests and its branches that begin with `prefix`, a hundred a call."""
        return await read_listing(self._api, self._owner, self._name, prefix=prefix)

    async def list_files(self, number: int) -> list[FileFacts]:
        pages = await self._api.get_pages(f"{self._root}/pulls/{number}/files", list[FileFacts])
        return [facts for page in pages for facts in page]

    async def list_commits(self, number: int) -> list[CommitFacts]:
        pages = await self._api.get_pages(f"{self._root}/pulls/{number}/commits", list[CommitFacts])
        return [facts for page in pages for facts in page]

    async def compare(self, base: str, head: str) -> CompareFacts:
        return await self._api.get(f"{self._root}/compare/{segment(base)}...{segment(head)}", CompareFacts)

    async def list_statuses_if_changed(self, sha: str, *, etag: str) -> tuple[list[StatusFacts] | None, str]:
        """The newest hundred statuses of a commit, the youngest first; None where they are still those of `etag`."""
        path = f"{self._root}/commits/{sha}/statuses"
        return await self._api.get_if_changed(path, list[StatusFacts], etag=etag, per_page=100)

    async def list_branches(self, prefix: str) -> dict[str, str]:
        """Name -> head of the branches that begin with `prefix`. GitHub gives all of them at once."""
        path = f"{self._root}/git/matching-refs/heads/{quote(prefix)}"
        found = await self._api.get(path, list[RefFacts])
        return {ref.ref.removeprefix("refs/heads/"): ref.object.sha for ref in found}

    async def list_comments(self, number: int) -> list[CommentFacts]:
        pages = await self._api.get_pages(f"{self._root}/issues/{number}/comments", list[CommentFacts])
        return [facts for page in pages for facts in page]

    async def get_comment(self, comment_id: int) -> CommentFacts:
        return await self._api.get(f"{self._root}/issues/comments/{comment_id}", CommentFacts)

    async def get_permission(self, login: str) -> PermissionFacts:
        return await self._api.get(f"{self._root}/collaborators/{segment(login)}/permission", PermissionFacts)

    async def find_check_run(self, head_sha: str, app_id: int, name: str = CHECK_NAME) -> CheckRunFacts | None:
        """Our newest check run on `head_sha`: asked before a check whose writing ended in doubt is written again."""
        found = await self._api.get(
            f"{self._root}/commits/{head_sha}/check-runs", CheckRunList, check_name=name, app_id=app_id
        )
        return max(found.check_runs, key=lambda run: run.id, default=None)

    # --- many at once ---

    async def read_targets(self, numbers: Sequence[int], *, app_id: int, labels: Sequence[str]) -> Targets:
        """These pull requests as they are now, fifty a call."""
        return await read_targets(
            self._api, self._owner, self._name, numbers, app_id=app_id, check=CHECK_NAME, labels=labels
        )

    async def read_merge_queue(self, branch: str) -> MergeQueue:
        """Who waits to be merged into `branch`, in order."""
        return await read_merge_queue(self._api, self._owner, self._name, branch)

    async def write_together(self, mutations: Sequence[Mutation]) -> list[Done]:
        """One call for all of them, each with an outcome of its own."""
        return await write_together(self._api, mutations)

    # --- writes ---

    async def create_check_run(self, report: CheckReport) -> CheckRunFacts:
        body = {"name": report.name, "head_sha": report.head_sha, **report.rest}
        return await self._api.write("POST", f"{self._root}/check-runs", body, CheckRunFacts)

    async def update_check_run(self, check_run_id: int, report: CheckReport) -> CheckRunFacts:
        path = f"{self._root}/check-runs/{check_run_id}"
        return await self._api.write("PATCH", path, report.rest, CheckRunFacts)

    async def add_labels(self, number: int, labels: list[str]) -> None:
        await self._api.write("POST", f"{self._root}/issues/{number}/labels", {"labels": labels}, Any)

    async def remove_label(self, number: int, label: str) -> None:
        await self._api.write("DELETE", f"{self._root}/issues/{number}/labels/{segment(label)}", None, Any)

    async def edit_body(self, number: int, body: str) -> PullRequestFacts:
        return await self._api.write("PATCH", f"{self._root}/pulls/{number}", {"body": body}, PullRequestFacts)

    async def create_comment(self, number: int, body: str) -> CommentFacts:
        return await self._api.write("POST", f"{self._root}/issues/{number}/comments", {"body": body}, CommentFacts)

    async def edit_comment(self, comment_id: int, body: str) -> CommentFacts:
        path = f"{self._root}/issues/comments/{comment_id}"
        return await self._api.write("PATCH", path, {"body": body}, CommentFacts)

    async def get_issue(self, number: int) -> IssueFacts:
        return await self._api.get(f"{self._root}/issues/{number}", IssueFacts)

    async def get_issue_if_changed(self, number: int, *, etag: str) -> tuple[IssueFacts | None, str]:
        """None where it is still that of `etag`; and the ETag of the answer."""
        return await self._api.get_if_changed(f"{self._root}/issues/{number}", IssueFacts, etag=etag)

    async def read_last_edit(self, number: int, *, bot_login: str) -> LastEdit | None:
        """Who edited the text of an issue since our App did, where that is one person."""
        return await read_last_edit(self._api, self._owner, self._name, number, bot_login=bot_login)

    async def list_issues_of(self, creator: str) -> list[IssueFacts]:
        """Issues that an account opened, open and closed: the newest hundred."""
        return await self._api.get(f"{self._root}/issues", list[IssueFacts], creator=creator, state="all", per_page=100)

    async def list_open_issues_of(self, creator: str) -> list[IssueFacts]:
        """All open issues and pull requests that an account opened, the oldest first."""
        path, sort = f"{self._root}/issues", {"sort": "created", "direction": "asc"}
        pages = await self._api.get_pages(path, list[IssueFacts], creator=creator, state="open", **sort)
        return [issue for page in pages for issue in page]

    async def create_issue(self, title: str, body: str) -> IssueFacts:
        return await self._api.write("POST", f"{self._root}/issues", {"title": title, "body": body}, IssueFacts)

    async def edit_issue(self, number: int, body: str, *, state: str | None = None) -> IssueFacts:
        """`state` is open or closed; without one it stays."""
        changes = {"body": body} | ({"state": state} if state else {})
        return await self._api.write("PATCH", f"{self._root}/issues/{number}", changes, IssueFacts)

    async def dispatch_workflow(self, workflow: str, ref: str) -> None:
        """Start a workflow by its file name; it must have the trigger `workflow_dispatch`."""
        path = f"{self._root}/actions/workflows/{segment(workflow)}/dispatches"
        await self._api.write("POST", path, {"ref": ref}, Any)

    async def requires_signatures(self, branch: str) -> bool:
        """Whether a rule asks for signed commits, which GitHub's own rebase does not make."""
        rules = await list_rules(self._api, self._owner, self._name, branch)
        return any(rule.type == "required_signatures" for rule in rules)

    async def update_branch(self, target: Target) -> Done:
        """Have GitHub rebase a pull request's branch, if its head is still the one that was read."""
        given = {"pullRequestId": target.id, "expectedHeadOid": target.head_sha, "updateMethod": "REBASE"}
        mutation = Mutation("updatePullRequestBranch", "UpdatePullRequestBranchInput", given, "clientMutationId")
        return (await self.write_together([mutation]))[0]

    async def list_pull_requests_from(self, branch: str) -> list[PullRequestFacts]:
        """Those from a branch of this repository, open and closed, the youngest first."""
        head = f"{self._owner}:{branch}"
        return await self._api.get(f"{self._root}/pulls", list[PullRequestFacts], head=head, state="all")

    async def create_branch(self, branch: str, sha: str) -> None:
        body = {"ref": f"refs/heads/{branch}", "sha": sha}
        await self._api.write("POST", f"{self._root}/git/refs", body, RefFacts)

    async def commit_on_branch(
        self, branch: str, *, expected: str, headline: str, body: str, files: Mapping[str, str | None]
    ) -> None:
        """One commit that GitHub signs, if the branch is still at `expected`; None takes a file away."""
        changes = {
            "additions": [
                {"path": path, "contents": base64.b64encode(text.encode()).decode()}
                for path, text in files.items()
                if text is not None
            ],
            "deletions": [{"path": path} for path, text in files.items() if text is None],
        }
        given = {
            "branch": {"repositoryNameWithOwner": f"{self._owner}/{self._name}", "branchName": branch},
            "expectedHeadOid": expected,
            "message": {"headline": headline, "body": body},
            "fileChanges": changes,
        }
        mutation = Mutation("createCommitOnBranch", "CreateCommitOnBranchInput", given, "commit { oid }")
        (done,) = await self.write_together([mutation])
        if done.fault is not None:
            raise done.fault

    async def create_pull_request(self, *, branch: str, base: str, title: str, body: str) -> PullRequestFacts:
        given = {"head": branch, "base": base, "title": title, "body": body}
        return await self._api.write("POST", f"{self._root}/pulls", given, PullRequestFacts)

    async def react(self, comment_id: int, content: str) -> None:
        """Add a reaction; the same one twice is once. A comment deleted meanwhile is nobody's loss."""
        path = f"{self._root}/issues/comments/{comment_id}/reactions"
        await self._api.write("POST", path, {"content": content}, Any)
