"""One line of the table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`ratio` compares with the floor that was measured in the same run; empty for a floor itself."""

    what: str
    value: str
    ratio: str = ""
