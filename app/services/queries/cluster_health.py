"""The signals of each cluster, by source, as the domain weighs them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.cluster_signals import list_signals, newest_by_object
from app.db.models import ClusterObservation, ClusterSignal
from app.domain.cluster_state import (
    PASSING,
    Controller,
    InstanceFacts,
    ObjectStatus,
    Part,
    ReconcilerStats,
    ReportFacts,
    Source,
    SyncStatus,
)
from app.domain.health import Health, Signal, combine, fresh_event, fresh_for
from app.domain.messages.clusters import (
    applied_phrase,
    controllers_phrase,
    not_ready_phrase,
    objects_phrase,
    reconcilers_phrase,
    unread_phrase,
)
from app.domain.model import Answer

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
        signals[name] += [_of_event(row) for row in newest.values() if row.source == Source.EVENT]
    return {name: combine(signals[name], now) for name in names}


def _of_event(row: ClusterObservation) -> Signal:
    well = Answer.UNKNOWN if row.reason in PASSING else Answer.YES
    answer = Answer.NO if row.severity == "error" else well
    text = row.message.strip().partition("\n")[0]
    return Signal(Source.EVENT, row.object, answer, row.observed_at, text, fresh_event(row.message))


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
