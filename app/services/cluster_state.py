"""Store what a look at a cluster, or a report of it, tells: only what has changed, and once."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.cluster_signals import newest_by_object, save_served, save_signal
from app.db.clusters import list_versions, record_observation
from app.db.models import Cluster, ClusterObservation
from app.db.pull_requests import add_history
from app.domain.catalogue import FLUX, FLUX_OPERATOR, KUBERNETES
from app.domain.cluster_state import DELETED, Controller, InstanceFacts, ObjectStatus, Part, ReportFacts, Source
from app.domain.messages.clusters import GONE, runs_message
from app.domain.model import Answer, Gvk

_ERROR, _INFO = "error", "info"
_KUBERNETES = re.compile(r"v?(\d+\.\d+\.\d+)")


@dataclass(frozen=True, slots=True)
class Look:
    """One look, or one report: whose cluster, who says so, and of when it is."""

    session: AsyncSession
    cluster: Cluster
    source: Source
    at: datetime
    now: datetime

    async def store(self, part: Part, facts: object) -> bool:
        """True where the part tells something else than before."""
        return await save_signal(
            self.session, self.cluster.name, self.source, part,
            at=self.at, tried_at=self.now, facts=msgspec.json.decode(msgspec.json.encode(facts)),
        )  # fmt: skip

    async def store_served(self, kinds: Iterable[Gvk], unread: Iterable[str]) -> bool:
        return await save_served(
            self.session, self.cluster.name, self.source, set(kinds), at=self.at, unread=set(unread)
        )

    async def store_objects(self, statuses: Iterable[ObjectStatus], *, all_of: str | None) -> bool:
        """An observation for each object that stands otherwise than was last told. With `all_of` a kind, these are all
        of it, so that an error of any other is over."""
        name, by_object = self.cluster.name, {status.object: status for status in statuses}
        newest = await newest_by_object(self.session, name, None if all_of else list(by_object))
        changed = False
        for status in by_object.values():
            before = newest.get(status.object)
            if before is not None and (before.observed_at > self.at or _stands_as(before, status)):
                continue
            await self._record(status.object, _severity(status), status.reason, status.message, status.revision)
            changed = True
        for object_, before in newest.items() if all_of else ():
            vanished = object_.startswith(f"{all_of}/") and object_ not in by_object
            if vanished and before.severity == _ERROR and before.observed_at <= self.at:
                await self._record(object_, _INFO, DELETED, GONE, before.revision)
                changed = True
        return changed

    async def store_versions(self, versions: Mapping[str, str | None]) -> bool:
        """An observation for each provider that runs another version than was last told, by whomever."""
        known = {row.provider: row for row in await list_versions(self.session, [self.cluster.name])}
        changed = False
        for provider, version in versions.items():
            before = known.get(provider)
            if version is None or (before and (before.version == version or before.observed_at > self.at)):
                continue
            changed = True
            await self._record(
                f"Provider/{provider}", _INFO, "Observed", runs_message(provider, version), "", provider, version
            )
            if provider == FLUX:
                add_history(
                    self.session, self.cluster.repository_id, None,
                    at=self.at, actor=f"cluster {self.cluster.name}", kind="observed",
                    text=runs_message(provider, version),
                )  # fmt: skip
        return changed

    async def _record(
        self,
        object_: str,
        severity: str,
        reason: str,
        message: str,
        revision: str,
        provider: str | None = None,
        version: str | None = None,
    ) -> None:
        told = (self.cluster.name, self.source, object_, reason, message, revision, self.at.isoformat())
        await record_observation(
            self.session,
            ClusterObservation(
                cluster=self.cluster.name,
                digest=hashlib.sha256("\0".join(told).encode()).hexdigest(),
                object=object_,
                severity=severity,
                reason=reason,
                message=message,
                revision=revision,
                provider=provider,
                version=version,
                observed_at=self.at,
                source=self.source,
            ),
        )


def _severity(status: ObjectStatus) -> str:
    return _ERROR if status.ready is Answer.NO else _INFO


def _stands_as(before: ClusterObservation, status: ObjectStatus) -> bool:
    """Messages of what is well differ at every interval, so only those of faults count."""
    same = (before.severity, before.reason, before.revision) == (_severity(status), status.reason, status.revision)
    return same and (status.ready is not Answer.NO or before.message.strip() == status.message.strip())


def running_versions(
    instance: InstanceFacts | None,
    report: ReportFacts | None,
    controllers: Iterable[Controller] | None,
    kubernetes: str | None,
) -> dict[str, str | None]:
    """The version of each provider that runs. Controllers that are still being replaced, or that are of two
    distributions, make Flux's version unknown, whatever else says that it is applied."""
    flux = (instance.flux if instance else None) or (report.flux if report else None)
    ours = [one for one in controllers or () if one.flux and one.name != FLUX_OPERATOR]
    if ours:
        names = {one.flux for one in ours}
        flux = names.pop() if len(names) == 1 and all(one.ready is Answer.YES for one in ours) else None
    operator = next((one for one in controllers or () if one.name == FLUX_OPERATOR and one.ready is Answer.YES), None)
    return {
        FLUX: flux,
        FLUX_OPERATOR: (operator.version.removeprefix("v") if operator else None)
        or (report.operator if report else None),
        KUBERNETES: _upstream(kubernetes or (report.kubernetes if report else None) or ""),
    }


def _upstream(version: str) -> str | None:
    """`1.33.1` of `v1.33.1+k3s1` and `v1.33.1-eks-7f9249a`: what vendors add is no pre-release."""
    match = _KUBERNETES.match(version)
    return match[1] if match else None


def preferred_kinds(report: ReportFacts) -> set[Gvk]:
    """The APIs at which Flux Operator counted objects: those are served."""
    kinds = [(one.api_version.rpartition("/"), one.kind) for one in report.reconcilers]
    return {Gvk(group, kind, version) for (group, _, version), kind in kinds if group and version}
