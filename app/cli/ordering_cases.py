"""One known case of order between two pull requests, judged: would the one have been held for the other?

A case is judged on the tree that was there before either was merged, where a clone has it, and else on as much of that
tree as the two patches show. What neither shows is undecidable, never counted as found.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.catalogue import load_catalogue
from app.cli.ordering_clones import Clone
from app.cli.ordering_patches import PatchCommit, patch_snapshot
from app.domain.liveness import is_live
from app.domain.model import Edge, EdgeKind, Plan, Snapshot, Strength
from app.domain.plan import plan_repository
from app.domain.reading import classify_pull_request
from app.git import GitError

SHA_PREFIX = 8

Case = Mapping[str, object]

_KINDS = {
    "api-introduced": {EdgeKind.NEEDS},
    "api-removed": {EdgeKind.REMOVAL},
    "version-skew": {EdgeKind.PAIR},
    "crd-before-controller": {EdgeKind.NEEDS, EdgeKind.PAIR},
    "partial-group": {EdgeKind.PAIR},
    "lockstep": {EdgeKind.PAIR},
    "environment": {EdgeKind.ENVIRONMENT},
}
"""Kind of case -> the edges that are the right reason for it."""

_UNSEEN = {
    "upstream-availability": "whether a release is published",
    "upstream-breaking": "what a release breaks",
    "needs-new-component": "what a release newly asks for",
}
"""Kinds of case whose reason stands in no diff and no tree."""

_GROUPS = frozenset({"partial-group", "lockstep"})
_LEFT_BEHIND = re.compile(r"^#(?P<number>\d+) raises .* and leaves ")
"""`messages.partial_group_warning`: warnings are sentences, and this one is what such a case asks for."""


class Outcome(StrEnum):
    FOUND = "found"
    NOT_FOUND = "not found"
    UNDECIDABLE = "undecidable"


@dataclass(frozen=True, slots=True)
class Finding:
    case: str
    outcome: Outcome
    why: str


def name_of(case: Case) -> str:
    return str(case.get("id") or case.get("repo") or "case")


def sha_of(case: Case, role: str) -> str | None:
    entry = case.get(role)
    sha = entry.get("sha") if isinstance(entry, dict) else None
    return sha if isinstance(sha, str) and sha else None


def troubled_shas(case: Case) -> Iterator[str]:
    """The beginnings of the ids of all commits that a case names."""
    for role in ("dependent", "blocker", "revert", "fix"):
        if sha := sha_of(case, role):
            yield sha[:SHA_PREFIX]


def judge_case(case: Case, commits: Mapping[str, PatchCommit], clones: Mapping[str, Clone] | None = None) -> Finding:
    """By the clone of its repository if that has the commits, else by their patches."""
    clone = (clones or {}).get(str(case.get("repo") or "").lower())
    if clone is None:
        return _judge_by_patches(case, commits)
    finding = _judge_in_clone(case, clone)
    if finding.outcome is not Outcome.UNDECIDABLE:
        return finding
    by_patches = _judge_by_patches(case, commits)
    return finding if by_patches.outcome is Outcome.UNDECIDABLE else by_patches


def plan_snapshot(snapshot: Snapshot) -> Plan:
    return plan_repository(snapshot, load_catalogue(), classify_pull_request)


def _judge_in_clone(case: Case, clone: Clone) -> Finding:
    name = name_of(case)
    merges = []
    for role in ("dependent", "blocker"):
        sha = sha_of(case, role)
        if sha is None:
            if role == "dependent":
                return Finding(name, Outcome.UNDECIDABLE, "no commit is known as the dependent")
            continue
        merge = clone.find(sha)
        if merge is None:
            return Finding(name, Outcome.UNDECIDABLE, f"the {role} {sha[:SHA_PREFIX]} is not in the clone")
        merges.append(merge)
    try:
        snapshot, numbers = clone.snapshot(merges)
    except GitError as error:
        return Finding(name, Outcome.UNDECIDABLE, str(error))
    return _judge(case, snapshot, numbers)


def _judge_by_patches(case: Case, commits: Mapping[str, PatchCommit]) -> Finding:
    name = name_of(case)
    found: list[PatchCommit] = []
    for role in ("dependent", "blocker"):
        sha = sha_of(case, role)
        if sha is None:
            return Finding(name, Outcome.UNDECIDABLE, f"no commit is known as the {role}")
        commit = next((c for key, c in commits.items() if key[:SHA_PREFIX] == sha[:SHA_PREFIX]), None)
        if commit is None or commit.problem:
            why = commit.problem if commit else "it is not among the commits"
            return Finding(name, Outcome.UNDECIDABLE, f"the {role} {sha[:SHA_PREFIX]} cannot be read: {why}")
        found.append(commit)
    return _judge(case, *patch_snapshot(found))


def _judge(case: Case, snapshot: Snapshot, numbers: Sequence[int]) -> Finding:
    name, kind = name_of(case), str(case.get("kind") or "")
    if unseen := _UNSEEN.get(kind):
        return Finding(name, Outcome.UNDECIDABLE, f"{unseen} stands in no diff and no tree")
    if not any(is_live(change.path) for change in snapshot.pull_requests[0].changes):
        return Finding(
            name, Outcome.UNDECIDABLE, "no cluster reads the dependent's files: templates, tests or archives"
        )
    plan = plan_snapshot(snapshot)
    dependent = numbers[0]
    right = _edge_to(plan, dependent, numbers[1]) if len(numbers) > 1 else _edge_to_nobody(plan, dependent, kind)
    if right is not None:
        where = "" if right.to is not None else ", no open pull request brings it"
        return Finding(name, Outcome.FOUND, f"{right.kind.value}, {right.strength.value}{where}: {right.reason}")
    if len(numbers) == 1 and kind in _GROUPS and (warning := _left_behind(plan, dependent)):
        return Finding(name, Outcome.FOUND, f"warning: {warning}")
    return Finding(name, Outcome.NOT_FOUND, plan.of(dependent).reason)


def _edge_to(plan: Plan, dependent: int, blocker: int) -> Edge | None:
    edges = (edge for edge in plan.edges_of(dependent) if edge.to == blocker)
    return next((edge for edge in edges if edge.kind is not EdgeKind.FILE), None)


def _edge_to_nobody(plan: Plan, dependent: int, kind: str) -> Edge | None:
    """Nobody is known as the blocker, so it is enough that the pull request is held, for a reason of this kind."""
    right = _KINDS.get(kind, set(EdgeKind) - {EdgeKind.FILE})
    edges = (edge for edge in plan.edges_of(dependent) if edge.strength is Strength.HARD)
    return next((edge for edge in edges if edge.kind in right), None)


def _left_behind(plan: Plan, number: int) -> str | None:
    matches = ((warning, _LEFT_BEHIND.match(warning)) for warning in plan.warnings)
    return next((warning for warning, match in matches if match and int(match["number"]) == number), None)
