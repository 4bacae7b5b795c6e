"""`fluxmig serve`, `fluxmig worker` and their neighbours as real processes, with the stand-in GitHub on a port."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from app.demo.github import GitHub, create_github_app
from app.demo.github.repository import Repository
from app.demo.servers import address_of, bind, served
from app.demo.story import load_story

PATIENCE_SECONDS = 60
FLUXMIG = (sys.executable, "-m", "app")


def environment(github: GitHub, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "FLUXMIG_GITHUB_API_URL": github.api_url,
        "FLUXMIG_GITHUB_APP_ID": str(github.app.id),
        "FLUXMIG_GITHUB_PRIVATE_KEY": github.app.private_key,
        "FLUXMIG_GITHUB_WEBHOOK_SECRET": github.app.webhook_secret,
        "FLUXMIG_SECRET_KEY": "k" * 32,
        "FLUXMIG_ADMIN_TOKEN": "t" * 32,
        **more,
    }


@pytest.fixture
async def github() -> AsyncIterator[GitHub]:
    listener = bind(0)
    github = GitHub(api_url=address_of(listener))
    async with served(create_github_app(github), listener):
        yield github


@asynccontextmanager
async def running(*arguments: str, env: dict[str, str]) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(*FLUXMIG, *arguments, env=env, stdout=PIPE, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await holds():  # noqa: ASYNC110 (other processes send no event)
            await asyncio.sleep(0.05)


def answers(client: httpx.AsyncClient, path: str) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        try:
            return (await client.get(path)).status_code == 200
        except httpx.TransportError:
            return False

    return holds


def has_check(repository: Repository, number: int, conclusion: str) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        runs = repository.latest_check_runs(repository.pull_request(number).head_sha)
        return [run.conclusion for run in runs if run.name == "fluxmig"] == [conclusion]

    return holds


async def finished(process: Process) -> tuple[int, str]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        _, errors = await process.communicate()
    assert process.returncode is not None
    return process.returncode, errors.decode()


async def run(*arguments: str, env: dict[str, str]) -> str:
    """What a command says that ends well."""
    async with running(*arguments, env=env) as process, asyncio.timeout(PATIENCE_SECONDS):
        said, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return said.decode()


async def test_serve_looks_at_what_is_installed_takes_a_delivery_and_ends_in_order(
    github: GitHub, database_url: str
) -> None:
    repository = load_story(github)
    port = address_of(listener := bind(0)).rpartition(":")[2]
    listener.close()
    env = environment(github, DATABASE_URL=database_url, FLUXMIG_LOG_FORMAT="json")
    async with (
        running("serve", "--port", port, env=env) as process,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        await until(answers(client, "/readyz"))
        await until(has_check(repository, 34, "action_required"))

        github.webhooks.url = f"http://127.0.0.1:{port}/webhooks/github"
        repository.pull_request(38).comment("/fluxmig hold", by=github.owner)
        await github.webhooks.deliver_all(client)
        await until(has_check(repository, 38, "action_required"))

        assert await run("healthcheck", env={**env, "FLUXMIG_PORT": port}) == "ready\n\n"
        said = await run("explain", "wcygan/homelab", "34", env={**env, "FLUXMIG_PORT": port})
        assert said.startswith("#34 fix(deps): update dependency ocirepository")
        assert "  waits for #30 (needs, hard, rolled_out): #34 needs OCIRepository" in said
        assert "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml:5: version: 2.5.1" in said
        async with running("doctor", "wcygan/homelab", env={**env, "FLUXMIG_PORT": port}) as doctor:
            said = (await doctor.communicate())[0].decode()
        assert doctor.returncode == 1
        assert said.startswith("problem  cluster: No cluster is connected")
        assert "ok       permissions: The installation has every permission that fluxmig uses." in said
        told = await run("sync", "wcygan/homelab", env={**env, "FLUXMIG_PORT": port})
        assert told == "wcygan/homelab will be read anew.\n"
        guid = github.webhooks.attempts[-1].delivery.guid
        assert await run("replay", guid, env={**env, "FLUXMIG_PORT": port}) == f"{guid} is back in the inbox.\n"

        process.send_signal(signal.SIGTERM)
        status, errors = await finished(process)
    assert status == 0, errors
    assert "Traceback" not in errors


async def test_a_worker_alone_does_the_work_of_a_web_that_has_none(github: GitHub, database_url: str) -> None:
    repository = load_story(github)
    env = environment(github, DATABASE_URL=database_url)
    async with running("worker", env=env) as process:
        await until(has_check(repository, 34, "action_required"))
        process.send_signal(signal.SIGTERM)
        status, errors = await finished(process)
    assert status == 0, errors


async def test_without_settings_it_says_all_that_is_missing() -> None:
    async with running("serve", env={"PATH": os.environ["PATH"]}) as process:
        status, errors = await finished(process)
    assert status == 2
    assert errors.splitlines()[0] == "fluxmig cannot start:"
    assert "FLUXMIG_GITHUB_APP_ID: is not set" in errors
    assert "FLUXMIG_SECRET_KEY: is not set" in errors


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://root:hunter2@db/x", "fluxmig keeps its data in PostgreSQL only"),
        ("not a url", "DATABASE_URL is not a URL."),
        ("postgresql://user:hunter2@127.0.0.1:1/x", "does not lead to a PostgreSQL that lets fluxmig in"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "demo"])
async def test_a_wrong_database_url_gets_a_sentence_without_its_password(
    github: GitHub, command: str, url: str, said: str
) -> None:
    async with running(command, env=environment(github, DATABASE_URL=url)) as process:
        status, errors = await finished(process)
    assert status == 1
    assert said in errors
    assert "hunter2" not in errors
    assert "Traceback" not in errors


async def test_a_taken_port_is_named(github: GitHub, database_url: str) -> None:
    taken = bind(0)
    port = address_of(taken).rpartition(":")[2]
    async with running("serve", "--port", port, env=environment(github, DATABASE_URL=database_url)) as process:
        status, errors = await finished(process)
    taken.close()
    assert (status, errors.strip()) == (
        1,
        f"127.0.0.1:{port} is taken. Choose another port with --port or FLUXMIG_PORT.",
    )


async def test_the_demo_plays_to_its_end_and_takes_the_next_port(database_url: str, tmp_path: Path) -> None:
    taken = bind(18_080)
    port = int(address_of(taken).rpartition(":")[2])
    out = tmp_path / "demo.jsonl"
    env = {"PATH": os.environ["PATH"], "DATABASE_URL": database_url}
    process = await asyncio.create_subprocess_exec(
        *FLUXMIG, "demo", "--once", "--json", str(out), "--port", str(port), env=env, stdout=PIPE, stderr=PIPE
    )
    async with asyncio.timeout(PATIENCE_SECONDS * 2):
        said, errors = await process.communicate()
    taken.close()
    assert process.returncode == 0, errors.decode()
    assert f"Port {port} is taken; using the next free one." in said.decode()
    assert_story(out)


def assert_story(out: Path) -> None:
    """The states of #34 in the order of the story, and the end of the others."""
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert all(set(line) == {"t", "event", "pr", "state", "reason", "writes"} for line in lines)
    told = [line["state"] for line in lines if line["pr"] == 34 and line["event"] in ("classified", "state")]
    assert list(dict.fromkeys(told)) == ["blocked", "waiting-rollout", "ready", "merged"]
    events = [line["event"] for line in lines if line["pr"] == 34]
    assert events.index("rebase-requested") < events.index("rebased")
    last = {line["pr"]: line["state"] for line in lines}
    assert {number for number, state in last.items() if state != "merged"} == {15, 37}
    assert {last[15], last[37]} == {"needs-review"}
    assert [line["writes"] for line in lines] == sorted(line["writes"] for line in lines)
