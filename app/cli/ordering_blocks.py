"""False blocks: merges that went well, and that a hard edge would have held."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.cli.ordering_cases import SHA_PREFIX, plan_snapshot
from app.cli.ordering_clones import Clone, Merge, windows
from app.cli.ordering_patches import PatchCommit, patch_snapshot
from app.domain.model import Edge, Plan, Strength
from app.git import GitError


@dataclass(frozen=True, slots=True)
class FalseBlock:
    """A hard edge that the history contradicts. `merges` names what was planned together, the first merged first."""

    merges: tuple[str, ...]
    edge: Edge


@dataclass(frozen=True, slots=True)
class BlockCount:
    """Of `judged` merges or groups of them `at_stake` need an API or bring a version at all; `held` are held wrongly.

    `unread` could not be judged: their commits or files are not in the clone.
    """

    blocks: tuple[FalseBlock, ...]
    held: int
    at_stake: int
    judged: int
    unread: int = 0


_Judged = tuple[bool, list[FalseBlock]]


def count_patches(groups: Iterable[tuple[PatchCommit, ...]]) -> BlockCount:
    """Plan each group before any of it was merged; the edges to a later merge and those to nobody at all are false."""
    judged: list[_Judged] = []
    for group in groups:
        snapshot, numbers = patch_snapshot(group)
        plan = plan_snapshot(snapshot)
        order = {number: index for index, number in enumerate(numbers)}
        names = tuple(f"{commit.repository} {commit.sha[:SHA_PREFIX]} {commit.title}" for commit in group)
        false = [
            FalseBlock(names, edge)
            for edge in plan.edges
            if edge.strength is Strength.HARD and (edge.to is None or order[edge.to] > order[edge.from_])
        ]
        judged.append((_is_at_stake(plan), false))
    return _count(judged)


def count_history(clone: Clone, merges: Sequence[Merge], *, window: int) -> tuple[BlockCount, BlockCount]:
    """Each merge alone on its own parent, and each beside those that followed it soon, also on its own parent.

    It was merged first of them, so any hard edge of it is false. Those of the others are left for their own turn: what
    was merged in between by people is not in this tree.
    """
    return (
        _count_groups(clone, [(merge,) for merge in merges]),
        _count_groups(clone, list(windows(merges, window))),
    )


def add(counts: Iterable[BlockCount]) -> BlockCount:
    every = list(counts)
    return BlockCount(
        blocks=tuple(block for count in every for block in count.blocks),
        held=sum(count.held for count in every),
        at_stake=sum(count.at_stake for count in every),
        judged=sum(count.judged for count in every),
        unread=sum(count.unread for count in every),
    )


def _count_groups(clone: Clone, groups: Sequence[tuple[Merge, ...]]) -> BlockCount:
    judged: list[_Judged] = []
    unread = 0
    for group in groups:
        try:
            snapshot, numbers = clone.snapshot(group)
        except GitError:
            unread += 1
            continue
        plan = plan_snapshot(snapshot)
        names = tuple(f"{clone.name} {merge.commit.sha[:SHA_PREFIX]} {merge.commit.subject}" for merge in group)
        hard = [edge for edge in plan.edges_of(numbers[0]) if edge.strength is Strength.HARD]
        judged.append((_is_at_stake(plan), [FalseBlock(names, edge) for edge in hard]))
    return _count(judged, unread)


def _is_at_stake(plan: Plan) -> bool:
    return any(planned.requires or planned.provides for planned in plan.pull_requests)


def _count(judged: Sequence[_Judged], unread: int = 0) -> BlockCount:
    return BlockCount(
        blocks=tuple(block for _, false in judged for block in false),
        held=sum(bool(false) for _, false in judged),
        at_stake=sum(stake for stake, _ in judged),
        judged=len(judged),
        unread=unread,
    )
