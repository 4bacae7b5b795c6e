"""What is wrong with `.github/fluxmig.yaml`, and which of its rules spoke."""

from collections.abc import Sequence

from app.domain.model import Evidence
from app.domain.modeline import SCHEMA_FILE, find_modeline, is_our_schema, modeline_of
from app.domain.shared_file import split_shared

_LONGEST_SHOWN = 60
UNPRINTABLE = "a character here cannot be printed, such as NUL or escape"
UNREAD_FILE = (
    "the file is there and cannot be read as text: it holds a NUL, is not UTF-8, or is larger than 1 MB. Save it as "
    "UTF-8 text, or take it away"
)
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


def no_number_problem(name: str, bounds: tuple[int, int]) -> str:
    least, most = bounds
    return f"`{_shown(name)}` must be a whole number from {least} to {most}"


def not_understood_problem(name: str) -> str:
    return f"`{_shown(name)}` has a value that is not understood here; docs/reference/config.md says what may stand"


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
    shared = split_shared(first.file)
    lint = f"`fluxmig lint {shared[1]}` in a clone of {shared[0]}" if shared else f"`fluxmig lint {first.file}`"
    return (
        f"{first.file}:{first.line}: {first.text.rstrip('.')}{more}. Until this is mended, {counts}; "
        f"{lint} shows every mistake."
    )


def modeline_note(text: str) -> str:
    """What the editors of this configuration make of it."""
    named = find_modeline(text)
    if named is None:
        return (
            f"Editors check it while you type, with `fluxmig schema > {SCHEMA_FILE}` beside it and this as its first "
            f"line: {modeline_of(SCHEMA_FILE)}"
        )
    if not is_our_schema(named):
        return f"Editors check it by {_shown(named)}, which does not look like the schema that `fluxmig schema` prints."
    return f"Editors check it by {_shown(named)}."


def config_sentence(file: str | None) -> str:
    """Which file judges a repository; None: no one does."""
    if file is None:
        return "No configuration: the defaults hold. `.github/fluxmig.yaml` on the base branch would change them."
    if shared := split_shared(file):
        return (
            f"Judged by `{shared[1]}` of {shared[0]}, as every repository of this owner that has no file of its own. "
            f"`{shared[1]}` on the base branch here takes its place as a whole."
        )
    return f"Judged by `{file}` on the base branch."


def rule_reason(*, number: int, file: str, line: int, reason: str) -> str:
    """`rule 2 of .github/fluxmig.yaml:14: "calendar versions"`."""
    told = f': "{reason}"' if reason else ""
    return f"rule {number} of {file}:{line}{told}"


def _shown(text: str) -> str:
    """Somebody's words between backticks: short, on one line, and unable to leave them."""
    words = " ".join(text.replace("`", "'").split())
    return words if len(words) <= _LONGEST_SHOWN else words[: _LONGEST_SHOWN - 1] + "…"
