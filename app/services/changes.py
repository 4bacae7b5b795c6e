"""The files of a pull request, with the text of both sides where it matters, in as few calls as possible.

GitHub's list of files carries the patch and the blob id of the new side. Applied to the base file that we have, the
patch mostly gives the new text, and the blob id proves it; only where it does not is the blob fetched, and the old
side is then the patch taken backwards.
"""

from collections.abc import Sequence
from typing import Any

from app.db.repositories import get_base_files, get_blobs, save_blobs
from app.domain.diff import Hunk, PatchMismatch, apply_hunks, git_blob_id, parse_hunks, reverse_hunks
from app.domain.files import is_readable
from app.domain.json_text import REPLACEMENT
from app.domain.model import ChangeStatus
from app.github.errors import NotFound
from app.github.facts import FileFacts
from app.github.gateway import RepositoryGateway
from app.services.base import decode_text
from app.services.context import AppContext

_STATUSES = {
    "added": ChangeStatus.ADDED,
    "copied": ChangeStatus.ADDED,
    "removed": ChangeStatus.REMOVED,
    "renamed": ChangeStatus.RENAMED,
}


async def read_changes(
    context: AppContext, gateway: RepositoryGateway, repository_id: int, files: Sequence[FileFacts]
) -> list[dict[str, Any]]:
    """One object a file, as the column `changes` keeps it; the texts go to the blobs."""
    async with context.database.transaction() as session:
        base_files = await get_base_files(session, repository_id)
        paths = [path for file in files for path in (file.filename, file.previous_filename) if path]
        known = await get_blobs(session, [base_files[path] for path in paths if path in base_files])
    base = {path: known[base_files[path]] for path in paths if path in base_files and base_files[path] in known}
    texts: dict[str, str] = {}
    changes = []
    for file in files:
        before, after = await _both_sides(gateway, file, base) if is_readable(file.filename) else (None, None)
        changes.append(
            {
                "path": file.filename,
                "previous_path": file.previous_filename,
                "status": _STATUSES.get(file.status, ChangeStatus.MODIFIED).value,
                "patch": file.patch,
                "before": _keep(texts, before),
                "after": _keep(texts, after),
            }
        )
    async with context.database.transaction() as session:
        await save_blobs(session, texts)
    return changes


def _keep(texts: dict[str, str], text: str | None) -> str | None:
    if text is None:
        return None
    blob = git_blob_id(text)
    texts[blob] = text
    return blob


async def _both_sides(
    gateway: RepositoryGateway, file: FileFacts, base: dict[str, str]
) -> tuple[str | None, str | None]:
    hunks = parse_hunks(file.patch)
    if file.status == "removed":
        return base.get(file.filename, _applied("", reverse_hunks(hunks))), None
    before = base.get(file.previous_filename or file.filename, "" if file.status == "added" else None)
    if before is not None:
        after = _applied(before, hunks)
        if after is not None and git_blob_id(after) == file.sha:
            return (None if file.status == "added" else before), after
    after = await _fetched(gateway, file.sha)
    if after is None or file.status == "added":
        return None, after
    return _applied(after, reverse_hunks(hunks)), after


async def _fetched(gateway: RepositoryGateway, sha: str | None) -> str | None:
    if sha is None:
        return None
    try:
        return decode_text(await gateway.get_blob(sha))
    except NotFound:
        return None


def _applied(text: str, hunks: Sequence[Hunk]) -> str | None:
    """None where the patch does not fit, or holds what may have been a NUL: what has one is binary."""
    try:
        applied = apply_hunks(text, hunks)
    except PatchMismatch:
        return None
    return None if REPLACEMENT in applied else applied
