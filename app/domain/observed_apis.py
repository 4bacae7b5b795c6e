"""Whether a cluster was seen to serve an API: by the list of its API server, or by what reads it and told us.

Kept apart from the catalogue, which says what a version should serve. Nothing seen, or a part that could not be read,
is no answer: then the catalogue's holds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.model import Answer, Gvk, ServedApis


@dataclass(frozen=True, slots=True)
class Seen:
    """`source` is a phrase for people; `since` when it was first seen so, None for what is not listed. `at`, when that
    was last looked at, makes no difference: each look would else seem to be news."""

    answer: Answer
    source: str
    since: datetime | None = None
    at: datetime | None = field(default=None, compare=False)


class ObservedApis:
    """What was seen in all clusters. Where several stand for one scope, all of them have to agree."""

    def __init__(self, served: Iterable[ServedApis]) -> None:
        self._by_scope: Mapping[str, dict[str, list[ServedApis]]] = defaultdict(lambda: defaultdict(list))
        for one in served:
            self._by_scope[one.scope][one.cluster].append(one)

    def answer(self, scope: str, gvk: Gvk) -> Seen | None:
        """None where it is not known."""
        if scope not in self._by_scope:
            return None
        found = [_of_cluster(sources, gvk) for sources in self._by_scope[scope].values()]
        for seen in found:
            if seen is not None and seen.answer is Answer.NO:
                return seen
        newest = [seen for seen in found if seen is not None and seen.since is not None]
        return max(newest, key=_since) if len(newest) == len(found) else None


def _since(seen: Seen) -> datetime:
    assert seen.since is not None
    return seen.since


def _of_cluster(sources: Iterable[ServedApis], gvk: Gvk) -> Seen | None:
    """A complete list counts before one that only names some."""
    for one in sorted(sources, key=lambda one: not one.complete):
        if (since := one.since.get(gvk)) is not None:
            return Seen(Answer.YES, one.source, since, one.at)
        if one.complete and gvk.group not in one.unread:
            return Seen(Answer.NO, one.source, at=one.at)
    return None
