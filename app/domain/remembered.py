"""Results for each pull request that are kept from one plan to the next, as long as they would come out the same."""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from app.domain.watched import Question, Watch

Given = TypeVar("Given")
Around = TypeVar("Around")
Result = TypeVar("Result")


class Remembered(Generic[Given, Around, Result]):
    """What `work` made for each number of what was given for it and of what it asked of everything around.

    A result is made anew where the given value is another one, or where an answer that the work got has changed. A new
    result that equals the old one is the old object, so what is made from it stays too. `work` must be pure.
    """

    def __init__(self, work: Callable[[Given, Around], Result]) -> None:
        self._work = work
        self._watch: Watch[Around] = Watch()
        self._kept: dict[int, tuple[Given, Result, frozenset[Question]]] = {}
        self._pruned_at = 0
        self.made = 0
        """How many results the last run had to make."""

    def run(self, given: Mapping[int, Given], around: Around) -> dict[int, Result]:
        """The results for these numbers; those for all others are forgotten."""
        changed, self.made = self._watch.turn_to(around), 0
        before, kept, results = self._kept, {}, {}
        for number, value in given.items():
            known = before.get(number)
            if (
                known is None
                or (known[0] is not value and known[0] != value)
                or (changed and not changed.isdisjoint(known[2]))
            ):
                known = self._make(value, known)
            kept[number] = known
            results[number] = known[1]
        self._kept = kept
        self._prune()
        return results

    def _make(
        self, value: Given, known: tuple[Given, Result, frozenset[Question]] | None
    ) -> tuple[Given, Result, frozenset[Question]]:
        self.made += 1
        result = self._work(value, self._watch.listen())
        if known is not None and known[1] == result:
            result = known[1]
        return value, result, self._watch.asked

    def _prune(self) -> None:
        """Now and then, since questions of results that are gone cost only the asking."""
        if len(self._watch) > 2 * self._pruned_at + 1_000:
            self._watch.keep_only({question for _, _, asked in self._kept.values() for question in asked})
            self._pruned_at = len(self._watch)

    def __len__(self) -> int:
        return len(self._kept)
