"""Unified diffs as Git and GitHub write them, read exactly and applied exactly.

A hunk is read by the line counts of its header and by nothing else: a removed YAML list item `- https://…` stands in
the diff as `-- https://…`, and a removed document marker as `----`, which only the counts tell from a file header.
With the base file and the patch the head file can be built without asking anybody; `git_blob_id` proves it right.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from app.domain.model import ChangeStatus


class PatchMismatch(Exception):
    """The patch was not made for this text."""


class LineKind(Enum):
    CONTEXT = " "
    REMOVED = "-"
    ADDED = "+"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line without its mark and its newline; `old` and `new` are 1-based, None where the line does not exist.

    `newline` is False for a last line that does not end in one.
    """

    kind: LineKind
    text: str
    old: int | None
    new: int | None
    newline: bool = True


@dataclass(frozen=True, slots=True)
class Hunk:
    """`section` is what follows the second `@@`: the line of the file that Git took for a heading."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[DiffLine, ...]
    section: str = ""

    @property
    def complete(self) -> bool:
        """False when the diff was cut inside this hunk."""
        old = sum(1 for line in self.lines if line.old is not None)
        new = sum(1 for line in self.lines if line.new is not None)
        return (old, new) == (self.old_count, self.new_count)


@dataclass(frozen=True, slots=True)
class PatchedFile:
    """One file of a whole diff. `old_blob` and `new_blob` are the object ids of the `index` line, mostly short."""

    path: str
    status: ChangeStatus
    hunks: tuple[Hunk, ...]
    previous_path: str | None = None
    old_blob: str | None = None
    new_blob: str | None = None
    binary: bool = False

    def removed(self) -> Iterator[DiffLine]:
        return (line for hunk in self.hunks for line in hunk.lines if line.kind is LineKind.REMOVED)

    def added(self) -> Iterator[DiffLine]:
        return (line for hunk in self.hunks for line in hunk.lines if line.kind is LineKind.ADDED)


_HUNK_HEADER = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(?: (.*))?$", re.DOTALL)
_FILE_HEADER = re.compile(r'^diff --git (?P<old>"(?:[^"\\]|\\.)*"|a/.*?) (?P<new>"(?:[^"\\]|\\.)*"|b/.*)$')
_INDEX = re.compile(r"^index ([0-9a-f]+)\.\.([0-9a-f]+)")
_ESCAPE = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


def parse_patch(text: str) -> tuple[PatchedFile, ...]:
    """Read a whole `git diff`. Text that is no diff gives no files; a diff that was cut gives what is there."""
    lines = text.split("\n")
    files: list[PatchedFile] = []
    position = 0
    while position < len(lines):
        header = _FILE_HEADER.match(lines[position])
        if header is None:
            position += 1
            continue
        file, position = _parse_file(header, lines, position + 1)
        files.append(file)
    return tuple(files)


def parse_hunks(patch: str) -> tuple[Hunk, ...]:
    """Read the patch of one file, as GitHub's REST API gives it: from the first `@@`."""
    return _parse_hunks(patch.split("\n"), 0)[0]


def apply_hunks(before: str, hunks: Sequence[Hunk]) -> str:
    """The text after `hunks`. An added file has `before` "", and a removed one comes out as "".

    Raises PatchMismatch when the patch is cut, or when a context or removed line is not what `before` has there.
    """
    try:
        return _apply(before, hunks)
    except PatchMismatch:
        # Some ways of getting a patch lose its carriage returns; a file that has one on every line can do without them.
        lost = not any("\r" in line.text for hunk in hunks for line in hunk.lines)
        if not lost or "\r\n" not in before or before.count("\n") != before.count("\r\n"):
            raise
        return _apply(before.replace("\r\n", "\n"), hunks).replace("\n", "\r\n")


def reverse_hunks(hunks: Sequence[Hunk]) -> tuple[Hunk, ...]:
    """The same change taken backwards: applied to the new text it gives the old one."""
    return tuple(_reversed(hunk) for hunk in hunks)


def git_blob_id(content: str | bytes) -> str:
    """Git's object id of a file with this content (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects)."""
    data = content.encode() if isinstance(content, str) else content
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _parse_file(header: re.Match[str], lines: list[str], position: int) -> tuple[PatchedFile, int]:
    old_path, new_path = _unquote(header.group("old"), "a/"), _unquote(header.group("new"), "b/")
    status, binary = ChangeStatus.MODIFIED, False
    blobs: tuple[str | None, str | None] = (None, None)
    while position < len(lines):
        line = lines[position]
        if line.startswith(("diff --git ", "@@ ")):
            break
        if line.startswith("new file mode"):
            status = ChangeStatus.ADDED
        elif line.startswith("deleted file mode"):
            status = ChangeStatus.REMOVED
        elif line.startswith("rename from "):
            status, old_path = ChangeStatus.RENAMED, _unquote(line.removeprefix("rename from "), "")
        elif line.startswith("rename to "):
            new_path = _unquote(line.removeprefix("rename to "), "")
        elif line.startswith("--- ") and not line.startswith("--- /dev/null"):
            old_path = _unquote(line[4:], "a/")
        elif line.startswith("+++ ") and not line.startswith("+++ /dev/null"):
            new_path = _unquote(line[4:], "b/")
        elif index := _INDEX.match(line):
            blobs = (index.group(1), index.group(2))
        elif line.startswith(("Binary files ", "GIT binary patch")):
            binary = True
        position += 1
    hunks, position = _parse_hunks(lines, position)
    file = PatchedFile(
        path=old_path if status is ChangeStatus.REMOVED else new_path,
        status=status,
        hunks=hunks,
        previous_path=old_path if status is ChangeStatus.RENAMED else None,
        old_blob=blobs[0],
        new_blob=blobs[1],
        binary=binary,
    )
    return file, position


