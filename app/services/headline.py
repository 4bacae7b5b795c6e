"""The one sentence about a repository: what is going on now, and whose turn it is.

The first situation that applies is told, in the order of what stops most: an incident, a rollout that others wait for,
a pull request to merge first, one that nothing would free, a person's decision, all ready, nothing to do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.incidents import Incident
from app.domain.messages.incidents import HELD_BY_INCIDENT, object_phrase
from app.domain.model import Edge, Rollout, RolloutHealth, State, Strength
from app.services.phrases import capitalized, count, in_words, listed, numbers, provider_name
from app.services.queries.items import PullRequestItem

WAITING = frozenset({State.BLOCKED, State.WAITING_ROLLOUT})


class Tone(StrEnum):
    """Who has to move: the cluster, a person, nobody."""

    WAIT = "wait"
    ACT = "act"
    STOP = "stop"
    OK = "ok"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Headline:
    """`title` is short enough for a heading and has no full stop; `detail` is one or two sentences, or empty."""

    title: str
    detail: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Situation:
    """The open pull requests by Renovate, their edges, and the rollouts under way."""

    planned: bool
    pull_requests: tuple[PullRequestItem, ...]
    edges: tuple[Edge, ...]
    rollouts: tuple[Rollout, ...]
    incidents: tuple[Incident, ...] = ()

    @classmethod
    def of(
        cls,
        *,
        planned: bool,
        pull_requests: Iterable[PullRequestItem],
        edges: tuple[Edge, ...],
        rollouts: tuple[Rollout, ...],
        incidents: tuple[Incident, ...] = (),
    ) -> "Situation":
        ours = tuple(
            pull
            for pull in pull_requests
            if pull.by_renovate and pull.state not in (State.MERGED, State.CLOSED) and pull.status.value == "open"
        )
        return cls(planned=planned, pull_requests=ours, edges=edges, rollouts=rollouts, incidents=incidents)

    def numbers_in(self, *states: State) -> list[int]:
        return [pull.number for pull in self.pull_requests if pull.state in states]


def get_headline(situation: Situation) -> Headline:
    for tell in (_first_read, _incident, _nothing_open, _rollout, _merge_first, _nothing_frees, _decision, _unknown):
        headline = tell(situation)
        if headline is not None:
            return headline
    return _ready(situation)


def _first_read(situation: Situation) -> Headline | None:
    if situation.planned:
        return None
    return Headline(
        "Reading this repository for the first time",
        "The pull requests and the base branch are being read; the plan follows within moments.",
        Tone.WAIT,
    )


def _incident(situation: Situation) -> Headline | None:
    if not situation.incidents:
        return None
    first = next((one for one in situation.incidents if one.culprit is not None), situation.incidents[0])
    where = f"Cluster {first.trouble.where} fails"
    title = f"{where} since #{first.culprit} was merged" if first.culprit is not None else where
    objects = [object_phrase(one.trouble.object) for one in situation.incidents]
    held = [
        pull.number
        for pull in situation.pull_requests
        if pull.state is State.HELD and pull.reason.startswith(HELD_BY_INCIDENT)
    ]
    parts = [f"{listed(objects[:3] + ([f'{len(objects) - 3} more'] if len(objects) > 3 else []))} cannot be applied."]
    if held:
        parts.append(f"{capitalized(_waits(held))} until that is mended.")
    if first.culprit is not None:
        parts.append(f"`/fluxmig rollback` on #{first.culprit} says how it is taken back.")
    return Headline(title, " ".join(parts), Tone.STOP)


def _nothing_open(situation: Situation) -> Headline | None:
    if situation.pull_requests:
        return None
    if situation.rollouts:
        rollout = situation.rollouts[0]
        return Headline(
            _rollout_title([rollout]),
            f"{_merged(rollout)} No open pull request by Renovate waits for it.",
            _rollout_tone([rollout]),
        )
    return Headline(
        "Nothing to do", "No open pull request by Renovate. fluxmig looks again when the next one comes.", Tone.QUIET
    )


def _rollout(situation: Situation) -> Headline | None:
    settling = {rollout.pull_request for rollout in situation.rollouts}
    waiting = [
        number
        for number in situation.numbers_in(*WAITING)
        if any(edge.from_ == number and edge.merged and edge.to in settling for edge in situation.edges)
    ]
    if not waiting:
        waiting = situation.numbers_in(State.WAITING_ROLLOUT)
    if not waiting or not situation.rollouts:
        return None
    awaited = {edge.to for edge in situation.edges if edge.from_ in waiting and edge.merged}
    rollouts = [rollout for rollout in situation.rollouts if rollout.pull_request in awaited] or situation.rollouts
    rollouts = sorted(rollouts, key=lambda rollout: rollout.health is not RolloutHealth.FAILED)
    until = "it says so" if len(_versions(rollouts)) == 1 else "it says that it runs them"
    all_waiting = situation.numbers_in(*WAITING)
    return Headline(
        _rollout_title(rollouts),
        f"{_merged(rollouts[0])} Until {until}, {_waits(all_waiting)}.",
        _rollout_tone(rollouts),
    )


def _versions(rollouts: Sequence[Rollout]) -> list[str]:
    return list(dict.fromkeys(_version(rollout) for rollout in rollouts))


def _rollout_title(rollouts: Sequence[Rollout]) -> str:
    failed = [rollout for rollout in rollouts if rollout.health is RolloutHealth.FAILED]
    if failed:
        return f"The cluster fails to roll out {listed(_versions(failed))}"
    return f"Waiting for the cluster to run {listed(_versions(rollouts))}"


def _rollout_tone(rollouts: Sequence[Rollout]) -> Tone:
    return Tone.STOP if any(rollout.health is RolloutHealth.FAILED for rollout in rollouts) else Tone.WAIT


def _merge_first(situation: Situation) -> Headline | None:
    waiting = set(situation.numbers_in(*WAITING))
    if not waiting:
        return None
    open_numbers = {pull.number for pull in situation.pull_requests}
    held_up: dict[int, list[int]] = {}
    for edge in situation.edges:
        if edge.from_ in waiting and edge.strength is Strength.HARD and not edge.merged and edge.to is not None:
            held_up.setdefault(edge.to, []).append(edge.from_)
    first = [number for number in held_up if number not in waiting]
    if not first:
        return None
    first.sort(key=lambda number: (-len(set(held_up[number])), number))
    behind = sorted({waiter for number in first for waiter in held_up[number]})
    states = {pull.number: pull.state for pull in situation.pull_requests}
    notes = [
        f"{numbers([number])} {_not_ready(states[number])}."
        for number in first
        if number in open_numbers and states[number] is not State.READY
    ]
    others = len(situation.pull_requests) - len(waiting) - len(situation.numbers_in(State.READY))
    ready = [number for number in situation.numbers_in(State.READY) if number not in first]
    parts = [f"{capitalized(_waits(behind))} for {'it' if len(first) == 1 else 'them'}.", *notes]
    if ready:
        parts.append(f"{capitalized(count(len(ready), 'other'))} {'is' if len(ready) == 1 else 'are'} ready to merge.")
    elif others and not notes:
        parts.append(f"{capitalized(count(others, 'other'))} {'needs' if others == 1 else 'need'} a person.")
    return Headline(f"Merge {numbers(first)} first", " ".join(parts), Tone.ACT)


def _nothing_frees(situation: Situation) -> Headline | None:
    waiting = situation.numbers_in(*WAITING)
    if not waiting:
        return None
    stuck = [
        number
        for number in waiting
        if any(edge.from_ == number and edge.strength is Strength.HARD and edge.to is None for edge in situation.edges)
    ]
    if stuck:
        return Headline(
            f"No open pull request would free {numbers(stuck)}",
            f"{capitalized(_is(stuck))} blocked, and what would end it has not been proposed yet.",
            Tone.STOP,
        )
    return Headline(
        f"{capitalized(count(len(waiting)))} {'is' if len(waiting) == 1 else 'are'} blocked",
        f"{capitalized(_waits(waiting))} for one another; each says on its page what it waits for.",
        Tone.STOP,
    )


def _decision(situation: Situation) -> Headline | None:
    review = situation.numbers_in(State.NEEDS_REVIEW)
    every_held = situation.numbers_in(State.HELD)
    frozen = [pull.number for pull in situation.pull_requests if pull.state is State.HELD and pull.hold is None]
    held = [number for number in every_held if number not in frozen]
    if not review and not every_held:
        return None
    ready = situation.numbers_in(State.READY)
    title = (
        f"{capitalized(count(len(review)))} {'needs' if len(review) == 1 else 'need'} your decision"
        if review
        else f"{capitalized(count(len(every_held)))} {'is' if len(every_held) == 1 else 'are'} on hold"
    )
    parts = []
    if review:
        changed = {pull.number for pull in situation.pull_requests if pull.classification.also_changes}
        majors, others = [n for n in review if n not in changed], [n for n in review if n in changed]
        if majors:
            parts.append(f"{numbers(majors)}: major updates are for a person to judge.")
        if others:
            parts.append(f"{numbers(others)}: more changes than the title says.")
    if held:
        parts.append(f"A person holds {numbers(held)}.")
    if frozen:
        parts.append(f"A freeze holds {numbers(frozen)}; it ends by itself.")
    if ready:
        parts.append(f"{capitalized(count(len(ready), 'other'))} {'is' if len(ready) == 1 else 'are'} ready to merge.")
    return Headline(title, " ".join(parts), Tone.ACT)


def _unknown(situation: Situation) -> Headline | None:
    unknown = situation.numbers_in(State.UNKNOWN)
    if not unknown:
        return None
    ready = situation.numbers_in(State.READY)
    detail = (
        f"fluxmig cannot tell what {numbers(unknown)} {'needs' if len(unknown) == 1 else 'need'}; the page says why."
    )
    if ready:
        detail += f" {capitalized(count(len(ready), 'other'))} {'is' if len(ready) == 1 else 'are'} ready to merge."
    return Headline(f"{capitalized(count(len(unknown)))} could not be judged", detail, Tone.ACT)


def _ready(situation: Situation) -> Headline:
    ready = situation.numbers_in(State.READY)
    if len(ready) == 1:
        return Headline(f"{numbers(ready)} is ready to merge", "Nothing waits, and nothing needs you.", Tone.OK)
    all_of_them = "Both" if len(ready) == 2 else f"All {in_words(len(ready))}"
    return Headline(
        f"{all_of_them} pull requests are ready to merge",
        "Nothing waits, and nothing needs you. The waves below give the order.",
        Tone.OK,
    )


def _version(rollout: Rollout) -> str:
    return f"{provider_name(rollout.provider)} {rollout.to}"


def _merged(rollout: Rollout) -> str:
    what = "A change" if rollout.pull_request is None else f"#{rollout.pull_request}"
    before = f"; it may still run {rollout.from_}" if rollout.from_ else ""
    stands = f": {rollout.note}" if rollout.note else ""
    missing = f"cluster {rollout.scope} has not said that it runs {_version(rollout)}"
    return f"{what} is merged, but {missing}{before}{stands}."


def _waits(waiting: list[int]) -> str:
    if len(waiting) == 1:
        return f"{numbers(waiting)} waits"
    return f"{count(len(waiting))} wait"


def _is(stuck: list[int]) -> str:
    return f"{'it is' if len(stuck) == 1 else 'they are'}"


def _not_ready(state: State) -> str:
    match state:
        case State.HELD:
            return "is on hold"
        case State.NEEDS_REVIEW:
            return "needs your decision"
        case _:
            return "could not be judged"
