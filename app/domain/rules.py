"""The owner's rules of classification, before every sign of our own.

A rule speaks for one update in one file: the first rule that fits is heard, and no other. What no rule fits is judged
as ever, and of all that was said about a pull request the weightiest counts, as without rules. So a rule for
`staging/**` does not make a tool of an update that moves in `production/` too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.classification import Judged, Signs
from app.domain.components import Verdict, judge, weightiest_verdict
from app.domain.file_roles import is_prose
from app.domain.match import Subject, type_of_update
from app.domain.messages.config import rule_reason
from app.domain.model import Evidence, Update, UpdateType
from app.domain.policy import Rule
from app.domain.update_types import weightiest
from app.domain.updates import bare_version, short_name


@dataclass(frozen=True, slots=True)
class _Heard:
    """What is said of one update. `rules` in the order of its files; `left` are the files that no rule is for."""

    update: Update | None
    type_: UpdateType | None
    rules: tuple[Rule, ...]
    left: tuple[str, ...]
    asks_us: bool
    """Whether our own signs must be asked: for files that no rule is for, or where a rule says nothing of the class."""


def overrule(rules: Sequence[Rule], signs: Signs, judged: Judged) -> Judged:
    """The judgement with the rules; the very same one where none fits."""
    heard = [_hear(rules, update, signs, judged.type_) for update in signs.found.updates or (None,)]
    spoke = [rule for each in heard for rule in each.rules]
    if not spoke:
        return judged
    verdict = weightiest_verdict([said for each in heard for said in _verdicts(each, signs, judged)])
    type_, type_reason = _type(heard, judged)
    return Judged(
        type_=type_,
        certainty=judged.certainty if type_ is judged.type_ and type_reason == judged.type_reason else 1.0,
        type_reason=type_reason,
        verdict=verdict,
        rules=tuple(_evidence(rule) for rule in sorted(dict.fromkeys(spoke), key=lambda rule: rule.number)),
    )


def _hear(rules: Sequence[Rule], update: Update | None, signs: Signs, type_: UpdateType | None) -> _Heard:
    own_type = type_of_update(update) or type_
    files = _files_of(update, signs)
    fitting = [
        (path, _first_that_fits(rules, Subject(update, path, own_type, signs.branch, signs.labels)))
        for path in files or (None,)
    ]
    rules_heard = tuple(dict.fromkeys(rule for _, rule in fitting if rule is not None))
    left = tuple(path for path, rule in fitting if path is not None and (rule is None or rule.component is None))
    asks_us = any(rule is None or rule.component is None for _, rule in fitting)
    return _Heard(update, own_type, rules_heard, left, asks_us)


def _first_that_fits(rules: Sequence[Rule], subject: Subject) -> Rule | None:
    return next((rule for rule in rules if rule.match.fits(subject)), None)


def _files_of(update: Update | None, signs: Signs) -> tuple[str, ...]:
    """The files in which the update moves; all live files of the pull request where the diff does not tell."""
    live = [path for path in signs.files if not is_prose(path)] or list(signs.files)
    if update is None:
        return tuple(live)
    mine = [move.file for move in signs.found.moves if bare_version(move.to) == bare_version(update.to)
            and (move.name is None or short_name(move.name) == short_name(update.name))]  # fmt: skip
    return tuple(dict.fromkeys(mine or live))


def _verdicts(heard: _Heard, signs: Signs, judged: Judged) -> Iterator[Verdict]:
    for rule in heard.rules:
        if rule.component is not None:
            yield Verdict(rule.component, 1.0, _reason(rule))
    if not heard.asks_us:
        return
    if heard.update is None:
        yield judged.verdict
        return
    moves = [move for move in signs.found.moves if not heard.left or move.file in heard.left]
    yield judge((heard.update,), moves, heard.left or signs.files, signs.rows, signs.labels)


def _type(heard: Sequence[_Heard], judged: Judged) -> tuple[UpdateType | None, str]:
    """The weightiest type, each update's own or what its first rule says; unchanged where no rule says any."""
    saying = [next((rule for rule in each.rules if rule.update_type is not None), None) for each in heard]
    if not any(saying):
        return judged.type_, judged.type_reason
    types = [rule.update_type if rule else each.type_ for rule, each in zip(saying, heard, strict=True)]
    type_ = weightiest(types)
    spoke = next((rule for rule in saying if rule is not None and rule.update_type is type_), None)
    if type_ is None or spoke is None:
        return type_, judged.type_reason if type_ is judged.type_ else f"{type_}, by the versions"
    return type_, f"{type_.value}, by {_reason(spoke)}"


def _reason(rule: Rule) -> str:
    return rule_reason(number=rule.number, file=rule.file, line=rule.line, reason=rule.reason)


def _evidence(rule: Rule) -> Evidence:
    return Evidence(rule.file, rule.line, rule.reason or f"rule {rule.number}")
