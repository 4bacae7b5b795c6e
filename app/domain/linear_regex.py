"""Regular expressions that cannot run away: all possibilities are followed at once, one character at a time.

Python's `re` tries possibilities one after the other, so a pattern such as `(a+)+$` can keep it busy for years. People
write patterns into a file that a shared service reads, so those are matched in time that grows with the text and not
faster (Thompson's construction, https://swtch.com/~rsc/regexp/regexp1.html). What cannot be matched that way, such as
references back and looking ahead, is refused, as RE2 does, which Renovate uses.
"""

from collections.abc import Callable, Iterable

from app.domain.regex_parts import (
    TEXT_END,
    TEXT_START,
    BadRegex,
    Branches,
    One,
    Part,
    Repeat,
    Sequence,
    accept_anything,
    parse_regex,
)

__all__ = ["BadRegex", "LinearRegex"]

MOST_STATES = 1_000
_MOST_STEPS = 2_000
"""How many steps from one set of states to the next are remembered."""
_DONE = 0

States = frozenset[int]


class LinearRegex:
    """A compiled pattern; `search` is like that of `re`. Raises BadRegex.

    A state waits for a character that it accepts, or, where `_accepts` has None, leads on to others at once.
    """

    def __init__(self, pattern: str, *, ignore_case: bool = False) -> None:
        self._fold = ignore_case
        self._accepts: list[Callable[[str], bool] | None] = [None]
        self._next: list[tuple[int, ...]] = [()]
        around = Repeat(One(accept_anything), 0, None)
        part = Sequence((around, parse_regex(pattern, ignore_case=ignore_case)))
        self._start = self._closure([self._build(part, _DONE)])
        self._steps: dict[tuple[States, str], States] = {}

    @property
    def size(self) -> int:
        """How many states it has: matching a character takes at most so many steps."""
        return len(self._next)

    def search(self, text: str) -> bool:
        """Whether the pattern matches anywhere in `text`."""
        current = self._start
        for character in f"{TEXT_START}{text.casefold() if self._fold else text}{TEXT_END}":
            if _DONE in current:
                return True
            current = self._steps.get((current, character)) or self._step(current, character)
        return _DONE in current

    def _step(self, current: States, character: str) -> States:
        reached = [
            following
            for index in current
            if (accepts := self._accepts[index]) is not None and accepts(character)
            for following in self._next[index]
        ]
        if len(self._steps) >= _MOST_STEPS:
            self._steps.clear()
        states = self._steps[current, character] = self._closure(reached)
        return states

    def _closure(self, indexes: Iterable[int]) -> States:
        seen: set[int] = set()
        queue = list(indexes)
        while queue:
            index = queue.pop()
            if index not in seen:
                seen.add(index)
                if self._accepts[index] is None:
                    queue.extend(self._next[index])
        return frozenset(seen)

    def _build(self, part: Part, following: int) -> int:
        """The state where `part` begins; when it has matched, it goes on with `following`."""
        match part:
            case One(accepts):
                return self._add(accepts, (following,))
            case Sequence(parts):
                for inner in reversed(parts):
                    following = self._build(inner, following)
                return following
            case Branches(parts):
                return self._add(None, tuple(self._build(inner, following) for inner in parts))
            case Repeat(inner, low, high):
                return self._build_repeat(inner, low, high, following)

    def _build_repeat(self, inner: Part, low: int, high: int | None, following: int) -> int:
        if high is None:
            again = self._add(None, (following,))
            self._next[again] = (self._build(inner, again), following)
            following = again
        else:
            end = following
            for _ in range(high - low):
                following = self._add(None, (self._build(inner, following), end))
        for _ in range(low):
            following = self._build(inner, following)
        return following

    def _add(self, accepts: Callable[[str], bool] | None, following: tuple[int, ...]) -> int:
        if len(self._next) >= MOST_STATES:
            raise BadRegex("the pattern is too large")
        self._accepts.append(accepts)
        self._next.append(following)
        return len(self._next) - 1
