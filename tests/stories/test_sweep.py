"""A full look at a repository costs few calls and, where nothing has changed, no write."""

from datetime import timedelta

import pytest

from app.demo.github.model import User
from app.domain.model import State
from app.services.sweep import ask_for_sweep
from tests.world import World

MANY = 1_000


def open_many(world: World, count: int = MANY) -> list[int]:
    """Pull requests by a person, without a word of GitHub's to the service."""
    numbers = []
    with world.github.silent():
        for index in range(count):
            pull = world.repository.open_pull_request(
                title=f"Workflow {index}",
                branch=f"topic/many-{index}",
                changes={f".github/workflows/many-{index}.yaml": f"uses: actions/checkout@v4.{index}\n"},
                by=world.github.writer,
            )
            numbers.append(pull.number)
    return numbers


async def test_a_thousand_open_pull_requests_cost_ten_calls_and_no_write(world: World) -> None:
    numbers = open_many(world)
    await ask_for_sweep(world.context)
    await world.settle(budget=20_000)
    assert {await world.state(number) for number in numbers[:3]} == {State.READY}
    calls, writes = world.github.log.calls, len(world.github.log.list_writes())
    await world.sweeps()
    assert len(world.github.log.list_writes()) == writes
    assert world.github.log.calls - calls <= 13, "a page for each hundred, and two for the installation"


async def test_where_graphql_does_not_answer_rest_does(world: World) -> None:
    world.github.faults.fail_next(502, match="/graphql", times=30)
    world.clock.now += timedelta(minutes=1)
    with world.github.silent():
        pull = world.pull(38)
        pull.edit(title="chore(deps): another title", by=world.github.owner)
    await world.sweeps()
    assert (await world.row(38)).title == "chore(deps): another title"
    world.github.faults.clear()


async def test_authors_and_forks_are_seen_as_rest_shows_them(world: World) -> None:
    await world.sweeps()
    row = await world.row(38)
    assert (row.author, row.by_renovate) == (world.github.renovate.login, True)
    assert row.author.endswith("[bot]")
    person: User = world.github.writer
    mine = world.repository.open_pull_request(title="Mine", branch="mine", changes={"a.md": "a\n"}, by=person)
    await world.sweeps()
    assert (await world.row(mine.number)).author == person.login


@pytest.mark.parametrize(
    ("what", "calls"),
    [
        ("title", 1),
        ("label", 1),
        ("comment", 0),
        ("draft", 1),
        ("foreign check", 0),
        ("push to another branch", 0),
    ],
)
async def test_an_event_that_changes_nothing_visible_costs_two_calls_at_most_and_no_write(
    world: World, what: str, calls: int
) -> None:
    before, writes = world.github.log.calls, len(world.github.log.list_writes())
    pull, owner = world.pull(38), world.github.owner
    match what:
        case "title":
            pull.edit(title=f"{pull.title} ", by=owner)
        case "label":
            pull.label("priority", by=owner)
        case "comment":
            pull.comment("a word of a person", by=owner)
        case "draft":
            pull.convert_to_draft(by=owner)
        case "foreign check":
            world.repository.set_status(pull.head_sha, "ci", "success", description="fine")
        case _:
            world.repository.push_to_branch("topic", {"b.md": "b\n"}, message="Topic", by=owner)
    await world.settle()
    assert len(world.github.log.list_writes()) == writes
    assert world.github.log.calls - before == calls <= 2


async def test_a_merged_blocker_with_many_behind_it_by_rest_alone(world: World) -> None:
    """The floor of REST: a read and a write for each, where GraphQL does not answer."""
    manifest = (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata:\n  name: many{0}\n"
        "  namespace: default\nspec:\n  interval: 1h\n  url: oci://example.com/many{0}\n"
    )
    numbers = [
        world.repository.open_pull_request(
            title=f"fix(deps): update ocirepository many{index}",
            branch=f"renovate/many{index}-1.x",
            changes={f"kubernetes/apps/default/many{index}/ocirepository.yaml": manifest.format(index)},
            body=world.pull(34).body,
            by=world.github.renovate,
        ).number
        for index in range(100)
    ]
    await world.settle(budget=4000)
    world.github.faults.fail_next(502, match="/graphql", times=10_000)
    calls = world.github.log.calls
    world.pull(30).merge(by=world.github.owner)
    await world.settle(budget=4000)
    for _ in range(4):
        await world.passes(minutes=6)
    assert {world.check_title(number) for number in numbers} == {"#30 is merged, not yet rolled out"}
    assert world.github.log.calls - calls <= 204
    world.github.faults.clear()
