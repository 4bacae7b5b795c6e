"""Which removed line became which added one."""

from collections import defaultdict, deque
from collections.abc import Sequence

from app.domain.diff import DiffLine
from app.domain.references import masked


def pair_lines(
    removed: Sequence[DiffLine], added: Sequence[DiffLine]
) -> tuple[list[tuple[DiffLine, DiffLine]], list[DiffLine]]:
    """The pairs in the order of the new lines, and the lines that have no partner.

    As many removed as added lines belong together in their order; otherwise those do that differ by versions alone.
    """
    if len(removed) == len(added):
        return list(zip(removed, added, strict=True)), []
    left: defaultdict[str, deque[DiffLine]] = defaultdict(deque)
    for old in removed:
        left[masked(old.text)].append(old)
    pairs, alone = [], []
    for new in added:
        candidates = left.get(masked(new.text))
        if candidates:
            pairs.append((candidates.popleft(), new))
        else:
            alone.append(new)
    lost = [old for all_of in left.values() for old in all_of]
    return pairs, [*sorted(lost, key=lambda line: line.old or 0), *alone]
