"""Whether a cluster is well: yes, no or unknown, from everything that is heard of it, each with its age.

One thing that is not well makes the cluster not well, and so does an incident that stands. What grew old, and what
could not be read, says nothing any more; where something that should be known is not, nobody says that the cluster is
well. Of two that speak of the same thing the newer is right.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.cluster_state import Source
from app.domain.heartbeats import next_run
from app.domain.incidents import FAILING_KINDS, NOISE, SUCCESS, plain_reason
from app.domain.model import Answer

_GRACE = timedelta(minutes=5)
_UNTOLD_INTERVAL = timedelta(hours=2)
_REPORTS = timedelta(minutes=30)
_LOOKS = timedelta(minutes=10)
_GONE = timedelta(days=1)
"""Nobody says by an event that an object was deleted. What has been silent for so long is not missed any more."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What one source says of one thing. `about` is `Kind/namespace/name`, or a kind, or a name of ours.

    `source` is a Source, or a phrase for people. `covers` is the kind of which the signal speaks for every object.
    `counts` is False for what is too old; it is missed, unless it is older than `missed_for`.
    """

    source: str
    about: str
    answer: Answer
    at: datetime
    text: str
    fresh_for: timedelta
    covers: str = ""
    counts: bool = True
    missed_for: timedelta = timedelta.max


@dataclass(frozen=True, slots=True)
class Health:
    """The answer, and what it was made of: what speaks against it first, then by name."""

    answer: Answer
    at: datetime
    """When they were weighed."""
    signals: tuple[Signal, ...] = ()


def fresh_for(source: Source, poll: timedelta) -> timedelta:
    """How long an answer of a report or of a look counts."""
    return max(_LOOKS, 3 * poll) if source is Source.KUBERNETES else _REPORTS


def fresh_event(message: str) -> timedelta:
    """How long an event counts: until the second heartbeat after it is missing."""
    due = next_run(message)
    return _UNTOLD_INTERVAL if due is None else 2 * due + _GRACE


def missed_event(severity: str, message: str) -> timedelta:
    """How long an event is missed. A success that announced no other, as that of an upgrade, is not missed at all."""
    announces = severity == "error" or next_run(message) is not None
    return _GONE if announces else timedelta(0)


def answer_of_event(kind: str, severity: str, reason: str) -> Answer | None:
    """What a word on an object says of its health; None for nothing. A source fails, or says nothing."""
    told = plain_reason(reason)
    if severity == "error" and told not in NOISE:
        return Answer.NO
    if kind not in FAILING_KINDS:
        return None
    return Answer.YES if severity != "error" and told in SUCCESS else Answer.UNKNOWN


def combine(signals: Iterable[Signal], now: datetime) -> Health:
    """No signal, or none that counts, is unknown."""
    aged = [
        one if now - one.at <= one.fresh_for else replace(one, answer=Answer.UNKNOWN, counts=False) for one in signals
    ]
    shown = [one for one in _newest(aged) if not _is_covered(one, aged)]
    counted = [one.answer for one in shown if one.counts]
    missed = any(not one.counts and now - one.at <= one.missed_for for one in shown)
    if Answer.NO in counted:
        answer = Answer.NO
    elif counted and not missed and all(one is Answer.YES for one in counted):
        answer = Answer.YES
    else:
        answer = Answer.UNKNOWN
    return Health(answer, now, tuple(sorted(shown, key=_bad_first)))


def _newest(signals: Sequence[Signal]) -> list[Signal]:
    """For each thing what counts before what does not, then the newest, then what speaks against it."""
    by_name: dict[str, Signal] = {}
    for one in signals:
        if one.about not in by_name or _weight(one) > _weight(by_name[one.about]):
            by_name[one.about] = one
    return list(by_name.values())


def _weight(one: Signal) -> tuple[bool, datetime, bool]:
    return one.counts, one.at, one.answer is Answer.NO


def _is_covered(one: Signal, signals: Iterable[Signal]) -> bool:
    """Whether a newer signal speaks for every object of its kind."""
    kind, slash, _ = one.about.partition("/")
    return bool(slash) and any(
        other.covers == kind and other.counts and other.answer is not Answer.UNKNOWN and other.at >= one.at
        for other in signals
    )


def _bad_first(one: Signal) -> tuple[int, str]:
    return {Answer.NO: 0, Answer.UNKNOWN: 1, Answer.YES: 2}[one.answer], one.about
