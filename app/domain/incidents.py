"""What fails in a cluster, which merge broke it, and when that is over.

Flux names the object that fails, the revision at which it does, and mostly what it stumbled over. An incident opens
with the first failure since the object last succeeded, and ends when it succeeds later on, or when the files of the
culprit are in Git what they were before. What Flux says twice, late or out of order changes nothing: only the newest
word on an object counts.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.cluster_words import SUCCESS_REASONS
from app.domain.commit_status import is_sender
from app.domain.model import Gvk

FAILING_KINDS = ("Kustomization", "HelmRelease", "FluxInstance", "ResourceSet")
"""What applies something. A source that cannot be fetched stops nothing that runs."""

NOISE = frozenset(
    {
        "dependencynotready",
        "artifactfailed",
        "progressing",
        "progressingwithretry",
        "suspended",
        "reconciliationskipped",
    }
    | {"reconciliationsuspended", "reconciliationdisabled", "healthcheckcanceled", "rollbacksucceeded"}
)
"""Reasons (lower case, no spaces) that say "not yet", "not now", or that somebody else is to blame."""

SUCCESS = frozenset(reason.lower() for reason in SUCCESS_REASONS)
"""As `plain_reason` has them."""

CLOCKS_DIFFER = timedelta(minutes=1)
"""A cluster's clock and GitHub's are not the same."""

STILL_OLD = timedelta(minutes=15)
"""So long after a merge a success may still speak of what was there before it."""

_UNSERVED = re.compile(r"no matches for kind \\?[\"“]?(\w+)\\?[\"”]? in version \\?[\"“]?([\w./-]*\w)")
_NAMED = re.compile(r"(?<![\w/.-])([A-Z][A-Za-z]+)/(?:([a-z0-9][a-z0-9.-]*)/)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)")
_MAPPING = re.compile(r"resource mapping not found for name: \\?\"([\w.-]+)\\?\" namespace: \\?\"([\w.-]*)\\?\"")
_COMMIT = re.compile(r"(?:^|[@/:])([0-9a-f]{40})$")


@dataclass(frozen=True, slots=True)
class ObjectName:
    """`namespace` is "" where the one who speaks of it leaves it open."""

    kind: str
    namespace: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "ObjectName":
        """`Kustomization/flux-system/apps`, or `Kustomization/apps` without a namespace."""
        kind, _, rest = text.partition("/")
        namespace, _, name = rest.rpartition("/")
        return cls(kind, namespace, name)

    def may_be(self, other: "ObjectName") -> bool:
        """Whether both can be the same: a namespace that is left open fits every other."""
        if (self.kind, self.name) != (other.kind, other.name):
            return False
        return not self.namespace or not other.namespace or self.namespace == other.namespace

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A merged pull request that may have broken it, with each sign as a phrase; `weight` is the sum of their weights.

    `sufficient`: these signs are enough to name it.
    """

    number: int
    weight: int
    reasons: tuple[str, ...]
    sufficient: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """An object that fails: what was said first since it last succeeded. `good_revision` is that of the success."""

    cluster: str
    scope: str
    object: ObjectName
    reason: str
    message: str
    revision: str
    since: datetime
    good_revision: str = ""
    good_at: datetime | None = None

    @property
    def api(self) -> Gvk | None:
        return unserved_api(self.message)

    @property
    def where(self) -> str:
        """The cluster's name for people: a sender of commit statuses has none of its own."""
        return self.scope if is_sender(self.cluster) else self.cluster


@dataclass(frozen=True, slots=True)
class Blame:
    """The pull request that broke it. `before` has each of its files with the blob before it; `moved` the names of the
    dependencies that it updated."""

    number: int
    before: tuple[tuple[str, str | None], ...] = ()
    moved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Incident:
    """`blame` is None where no merge fits, or where several fit equally well: then it is one of `candidates`."""

    id: int
    trouble: Trouble
    blame: Blame | None = None
    candidates: tuple[Candidate, ...] = ()
    beside: int = 0
    """Commits without a pull request between the last good revision and the one that fails."""
    closed_at: datetime | None = None
    ending: str = ""

    @property
    def culprit(self) -> int | None:
        return self.blame.number if self.blame else None

    @property
    def opened_at(self) -> datetime:
        return self.trouble.since


def by_culprit(incidents: Iterable[Incident]) -> dict[int | None, list[Incident]]:
    """None has those of which no merge is known to have caused them."""
    found: dict[int | None, list[Incident]] = {}
    for one in incidents:
        found.setdefault(one.culprit, []).append(one)
    return found


def plain_reason(reason: str) -> str:
    """`ReconciliationFailed`, and `reconciliation failed` as commit statuses have it, alike."""
    return "".join(reason.split()).lower()


def unserved_api(message: str) -> Gvk | None:
    """The API that the cluster does not serve, where the message says so, in the words of old and new versions."""
    found = _UNSERVED.search(message)
    if found is None:
        return None
    group, _, version = found[2].rpartition("/")
    return Gvk(group, found[1], version)


def named_objects(message: str) -> tuple[ObjectName, ...]:
    """The objects that a message names, the first first: `OCIRepository/default/app-template dry-run failed: …`."""
    found = [ObjectName(kind, namespace or "", name) for kind, namespace, name in _NAMED.findall(message)]
    api = unserved_api(message)
    if api is not None:
        found += [ObjectName(api.kind, namespace, name) for name, namespace in _MAPPING.findall(message)]
    return tuple(dict.fromkeys(found))


def commit_of(revision: str) -> str | None:
    """The commit of `main@sha1:<commit>` or `main/<commit>`; None for the version of a chart or an OCI digest."""
    found = _COMMIT.search(revision.strip())
    return found[1] if found else None


def is_undone(changes: Iterable[tuple[str, str | None, str | None]], base: Mapping[str, str]) -> bool:
    """Whether Git has every file again as it was before a pull request: (path, blob before, blob after) of each.

    `base` is path -> blob of the base branch. Files that could not be read on either side are left out.
    """
    known = [(path, before) for path, before, after in changes if before != after]
    return bool(known) and all(base.get(path) == before for path, before in known)
