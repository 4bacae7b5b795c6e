"""What a migration of manifests is: what is asked for, what is moved, and what is left with the reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from app.domain.model import Gvk
from app.domain.served_versions import Target


class LeftBecause(Enum):
    """Why something stays as it is. The value is a short name for tables and tests."""

    LOST_FIELD = "lost field"
    ALPHA = "alpha"
    SEALED = "sealed"
    WRITTEN_OTHERWISE = "written otherwise"
    NOT_SERVED = "not served"
    VERSION_UNKNOWN = "version unknown"
    PATCHED_ELSEWHERE = "patched elsewhere"
    SPLIT = "split fields"
    FOREIGN = "reference"
    VALUES = "values"
    TEMPLATE = "template"
    TEMPLATED = "templated"
    STALE_COMMENT = "stale comment"


@dataclass(frozen=True, slots=True)
class Moved:
    """One version that is rewritten. `what` is object, patch, reference or schema comment."""

    file: str
    line: int
    what: str
    old: Gvk
    new: Gvk


@dataclass(frozen=True, slots=True)
class Left:
    file: str
    line: int
    because: LeftBecause
    reason: str


@dataclass(frozen=True, slots=True)
class Migration:
    """`texts` are the new texts of the files that change; `bases` say what the decisions rest on, in words."""

    texts: Mapping[str, str]
    moved: tuple[Moved, ...]
    left: tuple[Left, ...]
    bases: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for. `holds` says which paths may be written, `kinds` are `Kind` or `group/Kind`, or none."""

    holds: Callable[[str], bool] = lambda _: True
    kinds: frozenset[str] = frozenset()
    targets: tuple[Target, ...] = ()
    stale_comments: bool = False
    """Bring schema comments to the version of their document also where the document stays."""

    def wants(self, gvk: Gvk) -> bool:
        return not self.kinds or gvk.kind in self.kinds or f"{gvk.group}/{gvk.kind}" in self.kinds


COMMENT = "schema comment"
"""A `Moved.what` beside those of objects."""
