"""The folder or file that a command is about, with what it declares."""

from dataclasses import dataclass
from pathlib import Path

from app.catalogue import load_catalogue
from app.domain.base_facts import BaseFacts, read_base
from app.domain.catalogue import Catalogue
from app.domain.liveness import is_live
from app.folder import Folder, read_folder


@dataclass(frozen=True, slots=True)
class Opened:
    """A part of a repository, and the facts of the whole of it."""

    folder: Folder
    catalogue: Catalogue
    base: BaseFacts

    def holds(self, path: str) -> bool:
        """Whether a path is in the part that was named. Archives, templates and examples are if they were named."""
        named_at_rest = not is_live(f"{self.folder.below}/x")
        return self.folder.holds(path) and (named_at_rest or is_live(path))


def open_folder(path: Path) -> Opened:
    """Raises FolderError."""
    folder, catalogue = read_folder(path), load_catalogue()
    return Opened(folder, catalogue, read_base(folder.tree, catalogue))
