"""Small pieces of English that several sentences share."""

from collections.abc import Sequence

_NUMBERS = (
    ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
)  # fmt: skip
_CAPITALS = frozenset({"api", "crd"})


def count(number: int, noun: str = "pull request") -> str:
    """`nine pull requests`, `one pull request`, `no pull requests`, `13 pull requests`."""
    return f"{in_words(number)} {noun if number == 1 else noun + 's'}"


def in_words(number: int) -> str:
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def capitalized(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def numbers(of: Sequence[int], *, shown: int = 4) -> str:
    """`#1`, `#1 and #2`, `#1, #2 and #3`, `#1, #2, #3, #4 and 3 more`."""
    names = [f"#{number}" for number in of]
    if len(names) > shown:
        names = [*names[:shown], f"{len(names) - shown} more"]
    return listed(names)


def listed(names: Sequence[str], last: str = "and") -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


def provider_name(provider: str) -> str:
    """`flux-operator` as people write it: `Flux Operator`."""
    return " ".join(
        word.upper() if word in _CAPITALS else word.capitalize() for word in provider.replace("_", "-").split("-")
    )
