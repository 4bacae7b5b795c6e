"""Something that nobody expected in one pull request, comment or event holds up nobody else."""

import pytest

from app.domain.model import State
from tests.world import World

NUL_LATE = "# " + "x\n# " * 3000 + "\0\n"
"""Git calls a file binary by its first 8,000 bytes, so GitHub sends a patch for this one."""


@pytest.mark.parametrize("path", ["notes/a.yaml", "kubernetes/apps/a.yaml"])
async def test_a_nul_late_in_a_file_makes_it_binary(world: World, path: str) -> None:
    pull = world.repository.open_pull_request(
        title="Innocent", branch="renovate/innocent", changes={path: NUL_LATE}, by=world.github.renovate
    )
    await world.settle()
    await world.merges(30)
    await world.cluster_reconciles()
    assert await world.state(34) is State.READY
    (change,) = (await world.row(pull.number)).changes
    assert change["after"] is None
    pull.push({path: "kind: ConfigMap\n"}, message="Mend it", by=world.github.renovate)
    await world.settle()
    (change,) = (await world.row(pull.number)).changes
    assert change["before"] is None
    assert change["after"] is not None


async def test_a_nul_anywhere_else_is_replaced(world: World) -> None:
    pull = world.repository.open_pull_request(
        title="Inno\0cent", branch="x", changes={"README.md": "x\0"}, body="bo\0dy", by=world.github.writer
    )
    pull.label("la\0bel", by=world.github.writer)
    pull.comment("/fluxmig hold until \0 comes", by=world.github.owner)
    await world.says(34, "/fluxmig hold for\0 me")
    row = await world.row(pull.number)
    assert (row.title, row.body, row.labels) == ("Inno\ufffdcent", "bo\ufffddy", ["la\ufffdbel"])
    assert await world.state(34) is State.HELD
    world.cluster.tells("Kustomization/flux-system/no\0pe", "Prog\0ressing", "me\0ssage", revision="main@sha1:\0")
    await world.cluster_reconciles()
    await world.merges(30)
    assert await world.state(30) is State.MERGED
