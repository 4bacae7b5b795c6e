"""Whether, how and when Renovate is asked to rebase. Pure; `services/rebase.py` does what this says.

A rebase is a build, and Renovate's runs are few, so it is asked only for what has just become free, one request at a
time for a pull request, under a budget for the repository, with longer and longer pauses where it does not react.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.policy_form import RebaseForm

BRANCH_RESTLESS = 3
"""More new heads than this within an hour: somebody else works on the branch, and a request would fight them."""
RESTLESS_FOR = timedelta(hours=3)
SILENT_AFTER = 5
"""So many requests in a row that nobody answered: Renovate is not running."""
SILENT_FOR = timedelta(hours=6)
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
_LONGEST_PAUSE = timedelta(days=1)


class Driver(StrEnum):
    """A way to have a branch rebased. All but the last ask Renovate, who stays the owner of its branch."""

    CHECKBOX = "checkbox"
    LABEL = "label"
    DASHBOARD = "dashboard"
    UPDATE_BRANCH = "update-branch"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked before. `unanswered`: requests for this pull request in a row that nobody took up; `newest` is
    when the last of them was given up. `silent` and `silent_since` are the same for the whole repository.
    `within_hour` are the times of the repository's requests, the oldest first."""

    today: int = 0
    unanswered: int = 0
    newest: datetime | None = None
    silent: int = 0
    silent_since: datetime | None = None
    within_hour: tuple[datetime, ...] = ()
    heads: tuple[datetime, ...] = ()
    """When the branch got its last heads."""


def ways_left(form: RebaseForm, tried: Collection[str] = ()) -> tuple[Driver, ...]:
    """In which order they are tried: each once for a head, and the one that is not Renovate's own last."""
    told = [Driver(one.value) for one in form.drivers]
    ways = dict.fromkeys([*told, *([Driver.UPDATE_BRANCH] if form.update_branch else [])])
    return tuple(driver for driver in ways if driver not in tried)


def restless_reason(asked: Asked, now: datetime) -> str | None:
    """Why a branch is left alone for a while."""
    recent = [at for at in asked.heads if now - at < RESTLESS_FOR]
    for index, first in enumerate(recent):
        if len([at for at in recent[index:] if at - first <= AN_HOUR]) > BRANCH_RESTLESS:
            return f"its head changed more than {BRANCH_RESTLESS} times within an hour, so it is left alone for a while"
    return None


def not_before(asked: Asked, now: datetime, *, budget: int, timeout: timedelta) -> tuple[datetime, str] | None:
    """Until when a request has to wait, and why; None where it may be made now."""
    waits: list[tuple[datetime, str]] = []
    if asked.silent >= SILENT_AFTER and asked.silent_since is not None:
        waits.append((asked.silent_since + SILENT_FOR, f"Renovate did not react to {asked.silent} requests in a row"))
    if asked.unanswered and asked.newest is not None:
        pause = min(timeout * 2 ** min(asked.unanswered, 10), _LONGEST_PAUSE)
        waits.append((asked.newest + pause, "Renovate did not react to the last request"))
    if len(asked.within_hour) >= budget:
        waits.append(
            (asked.within_hour[-budget] + AN_HOUR, f"{budget} requests in an hour are the repository's budget")
        )
    later = [wait for wait in waits if wait[0] > now]
    return max(later, default=None)
