"""The dashboard issue: what to merge next, what needs a person, what waits for what, with boxes that work; the waves.

A box is `- [ ] <!-- fluxmig:VERB=NUMBER -->`, as Renovate marks its own. Titles of pull requests are text of others and
are escaped, so that nobody can write a box by a title.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.checks import escape_markdown, sentence_markdown
from app.domain.commands import Verb
from app.domain.messages import words
from app.domain.model import Plan, PlannedPullRequest, State, Strength

DASHBOARD_MARKER = "<!-- fluxmig:v1 dashboard -->"
_BOX = re.compile(r"^[ \t]*- \[(?P<mark>[ xX])\] <!-- fluxmig:(?P<verb>[a-z]+)=(?P<number>\d{1,9}) -->", re.MULTILINE)
_LONGEST = 60_000
"""GitHub takes 65,536 characters."""


@dataclass(frozen=True, slots=True)
class Box:
    """`verb` is the command that a tick stands for."""

    verb: Verb
    label: str


APPROVE = Box(Verb.APPROVE, "approve it at its present head")
REBASE = Box(Verb.REBASE, "ask Renovate to rebase it")
HOLD = Box(Verb.HOLD, "hold it")
UNHOLD = Box(Verb.UNHOLD, "end the hold")
CONFIRM = Box(Verb.CONFIRM, "the cluster runs what it waits for: I have seen it")
BOXES = {box.verb: box for box in (APPROVE, REBASE, HOLD, UNHOLD, CONFIRM)}


@dataclass(frozen=True, slots=True)
class DashboardText:
    body: str
    digest: str


def boxes_of(planned: PlannedPullRequest) -> tuple[Box, ...]:
    """What one may tick for an open pull request by Renovate."""
    match planned.state:
        case State.READY:
            return (REBASE, HOLD)
        case State.NEEDS_REVIEW:
            return (APPROVE, HOLD)
        case State.HELD:
            return () if planned.frozen else (UNHOLD,)
        case State.WAITING_ROLLOUT:
            return (CONFIRM,)
        case State.BLOCKED | State.UNKNOWN:
            return (HOLD,)
        case State.MERGED | State.CLOSED:
            return ()


def ticked_now(before: str, after: str) -> tuple[tuple[Verb, int], ...]:
    """The boxes that an edit has ticked: those of `after` that were not ticked in `before`."""
    old = set(list_ticked(before))
    return tuple(box for box in list_ticked(after) if box not in old)


def list_ticked(body: str) -> tuple[tuple[Verb, int], ...]:
    """The boxes that are ticked, each once."""
    found = (box for box in _BOX.finditer(body.replace("\r\n", "\n")) if box["mark"] != " " and box["verb"] in BOXES)
    return tuple(dict.fromkeys((Verb(box["verb"]), int(box["number"])) for box in found))


def dashboard_text(plan: Plan, *, page: str) -> DashboardText:
    """`page` is the address of the repository's page."""
    ours = {one.number: one for one in plan.pull_requests if one.by_renovate and boxes_of(one)}
    parts = [f"{DASHBOARD_MARKER}\n{words.DASHBOARD_INTRO}\n\n[All of it, with the evidence]({page})\n"]
    parts += [f"\n⚠ {sentence_markdown(warning)}\n" for warning in plan.warnings]
    for title, numbers in _sections(plan, ours):
        heading = f"\n## {title}\n\n"
        for number in numbers:
            parts.append(f"{heading}{_entry(ours[number], boxes_of(ours[number]))}\n")
            heading = ""
    parts += _waves(plan, ours)
    if not ours:
        parts.append(f"\n{words.NOTHING_OPEN}\n")
    body = _joined(parts)
    return DashboardText(body, digest_of(body))


def ended_text(page: str) -> DashboardText:
    """The last words in the issue once it is switched off: boxes that nobody looks at would mislead."""
    body = f"{DASHBOARD_MARKER}\n{words.DASHBOARD_ENDED}\n\n[What fluxmig thinks now]({page})\n"
    return DashboardText(body, digest_of(body))


def _sections(plan: Plan, ours: Mapping[int, PlannedPullRequest]) -> Iterable[tuple[str, Sequence[int]]]:
    first = _next(plan, ours)
    rest = [number for wave in plan.waves for number in wave if number in ours and number not in first]
    rest += [number for number in ours if number not in first and number not in rest]

    def those(*states: State) -> list[int]:
        return [number for number in rest if ours[number].state in states]

    return (
        (words.MERGE_NEXT, first),
        (words.NEEDS_A_PERSON, those(State.NEEDS_REVIEW)),
        (words.WAITS_FOR_CLUSTER, those(State.WAITING_ROLLOUT)),
        (words.WAITS, those(State.BLOCKED, State.HELD, State.UNKNOWN)),
        (words.LATER, those(State.READY)),
    )


def _waves(plan: Plan, ours: Mapping[int, PlannedPullRequest]) -> Iterable[str]:
    """The order of all, one line a wave; GitHub shows the title behind a number."""
    waves = [[number for number in wave if number in ours] for wave in plan.waves]
    heading = f"\n## {words.WAVES}\n\n{words.WAVES_INTRO}\n\n"
    for position, wave in enumerate((wave for wave in waves if wave), start=1):
        yield f"{heading}{position}. {', '.join(f'#{number}' for number in wave)}\n"
        heading = ""


def digest_of(body: str) -> str:
    """Of a text as GitHub gives it back: it may change the line ends."""
    return hashlib.sha256(body.replace("\r\n", "\n").strip().encode()).hexdigest()


def _next(plan: Plan, ours: Mapping[int, PlannedPullRequest]) -> list[int]:
    """What is ready and others wait for, and then the first wave of what is ready."""
    ready = {number for number, planned in ours.items() if planned.state is State.READY}
    awaited = {edge.to for edge in plan.edges if edge.strength is Strength.HARD and edge.to in ready}
    waves = [[number for number in wave if number in ready] for wave in plan.waves]
    first = next((wave for wave in waves if wave), [])
    before = [number for wave in waves for number in wave if number in awaited]
    return [*before, *(number for number in first if number not in awaited)]


def _entry(planned: PlannedPullRequest, boxes: Sequence[Box]) -> str:
    head = f"- #{planned.number} {escape_markdown(planned.title)}"
    why = "" if planned.state is State.READY else f"  \n  {sentence_markdown(planned.reason)}"
    ticks = "".join(f"\n  - [ ] <!-- fluxmig:{box.verb.value}={planned.number} -->{box.label}" for box in boxes)
    return f"{head}{why}{ticks}"


def _joined(parts: Sequence[str]) -> str:
    """As many whole parts as there is room for."""
    room, kept = _LONGEST - len(words.CUT_SHORT) - 2, []
    for part in parts:
        if len(part) > room:
            kept.append(f"\n{words.CUT_SHORT}\n")
            break
        kept.append(part)
        room -= len(part)
    return "".join(kept)
