"""A repository's configuration from a file on this machine, for commands that work without GitHub."""

from pathlib import Path

from app.catalogue import load_catalogue
from app.catalogue.configured import read_configuration
from app.domain.diff import git_blob_id
from app.domain.model import SourceFile
from app.domain.policy import PolicyInUse


class ConfigError(Exception):
    """The file cannot be read, or is no configuration. The message names file, line and column."""


def read_config_text(path: Path) -> SourceFile:
    """Raises ConfigError when there is no such file, or when it is no UTF-8."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from error
    return SourceFile(str(path), git_blob_id(text), text)


def read_config_file(path: Path) -> PolicyInUse:
    """Raises ConfigError, with every mistake on a line of its own."""
    file = read_config_text(path)
    read = read_configuration(file, load_catalogue())
    if read.policy is None:
        mistakes = (f"{path}:{found.line}:{found.column}: {found.message}" for found in read.problems)
        raise ConfigError("the configuration is broken\n" + "\n".join(mistakes))
    return PolicyInUse(read.policy, read.catalogue)
