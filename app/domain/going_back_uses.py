"""APIs and fields that a rollback would ask for in vain: of what comes back, and of what stays."""

from collections import defaultdict
from collections.abc import Iterator

from app.domain.backward import Backward, Break, Doubt
from app.domain.declarations import Releases, VersionChange
from app.domain.messages import rollback as words
from app.domain.messages.phrases import needed, serves, standing_phrase
from app.domain.model import Answer, Evidence, Field, Gvk, Requirement
from app.domain.needs import find_needs
from app.domain.pull_request_facts import withdraws
from app.domain.requirements import brings, meets
from app.domain.scopes import shared_kustomization
from app.domain.serving import Served, ServedNow, Standing
from app.domain.versions import Version

# --- what comes back ---


def find_used_again(backward: Backward) -> Iterator[Break | Doubt]:
    """What the restored files use, and neither the cluster serves nor a version that comes back with them."""
    needs = find_needs(backward.facts, backward.situation)
    for requirement, served in needs.unsure:
        if _brought(requirement, served, backward) is None:
            api, scope = needed([requirement]), requirement.scope
            yield Doubt(words.used_again_unknown(api=api, uses=requirement.evidence, scope=scope))
    for requirement, served in needs.unmet:
        own = _brought(requirement, served, backward)
        yield _gone(requirement, served, backward) if own is None else _in_one(requirement, own, backward)


def _brought(requirement: Requirement, served: ServedNow, backward: Backward) -> VersionChange | None:
    own = backward.facts.change_of(served.standing.provider, requirement.scope)
    return own if own is not None and brings(own, requirement, backward.catalogue) else None


def _in_one(requirement: Requirement, own: VersionChange, backward: Backward) -> Break:
    """The version that serves it comes back too, but in a Kustomization that Flux would then not apply."""
    version = f"{backward.catalogue.name_of(own.provider)} {own.after.shown}"
    files = [line.file for line in requirement.evidence]
    why = words.in_one_reason(
        api=needed([requirement]),
        uses=requirement.evidence,
        serves=serves([requirement]),
        version=version,
        shared=str(shared_kustomization(backward.base.scopes, files, own.source.file) or ""),
    )
    return Break(why, way=words.one_by_one_way(version))


def _gone(requirement: Requirement, served: ServedNow, backward: Backward) -> Break:
    catalogue, standing = backward.catalogue, served.standing
    releases = standing.declared.releases if standing.declared else Releases()

    def serves_it(version: Version) -> bool | None:
        answer = meets(releases.at(version), standing.provider, requirement, catalogue)
        return None if answer is Answer.UNKNOWN else answer is Answer.YES

    by = backward.turned(standing.provider, requirement.scope, serves_it)
    removed = catalogue.removed_in(requirement.gvk) if requirement.field is None else None
    name, newer = catalogue.name_of(standing.provider), _served_now(requirement, backward)
    why = words.used_again_reason(
        api=needed([requirement]),
        uses=requirement.evidence,
        name=name,
        serves=serves([requirement]),
        removed=str(removed).removeprefix("v") if removed else "",
        standing=_stands(standing, backward),
        by=by,
    )
    return Break(why, by, words.keep_way(newer, name=name) if newer else "")


def _stands(standing: Standing, backward: Backward) -> str:
    """What decides, in words: what is merged counts here, though a cluster may still run the version before it."""
    declared = standing.declared
    if not standing.pending or declared is None:
        return backward.situation.standing(standing)
    name, source = backward.catalogue.name_of(standing.provider), declared.declaration.source
    return standing_phrase(name=name, version=declared.shown, declared_at=source, seen=None)


def _served_now(requirement: Requirement, backward: Backward) -> Gvk | None:
    """The newest version of the kind that the cluster serves: at that the manifests can stay."""
    gvk, serving = requirement.gvk, backward.situation.serving
    versions = reversed(backward.catalogue.versions_of(gvk.group, gvk.kind))
    found = (Gvk(gvk.group, gvk.kind, version) for version in versions)
    return next((one for one in found if serving.met(requirement.scope, one, None).answer is Served.YES), None)


