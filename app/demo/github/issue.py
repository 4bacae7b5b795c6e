"""Issues, and what pull requests share with them: words, labels, comments, open or closed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from app.demo.github.events import Event
from app.demo.github.model import App, IssueComment, Label, Reaction, Refused, User

if TYPE_CHECKING:
    from app.demo.github.repository import Repository

REACTIONS = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


@dataclass(eq=False, kw_only=True)
class Issue:
    """Verbs take `by`: who acts. Without it, the owner of the repository acts."""

    event_name: ClassVar[str] = "issues"

    repository: "Repository" = field(repr=False)
    number: int
    id: int
    title: str
    body: str
    user: User
    created_at: datetime
    updated_at: datetime
    state: str = "open"
    locked: bool = False
    """Locked conversations take no comment of an App's."""
    closed_at: datetime | None = None
    closed_by: User | None = None
    label_names: list[str] = field(default_factory=list)
    comments: dict[int, IssueComment] = field(default_factory=dict)
    edits: list[tuple[datetime, User]] = field(default_factory=list)
    """When its text was edited, and by whom, the oldest first."""

    @property
    def labels(self) -> set[str]:
        return set(self.label_names)

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def last_comment(self) -> str:
        """Text of the youngest comment, "" without one."""
        return max(self.comments.values(), key=lambda comment: comment.id).body if self.comments else ""

    def edit(self, *, title: str | None = None, body: str | None = None, by: User | None = None) -> None:
        changes: dict[str, Any] = {}
        if title is not None and title != self.title:
            changes["title"] = {"from": self.title}
            self.title = title
        if body is not None and body != self.body:
            changes["body"] = {"from": self.body}
            self.body = body
            self.edits.append((self.repository.github.now(), by or self.repository.owner))
        if changes:
            self._announce("edited", by=by, details={"changes": changes})

    def close(self, *, by: User | None = None) -> None:
        if not self.is_open:
            return
        self.state, self.closed_at = "closed", self.repository.github.now()
        self.closed_by = by or self.repository.owner
        self._announce("closed", by=by)

    def reopen(self, *, by: User | None = None) -> None:
        if self.is_open:
            return
        self.state, self.closed_at, self.closed_by = "open", None, None
        self._announce("reopened", by=by)

    def label(self, *names: str, by: User | None = None) -> None:
        for name in names:
            if name.lower() in {known.lower() for known in self.label_names}:
                continue
            label = self.repository.find_label(name) or self.repository.create_label(name, by=by)
            self.label_names.append(label.name)
            self._announce("labeled", by=by, label=label)

    def unlabel(self, name: str, *, by: User | None = None) -> None:
        """Raises Refused when the label is not there."""
        label = self.repository.find_label(name)
        if label is None or label.name not in self.label_names:
            raise Refused(404, "Label does not exist")
        self.label_names.remove(label.name)
        self._announce("unlabeled", by=by, label=label)

    def set_labels(self, names: Iterable[str], *, by: User | None = None) -> None:
        wanted = list(names)
        for name in [name for name in self.label_names if name not in wanted]:
            self.unlabel(name, by=by)
        self.label(*wanted, by=by)

    def comment(self, body: str, *, by: User | None = None, app: App | None = None) -> IssueComment:
        github = self.repository.github
        now = github.now()
        comment = IssueComment(github.next_id(), self.number, by or self.repository.owner, body, now, now, app)
        self.comments[comment.id] = comment
        self._announce_comment("created", comment, by=by)
        return comment

    def edit_comment(self, comment: IssueComment, body: str, *, by: User | None = None) -> None:
        if body == comment.body:
            return
        before, comment.body, comment.updated_at = comment.body, body, self.repository.github.now()
        self._announce_comment("edited", comment, by=by, details={"changes": {"body": {"from": before}}})

    def delete_comment(self, comment: IssueComment, *, by: User | None = None) -> None:
        del self.comments[comment.id]
        self._announce_comment("deleted", comment, by=by)

    def react(self, comment: IssueComment, content: str, *, by: User | None = None) -> tuple[Reaction, bool]:
        """The reaction, and whether it is new: one person reacts once with each. GitHub sends no webhook for it."""
        if content not in REACTIONS:
            raise Refused(422, "Validation Failed")
        who = by or self.repository.owner
        for known in comment.reactions:
            if known.user == who and known.content == content:
                return known, False
        github = self.repository.github
        reaction = Reaction(github.next_id(), who, content, github.now())
        comment.reactions.append(reaction)
        return reaction, True

    def _announce(
        self, action: str, *, by: User | None, label: Label | None = None, details: dict[str, Any] | None = None
    ) -> None:
        self.updated_at = self.repository.github.now()
        self.repository.github.emit(
            Event(
                self.event_name,
                action,
                by or self.repository.owner,
                self.repository,
                self,
                label=label,
                details=details or {},
            )
        )

    def _announce_comment(
        self, action: str, comment: IssueComment, *, by: User | None, details: dict[str, Any] | None = None
    ) -> None:
        self.updated_at = self.repository.github.now()
        sender = by or self.repository.owner
        self.repository.github.emit(
            Event("issue_comment", action, sender, self.repository, comment, parent=self, details=details or {})
        )
