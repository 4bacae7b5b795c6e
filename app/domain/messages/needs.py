"""Why a pull request waits for an API that its cluster does not serve yet."""

from collections.abc import Sequence
from datetime import UTC, datetime

from app.domain.messages.phrases import at, listed
from app.domain.model import Evidence, Observation


def needs_provider_reason(
    *,
    number: int,
    api: str,
    since: str,
    name: str,
    standing: str,
    provider: int,
    brings: str,
    shared: str,
    clusters: str,
    serves: str = "serves",
    at_runtime: bool = False,
    others: Sequence[str] = (),
) -> str:
    writes = f" {name} writes its CRDs itself when it starts." if at_runtime else ""
    also = f" {listed(others)} would do as well." if others else ""
    together = (
        f"both change the Flux Kustomization {shared}, so #{provider} must be rolled out first, not only merged"
        if shared
        else f"#{provider} must be rolled out first"
    )
    return (
        f"#{number} needs {api}{clusters}, which {name} {serves} from {since}; {standing}, "
        f"#{provider} brings {brings}, and {together}.{writes}{also}"
    )


def crds_stay_phrase(*, provider: int, own: bool, brings: str, stay: Evidence) -> str:
    who = "It" if own else f"#{provider}"
    return f"{who} brings {brings}, but its CRDs stay as they are ({at(stay)}), so the API does not come with it."


def needs_nobody_reason(*, number: int, api: str, since: str, name: str, standing: str, clusters: str) -> str:
    return (
        f"Blocked: no open pull request raises {name} to >= {since}{clusters}, "
        f"which #{number} needs for {api}; {standing}."
    )


def api_removed_reason(*, number: int, api: str, removed: str, name: str, standing: str, clusters: str) -> str:
    return (
        f"Blocked: #{number} uses {api}{clusters}, which {name} no longer serves from {removed}; {standing}, "
        "so its manifests must move to a newer API."
    )


def api_never_served_reason(*, number: int, api: str, name: str, standing: str, clusters: str) -> str:
    return f"Blocked: #{number} uses {api}{clusters}, which no known release of {name} serves; {standing}."


def waiting_rollout_reason(
    *,
    number: int,
    api: str,
    name: str,
    version: str,
    merged: int | None,
    scope: str,
    seen: Observation | None,
    note: str = "",
) -> str:
    """`note` tells how the rollout stands, where more is known than that nobody said so."""
    who = f"#{merged} with {name} {version}" if merged is not None else f"{name} {version}"
    heard = (
        f"it last said {seen.version} ({seen.source}, {seen.at:%H:%M})"
        if seen is not None
        else "it has not said so yet"
    )
    return (
        f"Merged, not yet rolled out: #{number} needs {api}, {who} is merged, "
        f"but cluster {scope} is not known to run it: {note or heard}."
    )


def served_unknown_reason(*, number: int, api: str, why: str, scope: str, serves: str = "serves") -> str:
    return f"Unknown: #{number} needs {api}, and it is not known whether cluster {scope} {serves} it: {why}."


def self_contained_reason(
    *, number: int, api: str, name: str, version: str, shared: str, serves: str = "serves"
) -> str:
    return (
        f"Blocked: #{number} brings {name} {version} and uses {api}, which only that version {serves}, in one Flux "
        f"Kustomization ({shared}), which Flux applies as a whole or not at all; split it."
    )


def crds_elsewhere_phrase(*, name: str, line: Evidence) -> str:
    return f"the chart of {name} leaves its CRDs to others ({at(line)}), so its version does not tell"


def needs_crds_reason(
    *,
    number: int,
    api: str,
    clusters: str,
    name: str,
    since: str,
    line: Evidence,
    before: str,
    provider: int,
    after: str,
) -> str:
    return (
        f"#{number} needs {api}{clusters}, which {name} serves from {since}; its CRDs are kept apart from its chart "
        f"({at(line)}) and are those of {before}, #{provider} brings those of {after}, and #{provider} must be rolled "
        "out first."
    )


def unlisted_phrase(*, scope: str, source: str) -> str:
    return f"the API server of cluster {scope} does not list it: {source}"


def unlisted_reason(*, number: int, api: str, name: str, since: str, scope: str, source: str, missing: str) -> str:
    should = f"{name} serves it from {since}" if since else f"{name} should bring it"
    why = f", and {missing} is not installed" if missing else ""
    return (
        f"Not rolled out: #{number} needs {api}, which the API server of cluster {scope} does not list ({source}). "
        f"{should}{why}. It is free as soon as the cluster lists it."
    )


def ready_seen_reason(*, api: str, scope: str, source: str, since: datetime) -> str:
    at = since.astimezone(UTC)
    return f"Ready: {api} is observed as served in cluster {scope} ({source}, since {at:%Y-%m-%d %H:%M} UTC)."
