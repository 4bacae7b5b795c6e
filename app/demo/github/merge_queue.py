"""The merge queue of a branch: each entry's commits are built on top of the entry before it.

https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/configuring-pull-request-merges/managing-a-merge-queue
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.demo.github.diff import merge_trees
from app.demo.github.events import Event
from app.demo.github.model import GITHUB_COMMITTER_EMAIL, User
from app.demo.github.objects import Commit, Signature, make_commit

if TYPE_CHECKING:
    from app.demo.github.pull_request import PullRequest
    from app.demo.github.repository import Repository


@dataclass(eq=False, kw_only=True)
class QueueEntry:
    """`base` is the commit that `head` stands on; `group_base` that below the first member of its group."""

    id: int
    pull: "PullRequest"
    position: int
    base: str
    head: Commit
    group_base: str

    @property
    def branch(self) -> str:
        return f"gh-readonly-queue/{self.pull.base_branch}/pr-{self.pull.number}-{self.group_base}"

    def announce(self, action: str, *, by: User | None, reason: str | None = None) -> None:
        """Makes or deletes the branch of the group, and tells of it."""
        repository = self.pull.repository
        who = by or repository.owner
        if action == "checks_requested":
            repository.move_branch(self.branch, self.head, by=who)
        else:
            repository.delete_branch(self.branch, by=who)
        details = {} if reason is None else {"reason": reason}
        repository.github.emit(Event("merge_group", action, who, repository, self, details=details))


@dataclass(eq=False)
class MergeQueue:
    repository: "Repository"
    branch: str
    entries: list[QueueEntry] = field(default_factory=list)

    def add(self, pull: "PullRequest") -> QueueEntry:
        """Builds the squashed commit of `pull` on top of the last entry, or of the branch."""
        repository = self.repository
        base = self.entries[-1].head.sha if self.entries else repository.branches[self.branch]
        below, now = repository.commits[base].tree, repository.github.now()
        changes = merge_trees(
            repository.commits[pull.merge_base].tree,
            below,
            pull.head.tree,
            neighbours_conflict=repository.neighbours_conflict,
        )
        head = make_commit(
            below.with_changes(changes),
            parents=(base,),
            author=Signature(pull.user.name, pull.user.email, now),
            committer=Signature("GitHub", GITHUB_COMMITTER_EMAIL, now),
            message=f"{pull.title} (#{pull.number})",
        )
        repository.commits[head.sha] = head
        entry = QueueEntry(
            id=repository.github.next_id(),
            pull=pull,
            position=len(self.entries) + 1,
            base=base,
            head=head,
            group_base=base,
        )
        self.entries.append(entry)
        return entry

    def remove(self, entry: QueueEntry, *, reason: str = "dequeued", by: User | None = None) -> None:
        """Takes an entry out; `reason` is merged, invalidated or dequeued."""
        self.entries.remove(entry)
        for position, left in enumerate(self.entries, 1):
            left.position = position
        entry.announce("destroyed", by=by, reason=reason)
