"""What follows the verb of a command: for how long, why, on which pull request. People write it in many ways."""

import re
from dataclasses import dataclass
from datetime import timedelta

LONGEST_HOLD = timedelta(days=365)
LONGEST_UNBLOCK = timedelta(days=30)
LONGEST_REASON = 300
_MOST_NUMBERS = 10

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_SPAN = r"for[ ]+(?P<count>\d{1,5})[ ]*(?P<unit>m|h|d|w)(?:in|ins|inutes?|ours?|rs?|ays?|eeks?)?(?![\w])"
_FIRST = re.compile(rf"(?i)^{_SPAN}[ ,:.-]*(?P<rest>.*)$")
_FOR = re.compile(rf"(?i)(?:^|[ ]){_SPAN}")
# Phones write “ ” for quotes and — for two hyphens.
_REASON = re.compile(r"(?i)(?:--|—)reason[ =]+(?:\"(?P<a>[^\"]*)\"|“(?P<b>[^”]*)”|'(?P<c>[^']*)'|(?P<d>.+))")
_NUMBER = re.compile(r"#?(\d{1,9})")


class BadArgument(Exception):
    """The text says what is wrong, to the person who wrote it."""


@dataclass(frozen=True, slots=True)
class HoldOrder:
    """`span` is None where the hold ends by `unhold` alone."""

    span: timedelta | None
    reason: str


@dataclass(frozen=True, slots=True)
class UnblockOrder:
    span: timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class DependsOrder:
    """`off` takes the dependencies away."""

    numbers: tuple[int, ...]
    off: bool


def read_hold(argument: str) -> HoldOrder:
    """`for 2h the reason`, or the reason alone. Raises BadArgument."""
    found = _FIRST.match(argument)
    if found is None:
        return HoldOrder(None, _reason(argument))
    return HoldOrder(_span(found, LONGEST_HOLD), _reason(found["rest"]))


def read_unblock(argument: str) -> UnblockOrder:
    """`--reason "…" for 1d`, in either order; without a span a day. Raises BadArgument."""
    found = _REASON.search(argument)
    if found is None:
        raise BadArgument('Say why, for those who come after you: `/fluxmig unblock --reason "…" for 1d`.')
    quoted = found["a"] or found["b"] or found["c"]
    outside = argument[: found.start()] + " " + argument[found.end() :] if quoted else argument
    span = _FOR.search(outside)
    said = quoted or (found["d"] or "")
    if not quoted and span is not None and span.start() > found.start():
        said = argument[found.start("d") : span.start()] if found["d"] else ""
    reason = _reason(said)
    if not reason:
        raise BadArgument('The reason is empty: `/fluxmig unblock --reason "…" for 1d`.')
    return UnblockOrder(_span(span, LONGEST_UNBLOCK) if span else timedelta(days=1), reason)


def read_depends(argument: str) -> DependsOrder:
    """`on #5 #6`, or `off #5`. Raises BadArgument."""
    word, *rest = argument.replace(",", " ").rstrip(" .").split() or [""]
    numbers = [int(found[1]) for one in rest if (found := _NUMBER.fullmatch(one))]
    if word.lower() not in ("on", "off") or not numbers or len(numbers) != len(rest):
        raise BadArgument("Which one? `/fluxmig depends on #5`, and `/fluxmig depends off #5` to end it.")
    if len(numbers) > _MOST_NUMBERS:
        raise BadArgument(f"That are too many at once; {_MOST_NUMBERS} are allowed.")
    return DependsOrder(tuple(dict.fromkeys(numbers)), word.lower() == "off")


def _span(found: re.Match[str], longest: timedelta) -> timedelta:
    span = int(found["count"]) * _UNITS[found["unit"].lower()]
    if not timedelta() < span <= longest:
        raise BadArgument(f"For how long? More than nothing, and {longest.days} days at most.")
    return span


def _reason(text: str) -> str:
    return " ".join(text.split())[:LONGEST_REASON]
