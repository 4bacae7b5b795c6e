"""Of which type an update is, in Renovate's sense, by the strongest witness that speaks.

Labels that Renovate noted in its debug comment never disagree with its table; the table never lies; own comparison of
the versions in the diff is right wherever both can be compared. The title comes last: a breaking `!` is put on minors
of 0.x, forgotten on majors, and a migration of an API is called a fix.
"""

import re
from collections.abc import Iterable, Sequence

from app.domain.model import Update, UpdateType
from app.domain.moves import Move
from app.domain.renovate_table import TableRow
from app.domain.titles import Title
from app.domain.versions import Version, is_digest, semver_update_type

_RANK = (
    UpdateType.MAJOR,
    UpdateType.MINOR,
    UpdateType.PATCH,
    UpdateType.REPLACEMENT,
    UpdateType.DIGEST,
    UpdateType.PIN,
    UpdateType.LOCKFILE,
)
_WORDS = {
    "major": UpdateType.MAJOR,
    "minor": UpdateType.MINOR,
    "patch": UpdateType.PATCH,
    "digest": UpdateType.DIGEST,
    "pin": UpdateType.PIN,
    "pindigest": UpdateType.PIN,
    "replacement": UpdateType.REPLACEMENT,
    "lockfilemaintenance": UpdateType.LOCKFILE,
    "lockfile": UpdateType.LOCKFILE,
    "lock-file-maintenance": UpdateType.LOCKFILE,
}
_LABEL_PREFIXES = (
    "type/",
    "type:",
    "type: ",
    "update/",
    "semver/",
    "semver:",
    "renovate/",
    "update-type/",
    "update-type:",
)


def type_of_labels(labels: Iterable[str]) -> UpdateType | None:
    """`type/minor`, `semver:patch`, `MAJOR`; None where no label names a type, or two name different ones."""
    found = {named for label in labels if (named := _type_of_label(label.casefold().strip())) is not None}
    return found.pop() if len(found) == 1 else None


def _type_of_label(label: str) -> UpdateType | None:
    for prefix in _LABEL_PREFIXES:
        label = label.removeprefix(prefix)
    return _WORDS.get(label.strip())


def type_of_rows(rows: Sequence[TableRow]) -> UpdateType | None:
    """The weightiest word of the table's Update column."""
    return weightiest(_WORDS.get(row.update.casefold()) for row in rows)


def type_of_updates(updates: Sequence[Update], moves: Sequence[Move], title: Title) -> UpdateType | None:
    """The weightiest step by own comparison of versions."""
    if any(move.replaces is not None for move in moves) and title.verb == "replace":
        return UpdateType.REPLACEMENT
    digests = {(move.from_, move.to) for move in moves if move.digest}
    return weightiest(_type_of_step(update, by_digest=(update.from_, update.to) in digests) for update in updates)


def _type_of_step(update: Update, *, by_digest: bool) -> UpdateType | None:
    if by_digest:
        return UpdateType.DIGEST if update.from_ else UpdateType.PIN
    # A title often gives the new version alone; that is no pin.
    return semver_update_type(update.from_, update.to) if update.from_ else None


def type_of_title(title: Title) -> UpdateType | None:
    """What the title's words claim: its versions, then its verb."""
    if title.verb == "lock":
        return UpdateType.LOCKFILE
    if title.verb == "pin":
        return UpdateType.PIN
    if title.verb == "replace":
        return UpdateType.REPLACEMENT
    if any("digest" in word for word in title.objects) or is_digest(title.to or title.from_ or ""):
        return UpdateType.DIGEST
    if title.from_ is not None and title.to is not None:
        return semver_update_type(title.from_, title.to)
    if title.major_mark or re.match(r"^v?\d+$", title.to or ""):
        # Renovate's own title gives a major as `to v5`, everything else in full.
        return UpdateType.MAJOR
    return None


def type_of_conventional_commit(title: str) -> UpdateType | None:
    """`feat:` is minor, `fix:` is patch by custom: right nine times of ten, so it is asked when nobody else answers."""
    lowered = title.casefold()
    if lowered.startswith("feat"):
        return UpdateType.MINOR
    return UpdateType.PATCH if lowered.startswith("fix") else None


def type_of_new_version(title: Title) -> UpdateType | None:
    """What the new version alone lets guess: `1.2.3` is most often a patch, `1.2.0` a minor, `2.0.0` a major.

    Right nine times of ten; a minor that was skipped until its first patch release is what it gets wrong.
    """
    version = Version.parse((title.to or "").lstrip("<>=~^ ")) if title.from_ is None else None
    if version is None:
        return None
    if not any(version.release[1:]):
        return UpdateType.MAJOR
    return UpdateType.PATCH if any(version.release[2:]) else UpdateType.MINOR


def weightiest(types: Iterable[UpdateType | None]) -> UpdateType | None:
    """The one that counts for a pull request of several updates."""
    found = {type_ for type_ in types if type_ is not None}
    return next((type_ for type_ in _RANK if type_ in found), None)
