"""The signals of each cluster, by source, as the domain weighs them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.cluster_signals import list_signals, newest_by_object
from app.db.clusters import list_neighbours, list_versions
from app.db.incidents import list_standing_of
from app.db.models import ClusterObservation, ClusterSignal, Incident
from app.domain.catalogue import FLUX
from app.domain.cluster_state import (
    Controller,
    InstanceFacts,
    ObjectStatus,
    Part,
    ReconcilerStats,
    ReportFacts,
    Source,
    SyncStatus,
)
from app.domain.commit_status import is_sender
from app.domain.health import Health, Signal, answer_of_event, combine, fresh_event, fresh_for, missed_event
from app.domain.messages.clusters import (
    INCIDENT_SOURCE,
    applied_phrase,
    controllers_phrase,
    incident_about,
    not_ready_phrase,
    objects_phrase,
    reconcilers_phrase,
    unread_phrase,
    with_limits,
)
from app.domain.model import Answer
from app.domain.signal_reliability import limits_phrase

_KINDS = {Part.KUSTOMIZATIONS: "Kustomization", Part.HELM_RELEASES: "HelmRelease"}
CONTROLLERS = "Flux's controllers"
_ABOUT = {Part.INSTANCE: "FluxInstance", Part.CONTROLLERS: CONTROLLERS, **_KINDS}
"""The parts that say whether a cluster is well, and what each is called."""


async def list_health(
    session: AsyncSession, clusters: Iterable[str], *, now: datetime, poll: timedelta
) -> Mapping[str, Health]:
    """For each cluster whether it is well."""
    names = list(clusters)
    signals: defaultdict[str, list[Signal]] = defaultdict(list)
    for row in await list_signals(session, names):
        signals[row.cluster] += _of_part(row, poll)
    for name in names:
        newest = await newest_by_object(session, name)
        limits = await _limits(session, name) if is_sender(name) else ""
        told = [row for row in newest.values() if row.source not in (Source.KUBERNETES, Source.REPORT)]
        signals[name] += [signal for row in told if (signal := _of_event(row, limits)) is not None]
    for incident in await list_standing_of(session, names):
        signals[incident.cluster].append(_of_incident(incident))
    return {name: combine(signals[name], now) for name in names}


async def _limits(session: AsyncSession, sender: str) -> str:
    """What Flux is known not to tell by commit status, where another cluster of the repository told its version: which
    of them the sender speaks for is not always known, so each counts."""
    versions = await list_versions(session, await list_neighbours(session, sender))
    told = (limits_phrase(row.version, by_status=True, by_event=False) for row in versions if row.provider == FLUX)
    return next(filter(None, told), "")


def _of_event(row: ClusterObservation, limits: str) -> Signal | None:
    """Flux's own event, or a commit status. Where failures do not arrive, a success is no sign of health."""
    answer = answer_of_event(row.object.partition("/")[0], row.severity, row.reason)
    if answer is None:
        return None
    text = row.message.strip().partition("\n")[0]
    if limits and answer is Answer.YES:
        answer, text = Answer.UNKNOWN, with_limits(text, limits)
    fresh, missed = fresh_event(row.message), missed_event(row.severity, row.message)
    return Signal(row.source, row.object, answer, row.observed_at, text, fresh, missed_for=missed)


def _of_incident(row: Incident) -> Signal:
    """It stands until it is known to be over, however long nobody speaks of it."""
    text = row.message.strip().partition("\n")[0]
    return Signal(INCIDENT_SOURCE, incident_about(name=row.object), Answer.NO, row.opened_at, text, timedelta.max)


def _of_part(row: ClusterSignal, poll: timedelta) -> Iterator[Signal]:
    source, part = Source(row.source), Part(row.part)
    fresh = fresh_for(source, poll)
    if row.problem:
        if part in _ABOUT:
            text = unread_phrase(problem=row.problem, last=row.observed_at)
            yield Signal(source, _ABOUT[part], Answer.UNKNOWN, row.tried_at, text, fresh)
        return
    if row.observed_at is None:
        return
    for about, answer, text, covers in _told(part, row.facts):
        yield Signal(source, about, answer, row.observed_at, text, fresh, covers)


_Told = tuple[str, Answer, str, str]


def _told(part: Part, facts: Mapping[str, Any]) -> Iterator[_Told]:
    match part:
        case Part.KUSTOMIZATIONS | Part.HELM_RELEASES:
            objects = msgspec.convert(facts.get("objects", []), list[ObjectStatus], strict=False)
            yield _of_objects(_KINDS[part], objects)
        case Part.INSTANCE:
            instance = msgspec.convert(facts, InstanceFacts, strict=False)
            yield "FluxInstance", instance.status.ready, instance.status.message.partition("\n")[0], "FluxInstance"
        case Part.CONTROLLERS:
            yield _of_controllers(msgspec.convert(facts.get("controllers", []), list[Controller], strict=False))
        case Part.REPORT:
            report = msgspec.convert(facts, ReportFacts, strict=False)
            if report.controllers:
                yield _of_controllers(report.controllers)
            yield from map(_of_reconciler, report.reconcilers)
            if report.sync is not None:
                yield _of_sync(report.sync)
        case Part.VERSION | Part.DISCOVERY | Part.CRDS:
            return


def _all(answers: Iterable[Answer]) -> Answer:
    found = set(answers)
    if Answer.NO in found:
        return Answer.NO
    return Answer.YES if found == {Answer.YES} else Answer.UNKNOWN


def _of_objects(kind: str, objects: list[ObjectStatus]) -> _Told:
    """Those that are suspended on purpose count for nothing; a kind without objects is well."""
    active = [one for one in objects if not one.suspended]
    bad = [one for one in active if one.ready is Answer.NO]
    waiting = [one for one in active if one.ready is Answer.UNKNOWN]
    answer = _all(one.ready for one in active) if active else Answer.YES
    if bad:
        first = bad[0]
        text = not_ready_phrase(name=first.object, message=first.message, more=len(bad) - 1)
    else:
        text = objects_phrase(ready=len(active) - len(waiting), of=len(active), suspended=len(objects) - len(active))
    return kind, answer, text, kind


def _of_controllers(controllers: Iterable[Controller]) -> _Told:
    found = list(controllers)
    bad = [one.name for one in found if one.ready is not Answer.YES]
    answer = _all(one.ready for one in found) if found else Answer.UNKNOWN
    return CONTROLLERS, answer, controllers_phrase(total=len(found), bad=bad), ""


def _of_reconciler(one: ReconcilerStats) -> _Told:
    answer = Answer.NO if one.failing else Answer.YES
    return one.kind, answer, reconcilers_phrase(one.running, one.failing, one.suspended), one.kind


def _of_sync(sync: SyncStatus) -> _Told:
    return "GitOps sync", sync.ready, applied_phrase(revision=sync.revision, path=sync.path), ""
