"""What happened, as GitHub announces it to Apps: the event's name, its action and the things it is about."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.demo.github.model import Label, User

if TYPE_CHECKING:
    from app.demo.github.repository import Repository


@dataclass(frozen=True, slots=True)
class Event:
    """`subject` is the noun concerned (pull request, comment, check run …), `parent` the issue of a comment.

    `details` go into the payload as they are.
    """

    name: str
    action: str | None
    sender: User
    repository: "Repository | None" = None
    subject: Any = None
    parent: Any = None
    label: Label | None = None
    details: dict[str, Any] = field(default_factory=dict)
