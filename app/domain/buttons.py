"""The buttons below a check run: the commands that fit its state, at most three.

GitHub allows 20 characters for a label, 40 for a description and 20 for an identifier
(https://docs.github.com/en/rest/checks/runs#create-a-check-run). A press is authorised like a comment.

Rebase is offered wherever the command would be carried out. Whether a branch is behind is not asked for it: that would
be a call for each pull request at each push to the base, and the button would rewrite the check each time.
"""

from dataclasses import dataclass

from app.domain.commands import Verb
from app.domain.model import State


@dataclass(frozen=True, slots=True)
class Button:
    """`verb` is also the identifier that GitHub sends back."""

    verb: Verb
    label: str
    description: str


REBASE = Button(Verb.REBASE, "Rebase", "Ask Renovate to rebase this")
HOLD = Button(Verb.HOLD, "Hold", "Hold this until somebody ends it")
UNHOLD = Button(Verb.UNHOLD, "Unhold", "End the hold")
CONFIRM = Button(Verb.CONFIRM, "Confirm rollout", "You have seen the cluster run it")

BUTTONS = {button.verb.value: button for button in (REBASE, HOLD, UNHOLD, CONFIRM)}


def buttons_of(state: State) -> tuple[Button, ...]:
    """What one may press below the check of an open pull request by Renovate."""
    match state:
        case State.HELD:
            return (UNHOLD,)
        case State.WAITING_ROLLOUT:
            return (CONFIRM, HOLD)
        case State.BLOCKED:
            return (HOLD,)
        case State.READY | State.NEEDS_REVIEW | State.UNKNOWN:
            return (REBASE, HOLD)
        case State.MERGED | State.CLOSED:
            return ()
