"""Clusters tell us what they run: Flux's notification-controller posts its events to us (Provider `generic-hmac`).

https://fluxcd.io/flux/components/notification/providers/#generic-webhook-with-hmac. Delivery is at most once, so
silence means unknown. Old controllers prefix the metadata keys with their group, and write revisions as
`main/<sha>` instead of `main@sha1:<sha>`; both are read.
"""

import hashlib
import hmac
import re
from datetime import datetime

import msgspec

from app.config import Settings
from app.db.cluster_signals import forget_older_heartbeats, newest_by_object
from app.db.clusters import get_cluster, record_observation
from app.db.models import ClusterObservation
from app.db.pull_requests import add_history
from app.db.repositories import key_of
from app.db.work import want
from app.domain.cluster_state import Source
from app.domain.cluster_words import commit_of
from app.domain.heartbeats import is_heartbeat
from app.domain.json_text import storable
from app.services.context import AppContext

_VERSION = re.compile(r"^Flux (v?\d+\.\d+\.\d+[^\s]*) (?:installed|updated|upgraded)", re.IGNORECASE)


class UnreadableEvent(Exception):
    """The body is no event of Flux; the text says where it differs."""


class UnknownCluster(Exception):
    """Nobody registered this cluster."""


class _Object(msgspec.Struct):
    kind: str
    name: str
    namespace: str = ""


class FluxEvent(msgspec.Struct):
    """fluxcd/pkg apis/event/v1beta1, the fields that we read."""

    involvedObject: _Object  # noqa: N815 (Flux's name)
    severity: str
    timestamp: datetime
    message: str
    reason: str
    metadata: dict[str, str] | None = None

    @property
    def object(self) -> str:
        target = self.involvedObject
        return f"{target.kind}/{target.namespace}/{target.name}" if target.namespace else f"{target.kind}/{target.name}"

    @property
    def revision(self) -> str:
        """That of the source; where it names no commit (an OCI artifact), that of the Git source it was made of."""
        revision, origin = self._told("revision"), self._told("originRevision")
        return origin if commit_of(revision) is None and commit_of(origin) is not None else revision

    def _told(self, key: str) -> str:
        """Old controllers write `<group>/<key>`."""
        told = self.metadata or {}
        return next((value for name, value in told.items() if name.rpartition("/")[2] == key), "")

    @property
    def flux_version(self) -> str | None:
        """The version that the operator says it brought the cluster to."""
        match = _VERSION.match(self.message) if self.involvedObject.kind == "FluxInstance" else None
        return match[1].removeprefix("v") if match and self.severity == "info" else None


_EVENT = msgspec.json.Decoder(FluxEvent)


def read_flux_event(body: bytes) -> FluxEvent:
    """Raises UnreadableEvent."""
    try:
        return _EVENT.decode(storable(body))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableEvent(str(error)) from None


def flux_token(settings: Settings, cluster: str) -> str:
    """The token of a cluster's Provider: made from the secret key, so that none is kept."""
    key = settings.secret_key.get_secret_value().encode()
    return hmac.new(key, b"flux webhook\0" + cluster.encode(), hashlib.sha256).hexdigest()


def verify_flux_signature(settings: Settings, cluster: str, body: bytes, signature: str | None) -> bool:
    """Whether `X-Signature: sha256=…` fits the raw body and this cluster's token."""
    expected = hmac.new(flux_token(settings, cluster).encode(), body, hashlib.sha256).hexdigest()
    given = (signature or "").removeprefix("sha256=")
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape"))


async def take_in_flux_event(context: AppContext, cluster_name: str, event: FluxEvent) -> bool:
    """Store an event once and ask for a look. False when it is known already. Raises UnknownCluster."""
    async with context.database.transaction() as session:
        cluster = await get_cluster(session, cluster_name)
        if cluster is None:
            raise UnknownCluster(cluster_name)
        observation = _observation(cluster_name, event)
        before = (await newest_by_object(session, cluster_name, [observation.object])).get(observation.object)
        if is_heartbeat(event.message) and before is not None and before.observed_at > observation.observed_at:
            return False  # late, and what came since says more
        if not await record_observation(session, observation):
            return False
        if is_heartbeat(event.message):
            await forget_older_heartbeats(session, observation)
            if before is not None and _same(before) == _same(observation):
                return True
        if event.flux_version is not None:
            add_history(
                session, cluster.repository_id, None,
                at=event.timestamp, actor=f"cluster {cluster_name}", kind="observed",
                text=f"Runs Flux {event.flux_version}.",
            )  # fmt: skip
        key = key_of(cluster.repository_id)
        await want(session, key)
    context.wake(key)
    return True


def _same(seen: ClusterObservation) -> tuple[str, str, str]:
    return seen.severity, seen.reason, seen.revision


def _observation(cluster: str, event: FluxEvent) -> ClusterObservation:
    identity = "\0".join((cluster, event.object, event.message, event.revision, event.timestamp.isoformat()))
    version = event.flux_version
    return ClusterObservation(
        cluster=cluster,
        digest=hashlib.sha256(identity.encode()).hexdigest(),
        object=event.object,
        severity=event.severity,
        reason=event.reason,
        message=event.message[:4000],
        revision=event.revision,
        provider="flux" if version else None,
        version=version,
        observed_at=event.timestamp,
        source=Source.EVENT,
    )
