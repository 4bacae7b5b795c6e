"""Patterns as Renovate has them for names and paths: globs, `/regular expressions/`, and `!` for what must not match.

In a glob `*` and `?` stay within one part of a path, `**` crosses `/` (and `**/` may be nothing at all), `{a,b}` is
either, `[ab]` one of the signs (https://docs.renovatebot.com/string-pattern-matching/). A glob matches the whole text,
a regular expression any part of it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.linear_regex import BadRegex, LinearRegex

LONGEST = 300
_LONGEST_TEXT = 1_000

__all__ = ["BadRegex", "Pattern", "Patterns", "read_pattern", "read_patterns"]


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """One pattern. `negated` when it began with `!`."""

    text: str
    negated: bool
    _regex: LinearRegex

    @property
    def size(self) -> int:
        return self._regex.size

    def matches(self, text: str) -> bool:
        """Whether it matches, its `!` aside. Texts longer than any name or path match nothing."""
        return len(text) <= _LONGEST_TEXT and self._regex.search(text)


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """A list of patterns: one of them must match, and none of those with `!`."""

    wanted: tuple[Pattern, ...] = ()
    unwanted: tuple[Pattern, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted or self.unwanted)

    @property
    def size(self) -> int:
        """How much work a match can be."""
        return sum(pattern.size for pattern in (*self.wanted, *self.unwanted))

    def match(self, text: str) -> bool:
        return self.match_any((text,))

    def match_any(self, texts: Iterable[str]) -> bool:
        """The same for several texts at once: none of them may be unwanted."""
        texts = tuple(texts)
        if any(pattern.matches(text) for pattern in self.unwanted for text in texts):
            return False
        return not self.wanted or any(pattern.matches(text) for pattern in self.wanted for text in texts)


def read_patterns(texts: Sequence[str], *, ignore_case: bool = False) -> Patterns:
    """Raises BadRegex."""
    read = [read_pattern(text, ignore_case=ignore_case) for text in texts]
    return Patterns(
        wanted=tuple(pattern for pattern in read if not pattern.negated),
        unwanted=tuple(pattern for pattern in read if pattern.negated),
    )


def read_pattern(text: str, *, ignore_case: bool = False) -> Pattern:
    """Raises BadRegex, with a sentence for its author."""
    negated, body = text.startswith("!"), text.removeprefix("!")
    if not body:
        raise BadRegex("the pattern is empty")
    if len(text) > LONGEST:
        raise BadRegex(f"the pattern has {len(text)} characters; {LONGEST} are allowed")
    if match := re.fullmatch(r"/(?P<body>.+)/(?P<flags>\w*)", body, re.DOTALL):
        if match.group("flags").strip("i"):
            raise BadRegex(f"`{match.group('flags')}` is no flag that is known; only `i` is, for upper and lower case")
        regex = LinearRegex(match.group("body"), ignore_case=ignore_case or match.group("flags") == "i")
    else:
        regex = LinearRegex(_glob_to_regex(body), ignore_case=ignore_case)
    return Pattern(text, negated, regex)


_GLOB_PARTS = re.compile(
    r"(?P<folders>\*\*/)|(?P<all>\*\*)|(?P<some>\*)|(?P<one>\?)|(?P<class>\[[^\]]+\])|(?P<sign>.)", re.DOTALL
)


def _glob_to_regex(glob: str) -> str:
    glob = f"{glob}**" if glob.endswith("/") else glob
    parts: list[str] = []
    open_braces = 0
    for match in _GLOB_PARTS.finditer(glob):
        sign = match.group("sign")
        if sign == "{":
            open_braces += 1
        elif sign == "}" and open_braces:
            open_braces -= 1
        parts.append(_translated(match, in_braces=open_braces > 0 or sign == "}"))
    if open_braces:
        raise BadRegex("a `{` that nothing closes")
    return f"^{''.join(parts)}$"


def _translated(match: re.Match[str], *, in_braces: bool) -> str:
    match match.lastgroup:
        case "folders":
            return "(?:.*/)?"
        case "all":
            return ".*"
        case "some":
            return "[^/]*"
        case "one":
            return "[^/]"
        case "class":
            inside = match.group()[1:-1]
            inside = f"^{inside[1:]}" if inside[0] == "!" else inside
            return f"[{inside}]".replace("\\", "\\\\")
        case _:
            sign = match.group()
            if in_braces and sign in "{},":
                return {"{": "(?:", "}": ")", ",": "|"}[sign]
            return sign if sign.isalnum() else f"\\{sign}"
