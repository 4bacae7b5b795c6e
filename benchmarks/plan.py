"""How long a plan takes: 18 pull requests on a repository of 400 manifests, and 1,000 pull requests after one merge."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from app.catalogue import load_catalogue
from app.demo.github import GitHub
from app.demo.github.pull_request import PullRequest as GitHubPullRequest
from app.demo.renovate import Renovate
from app.demo.story import load_story
from app.domain.diff import git_blob_id
from app.domain.files import is_readable
from app.domain.graph import Graph
from app.domain.model import (
    ChangeStatus,
    Condition,
    Edge,
    EdgeKind,
    FileChange,
    PullRequest,
    Snapshot,
    SourceFile,
    Strength,
)
from app.domain.plan import plan_repository
from app.domain.reading import classify_pull_request
from benchmarks.report import Figure

FILES = 400
PULL_REQUESTS = 1_000


def measure_plan() -> list[Figure]:
    snapshot = story_snapshot(FILES)
    catalogue = load_catalogue()

    def plan(at: Snapshot) -> Callable[[], object]:
        return lambda: plan_repository(at, catalogue, classify_pull_request)

    cold = _milliseconds(plan(snapshot), times=1)
    warm = _milliseconds(plan(snapshot), times=5)
    graph = _milliseconds(lambda: _downstream(PULL_REQUESTS), times=5)
    return [
        Figure(f"18 pull requests, {FILES} files, nothing read before", f"{cold:.0f} ms"),
        Figure("the same once the files are known", f"{warm:.0f} ms", f"{warm / cold:.2f} of the first"),
        Figure(f"graph of {PULL_REQUESTS:,} pull requests built, what waits for one", f"{graph:.2f} ms"),
    ]


def story_snapshot(files: int) -> Snapshot:
    """The story's repository, filled up with further manifests to `files`."""
    github = GitHub()
    repository = load_story(github, Renovate(github))
    tree = {path: _file(path, text) for path, text in repository.tree().items() if is_readable(path)}
    template = tree["kubernetes/apps/kube-system/spegel/app/helmrelease.yaml"].text
    for index in range(files - len(tree)):
        path = f"kubernetes/apps/more/app-{index}/app/helmrelease.yaml"
        tree[path] = _file(path, template.replace("spegel", f"app-{index}"))
    pulls = tuple(
        _pull_request(pull, repository.tree(), repository.tree(pull.head_sha)) for pull in repository.open_pull_requests
    )
    return Snapshot("base", tree, pulls, datetime.now(UTC))


def _pull_request(pull: GitHubPullRequest, base: Mapping[str, str], head: Mapping[str, str]) -> PullRequest:
    changes = tuple(
        FileChange(
            file.path,
            ChangeStatus.MODIFIED,
            file.patch or "",
            _file(file.path, base[file.path]),
            _file(file.path, head[file.path]),
        )
        for file in pull.files()
    )
    return PullRequest(pull.number, pull.title, pull.head_branch, pull.head_sha, body=pull.body, changes=changes)


def _file(path: str, text: str) -> SourceFile:
    return SourceFile(path, git_blob_id(text), text)


def _downstream(count: int) -> int:
    edge = Edge(0, 0, EdgeKind.NEEDS, Strength.HARD, Condition.ROLLED_OUT, "")
    edges = [replace(edge, from_=number, to=number // 2) for number in range(1, count)]
    return len(Graph(edges).downstream_of(1))


def _milliseconds(run: Callable[[], object], *, times: int) -> float:
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        run()
        best = min(best, time.process_time() - began)
    return best * 1000
