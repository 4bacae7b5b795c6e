"""The folder or file that a command is about, with what its repository declares and how that is configured."""

from dataclasses import dataclass
from pathlib import Path

from app.catalogue import load_catalogue
from app.catalogue.configured import configuration_in_use
from app.cli.config_file import ConfigError, read_config_file
from app.domain.base_facts import BaseFacts, read_base
from app.domain.catalogue import Catalogue
from app.domain.model import Tree
from app.domain.policy import PolicyFiles, UnreadFile, is_ignored
from app.folder import Folder, read_folder


@dataclass(frozen=True, slots=True)
class Opened:
    """A part of a repository, and the facts of the whole of it. `tree` is without what its owner says to ignore."""

    folder: Folder
    tree: Tree
    catalogue: Catalogue
    base: BaseFacts

    def holds(self, path: str) -> bool:
        """Whether a path is in the part that was named. Archives, templates and examples are if they were named."""
        named_at_rest = not self.base.scopes.is_live(f"{self.folder.below}/x")
        return self.folder.holds(path) and (named_at_rest or self.base.scopes.is_live(path))


CONFIG_HELP = "A configuration to use instead of the repository's own."


def open_folder(path: Path, config: Path | None = None) -> Opened:
    """Judged by `config`, or else by the repository's own. Raises FolderError, and ConfigError where that is broken."""
    folder = read_folder(path)
    unread = {one.path: UnreadFile(one.path, "") for one in folder.unreadable}
    files: PolicyFiles = {**folder.tree, **unread}
    in_use = read_config_file(config) if config else configuration_in_use(files, load_catalogue())
    if in_use.problems:
        mistakes = "\n".join(f"{one.file}:{one.line}: {one.text}" for one in in_use.problems)
        raise ConfigError(f"the configuration is broken; `fluxmig lint` tells more\n{mistakes}")
    tree = {path: file for path, file in folder.tree.items() if not is_ignored(in_use.policy, path)}
    return Opened(folder, tree, in_use.catalogue, read_base(tree, in_use.catalogue))
