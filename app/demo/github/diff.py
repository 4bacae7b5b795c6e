"""What changed between two trees, as GitHub shows it, and what comes of merging two changes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.demo.github.objects import blob_id

CONTEXT = 3
RENAME_SIMILARITY = 0.5
LARGEST_PATCH_LINES = 20_000
"""Above this GitHub leaves `patch` out.
https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits#diff-limits"""

NO_NEWLINE = "\\ No newline at end of file"

Opcode = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One changed file. `patch` starts at the first `@@`; None for a pure rename and for an oversized change."""

    path: str
    status: str
    additions: int
    deletions: int
    sha: str
    patch: str | None
    previous_path: str | None = None


def diff_trees(before: Mapping[str, str], after: Mapping[str, str]) -> list[FileDiff]:
    """Changed files in path order. A removed and an added file that are at least half alike are one rename."""
    removed = {path: text for path, text in before.items() if path not in after}
    added = {path: text for path, text in after.items() if path not in before}
    changed = [path for path, text in after.items() if path in before and before[path] != text]
    diffs = [_diff(path, "modified", before[path], after[path]) for path in changed]
    for path, text in added.items():
        origin = _rename_origin(text, removed)
        if origin is None:
            diffs.append(_diff(path, "added", "", text))
        else:
            diffs.append(_diff(path, "renamed", removed.pop(origin), text, previous_path=origin))
    diffs += [_diff(path, "removed", text, "") for path, text in removed.items()]
    return sorted(diffs, key=lambda diff: diff.path)


def _rename_origin(text: str, removed: Mapping[str, str]) -> str | None:
    for path, old in removed.items():
        if old == text and text:
            return path
    likeness = {path: _similarity(old, text) for path, old in removed.items()}
    best = max(likeness, key=lambda path: likeness[path], default=None)
    return best if best is not None and likeness[best] >= RENAME_SIMILARITY else None


def _similarity(before: str, after: str) -> float:
    return SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False).ratio()


def _diff(path: str, status: str, before: str, after: str, *, previous_path: str | None = None) -> FileDiff:
    patch = unified_patch(before, after)
    lines = patch.split("\n")
    additions = sum(line.startswith("+") for line in lines)
    deletions = sum(line.startswith("-") for line in lines)
    shown = patch if patch and len(lines) <= LARGEST_PATCH_LINES else None
    return FileDiff(
        path, status, additions, deletions, blob_id(before if status == "removed" else after), shown, previous_path
    )


def unified_patch(before: str, after: str) -> str:
    """Unified diff with three lines of context, from the first `@@`; without a newline at its end; "" when equal."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return "\n".join(line for group in _hunks(opcodes(old, new)) for line in _hunk_lines(group, old, new))


def opcodes(old: Sequence[str], new: Sequence[str]) -> list[Opcode]:
    """difflib's opcodes; equal ends are cut off first, which keeps large files with small changes cheap."""
    head = 0
    while head < len(old) and head < len(new) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    middle = SequenceMatcher(None, old[head : len(old) - tail], new[head : len(new) - tail], autojunk=False)
    codes: list[Opcode] = [("equal", 0, head, 0, head)] if head else []
    codes += [(tag, i1 + head, i2 + head, j1 + head, j2 + head) for tag, i1, i2, j1, j2 in middle.get_opcodes()]
    if tail:
        codes.append(("equal", len(old) - tail, len(old), len(new) - tail, len(new)))
    return codes


def _hunks(codes: list[Opcode]) -> Iterator[list[Opcode]]:
    group: list[Opcode] = []
    for index, (tag, i1, i2, j1, j2) in enumerate(codes):
        if tag != "equal":
            group.append((tag, i1, i2, j1, j2))
            continue
        first, last = index == 0, index == len(codes) - 1
        if not first and (last or i2 - i1 > 2 * CONTEXT):
            group.append(("equal", i1, min(i2, i1 + CONTEXT), j1, min(j2, j1 + CONTEXT)))
            yield group
            group = []
        if not last and (first or i2 - i1 > 2 * CONTEXT):
            group = [("equal", max(i1, i2 - CONTEXT), i2, max(j1, j2 - CONTEXT), j2)]
        elif not first and not last:
            group.append((tag, i1, i2, j1, j2))
    if group:
        yield group


