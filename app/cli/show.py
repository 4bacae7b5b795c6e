"""Ask and steer a running service over its REST API: `explain`, `doctor`, `sync`, `replay`.

The address is that of the service's own settings, the token is FLUXMIG_ADMIN_TOKEN; so it works beside the service,
and with `--url` from anywhere.
"""

import os
from json import dumps as dump
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer

from app.cli.arguments import RepositoryName, Url
from app.cli.service import fail, service_url
from app.config import SettingsError, collect

TIMEOUT_SECONDS = 30
_HEALTH = ("problem", "unknown", "ok")


def explain(
    repository: RepositoryName, number: Annotated[int, typer.Argument(min=1, help="The pull request.")], url: Url = ""
) -> None:
    """Say why a pull request is in its state."""
    told = ask("GET", f"/repositories/{repository}/pulls/{number}", url)
    pull = told["pull_request"]
    typer.echo(f"#{pull['number']} {pull['title']}\n{pull['state']}: {pull['reason']}")
    for edge in told["waits_for"]:
        target = f"#{edge['to']}" if edge["to"] is not None else "nothing open"
        typer.echo(f"  waits for {target} ({edge['kind']}, {edge['strength']}, {edge['condition']}): {edge['reason']}")
        for line in edge["evidence"]:
            where = f"{line['file']}:{line['line']}" if line["line"] else line["file"]
            typer.echo(f"    {where}: {line['text']}")
    for step in told["what_would_change"]:
        typer.echo(f"  to change it: {step}")
    for incident in told.get("incidents", ()):
        over = f" Over: {incident['ending']}." if incident["closed_at"] else ""
        typer.echo(f"  broke: {incident['sentence']}{over}")
    rollback = told.get("rollback")
    if rollback:
        for place, revert in enumerate(rollback["reverts"], start=1):
            why = f": {revert['why']}" if revert["why"] else ""
            typer.echo(f"  to take it back, {place}. revert #{revert['number']}{why}")
        for obstacle in rollback["obstacles"]:
            typer.echo(f"  to take it back: {obstacle}")
        for doubt in rollback["doubts"]:
            typer.echo(f"  to take it back, not known: {doubt}")
        for line in rollback["commands"]:
            typer.echo(f"    $ {line}")
    for write in told.get("would_write", ()):
        typer.echo(f"  would write, were the mode `act`: {write}")


def doctor(repository: RepositoryName, url: Url = "") -> None:
    """Examine whether a held pull request really waits, and say what mends what is wrong: exit status 0 or 1."""
    told = ask("GET", f"/repositories/{repository}/doctor", url)
    for found in sorted(told["findings"], key=lambda found: _HEALTH.index(found["health"])):
        typer.echo(f"{found['health']:<7}  {found['name']}: {found['sentence']}")
        if found["mend"]:
            typer.echo(f"         → {found['mend']}")
    if any(found["health"] == "problem" for found in told["findings"]):
        raise typer.Exit(1)


def sync(repository: RepositoryName, url: Url = "") -> None:
    """Have the service read a repository from GitHub anew."""
    ask("POST", f"/repositories/{repository}/sync", url)
    typer.echo(f"{repository} will be read anew.")


def replay(
    guid: Annotated[str, typer.Argument(help="The delivery's GUID, as GitHub shows it.")], url: Url = ""
) -> None:
    """Put a stored delivery back into the inbox."""
    ask("POST", f"/deliveries/{quote(guid, safe='')}/replay", url)
    typer.echo(f"{guid} is back in the inbox.")


def ask(method: str, path: str, url: str, *, json: object = None) -> Any:
    """The JSON of the answer; anything but success ends with the service's own sentence."""
    return _answer(method, path, url, json).json()


def ask_text(path: str, url: str) -> str:
    """What is no JSON."""
    return _answer("GET", path, url, None).text


def echo_json(told: object) -> None:
    typer.echo(dump(told, indent=2, ensure_ascii=False))


def _answer(method: str, path: str, url: str, json: object) -> httpx.Response:
    base = url or service_url()
    headers = _authorization()
    try:
        response = httpx.request(
            method, f"{base}/api/v1{path}", json=json, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False
        )
    except httpx.ReadTimeout:
        fail(f"{base} took the question and gave no answer within {TIMEOUT_SECONDS} s. Look at its log.")
    except httpx.HTTPError as error:
        fail(f"{base} does not answer: {error}. Is `fluxmig serve` running there?")
    if not response.is_success:
        try:
            body = response.json()
        except ValueError:
            body = {}
        fail(_refusal(body) if isinstance(body, dict) and body.get("detail") else _stranger(base, response))
    return response


def _refusal(body: dict[str, Any]) -> str:
    """The service's own sentence, with the faults that it speaks of."""
    faults = [f"  {fault['field']}: {fault['fault']}" for fault in body.get("faults", ())]
    return "\n".join([str(body["detail"]), *faults])


def _stranger(base: str, response: httpx.Response) -> str:
    return f"{base} answered {response.status_code}, not as fluxmig does. Is it the address of fluxmig?"


def _authorization() -> dict[str, str]:
    try:
        token = collect(os.environ).get("admin_token")
    except SettingsError as error:
        fail(str(error), status=2)
    if not token:
        fail("Set FLUXMIG_ADMIN_TOKEN to the service's admin token.", status=2)
    return {"Authorization": f"Bearer {token}"}
