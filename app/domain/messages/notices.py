"""What is told outside GitHub."""

from collections.abc import Sequence

from app.domain.model import Evidence

MOST_TOLD = 20
"""Sentences in one message; channels cut long ones at places of their own choice."""


def config_broken_notice(problem: Evidence) -> str:
    return f"The configuration is broken and does not judge: {problem.file}:{problem.line}: {problem.text}"


def renovate_silent_notice(*, number: int) -> str:
    return f"#{number}: Renovate was asked to rebase it and did not react. Is it running?"


def notice_title(repository: str, texts: Sequence[str]) -> str:
    things = "one thing needs" if len(texts) == 1 else f"{len(texts)} things need"
    return f"{repository}: {things} a person"


def notice_body(texts: Sequence[str], *, page: str) -> str:
    """Plain text: each channel has markup of its own, and the sentences quote titles that strangers wrote."""
    told = [f"- {text}" for text in texts[:MOST_TOLD]]
    more = len(texts) - MOST_TOLD
    return "\n".join([*told, *([f"- and {more} more"] if more > 0 else []), "", page])


TEST_TITLE = "fluxmig: a test"
TEST_BODY = "If you can read this, the channel works."
