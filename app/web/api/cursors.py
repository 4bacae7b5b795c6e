"""Pages of lists that grow: `limit`, and `cursor` as the answer before gave it in `next`."""

import base64
import binascii
import json
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from app.web.problems import ProblemDetail

T = TypeVar("T")

REFUSED_CURSOR = "This cursor is not one that this list gave. Leave it out to start from the beginning."

Limit = Annotated[int, Query(ge=1, le=100, description="at most so many items", examples=[50])]
Cursor = Annotated[
    str | None, Query(max_length=200, description="`next` of the page before; without it, the first page")
]


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    # pydantic gives a generic model's docstring to none of the models made from it.
    model_config = ConfigDict(json_schema_extra={"description": "One page of a list."})

    items: list[T] = Field(description="the items of this page")
    next: str | None = Field(description="`cursor` of the next page; null on the last", examples=["WzUwXQ"])


def write_cursor(*parts: int | str) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, *kinds: type[int] | type[str]) -> list[int | str] | None:
    """The parts that `write_cursor` was given; None without a cursor. Raises ProblemDetail 400 for any other text."""
    if cursor is None:
        return None
    try:
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or [type(part) for part in parts] != list(kinds):
        raise ProblemDetail(400, REFUSED_CURSOR)
    return parts


def read_number_cursor(cursor: str | None) -> int:
    """The one number of a cursor, 0 without one; numbers that no column holds are refused like any other text."""
    parts = read_cursor(cursor, int)
    number = int(parts[0]) if parts else 0
    if not 0 <= number < 2**63:
        raise ProblemDetail(400, REFUSED_CURSOR)
    return number
