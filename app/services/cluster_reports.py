"""A cluster reports itself: a FluxReport, a FluxInstance, or a List of both, as `kubectl get` writes them.

Flux Operator keeps a FluxReport up to date every five minutes but pushes it nowhere, so a CronJob does
(`deploy/kubernetes/report/`). https://fluxoperator.dev/docs/crd/fluxreport/
"""

from dataclasses import replace
from datetime import datetime
from enum import Enum

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.cluster_signals import get_signal
from app.db.clusters import get_cluster
from app.db.models import Cluster
from app.db.repositories import key_of
from app.db.work import want
from app.domain.cluster_state import InstanceFacts, Part, ReportFacts, Source
from app.domain.json_text import storable
from app.kubernetes.objects import OPERATOR_API, Instance, Report
from app.services.cluster_state import Look, preferred_kinds, running_versions
from app.services.clusters import UnknownCluster
from app.services.context import AppContext


class UnreadableReport(Exception):
    """The body is no report; the text says where it differs."""


class Taken(Enum):
    """What became of a report."""

    STORED = "stored"
    UNCHANGED = "nothing new"
    OLD = "older than what is known; nothing is stored"


class _Head(msgspec.Struct):
    kind: str = ""
    apiVersion: str = ""  # noqa: N815 (Kubernetes' name)
    items: list[msgspec.Raw] = []


_OBJECT = msgspec.json.Decoder(Instance | Report)


def read_reports(body: bytes) -> tuple[InstanceFacts | None, ReportFacts | None]:
    """The FluxInstance and the FluxReport of a body. Raises UnreadableReport."""
    body = storable(body)
    head = _head(body)
    objects = head.items if head.kind.endswith("List") else [msgspec.Raw(body)]
    instance: InstanceFacts | None = None
    report: ReportFacts | None = None
    for raw in objects:
        inner = _head(raw)
        if inner.kind not in ("FluxInstance", "FluxReport") or inner.apiVersion != OPERATOR_API:
            name = f"{inner.kind or 'something without a kind'} {inner.apiVersion}".strip()
            raise UnreadableReport(f"it holds {name}, not a FluxReport or FluxInstance of {OPERATOR_API}")
        try:
            found = _OBJECT.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UnreadableReport(str(error)) from None
        if isinstance(found, Instance):
            instance = found.read()
        else:
            report = found.read()
    if instance is None and report is None:
        raise UnreadableReport("the List is empty; is Flux Operator installed?")
    return instance, report


def _head(body: bytes | msgspec.Raw) -> _Head:
    try:
        return msgspec.json.decode(body, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableReport(str(error)) from None


async def take_in_report(
    context: AppContext, name: str, instance: InstanceFacts | None, report: ReportFacts | None
) -> Taken:
    """Store what is new, and ask for a look if that may change anything. Raises UnknownCluster."""
    now = context.clock()
    async with context.database.transaction() as session:
        cluster = await get_cluster(session, name)
        if cluster is None:
            raise UnknownCluster(name)
        if report is not None and await _is_old(session, name, Part.REPORT, report.at):
            report = None
        if instance is not None and await _is_old(session, name, Part.INSTANCE, instance.at):
            instance = None
        if report is None and instance is None:
            return Taken.OLD
        changed = await _store(session, cluster, instance, report, now)
        if changed:
            await want(session, key_of(cluster.repository_id))
    if changed:
        context.wake(key_of(cluster.repository_id))
    return Taken.STORED if changed else Taken.UNCHANGED


async def _is_old(session: AsyncSession, name: str, part: Part, at: datetime | None) -> bool:
    """By the time that the object itself names; one without is as new as its arrival."""
    known = await get_signal(session, name, Source.REPORT, part)
    return at is not None and known is not None and known.observed_at is not None and at < known.observed_at


async def _store(
    session: AsyncSession, cluster: Cluster, instance: InstanceFacts | None, report: ReportFacts | None, now: datetime
) -> bool:
    """No report is from the future: a clock that is ahead would make it the newest for long."""
    changed = False
    versions = running_versions(instance, report, report.controllers if report else None, None)
    if instance is not None:
        look = Look(session, cluster, Source.REPORT, min(instance.at or now, now), now)
        changed |= await look.store_objects([instance.status], all_of=None)
        changed |= await look.store(Part.INSTANCE, replace(instance, at=None))
    at = min((report.at if report else None) or (instance.at if instance else None) or now, now)
    look = Look(session, cluster, Source.REPORT, at, now)
    if report is not None:
        changed |= await look.store_served(preferred_kinds(report), ())
        changed |= await look.store(Part.REPORT, replace(report, at=None))
    return await look.store_versions(versions) or changed
