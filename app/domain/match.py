"""Which updates, or which pull requests, a part of the configuration is for: all that it names must fit."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.domain.model import Classification, PullRequest, Update, UpdateType
from app.domain.patterns import Patterns
from app.domain.versions import is_digest, semver_update_type


@dataclass(frozen=True, slots=True)
class Subject:
    """One update in one file; None for what is not known."""

    update: Update | None
    path: str | None
    type_: UpdateType | None
    branch: str
    labels: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """Empty patterns and sets fit everything."""

    names: Patterns = field(default_factory=Patterns)
    paths: Patterns = field(default_factory=Patterns)
    managers: frozenset[str] = frozenset()
    datasources: frozenset[str] = frozenset()
    update_types: frozenset[UpdateType] = frozenset()
    branches: Patterns = field(default_factory=Patterns)
    labels: Patterns = field(default_factory=Patterns)

    @property
    def size(self) -> int:
        """How much work it can be to see whether it fits."""
        return sum(patterns.size for patterns in (self.names, self.paths, self.branches, self.labels))

    @property
    def fits_all(self) -> bool:
        return not (
            self.names
            or self.paths
            or self.managers
            or self.datasources
            or self.update_types
            or self.branches
            or self.labels
        )

    def fits(self, subject: Subject) -> bool:
        update = subject.update
        if self.update_types and subject.type_ not in self.update_types:
            return False
        if self.managers and _folded(update.manager if update else None) not in self.managers:
            return False
        if self.datasources and _folded(update.datasource if update else None) not in self.datasources:
            return False
        if self.names and (update is None or not self.names.match(update.name)):
            return False
        if self.paths and (subject.path is None or not self.paths.match(subject.path)):
            return False
        if self.branches and not self.branches.match(subject.branch):
            return False
        return not self.labels or self.labels.match_any(subject.labels)


def _folded(word: str | None) -> str:
    return (word or "").casefold()


def type_of_update(update: Update | None) -> UpdateType | None:
    """The update's own type; None where its versions do not tell, as for a digest of a title without the old one."""
    if update is None or update.to is None:
        return None
    if is_digest(update.to):
        return UpdateType.DIGEST if update.from_ else UpdateType.PIN
    return semver_update_type(update.from_, update.to) if update.from_ else None


def subjects_of(pull_request: PullRequest, told: Classification) -> list[tuple[Subject, ...]]:
    """What a pull request moves, for each of its updates the files in question: all that it changes, and in a group the
    file of the update where that is known.

    A rule of classification that says another update type is believed.
    """
    changed = tuple(change.path for change in pull_request.changes)
    return [
        tuple(_subjects(pull_request, told, update, changed if update is None or not told.grouped else ()))
        for update in told.updates or (None,)
    ]


def _subjects(
    pull_request: PullRequest, told: Classification, update: Update | None, paths: tuple[str, ...]
) -> Iterator[Subject]:
    own = update is not None and told.grouped and not told.rules
    type_ = (type_of_update(update) if own else None) or told.update_type
    known = (update.file,) if update is not None and update.file else ()
    every = paths or known or tuple(change.path for change in pull_request.changes) or (None,)
    for path in every:
        yield Subject(update, path, type_, pull_request.branch, pull_request.labels)