# --- what stays ---


def find_left_behind(backward: Backward) -> Iterator[Break | Doubt]:
    """What is still used of what the rollback takes away: APIs and fields of a version, a CRD in Git."""
    yield from _undeclared(backward)
    for scope in backward.base.scopes.clusters:
        for gvk in backward.after.uses:
            if lines := backward.after.uses_in(scope, gvk):
                yield from _api_left(Requirement(gvk, scope, lines), backward)
    for requirement, change in _fields_left(backward):
        yield _left(requirement, change, backward)


def _undeclared(backward: Backward) -> Iterator[Doubt]:
    """Providers of which Git would say nothing any more, though something of theirs is used."""
    after = backward.after
    for (provider, scope), declared in backward.base.declarations.items():
        if declared.declaration.live and (provider, scope) not in after.declarations:
            used = (gvk for gvk in after.uses if backward.catalogue.provider_of(gvk) == provider)
            if lines := [line for gvk in used for line in after.uses_in(scope, gvk)]:
                yield Doubt(words.undeclared_warning(name=backward.catalogue.name_of(provider), uses=lines))


def _api_left(requirement: Requirement, backward: Backward) -> Iterator[Break]:
    gvk, scope, none = requirement.gvk, requirement.scope, frozenset[Gvk]()
    provider = backward.catalogue.provider_of(gvk) or ""
    change = backward.facts.change_of(provider, scope)
    if gvk in backward.after.crds.get(scope, none):
        return
    if change is not None and withdraws(change, gvk, backward.base):
        yield _left(requirement, change, backward)
    elif gvk in backward.base.crds.get(scope, none):
        declared = backward.after.declarations.get((provider, scope))
        if declared is None or declared.releases.serve(backward.catalogue, provider, gvk) is not Answer.YES:
            yield _left(requirement, None, backward)


def _fields_left(backward: Backward) -> Iterator[tuple[Requirement, VersionChange]]:
    if not backward.facts.changes:
        return
    after, catalogue = backward.after, backward.catalogue
    found: dict[tuple[Gvk, Field], list[Evidence]] = defaultdict(list)
    for path, uses in after.fields.items():
        if after.scopes.is_live(path) and after.scopes.is_applied(path):
            for use in uses:
                found[use.gvk, use.field].append(Evidence(path, use.line, use.text))
    for change in backward.facts.changes:
        its = ((gvk, field) for gvk, field in found if catalogue.provider_of(gvk) == change.provider)
        for gvk, field in its:
            lines = tuple(line for line in found[gvk, field] if change.scope in after.scopes.of(line.file))
            requirement = Requirement(gvk, change.scope, lines, field)
            if lines and _withdraws_field(change, requirement, backward):
                yield requirement, change


def _withdraws_field(change: VersionChange, requirement: Requirement, backward: Backward) -> bool:
    if change.before is None or requirement.gvk in backward.after.crds.get(change.scope, frozenset()):
        return False
    ends = change.before.releases, change.after.releases
    before, after = (meets(one, change.provider, requirement, backward.catalogue) for one in ends)
    return after is Answer.NO and before is not Answer.NO


def _left(requirement: Requirement, change: VersionChange | None, backward: Backward) -> Break:
    """`change` is the version that takes it away; None where it is a CRD in Git that goes."""
    asked = requirement.gvk, requirement.scope, requirement.field
    files = {line.file for line in requirement.evidence}
    by = [
        merge.number
        for merge in backward.others
        for one in merge.requires
        if (one.gvk, one.scope, one.field) == asked and files & {line.file for line in one.evidence}
    ]
    version = f"{backward.catalogue.name_of(change.provider)} {change.after.shown}" if change else ""
    why = words.left_behind_reason(
        api=needed([requirement]), uses=requirement.evidence, serves=serves([requirement]), version=version
    )
    return Break(why, tuple(dict.fromkeys(by)), words.MOVE_FIRST)
