"""What waits for people: major updates, bumps that change something else too, and what the owner says."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain import messages
from app.domain.commands import LEVELS, Permission, is_at_least
from app.domain.match import subjects_of
from app.domain.model import Classification, ComponentClass, PullRequest
from app.domain.ruling import ApprovalRule, Ruling


@dataclass(frozen=True, slots=True)
class _Asked:
    """`major`, `other` and `class_` each ask for one approval by anybody who may give one; `rule` for its own."""

    major: bool
    other: bool
    class_: bool
    rule: ApprovalRule | None

    def __bool__(self) -> bool:
        return self.major or self.other or self.class_ or self.rule is not None


def asks_for_a_person(pull_request: PullRequest, told: Classification, ruling: Ruling) -> bool:
    """Whether somebody has to look at it before it lands, be it that somebody has."""
    return bool(_asked(pull_request, told, ruling))


def review_reason(pull_request: PullRequest, told: Classification, ruling: Ruling) -> str | None:
    """Why it still waits for a person; None where it does not."""
    asked = _asked(pull_request, told, ruling)
    given, rule = pull_request.approvals, asked.rule
    if not given and (said := _usual_reason(asked, pull_request, told, ruling)):
        return f"{said} {_rule_reason(rule, pull_request)}" if rule and _asks_for_more(rule) else said
    if rule is not None and sum(is_at_least(one.permission, rule.by) for one in given) < rule.count:
        return _rule_reason(rule, pull_request)
    return None


def _asked(pull_request: PullRequest, told: Classification, ruling: Ruling) -> _Asked:
    heard = list(_rules_heard(pull_request, told, ruling))
    usual = None in heard  # some update that no rule speaks of
    spoke = [rule for rule in heard if rule is not None and rule.count]
    return _Asked(
        major=usual and ruling.majors and told.component_class is ComponentClass.MAJOR,
        other=ruling.other_changes and bool(told.also_changes),
        class_=usual and told.component_class in ruling.classes,
        rule=max(spoke, key=lambda rule: (LEVELS.index(rule.by), rule.count), default=None),
    )


def _rules_heard(pull_request: PullRequest, told: Classification, ruling: Ruling) -> Iterator[ApprovalRule | None]:
    """For each update the first rule that fits it; None where none does."""
    if not ruling.approvals:
        yield None
        return
    for subjects in subjects_of(pull_request, told):
        yield next((rule for rule in ruling.approvals if any(map(rule.match.fits, subjects))), None)


def _usual_reason(asked: _Asked, pull_request: PullRequest, told: Classification, ruling: Ruling) -> str | None:
    updates = (_updates(told) or pull_request.title) if asked.major else ""
    if asked.other:
        return messages.impure_reason(pull_request.number, told.also_changes, updates=updates)
    if asked.major:
        return messages.major_reason(updates)
    if asked.class_:
        assert ruling.classes_at is not None
        return messages.class_reason(told.component_class, ruling.classes_at)
    return None


def _asks_for_more(rule: ApprovalRule) -> bool:
    return rule.count > 1 or rule.by is not Permission.READ


def _rule_reason(rule: ApprovalRule, pull_request: PullRequest) -> str:
    counted = [one.by for one in pull_request.approvals if is_at_least(one.permission, rule.by)]
    others = [one.by for one in pull_request.approvals if not is_at_least(one.permission, rule.by)]
    return messages.approvals_reason(
        count=rule.count, permission=rule.by, place=rule.place, why=rule.reason, counted=counted, others=others
    )


def _updates(told: Classification) -> str:
    named = [f"{update.name} {update.from_} → {update.to}" for update in told.updates]
    return messages.listed(named) if named else ""
