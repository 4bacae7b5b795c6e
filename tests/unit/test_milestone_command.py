"""`fluxmig milestone` beside a service: what it asks, and what it prints of the answer."""

from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from app.cli import cli

HEAD = {"number": 1, "title": "Flux\x1b[31m", "resolved": 8, "total": 18, "closed_why": "", "page": "http://s/r/o/n/1"}
ANSWERS: dict[tuple[str, str], Any] = {
    ("POST", "/milestones"): HEAD,
    ("GET", "/milestones"): {"items": [HEAD, {**HEAD, "number": 2, "closed_why": "Reached: 18 of 18 resolved."}]},
    ("GET", "/milestones/1"): HEAD,
    ("GET", "/milestones/1/markdown"): "# Flux\x1b\n\n- [x] done\n",
    ("POST", "/milestones/1/close"): {**HEAD, "closed_why": "Closed by an admin before it was reached."},
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    found: list[tuple[str, str, Any]] = []

    def answer(method: str, url: str, *, json: Any, **_: Any) -> httpx.Response:
        path = url.removeprefix("http://s/api/v1/repositories/o/n")
        found.append((method, path, json))
        told = ANSWERS.get((method, path))
        if told is None:
            return httpx.Response(404, json={"detail": "o/n has no milestone 9."})
        return httpx.Response(200, text=told) if isinstance(told, str) else httpx.Response(200, json=told)

    monkeypatch.setattr(httpx, "request", answer)
    monkeypatch.setenv("FLUXMIG_ADMIN_TOKEN", "a-token-of-more-than-32-characters-x")
    return found


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["milestone", *words, "--url", "http://s"])
    return done.exit_code, done.output


def test_create_sends_the_wish(asked: list[tuple[str, str, Any]]) -> None:
    code, said = run("create", "o/n", "--goal", "flux 2.6.1", "--title", "Flux", "--issue")
    assert (code, said) == (0, "1  Flux [31m: 8 of 18 resolved\nhttp://s/r/o/n/1\n")
    assert asked == [("POST", "/milestones", {"goal": "flux 2.6.1", "title": "Flux", "issue": True})]


@pytest.mark.usefixtures("asked")
def test_list_show_and_close_print_the_answer() -> None:
    assert run("list", "o/n")[1].splitlines()[1] == "  2  Flux [31m: Reached: 18 of 18 resolved."
    assert run("show", "o/n", "1") == (0, "# Flux \n\n- [x] done\n")
    assert '"resolved": 8' in run("show", "o/n", "1", "--format", "json")[1]
    assert run("close", "o/n", "1")[1].endswith("Closed by an admin before it was reached.\n")


@pytest.mark.usefixtures("asked")
def test_a_refusal_is_the_services_own_sentence() -> None:
    code, said = run("show", "o/n", "9")
    assert code == 1
    assert "o/n has no milestone 9." in said
