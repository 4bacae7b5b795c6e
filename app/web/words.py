"""The words, icons and colours of the pages. A state is always told by all three, never by colour alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.milestone import Level
from app.domain.model import Answer, ComponentClass, State, UpdateType
from app.domain.outlook_step import StepState
from app.services.phrases import listed


@dataclass(frozen=True, slots=True)
class Badge:
    """`icon` names a picture in templates/icons.html, `tone` a class in the stylesheet.

    `verdict` completes "#34 …"; `meaning` is a sentence of its own.
    """

    word: str
    icon: str
    tone: str
    verdict: str = ""
    meaning: str = ""


BADGES: dict[State, Badge] = {
    State.READY: Badge(
        "Ready", "check", "ok", "is ready to merge", "Nothing has to be waited for: merge it when you like."
    ),
    State.BLOCKED: Badge("Blocked", "stop", "stop", "is blocked", "It waits for another change."),
    State.WAITING_ROLLOUT: Badge(
        "Waiting for rollout",
        "hourglass",
        "wait",
        "waits for a rollout",
        "What it needs is merged; the cluster has not taken it over yet.",
    ),
    State.HELD: Badge("On hold", "pause", "hold", "is on hold", "A person, a freeze or an incident holds it."),
    State.NEEDS_REVIEW: Badge("Your call", "person", "hold", "needs your decision", "A person decides on it."),
    State.UNKNOWN: Badge(
        "Unknown", "question", "wait", "could not be judged", "fluxmig cannot tell, and does not stop the merge."
    ),
    State.MERGED: Badge("Merged", "merged", "quiet", "is merged", "It is in the base branch."),
    State.CLOSED: Badge("Closed", "cross", "quiet", "is closed", "It was closed without a merge."),
}

STEP_BADGES: dict[StepState, Badge] = {
    StepState.TODO: Badge("To do", "person", "hold"),
    StepState.OPEN: Badge("Pull request", "merged", "ok"),
    StepState.UNKNOWN: Badge("Unknown", "question", "wait"),
    StepState.NOTE: Badge("Know", "warning", "quiet"),
}

HEALTH: dict[Answer, Badge] = {
    Answer.YES: Badge("Well", "check", "ok", "is well", "Everything that was heard of it is well."),
    Answer.NO: Badge("Not well", "cross", "stop", "is not well", "Something in it is not ready."),
    Answer.UNKNOWN: Badge(
        "Not known", "question", "quiet", "is not known to be well", "Nothing fresh was heard, or a part was not read."
    ),
}

CRITERION_BADGES: dict[Answer, Badge] = {
    Answer.YES: Badge("Yes", "check", "ok"),
    Answer.NO: Badge("Not yet", "stop", "stop"),
    Answer.UNKNOWN: Badge("Unknown", "question", "wait"),
}
ENDED_BADGES = {**CRITERION_BADGES, Answer.NO: Badge("No", "stop", "stop")}
"""Of a milestone that has ended: what did not come true will not."""

RISK_BADGES: dict[Level, Badge] = {
    Level.HIGH: Badge("High", "warning", "stop"),
    Level.MEDIUM: Badge("Medium", "warning", "wait"),
}
RISK_OVER = Badge("Over", "check", "quiet")

ORDER = (
    State.NEEDS_REVIEW,
    State.HELD,
    State.UNKNOWN,
    State.BLOCKED,
    State.WAITING_ROLLOUT,
    State.READY,
    State.MERGED,
    State.CLOSED,
)
"""What asks most of the reader comes first."""

_CLASSES = {
    ComponentClass.TOOLING: ("Tooling", "Tooling"),
    ComponentClass.FLUX_CORE: ("Flux", "Flux itself"),
    ComponentClass.INFRASTRUCTURE: ("Infrastructure", "Infrastructure"),
    ComponentClass.APPLICATION: ("Application", "Applications"),
    ComponentClass.MAJOR: ("Major", "Major updates"),
    ComponentClass.UNKNOWN: ("Unclassified", "Unclassified"),
}

_UPDATE_TYPES = {
    UpdateType.PIN: "pins a version",
    UpdateType.DIGEST: "new digest",
    UpdateType.REPLACEMENT: "replacement",
    UpdateType.LOCKFILE: "lock file",
}


def class_word(component: ComponentClass) -> str:
    return _CLASSES[component][0]


def wave_title(components: Iterable[ComponentClass]) -> str:
    """`Flux itself and infrastructure`: what a wave holds, in the order of the classes."""
    present = set(components)
    names = [title for component, (_, title) in _CLASSES.items() if component in present]
    title = (
        listed([names[0], *(name if name.startswith("Flux") else name.lower() for name in names[1:])]) if names else ""
    )
    return title or "Nothing"


def update_words(update_type: UpdateType | None) -> str:
    """`minor`, `new digest`; empty where it is not known."""
    if update_type is None:
        return ""
    return _UPDATE_TYPES.get(update_type, update_type.value)
