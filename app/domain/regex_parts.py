"""The syntax of a regular expression, as far as it can be matched in linear time."""

import re
from collections.abc import Callable
from dataclasses import dataclass

TEXT_START, TEXT_END = "\x02", "\x03"
"""Stand before and behind the text, so that `^` and `$` are characters like others."""

_MOST_REPEATS = 100
_DEEPEST = 20
_GROUP_START = re.compile(r"\?(?::|<[A-Za-z_$][\w$]*>)")
"""`(?:` and JavaScript's `(?<name>`: a name changes nothing where only a match is asked for."""


class BadRegex(ValueError):
    """The pattern cannot be read, or not be matched in linear time. The text says what, and where it stands."""


Accepts = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class One:
    """One character."""

    accepts: Accepts


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: "tuple[Part, ...]"


@dataclass(frozen=True, slots=True)
class Branches:
    parts: "tuple[Part, ...]"


@dataclass(frozen=True, slots=True)
class Repeat:
    """`high` is None where there is no upper bound."""

    part: "Part"
    low: int
    high: int | None


Part = One | Sequence | Branches | Repeat


def accept_anything(_character: str) -> bool:
    """Any character, and the ends of the text."""
    return True


def _in_text(character: str) -> bool:
    return character not in {TEXT_START, TEXT_END, "\n"}


_CLASSES: dict[str, Accepts] = {
    "d": str.isdecimal,
    "w": lambda character: character.isalnum() or character == "_",
    "s": str.isspace,
}
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_REPEATS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def parse_regex(pattern: str, *, ignore_case: bool = False) -> Part:
    """Read `pattern`. With `ignore_case` its letters are folded; so must be the text. Raises BadRegex."""
    return _Parser(pattern, ignore_case=ignore_case).parse()


class _Parser:
    def __init__(self, pattern: str, *, ignore_case: bool) -> None:
        self._text = pattern
        self._at = 0
        self._depth = 0
        self._fold = ignore_case

    def parse(self) -> Part:
        part = self._branches()
        if self._at < len(self._text):
            raise self._error("a `)` that nothing opens")
        return part

    def _error(self, problem: str) -> BadRegex:
        return BadRegex(f"{problem}, at character {self._at + 1} of the pattern")

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        taken = self._peek()
        if not taken:
            raise self._error("it ends too early")
        self._at += 1
        return taken

    def _branches(self) -> Part:
        branches = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Branches(tuple(branches))

    def _sequence(self) -> Part:
        parts: list[Part] = []
        while self._peek() not in {"", "|", ")"}:
            parts.append(self._repeated(self._atom()))
        return Sequence(tuple(parts))

    def _repeated(self, part: Part) -> Part:
        while (sign := self._peek()) in {"*", "+", "?", "{"}:
            if sign == "{":
                low, high = self._counts()
            else:
                self._at += 1
                low, high = _REPEATS[sign]
            if self._peek() == "+":
                raise self._error("a possessive repeat, which is not supported")
            if self._peek() == "?":
                # Lazy or greedy makes no difference to whether something matches.
                self._at += 1
            part = Repeat(part, low, high)
        return part

    def _counts(self) -> tuple[int, int | None]:
        end = self._text.find("}", self._at)
        low, comma, high = self._text[self._at + 1 : max(end, 0)].partition(",")
        if end < 0 or not low.isdecimal() or (high and not high.isdecimal()):
            raise self._error("a `{` that is no repeat such as `{2,3}`; write `\\{` for the sign itself")
        least, most = int(low[:6]), int(high[:6]) if high else None if comma else int(low[:6])
        if max(least, most or 0) > _MOST_REPEATS or (most is not None and most < least):
            raise self._error(f"a repeat must go up, and to {_MOST_REPEATS} at most")
        self._at = end + 1
        return least, most

    def _atom(self) -> Part:
        sign = self._take()
        match sign:
            case "(":
                return self._group()
            case "[":
                return One(self._class())
            case ".":
                return One(_in_text)
            case "^" | "$":
                while self._peek() == sign:
                    self._at += 1
                return One((TEXT_START if sign == "^" else TEXT_END).__eq__)
            case "\\":
                return One(self._escape())
            case "*" | "+" | "?" | "{":
                self._at -= 1
                raise self._error(f"`{sign}` with nothing to repeat")
            case _:
                return One(self._folded(sign).__eq__)

    def _group(self) -> Part:
        if self._peek() == "?":
            if (start := _GROUP_START.match(self._text, self._at)) is None:
                raise self._error("a `(?…` other than `(?:` or `(?<name>`; looking around and flags are not supported")
            self._at = start.end()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._error("too many groups inside each other")
        part = self._branches()
        if self._peek() != ")":
            raise self._error("a `(` that nothing closes")
        self._at += 1
        self._depth -= 1
        return part

    def _escape(self) -> Accepts:
        sign = self._take()
        if sign.lower() in _CLASSES:
            inside = _CLASSES[sign.lower()]
            return inside if sign.islower() else lambda character: _in_text(character) and not inside(character)
        if sign.isalnum() and sign not in _ESCAPED:
            raise self._error(f"`\\{sign}` is not supported")
        return self._folded(_ESCAPED.get(sign, sign)).__eq__

    def _class(self) -> Accepts:
        negated = self._peek() == "^"
        self._at += negated
        single: set[str] = set()
        tests: list[Accepts] = []
        first = True
        while first or self._peek() != "]":
            first = False
            sign = self._take()
            if sign == "\\" and self._peek().lower() in _CLASSES:
                tests.append(self._escape())
                continue
            low = self._class_sign(sign)
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in {"", "]"}:
                self._at += 1
                tests.append(self._range(low, self._class_sign(self._take())))
            else:
                single.add(self._folded(low))
        self._at += 1

        def accepts(character: str) -> bool:
            inside = character in single or any(test(character) for test in tests)
            return _in_text(character) and inside is not negated

        return accepts

    def _class_sign(self, sign: str) -> str:
        if sign != "\\":
            return sign
        escaped = self._take()
        if escaped.isalnum() and escaped not in _ESCAPED:
            raise self._error(f"`\\{escaped}` is not supported inside `[…]`")
        return _ESCAPED.get(escaped, escaped)

    def _range(self, low: str, high: str) -> Accepts:
        if high < low:
            raise self._error(f"the range `{low}-{high}` goes backwards")
        if not self._fold:
            return lambda character: low <= character <= high
        return lambda character: low <= character <= high or low <= character.upper() <= high

    def _folded(self, sign: str) -> str:
        return sign.casefold() if self._fold and len(sign.casefold()) == 1 else sign
