"""The `stored` edge: a version that drops an API waits until the cluster stores no object at that API.

The API server refuses a CRD without a version that its `status.storedVersions` still names
(`status.storedVersions[0]: Invalid value: "v1beta1": missing from spec.versions`,
https://github.com/fluxcd/flux2/issues/5598), so the upgrade fails, whatever the manifests in Git say. Only what was
observed counts: a catalogue cannot know what is stored.
"""

from collections.abc import Iterator

from app.domain.bridges import common_bridge, find_bridge, newest_between
from app.domain.catalogue import FLUX
from app.domain.declarations import VersionChange
from app.domain.messages.clusters import migrate_objects_phrase, migrate_over_phrase, run_migrate_phrase, stored_reason
from app.domain.model import Answer, Condition, Edge, EdgeKind, Evidence, Gvk, StoredVersions, Strength
from app.domain.pull_request_facts import PullRequestFacts
from app.domain.situation import Situation

_SHOWN = 4


def find_stored(facts: PullRequestFacts, situation: Situation) -> Iterator[Edge]:
    """One edge for each version that the API server would refuse."""
    for change in facts.changes:
        dropped = [
            (stored, gone)
            for stored in situation.stored.get(change.scope, ())
            if (gone := _dropped(change, stored, situation))
        ]
        if dropped and situation.crds_with(change).stay is None:
            yield _edge(facts.number, change, dropped, situation)


def _dropped(change: VersionChange, stored: StoredVersions, situation: Situation) -> tuple[Gvk, ...]:
    """The stored versions that are no longer in the CRD after the change."""
    catalogue, provider = situation.catalogue, change.provider
    facts = catalogue.providers.get(provider)
    found = [Gvk(stored.group, stored.kind, version) for version in stored.versions]
    return tuple(
        gvk
        for gvk in found
        if facts is not None
        and catalogue.provider_of(gvk) == provider
        # What a chart's value can switch on again stays in the CRD, only not served.
        and not any(gvk in switch.serves for switch in facts.switches)
        and change.after.releases.serve(catalogue, provider, gvk) is Answer.NO
    )


def _edge(
    number: int, change: VersionChange, dropped: list[tuple[StoredVersions, tuple[Gvk, ...]]], situation: Situation
) -> Edge:
    first, gone = dropped[0]
    reason = stored_reason(
        number=number,
        what=f"{situation.catalogue.name_of(change.provider)} {change.after.shown}",
        versions=[gvk.version for gvk in gone],
        crd=first.crd,
        more=len(dropped) - 1,
        scope=change.scope,
        source=first.source,
        way=_way(change, first, gone, situation),
    )
    evidence = (
        change.source,
        *(
            Evidence(one.crd, 0, f"status.storedVersions in cluster {one.scope}: {', '.join(one.versions)}")
            for one, _ in dropped[:_SHOWN]
        ),
    )
    return Edge(number, None, EdgeKind.STORED, Strength.HARD, Condition.ROLLED_OUT, reason, evidence)


def _way(change: VersionChange, stored: StoredVersions, gone: tuple[Gvk, ...], situation: Situation) -> str:
    """What a person does. Objects cannot be migrated away from a version at which new ones are still stored."""
    if any(gvk.version == stored.storage for gvk in gone):
        bridge = find_bridge(situation.catalogue, change, next(gvk for gvk in gone if gvk.version == stored.storage))
        between = common_bridge([bridge]) if bridge else None
        name = situation.catalogue.name_of(change.provider)
        return migrate_over_phrase(
            version=stored.storage, between=f"{name} {newest_between(*between)}" if between else ""
        )
    if change.provider == FLUX:
        return run_migrate_phrase(scope=change.scope)
    return migrate_objects_phrase(crd=stored.crd, storage=stored.storage, scope=change.scope)
