"""Whether one commit contains another, as far as it is known; what is not is noted down to be asked of GitHub."""

from collections.abc import Mapping

from app.domain.model import Answer

Pair = tuple[str, str]
"""The older commit, and the one that may contain it."""

MOST_WANTED = 10
"""What one look asks at most."""


class Ancestry:
    """Answers from `known`. Commits never change, so an answer holds for ever; UNKNOWN is what GitHub does not know."""

    def __init__(self, known: Mapping[Pair, Answer]) -> None:
        self._known = dict(known)
        self.wanted: list[Pair] = []

    def add(self, known: Mapping[Pair, Answer]) -> None:
        """Answers that came later."""
        self._known |= known

    def contains(self, commit: str, ancestor: str) -> Answer | None:
        """Whether `commit` is `ancestor` or comes after it; None where nobody has asked yet."""
        if not ancestor:
            return Answer.UNKNOWN
        if commit == ancestor:
            return Answer.YES
        pair = ancestor, commit
        if pair not in self._known:
            if pair not in self.wanted and len(self.wanted) < MOST_WANTED:
                self.wanted.append(pair)
            return None
        return self._known[pair]
