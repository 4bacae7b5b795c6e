"""Git objects with Git's own ids: what a commit is named here, it would be named by `git` too.

Trees are flat (path -> text); the nested tree objects that Git keeps are derived when asked for. Files are text only.
Format: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType

EMPTY_SHA = "0" * 40


def object_id(kind: str, content: bytes) -> str:
    return hashlib.sha1(b"%s %d\0" % (kind.encode(), len(content)) + content, usedforsecurity=False).hexdigest()


@lru_cache(maxsize=65536)
def blob_id(text: str) -> str:
    return object_id("blob", text.encode())


def file_mode(text: str) -> str:
    """Scripts are executable, everything else is not: the flat tree keeps no modes."""
    return "100755" if text.startswith("#!") else "100644"


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """`path` is relative to the tree that lists it; `size` is in bytes and None for a tree."""

    path: str
    mode: str
    kind: str
    sha: str
    size: int | None = None


class Tree(Mapping[str, str]):
    """Path -> text of one commit. Immutable, equal by content."""

    def __init__(self, files: Mapping[str, str] | None = None) -> None:
        self._files = MappingProxyType(dict(sorted((files or {}).items())))
        self._listings: dict[str, tuple[TreeEntry, ...]] | None = None
        self._ids: dict[str, str] = {}

    def __getitem__(self, path: str) -> str:
        return self._files[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def with_changes(self, changes: Mapping[str, str | None]) -> "Tree":
        """A tree with these files written, and those removed whose text is None."""
        files = dict(self._files)
        for path, text in changes.items():
            if text is None:
                files.pop(path, None)
            else:
                files[path] = text
        return Tree(files)

    @property
    def sha(self) -> str:
        return self.folder_id("")

    def listings(self) -> Mapping[str, tuple[TreeEntry, ...]]:
        """Folder path ("" is the root) -> its direct entries, in Git's order."""
        if self._listings is None:
            self._build()
        assert self._listings is not None
        return self._listings

    def folder_id(self, folder: str) -> str:
        """Id of the tree object at `folder`. Raises KeyError when there is no such folder."""
        self.listings()
        return self._ids[folder]

    def walk(self, folder: str = "", prefix: str = "") -> Iterator[TreeEntry]:
        """All blobs and trees below `folder` with paths relative to it, in the order of GitHub's recursive tree."""
        for entry in self.listings()[folder]:
            yield TreeEntry(prefix + entry.path, entry.mode, entry.kind, entry.sha, entry.size)
            if entry.kind == "tree":
                below = f"{folder}/{entry.path}" if folder else entry.path
                yield from self.walk(below, f"{prefix}{entry.path}/")

    def _build(self) -> None:
        children: dict[str, set[str]] = {"": set()}
        for path in self._files:
            parts = path.split("/")
            for depth in range(1, len(parts)):
                folder = "/".join(parts[:depth])
                if folder not in children:
                    children[folder] = set()
                    children["/".join(parts[: depth - 1])].add(folder)
        names: dict[str, list[str]] = {folder: sorted(subs) for folder, subs in children.items()}
        for path in self._files:
            names[path.rpartition("/")[0]].append(path)
        listings: dict[str, tuple[TreeEntry, ...]] = {}
        for folder in sorted(names, key=lambda name: name.count("/") if name else -1, reverse=True):
            entries = [self._entry(path, is_tree=path in children) for path in names[folder]]
            # Git sorts a folder as if its name ended in a slash.
            entries.sort(key=lambda entry: entry.path + ("/" if entry.kind == "tree" else ""))
            listings[folder] = tuple(entries)
            content = b"".join(
                f"{entry.mode.lstrip('0')} {entry.path}\0".encode() + bytes.fromhex(entry.sha) for entry in entries
            )
            self._ids[folder] = object_id("tree", content)
        self._listings = listings

    def _entry(self, path: str, *, is_tree: bool) -> TreeEntry:
        name = path.rpartition("/")[2]
        if is_tree:
            return TreeEntry(name, "040000", "tree", self._ids[path])
        text = self._files[path]
        return TreeEntry(name, file_mode(text), "blob", blob_id(text), len(text.encode()))


@dataclass(frozen=True, slots=True)
class Signature:
    """Who wrote or committed, and when. `at` has a zone and whole seconds."""

    name: str
    email: str
    at: datetime

    def line(self) -> str:
        offset = self.at.utcoffset()
        minutes = int(offset.total_seconds() // 60) if offset else 0
        sign = "-" if minutes < 0 else "+"
        return (
            f"{self.name} <{self.email}> {int(self.at.timestamp())} {sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"
        )


@dataclass(frozen=True, slots=True)
class Commit:
    tree: Tree
    parents: tuple[str, ...]
    author: Signature
    committer: Signature
    message: str
    sha: str


def make_commit(
    tree: Tree, *, parents: tuple[str, ...], author: Signature, committer: Signature, message: str
) -> Commit:
    lines = [f"tree {tree.sha}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author {author.line()}", f"committer {committer.line()}", "", message]
    return Commit(tree, parents, author, committer, message, object_id("commit", "\n".join(lines).encode()))
