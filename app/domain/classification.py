"""What a Renovate pull request is: its update type, what it touches, and which dependencies it moves.

The diff, Renovate's own tables and labels, and the paths are asked first; a title is never believed against them, since
people shape titles as they like (`(container)` is a Helm chart as often as an image, `!` stands on minors).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from app.domain.components import Verdict, judge
from app.domain.diff import parse_patch
from app.domain.file_roles import is_lock_file
from app.domain.model import Classification, Component, Evidence, Update, UpdateType
from app.domain.moves import read_moves
from app.domain.renovate import RenovateBody, read_body
from app.domain.renovate_table import TableRow, read_table
from app.domain.titles import Title, read_title
from app.domain.update_types import (
    type_of_conventional_commit,
    type_of_labels,
    type_of_new_version,
    type_of_rows,
    type_of_title,
    type_of_updates,
)
from app.domain.updates import FoundUpdates, Witness, find_updates


@dataclass(frozen=True, slots=True)
class PullRequestText:
    """All that is read of a pull request. `patch` is a whole `git diff`, `commit_body` a squash message sans title."""

    title: str
    files: tuple[str, ...] = ()
    patch: str = ""
    body: str | None = None
    branch: str | None = None
    labels: frozenset[str] = frozenset()
    commit_body: str | None = None
    repo: str | None = None


@dataclass(frozen=True, slots=True)
class Signs:
    """What a pull request is judged by: its files, what moves in them, and what Renovate says of it."""

    found: FoundUpdates
    files: tuple[str, ...]
    rows: tuple[TableRow, ...]
    labels: frozenset[str]
    branch: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The two answers, each with its reason. `rules` are the owner's rules that gave them."""

    type_: UpdateType | None
    certainty: float
    type_reason: str
    verdict: Verdict
    rules: tuple[Evidence, ...] = ()


Overrule = Callable[[Signs, Judged], Judged]
"""What the owner of the repository says instead."""

_COMMIT_TABLE = re.compile(r"^\|\s*datasource\s*\|", re.MULTILINE)


def classify(evidence: PullRequestText, overrule: Overrule | None = None) -> Classification:
    """Classify a pull request. What no sign tells is None or unknown, and lowers the confidence."""
    title = read_title(evidence.title)
    patched = parse_patch(evidence.patch)
    files = evidence.files or tuple(file.path for file in patched)
    body, commit = read_body(evidence.body or ""), read_body(evidence.commit_body or "")
    rows = body.rows or (() if _COMMIT_TABLE.search(evidence.commit_body or "") else commit.rows)
    found = find_updates(title, read_moves(patched), rows, _commit_rows(evidence.commit_body))
    type_, certainty, type_reason = _type(evidence, title, found, rows, body, commit)
    labels = evidence.labels | _debug_labels(body, commit)
    updates = () if type_ is UpdateType.LOCKFILE else found.updates
    judged = Judged(type_, certainty, type_reason, _component(type_, found, files, rows, labels))
    if overrule is not None:
        judged = overrule(Signs(found, files, rows, labels, evidence.branch or ""), judged)
    return Classification(
        update_type=judged.type_,
        component=judged.verdict.component,
        grouped=len({update.name.casefold() for update in updates}) > 1,
        updates=updates,
        confidence=round(min(judged.verdict.confidence, judged.certainty), 2),
        reasons=_reasons(judged.type_reason, judged.verdict, found, updates),
        rules=judged.rules,
    )


def _commit_rows(body: str | None) -> tuple[TableRow, ...]:
    """The rows of all commit tables: a squash of several commits has one for each, and only the last `to` holds."""
    starts = [match.start() for match in _COMMIT_TABLE.finditer(body or "")]
    rows: dict[str, TableRow] = {}
    for start, end in pairwise([*starts, None]):
        for row in read_table((body or "")[start:end]):
            before = rows.get(row.package or "")
            chained = before is not None and before.to == row.from_
            key = row.package or "" if chained or before is None else f"{row.package} {row.from_}"
            rows[key] = replace(row, from_=before.from_) if before is not None and chained else row
    return tuple(rows.values())


def _debug_labels(*bodies: RenovateBody) -> frozenset[str]:
    return frozenset(label for body in bodies if body.debug is not None for label in body.debug.labels)


def _type(
    evidence: PullRequestText,
    title: Title,
    found: FoundUpdates,
    rows: tuple[TableRow, ...],
    body: RenovateBody,
    commit: RenovateBody,
) -> tuple[UpdateType | None, float, str]:
    lock_only = bool(evidence.files) and all(is_lock_file(path) for path in evidence.files)
    lock = UpdateType.LOCKFILE if title.verb == "lock" or (lock_only and not found.updates) else None
    for type_, certainty, witness in (
        (type_of_labels(_debug_labels(body, commit)), 0.99, "Renovate's own labels"),
        (type_of_rows(rows), 0.99, "Renovate's table"),
        (lock, 0.97, "only lock files change"),
        (_explicit(title), 0.95, "the title's verb"),
        (
            type_of_updates(found.updates, found.moves, title),
            _certainty(found),
            f"the versions in {found.witness.value}",
        ),
        (type_of_labels(evidence.labels), 0.95, "the labels"),
        (type_of_title(title), 0.9, "the title"),
        (type_of_conventional_commit(evidence.title) if title.verb else None, 0.9, "the title's commit type"),
        (type_of_new_version(title), 0.85, "the new version in the title"),
    ):
        if type_ is not None:
            return type_, certainty, f"{type_.value}, by {witness}" if type_ is not lock else f"lockfile: {witness}"
    return None, 0.2, "no sign tells the update type"


def _explicit(title: Title) -> UpdateType | None:
    """Pins and replacements are what Renovate's title says they are: the versions beside them may move or stay."""
    return type_of_title(title) if title.verb in {"pin", "replace"} else None


def _certainty(found: FoundUpdates) -> float:
    return {
        Witness.COMMIT_TABLE: 0.98,
        Witness.BODY_TABLE: 0.98,
        Witness.DIFF: 0.95,
        Witness.TITLE: 0.9,
        Witness.NOBODY: 0.2,
    }[found.witness]


def _component(
    type_: UpdateType | None,
    found: FoundUpdates,
    files: tuple[str, ...],
    rows: tuple[TableRow, ...],
    labels: frozenset[str],
) -> Verdict:
    verdict = judge(found.updates, found.moves, files, rows, labels)
    if type_ is UpdateType.LOCKFILE and verdict.component is Component.UNKNOWN:
        return Verdict(Component.TOOLING, 0.8, "lock files belong to tools")
    return verdict


def _reasons(type_reason: str, verdict: Verdict, found: FoundUpdates, updates: tuple[Update, ...]) -> tuple[str, ...]:
    component_reason = f"{verdict.component.value}: {verdict.reason}"
    if not updates:
        return component_reason, type_reason
    return component_reason, type_reason, f"{len(updates)} named by {found.witness.value}"
