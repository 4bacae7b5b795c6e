"""The stand-in Renovate: opens update pull requests on the stand-in GitHub and regenerates them when it is asked to.

What asks it, and what it leaves alone:
https://docs.renovatebot.com/updating-rebasing/ and
https://github.com/renovatebot/renovate/blob/main/lib/workers/repository/update/branch/index.ts
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.demo.github.issue import Issue
from app.demo.github.model import GITHUB_COMMITTER_EMAIL
from app.demo.github.objects import Commit, Signature
from app.demo.github.pull_request import PullRequest
from app.demo.github.repository import Repository
from app.demo.github.state import GitHub
from app.demo.renovate_body import CHECKBOX, EDITED_NOTICE, BodyFacts, UpdateRow, is_ticked, write_body

EMAIL = "29139614+renovate[bot]@users.noreply.github.com"
REBASE_LABEL = "rebase"
STOP_LABEL = "stop-updating"


@dataclass(frozen=True, slots=True)
class LineEdit:
    """In `path`, every line that is `old` becomes `new` (without line ends). None for `old` makes a file of `new`."""

    path: str
    old: str | None
    new: str


@dataclass(frozen=True, slots=True)
class RenovateUpdate:
    """One branch's worth of updates. `notes` maps a version to its release notes."""

    title: str
    branch: str
    rows: tuple[UpdateRow, ...]
    edits: tuple[LineEdit, ...]
    labels: tuple[str, ...] = ()
    notes: Mapping[str, str] | None = None


class CannotApply(Exception):
    """A line that the update replaces is not there any more."""


