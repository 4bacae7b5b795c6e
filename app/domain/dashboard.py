"""The dashboard issue: what to merge next, what needs a person, what waits for what, each with boxes that work.

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
    old = set(_ticked(before))
    return tuple(box for box in dict.fromkeys(_ticked(after)) if box not in old)


def _ticked(body: str) -> Iterable[tuple[Verb, int]]:
    for found in _BOX.finditer(body.replace("\r\n", "\n")):
        if found["mark"] != " " and found["verb"] in BOXES:
            yield Verb(found["verb"]), int(found["number"])


def dashboard_text(plan: Plan, *, page: str) -> DashboardText:
    """`page` is the address of the repository's page."""
    ours = {one.number: one for one in plan.pull_requests if one.by_renovate and boxes_of(one)}
    first = _next(plan, ours)
    rest = [number for wave in plan.waves for number in wave if number in ours and number not in first]
    rest += [number for number in ours if number not in first and number not in rest]
    ready = [number for number in rest if ours[number].state is State.READY]
    asks = [number for number in rest if ours[number].state is State.NEEDS_REVIEW]
    waits = [number for number in rest if number not in ready and number not in asks]
    sections = (
        (words.MERGE_NEXT, first),
        (words.NEEDS_A_PERSON, asks),
        (words.WAITS, waits),
        (words.LATER, ready),
    )
    parts = [DASHBOARD_MARKER, words.DASHBOARD_INTRO]
    for title, numbers in sections:
        if numbers:
            entries = "\n".join(_entry(ours[number], boxes_of(ours[number])) for number in numbers)
            parts.append(f"## {title}\n\n{entries}")
    if not ours:
        parts.append(words.NOTHING_OPEN)
    parts += [f"⚠ {sentence_markdown(warning)}" for warning in plan.warnings]
    body = _joined([*parts, f"[All of it, with the evidence]({page})"])
    return DashboardText(body, digest_of(body))


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
    room, kept = _LONGEST, []
    for part in parts:
        if len(part) + 2 > room:
            kept.append(words.CUT_SHORT)
            break
        kept.append(part)
        room -= len(part) + 2
    return "\n\n".join(kept) + "\n"
