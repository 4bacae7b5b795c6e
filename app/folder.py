"""Read the manifests of a folder as they lie on disk, with or without Git, and write changed ones back.

Symbolic links are not followed, since what they lead to is read where it is, or lies outside. Folders with a `.git` of
their own are other repositories. What could not be read is listed with the reason.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.domain.diff import git_blob_id
from app.domain.model import SourceFile, Tree
from app.git import MAX_FILE_BYTES, is_wanted

_NEVER_ENTERED = frozenset({".git", ".venv", "node_modules", ".terraform", "__pycache__"})


class FolderError(Exception):
    """The folder or a file of it cannot be read or written. The message is for the person who named it."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file or folder that is not in the tree, and why. `path` is relative to the root, as in the tree."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Folder:
    """`root` is the repository, `below` the part of it that was named: "" for all, a folder, or one file."""

    root: Path
    below: str
    tree: Tree
    unreadable: tuple[Unreadable, ...]

    def holds(self, path: str) -> bool:
        """Whether a path of the tree belongs to the part that was named."""
        return not self.below or path == self.below or path.startswith(f"{self.below}/")


def read_folder(named: Path) -> Folder:
    """The repository that holds `named`: its nearest parent with `.git`, or `named` itself. Raises FolderError."""
    path = Path(os.path.realpath(named))
    if not path.exists():
        raise FolderError(f"{named} does not exist")
    root = _find_root(path)
    below = "" if path == root else path.relative_to(root).as_posix()
    tree: dict[str, SourceFile] = {}
    unreadable: list[Unreadable] = []
    for found in _walk(root, ""):
        if isinstance(found, Unreadable):
            unreadable.append(found)
        else:
            tree[found.path] = found
    if path.is_file() and below not in tree:
        why = next((f"it {one.why}" for one in unreadable if one.path == below), "its name is not that of a manifest")
        raise FolderError(f"{named} cannot be read: {why}")
    return Folder(root, below, tree, tuple(unreadable))


def _find_root(path: Path) -> Path:
    folder = path if path.is_dir() else path.parent
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), folder)


def _walk(root: Path, folder: str) -> Iterator[SourceFile | Unreadable]:
    try:
        entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Unreadable(folder or ".", f"cannot be listed: {error.strerror}")
        return
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.is_symlink():
            if is_wanted(path) and not Path(os.path.realpath(entry.path)).is_relative_to(root):
                yield Unreadable(path, "is a symbolic link that leads out of the repository")
        elif entry.is_dir():
            if entry.name in _NEVER_ENTERED:
                continue
            if (root / path / ".git").exists():
                yield Unreadable(path, "is a repository of its own")
                continue
            yield from _walk(root, path)
        elif entry.is_file() and is_wanted(path):
            yield _read(Path(entry.path), path)


def _read(file: Path, path: str) -> SourceFile | Unreadable:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            return Unreadable(path, f"is larger than {MAX_FILE_BYTES // 1_000_000} MB")
        content = file.read_bytes()
    except OSError as error:
        return Unreadable(path, f"cannot be opened: {error.strerror}")
    if b"\0" in content[:8000]:
        return Unreadable(path, "is not text")
    try:
        return SourceFile(path, git_blob_id(content), content.decode())
    except UnicodeDecodeError:
        return Unreadable(path, "is not UTF-8")


def write_files(folder: Folder, texts: Mapping[str, str]) -> None:
    """Put new texts in place of the files that were read. Each is replaced as a whole and keeps its mode.

    Raises FolderError before the first one is written if any of them cannot be, or is no longer what was read.
    """
    for path in texts:
        file = folder.root / path
        try:
            now = git_blob_id(file.read_bytes())
        except OSError as error:
            raise FolderError(f"{path} cannot be opened ({error.strerror}); nothing was written") from error
        if now != folder.tree[path].blob_id:
            raise FolderError(f"{path} was changed by somebody else in the meantime; nothing was written, try again")
        if not os.access(file, os.W_OK) or not os.access(file.parent, os.W_OK):
            raise FolderError(f"{path} is not writable; nothing was written")
    written: list[str] = []
    for path, text in texts.items():
        try:
            _replace(folder.root / path, text.encode())
        except OSError as error:
            done = f"{len(written)} of {len(texts)} files were written" if written else "nothing was written"
            raise FolderError(f"{path} cannot be written ({error.strerror}); {done}") from error
        written.append(path)


def _replace(file: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "wb") as temporary:
            temporary.write(content)
        shutil.copymode(file, name)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
