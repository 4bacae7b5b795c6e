"""The files of a base branch with pull requests taken back out, one after the other."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.domain.culprits import Merge
from app.domain.model import ChangeStatus, FileChange
from app.domain.three_way import merge_text


@dataclass(frozen=True, slots=True)
class Conflict:
    """A file that cannot be restored by itself. `since` are the later merges that changed it; none where a push did,
    or where the file could not be read at all (`unreadable`)."""

    number: int
    path: str
    since: tuple[int, ...] = ()
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """`files`: path -> text, None for a file that goes. Empty where everything is as it was already."""

    files: Mapping[str, str | None]
    conflicts: tuple[Conflict, ...] = ()


def restore(tree: Mapping[str, str], reverts: Iterable[Merge], later: Iterable[Merge]) -> Restored:
    """`tree` is path -> text of the base branch; `reverts` are taken out in this order. `later` are all merges that
    may have changed a file since."""
    now: dict[str, str | None] = {}

    def read(path: str) -> str | None:
        return now[path] if path in now else tree.get(path)

    conflicts: list[Conflict] = []
    others = tuple(later)
    reverted: set[int] = set()
    for merge in reverts:
        reverted.add(merge.number)
        for change in merge.changes:
            told = _restore_file(change, read)
            if told is None:
                since = tuple(
                    other.number
                    for other in others
                    if other.merged_at > merge.merged_at and change.path in other.paths and other.number not in reverted
                )
                unreadable = change.before is None and change.after is None
                conflicts.append(Conflict(merge.number, change.path, since, unreadable))
            else:
                now.update(told)
    changed = {path: text for path, text in now.items() if tree.get(path) != text}
    return Restored(changed, tuple(conflicts))


def _restore_file(change: FileChange, read: Callable[[str], str | None]) -> dict[str, str | None] | None:
    """The texts after it; None on a conflict."""
    before = change.before.text if change.before else None
    after = change.after.text if change.after else None
    if before is None and after is None:
        return None
    old_path = change.previous_path if change.status is ChangeStatus.RENAMED else None
    here = read(change.path)
    if old_path is not None and old_path != change.path:
        was = read(old_path)
        if here is None and was is not None:
            return {}  # it was moved back already
        if here is None or after is None or before is None or was is not None:
            return None
        merged = merge_text(after, here, before)
        return None if merged is None else {change.path: None, old_path: merged}
    if here == before:
        return {}
    if after is None:
        return {change.path: before} if here is None else None
    if before is None:
        return {change.path: None} if here == after else None
    merged = merge_text(after, here, before) if here is not None else None
    return None if merged is None else {change.path: merged}
