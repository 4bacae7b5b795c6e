"""Files as far as diffs show them: enough of a base branch to judge a pull request of which only the patch is left.

Every line stands at its own number, the lines that no patch shows are empty, and the line that Git names behind `@@` is
put above its hunk. What comes out is no more than a part of the truth: declarations that no patch shows are missing.
"""

from collections.abc import Iterable, Mapping

from app.domain.diff import Hunk, LineKind, PatchedFile, git_blob_id
from app.domain.model import ChangeStatus, FileChange, SourceFile, Tree

MOST_LINES = 100_000
"""A forged line number must not make a file of a billion empty lines."""

_Lines = dict[int, str]


def fragment_change(file: PatchedFile) -> FileChange:
    """One file of a pull request with as much of its two sides as its patch shows."""
    before = None if file.status is ChangeStatus.ADDED else _file(file.previous_path or file.path, _old_lines(file))
    after = None if file.status is ChangeStatus.REMOVED else _file(file.path, _new_lines(file))
    patch = "\n".join(line for hunk in file.hunks for line in _hunk_text(hunk))
    return FileChange(file.path, file.status, patch, before, after, file.previous_path)


def fragment_tree(*pull_requests: Iterable[PatchedFile]) -> Tree:
    """The tree before all of them: what one of them takes away beats what another only shows around its own lines."""
    shown: dict[str, _Lines] = {}
    removed: dict[str, _Lines] = {}
    for files in pull_requests:
        for file in files:
            if file.status is ChangeStatus.ADDED:
                continue
            path = file.previous_path or file.path
            shown.setdefault(path, {}).update(_old_lines(file))
            removed.setdefault(path, {}).update(
                {line.old: line.text for line in file.removed() if line.old and line.old <= MOST_LINES}
            )
    return {path: _file(path, lines | removed[path]) for path, lines in shown.items()}


def _old_lines(file: PatchedFile) -> _Lines:
    lines = {hunk.old_start - 1: hunk.section for hunk in file.hunks if hunk.section and hunk.old_start > 1}
    lines |= {line.old: line.text for hunk in file.hunks for line in hunk.lines if line.old}
    return {number: text for number, text in lines.items() if number <= MOST_LINES}


def _new_lines(file: PatchedFile) -> _Lines:
    lines = {hunk.new_start - 1: hunk.section for hunk in file.hunks if hunk.section and hunk.new_start > 1}
    lines |= {line.new: line.text for hunk in file.hunks for line in hunk.lines if line.new}
    return {number: text for number, text in lines.items() if number <= MOST_LINES}


def _file(path: str, lines: Mapping[int, str]) -> SourceFile:
    text = "".join(f"{lines.get(number, '')}\n" for number in range(1, max(lines, default=0) + 1))
    return SourceFile(path, git_blob_id(text), text)


def _hunk_text(hunk: Hunk) -> Iterable[str]:
    yield f"@@ -{hunk.old_start},{hunk.old_count} +{hunk.new_start},{hunk.new_count} @@ {hunk.section}".rstrip()
    for line in hunk.lines:
        yield f"{line.kind.value}{line.text}"
        if not line.newline and line.kind is not LineKind.CONTEXT:
            yield "\\ No newline at end of file"
