"""A repository: branches and commits, and the conversations about them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from app.demo.github.events import Event
from app.demo.github.history import History
from app.demo.github.issue import Issue
from app.demo.github.merge_queue import MergeQueue, QueueEntry
from app.demo.github.model import (
    App,
    CheckRun,
    CheckSuite,
    CommitStatus,
    IssueComment,
    Label,
    Permission,
    Refused,
    RequiredChecks,
    User,
)
from app.demo.github.objects import EMPTY_SHA, Commit, Signature
from app.demo.github.pull_request import PullRequest

if TYPE_CHECKING:
    from app.demo.github.state import GitHub


@dataclass(eq=False, kw_only=True)
class Repository(History):
    """`roles` maps a login to the person's permission; verbs without `by` are acts of the owner."""

    github: "GitHub" = field(repr=False)
    id: int
    owner: User
    name: str
    created_at: datetime
    private: bool = False
    archived: bool = False
    description: str | None = None
    has_issues: bool = True
    neighbours_conflict: bool = False
    """Refuse to merge changes of neighbouring lines, as Git does."""
    delete_branch_on_merge: bool = False
    pushed_at: datetime | None = None
    issues: dict[int, Issue] = field(default_factory=dict, repr=False)
    dispatched: list[str] = field(default_factory=list, repr=False)
    """File names of the workflows that were started, oldest first."""
    labels: dict[str, Label] = field(default_factory=dict, repr=False)
    check_suites: list[CheckSuite] = field(default_factory=list, repr=False)
    check_runs: dict[int, CheckRun] = field(default_factory=dict, repr=False)
    statuses: list[CommitStatus] = field(default_factory=list, repr=False)
    roles: dict[str, Permission] = field(default_factory=dict, repr=False)
    merge_queues: dict[str, MergeQueue] = field(default_factory=dict, repr=False)
    """By branch; one appears with the first pull request that is put into it."""
    rules: dict[str, RequiredChecks] = field(default_factory=dict, repr=False)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    @property
    def pull_requests(self) -> dict[int, PullRequest]:
        return {number: issue for number, issue in self.issues.items() if isinstance(issue, PullRequest)}

    @property
    def open_pull_requests(self) -> list[PullRequest]:
        return [pull for pull in self.pull_requests.values() if pull.is_open]

    def pull_request(self, number: int) -> PullRequest:
        """Raises KeyError when `number` is no pull request."""
        return self.pull_requests[number]

    def pull_request_of(self, branch: str) -> PullRequest | None:
        """The open pull request from `branch`."""
        return next((pull for pull in self.open_pull_requests if pull.head_branch == branch), None)

    def enqueue(self, *numbers: int, together: bool = False, by: User | None = None) -> list[QueueEntry]:
        """Puts pull requests into the merge queue of their base, each as a group of its own unless `together`."""
        entries = [
            self.merge_queues.setdefault(pull.base_branch, MergeQueue(self, pull.base_branch)).add(pull)
            for pull in map(self.pull_request, numbers)
        ]
        if together:
            entries[-1].group_base = entries[0].base
        for entry in entries[-1:] if together else entries:
            entry.announce("checks_requested", by=by)
        return entries

    def find_comment(self, comment_id: int) -> tuple[Issue, IssueComment]:
        """Raises KeyError."""
        for issue in self.issues.values():
            if comment_id in issue.comments:
                return issue, issue.comments[comment_id]
        raise KeyError(comment_id)

    def find_commit(self, ref: str) -> Commit | None:
        """Also by `refs/pull/<number>/head`."""
        if pull_ref := re.fullmatch(r"(?:refs/)?pull/(\d+)/head", ref):
            pull = self.pull_requests.get(int(pull_ref[1]))
            return pull.head if pull else None
        return super().find_commit(ref)

    # --- people ---

    def role_of(self, user: User) -> Permission:
        return self.roles.get(user.login, Permission.NONE if self.private else Permission.READ)

    def grant(self, user: User, role: Permission) -> None:
        self.roles[user.login] = role

    # --- commits and branches ---

    def push_to_branch(
        self, branch: str, changes: Mapping[str, str | None], *, message: str, by: User | None = None
    ) -> Commit:
        """Commits on top of `branch`, which is made from the default branch when it does not exist."""
        who = by or self.owner
        parent = self.branches.get(branch) or self.branches.get(self.default_branch)
        author = Signature(who.name, who.email, self.github.now())
        commit = self.commit_on(parent, changes, message=message, author=author)
        self.move_branch(branch, commit, by=who)
        return commit

    def push(self, changes: Mapping[str, str | None], *, message: str, by: User | None = None) -> Commit:
        """Commits straight to the default branch."""
        return self.push_to_branch(self.default_branch, changes, message=message, by=by)

    def move_branch(self, branch: str, commit: Commit, *, by: User | None = None) -> None:
        """Points `branch` at `commit`, forced where need be; tells the pull requests of that branch."""
        who = by or self.owner
        before = self.branches.get(branch)
        if before == commit.sha:
            return
        self.commits[commit.sha] = commit
        self.branches[branch] = commit.sha
        self.pushed_at = self.github.now()
        forced = before is not None and before not in self.ancestors(commit.sha)
        self._announce_push(branch, before or EMPTY_SHA, commit.sha, forced=forced, by=who)
        for pull in self.open_pull_requests:
            if pull.head_branch == branch:
                pull.head_moved(commit.sha, by=who)
        self._open_check_suites(branch, before or EMPTY_SHA, commit.sha, by=who)

    def delete_branch(self, branch: str, *, by: User | None = None) -> None:
        before = self.branches.pop(branch, None)
        if before is None:
            return
        self._announce_push(branch, before, EMPTY_SHA, forced=False, by=by or self.owner)
        pull = self.pull_request_of(branch)
        if pull is not None:
            pull.close(by=by)

    def _announce_push(self, branch: str, before: str, after: str, *, forced: bool, by: User) -> None:
        details = {"ref": f"refs/heads/{branch}", "before": before, "after": after, "forced": forced}
        self.github.emit(Event("push", None, by, self, details=details))

    # --- issues and pull requests ---

    def open_pull_request(
        self,
        *,
        title: str,
        branch: str,
        changes: Mapping[str, str | None] | None = None,
        body: str = "",
        labels: Iterable[str] = (),
        number: int | None = None,
        draft: bool = False,
        base: str | None = None,
        by: User | None = None,
    ) -> PullRequest:
        """Opens a pull request from `branch`; `changes` are committed to it first.

        `number` skips ahead, so that a known pull request keeps its number. Raises Refused as GitHub would.
        """
        who = by or self.owner
        base_branch = base or self.default_branch
        if changes is not None:
            self.push_to_branch(branch, changes, message=title, by=who)
        if branch not in self.branches or self.pull_request_of(branch) is not None:
            raise Refused(422, "Validation Failed")
        if self.branches[branch] == self.branches[base_branch]:
            raise Refused(422, f"No commits between {base_branch} and {branch}")
        now = self.github.now()
        pull = PullRequest(
            repository=self,
            number=self._take_number(number),
            id=self.github.next_id(),
            title=title,
            body=body,
            user=who,
            created_at=now,
            updated_at=now,
            head_branch=branch,
            base_branch=base_branch,
            head_sha=self.branches[branch],
            base_sha=self.branches[base_branch],
            draft=draft,
        )
        self.issues[pull.number] = pull
        self.github.emit(Event("pull_request", "opened", who, self, pull))
        pull.label(*labels, by=who)
        return pull

    def open_issue(self, *, title: str, body: str = "", number: int | None = None, by: User | None = None) -> Issue:
        who, now = by or self.owner, self.github.now()
        issue = Issue(
            repository=self,
            number=self._take_number(number),
            id=self.github.next_id(),
            title=title,
            body=body,
            user=who,
            created_at=now,
            updated_at=now,
        )
        self.issues[issue.number] = issue
        self.github.emit(Event("issues", "opened", who, self, issue))
        return issue

    def _take_number(self, number: int | None) -> int:
        taken = number if number is not None else max(self.issues, default=0) + 1
        if taken in self.issues:
            raise Refused(422, f"#{taken} is taken")
        return taken

    # --- labels ---

    def find_label(self, name: str) -> Label | None:
        return self.labels.get(name.lower())

    def create_label(self, name: str, *, color: str = "ededed", description: str = "", by: User | None = None) -> Label:
        if self.find_label(name) is not None:
            raise Refused(422, "Validation Failed")
        label = Label(self.github.next_id(), name, color.removeprefix("#"), description)
        self.labels[name.lower()] = label
        self.github.emit(Event("label", "created", by or self.owner, self, label))
        return label

    # --- checks and statuses ---

    def suite_for(self, app: App, sha: str) -> CheckSuite:
        for suite in self.check_suites:
            if suite.app is app and suite.head_sha == sha:
                return suite
        branch = next((name for name, tip in self.branches.items() if tip == sha), None)
        return self._add_suite(app, branch, EMPTY_SHA, sha)

    def _add_suite(self, app: App, branch: str | None, before: str, sha: str) -> CheckSuite:
        now = self.github.now()
        suite = CheckSuite(self.github.next_id(), app, sha, branch, before, now, now)
        self.check_suites.append(suite)
        return suite

    def _open_check_suites(self, branch: str, before: str, sha: str, *, by: User) -> None:
        """GitHub opens one for each App that may write checks, on each push.
        https://docs.github.com/en/rest/guides/using-the-rest-api-to-interact-with-checks"""
        for installation in self.github.installations_of(self):
            if installation.permissions.get("checks") == "write":
                suite = self._add_suite(installation.app, branch, before, sha)
                self.github.emit(Event("check_suite", "requested", by, self, suite))

    def add_check_run(self, run: CheckRun, *, by: User) -> None:
        self.check_runs[run.id] = run
        self.github.emit(Event("check_run", "created", by, self, run))
        if run.status == "completed":
            self.check_run_completed(run, by=by)

    def check_run_completed(self, run: CheckRun, *, by: User) -> None:
        self.github.emit(Event("check_run", "completed", by, self, run))
        if all(other.status == "completed" for other in self.runs_of(run.suite)):
            self.github.emit(Event("check_suite", "completed", by, self, run.suite))

    def press_button(self, run: CheckRun, identifier: str, *, by: User | None = None) -> None:
        """Someone clicks one of the run's actions."""
        details = {"requested_action": {"identifier": identifier}}
        self.github.emit(Event("check_run", "requested_action", by or self.owner, self, run, details=details))

    def rerun(self, run: CheckRun, *, by: User | None = None) -> None:
        """Someone clicks "Re-run"; GitHub leaves the run as it is and asks the App."""
        self.github.emit(Event("check_run", "rerequested", by or self.owner, self, run))

    def rerun_all(self, suite: CheckSuite, *, by: User | None = None) -> None:
        self.github.emit(Event("check_suite", "rerequested", by or self.owner, self, suite))

    def runs_of(self, suite: CheckSuite) -> list[CheckRun]:
        return [run for run in self.check_runs.values() if run.suite is suite]

    def check_runs_on(self, sha: str) -> list[CheckRun]:
        """All runs on a commit, youngest first."""
        runs = [run for run in self.check_runs.values() if run.head_sha == sha]
        return sorted(runs, key=lambda run: run.id, reverse=True)

    def latest_check_runs(self, sha: str) -> list[CheckRun]:
        """The youngest run of each name and App on a commit: the ones that count."""
        latest: dict[tuple[str, int], CheckRun] = {}
        for run in self.check_runs_on(sha):
            latest.setdefault((run.name, run.app.id), run)
        return list(latest.values())

    def set_status(
        self,
        sha: str,
        context: str,
        state: str,
        *,
        description: str | None = None,
        target_url: str | None = None,
        by: User | None = None,
    ) -> CommitStatus:
        who = by or self.owner
        self.commit_of(sha)
        now = self.github.now()
        status = CommitStatus(self.github.next_id(), sha, context, state, who, now, description, target_url)
        self.statuses.append(status)
        self.github.emit(Event("status", None, who, self, status))
        return status

    def statuses_on(self, sha: str) -> list[CommitStatus]:
        """All statuses of a commit, youngest first."""
        return [status for status in reversed(self.statuses) if status.sha == sha]

    def latest_statuses(self, sha: str) -> list[CommitStatus]:
        """The youngest of each context."""
        latest: dict[str, CommitStatus] = {}
        for status in self.statuses_on(sha):
            latest.setdefault(status.context, status)
        return list(latest.values())

    # --- the repository itself ---

    def rename(self, name: str, *, by: User | None = None) -> None:
        before, self.name = self.name, name
        details = {"changes": {"repository": {"name": {"from": before}}}}
        self.github.emit(Event("repository", "renamed", by or self.owner, self, details=details))

    def archive(self, *, by: User | None = None) -> None:
        self.archived = True
        self.github.emit(Event("repository", "archived", by or self.owner, self))

    def unarchive(self, *, by: User | None = None) -> None:
        self.archived = False
        self.github.emit(Event("repository", "unarchived", by or self.owner, self))

    def privatize(self, *, by: User | None = None) -> None:
        self.private = True
        self.github.emit(Event("repository", "privatized", by or self.owner, self))

    def publicize(self, *, by: User | None = None) -> None:
        self.private = False
        self.github.emit(Event("repository", "publicized", by or self.owner, self))

    def transfer(self, to: User, *, by: User | None = None) -> None:
        """To another account. The App sees it there only if it is installed on that account for all repositories."""
        before = self.owner
        for installation in self.github.installations_of(self):
            installation.remove(self, by=by)
        self.owner = to
        self.grant(to, Permission.ADMIN)
        for installation in self.github.installations.values():
            if installation.account == to and installation.all_repositories:
                installation.add(self, by=by)
        self.github.emit(Event("repository", "transferred", by or before, self, details={"former_owner": before}))

    def delete(self, *, by: User | None = None) -> None:
        """The last webhook goes out; after it the repository is gone."""
        self.github.emit(Event("repository", "deleted", by or self.owner, self))
        for installation in self.github.installations_of(self):
            installation.repositories.remove(self)
        del self.github.repositories[self.id]
