"""Upgrade steps that are refused, or that skip what may not be skipped: they hold nothing, but people should know."""

from collections.abc import Iterator

from app.domain import messages
from app.domain.catalogue import FLUX, minor_of
from app.domain.declarations import VersionChange
from app.domain.pull_request_facts import PullRequestFacts
from app.domain.situation import Situation
from app.domain.version_marks import MarkKind
from app.domain.versions import Version


def find_bad_steps(facts: PullRequestFacts, situation: Situation) -> Iterator[str]:
    """A warning for each version change that goes back, or too far."""
    for change in facts.changes:
        before = situation.serving.standing(change.provider, change.scope).running.exact
        after = change.after.releases.exact
        if before is not None and after is not None:
            yield from _warnings(facts.number, change, before, after, situation)


def _warnings(
    number: int, change: VersionChange, before: Version, after: Version, situation: Situation
) -> Iterator[str]:
    old, new = (str(version).removeprefix("v") for version in (before, after))
    match change.provider:
        case "flux" if minor_of(after) < minor_of(before) and _is_instance(change):
            yield messages.downgrade_warning(
                number=number, name=situation.catalogue.name_of(FLUX), before=old, after=new
            )
        case "talos":
            facts = situation.catalogue.talos.get(minor_of(after))
            if facts is not None and before < facts.upgrade_from:
                least = str(facts.upgrade_from)
                yield messages.talos_step_warning(number=number, before=old, after=new, least=least)
        case "kubernetes" if after.major == before.major and after.minor > before.minor + 1:
            yield messages.kubernetes_step_warning(number=number, before=old, after=new)


def _is_instance(change: VersionChange) -> bool:
    return change.after.mark is not None and change.after.mark.kind is MarkKind.DISTRIBUTION
