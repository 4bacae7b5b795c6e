"""When a merged provider version counts as rolled out. Merged is not applied; silence proves nothing."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.domain.model import Observation, Rollout, RolloutState
from app.domain.versions import Range, Version, is_exact


def rolled_out_source(
    rollout: Rollout, observations: Iterable[Observation], *, now: datetime, soak: timedelta | None
) -> str | None:
    """How we know that a pending rollout is done, in words for people, or None while we do not."""
    if rollout.state is RolloutState.ROLLED_OUT:
        return rollout.source
    for seen in observations:
        if (seen.provider, seen.scope) == (rollout.provider, rollout.scope) and reached(rollout, seen):
            return seen.source
    if soak is not None and now - rollout.merged_at >= soak:
        return f"{_minutes(soak)} have passed since the merge, unverified"
    return None


def reached(rollout: Rollout, seen: Observation) -> bool:
    """Whether the cluster was seen at the merged version or a later one.

    A range says nothing about what ran before the merge, so only a later observation counts for it.
    """
    version = Version.parse(seen.version)
    if version is None:
        return False
    target = Version.parse(rollout.to)
    if is_exact(rollout.to) and target is not None:
        return version >= target
    try:
        return seen.at >= rollout.merged_at and Range.parse(rollout.to).allows(version)
    except ValueError:
        return False


def _minutes(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
