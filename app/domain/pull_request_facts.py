"""What one pull request does: which versions it changes, which APIs it starts and stops to use, which lines it touches.

All of it is the difference between the merge base and the head, seen on top of the base branch: what else the branch is
behind by is none of its doing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.domain.base_facts import BaseFacts, applied_uses, assumed_uses, field_uses, unread_parts
from app.domain.crds import crd_declares, served_by_crds
from app.domain.declarations import VersionChange, version_changes
from app.domain.manifests import Use
from app.domain.model import Answer, ChangeStatus, Evidence, Field, Gvk, PullRequest, Requirement, SourceFile
from app.domain.scopes import Scopes
from app.domain.upgrades import Upgrade, read_upgrades

ObjectKey = tuple[Gvk, str, str]
UsesOf = Callable[[SourceFile, Scopes], Iterator[Use]]


@dataclass(frozen=True, slots=True)
class PullRequestFacts:
    """`stops`: the files in which it removes the last use of an API. `unread`: manifests whose content is not known.

    `unread_parts`: what it writes that cannot be read, each with the reason. `assumed`: what it needs if nobody sets
    the variables that a template leaves open.
    """

    number: int
    changes: tuple[VersionChange, ...] = ()
    requires: tuple[Requirement, ...] = ()
    stops: frozenset[tuple[Gvk, str]] = frozenset()
    crds: frozenset[tuple[str, Gvk]] = frozenset()
    unread: tuple[str, ...] = ()
    unread_parts: tuple[tuple[Evidence, str], ...] = ()
    assumed: tuple[Requirement, ...] = ()
    upgrades: tuple[Upgrade, ...] = ()

    def change_of(self, provider: str, scope: str) -> VersionChange | None:
        return next((c for c in self.changes if (c.provider, c.scope) == (provider, scope)), None)


def read_pull_request(pull_request: PullRequest, base: BaseFacts) -> PullRequestFacts:
    """The facts of one pull request on top of the base branch."""
    before: dict[str, SourceFile | None] = {}
    after: dict[str, SourceFile | None] = {}
    for change in pull_request.changes:
        before[change.previous_path or change.path] = change.before
        before.setdefault(change.path, None)
        after[change.path] = None if change.status is ChangeStatus.REMOVED else change.after
        if change.previous_path:
            after.setdefault(change.previous_path, None)
    live_before = [file for path, file in before.items() if file is not None and base.scopes.is_live(path)]
    live_after = [file for path, file in after.items() if file is not None and base.scopes.is_live(path)]
    return PullRequestFacts(
        number=pull_request.number,
        changes=_version_changes(base, before, after),
        requires=(
            *_requires(base, live_before, live_after, applied_uses),
            *_requires_fields(base, live_before, live_after),
        ),
        assumed=_requires(base, live_before, live_after, assumed_uses),
        unread_parts=_unread_parts(base, live_before, live_after),
        stops=_stops(base, live_before, live_after),
        crds=frozenset(
            (scope, gvk) for file in live_after for gvk in served_by_crds(file) for scope in base.scopes.of(file.path)
        ),
        unread=tuple(
            change.path
            for change in pull_request.changes
            if change.after is None
            and change.status is not ChangeStatus.REMOVED
            and base.scopes.is_live(change.path)
            and change.path.removesuffix(".j2").endswith((".yaml", ".yml"))
        ),
        upgrades=read_upgrades(pull_request, base.scopes),
    )


def _version_changes(
    base: BaseFacts, before: dict[str, SourceFile | None], after: dict[str, SourceFile | None]
) -> tuple[VersionChange, ...]:
    if base.marks_with(before) == base.marks_with(after):
        return ()
    return version_changes(base.declarations_with(before), base.declarations_with(after))


def _requires(
    base: BaseFacts, before: list[SourceFile], after: list[SourceFile], uses_of: UsesOf
) -> tuple[Requirement, ...]:
    known: set[ObjectKey] = {
        (use.gvk, use.namespace, use.name) for file in before for use in uses_of(file, base.scopes)
    }
    found: dict[tuple[str, Gvk], list[Evidence]] = defaultdict(list)
    for file in after:
        for use in uses_of(file, base.scopes):
            if (use.gvk, use.namespace, use.name) in known or base.catalogue.provider_of(use.gvk) is None:
                continue
            for scope in base.scopes.of(file.path):
                found[scope, use.gvk].append(Evidence(file.path, use.line, use.text))
    return tuple(Requirement(gvk, scope, tuple(lines)) for (scope, gvk), lines in sorted(found.items()))


def _requires_fields(base: BaseFacts, before: list[SourceFile], after: list[SourceFile]) -> tuple[Requirement, ...]:
    """The fields that objects come to use, whichever version of the API they were written in before.

    What the CRDs of the pull request itself declare is no requirement: Flux applies them first.
    """
    known = {
        (use.gvk.group, use.gvk.kind, use.field, use.namespace, use.name)
        for file in before
        for use in field_uses(file, base)
    }
    found: dict[tuple[str, Gvk, Field], list[Evidence]] = defaultdict(list)
    for file in after:
        for use in field_uses(file, base):
            key = use.gvk.group, use.gvk.kind, use.field, use.namespace, use.name
            if key in known or base.catalogue.provider_of(use.gvk) is None:
                continue
            for scope in base.scopes.of(file.path):
                found[scope, use.gvk, use.field].append(Evidence(file.path, use.line, use.text))
    declared = {
        (scope, gvk, field)
        for scope, gvk, field in found
        if any(scope in base.scopes.of(file.path) and crd_declares(file, gvk, field) for file in after)
    }
    return tuple(
        Requirement(gvk, scope, tuple(lines), field)
        for (scope, gvk, field), lines in sorted(found.items(), key=lambda entry: (*entry[0][:2], str(entry[0][2])))
        if (scope, gvk, field) not in declared
    )


def _unread_parts(
    base: BaseFacts, before: list[SourceFile], after: list[SourceFile]
) -> tuple[tuple[Evidence, str], ...]:
    """What cannot be read now, and did not stand there before."""
    known = {(file.path, part.text, part.why) for file in before for part in unread_parts(file, base.scopes)}
    return tuple(
        (Evidence(file.path, part.line, part.text), part.why)
        for file in after
        for part in unread_parts(file, base.scopes)
        if (file.path, part.text, part.why) not in known
    )


def _stops(base: BaseFacts, before: list[SourceFile], after: list[SourceFile]) -> frozenset[tuple[Gvk, str]]:
    def used(files: list[SourceFile]) -> set[tuple[Gvk, str]]:
        return {(use.gvk, file.path) for file in files for use in applied_uses(file, base.scopes)}

    return frozenset(used(before) - used(after))


def withdraws(change: VersionChange, gvk: Gvk, base: BaseFacts) -> bool:
    """Whether the change takes the API away, which the version before it may still have served."""
    catalogue, provider = base.catalogue, change.provider
    if change.before is None or change.after.releases.serve(catalogue, provider, gvk) is not Answer.NO:
        return False
    return change.before.releases.serve(catalogue, provider, gvk) is not Answer.NO
