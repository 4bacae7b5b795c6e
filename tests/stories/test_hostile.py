"""Something that nobody expected in one pull request, comment or event holds up nobody else."""

from collections.abc import Sequence
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.exc import DataError, OperationalError

from app.domain.model import State
from app.github.errors import HeldBack, RateLimited, Refused, Unavailable
from app.github.facts import FileFacts
from app.github.gateway import RepositoryGateway
from app.services import branches, execute, facts
from app.services.changes import read_changes
from app.services.context import AppContext
from app.services.facts import Look
from app.services.rebase import request_rebase
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


async def test_one_on_which_we_fail_holds_up_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    read = read_changes

    async def fail(context: AppContext, gateway: RepositoryGateway, id_: int, files: Sequence[FileFacts]) -> object:
        if any(file.filename == "odd.yaml" for file in files):
            raise RecursionError("nobody thought of that")
        return await read(context, gateway, id_, files)

    monkeypatch.setattr(facts, "read_changes", fail)
    monkeypatch.setattr(branches, "read_changes", fail)
    odd = world.repository.open_pull_request(
        title="Odd", branch="renovate/odd", changes={"odd.yaml": "a: 1\n"}, by=world.github.renovate
    )
    await world.settle()
    await world.merges(30)
    await world.cluster_reconciles()
    assert await world.state(34) is State.READY
    await world.passes(minutes=2)
    await world.passes(minutes=2)
    told = [line for line in await world.history(odd.number) if "Could not be read" in line]
    assert len(told) == 1
    assert "Could not be read (RecursionError); what stands here is what was known before." in told[0]
    monkeypatch.undo()
    await world.passes(minutes=2)
    assert (await world.row(odd.number)).title == "Odd"


GET = "GET /pulls/1"


@pytest.mark.parametrize(
    ("fault", "is_of_one"),
    [
        (DataError("insert", {}, Exception()), True),
        (UnicodeEncodeError("utf-8", "x", 0, 1, "no surrogates"), True),
        (RecursionError(), True),
        (Refused(GET, "422"), True),
        (Unavailable(GET, "502"), True),
        (OperationalError("select 1", {}, Exception()), False),
        (psycopg.OperationalError(), False),
        (OSError(), False),
        (TimeoutError(), False),
        (MemoryError(), False),
        (facts.StaleRead(), False),
        (RateLimited(GET, "429", timedelta(minutes=1)), False),
        (HeldBack(GET, "later"), False),
    ],
)
def test_what_is_away_is_not_the_fault_of_one(fault: Exception, is_of_one: bool) -> None:
    assert facts.is_of_one(fault) is is_of_one


async def test_a_write_on_which_we_fail_holds_up_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(look: Look, number: int) -> object:
        if number == 34:
            raise RecursionError("nobody thought of that")
        return await request_rebase(look, number)

    monkeypatch.setattr(execute, "request_rebase", fail)
    config = {".github/fluxmig.yaml": "mode: act\ncomment: true\n"}
    world.repository.push(config, message="Configure", by=world.github.owner)
    await world.settle()
    await world.merges(30)
    await world.cluster_reconciles()
    assert (world.check(34), await world.rebases(34)) == ("success", [])
    assert "Ready" in world.pull(34).last_comment, "what comes after it in the same look"
    world.pull(36).push({"docs/more.md": "more\n"}, message="more", by=world.github.renovate)
    await world.settle()
    assert world.check(36) == "success"
    monkeypatch.undo()
    await world.passes(minutes=6)
    assert await world.rebases(34) == ["requested"]
