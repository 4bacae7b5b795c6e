"""What was merged between the revision at which an object last succeeded and the one at which it fails."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RevisionRange:
    """The commits after the good revision up to the failing one. `whole` is False where GitHub gave only a part."""

    commits: frozenset[str]
    whole: bool = True

    def without(self, merges: Iterable[str | None]) -> int:
        """How many of its commits are none of these merges."""
        return len(self.commits - {merge for merge in merges if merge})
