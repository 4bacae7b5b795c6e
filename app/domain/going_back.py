"""What the files of a rollback would break: judged as if a pull request brought them, by the rules of the plan.

What comes back may ask for an API that is gone by now; what stays may ask for an API or a field that goes; and versions
that stay or come back may not fit each other. Each is told with the merges that made it so, which would have to be
taken back before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.domain.backward import Break, Doubt, Present, read_backward
from app.domain.culprits import Merge
from app.domain.going_back_pairs import find_unfit
from app.domain.going_back_uses import find_left_behind, find_used_again


@dataclass(frozen=True, slots=True)
class Breaks:
    """`doubts` are sentences for what is not known."""

    found: tuple[Break, ...] = ()
    doubts: tuple[str, ...] = ()


def find_breaks(number: int, files: Mapping[str, str | None], others: Iterable[Merge], present: Present) -> Breaks:
    """`files`: path -> text, None for a file that goes; `others` are the merges that stand after it."""
    backward = read_backward(number, files, others, present)
    if backward is None:
        return Breaks()
    told = [*find_used_again(backward), *find_left_behind(backward), *find_unfit(backward)]
    return Breaks(
        found=tuple(one for one in told if isinstance(one, Break)),
        doubts=tuple(dict.fromkeys(one.sentence for one in told if isinstance(one, Doubt))),
    )
