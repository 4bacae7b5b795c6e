"""What the App must be allowed to do and told of, and what does not work without each."""

from dataclasses import dataclass

_LEVELS = {"": 0, "read": 1, "write": 2, "admin": 3}


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission of the App, by the name that GitHub's API uses; `without` ends a sentence."""

    name: str
    level: str
    without: str

    @property
    def title(self) -> str:
        """As GitHub's settings show it."""
        return self.name.replace("_", " ").capitalize()

    def is_granted(self, level: str) -> bool:
        return _LEVELS.get(level, 0) >= _LEVELS[self.level]


@dataclass(frozen=True, slots=True)
class Subscription:
    """One webhook event that the App subscribes to; check, installation and ping events come by themselves."""

    name: str
    without: str

    @property
    def title(self) -> str:
        """As GitHub's settings show it."""
        return self.name.replace("_", " ").capitalize()


PERMISSIONS = (
    Permission("metadata", "read", "GitHub shows the App nothing at all"),
    Permission("contents", "read", "fluxmig sees neither manifests nor branches, and plans nothing"),
    Permission("pull_requests", "write", "there are no labels, and Renovate cannot be asked to rebase"),
    Permission("checks", "write", "there is no check, and nothing holds a merge"),
    Permission("issues", "write", "commands are neither acknowledged nor answered"),
    Permission("statuses", "read", "what Flux tells by commit statuses is not heard"),
    Permission("merge_queues", "read", "merge groups are not told of, and a queue that requires the check stalls"),
)

UPDATE_BRANCH = Permission("contents", "write", "`rebase.update_branch` does nothing")
START_WORKFLOW = Permission("actions", "write", "`rebase.workflow` starts nothing")
"""Only where the configuration of a repository asks for it."""

OPTIONAL = (
    Permission("contents", "write", "`/fluxmig rollback --yes` opens no pull request, and gives the commands instead"),
)
"""What nobody has to grant."""

SUBSCRIPTIONS = (
    Subscription("pull_request", "new heads and merges are noticed at the next full look only"),
    Subscription("push", "a push to the base branch is noticed at the next full look only"),
    Subscription("issue_comment", "commands in comments are not noticed"),
    Subscription("issues", "boxes of the dashboard issue do nothing"),
    Subscription("status", "what Flux tells by commit statuses is noticed at the next full look only"),
    Subscription("repository", "a rename or a transfer is noticed at the next full look only"),
)
