"""What one line of one file says of a version that a cluster runs."""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from app.domain.model import Evidence

GOTK_COMPONENTS = "gotk-components.yaml"
"""The form of what `flux bootstrap` and `flux install --export` generate."""


class MarkKind(Enum):
    PROVIDER = "provider"
    """`version` is the version of the provider `subject`."""
    CHART = "chart"
    """`version` is the version of the Helm chart `subject`."""
    DISTRIBUTION = "distribution"
    """`version` is a FluxInstance's `distribution.version`, a version or a range; None where it is left out."""
    SWITCH = "switch"
    """A chart's value that changes what the provider `subject` serves is true; `version` is its dotted path."""
    NO_CRD = "no-crd"
    """A patch takes the CustomResourceDefinition `subject` out of what is installed."""
    UNREAD = "unread"
    """There should be a mark, and the document cannot be read; `form` says why."""


@dataclass(frozen=True, slots=True)
class VersionMark:
    """One place where a version is written. `live` is False for what only installs a cluster anew.

    `artifact`, `components` and `sync_kind` are a FluxInstance's; `chart_defaults`: the flux-instance chart fills in
    what is left out. `channel` is the one of the provider's channels that the place names. `patch`: it changes what
    another mark says, and leaves alone what it does not name.
    """

    kind: MarkKind
    subject: str
    version: str | None
    source: Evidence
    form: str
    live: bool = True
    artifact: str | None = None
    components: tuple[str, ...] | None = None
    sync_kind: str | None = None
    chart_defaults: bool = False
    channel: str | None = None
    patch: bool = False
    carried: bool = False
    """A Flux Kustomization applies its file, so that it rolls out by itself."""


Marks = tuple[VersionMark, ...]


def evidence(text: str, line: int) -> Evidence:
    """The line as it stands in the file; its path is filled in where the marks are read, since blobs have none."""
    lines = _lines_of(text)
    return Evidence("", line, lines[line - 1].strip() if 0 < line <= len(lines) else "")


@lru_cache(maxsize=4)
def _lines_of(text: str) -> list[str]:
    return text.split("\n")
