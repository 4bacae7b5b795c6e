"""Commit statuses that Flux's notification-controller sets (Provider `github`).

Their context is `<kind>/<name>/<first 8 hex of the Provider's UID>`, all in lower case and without the namespace; the
description is the event's reason in words. They are set on the commit that was fetched, the tip of the branch, and so
speak for all that it contains. https://fluxcd.io/flux/components/notification/providers/#git-commit-status-updates
"""

import re
from dataclasses import dataclass
from datetime import datetime

_CONTEXT = re.compile(r"kustomization/(?P<name>[a-z0-9]([a-z0-9.-]*[a-z0-9])?)/(?P<sender>[0-9a-f]{8})")
_CLUSTER = re.compile(r"statuses-(?P<sender>[0-9a-f]{8})-\d+")
SETTLED = {"success": "info", "failure": "error"}
"""State -> severity of the event. Flux sets no other."""


@dataclass(frozen=True, slots=True)
class FluxStatus:
    """One status. `sender` tells the Provider, and so the cluster, apart."""

    id: int
    sha: str
    name: str
    sender: str
    state: str
    description: str
    by: str
    at: datetime

    @property
    def object(self) -> str:
        return f"Kustomization/{self.name}"

    @property
    def severity(self) -> str:
        return SETTLED[self.state]

    @property
    def reason(self) -> str:
        """`reconciliation succeeded` -> `ReconciliationSucceeded`, as the event had it."""
        return "".join(word.capitalize() for word in self.description.split())

    @property
    def source(self) -> str:
        return f"a commit status by {self.by}"


def read_context(context: str) -> tuple[str, str] | None:
    """Name of the Kustomization and sender; None for what Flux did not write."""
    found = _CONTEXT.fullmatch(context)
    return (found["name"], found["sender"]) if found else None


def cluster_of_sender(sender: str, repository_id: int) -> str:
    """The name under which a sender's statuses are kept."""
    return f"statuses-{sender}-{repository_id}"


def sender_of(cluster: str) -> str | None:
    found = _CLUSTER.fullmatch(cluster)
    return found["sender"] if found else None


def is_sender(cluster: str) -> bool:
    return sender_of(cluster) is not None
