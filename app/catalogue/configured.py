"""A repository's configuration as it judges: its policy, and the catalogue with its providers.

Both are made once for each text of the file (by blob id), because facts are remembered by the identity of the
catalogue that they were read with.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.catalogue import CatalogueError, extend_catalogue
from app.domain.catalogue import Catalogue
from app.domain.messages.config import UNREAD_FILE
from app.domain.model import Evidence, SourceFile
from app.domain.policy import DEFAULT_POLICY, Policy, PolicyFiles, PolicyInUse, UnreadFile, find_policy_file
from app.domain.policy_file import Problem, read_policy
from app.domain.yaml_places import YamlPlaces


@dataclass(frozen=True, slots=True)
class Configured:
    """`policy` is None where the text has problems; `catalogue` is then the one without it."""

    policy: Policy | None
    catalogue: Catalogue
    problems: tuple[Problem, ...] = ()


def read_configuration(file: SourceFile | UnreadFile, catalogue: Catalogue) -> Configured:
    """Read and check a configuration with its providers, once for each text. Never raises."""
    if isinstance(file, UnreadFile):
        return Configured(None, catalogue, (Problem(1, 1, UNREAD_FILE),))
    return _read(_Key(file.path, file.blob_id), catalogue, file.text)


@dataclass(frozen=True, slots=True)
class _Key:
    path: str
    blob_id: str


@lru_cache(maxsize=256)
def _read(key: _Key, catalogue: Catalogue, text: str) -> Configured:
    read = read_policy(SourceFile(key.path, key.blob_id, text))
    if read.policy is None:
        return Configured(None, catalogue, read.problems)
    providers = read.policy.providers
    try:
        return Configured(read.policy, extend_catalogue(catalogue, providers, file=key.path))
    except CatalogueError as error:
        mistakes = tuple(_mistakes(providers, catalogue, key.path)) or (error,)
        return Configured(None, catalogue, tuple(_problem(mistake, read.places) for mistake in mistakes))


def _mistakes(providers: Sequence[object], catalogue: Catalogue, file: str) -> Iterator[CatalogueError]:
    """The first mistake of each entry, each read on top of those before it that are right."""
    for index, entry in enumerate(providers):
        try:
            catalogue = extend_catalogue(catalogue, [entry], file=file)
        except CatalogueError as error:
            yield CatalogueError(error.file, error.problem, ("providers", str(index), *error.key[2:]))


def _problem(mistake: CatalogueError, places: YamlPlaces) -> Problem:
    place = places.of(mistake.key)
    return Problem(place.line, place.column, f"`{'.'.join(mistake.key)}` {mistake.problem}")


def configuration_in_use(
    files: PolicyFiles,
    catalogue: Catalogue,
    *,
    last_good: SourceFile | None = None,
    fallback: SourceFile | UnreadFile | None = None,
) -> PolicyInUse:
    """What judges a repository with these files on its base. Where it has none, `fallback` does, which is its owner's;
    where the file is broken, `last_good`; else the defaults."""
    file = find_policy_file(files) or fallback
    if file is None:
        return PolicyInUse(DEFAULT_POLICY, catalogue)
    read = read_configuration(file, catalogue)
    if read.policy is not None:
        return PolicyInUse(read.policy, read.catalogue)
    problems = tuple(Evidence(file.path, problem.line, problem.message) for problem in read.problems)
    old = read_configuration(last_good, catalogue) if last_good is not None else None
    if old is not None and old.policy is not None:
        return PolicyInUse(old.policy, old.catalogue, problems, last_good=True)
    return PolicyInUse(DEFAULT_POLICY, catalogue, problems)
