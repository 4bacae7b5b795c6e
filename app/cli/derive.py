"""`fluxmig catalogue derive`: a provider's facts from the CustomResourceDefinitions in a clone of its repository."""

import fnmatch
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from app.catalogue import load_catalogue
from app.domain.crds import CrdVersion, read_crd_versions
from app.domain.derived_provider import (
    Derived,
    Release,
    derive_kinds,
    derived_to_yaml,
    join_channels,
    list_differences,
)
from app.domain.model import SourceFile
from app.domain.versions import Version
from app.git import GitError, GitRepository

FOLDER_OF_RELEASE = "{version}"


def derive(
    provider: Annotated[str, typer.Argument(metavar="PROVIDER", help="The provider's id in the catalogue.")],
    git: Annotated[Path, typer.Option(help="A clone or bare repository with the release tags.")],
    path: Annotated[
        list[str],
        typer.Option(
            metavar="[CHANNEL=]FOLDER",
            help="A folder of CRDs, also `config/data/{version}` where one commit has a folder for each release.",
        ),
    ],
    tags: Annotated[str, typer.Option(help="Which tags are releases.")] = "v*",
    at: Annotated[str, typer.Option(help="The commit to look at for folders with {version}.")] = "HEAD",
    source: Annotated[str, typer.Option(help="The provider's `source`; needed for a new provider.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Write only what differs; status 1 if anything does.")] = False,
) -> None:
    """Read a provider's facts from the CRDs of its releases, and write them in the form of the catalogue's own files.

    What differs from the catalogue goes to standard error.
    """
    known = load_catalogue().providers.get(provider)
    source = source or (known.source if known else "")
    try:
        if not source:
            raise ValueError(f"the catalogue has no provider {provider}, so its --source is needed")
        derived = _derive(GitRepository(git), path, tags, at)
    except (GitError, ValueError) as error:
        typer.echo(f"fluxmig catalogue derive: {error}", err=True)
        raise typer.Exit(2) from error
    differences = list_differences(derived, known) if known else ()
    for difference in differences:
        typer.echo(difference, err=True)
    if check:
        raise typer.Exit(1 if differences else 0)
    folders = [one.rpartition("=")[2] for one in path]
    typer.echo(derived_to_yaml(derived, id_=provider, known=known, source=source, paths=folders), nl=False)


def _derive(repository: GitRepository, paths: list[str], tags: str, at: str) -> Derived:
    """Raises GitError, and ValueError where nothing was found."""
    channels: dict[str, list[str]] = {}
    for path in paths:
        channel, _, folder = path.rpartition("=")
        channels.setdefault(channel, []).append(folder.strip("/"))
    if len(channels) > 1 and "" in channels:
        raise ValueError("either each --path names its channel or none does")
    read = {channel: derive_kinds(_releases(repository, folders, tags, at)) for channel, folders in channels.items()}
    for channel, derived in read.items():
        if not derived.kinds:
            raise ValueError(f"no release has a CustomResourceDefinition in {' or '.join(channels[channel])}")
    return read[""] if "" in read else join_channels(read)


def _releases(repository: GitRepository, folders: list[str], tags: str, at: str) -> list[Release]:
    if any(FOLDER_OF_RELEASE in folder for folder in folders):
        return _releases_in_folders(repository, folders, at)
    versions: dict[Version, str] = {}
    for tag in repository.tags(tags):
        version = Version.parse(tag)
        if version is not None and len(version.release) >= 3 and not version.prerelease:
            versions.setdefault(version, tag)
    if not versions:
        raise ValueError(f"no tag that fits {tags} is a release such as v1.2.3")
    found = []
    for version, tag in versions.items():
        tree = repository.tree(tag, lambda path: _is_in(path, folders))
        found.append(Release(version, _crds(tree.values())))
    # A release without any CRD there had them elsewhere, or came before them: it says nothing.
    return [release for release in found if release.crds]


def _releases_in_folders(repository: GitRepository, folders: list[str], at: str) -> list[Release]:
    patterns = [
        re.compile(re.escape(folder).replace(re.escape(FOLDER_OF_RELEASE), "([^/]+)") + "/") for folder in folders
    ]
    files: dict[Version, list[SourceFile]] = {}
    for path, file in repository.tree(at, _is_yaml).items():
        match = next((found for pattern in patterns if (found := pattern.match(path))), None)
        version = Version.parse(match.group(1)) if match else None
        if version is not None and len(version.release) >= 3 and not version.prerelease:
            files.setdefault(version, []).append(file)
    return [Release(version, _crds(read)) for version, read in files.items()]


def _is_in(path: str, folders: list[str]) -> bool:
    return _is_yaml(path) and any(path.startswith(f"{folder}/") or fnmatch.fnmatch(path, folder) for folder in folders)


def _is_yaml(path: str) -> bool:
    return path.endswith((".yaml", ".yml"))


def _crds(files: Iterable[SourceFile]) -> tuple[CrdVersion, ...]:
    return tuple(version for file in files for version in read_crd_versions(file))
