"""What is said of clusters themselves: what they store, whether they are well, what could not be read."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.domain.messages.phrases import listed

GONE = "It is no longer in the cluster."
_NAMES = {"flux": "Flux", "flux-operator": "Flux Operator", "kubernetes": "Kubernetes"}


def runs_message(provider: str, version: str) -> str:
    return f"Runs {_NAMES.get(provider, provider)} {version}."


def stored_reason(
    *, number: int, what: str, versions: Sequence[str], crd: str, more: int, scope: str, source: str, way: str
) -> str:
    also = f" (and {more} more of its CRDs)" if more else ""
    names = listed([f"`{version}`" for version in versions])
    return (
        f"Blocked: #{number} brings {what}, which drops {names} of the CRD `{crd}`{also}, but cluster {scope} may "
        f"still store objects at it ({source}), so its API server would refuse the upgrade. {way}"
    )


def run_migrate_phrase(*, scope: str) -> str:
    return (
        f"Run `flux migrate` first, with the Flux CLI 2.7 or newer and as an administrator of cluster {scope}; "
        "it is free as soon as status.storedVersions no longer names it."
    )


def migrate_objects_phrase(*, crd: str, storage: str, scope: str) -> str:
    patch = f"""{{"status":{{"storedVersions":["{storage}"]}}}}"""
    return (
        f"Write every object anew in cluster {scope} first: `kubectl get {crd} --all-namespaces --output=json | "
        f"kubectl replace --filename=-`, then `kubectl patch crd {crd} --subresource=status --type=merge "
        f"--patch='{patch}'`."
    )


def migrate_over_phrase(*, version: str, between: str) -> str:
    over = f"Roll out {between} first" if between else "Roll out a version in between first"
    return (
        f"The version that runs still stores new objects at `{version}`. {over}, let objects be migrated there "
        "(`flux migrate`, or Flux Operator by itself), then take this one."
    )


INCIDENT_SOURCE = "an incident that stands"


def incident_about(*, name: str) -> str:
    return f"Incident of {name}"


def with_limits(text: str, limits: str) -> str:
    return f"{text} ({limits})"


def ago(age: timedelta) -> str:
    """`12 s ago`, `3 min ago`, `2 h ago`, `4 d ago`."""
    seconds = max(0, int(age.total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


def unread_phrase(*, problem: str, last: datetime | None) -> str:
    before = f"; last read on {last.astimezone(UTC):%Y-%m-%d at %H:%M} UTC" if last else ""
    return f"not known: {problem}{before}"


def not_ready_phrase(*, name: str, message: str, more: int) -> str:
    also = f", and {more} more are not ready" if more else ""
    first = message.strip().partition("\n")[0]
    return f"{name} is not ready: {first}{also}" if first else f"{name} is not ready{also}"


def objects_phrase(*, ready: int, of: int, suspended: int) -> str:
    if not of and not suspended:
        return "there are none"
    also = f", {suspended} suspended" if suspended else ""
    return f"{ready} of {of} ready{also}"


def controllers_phrase(*, total: int, bad: Sequence[str]) -> str:
    if not total:
        return "none found"
    return f"not ready: {listed(list(bad))}" if bad else f"all {total} ready"


def reconcilers_phrase(running: int, failing: int, suspended: int) -> str:
    also = f", {suspended} suspended" if suspended else ""
    return f"{failing} of {running} failing{also}"


def applied_phrase(*, revision: str, path: str) -> str:
    where = f" of {path}" if path else ""
    return f"applied {revision}{where}" if revision else f"no revision{where} told"
