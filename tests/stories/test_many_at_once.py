"""Many checks go in a few calls, and what was decided about an older head or base is not written."""

import pytest

from app.domain.model import State
from tests.stories.test_limits import sets_budget
from tests.world import World

MANY = 100
API = "kubernetes/apps/default/many{0}/ocirepository.yaml"
MANIFEST = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: many{0}
  namespace: default
spec:
  interval: 1h
  url: oci://example.com/many{0}
"""


def wait_many(world: World) -> list[int]:
    """A hundred pull requests that all wait for #30."""
    numbers = []
    for index in range(MANY):
        pull = world.repository.open_pull_request(
            title=f"fix(deps): update ocirepository many{index}",
            branch=f"renovate/many{index}-1.x",
            changes={API.format(index): MANIFEST.format(index)},
            body=world.pull(34).body,
            by=world.github.renovate,
        )
        numbers.append(pull.number)
    return numbers


async def test_a_merged_blocker_with_a_hundred_behind_it_takes_few_calls(world: World) -> None:
    numbers = wait_many(world)
    await world.settle(budget=4000)
    assert {await world.state(number) for number in numbers} == {State.BLOCKED}
    calls = world.github.log.calls
    world.pull(30).merge(by=world.github.owner)
    await world.settle(budget=4000)
    assert {world.check_title(number) for number in numbers} == {"#30 is merged, not yet rolled out"}
    assert world.github.log.calls - calls <= 20


async def test_a_decision_about_an_older_head_is_not_written(world: World) -> None:
    await world.merges(30)
    pull, old = world.pull(34), world.pull(34).head_sha
    with world.github.silent():
        pull.push({"docs/notes.md": "more\n"}, message="more", by=world.github.renovate)
    await world.cluster_reconciles()
    assert {run.conclusion for run in world.repository.latest_check_runs(old)} == {"action_required"}
    await world.passes(seconds=5)
    assert world.check(34) == "success"
    assert {run.conclusion for run in world.repository.latest_check_runs(old)} == {"action_required"}


async def test_a_decision_about_an_older_base_is_not_written(world: World) -> None:
    await world.merges(30)
    with world.github.silent():
        tree = world.repository.tree()
        path = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"
        world.repository.push({path: tree[path].replace("2.6.1", "2.5.1")}, message="back", by=world.github.owner)
    await world.cluster_reconciles()
    assert world.check(34) == "action_required"
    await world.sweeps()  # which finds the older version on the base, and says so in the evidence
    assert world.check(34) == "action_required"


async def test_one_write_of_many_that_fails_is_made_alone(world: World) -> None:
    world.github.faults.fail_field("updateCheckRun", times=1)
    numbers = wait_many(world)
    await world.settle(budget=4000)
    await world.merges(30)
    await world.passes(seconds=5)
    assert {world.check_title(number) for number in numbers} == {"#30 is merged, not yet rolled out"}


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_batch_that_ends_in_doubt_is_read_back_and_written_once(world: World, after_effect: bool) -> None:
    numbers = wait_many(world)
    world.github.faults.fail_next(502, match="POST /graphql", times=4, after_effect=after_effect)
    await world.settle(budget=4000)
    for _ in range(4):
        await world.passes(seconds=30)
    for number in numbers:
        runs = world.repository.check_runs_on(world.pull(number).head_sha)
        assert [run.conclusion for run in runs] == ["action_required"]


async def test_labels_written_together_leave_the_reserve_to_the_checks(world: World) -> None:
    numbers = wait_many(world)[:30]
    await sets_budget(world, 50)
    await world.settle(budget=4000)
    assert {world.check(number) for number in numbers} == {"action_required"}
    assert [number for number in numbers if "fluxmig/blocked" in world.pull(number).labels] == []
    await world.passes(hours=2)
    await world.passes(minutes=6)
    assert all("fluxmig/blocked" in world.pull(number).labels for number in numbers)


async def test_checks_go_before_labels(world: World) -> None:
    wait_many(world)
    seen = len(world.github.log.exchanges)
    await world.settle(budget=4000)
    told = [one.request_body["query"] for one in world.github.log.exchanges[seen:] if one.path.endswith("/graphql")]
    kinds = ["CheckRun" if "CheckRun(" in query else "Labels" for query in told if query.startswith("mutation")]
    assert kinds == sorted(kinds)
    assert set(kinds) == {"CheckRun", "Labels"}
