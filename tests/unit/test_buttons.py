"""Which buttons a state has, GitHub's limits for them, and which presses count."""

import json

import pytest

from app.domain.buttons import BUTTONS, CONFIRM, HOLD, REBASE, UNHOLD, Button, buttons_of
from app.domain.events import ButtonPressed, CheckRerequested, Event, Ignored
from app.domain.model import State
from app.github.webhooks import parse_event

APP, SHA = 25811, "5bd5f196a46b8222fb7484f05faba41a73cf34bd"


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        (State.READY, (REBASE, HOLD)),
        (State.NEEDS_REVIEW, (REBASE, HOLD)),
        (State.UNKNOWN, (REBASE, HOLD)),
        (State.BLOCKED, (HOLD,)),
        (State.WAITING_ROLLOUT, (CONFIRM, HOLD)),
        (State.HELD, (UNHOLD,)),
        (State.MERGED, ()),
        (State.CLOSED, ()),
    ],
)
def test_the_buttons_of_a_state(state: State, buttons: tuple[Button, ...]) -> None:
    assert buttons_of(state) == buttons
    assert len(buttons) <= 3


@pytest.mark.parametrize("button", BUTTONS.values(), ids=list(BUTTONS))
def test_a_button_keeps_to_githubs_limits(button: Button) -> None:
    assert len(button.label) <= 20
    assert len(button.description) <= 40
    assert len(button.verb.value) <= 20


def check_run(action: str, *, app: int = APP, sender: str = "User", pressed: str | None = None) -> bytes:
    payload: dict[str, object] = {
        "action": action,
        "check_run": {"id": 1494503112, "head_sha": SHA, "status": "completed", "app": {"id": app}},
        "sender": {"login": "octocat", "type": sender},
    }
    if pressed is not None:
        payload["requested_action"] = {"identifier": pressed}
    return json.dumps(payload).encode()


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (check_run("requested_action", pressed="hold"), ButtonPressed(SHA, 1494503112, HOLD, "octocat")),
        (check_run("requested_action", pressed="hold", app=1), Ignored("a button of another App")),
        (check_run("requested_action", pressed="hold", sender="Bot"), Ignored("bots give no commands")),
        (check_run("requested_action", pressed="approve"), Ignored("a button that fluxmig does not know")),
        (check_run("requested_action", pressed="HOLD"), Ignored("a button that fluxmig does not know")),
        (check_run("requested_action"), Ignored("a button that fluxmig does not know")),
        (check_run("rerequested"), CheckRerequested(SHA)),
        (check_run("rerequested", app=1), Ignored("a check of another App")),
        (check_run("completed"), Ignored("a check that is completed asks for nothing")),
    ],
)
def test_which_presses_count(body: bytes, event: Event) -> None:
    assert parse_event("check_run", body, app_id=APP) == event
