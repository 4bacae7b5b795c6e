"""The readable files of the base commit: one tree, and only the blobs that are not known yet."""

import io
import tarfile
from collections.abc import Mapping

from app.db.repositories import get_base_files, get_blobs, save_base, save_blobs
from app.domain.diff import git_blob_id
from app.domain.files import MAX_BYTES, is_readable
from app.domain.policy import POLICY_FILES
from app.domain.renovate_config import CONFIG_FILES
from app.github.gateway import RepositoryGateway
from app.services.context import AppContext

FEW = 8
"""Up to so many missing blobs are asked for one by one; more come faster in one archive."""


async def read_base(
    context: AppContext, gateway: RepositoryGateway, repository_id: int, *, sha: str, tree_sha: str
) -> None:
    """Save the tree of `sha` and the text of its readable files. A binary file has no text. A large one is left out,
    but for the configuration: that it is there counts, whatever it holds."""
    async with context.database.transaction() as session:
        old_files = await get_base_files(session, repository_id)
    kept = [
        entry
        for entry in await gateway.get_tree(tree_sha)
        if entry.type == "blob" and is_kept(entry.path)
        if entry.size <= MAX_BYTES or entry.path in POLICY_FILES
    ]
    files = {entry.path: entry.sha for entry in kept}
    unknown = {entry.sha for entry in kept if entry.size <= MAX_BYTES} - set(old_files.values())
    async with context.database.transaction() as session:
        missing = unknown - (await get_blobs(session, unknown)).keys()
    fetched = await _fetch(gateway, sha, files, missing)
    async with context.database.transaction() as session:
        await save_blobs(session, fetched)
        await save_base(session, repository_id, sha, files)


def is_kept(path: str) -> bool:
    """Manifests, and what Renovate is told."""
    return is_readable(path) or path in CONFIG_FILES


async def _fetch(gateway: RepositoryGateway, sha: str, files: Mapping[str, str], missing: set[str]) -> dict[str, str]:
    if len(missing) <= FEW:
        texts = {blob: decode_text(await gateway.get_blob(blob)) for blob in sorted(missing)}
    else:
        wanted = {path for path, blob in files.items() if blob in missing}
        texts = {
            git_blob_id(content): decode_text(content) for content in _unpack(await gateway.get_archive(sha), wanted)
        }
    return {blob: text for blob, text in texts.items() if text is not None}


def _unpack(archive: bytes, wanted: set[str]) -> list[bytes]:
    """The contents of `wanted` paths; GitHub puts everything below one folder. Nothing is written to disk."""
    contents = []
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r|gz") as tar:
        for member in tar:
            _, _, path = member.name.partition("/")
            if member.isfile() and path in wanted and member.size <= MAX_BYTES:
                file = tar.extractfile(member)
                contents.append(file.read() if file else b"")
    return contents


def decode_text(content: bytes) -> str | None:
    """The text of a file, or None where it is binary."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
