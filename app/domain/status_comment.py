"""The one comment on a pull request: the words of its check, for people who read conversations and not checks."""

import hashlib
from dataclasses import dataclass

from app.domain.checks import CheckText, escape_markdown, sentence_markdown
from app.domain.messages.words import comment_footer
from app.domain.model import State

COMMENT_MARKER = "<!-- fluxmig:v1 pr -->"
"""Tells our comment from our answers. Only what our own App wrote is looked at: anybody can write a marker."""
COMMENTED = frozenset({State.BLOCKED, State.WAITING_ROLLOUT, State.NEEDS_REVIEW})
"""What is worth a comment where there is none yet: something is to be waited for, or decided."""


@dataclass(frozen=True, slots=True)
class CommentText:
    body: str
    digest: str


@dataclass(frozen=True, slots=True)
class KnownComment:
    """What stands on GitHub: `comment_id` is None once a person has deleted it."""

    comment_id: int | None
    digest: str
    state: State


def comment_text(check: CheckText, *, number: int) -> CommentText:
    # A title that was cut within `…` would leave the rest of the comment to whatever stands there.
    heading = sentence_markdown(check.title) if check.title.count("`") % 2 == 0 else escape_markdown(check.title)
    body = f"{COMMENT_MARKER}\n**{heading}**\n\n{check.summary}\n\n---\n{comment_footer(number)}\n"
    return CommentText(body, hashlib.sha256(f"comment\0{check.digest}".encode()).hexdigest())


def is_worth_a_comment(text: CommentText, state: State, known: KnownComment | None) -> bool:
    """Whether it is to be written: for the first time, where its words changed, or, once a person has deleted it, when
    the verdict has become another one that asks for something."""
    if known is None:
        return state in COMMENTED
    if known.comment_id is None:
        return state in COMMENTED and state is not known.state
    return text.digest != known.digest
