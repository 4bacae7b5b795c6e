"""The `file` edge: two open pull requests change the same place, so the later one has to be rebased after the earlier.

Soft, and few: it says in which order a rebase is due. Neighbouring lines conflict in Git; the same file at a distance
does not, and counts only beside a pull request that others wait for, because Renovate writes whole files anew.
"""

from bisect import bisect
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter

from app.domain import messages
from app.domain.diff import LineKind, parse_hunks
from app.domain.memo import BlobMemo
from app.domain.model import Condition, Edge, EdgeKind, PullRequest, SourceFile, Strength

NEAR = 1
"""Changed lines conflict when no unchanged line lies between them."""

Span = tuple[int, int]
Touched = tuple[tuple[str, Span], ...]
"""Paths with a span of lines each."""
_WHOLE_FILE: Span = (-10, -10)
"""Without a patch nothing is known of the lines; two such changes of one file meet."""


def _parse_spans(file: SourceFile) -> tuple[Span, ...]:
    spans: list[Span] = []
    for hunk in parse_hunks(file.text):
        at = hunk.old_start
        for line in hunk.lines:
            at = line.old if line.old is not None else at
            if line.kind is not LineKind.CONTEXT:
                first, last = spans[-1] if spans else (0, -10)
                if at <= last + 1 and last > 0:
                    spans[-1] = first, max(last, at)
                else:
                    spans.append((at, at))
    return tuple(spans)


_spans = BlobMemo(_parse_spans)


def changed_spans(patch: str) -> tuple[Span, ...]:
    """The first and last line, of the file before it, of each run of lines that a patch changes."""
    return _spans(SourceFile("a.patch", patch, patch))


def read_touched(pull_request: PullRequest) -> Touched:
    """Every place that a pull request changes."""
    return tuple(
        (change.path, span) for change in pull_request.changes for span in changed_spans(change.patch) or (_WHOLE_FILE,)
    )


class SharedFiles:
    """Who changes which file, kept from one plan to the next: a merge takes out what the merged one changed."""

    def __init__(self) -> None:
        self._touched: dict[int, Touched] = {}
        self._spans: dict[str, dict[int, list[Span]]] = {}
        self._meetings: dict[str, _Meeting] = {}
        """Those of the files that several change."""

    def update(self, touched: Mapping[int, Touched]) -> None:
        """`touched` is what `read_touched` says of each pull request; one that is the same object has not changed."""
        changed: set[str] = set()
        for number in [number for number, places in self._touched.items() if touched.get(number) is not places]:
            for path, _ in self._touched.pop(number):
                self._spans[path].pop(number, None)
                changed.add(path)
        for number, places in touched.items():
            if number not in self._touched:
                self._touched[number] = places
                for path, span in places:
                    self._spans.setdefault(path, {}).setdefault(number, []).append(span)
                    changed.add(path)
        for path in changed:
            self._meet(path)

    def _meet(self, path: str) -> None:
        spans = self._spans[path]
        self._meetings.pop(path, None)
        if not spans:
            del self._spans[path]
        elif len(spans) > 1:
            places = [(span, number) for number, own in spans.items() for span in own]
            self._meetings[path] = tuple(_neighbours(places)), frozenset(spans)

    def meetings(self) -> Iterator[tuple[str, "_Meeting"]]:
        return iter(sorted(self._meetings.items(), key=itemgetter(0)))


_Meeting = tuple[tuple[tuple[int, int], ...], frozenset[int]]
"""Who changes neighbouring lines of one file, and who changes it at all."""


def find_overlaps(
    files: SharedFiles, *, special: Collection[int], rank: Mapping[int, tuple[int, ...]]
) -> Iterator[Edge]:
    """One edge for each pair that meets, the later rank waiting for the earlier.

    `special` are those that others wait for, or that wait themselves: they meet others anywhere in a file.
    """
    found: dict[tuple[int, int], tuple[str, bool]] = {}
    for path, (neighbours, numbers) in files.meetings():
        for one, other in neighbours:
            found.setdefault(_pair(one, other, rank), (path, True))
        if not numbers.isdisjoint(special):
            for one, other in _strangers(numbers, special, rank):
                found.setdefault(_pair(one, other, rank), (path, False))
    for (later, earlier), (path, adjacent) in sorted(found.items()):
        yield _edge(later, earlier, path, adjacent)


@lru_cache(maxsize=20_000)
def _edge(later: int, earlier: int, path: str, adjacent: bool) -> Edge:
    reason = messages.file_reason(earlier=earlier, path=path, adjacent=adjacent)
    return Edge(later, earlier, EdgeKind.FILE, Strength.SOFT, Condition.MERGED, reason)


def _neighbours(spans: Iterable[tuple[Span, int]]) -> Iterator[tuple[int, int]]:
    """Those with touching lines. Sorted by line each meets the one before it, which is enough to order a whole run."""
    ordered = sorted(spans)
    for ((_, last), one), ((first, _), other) in pairwise(ordered):
        if one != other and first - last <= NEAR:
            yield one, other


def _strangers(
    numbers: frozenset[int], special: Collection[int], rank: Mapping[int, tuple[int, ...]]
) -> Iterator[tuple[int, int]]:
    """The special ones form a chain, and each other one hangs between the two that come before and after it."""
    keys = sorted((*rank[number], number) for number in numbers.intersection(special))
    ordered = [int(key[-1]) for key in keys]
    yield from pairwise(ordered)
    for other in sorted(numbers.difference(special)):
        at = bisect(keys, (*rank[other], other))
        for one in ordered[max(at - 1, 0) : at + 1]:
            yield one, other


def _pair(one: int, other: int, rank: Mapping[int, tuple[int, ...]]) -> tuple[int, int]:
    """(later, earlier)."""
    return (one, other) if (*rank[one], one) > (*rank[other], other) else (other, one)
