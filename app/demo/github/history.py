"""The commits and branches of a repository."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.demo.github.model import Refused
from app.demo.github.objects import Commit, Signature, Tree, make_commit


@dataclass(eq=False, kw_only=True)
class History:
    """`branches` maps a name to a commit id, `commits` an id to the commit. Nothing is ever forgotten."""

    default_branch: str = "main"
    branches: dict[str, str] = field(default_factory=dict, repr=False)
    commits: dict[str, Commit] = field(default_factory=dict, repr=False)

    @property
    def head_sha(self) -> str:
        """Tip of the default branch."""
        return self.branches[self.default_branch]

    def tree(self, ref: str | None = None) -> Tree:
        return self.commit_of(ref or self.default_branch).tree

    def find_commit(self, ref: str) -> Commit | None:
        """By branch name, full ref name, commit id or at least seven digits of one."""
        branch = ref.removeprefix("refs/").removeprefix("heads/")
        if branch in self.branches:
            return self.commits[self.branches[branch]]
        if ref in self.commits:
            return self.commits[ref]
        short = [commit for sha, commit in self.commits.items() if len(ref) >= 7 and sha.startswith(ref)]
        return short[0] if len(short) == 1 else None

    def commit_of(self, ref: str) -> Commit:
        commit = self.find_commit(ref)
        if commit is None:
            raise Refused(422, f"No commit found for SHA: {ref}")
        return commit

    def ancestors(self, sha: str) -> set[str]:
        """`sha` and everything before it."""
        seen: set[str] = set()
        waiting = [sha]
        while waiting:
            current = waiting.pop()
            if current not in seen:
                seen.add(current)
                waiting.extend(self.commits[current].parents)
        return seen

    def merge_base(self, one: str, other: str) -> str:
        """The youngest common ancestor. Raises Refused when there is none."""
        known = self.ancestors(one)
        waiting = [other]
        while waiting:
            current = waiting.pop(0)
            if current in known:
                return current
            waiting.extend(self.commits[current].parents)
        raise Refused(404, "No common ancestor between the two commits.")

    def commits_between(self, base: str, head: str) -> list[Commit]:
        """Commits of `head` that `base` has not, oldest first."""
        known = self.ancestors(base)
        found: dict[str, Commit] = {}
        waiting = [head]
        while waiting:
            current = waiting.pop(0)
            if current not in known and current not in found:
                found[current] = self.commits[current]
                waiting.extend(self.commits[current].parents)
        return list(reversed(found.values()))

    def commit_on(
        self,
        parent: str | None,
        changes: Mapping[str, str | None],
        *,
        message: str,
        author: Signature,
        committer: Signature | None = None,
    ) -> Commit:
        """A commit that no branch points to yet."""
        before = self.commits[parent].tree if parent else Tree()
        parents = (parent,) if parent else ()
        tree = before.with_changes(changes)
        return make_commit(tree, parents=parents, author=author, committer=committer or author, message=message)
