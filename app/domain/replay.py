"""A change carried over to another version of its file, as a rebase would do it, except that it never conflicts.

A pull request that was merged months later is known by its own parent's files. To judge it beside an earlier one, it is
laid upon the earlier tree: its lines replace what stands at their place there, whatever that says.
"""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from app.domain.diff import git_blob_id
from app.domain.model import ChangeStatus, FileChange, SourceFile, Tree

_Block = tuple[str, int, int, int, int]


def replay_change(change: FileChange, tree: Tree) -> FileChange:
    """The same change to the file as `tree` has it; the change itself where there is nothing to lay it upon."""
    path = change.previous_path or change.path
    stands = tree.get(path)
    if stands is None or change.before is None or change.status is ChangeStatus.ADDED:
        return change
    if stands.blob_id == change.before.blob_id:
        return change
    if change.after is None:
        return replace(change, before=stands)
    text = replay(stands.text, change.before.text, change.after.text)
    return replace(change, before=stands, after=SourceFile(change.path, git_blob_id(text), text))


def replay(stands: str, before: str, after: str) -> str:
    """`stands` with what leads from `before` to `after` done to it; where they disagree, `after` is right."""
    target, old, new = (text.splitlines(keepends=True) for text in (stands, before, after))
    places: list[_Block] = list(SequenceMatcher(None, old, target, autojunk=False).get_opcodes())
    edits = [block for block in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if block[0] != "equal"]
    for _, start, end, new_start, new_end in reversed(edits):
        first = _end_of(start, places) if start == end else _start_of(start, places)
        target[first : max(first, _end_of(end, places))] = new[new_start:new_end]
    return "".join(target)


def _start_of(line: int, places: Sequence[_Block]) -> int:
    """Where the old `line` stands in the target, or the lines that stand in its stead begin."""
    for tag, start, end, there, _ in places:
        if start <= line < end:
            return there + (line - start if tag == "equal" else 0)
    return places[-1][4] if places else 0


def _end_of(line: int, places: Sequence[_Block]) -> int:
    """Where what stands for all old lines before `line` ends in the target."""
    for tag, start, end, there, there_end in places:
        if start < line <= end:
            return there + line - start if tag == "equal" else there_end
    return 0
