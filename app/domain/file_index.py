"""What one reader finds in the files of a tree: found when somebody asks, and once for a file that stays."""

from collections.abc import Callable, Iterator, Mapping, Sized
from typing import Generic, TypeVar

from app.domain.model import SourceFile, Tree

T = TypeVar("T", bound=Sized)


class FileIndex(Mapping[str, T], Generic[T]):
    """Path -> what was found there, sorted by path, without the files in which nothing was.

    `read` must use nothing of a file but its path and its text.
    """

    def __init__(self, tree: Tree, read: Callable[[SourceFile], T], before: "FileIndex[T] | None" = None) -> None:
        self.tree = tree
        self._read = read
        self._before = before
        self._found: dict[str, T] | None = None

    def turned_to(self, tree: Tree) -> "FileIndex[T]":
        """The index of another tree, which takes from this one what it can."""
        return FileIndex(tree, self._read, self._before if self._found is None else self)

    def __getitem__(self, path: str) -> T:
        return self._every()[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._every())

    def __len__(self) -> int:
        return len(self._every())

    def _every(self) -> dict[str, T]:
        if self._found is None:
            self._found = self._find()
            self._before = None
        return self._found

    def _find(self) -> dict[str, T]:
        old: Tree = self._before.tree if self._before is not None else {}
        found = {path: result for path, result in (self._before or {}).items() if path in self.tree}
        for path, file in self.tree.items():
            if path not in old or old[path].blob_id != file.blob_id:
                found.pop(path, None)
                if result := self._read(file):
                    found[path] = result
        return {path: found[path] for path in sorted(found)}
