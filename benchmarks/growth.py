"""How the time of a plan grows with pull requests and files, and that a merge costs nothing for who does not wait."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.catalogue import load_catalogue
from app.domain.base_facts import read_base
from app.domain.model import Plan, PullRequest, Snapshot, State
from app.domain.plan import Planner
from app.domain.reading import classify_pull_request
from benchmarks.measuring import median, milliseconds
from benchmarks.plot import Line, Panel, draw_panels
from benchmarks.replan import merge, ordinary, snapshot_of
from benchmarks.trees import home_tree

PULL_REQUESTS = (10, 30, 100, 300, 1_000, 3_000, 10_000)
FILES = (100, 250, 600, 1_500, 4_000)
PICTURE = Path(__file__).parent.parent / "docs" / "explanation" / "growth.svg"


@dataclass(frozen=True, slots=True)
class Point:
    """Milliseconds, and the results of single pull requests that had to be made after a merge."""

    size: int
    cold: float
    merged: float
    made: int
    scan: float = 0.0


def measure_growth() -> tuple[Panel, ...]:
    by_count = [_with_pull_requests(count) for count in PULL_REQUESTS]
    by_files = [_with_files(count) for count in FILES]
    behind = list(_unrelated())
    return (
        Panel(
            "Plan of n pull requests on 1,000 files", "open pull requests", "ms, CPU",
            (_line("nothing known", by_count, lambda p: p.cold), _line("one merged", by_count, lambda p: p.merged)),
        ),
        Panel(
            "Plan of 100 pull requests on n files", "files", "ms, CPU",
            (
                _line("nothing known", by_files, lambda p: p.cold),
                _line("scan alone", by_files, lambda p: p.scan),
                _line("one merged", by_files, lambda p: p.merged),
            ),
        ),
        Panel(
            "Flux merged: results made anew", "open pull requests that do not wait for it", "results",
            tuple(Line(f"{count} wait for it", points) for count, points in behind),
        ),
    )  # fmt: skip


def draw_growth(panels: tuple[Panel, ...]) -> None:
    PICTURE.write_text(draw_panels(panels), encoding="utf-8")


def _line(name: str, points: list[Point], of: Callable[[Point], float]) -> Line:
    return Line(name, tuple((point.size, of(point)) for point in points))


def _with_pull_requests(count: int) -> Point:
    return _measured(count, snapshot_of(home_tree(1_000, seed=count), count))


def _with_files(count: int) -> Point:
    scan = milliseconds(lambda: read_base(home_tree(count, seed=count + 1), load_catalogue()))
    scan -= milliseconds(lambda: home_tree(count, seed=count + 1))
    point = _measured(count, snapshot_of(home_tree(count, seed=count + 2), 100))
    return Point(count, point.cold, point.merged, point.made, scan)


def _measured(size: int, snapshot: Snapshot) -> Point:
    planner = Planner(load_catalogue(), classify_pull_request)
    cold = milliseconds(lambda: planner.plan(snapshot))
    runs, made = [], 0
    for number in ordinary(snapshot)[:7]:
        snapshot = merge(snapshot, number)
        runs.append(milliseconds(partial(planner.plan, snapshot)))
        made = planner.made
    return Point(size, cold, median(runs), made)


def _unrelated() -> Iterator[tuple[int, tuple[tuple[float, float], ...]]]:
    """For a few numbers of pull requests that wait for Flux: what its merge makes anew beside more and more others.

    The others share no file with those that wait, or they would be rebased after them.
    """
    every = snapshot_of(home_tree(4_000, seed=7), 5_000)
    waiting = _waiting(Planner(load_catalogue(), classify_pull_request).plan(every))
    touched = {path for one in every.pull_requests if one.number in {1, *waiting} for path in _paths(one)}
    rest = [one for one in every.pull_requests if touched.isdisjoint(_paths(one))]
    for count in (10, 100):
        chosen = [one for one in every.pull_requests if one.number in waiting[:count] or one.number == 1]
        points = []
        for others in (30, 100, 300, 1_000, 3_000):
            pull_requests = tuple(chosen + rest[:others])
            snapshot = Snapshot("base", every.tree, pull_requests, every.now)
            planner = Planner(load_catalogue(), classify_pull_request)
            planner.plan(snapshot)
            planner.plan(merge(snapshot, 1))
            points.append((float(others), float(planner.made)))
        yield count, tuple(points)


def _paths(pull_request: PullRequest) -> set[str]:
    return {change.path for change in pull_request.changes}


def _waiting(plan: Plan) -> list[int]:
    blocked = {one.number for one in plan.pull_requests if one.state is State.BLOCKED}
    return sorted({edge.from_ for edge in plan.edges if edge.to == 1 and edge.from_ in blocked})
