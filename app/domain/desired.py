"""From a plan to the writes that are missing on GitHub: desired minus actual. A second look finds nothing to write.

What the mode of the repository does not let through is withheld: it is shown to people and written nowhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.domain.checks import CheckText, check_text
from app.domain.config_check import CONFIG_CHECK_NAME, ConfigCheckText
from app.domain.evidence_links import Links
from app.domain.messages.modes import (
    OBSERVING_SUMMARY,
    OBSERVING_TITLE,
    would_check,
    would_comment,
    would_label,
    would_rebase,
)
from app.domain.model import Plan, PlannedPullRequest, State
from app.domain.modes import Mode
from app.domain.status_comment import CommentText, KnownComment, comment_text, is_worth_a_comment

LABELS: Mapping[State, str] = {
    State.BLOCKED: "fluxmig/blocked",
    State.WAITING_ROLLOUT: "fluxmig/blocked",
    State.HELD: "fluxmig/hold",
    State.NEEDS_REVIEW: "fluxmig/review-required",
}
"""At most one label a pull request: each change by another account makes Renovate leave its own labels alone
(https://docs.renovatebot.com/configuration-options/#labels). So a freeze, which would change them all, sets none."""

OUR_LABELS = frozenset(LABELS.values())
_WAITING = frozenset({State.BLOCKED, State.WAITING_ROLLOUT})
BECAME_FREE = "it became free"


@dataclass(frozen=True, slots=True)
class Actual:
    """What is known to stand on GitHub for one pull request, and the verdict before this one."""

    head_sha: str
    labels: frozenset[str]
    check_digest: str
    previous_state: State
    rebase_due: str = ""
    """Why a rebase is wanted that was not asked for yet."""
    has_check: bool = False
    """Whether a check run of ours stands on the head, whatever it says."""
    our_labels: frozenset[str] = frozenset()
    """Those that we set, whatever they are called."""
    comment: KnownComment | None = None
    config_digest: str = ""
    """Of the check `fluxmig / config` on the head."""


@dataclass(frozen=True, slots=True)
class WriteCheck:
    number: int
    head_sha: str
    text: CheckText


@dataclass(frozen=True, slots=True)
class ChangeLabels:
    number: int
    add: frozenset[str]
    remove: frozenset[str]


@dataclass(frozen=True, slots=True)
class AskRebase:
    """`why` is for the history: what made the pull request free."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class WriteConfigCheck:
    number: int
    head_sha: str
    text: ConfigCheckText


@dataclass(frozen=True, slots=True)
class WriteComment:
    number: int
    text: CommentText
    state: State


Write = WriteCheck | WriteConfigCheck | ChangeLabels | AskRebase | WriteComment


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the configuration asks for beside the check. `labels`: empty for no labels, None to leave them alone.
    `buttons`: below the check; GitHub tells of a press by webhook alone. `configs`: what the check of the configuration
    says on the pull requests that change it."""

    labels: Mapping[State, str] | None = field(default_factory=lambda: LABELS)
    comment: bool = False
    buttons: bool = True
    configs: Mapping[int, ConfigCheckText] = field(default_factory=dict)


OBSERVING = CheckText("neutral", OBSERVING_TITLE, OBSERVING_SUMMARY, (), "observing")
"""The last word of a check when the mode becomes `observe`: left alone it would hold or free the merge for ever."""


@dataclass(frozen=True, slots=True)
class Missing:
    """`writes` are to be made; `withheld` would be, were the mode `act`. `due`: why each is to be rebased, until it was
    asked for; a mode that asks nobody keeps none for later."""

    writes: tuple[Write, ...]
    withheld: tuple[Write, ...] = ()
    due: Mapping[int, str] = field(default_factory=dict)


def missing_writes(
    plan: Plan,
    actual: Mapping[int, Actual],
    *,
    wishes: Wishes,
    landed: Mapping[int, int],
    mode: Mode,
    links: Links | None = None,
) -> Missing:
    """The writes that bring GitHub to `plan`. `landed`: pull request -> a merged one that it softly waited for."""
    due = {
        planned.number: _due(planned, known, landed.get(planned.number))
        for planned in plan.pull_requests
        if planned.by_renovate and (known := actual.get(planned.number)) is not None
    }
    wanted = (
        *_wanted(plan, actual, wishes=wishes, due=due, links=links),
        *_config_checks(actual, wishes.configs),
    )
    writes = tuple(write for write in wanted if _is_permitted(write, mode))
    if mode is Mode.OBSERVE:
        writes = tuple(_last_words(plan, actual))
    withheld = tuple(write for write in wanted if not _is_permitted(write, mode))
    return Missing(writes, withheld, due if mode is Mode.ACT else dict.fromkeys(due, ""))


def _is_permitted(write: Write, mode: Mode) -> bool:
    return mode is Mode.ACT or (mode is Mode.CHECK and isinstance(write, WriteCheck | WriteConfigCheck))


def _last_words(plan: Plan, actual: Mapping[int, Actual]) -> Iterable[WriteCheck]:
    """Labels stay as they are: they hold nothing."""
    for planned in plan.pull_requests:
        known = actual.get(planned.number)
        if known is not None and known.has_check and known.check_digest != OBSERVING.digest:
            yield WriteCheck(planned.number, known.head_sha, OBSERVING)


def withheld_words(write: Write) -> str:
    """What would be written, for people."""
    match write:
        case WriteCheck(text=text):
            return would_check(conclusion=text.conclusion, title=text.title)
        case ChangeLabels(add=add, remove=remove):
            return would_label(add=add, remove=remove)
        case AskRebase(why=why):
            return would_rebase(why)
        case WriteConfigCheck(text=config):
            return would_check(conclusion=config.conclusion, title=config.title, name=CONFIG_CHECK_NAME)
        case WriteComment():
            return would_comment()


def _wanted(
    plan: Plan, actual: Mapping[int, Actual], *, wishes: Wishes, due: Mapping[int, str], links: Links | None
) -> tuple[Write, ...]:
    writes: list[Write] = []
    for planned in plan.pull_requests:
        known = actual.get(planned.number)
        if known is None or not planned.by_renovate or planned.state in (State.MERGED, State.CLOSED):
            continue
        text = check_text(plan, planned, links, with_buttons=wishes.buttons)
        if text.digest != known.check_digest:
            writes.append(WriteCheck(planned.number, known.head_sha, text))
        if wishes.labels is not None:
            writes += _labels(planned, known, wishes.labels)
        writes += _rebase(planned, due[planned.number])
        if wishes.comment:
            comment = comment_text(text, number=planned.number)
            if is_worth_a_comment(comment, planned.state, known.comment):
                writes.append(WriteComment(planned.number, comment, planned.state))
    return tuple(writes)


def _config_checks(actual: Mapping[int, Actual], configs: Mapping[int, ConfigCheckText]) -> Iterable[WriteConfigCheck]:
    for number, text in configs.items():
        known = actual.get(number)
        if known is not None and known.config_digest != text.digest:
            yield WriteConfigCheck(number, known.head_sha, text)


def _labels(planned: PlannedPullRequest, known: Actual, labels: Mapping[State, str]) -> Iterable[ChangeLabels]:
    """Those that an older configuration named are taken away too: what we set is kept with the pull request. Where no
    labels are wanted, those that we set go, and what people set stays."""
    wanted = frozenset({labels[planned.state]} if planned.state in labels and not planned.frozen else ())
    named = OUR_LABELS | frozenset(labels.values()) if labels else frozenset()
    present = known.labels & (known.our_labels | named)
    if wanted != present:
        yield ChangeLabels(planned.number, add=wanted - present, remove=present - wanted)


def may_be_rebased(planned: PlannedPullRequest) -> bool:
    """A freeze stops merges, not rebases."""
    return planned.state is State.READY or planned.frozen


def _due(planned: PlannedPullRequest, known: Actual, landed: int | None) -> str:
    """Why a rebase of it is wanted, "" where none is. It stays so until it is asked for, through a hold or a review
    that comes between, and ends where it has to wait again. `landed`: a merged one that it softly waited for."""
    if planned.state in _WAITING:
        return ""
    if known.previous_state in _WAITING:
        return BECAME_FREE
    if landed is not None:
        return f"#{landed} was merged, and both change the same files"
    return known.rebase_due


def _rebase(planned: PlannedPullRequest, due: str) -> Iterable[AskRebase]:
    if not due or not may_be_rebased(planned):
        return
    if due == BECAME_FREE:
        became = "nothing blocks it any more" if planned.frozen else due
        yield AskRebase(planned.number, f"{became}: {planned.reason}")
    else:
        yield AskRebase(planned.number, due)
