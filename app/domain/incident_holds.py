"""Who waits while an incident stands: what lies behind the thing that fails, but for what may mend it.

The one function that tells is `holds`: open incidents in, pull requests with the reason out. The hold is one like a
freeze: it sets no label and asks for no rebase when it ends, and `/fluxmig unblock` goes past it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from app.domain.catalogue import FLUX, Catalogue
from app.domain.incidents import Incident, ObjectName
from app.domain.kustomization_order import KustomizationOrder
from app.domain.layout import FluxKustomization
from app.domain.manifests import read_manifests
from app.domain.messages import incidents as words
from app.domain.messages.conduct import unblocked_reason
from app.domain.model import Answer, Gvk, Plan, PlannedPullRequest, PullRequest, Snapshot, SourceFile, State, Tree
from app.domain.scopes import Scopes, read_scopes
from app.domain.versions import Version

_COULD_LAND = frozenset({State.READY, State.UNKNOWN})
"""Both pass a required check."""


@dataclass(frozen=True, slots=True)
class Hold:
    """An incident holds a pull request; `reason` is the sentence for people."""

    incident: Incident
    reason: str


def hold_by_incidents(plan: Plan, snapshot: Snapshot, catalogue: Catalogue) -> Plan:
    """The plan while the incidents of the snapshot stand."""
    if not snapshot.incidents:
        return plan
    held = holds(snapshot.incidents, plan, snapshot, catalogue)
    by_number = {pull_request.number: pull_request for pull_request in snapshot.pull_requests}
    return replace(
        plan,
        pull_requests=tuple(
            _held(planned, by_number[planned.number], held[planned.number]) if planned.number in held else planned
            for planned in plan.pull_requests
        ),
    )


def holds(incidents: Iterable[Incident], plan: Plan, snapshot: Snapshot, catalogue: Catalogue) -> Mapping[int, Hold]:
    """The pull requests of Renovate's that could land and must not, each with the first incident that holds it."""
    standing = [one for one in incidents if one.closed_at is None]
    if not standing:
        return {}
    scopes = read_scopes(snapshot.tree)
    order = KustomizationOrder(snapshot.tree, scopes)
    behind = [(one, _behind(one, snapshot.tree, scopes, order)) for one in standing]
    by_number = {pull_request.number: pull_request for pull_request in snapshot.pull_requests}
    found: dict[int, Hold] = {}
    for planned in plan.pull_requests:
        if not planned.by_renovate or planned.state not in _COULD_LAND:
            continue
        pull_request = by_number[planned.number]
        for incident, kustomizations in behind:
            why = _why(incident, planned, pull_request, scopes, kustomizations, catalogue)
            if why and not may_mend(incident, planned, pull_request, catalogue):
                found[planned.number] = Hold(incident, words.incident_hold_reason(incident, why=why))
                break
    return found


def _held(planned: PlannedPullRequest, pull_request: PullRequest, hold: Hold) -> PlannedPullRequest:
    if pull_request.unblock is None:
        return replace(planned, state=State.HELD, reason=hold.reason, frozen=True, by_incident=True)
    if planned.unblocked:
        return planned
    return replace(planned, reason=unblocked_reason(pull_request.unblock, hold.reason), unblocked=True)


def _behind(incident: Incident, tree: Tree, scopes: Scopes, order: KustomizationOrder) -> frozenset[FluxKustomization]:
    failing, scope = incident.trouble.object, incident.trouble.scope
    if failing.kind == "Kustomization":
        return order.behind(order.find(failing.namespace, failing.name, scope))
    carriers = [scopes.kustomization_of(path) for path in files_of(failing, tree) if scope in scopes.of(path)]
    return frozenset(ks for ks in carriers if ks is not None)


def files_of(one: ObjectName, tree: Tree) -> Iterator[str]:
    """The files of a tree that write an object."""
    for path in sorted(tree):
        text = tree[path].text
        if one.name in text and one.kind in text:
            for document in read_manifests(tree[path]).documents:
                kind = document.gvk.kind if document.gvk else ""
                if one.may_be(ObjectName(kind, document.namespace, document.name)):
                    yield path
                    break


def _why(
    incident: Incident,
    planned: PlannedPullRequest,
    pull_request: PullRequest,
    scopes: Scopes,
    behind: frozenset[FluxKustomization],
    catalogue: Catalogue,
) -> str:
    """Why it lies behind the incident, as a phrase; empty where it does not."""
    trouble = incident.trouble
    for change in pull_request.changes:
        if trouble.scope in scopes.of(change.path) and behind & set(scopes.kustomizations_of(change.path)):
            return words.applied_by_phrase(change.path, trouble.object)
    needs = [one.gvk for one in planned.requires if one.scope == trouble.scope]
    if trouble.api is not None and trouble.api in needs:
        return words.same_api_phrase(trouble.api)
    if trouble.object.kind == "FluxInstance" and any(catalogue.provider_of(gvk) == FLUX for gvk in needs):
        return words.same_provider_phrase(catalogue.name_of(FLUX))
    return ""


def may_mend(incident: Incident, planned: PlannedPullRequest, pull_request: PullRequest, catalogue: Catalogue) -> bool:
    """Whether it may be the cure: it brings what is missing, takes away the use of it, undoes the culprit, or moves on
    what the culprit moved."""
    api, scope = incident.trouble.api, incident.trouble.scope
    if api is not None and (_brings(planned, api, scope, catalogue) or _ends_use(pull_request, api)):
        return True
    if incident.blame is None:
        return False
    before = dict(incident.blame.before)
    undoes = pull_request.changes and all(
        change.path in before and _blob(change.after) == before[change.path] for change in pull_request.changes
    )
    moves = {update.name for update in planned.classification.updates}
    return bool(undoes) or bool(moves & incident.blame.moved)


def _brings(planned: PlannedPullRequest, api: Gvk, scope: str, catalogue: Catalogue) -> bool:
    for brought in planned.provides:
        version = Version.parse(brought.to)
        ours = brought.scope == scope and catalogue.provider_of(api) == brought.provider
        if ours and version is not None and catalogue.served(brought.provider, version, api) is Answer.YES:
            return True
    return False


def _ends_use(pull_request: PullRequest, api: Gvk) -> bool:
    return any(api in _applied(change.before) and api not in _applied(change.after) for change in pull_request.changes)


def _applied(file: SourceFile | None) -> set[Gvk]:
    return {use.gvk for use in read_manifests(file).applied} if file is not None else set()


def _blob(file: SourceFile | None) -> str | None:
    return file.blob_id if file is not None else None
