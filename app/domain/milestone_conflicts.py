"""Who cannot be merged as it is, and which lines of the base still name another version of an API."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.manifests import read_manifests
from app.domain.model import Evidence, Gvk, Tree
from app.domain.overlaps import NEAR, changed_spans


@dataclass(frozen=True, slots=True)
class Changed:
    """What a pull request changes: path -> patch; since when its head stands, or when it was merged."""

    number: int
    patches: Mapping[str, str]
    at: datetime | None


def find_conflicts(open_: Iterable[Changed], merged: Iterable[Changed]) -> dict[int, tuple[int, ...]]:
    """For each open one those that were merged after its head was made and that changed neighbouring lines, which Git
    cannot merge. An unknown time is no conflict."""
    landed = [one for one in merged if one.at is not None]
    found = {
        one.number: tuple(sorted(other.number for other in landed if _is_later(other.at, one.at) and _meet(one, other)))
        for one in open_
    }
    return {number: others for number, others in found.items() if others}


def _is_later(merged_at: datetime | None, head_at: datetime | None) -> bool:
    return merged_at is not None and head_at is not None and merged_at >= head_at


def _meet(one: Changed, other: Changed) -> bool:
    for path in one.patches.keys() & other.patches.keys():
        for first, last in changed_spans(one.patches[path]):
            for begin, end in changed_spans(other.patches[path]):
                if begin - last <= NEAR and first - end <= NEAR:
                    return True
    return False


def find_outdated(tree: Tree, wanted: Iterable[Gvk]) -> dict[Gvk, tuple[Evidence, ...]]:
    """The lines that use one of these APIs in another version."""
    by_kind = {(gvk.group, gvk.kind): gvk for gvk in wanted}
    found: dict[Gvk, list[Evidence]] = {gvk: [] for gvk in by_kind.values()}
    for path in sorted(tree):
        file = tree[path]
        if not any(group in file.text for group, _ in by_kind):
            continue
        for use in read_manifests(file).uses:
            gvk = by_kind.get((use.gvk.group, use.gvk.kind))
            if gvk is not None and use.applied and use.gvk.version != gvk.version:
                found[gvk].append(Evidence(path, use.line, use.text))
    return {gvk: tuple(lines) for gvk, lines in found.items()}
