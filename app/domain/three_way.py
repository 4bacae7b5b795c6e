"""Take one change back out of a text that has changed since: a merge of three texts, line by line."""

from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, slots=True, order=True)
class _Edit:
    start: int
    end: int
    lines: tuple[str, ...]


def merge_text(base: str, ours: str, theirs: str) -> str | None:
    """What `theirs` changes in `base`, made on `ours`; None where both changed the same or neighbouring lines, which
    Git refuses as well."""
    if ours == base:
        return theirs
    if theirs in (base, ours):
        return ours
    lines = base.splitlines(keepends=True)
    our_edits, their_edits = _edits(lines, ours), _edits(lines, theirs)
    for our in our_edits:
        for their in their_edits:
            if our != their and our.start <= their.end and their.start <= our.end:
                return None
    merged = list(lines)
    for edit in sorted({*our_edits, *their_edits}, reverse=True):
        merged[edit.start : edit.end] = edit.lines
    return "".join(merged)


def _edits(base: list[str], changed: str) -> list[_Edit]:
    new = changed.splitlines(keepends=True)
    matcher = SequenceMatcher(None, base, new, autojunk=False)
    return [_Edit(i1, i2, tuple(new[j1:j2])) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal"]
