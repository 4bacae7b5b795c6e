"""`fluxmig ordering CASES.jsonl`: how well edges are found, measured on real histories.

Two figures: of the known cases of order between two pull requests, how many are found; and of merges that went without
trouble, how many would have been held for nothing. Clones give whole trees; patches alone give a part of them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from app.cli.classification_lines import open_input
from app.cli.json_lines import read_objects
from app.cli.ordering_blocks import BlockCount, FalseBlock, add, count_history, count_patches
from app.cli.ordering_cases import SHA_PREFIX, Case, Finding, Outcome, judge_case, troubled_shas
from app.cli.ordering_clones import Clone, find_clones
from app.cli.ordering_patches import PatchCommit, neighbours, read_commit
from app.git import GitError


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run found: the findings, and the counts of false blocks by the words that name them."""

    findings: tuple[Finding, ...]
    counts: tuple[tuple[str, BlockCount], ...]

    @property
    def decided(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.outcome is not Outcome.UNDECIDABLE]

    @property
    def found(self) -> int:
        return sum(finding.outcome is Outcome.FOUND for finding in self.findings)


def ordering(
    cases: Annotated[str, typer.Argument(metavar="CASES.jsonl", help="Known cases: dependent and blocker commits.")],
    commits: Annotated[
        list[str] | None, typer.Option(help="Commits with their patches, one JSON object a line. Repeatable.")
    ] = None,
    clones: Annotated[Path | None, typer.Option(help="A folder of clones, each at OWNER/NAME, bare or not.")] = None,
    history: Annotated[
        int, typer.Option(min=0, help="Judge the last N merges of Renovate in each clone; 0 for none.")
    ] = 0,
    window: Annotated[int, typer.Option(min=2, help="How many merges of a clone are planned together.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Measure which real orders are found, and how many merges without trouble would be held."""
    with open_input(cases) as source:
        known = list(read_objects(source, cases))
    try:
        found_clones = find_clones(clones) if clones else {}
        measured = _measure(known, _read_commits(commits or []), found_clones, history=history, window=window)
    except GitError as error:
        typer.echo(f"fluxmig ordering: {error}", err=True)
        raise typer.Exit(2) from error
    typer.echo(json.dumps(_to_json(measured), indent=2, ensure_ascii=False) if as_json else _to_text(measured))


def _read_commits(names: list[str]) -> dict[str, PatchCommit]:
    read: dict[str, PatchCommit] = {}
    for name in names:
        with open_input(name) as source:
            for fields in read_objects(source, name):
                commit = read_commit(fields)
                if commit is not None:
                    read.setdefault(commit.sha, commit)
    return read


def _measure(
    cases: Sequence[Case], commits: dict[str, PatchCommit], clones: dict[str, Clone], *, history: int, window: int
) -> Measured:
    findings = tuple(judge_case(case, commits, clones) for case in cases)
    troubled = {prefix for case in cases for prefix in troubled_shas(case)}
    counts: list[tuple[str, BlockCount]] = []
    if commits or not clones:
        quiet = [c for c in commits.values() if c.quiet and not c.problem and c.sha[:SHA_PREFIX] not in troubled]
        counts.append(("alone", count_patches([(commit,) for commit in quiet])))
        counts.append(("pairs", count_patches(neighbours(quiet))))
    if history:
        alone, together = [], []
        for clone in clones.values():
            merges = [m for m in clone.renovate_merges() if m.commit.sha[:SHA_PREFIX] not in troubled][-history:]
            one, many = count_history(clone, merges, window=window)
            alone.append(one)
            together.append(many)
        counts += [("in clones, alone", add(alone)), ("in clones, together", add(together))]
    return Measured(findings, tuple(counts))


def _to_text(measured: Measured) -> str:
    lines = [f"{finding.outcome.value:<12} {finding.case}: {finding.why}" for finding in measured.findings]
    for _, count in measured.counts:
        lines += [f"\nfalse block: {' and '.join(block.merges)}\n  {block.edge.reason}" for block in count.blocks]
    decided = len(measured.decided)
    undecided = len(measured.findings) - decided
    lines += ["", _share("orders found", measured.found, decided) + f" decidable, {undecided} are not"]
    for about, count in measured.counts:
        unread = f"; {count.unread} could not be read" if count.unread else ""
        lines.append(
            _share(f"false blocks, {about}", count.held, count.judged)
            + f", {count.at_stake} need an API or bring a version{unread}"
        )
    rates = [f"{1000 * count.held / count.judged:.1f} {about}" for about, count in measured.counts if count.judged]
    if rates:
        lines.append(f"false blocks in 1,000 pull requests: {'; '.join(rates)}")
    return "\n".join(lines)


def _to_json(measured: Measured) -> dict[str, object]:
    return {
        "cases": [
            {"id": finding.case, "outcome": finding.outcome.value, "why": finding.why} for finding in measured.findings
        ],
        "orders": {
            "found": measured.found,
            "decidable": len(measured.decided),
            "undecidable": len(measured.findings) - len(measured.decided),
        },
        "false_blocks": [
            {
                "about": about,
                "held": count.held,
                "judged": count.judged,
                "per_thousand": round(1000 * count.held / count.judged, 2) if count.judged else None,
                "at_stake": count.at_stake,
                "unread": count.unread,
                "blocks": [_block_to_json(block) for block in count.blocks],
            }
            for about, count in measured.counts
        ],
    }


def _block_to_json(block: FalseBlock) -> dict[str, object]:
    return {"merges": list(block.merges), "from": block.edge.from_, "to": block.edge.to, "reason": block.edge.reason}


def _share(about: str, count: int, total: int) -> str:
    share = f"{100 * count / total:.1f} %" if total else "nothing to measure"
    return f"{about:<20} {count} of {total} ({share})"
