"""What a cluster said of one of its objects, and what that comes to: it succeeded, it failed, or neither is said.

Flux writes the revision of a source as `main@sha1:<commit>`, before Flux 2.0 as `main/<commit>`, and with
`ref.name` as `refs/heads/main@sha1:<commit>`. A revision that names no commit (a chart's version, the digest of an
OCI artifact) says nothing of what it contains. https://fluxcd.io/flux/components/source/gitrepositories/#artifact
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from app.domain.plain import plain
from app.domain.versions import Version

_COMMIT = re.compile(r"(?:^|[@/])(?:sha1:)?([0-9a-f]{40})$")
_CHART = re.compile(r"with chart (?P<chart>\S+)@(?P<version>\S+?)(?:[\s,;]|\.?$)")
SUCCESS_REASONS = frozenset({"ReconciliationSucceeded", "InstallSucceeded", "UpgradeSucceeded", "TestSucceeded"})
"""A rollback that succeeded is none: what was merged is still not running."""
LONGEST_MESSAGE = 200


class Outcome(Enum):
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    NEITHER = "neither"
    """It waits, makes progress, or rolled back: nothing of what is asked follows from it."""


def outcome_of(severity: str, reason: str) -> Outcome:
    if severity == "error":
        return Outcome.FAILED
    return Outcome.SUCCEEDED if reason in SUCCESS_REASONS else Outcome.NEITHER


def commit_of(revision: str) -> str | None:
    """The commit that a revision names; None where it names none."""
    found = _COMMIT.search(revision.strip().lower())
    return found[1] if found else None


@dataclass(frozen=True, slots=True)
class ClusterWord:
    """One thing that a cluster said. `since` is when it first said so, and `at` when it last did.

    `namespace` is None where the channel does not tell it (commit statuses). `source` is a phrase for people, `cluster`
    who says so: of one scope there may be several.
    """

    scope: str
    kind: str
    namespace: str | None
    name: str
    severity: str
    reason: str
    message: str
    revision: str
    at: datetime
    since: datetime
    source: str
    cluster: str = ""

    @property
    def outcome(self) -> Outcome:
        return outcome_of(self.severity, self.reason)

    @property
    def commit(self) -> str | None:
        return commit_of(self.revision)

    @property
    def chart(self) -> str | None:
        """The chart that a HelmRelease says it installed, in lower case: the last segment of its name."""
        found = _CHART.search(self.message)
        return found["chart"].rpartition("/")[2].casefold() if found else None

    @property
    def chart_version(self) -> Version | None:
        """helm-controller gives the chart's version as the revision, and names it in the message."""
        found = _CHART.search(self.message)
        return Version.parse(found["version"] if found else self.revision)

    @property
    def object(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    def is_of(self, kind: str, namespace: str, name: str) -> bool:
        """Whether it speaks of that object; a namespace that either side leaves open fits every other."""
        if self.kind != kind or self.name.casefold() != name.casefold():
            return False
        return not self.namespace or not namespace or self.namespace == namespace


def shown_message(message: str) -> str:
    """Flux's own words in one line, cut, and without what would be Markdown of ours."""
    line = re.sub(r"#(?=\d)", "#\u200b", " ".join(plain(message).replace("`", "'").split()))
    return line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 1].rstrip() + "…"


def read_object(text: str) -> tuple[str, str | None, str]:
    """Kind, namespace and name of `Kustomization/flux-system/apps`, or of `Kustomization/apps` without a namespace."""
    kind, _, rest = text.partition("/")
    namespace, slash, name = rest.rpartition("/")
    return kind, namespace if slash else None, name
