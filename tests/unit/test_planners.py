"""The planners that a process keeps."""

from functools import partial

import pytest

from app.catalogue import load_catalogue
from app.domain.model import PullRequest
from app.domain.plan import plan_repository
from app.domain.reading import classify_pull_request
from app.services.planners import Planners
from tests.support.flux_repository import RELEASE
from tests.unit.test_planner import Scene


def scene() -> Scene:
    one = Scene()
    one.open(1, {RELEASE: "a: 1\n"})
    return one


def test_the_planner_of_a_repository_is_used_again_and_the_oldest_goes_first() -> None:
    read: list[int] = []

    def classify(pull_request: PullRequest) -> object:
        read.append(pull_request.number)
        return classify_pull_request(pull_request)

    planners, snapshot = Planners(limit=2), scene().snapshot()
    for repository in (1, 2, 1, 2, 3, 2, 1):
        plan = planners.plan(repository, snapshot, load_catalogue(), classify)  # type: ignore[arg-type]
        assert plan == plan_repository(snapshot, load_catalogue(), classify_pull_request)
    assert len(read) == 4, "1, 2 and 3 once each, and 1 again after 3 had taken its place"


def test_another_way_to_classify_needs_another_planner() -> None:
    planners, snapshot = Planners(), scene().snapshot()
    first = planners.plan(1, snapshot, load_catalogue(), classify_pull_request)
    told = first.pull_requests[0].classification
    other = planners.plan(1, snapshot, load_catalogue(), partial(lambda told, _: told, told))
    assert other == first
    assert planners.plan(1, snapshot, load_catalogue(), classify_pull_request) == first


def test_a_plan_that_fails_leaves_nothing_half_done() -> None:
    planners, one = Planners(), scene()
    planners.plan(1, one.snapshot(), load_catalogue(), classify_pull_request)

    def fails(pull_request: PullRequest) -> object:
        raise RuntimeError(pull_request.title)

    with pytest.raises(RuntimeError):
        planners.plan(1, one.snapshot(), load_catalogue(), fails)  # type: ignore[arg-type]
    assert planners.texts_of(1) == {}
    plan = planners.plan(1, one.snapshot(), load_catalogue(), classify_pull_request)
    assert plan == plan_repository(one.snapshot(), load_catalogue(), classify_pull_request)


def test_the_texts_of_base_and_pull_requests_are_known_afterwards() -> None:
    planners, snapshot = Planners(), scene().snapshot()
    assert planners.texts_of(1) == {}
    planners.plan(1, snapshot, load_catalogue(), classify_pull_request)
    (change,) = snapshot.pull_requests[0].changes
    assert change.after is not None
    expected = {file.blob_id: file.text for file in (*snapshot.tree.values(), change.after)}
    assert planners.texts_of(1) == expected
