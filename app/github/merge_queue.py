"""The merge queue of a branch: who stands in it, in which order, with the commits that GitHub built for them.

Commit messages would tell it too, but anybody may write those; the queue is GitHub's own word
(https://docs.github.com/en/graphql/reference/objects#mergequeueentry).
"""

from dataclasses import dataclass
from typing import Any

import msgspec

from app.domain.merge_group import QueueEntry
from app.github.api import Api

_DOCUMENT = """
query($owner: String!, $name: String!, $branch: String!) {
  repository(owner: $owner, name: $name) {
    defaultBranchRef { target { oid } }
    mergeQueue(branch: $branch) { entries(first: 100) { nodes {
      position headCommit { oid } pullRequest { number headRefOid }
    } } }
  }
}
"""


class _Oid(msgspec.Struct, frozen=True):
    oid: str


class _PullRequest(msgspec.Struct, frozen=True, rename="camel"):
    number: int
    head_ref_oid: str


class _Entry(msgspec.Struct, frozen=True, rename="camel"):
    position: int
    head_commit: _Oid | None = None
    pull_request: _PullRequest | None = None


class _Entries(msgspec.Struct, frozen=True):
    nodes: list[_Entry] = []


class _Queue(msgspec.Struct, frozen=True):
    entries: _Entries | None = None


class _Base(msgspec.Struct, frozen=True):
    target: _Oid


class _Repository(msgspec.Struct, frozen=True, rename="camel"):
    default_branch_ref: _Base | None = None
    merge_queue: _Queue | None = None


@dataclass(frozen=True, slots=True)
class MergeQueue:
    """`base_sha` is the tip of the default branch. There are no `entries` where the branch has no queue that we see."""

    base_sha: str
    entries: tuple[QueueEntry, ...]


async def read_merge_queue(api: Api, owner: str, name: str, branch: str) -> MergeQueue:
    """One call. Raises the errors of `app.github.errors`."""
    variables: dict[str, Any] = {"owner": owner, "name": name, "branch": branch}
    found = (await api.query(_DOCUMENT, variables)).read("repository", _Repository)
    queue = found.merge_queue.entries if found.merge_queue else None
    entries = tuple(
        QueueEntry(
            number=entry.pull_request.number,
            position=entry.position,
            head_sha=entry.pull_request.head_ref_oid,
            group_sha=entry.head_commit.oid if entry.head_commit else None,
        )
        for entry in (queue.nodes if queue else [])
        if entry.pull_request is not None
    )
    return MergeQueue(found.default_branch_ref.target.oid if found.default_branch_ref else "", entries)
