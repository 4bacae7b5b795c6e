"""What became of a command, and of all commands of a comment."""

from collections.abc import Iterable
from dataclasses import dataclass

_STRONGEST = ("confused", "rocket", "+1")


@dataclass(frozen=True, slots=True)
class Answer:
    """`reaction` is GitHub's name of an emoji; `comment` is empty where the reaction says enough.

    Where `is_collaborator` is not known, the answer to a button is kept in the history and not written to GitHub.
    """

    state: str
    reaction: str
    comment: str = ""
    is_collaborator: bool = True


WITHDRAWN = Answer("withdrawn", "")


def done(comment: str = "", *, reaction: str = "+1") -> Answer:
    return Answer("done", reaction, comment)


def refused(comment: str) -> Answer:
    return Answer("refused", "confused", comment)


def one_reaction(reactions: Iterable[str]) -> str:
    """That of a comment: what was refused shows, and what Renovate was asked for."""
    given = set(reactions)
    return next(reaction for reaction in _STRONGEST if reaction in given)
