"""What became of a command."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """`reaction` is GitHub's name of an emoji; `comment` is empty where the reaction says enough.

    Where `is_collaborator` is not known, the answer to a button is kept in the history and not written to GitHub.
    """

    state: str
    reaction: str
    comment: str = ""
    is_collaborator: bool = True


def done(comment: str = "", *, reaction: str = "+1") -> Answer:
    return Answer("done", reaction, comment)


def refused(comment: str) -> Answer:
    return Answer("refused", "confused", comment)
