"""How long the next plan takes once facts are known: what comes after a merge, a rollout, and a look at nothing new."""

from dataclasses import replace
from datetime import UTC, datetime

from app.catalogue import load_catalogue
from app.domain.catalogue import FLUX
from app.domain.model import PullRequest, Rollout, RolloutState, Snapshot, SourceFile, Tree
from app.domain.plan import Planner
from app.domain.reading import classify_pull_request
from benchmarks.measuring import median, milliseconds
from benchmarks.pull_requests import renovate_pull_requests
from benchmarks.report import Figure
from benchmarks.trees import company_tree, home_tree

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PULL_REQUESTS = 1_000
FILES = 1_735


def snapshot_of(tree: Tree, pull_requests: int) -> Snapshot:
    return Snapshot("base", tree, renovate_pull_requests(tree, pull_requests), NOW)


def merge(snapshot: Snapshot, number: int, rollouts: tuple[Rollout, ...] = ()) -> Snapshot:
    """The snapshot after the merge of one pull request."""
    merged = next(one for one in snapshot.pull_requests if one.number == number)
    changed = {change.path: change.after for change in merged.changes if change.after is not None}
    rest = tuple(one for one in snapshot.pull_requests if one.number != number)
    return replace(snapshot, tree={**snapshot.tree, **changed}, pull_requests=rest, rollouts=rollouts)


def ordinary(snapshot: Snapshot) -> list[int]:
    """Numbers of pull requests that bump a chart or an image."""
    return [one.number for one in snapshot.pull_requests if one.title.startswith("feat")]


def measure_replan() -> list[Figure]:
    """The two kinds of repository, each with its own clusters."""
    figures: list[Figure] = []
    for name, tree, scope in (("home", home_tree(FILES), "main"), ("company", company_tree(FILES), "dev")):
        figures += _measure(name, snapshot_of(tree, PULL_REQUESTS), scope)
    return figures


def _measure(name: str, snapshot: Snapshot, scope: str) -> list[Figure]:
    planner = Planner(load_catalogue(), classify_pull_request)
    cold = milliseconds(lambda: planner.plan(snapshot))
    what = f"{PULL_REQUESTS:,} pull requests of a {name}"
    figures = [Figure(f"{what}, nothing known", f"{cold:,.0f} ms")]

    def figure(when: str, runs: list[float]) -> None:
        figures.append(Figure(f"{what}: {when}", f"{median(runs):.1f} ms", f"{median(runs) / cold:.4f} of the first"))

    figure("nothing new", [milliseconds(lambda: planner.plan(snapshot)) for _ in range(7)])
    numbers = iter(ordinary(snapshot))
    runs = []
    for _ in range(9):
        snapshot = merge(snapshot, next(numbers))
        runs.append(_timed(planner, snapshot))
    figure("one merged", runs)
    runs = []
    for _ in range(9):
        snapshot = anew(merge(snapshot, next(numbers)))
        runs.append(_timed(planner, snapshot))
    figure("one merged, read anew from a database", runs)
    rollout = Rollout(FLUX, scope, "2.5.1", "2.6.1", 1, NOW)
    done = replace(rollout, state=RolloutState.ROLLED_OUT, source="Flux's own event")
    merged = merge(snapshot, 1, (rollout,))
    pending_runs, done_runs, made = [], [], 0
    for _ in range(5):
        planner.plan(snapshot)
        pending_runs.append(_timed(planner, merged))
        made = planner.made
        done_runs.append(_timed(planner, replace(merged, rollouts=(done,))))
    figure(f"Flux merged, its rollout pending, {made} results made anew", pending_runs)
    figure("Flux rolled out", done_runs)
    return figures


def _timed(planner: Planner, snapshot: Snapshot) -> float:
    return milliseconds(lambda: planner.plan(snapshot))


def anew(snapshot: Snapshot) -> Snapshot:
    """The same values in new objects, down to the texts."""
    tree = {path: _file(file) for path, file in snapshot.tree.items()}
    return replace(snapshot, tree=tree, pull_requests=tuple(map(_pull_request, snapshot.pull_requests)))


def _pull_request(one: PullRequest) -> PullRequest:
    changes = tuple(
        replace(
            change,
            patch=_copy(change.patch),
            before=_file(change.before) if change.before else None,
            after=_file(change.after) if change.after else None,
        )
        for change in one.changes
    )
    return replace(one, body=_copy(one.body), changes=changes)


def _file(file: SourceFile) -> SourceFile:
    return SourceFile(file.path, _copy(file.blob_id), _copy(file.text))


def _copy(text: str) -> str:
    """A new object with the same text."""
    return text.encode().decode()
