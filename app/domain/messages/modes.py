"""What fluxmig may write here, what it would write, and its last word when it may no more."""

from collections.abc import Iterable

from app.domain.messages.phrases import listed
from app.domain.modes import Mode

_FILE = "`.github/fluxmig.yaml` on the base branch"

OBSERVING_TITLE = "fluxmig only observes here"
OBSERVING_SUMMARY = (
    f"fluxmig no longer writes checks on this repository: its mode is `observe`. What this check said before counts no "
    f"more, and nothing is held by it. To turn fluxmig on, set `mode: check` or `mode: act` in {_FILE}."
)


def mode_sentence(mode: Mode) -> str:
    """What is written in this mode, and how to turn on more or less of it."""
    match mode:
        case Mode.OBSERVE:
            return (
                "Mode `observe`: fluxmig writes nothing to GitHub but answers to commands. To turn it on, set "
                f"`mode: check` (check runs only) or `mode: act` in {_FILE}."
            )
        case Mode.CHECK:
            return (
                "Mode `check`: fluxmig writes check runs, but no labels or comments, and asks Renovate for no rebase. "
                f"To turn those on, set `mode: act` in {_FILE}."
            )
        case Mode.ACT:
            return (
                "Mode `act`: fluxmig writes check runs and labels, and asks Renovate to rebase. To stop that, set "
                f"`mode: observe` in {_FILE}."
            )


def observed_only_note() -> str:
    """Said to a person whose command changes the verdict where no check tells of it."""
    return (
        "Noted, and the page shows it. fluxmig only observes this repository (mode `observe`), so no check holds or "
        "frees the merge."
    )


def not_in_this_mode(mode: Mode) -> str:
    """Why Renovate is not asked: ends a sentence."""
    return f"the mode of this repository is `{mode}`, and only `act` asks Renovate"


def would_check(*, conclusion: str, title: str, name: str = "fluxmig") -> str:
    return f"check `{name}`: {conclusion}, “{title}”"


def would_comment() -> str:
    return "the comment on the pull request, with the words of the check"


def would_label(*, add: Iterable[str], remove: Iterable[str]) -> str:
    parts = [f"{verb} {listed([f'`{label}`' for label in sorted(labels)])}"
             for verb, labels in (("add", add), ("remove", remove)) if labels]  # fmt: skip
    return f"labels: {listed(parts)}"


def would_rebase(why: str) -> str:
    return f"ask Renovate to rebase: {why}"


def withheld_rebase(mode: Mode, why: str) -> str:
    """For the history: a rebase is wanted once, so it is told once."""
    return f"Did not ask Renovate to rebase, since {not_in_this_mode(mode)}. It would have: {why}"
