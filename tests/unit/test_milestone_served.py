"""Whether an API of a milestone is served: rows of what is known, and what is said."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.catalogue import load_catalogue
from app.domain.base_facts import read_base
from app.domain.milestone import MemberFacts, MilestoneFacts, WantedApi
from app.domain.milestone_served import find_served
from app.domain.milestone_state import judge_milestone
from app.domain.model import (
    Answer,
    Gvk,
    Observation,
    PullRequestStatus,
    Rollout,
    RolloutState,
    ServedApis,
    Snapshot,
    State,
)
from tests.support.story_repository import story_snapshot
from tests.unit.test_milestone import planned

T0 = datetime(2025, 6, 11, 18, 0, tzinfo=UTC)
OCI = Gvk("source.toolkit.fluxcd.io", "OCIRepository", "v1")
PENDING = Rollout("flux", "main", "2.5.1", "2.6.1", 30, T0)
DONE = replace(PENDING, state=RolloutState.ROLLED_OUT, source="confirmed by octocat", rolled_out_at=T0)
MERGED_30 = {30: MemberFacts(PullRequestStatus.MERGED, State.MERGED, settled_at=T0)}
LIST = ServedApis("main", "main", "the Kubernetes API", {}, complete=True)


def runs(version: str, provider: str = "flux") -> tuple[Observation, ...]:
    return (Observation("main", provider, version, T0, "its event"),)


def brought(**known: tuple[Rollout, ...] | tuple[Observation, ...]) -> Snapshot:
    return replace(story_snapshot(merged=[30]), **known)  # type: ignore[arg-type]


SERVED: list[tuple[str, Snapshot, bool, Answer, str]] = [
    (
        "declared",
        story_snapshot(),
        True,
        Answer.NO,
        (
            "The base declares Flux 2.5.1 in kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml:5, "
            "which does not serve it."
        ),
    ),
    (
        "it runs",
        brought(observations=runs("2.6.1")),
        True,
        Answer.YES,
        "Cluster main runs Flux 2.6.1 (its event), which serves it.",
    ),
    (
        "too old",
        brought(observations=runs("2.5.1")),
        True,
        Answer.NO,
        "Cluster main runs Flux 2.5.1 (its event), which",
    ),
    (
        "another provider runs",
        brought(observations=runs("2.6.1", "flux-operator"), rollouts=(PENDING,)),
        True,
        Answer.NO,
        "Cluster main may still run Flux 2.5.1 (#30 with 2.6.1 is merged, not yet rolled out).",
    ),
    (
        "on its way, nobody speaks",
        brought(rollouts=(PENDING,)),
        False,
        Answer.UNKNOWN,
        "Cluster main may still run Flux 2.5.1 (#30 with 2.6.1 is merged, not yet rolled out).",
    ),
    (
        "confirmed",
        brought(rollouts=(DONE,)),
        False,
        Answer.YES,
        "2.6.1 is rolled out with #30 (confirmed by octocat), which serves it.",
    ),
    (
        "not listed, whatever runs",
        replace(brought(observations=runs("2.6.1")), served=(replace(LIST, at=T0),)),
        True,
        Answer.NO,
        "The cluster does not list it (the Kubernetes API).",
    ),
    (
        "listed, whatever Git declares",
        replace(story_snapshot(), served=(replace(LIST, since={OCI: T0}),)),
        True,
        Answer.YES,
        "The cluster lists it (the Kubernetes API).",
    ),
    (
        "nothing says which version runs",
        replace(story_snapshot(), tree={}),
        True,
        Answer.UNKNOWN,
        "It is not known to run Flux, and whether that serves it is not known.",
    ),
]


@pytest.mark.parametrize(
    ("snapshot", "connected", "answer", "evidence"), [row[1:] for row in SERVED], ids=[row[0] for row in SERVED]
)
def test_an_api_is_served_when_the_cluster_serves_it(
    snapshot: Snapshot, connected: bool, answer: Answer, evidence: str
) -> None:
    plan, base = planned(), read_base(snapshot.tree, load_catalogue())
    known = find_served(plan.apis, snapshot, base)
    facts = MilestoneFacts(MERGED_30, connected=connected, served=known)
    (found,) = [one for one in judge_milestone(plan, facts).criteria if one.text.endswith(" is served")]
    assert found.state is answer
    assert found.evidence.startswith(evidence)


def test_what_brings_it_is_named_while_it_is_open() -> None:
    plan, snapshot = planned(), story_snapshot()
    known = find_served(plan.apis, snapshot, read_base(snapshot.tree, load_catalogue()))
    (found,) = [
        one for one in judge_milestone(plan, MilestoneFacts({}, served=known)).criteria if "is served" in one.text
    ]
    assert found.evidence.endswith(", which does not serve it. #30 brings it and is not merged.")


def test_an_api_that_nobody_knows_any_more_is_unknown() -> None:
    foreign = WantedApi(Gvk("example.org", "Thing", "v1"), "main", 34, None)
    snapshot = story_snapshot()
    assert find_served([foreign], snapshot, read_base(snapshot.tree, load_catalogue())) == {}
    plan = replace(planned(), apis=(foreign,))
    (found,) = [one for one in judge_milestone(plan, MilestoneFacts({})).criteria if "is served" in one.text]
    assert found.state is Answer.UNKNOWN
