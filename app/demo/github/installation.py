"""An App's installation on an account: which repositories it sees and what it may do there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from app.demo.github.events import Event
from app.demo.github.model import App, User
from app.demo.github.repository import Repository

if TYPE_CHECKING:
    from app.demo.github.state import GitHub


@dataclass(eq=False, kw_only=True)
class Installation:
    github: "GitHub" = field(repr=False)
    id: int
    app: App
    account: User
    permissions: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
    repositories: list[Repository] = field(default_factory=list)
    all_repositories: bool = False
    """Whether what the account gets later belongs to it too."""
    suspended_at: datetime | None = None
    suspended_by: User | None = None

    def add(self, repository: Repository, *, by: User | None = None) -> None:
        if repository in self.repositories:
            return
        self.repositories.append(repository)
        self._announce("installation_repositories", "added", by, added=[repository])

    def remove(self, repository: Repository, *, by: User | None = None) -> None:
        if repository not in self.repositories:
            return
        self.repositories.remove(repository)
        self._announce("installation_repositories", "removed", by, removed=[repository])

    def suspend(self, *, by: User | None = None) -> None:
        self.suspended_at, self.suspended_by = self.github.now(), by or self.account
        self._announce("installation", "suspend", by)

    def unsuspend(self, *, by: User | None = None) -> None:
        self.suspended_at, self.suspended_by = None, None
        self._announce("installation", "unsuspend", by)

    def uninstall(self, *, by: User | None = None) -> None:
        """The last webhook goes out; after it the installation is gone."""
        self._announce("installation", "deleted", by)
        del self.github.installations[self.id]

    def _announce(
        self,
        name: str,
        action: str,
        by: User | None,
        *,
        added: list[Repository] | None = None,
        removed: list[Repository] | None = None,
    ) -> None:
        self.updated_at = self.github.now()
        details = {"added": added or [], "removed": removed or []}
        self.github.emit(Event(name, action, by or self.account, None, self, details=details))
