"""`fluxmig ordering CASES.jsonl --commits COMMITS.jsonl`: how well edges are found, measured on real histories.

Two figures: of the known cases of order between two pull requests, how many are found; and of merges that went without
trouble, how many would have been held for nothing. Only patches are known, so trees are rebuilt from what these show,
and a case whose patches are missing is told to be undecidable, never counted as found.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from operator import itemgetter
from typing import Annotated

import typer

from app.catalogue import load_catalogue
from app.cli.classification_lines import open_input
from app.cli.json_lines import read_objects
from app.domain.diff import PatchedFile, parse_patch
from app.domain.fragments import fragment_change, fragment_tree
from app.domain.liveness import is_live
from app.domain.model import Edge, EdgeKind, Plan, PullRequest, Snapshot, Strength
from app.domain.plan import plan_repository
from app.domain.reading import classify_pull_request

SHA_PREFIX = 8
_NUMBER = re.compile(r"\(#(\d+)\)")


@dataclass(frozen=True, slots=True)
class Commit:
    """A merge of a pull request. `problem` says why its patch cannot be judged; empty where it can."""

    repository: str
    sha: str
    title: str
    date: datetime | None
    files: tuple[PatchedFile, ...]
    quiet: bool
    """It is on the default branch, and nothing says that it was undone."""
    problem: str = ""

    @property
    def shown(self) -> str:
        return f"{self.repository} {self.sha[:SHA_PREFIX]} {self.title}"


class Outcome(StrEnum):
    FOUND = "found"
    NOT_FOUND = "not found"
    UNDECIDABLE = "undecidable"


@dataclass(frozen=True, slots=True)
class Finding:
    case: str
    outcome: Outcome
    why: str


@dataclass(frozen=True, slots=True)
class FalseBlock:
    """A hard edge that would have held a merge which went well."""

    commits: tuple[Commit, ...]
    edge: Edge


@dataclass(frozen=True, slots=True)
class BlockCount:
    """Of `judged` groups of merges `at_stake` need an API or bring a version at all, and `held` have a false block."""

    blocks: tuple[FalseBlock, ...]
    held: int
    at_stake: int
    judged: int


def ordering(
    cases: Annotated[str, typer.Argument(metavar="CASES.jsonl", help="Known cases: dependent and blocker commits.")],
    commits: Annotated[list[str], typer.Option(help="Commits with their patches, one JSON object a line. Repeatable.")],
) -> None:
    """Measure which real orders are found, and how many merges without trouble would be held."""
    with open_input(cases) as source:
        known = list(read_objects(source, cases))
    read: dict[str, Commit] = {}
    for name in commits:
        with open_input(name) as source:
            for fields in read_objects(source, name):
                commit = read_commit(fields)
                if commit is not None:
                    read.setdefault(commit.sha, commit)
    findings = [judge_case(case, read) for case in known]
    for finding in findings:
        typer.echo(f"{finding.outcome.value:<12} {finding.case}: {finding.why}")
    troubled = {prefix for case in known for prefix in _shas_of(case)}
    quiet = [c for c in read.values() if c.quiet and not c.problem and c.sha[:SHA_PREFIX] not in troubled]
    alone, together = count_blocks([(commit,) for commit in quiet]), count_blocks(neighbours(quiet))
    for block in (*alone.blocks, *together.blocks):
        typer.echo(f"\nfalse block: {' and '.join(c.shown for c in block.commits)}\n  {block.edge.reason}")
    decided = [finding for finding in findings if finding.outcome is not Outcome.UNDECIDABLE]
    found = sum(finding.outcome is Outcome.FOUND for finding in decided)
    typer.echo()
    typer.echo(_share("orders found", found, len(decided)) + f" decidable, {len(findings) - len(decided)} are not")
    for about, count in (("false blocks, alone", alone), ("false blocks, pairs", together)):
        typer.echo(_share(about, count.held, count.judged) + f", {count.at_stake} need an API or bring a version")


def read_commit(fields: Mapping[str, object]) -> Commit | None:
    """The commit of one line; None where it has no id to be found by."""
    sha, patch = fields.get("sha"), fields.get("patch")
    if not isinstance(sha, str) or not sha:
        return None
    files = parse_patch(patch) if isinstance(patch, str) else ()
    cut = bool(fields.get("patch_truncated")) or not all(hunk.complete for file in files for hunk in file.hunks)
    title = str(fields.get("subject") or fields.get("title") or "")
    return Commit(
        repository=str(fields.get("repo") or ""),
        sha=sha,
        title=title,
        date=_date(fields.get("date")),
        files=files,
        quiet=fields.get("on_main") is True and not title.lower().startswith("revert"),
        problem="the patch is cut" if cut else "" if files else "the patch is empty",
    )


def judge_case(case: Mapping[str, object], commits: Mapping[str, Commit]) -> Finding:
    """Plan both pull requests of a case before either was merged, and look whether the one waits for the other."""
    name = str(case.get("id") or case.get("repo") or "case")
    found: list[Commit] = []
    for role in ("dependent", "blocker"):
        entry = case.get(role)
        sha = entry.get("sha") if isinstance(entry, dict) else None
        if not isinstance(sha, str):
            return Finding(name, Outcome.UNDECIDABLE, f"no commit is known as the {role}")
        commit = next((c for key, c in commits.items() if key[:SHA_PREFIX] == sha[:SHA_PREFIX]), None)
        if commit is None or commit.problem:
            why = commit.problem if commit else "it is not among the commits"
            return Finding(name, Outcome.UNDECIDABLE, f"the {role} {sha[:SHA_PREFIX]} cannot be read: {why}")
        found.append(commit)
    if not any(is_live(file.path) for file in found[0].files):
        return Finding(
            name, Outcome.UNDECIDABLE, "no cluster reads the dependent's files: templates, tests or archives"
        )
    plan, (dependent, blocker) = plan_commits(found)
    for edge in plan.edges_of(dependent):
        if edge.to == blocker and edge.kind is not EdgeKind.FILE:
            return Finding(name, Outcome.FOUND, f"{edge.kind.value}, {edge.strength.value}: {edge.reason}")
    return Finding(name, Outcome.NOT_FOUND, plan.of(dependent).reason)


def neighbours(commits: Iterable[Commit]) -> list[tuple[Commit, Commit]]:
    """Each two merges of one repository that follow each other, the earlier first."""
    by_repository: dict[str, list[tuple[datetime, str, Commit]]] = defaultdict(list)
    for commit in commits:
        if commit.date is not None:
            by_repository[commit.repository].append((commit.date, commit.sha, commit))
    return [
        (earlier, later)
        for all_of in by_repository.values()
        for (_, _, earlier), (_, _, later) in pairwise(sorted(all_of, key=itemgetter(0, 1)))
    ]


def count_blocks(groups: Iterable[tuple[Commit, ...]]) -> BlockCount:
    """Plan each group before any of it was merged; the hard edges that the history contradicts are false.

    Those are edges from an earlier merge to a later one, and to nobody at all.
    """
    blocks: list[FalseBlock] = []
    judged = at_stake = held = 0
    for group in groups:
        plan, numbers = plan_commits(group)
        order = {number: index for index, number in enumerate(numbers)}
        false = [
            FalseBlock(group, edge)
            for edge in plan.edges
            if edge.strength is Strength.HARD and (edge.to is None or order[edge.to] > order[edge.from_])
        ]
        blocks += false
        judged += 1
        held += bool(false)
        at_stake += any(planned.requires or planned.provides for planned in plan.pull_requests)
    return BlockCount(tuple(blocks), held, at_stake, judged)


def plan_commits(commits: Sequence[Commit]) -> tuple[Plan, tuple[int, ...]]:
    """The plan if all of them were open pull requests, and the number of each."""
    numbers = _numbers(commits)
    pull_requests = tuple(
        PullRequest(
            number=number,
            title=_NUMBER.sub("", commit.title).strip(),
            branch="",
            head_sha=commit.sha,
            changes=tuple(fragment_change(file) for file in commit.files),
        )
        for number, commit in zip(numbers, commits, strict=True)
    )
    tree = fragment_tree(*(commit.files for commit in commits))
    snapshot = Snapshot("rebuilt", tree, pull_requests, commits[0].date or datetime.now(UTC))
    return plan_repository(snapshot, load_catalogue(), classify_pull_request), numbers


def _numbers(commits: Sequence[Commit]) -> tuple[int, ...]:
    """Their own, as the title of a squash has them; by place where they have none or share one."""
    found = tuple(int(match[-1]) for commit in commits if (match := _NUMBER.findall(commit.title)))
    return found if len(set(found)) == len(commits) else tuple(range(1, len(commits) + 1))


def _shas_of(case: Mapping[str, object]) -> Iterator[str]:
    for role in ("dependent", "blocker", "revert", "fix"):
        entry = case.get(role)
        if isinstance(entry, dict) and isinstance(entry.get("sha"), str):
            yield entry["sha"][:SHA_PREFIX]


def _date(value: object) -> datetime | None:
    try:
        date = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return date.replace(tzinfo=date.tzinfo or UTC) if date else None


def _share(about: str, count: int, total: int) -> str:
    share = f"{100 * count / total:.1f} %" if total else "nothing to measure"
    return f"{about:<20} {count} of {total} ({share})"