def _parse_hunks(lines: list[str], position: int) -> tuple[tuple[Hunk, ...], int]:
    """The hunks from `position` to the next file header, and the position behind them."""
    hunks: list[Hunk] = []
    while position < len(lines) and not lines[position].startswith("diff --git "):
        header = _HUNK_HEADER.match(lines[position])
        position += 1
        if header is not None:
            hunk, position = _parse_hunk(header, lines, position)
            hunks.append(hunk)
    return tuple(hunks), position


def _parse_hunk(header: re.Match[str], lines: list[str], position: int) -> tuple[Hunk, int]:
    old_start, new_start = int(header.group(1)), int(header.group(3))
    old_count, new_count = int(header.group(2) or 1), int(header.group(4) or 1)
    old_left, new_left = old_count, new_count
    read: list[DiffLine] = []
    while position < len(lines) and (old_left > 0 or new_left > 0):
        mark, text = lines[position][:1] or " ", lines[position][1:]
        if mark == "\\":
            _drop_newline(read)
            position += 1
            continue
        if mark not in " -+" or (not lines[position] and position == len(lines) - 1):
            break
        kind = LineKind(mark)
        in_old, in_new = kind is not LineKind.ADDED, kind is not LineKind.REMOVED
        old = old_start + old_count - old_left if in_old else None
        new = new_start + new_count - new_left if in_new else None
        read.append(DiffLine(kind, text, old, new))
        old_left -= in_old
        new_left -= in_new
        position += 1
    if position < len(lines) and lines[position].startswith("\\"):
        _drop_newline(read)
        position += 1
    return Hunk(old_start, old_count, new_start, new_count, tuple(read), header.group(5) or ""), position


def _drop_newline(read: list[DiffLine]) -> None:
    if read:
        last = read[-1]
        read[-1] = DiffLine(last.kind, last.text, last.old, last.new, newline=False)


def _unquote(name: str, prefix: str) -> str:
    """Undo Git's C quoting of unusual paths, and the tab that it writes after paths with spaces."""
    name = name.rstrip("\r").removesuffix("\t")
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        raw = _ESCAPE.sub(_unescape, name[1:-1].encode())
        name = raw.decode(errors="replace")
    return name.removeprefix(prefix)


def _unescape(match: re.Match[bytes]) -> bytes:
    escaped = match.group(1)
    return bytes([int(escaped, 8) & 0xFF]) if len(escaped) == 3 else _ESCAPED.get(escaped, escaped)


def _reversed(hunk: Hunk) -> Hunk:
    turned = {LineKind.ADDED: LineKind.REMOVED, LineKind.REMOVED: LineKind.ADDED}
    lines = tuple(
        DiffLine(turned.get(line.kind, line.kind), line.text, line.new, line.old, line.newline) for line in hunk.lines
    )
    return Hunk(hunk.new_start, hunk.new_count, hunk.old_start, hunk.old_count, lines, hunk.section)


def _apply(before: str, hunks: Sequence[Hunk]) -> str:
    old = before.split("\n")
    ends_in_newline = old[-1] == ""
    if ends_in_newline:
        old.pop()
    new: list[tuple[str, bool]] = []
    cursor = 0
    for hunk in hunks:
        # A hunk without old lines names the line after which it inserts, any other one its first line.
        start = hunk.old_start - 1 if hunk.old_count else hunk.old_start
        if not hunk.complete:
            raise PatchMismatch(f"the patch is cut inside the hunk at line {hunk.old_start}")
        if not cursor <= start <= len(old):
            raise PatchMismatch(f"the file has no line {hunk.old_start}")
        new.extend((text, True) for text in old[cursor:start])
        cursor = start
        for line in hunk.lines:
            if line.kind is not LineKind.ADDED:
                _check_line(line, old, cursor, ends_in_newline=ends_in_newline)
                cursor += 1
            if line.kind is not LineKind.REMOVED:
                new.append((line.text, line.newline))
    rest = old[cursor:]
    new.extend((text, True) for text in rest)
    if rest and not ends_in_newline:
        new[-1] = (rest[-1], False)
    if any(not newline for _, newline in new[:-1]):
        raise PatchMismatch("a line without newline is followed by another one")
    return "".join(text + "\n" if newline else text for text, newline in new)


def _check_line(line: DiffLine, old: list[str], cursor: int, *, ends_in_newline: bool) -> None:
    if cursor >= len(old):
        raise PatchMismatch(f"the file ends before line {cursor + 1}")
    if old[cursor] != line.text:
        raise PatchMismatch(f"line {cursor + 1} is {old[cursor]!r}, the patch expects {line.text!r}")
    newline = ends_in_newline or cursor < len(old) - 1
    if newline != line.newline:
        raise PatchMismatch(f"line {cursor + 1} and the patch disagree on the newline at the end of the file")
