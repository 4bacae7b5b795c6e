"""Pull requests: a branch that wants to be merged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from app.demo.github.diff import FileDiff, MergeConflict, diff_trees, merge_trees
from app.demo.github.issue import Issue
from app.demo.github.model import GITHUB_COMMITTER_EMAIL, Refused, User
from app.demo.github.objects import Commit, Signature, make_commit

PASSING = ("success", "neutral", "skipped")


@dataclass(eq=False, kw_only=True)
class PullRequest(Issue):
    """`base_sha` is the tip of the base when the head was last pushed, as in GitHub's `base.sha`."""

    event_name: ClassVar[str] = "pull_request"

    head_branch: str
    base_branch: str
    head_sha: str
    base_sha: str
    draft: bool = False
    stack: dict[str, Any] | None = None
    """As GitHub's JSON has it, for one of its stacked pull requests."""
    merged_at: datetime | None = None
    merged_by: User | None = None
    merge_commit_sha: str | None = None

    @property
    def merged(self) -> bool:
        return self.merged_at is not None

    @property
    def head(self) -> Commit:
        return self.repository.commits[self.head_sha]

    @property
    def merge_base(self) -> str:
        return self.repository.merge_base(self.base_tip, self.head_sha)

    @property
    def base_tip(self) -> str:
        """The commit that the pull request is compared with: the base branch now, or as it was before the merge."""
        if self.merged or self.base_branch not in self.repository.branches:
            return self.base_sha
        return self.repository.branches[self.base_branch]

    def commits(self) -> list[Commit]:
        """Its own commits, oldest first."""
        return self.repository.commits_between(self.merge_base, self.head_sha)

    def files(self) -> list[FileDiff]:
        return diff_trees(self.repository.commits[self.merge_base].tree, self.head.tree)

    @property
    def behind_by(self) -> int:
        return len(self.repository.commits_between(self.head_sha, self.base_tip))

    @property
    def mergeable(self) -> bool:
        try:
            self._merged_changes()
        except MergeConflict:
            return False
        return True

    @property
    def mergeable_state(self) -> str:
        """https://docs.github.com/en/graphql/reference/enums#mergestatestatus, in lower case."""
        if self.draft:
            return "draft"
        if not self.mergeable:
            return "dirty"
        rule = self.repository.rules.get(self.base_branch)
        if rule and self.missing_checks():
            return "blocked"
        if rule and rule.strict and self.behind_by:
            return "behind"
        runs = self.repository.latest_check_runs(self.head_sha)
        return "clean" if all(run.conclusion in PASSING for run in runs) else "unstable"

    def missing_checks(self) -> list[str]:
        """Names of required checks that have not passed on the head."""
        rule = self.repository.rules.get(self.base_branch)
        passed: set[tuple[str, int | None]] = {
            (run.name, run.app.id)
            for run in self.repository.latest_check_runs(self.head_sha)
            if run.conclusion in PASSING
        }
        passed |= {
            (status.context, None)
            for status in self.repository.latest_statuses(self.head_sha)
            if status.state == "success"
        }
        names = {name for name, _ in passed}
        return [
            context
            for context, app_id in (rule.contexts if rule else ())
            if (context not in names if app_id is None else (context, app_id) not in passed)
        ]

    def push(self, changes: Mapping[str, str | None], *, message: str, by: User | None = None) -> Commit:
        """One more commit on the head branch."""
        return self.repository.push_to_branch(self.head_branch, changes, message=message, by=by)

    def merge(self, *, by: User | None = None, expected_head: str | None = None, title: str | None = None) -> Commit:
        """Squashes into the base branch. Raises Refused in the words of GitHub."""
        repository = self.repository
        if expected_head is not None and expected_head != self.head_sha:
            raise Refused(409, "Head branch was modified. Review and try the merge again.")
        if not self.is_open or self.draft:
            raise Refused(405, "Pull Request is still a draft" if self.draft else "Pull Request is not mergeable")
        missing = self.missing_checks()
        if missing:
            raise Refused(405, f'Required status check "{missing[0]}" is expected.')
        try:
            changes = self._merged_changes()
        except MergeConflict as conflict:
            raise Refused(405, "Pull Request is not mergeable") from conflict
        now = repository.github.now()
        self.base_sha = repository.branches[self.base_branch]
        commit = make_commit(
            repository.tree(self.base_branch).with_changes(changes),
            parents=(self.base_sha,),
            author=Signature(self.user.name, self.user.email, now),
            committer=Signature("GitHub", GITHUB_COMMITTER_EMAIL, now),
            message=title or f"{self.title} (#{self.number})",
        )
        who = by or repository.owner
        self.state, self.closed_at, self.closed_by = "closed", now, who
        self.merged_at, self.merged_by, self.merge_commit_sha = now, who, commit.sha
        repository.move_branch(self.base_branch, commit, by=who)
        self._announce("closed", by=who)
        if repository.delete_branch_on_merge:
            repository.delete_branch(self.head_branch, by=who)
        return commit

    def reopen(self, *, by: User | None = None) -> None:
        if self.merged or self.head_branch not in self.repository.branches:
            raise Refused(422, "Validation Failed")
        self.head_sha = self.repository.branches[self.head_branch]
        super().reopen(by=by)

    def ready_for_review(self, *, by: User | None = None) -> None:
        if self.draft:
            self.draft = False
            self._announce("ready_for_review", by=by)

    def convert_to_draft(self, *, by: User | None = None) -> None:
        if not self.draft:
            self.draft = True
            self._announce("converted_to_draft", by=by)

    def head_moved(self, sha: str, *, by: User | None) -> None:
        """The head branch was pushed to while the pull request is open."""
        before, self.head_sha, self.base_sha = self.head_sha, sha, self.base_tip
        self._announce("synchronize", by=by, details={"before": before, "after": sha})

    def _merged_changes(self) -> dict[str, str | None]:
        commits = self.repository.commits
        return merge_trees(
            commits[self.merge_base].tree,
            commits[self.base_tip].tree,
            self.head.tree,
            neighbours_conflict=self.repository.neighbours_conflict,
        )
