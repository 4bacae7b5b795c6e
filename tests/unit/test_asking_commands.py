"""The commands that ask a running service: which arguments they take, and the words where it cannot answer."""

from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.cli.arguments import parse_repository

Answers = list[httpx.Response | Exception]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """What the service will answer."""
    found: Answers = []

    def answer(*_: str, **__: Any) -> httpx.Response:
        told = found.pop(0)
        if isinstance(told, Exception):
            raise told
        return told

    monkeypatch.setattr(httpx, "request", answer)
    monkeypatch.setenv("FLUXMIG_ADMIN_TOKEN", "a-token-of-more-than-32-characters-x")
    return found


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, words, env={"COLUMNS": "200", "TERM": "dumb"})
    return done.exit_code, " ".join(done.output.replace("│", " ").split())


@pytest.mark.parametrize(
    "text",
    [
        "octocat/homelab",
        "https://github.com/octocat/homelab",
        "https://github.com/octocat/homelab.git",
        "https://github.com/octocat/homelab/pull/34?x#y",
        "git@github.com:octocat/homelab.git",
        "ssh://git@github.com/octocat/homelab",
    ],
)
def test_a_repository_by_name_or_address(text: str) -> None:
    assert parse_repository(text) == "octocat/homelab"


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize("repository", ["foo", "a/b/c", "/b", "a/", "a b/c", "https://github.com/octocat", "a/b?c"])
@pytest.mark.parametrize(
    "command", [("doctor",), ("sync",), ("explain",), ("milestone", "show"), ("milestone", "list")]
)
def test_what_names_no_repository_is_refused_at_once(command: tuple[str, ...], repository: str) -> None:
    number = ("3",) if command[-1] in ("explain", "show") else ()
    code, said = run(*command, repository, *number)
    assert (code, "names no repository; write OWNER/NAME" in said) == (2, True), said


@pytest.mark.usefixtures("answers")
@pytest.mark.parametrize("url", ["127.0.0.1:8080", "localhost", "ftp://x", "http://", "http://x:port", "http://[x"])
@pytest.mark.parametrize("command", [("doctor", "o/n"), ("replay", "x"), ("healthcheck",)])
def test_an_address_that_is_none(command: tuple[str, ...], url: str) -> None:
    code, said = run(*command, "--url", url)
    assert (code, "is no address of a service; write it as in http://127.0.0.1:8080" in said) == (2, True), said


@pytest.mark.usefixtures("answers")
def test_there_is_no_pull_request_0() -> None:
    code, said = run("explain", "a/b", "0")
    assert (code, "Input should be greater than or equal to 1" in said) == (2, True), said


def test_a_refusal_with_its_faults(answers: Answers) -> None:
    faults = [{"field": "path.number", "fault": "Input should be less than 2147483648"}]
    answers.append(httpx.Response(422, json={"detail": "The request is wrong: see `faults`.", "faults": faults}))
    code, said = run("explain", "a/b", "9999999999", "--url", "http://s")
    assert (code, said) == (
        1,
        "The request is wrong: see `faults`. path.number: Input should be less than 2147483648",
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.ReadTimeout("timed out"), "http://s took the question and gave no answer within 30 s. Look at its log."),
        (httpx.ConnectError("refused"), "http://s does not answer: refused. Is `fluxmig serve` running there?"),
        (
            httpx.Response(502, text="<html>"),
            "http://s answered 502, not as fluxmig does. Is it the address of fluxmig?",
        ),
        (httpx.Response(404, json=[]), "http://s answered 404, not as fluxmig does. Is it the address of fluxmig?"),
    ],
)
def test_a_service_that_does_not_answer(answers: Answers, answer: httpx.Response | Exception, words: str) -> None:
    answers.append(answer)
    assert run("doctor", "o/n", "--url", "http://s") == (1, words)
