"""Addresses of GitHub's pages. Text from outside is quoted, so no title, path or name can leave its place."""

from urllib.parse import quote

from app.config import Settings
from app.domain.model import Evidence
from app.domain.shared_file import split_shared


class RepositoryLinks:
    """The pages of one repository."""

    def __init__(self, settings: Settings, owner: str, name: str) -> None:
        self.own = self.page_of(owner, name)
        self._web = settings.github_web_url
        self.github = f"{self._web}/{quote(owner, safe='')}/{quote(name, safe='')}"

    @staticmethod
    def page_of(owner: str, name: str) -> str:
        """The path of our own page."""
        return f"/r/{quote(owner, safe='')}/{quote(name, safe='')}"

    @property
    def doctor(self) -> str:
        return f"{self.own}/doctor"

    @property
    def upgrade(self) -> str:
        return f"{self.own}/upgrade"

    @property
    def new_milestone(self) -> str:
        return f"{self.own}/milestones/new"

    def milestone(self, number: int) -> str:
        return f"{self.own}/milestones/{number}"

    def issue(self, number: int) -> str:
        return f"{self.github}/issues/{number}"

    def explain(self, number: int) -> str:
        return f"{self.own}/pull/{number}"

    def pull_request(self, number: int) -> str:
        return f"{self.github}/pull/{number}"

    def commit(self, sha: str) -> str:
        return f"{self.github}/commit/{quote(sha, safe='')}"

    def line(self, evidence: Evidence, commit: str) -> str | None:
        """The line at a commit; None where the evidence is no file of the repository, and none of its owner's."""
        anchor = f"#L{evidence.line}" if evidence.line else ""
        if shared := split_shared(evidence.file):
            repository, path = shared
            return f"{self._web}/{quote(repository)}/blob/HEAD/{quote(path)}{anchor}"
        if not commit or not evidence.file or "://" in evidence.file:
            return None
        return f"{self.github}/blob/{quote(commit, safe='')}/{quote(evidence.file)}{anchor}"