def _hunk_lines(group: list[Opcode], old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    i1, i2, j1, j2 = group[0][1], group[-1][2], group[0][3], group[-1][4]
    yield f"@@ -{_span(i1, i2)} +{_span(j1, j2)} @@{_section(old[:i1])}"
    for tag, a1, a2, b1, b2 in group:
        if tag == "equal":
            yield from _marked(" ", old[a1:a2])
        else:
            yield from _marked("-", old[a1:a2])
            yield from _marked("+", new[b1:b2])


def _span(start: int, end: int) -> str:
    length = end - start
    if length == 0:
        return f"{start},0"
    return f"{start + 1}" if length == 1 else f"{start + 1},{length}"


def _section(lines: Sequence[str]) -> str:
    """Git's default hunk heading: the nearest line above that begins with a letter, `_` or `$`."""
    for line in reversed(lines):
        if re.match(r"[A-Za-z_$]", line):
            return f" {line.rstrip()[:80]}"
    return ""


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield mark + line.rstrip("\n")
        if not line.endswith("\n"):
            yield NO_NEWLINE


class MergeConflict(Exception):
    """Both sides changed the same lines. `paths` names the files."""

    def __init__(self, paths: Sequence[str]) -> None:
        super().__init__(f"conflict in {', '.join(paths)}")
        self.paths = tuple(paths)


@dataclass(frozen=True, slots=True, order=True)
class _Edit:
    start: int
    end: int
    lines: tuple[str, ...]


def merge_trees(
    base: Mapping[str, str], ours: Mapping[str, str], theirs: Mapping[str, str], *, neighbours_conflict: bool = False
) -> dict[str, str | None]:
    """What `theirs` changes on top of `ours`, as path -> text, None for a removal. Raises MergeConflict.

    Edits of neighbouring lines are merged; Git refuses them, and so does `neighbours_conflict`.
    """
    changes: dict[str, str | None] = {}
    conflicts: list[str] = []
    for path in sorted({*base, *theirs}):
        was, our, their = base.get(path), ours.get(path), theirs.get(path)
        if their in (was, our):
            continue
        if our == was:
            changes[path] = their
            continue
        merged = None
        if was is not None and our is not None and their is not None:
            merged = _merge_text(was, our, their, neighbours_conflict=neighbours_conflict)
        if merged is None:
            conflicts.append(path)
        else:
            changes[path] = merged
    if conflicts:
        raise MergeConflict(conflicts)
    return changes


def _merge_text(base: str, ours: str, theirs: str, *, neighbours_conflict: bool) -> str | None:
    """The merged text, or None on conflict."""
    lines = base.splitlines(keepends=True)
    our_edits, their_edits = _edits(lines, ours), _edits(lines, theirs)
    for our in our_edits:
        for their in their_edits:
            if our != their and _clash(our, their, neighbours_conflict=neighbours_conflict):
                return None
    result = list(lines)
    for edit in sorted({*our_edits, *their_edits}, reverse=True):
        result[edit.start : edit.end] = edit.lines
    return "".join(result)


def _edits(base: Sequence[str], changed: str) -> list[_Edit]:
    """Changed ranges of `base`. A change of as many lines as it replaces is one edit a line, so lines merge singly."""
    new = changed.splitlines(keepends=True)
    edits: list[_Edit] = []
    for tag, i1, i2, j1, j2 in opcodes(base, new):
        if tag == "equal":
            continue
        if i2 - i1 == j2 - j1:
            edits += [_Edit(i1 + n, i1 + n + 1, (new[j1 + n],)) for n in range(i2 - i1)]
        else:
            edits.append(_Edit(i1, i2, tuple(new[j1:j2])))
    return edits


def _clash(one: _Edit, other: _Edit, *, neighbours_conflict: bool) -> bool:
    if neighbours_conflict:
        return one.start <= other.end and other.start <= one.end
    if one.start == one.end or other.start == other.end:
        return one.start == other.start or one.start < other.start < one.end or other.start < one.start < other.end
    return one.start < other.end and other.start < one.end
