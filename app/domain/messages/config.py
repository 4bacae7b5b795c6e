"""What is wrong with `.github/fluxmig.yaml`, and which of its rules spoke."""

from collections.abc import Sequence

from app.domain.model import Evidence

_LONGEST_SHOWN = 60
UNPRINTABLE = "a character here cannot be printed, such as NUL or escape"
SECOND_DOCUMENT = "a second YAML document; one file holds one configuration"
TOO_MUCH_WORK = "the patterns of this file are too many or too long, so that matching them would take too much time"


def unknown_key_problem(key: str, *, near: Sequence[str], allowed: Sequence[str]) -> str:
    meant = f"did you mean `{near[0]}`? Allowed: " if near else "allowed: "
    return f"`{_shown(key)}` is no key here; {meant}{', '.join(allowed)}"


def duplicate_key_problem(key: str) -> str:
    return f"`{_shown(key)}` stands twice here; only the last one would count"


def not_a_list_problem(key: str) -> str:
    return f"`{_shown(key)}` is no list; write `{_shown(key)}: [one, another]`"


def not_allowed_problem(value: str, *, allowed: str) -> str:
    return f"`{_shown(value)}` is not allowed here; allowed: {allowed.replace(chr(39), '')}"


def pattern_problem(pattern: str, problem: str) -> str:
    return f"`{_shown(pattern)}` is no pattern: {problem}"


def too_large_problem(what: str) -> str:
    return f"the file is too large: more than {what}"


def too_long_problem(name: str, most: int) -> str:
    return f"`{_shown(name)}` is too long; {most} are allowed"


def config_warning(problems: Sequence[Evidence], *, last_good: bool) -> str:
    """What the plan says while the file on the base branch is broken."""
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    counts = "the last text of it that was right counts" if last_good else "none of it counts"
    return (
        f"{first.file}:{first.line}: {first.text.rstrip('.')}{more}. Until this is mended, {counts}; "
        f"`fluxmig lint {first.file}` shows every mistake."
    )


def rule_reason(*, number: int, file: str, line: int, reason: str) -> str:
    """`rule 2 of .github/fluxmig.yaml:14: "calendar versions"`."""
    told = f': "{reason}"' if reason else ""
    return f"rule {number} of {file}:{line}{told}"


def _shown(text: str) -> str:
    """Somebody's words between backticks: short, on one line, and unable to leave them."""
    words = " ".join(text.replace("`", "'").split())
    return words if len(words) <= _LONGEST_SHOWN else words[: _LONGEST_SHOWN - 1] + "…"
