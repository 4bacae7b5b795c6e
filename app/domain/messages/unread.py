"""What could not be read, and what follows from that."""

from collections.abc import Sequence

from app.domain.messages.phrases import at, listed
from app.domain.model import Evidence


def unread_reason(paths: Sequence[str]) -> str:
    return f"Unknown: {listed(paths)} could not be read, so what it needs is not known."


def not_read_note(why: str) -> str:
    return f"Could not be read ({why}); what stands here is what was known before. It is tried again each minute."


def unread_part(line: Evidence, why: str) -> str:
    """`apps/a.yaml:3 (a template decides the API)`."""
    return f"{at(line)} ({why})"


def unread_part_reason(parts: Sequence[str]) -> str:
    return f"Unknown: it changes what could not be read: {listed(parts)}, so what it needs is not known."


def base_unread_warning(parts: Sequence[str]) -> str:
    return f"Parts of the base branch could not be read and count for nothing: {listed(parts)}."


def assumed_reason(*, number: int, api: str, use: Evidence, why: str, scope: str) -> str:
    return (
        f"Unknown: #{number} needs {api} unless somebody sets the variable of `{use.text}` in {at(use)}, "
        f"and cluster {scope} is not known to serve it: {why}."
    )
