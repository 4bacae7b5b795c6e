"""Which merge broke an object: by what Flux says, by the revisions between which it broke, and by the files.

Each sign is a phrase with a weight. A merge is named only where its signs suffice and no other has as many: a wrong
name costs more than none, since people revert what is named.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.catalogue import Catalogue
from app.domain.incidents import CLOCKS_DIFFER, STILL_OLD, Candidate, ObjectName, Trouble, commit_of, named_objects
from app.domain.kustomization_order import KustomizationOrder
from app.domain.manifests import read_manifests
from app.domain.messages import incidents as words
from app.domain.model import Answer, Capability, FileChange, Gvk, Requirement
from app.domain.revision_range import RevisionRange
from app.domain.scopes import Scopes
from app.domain.versions import Version

_API, _OBJECT, _PATH, _RANGE, _RECENT = 8, 4, 3, 2, 1

_JUST_BEFORE = timedelta(hours=24)
"""Where neither a range nor a success tells since when it broke: what a merge brings is tried within the interval of
its object, an hour or a few, and has failed within a time-out of that. What ran for a day broke by something else."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged pull request, with what it was known to do when it was open."""

    number: int
    merge_sha: str
    merged_at: datetime
    changes: tuple[FileChange, ...] = ()
    requires: tuple[Requirement, ...] = ()
    provides: tuple[Capability, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        both = (path for change in self.changes for path in (change.path, change.previous_path) if path)
        return tuple(dict.fromkeys(both))


@dataclass(frozen=True, slots=True)
class Ground:
    """The base branch, as far as it tells who applies what."""

    scopes: Scopes
    order: KustomizationOrder
    catalogue: Catalogue
    files_of: Mapping[ObjectName, tuple[str, ...]]
    """Where the objects that fail are written; a HelmRelease is found by its file, a Kustomization by its path."""


@dataclass(frozen=True, slots=True)
class Naming:
    """`culprit` is None where nobody can be named; `candidates` are the best first. `beside`: see `Incident`."""

    culprit: int | None
    candidates: tuple[Candidate, ...]
    beside: int = 0


_MOST_SHOWN = 5


def name_culprit(trouble: Trouble, merges: Iterable[Merge], between: RevisionRange | None, ground: Ground) -> Naming:
    """`between` is None where the last good revision is not known."""
    known = list(merges)
    found = [
        candidate
        for merge in known
        if merge.merged_at <= trouble.since + CLOCKS_DIFFER
        and (candidate := _judge(trouble, merge, between, ground)) is not None
    ]
    found.sort(key=lambda one: (-one.weight, -one.number))
    first = found[0] if found else None
    alone = first is not None and (len(found) == 1 or found[1].weight < first.weight)
    culprit = first.number if first is not None and alone and first.sufficient else None
    beside = between.without(merge.merge_sha for merge in known) if between is not None else 0
    return Naming(culprit, tuple(found[:_MOST_SHOWN]), beside)


def _judge(trouble: Trouble, merge: Merge, between: RevisionRange | None, ground: Ground) -> Candidate | None:
    weight, reasons, sufficient = 0, list[str](), False
    named, file = _changed_object(merge, trouble, ground)
    path = _applied_path(merge, trouble, ground)
    failing = commit_of(trouble.revision) or ""
    is_between = between is not None and merge.merge_sha in between.commits
    is_tip = bool(failing) and failing == merge.merge_sha and (between is None or not between.whole)
    api = trouble.api
    ended = _ended(merge, api, trouble.scope, ground.catalogue) if api is not None else None
    if between is not None and between.whole and not is_between and ended is None:
        return None  # it was in the revision that was fine
    by_time = between is None and trouble.good_at is not None
    if by_time and trouble.good_at is not None and merge.merged_at < trouble.good_at - STILL_OLD and ended is None:
        return None
    if api is not None and (used := _first_use(merge, api, trouble.scope)) is not None:
        weight, sufficient = weight + _API, True
        near = next((line for place in (file, path) for line in used.evidence if line.file == place), None)
        reasons.append(words.uses_api_sign(api, near or next(iter(used.evidence), None)))
    if api is not None and ended is not None:
        weight, sufficient = weight + _API, True
        name = ground.catalogue.name_of(ended.provider)
        reasons.append(words.ends_api_sign(api, name=name, version=ended.to))
    is_recent = by_time or between is not None or trouble.since - merge.merged_at <= _JUST_BEFORE
    if named is not None:
        weight, sufficient = weight + _OBJECT, sufficient or is_recent or is_tip
        reasons.append(words.named_object_sign(named))
    if path is not None:
        weight, sufficient = weight + _PATH, sufficient or is_between or is_tip
        reasons.append(words.path_sign(path, trouble.object))
    if not reasons:
        return None
    if is_between:
        weight += _RANGE
        reasons.append(words.in_range_sign(commit_of(trouble.good_revision) or "", failing))
    elif is_tip:
        weight += _RANGE
        reasons.append(words.at_revision_sign(failing))
    elif by_time:
        reasons.append(words.since_good_sign())
    elif between is None and is_recent:
        weight += _RECENT
        reasons.append(words.just_before_sign())
    return Candidate(merge.number, weight, tuple(reasons), sufficient)


def _first_use(merge: Merge, api: Gvk, scope: str) -> Requirement | None:
    fitting = (one for one in merge.requires if one.gvk == api and one.field is None)
    return next((one for one in fitting if one.scope == scope), None)


def _ended(merge: Merge, api: Gvk, scope: str, catalogue: Catalogue) -> Capability | None:
    """The provider version of this merge that serves the API no more, where the one before did."""
    for brought in merge.provides:
        before, after = Version.parse(brought.from_ or ""), Version.parse(brought.to)
        if brought.scope != scope or before is None or after is None or catalogue.provider_of(api) != brought.provider:
            continue
        was, is_ = (catalogue.served(brought.provider, version, api) for version in (before, after))
        if was is Answer.YES and is_ is Answer.NO:
            return brought
    return None


def _changed_object(merge: Merge, trouble: Trouble, ground: Ground) -> tuple[ObjectName | None, str]:
    """What Flux names in its message and this merge wrote, with the file; for a HelmRelease also that itself."""
    named = named_objects(trouble.message)
    if trouble.object.kind == "HelmRelease":
        named = (trouble.object, *named)
    for change in merge.changes:
        if change.after is None or not ground.scopes.is_live(change.path):
            continue
        for document in read_manifests(change.after).documents:
            kind = document.gvk.kind if document.gvk else ""
            written = ObjectName(kind, document.namespace, document.name)
            for one in named:
                if one.may_be(written) and trouble.scope in ground.scopes.of(change.path):
                    return one, change.path
    return None, ""


def _applied_path(merge: Merge, trouble: Trouble, ground: Ground) -> str | None:
    """A file of this merge that the failing object applies, itself or by what it carries."""
    failing = trouble.object
    if failing.kind == "Kustomization":
        meant = set(ground.order.find(failing.namespace, failing.name, trouble.scope))
        return next((path for path in merge.paths if meant & set(ground.scopes.kustomizations_of(path))), None)
    folders = {file.rpartition("/")[0] for file in ground.files_of.get(failing, ())}
    return next((path for path in merge.paths if path.rpartition("/")[0] in folders), None)