class Renovate:
    """`rebase_when` is "conflicted" or "behind-base-branch", as in Renovate's option, or "never"."""

    def __init__(self, github: GitHub, *, version: str = "44.121.2", rebase_when: str = "conflicted") -> None:
        self.github = github
        self.user = github.renovate
        self.version = version
        self.rebase_when = rebase_when
        self.notifies_of_edits = True
        """Off where `suppressNotifications` has `prEditedNotification`."""
        self._ticked: set[str] = set()
        self._updates: dict[tuple[int, str], RenovateUpdate] = {}

    def opens(self, repository: Repository, update: RenovateUpdate, *, number: int | None = None) -> PullRequest:
        """A pull request with one commit on the base, labelled after it was opened."""
        commit = self._commit(repository, update, repository.default_branch)
        repository.move_branch(update.branch, commit, by=self.user)
        self._updates[repository.id, update.branch] = update
        return repository.open_pull_request(
            title=update.title,
            branch=update.branch,
            body=self._body(repository.default_branch, update),
            labels=update.labels,
            number=number,
            by=self.user,
        )

    def bumps(
        self,
        repository: Repository,
        package: str,
        from_: str,
        to: str,
        *,
        edits: Iterable[LineEdit],
        update: str = "minor",
        branch: str | None = None,
        title: str | None = None,
        number: int | None = None,
    ) -> PullRequest:
        """`opens` for a single package, with Renovate's default title and branch name."""
        slug = re.sub(r"[^a-z0-9.]+", "-", package.lower()).strip("-")
        major = re.sub(r"^v", "", to.rpartition("/")[2]).partition(".")[0]
        return self.opens(
            repository,
            RenovateUpdate(
                title=title or f"chore(deps): update {package.lower()} to {to}",
                branch=branch or f"renovate/{slug}-{major}.x",
                rows=(UpdateRow(package, update, from_, to),),
                edits=tuple(edits),
                labels=(f"type/{update}",),
            ),
            number=number,
        )

    def opens_dashboard(self, repository: Repository) -> Issue:
        """Its Dependency Dashboard, with the boxes of the open pull requests."""
        return repository.open_issue(title="Dependency Dashboard", body=self._dashboard(repository), by=self.user)

    def _dashboard(self, repository: Repository) -> str:
        pulls = self._own_pull_requests(repository)
        boxes = [
            f" - [ ] <!-- rebase-branch={pull.head_branch} -->[{pull.title}](../pull/{pull.number})" for pull in pulls
        ]
        every = " - [ ] <!-- rebase-all-open-prs -->**Click on this checkbox to rebase all open PRs at once**"
        return "\n".join(
            ["This issue lists Renovate updates and detected dependencies.", "", "## Open", "", *boxes, every]
        )

    def _read_dashboard(self, repository: Repository) -> set[str]:
        """The branches whose box is ticked; the boxes are empty afterwards."""
        ticked: set[str] = set()
        for issue in list(repository.issues.values()):
            if issue.user == self.user and issue.is_open and "<!-- rebase-branch=" in issue.body:
                ticked |= set(re.findall(r" - \[x\] <!-- rebase-branch=([^\s]+) -->", issue.body))
                issue.edit(body=self._dashboard(repository), by=self.user)
        return ticked

    def run(self, repository: Repository) -> list[PullRequest]:
        """One run over all its open pull requests; those that it pushed to."""
        self._ticked = self._read_dashboard(repository)
        pushed = [pull for pull in self._own_pull_requests(repository) if self._look_after(repository, pull)]
        self._prune(repository)
        return pushed

    def _own_pull_requests(self, repository: Repository) -> list[PullRequest]:
        return [pull for pull in repository.open_pull_requests if pull.user == self.user]

    def _look_after(self, repository: Repository, pull: PullRequest) -> bool:
        update = self._update_of(repository, pull)
        ticked = is_ticked(pull.body) or pull.head_branch in self._ticked
        if STOP_LABEL in pull.labels and not ticked:
            return False
        if self._is_in_base(repository, pull, update):
            pull.edit(title=f"{pull.title} - autoclosed", by=self.user)
            pull.close(by=self.user)
            repository.delete_branch(pull.head_branch, by=self.user)
            return False
        labelled = REBASE_LABEL in pull.labels
        if labelled:
            pull.unlabel(REBASE_LABEL, by=self.user)
        if not ticked and not labelled:
            if not self._would_rebase(pull):
                return False
            if self.is_edited(pull):
                self._notify_of_edits(pull)
                return False
        try:
            commit = self._commit(repository, update, pull.base_branch)
        except CannotApply:
            return False
        before = pull.head_sha
        repository.move_branch(pull.head_branch, commit, by=self.user)
        pull.edit(body=self._body(pull.base_branch, update, pull=pull), by=self.user)
        return pull.head_sha != before

    def _would_rebase(self, pull: PullRequest) -> bool:
        if self.rebase_when == "behind-base-branch":
            return pull.behind_by > 0
        return self.rebase_when == "conflicted" and not pull.mergeable

    def is_edited(self, pull: PullRequest) -> bool:
        """Somebody else wrote or committed on the branch."""
        emails = {email for commit in pull.commits() for email in (commit.author.email, commit.committer.email)}
        return bool(emails - {EMAIL, GITHUB_COMMITTER_EMAIL})

    def _notify_of_edits(self, pull: PullRequest) -> None:
        told = any(comment.user == self.user and comment.body == EDITED_NOTICE for comment in pull.comments.values())
        if self.notifies_of_edits and not told:
            pull.comment(EDITED_NOTICE, by=self.user)

    def _prune(self, repository: Repository) -> None:
        """Deletes its branches whose pull request was merged or closed."""
        for branch in [name for name in repository.branches if name.startswith("renovate/")]:
            known = [pull for pull in repository.pull_requests.values() if pull.head_branch == branch]
            if known and not any(pull.is_open for pull in known):
                repository.delete_branch(branch, by=self.user)

    # --- the update itself ---

    def _update_of(self, repository: Repository, pull: PullRequest) -> RenovateUpdate:
        """What it opened, or what its own commit on the branch says."""
        key = (repository.id, pull.head_branch)
        if key not in self._updates:
            self._updates[key] = _read_update(repository, pull)
        return self._updates[key]

    def _is_in_base(self, repository: Repository, pull: PullRequest, update: RenovateUpdate) -> bool:
        tree = repository.tree(pull.base_branch)
        try:
            return all(tree.get(path) == text for path, text in _apply(tree, update.edits).items())
        except CannotApply:
            return False

    def _commit(self, repository: Repository, update: RenovateUpdate, base: str) -> Commit:
        """One commit on the head of the base, written and committed by Renovate. Raises CannotApply."""
        parent = repository.branches[base]
        signature = Signature(self.user.login, EMAIL, self.github.now())
        changes = _apply(repository.commits[parent].tree, update.edits)
        return repository.commit_on(parent, dict(changes), message=update.title, author=signature)

    def _body(self, base: str, update: RenovateUpdate, *, pull: PullRequest | None = None) -> str:
        if not update.rows:
            assert pull is not None
            return CHECKBOX.sub("- [ ] <!-- rebase-check -->", pull.body)
        behind = self.rebase_when == "behind-base-branch"
        facts = BodyFacts(
            rows=update.rows,
            target_branch=base,
            labels=update.labels,
            several_files=len(update.edits) > 1,
            notes=tuple((update.notes or {}).items()),
            rebasing="Whenever PR is behind base branch" if behind else "Whenever PR becomes conflicted",
        )
        return write_body(facts, version=self.version)


def _apply(tree: Mapping[str, str], edits: Iterable[LineEdit]) -> dict[str, str]:
    """Path -> new text. A line that already reads as wanted is no obstacle. Raises CannotApply."""
    changes: dict[str, str] = {}
    for edit in edits:
        if edit.old is None:
            changes[edit.path] = edit.new
            continue
        lines = changes.get(edit.path, tree.get(edit.path, "")).split("\n")
        if edit.old not in lines and edit.new not in lines:
            raise CannotApply(f"{edit.path} has no line {edit.old!r}")
        changes[edit.path] = "\n".join(edit.new if line == edit.old else line for line in lines)
    return changes


def _read_update(repository: Repository, pull: PullRequest) -> RenovateUpdate:
    """The update of a branch that this Renovate did not open: the line replacements of Renovate's commit on it."""
    edits: list[LineEdit] = []
    for commit in pull.commits():
        if commit.author.email != EMAIL:
            continue
        before = repository.commits[commit.parents[0]].tree
        for path, text in commit.tree.items():
            if before.get(path) == text:
                continue
            old, new = before.get(path, "").split("\n"), text.split("\n")
            if path not in before or len(old) != len(new):
                edits.append(LineEdit(path, None, text))
            else:
                edits += [LineEdit(path, was, now) for was, now in zip(old, new, strict=True) if was != now]
    return RenovateUpdate(pull.title, pull.head_branch, (), tuple(dict.fromkeys(edits)), tuple(pull.label_names))
